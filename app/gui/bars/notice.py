"""A line above the picture that tells and, where it can, offers a way on."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.gui.languages.line_ends import with_whole_endings
from app.gui.look.turning import TurningRow
from app.gui.panel.section import SPACE, set_look

MOST_MORE = 2


class NoticeBar(QFrame):
    """Shows one notice at a time; a later one replaces it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice-bar")
        self.setAccessibleName(self.tr("Notice"))
        self.kind = ""
        self._text = QLabel(wordWrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum
        )
        self._action = QPushButton()
        self._action.clicked.connect(self._act)
        self._on_action: Callable[[], None] = lambda: None
        self._more = [QPushButton() for _ in range(MOST_MORE)]
        self._on_more: Sequence[Callable[[], object]] = ()
        close = QToolButton()
        close.setText("\N{MULTIPLICATION SIGN}")
        close.setAutoRaise(True)
        close.setAccessibleName(self.tr("Dismiss"))
        close.setToolTip(self.tr("Dismiss"))
        close.clicked.connect(self.dismiss)
        self._buttons, self._content = TurningRow(SPACE), TurningRow(12)
        self._buttons.line.addWidget(self._action)
        for number, button in enumerate(self._more):
            button.clicked.connect(lambda _=False, n=number: self._on_more[n]())
            self._buttons.line.addWidget(button)
        self._content.line.addWidget(self._text, 1)
        self._content.line.addWidget(self._buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 8, 8, 8)
        layout.setSpacing(12)
        layout.addWidget(self._content, 1)
        layout.addWidget(close)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty when nothing is shown."""
        return self._text.text() if not self.isHidden() else ""

    def tell(
        self,
        kind: str,
        text: str,
        *,
        action: str = "",
        on_action: Callable[[], None] = lambda: None,
        more: Sequence[tuple[str, Callable[[], object]]] = (),
    ) -> None:
        """Show `text`, maybe with buttons.

        Args:
            kind: "info", "warning" or "error".
            text: what happened.
            action: a button's words; it takes the notice away.
            on_action: what that does.
            more: others, which leave the notice where it is.
        """
        set_look(self, "notice", kind)
        self.kind = kind
        self._text.setText(with_whole_endings(text))
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._on_action = on_action
        self._on_more = [act for _, act in more]
        for number, button in enumerate(self._more):
            button.setText(more[number][0] if number < len(more) else "")
            button.setVisible(number < len(more))
        self._buttons.setVisible(bool(action or more))
        self.show()

    def dismiss(self) -> None:
        """Take it away."""
        self.hide()

    def _act(self) -> None:
        self.dismiss()
        self._on_action()
