"""Where the picture is, and the page that stands in for it."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.gui.pages.state_page import StatePage
from app.gui.picture.video_view import VideoView

# A source that opens sooner than this needs no page that says so.
PATIENCE_MS = 300


class Scene(QStackedWidget):
    """Shows one of the two, or another view in place of the picture.

    Signals:
        still_waiting: `wait` was a while ago, and no picture has come.
    """

    still_waiting = Signal()

    def __init__(self, video: VideoView, page: StatePage) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so keys reach the window
        self.setAccessibleName(self.tr("Picture"))
        self._video = video
        self._page = page
        self._picture: QWidget = video  # or what stands in its place
        self.addWidget(video)
        self.addWidget(page)
        self._patience = QTimer(self, interval=PATIENCE_MS, singleShot=True)
        self._patience.timeout.connect(self.still_waiting)

    def show_cursor(self, is_shown: bool) -> None:
        """Over the picture, or none: nobody moves it."""
        if is_shown:
            self._picture.unsetCursor()
            self._video.show_cursor()
        elif not self.is_page:
            self._picture.setCursor(Qt.CursorShape.BlankCursor)

    @property
    def is_page(self) -> bool:
        """True while there is no picture to look at."""
        return self.currentWidget() is self._page

    def wait(self) -> None:
        """A picture should come soon; `still_waiting` follows if it does not."""
        if self.is_page:
            self.still_waiting.emit()
        else:
            self._patience.start()

    @Slot()
    def show_page(self) -> None:
        """What the page says."""
        self._patience.stop()
        self.setCurrentWidget(self._page)

    def show_video(self) -> None:
        """The picture."""
        self._patience.stop()
        self.setCurrentWidget(self._picture)

    def show_in_place(self, view: QWidget | None) -> None:
        """From now on, that view in place of the picture; None: the picture itself."""
        self._picture = view or self._video
        if self.indexOf(self._picture) < 0:
            self.addWidget(self._picture)
        if not self.is_page:
            self.setCurrentWidget(self._picture)
