"""The picture, as large as fits, sharp on any screen."""

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.types import ImageBgr

BACKGROUND = QColor(18, 18, 20)
TITLE = QColor(235, 235, 240)
HINT = QColor(165, 165, 175)  # 7.6 : 1 on the background


def fit(size: QSizeF, into: QRectF) -> QRectF:
    """The largest rectangle of `size`'s shape centred in `into`."""
    fitted = size.scaled(into.size(), Qt.AspectRatioMode.KeepAspectRatio)
    rect = QRectF(QPointF(0, 0), fitted)
    rect.moveCenter(into.center())
    return rect


class VideoView(QWidget):
    """Shows the newest picture letterboxed, or says what to do first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 180)
        self.setAccessibleName(self.tr("Video"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so keys reach the window
        self._array: ImageBgr | None = None
        self._image: QImage | None = None
        self._title = ""
        self._hint = ""

    def show_image(self, image_bgr: ImageBgr) -> None:
        """Show `image_bgr`, (H, W, 3) uint8; nobody may write to it any more."""
        height, width = image_bgr.shape[:2]
        # The QImage borrows the array's memory, so the array stays as long.
        self._array = image_bgr
        self._image = QImage(
            image_bgr.data, width, height, 3 * width, QImage.Format.Format_BGR888
        )
        self.update()

    def show_text(self, title: str, hint: str = "") -> None:
        """Show words in place of a picture."""
        self._array = self._image = None
        self._title, self._hint = title, hint
        self.update()

    @property
    def has_image(self) -> bool:
        """True once a picture is shown."""
        return self._image is not None

    def sizeHint(self) -> QSize:
        """Half of full HD: big enough to see, small enough for a laptop."""
        return QSize(960, 540)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Scale straight to the screen's own pixels; nothing is kept between."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), BACKGROUND)
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            target = fit(QSizeF(self._image.size()), QRectF(self.rect()))
            painter.drawImage(target, self._image)
        else:
            self._paint_text(painter)
        painter.end()

    def _paint_text(self, painter: QPainter) -> None:
        center = QRectF(self.rect()).adjusted(40, 0, -40, 0)
        middle = center.center().y()
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.7)
        painter.setFont(font)
        painter.setPen(TITLE)
        painter.drawText(
            QRectF(center.left(), middle - 60, center.width(), 50),
            Qt.AlignmentFlag.AlignCenter,
            self._title,
        )
        painter.setFont(self.font())
        painter.setPen(HINT)
        painter.drawText(
            QRectF(center.left(), middle, center.width(), 90),
            Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap,
            self._hint,
        )
