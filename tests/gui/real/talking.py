"""The app as it is, which answers what its window is asked on standard input.

Each line is an expression in `window`, `player` and `where` (a widget's middle on the
screen); its value comes back on standard output, as a line of JSON behind "= ".
"""

import json
import sys
import threading
from typing import Any

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QApplication, QWidget

import app.gui.app as gui
from app.cli import main
from app.gui.window import MainWindow


class Listener(QObject):
    """Carries a line from the thread that reads to the window's."""

    heard = Signal(str)


def where(widget: QWidget, dx: int = 0, dy: int = 0) -> tuple[int, int]:
    """The middle of `widget` on the screen, or beside it."""
    at = widget.mapToGlobal(QPoint(widget.width() // 2 + dx, widget.height() // 2 + dy))
    return at.x(), at.y()


class TalkingWindow(MainWindow):
    """Answers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **kwargs)
        self.listener = Listener()
        self.listener.heard.connect(self.answer)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        for line in sys.stdin:
            self.listener.heard.emit(line)

    def answer(self, line: str) -> None:
        names = {
            "window": self,
            "player": self._player,
            "where": where,
            "app": QApplication.instance(),
        }
        try:
            value = eval(line, names)  # a test's own words
            text = json.dumps(value, default=str)
        except Exception as error:  # noqa: BLE001 - the test is told
            text = json.dumps(f"{type(error).__name__}: {error}")
        sys.stdout.write(f"= {text}\n")
        sys.stdout.flush()


setattr(gui, "MainWindow", TalkingWindow)  # noqa: B010 - mypy knows it for a class
sys.exit(main())
