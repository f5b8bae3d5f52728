"""Words in place of a picture."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

TITLE = QColor(235, 235, 240)
HINT = QColor(165, 165, 175)  # 7.6 : 1 on the background


def paint_words(
    painter: QPainter, area: QRect, *, title: str, hint: str, font: QFont
) -> None:
    """Paint a title, and a hint below it, in the middle of `area`."""
    center = QRectF(area).adjusted(40, 0, -40, 0)
    middle = center.center().y()
    large = QFont(font)
    large.setPointSizeF(large.pointSizeF() * 1.7)
    painter.setFont(large)
    painter.setPen(TITLE)
    painter.drawText(
        QRectF(center.left(), middle - 60, center.width(), 50),
        Qt.AlignmentFlag.AlignCenter,
        title,
    )
    painter.setFont(font)
    painter.setPen(HINT)
    painter.drawText(
        QRectF(center.left(), middle, center.width(), 90),
        Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap,
        hint,
    )
