"""A box that says what is wrong, and the command that mends it, to be copied."""

import re

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
)

from app.gui.look.icons import icon
from app.gui.look.turning import TurningRow
from app.gui.panel.section import SPACE, set_look
from app.typed import as_typed

SAY_COPIED_MS = 1500


class CopyButton(QPushButton):
    """Puts a text on the clipboard, and says so for a moment."""

    def __init__(self, label: str = "") -> None:
        super().__init__()
        self._label = label or self.tr("Copy")
        self.setText(self._label)
        self.text_to_copy = ""
        self._back = QTimer(self, interval=SAY_COPIED_MS, singleShot=True)
        self._back.timeout.connect(lambda: self.setText(self._label))
        self.clicked.connect(self._copy)

    def tint(self, palette: QPalette) -> None:
        """Draw its icon for `palette`."""
        self.setIcon(icon("copy", palette))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text_to_copy)
        self.setText(self.tr("Copied"))
        self._back.start()


class Command(TurningRow):
    """A command line with a button that copies it."""

    def __init__(self) -> None:
        super().__init__(SPACE)
        self._text = QLabel(wordWrap=True)
        self._text.setObjectName("command")
        self._text.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum
        )
        self.copy = CopyButton()
        self.copy.setAccessibleName(self.tr("Copy the command"))
        self.line.addWidget(self._text, 1)
        self.line.addWidget(self.copy)

    def show_command(self, text: str) -> None:
        """Show it; hide where there is none."""
        text = as_typed(text)
        self.copy.text_to_copy = text
        self._text.setText(breakable(text))
        self.setVisible(bool(text))

    @property
    def text(self) -> str:
        """The command."""
        return self.copy.text_to_copy


class Advice(QFrame):
    """Why, and what to do about it."""

    def __init__(self, look: str = "warning") -> None:
        """Hidden until there is something to say.

        Args:
            look: "info", "warning" or "error".
        """
        super().__init__()
        self._text = QLabel(wordWrap=True)
        self.command = Command()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self._text)
        layout.addWidget(self.command)
        set_look(self, "notice", look)
        self.hide()

    def say(self, text: str, remedy: str = "") -> None:
        """Show both; hide where there is no text.

        Args:
            text: why.
            remedy: what to do: a command, which can be copied, or a sentence.
        """
        is_sentence = remedy.endswith((".", "。"))
        self._text.setText(as_typed(f"{text} {remedy}" if is_sentence else text))
        self.command.show_command("" if is_sentence else remedy)
        self.setVisible(bool(text))

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text() if not self.isHidden() else ""


def breakable(text: str) -> str:
    """`text` with places to break long paths, that are not seen."""
    return re.sub(r"([/\\_.-])(?=\w)", "\\1\N{ZERO WIDTH SPACE}", text)
