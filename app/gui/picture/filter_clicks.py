"""The sign over the picture that says what a filter hides; a click takes that away."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent

from app.gui.picture.video_view import VideoView


class FilterClicks(QObject):
    """Listens to the mouse over the picture.

    Signals:
        clicked: the sign of the filter was.
    """

    clicked = Signal()

    def __init__(self, video: VideoView) -> None:
        super().__init__(video)
        self._video = video
        self._is_over = False
        video.setMouseTracking(True)  # a hand over what can be clicked
        video.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is done to the sign; the rest is the picture's."""
        del watched
        if not isinstance(event, QMouseEvent):
            return False
        is_over = self._video.is_on_filter(event.position())
        if is_over != self._is_over:
            self._is_over = is_over
            if is_over:
                self._video.setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self._video.show_cursor()
        is_left = event.button() == Qt.MouseButton.LeftButton
        if is_over and is_left and event.type() == QEvent.Type.MouseButtonPress:
            self.clicked.emit()
        return is_over and is_left
