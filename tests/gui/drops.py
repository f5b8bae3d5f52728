"""What can be dropped on the window, and the dropping."""

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from app.gui.window import MainWindow

AT, COPY = QPointF(5, 5), Qt.DropAction.CopyAction
BUTTON, MODIFIER = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def files(*paths: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return data


def words(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


def link(url: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(url)])
    return data


def drop_event(data: QMimeData) -> QDropEvent:
    return QDropEvent(AT, COPY, data, BUTTON, MODIFIER)


def drop(window: MainWindow, data: QMimeData) -> bool:
    """Whether it was taken."""
    entering = QDragEnterEvent(AT.toPoint(), COPY, data, BUTTON, MODIFIER)
    entering.ignore()
    window.dragEnterEvent(entering)
    if entering.isAccepted():
        window.dropEvent(drop_event(data))
    return entering.isAccepted()
