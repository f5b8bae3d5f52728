"""Another program's window, from which files can be dragged, as from a file manager.

Their paths stand on the command line.
"""

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

TITLE, HELD = "Files to drag", "Files that are held"


class Files(QLabel):
    """Is grabbed anywhere."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__("\n".join(paths))
        self._paths = paths
        self.setWindowTitle(TITLE)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self.setGeometry(0, 0, 90, 60)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's
        """Say that it is grabbed."""
        self.setWindowTitle(HELD)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's
        """Begin, and say when they were taken."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in self._paths])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)
        self.setWindowTitle(TITLE)


application = QApplication(sys.argv[:1])
files = Files(sys.argv[1:])
files.show()
sys.exit(application.exec())
