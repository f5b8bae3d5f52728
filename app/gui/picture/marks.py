"""Signs over the picture, seen from afar; no recording and no snapshot has them."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter

WHITE = QColor(255, 255, 255)
RED, AMBER = QColor("#c92a2a"), QColor("#8a5a00")  # white on them: 5.5, 5.9 to 1
DARK = QColor(18, 18, 20, 200)
LETTER_PX = 15  # in points of the screen, as the rest
PAD_PX = 10


@dataclass(frozen=True, slots=True)
class Marks:
    """What is true of what plays, beside what is seen of it.

    Attributes:
        is_held: it stands still.
        recording: how long the running recording is; empty: none runs.
        is_waiting: nothing is recorded just now.
        names_held: to say that it is held; a bar says so otherwise.
    """

    is_held: bool = False
    recording: str = ""
    is_waiting: bool = False
    names_held: bool = False

    def texts(self) -> list[tuple[str, QColor]]:
        """Each with its ground."""
        if self.recording:
            sign, ground = ("❚❚", AMBER) if self.is_waiting else ("● REC", RED)
            return [(f"{sign} {self.recording}", ground)]
        return [("❚❚", DARK)] if self.is_held and self.names_held else []


def paint_marks(
    painter: QPainter, marks: Marks, target: QRect, *, font: QFont, ratio: float
) -> None:
    """Paint them into the top right corner of `target`, in the screen's own pixels."""
    font = QFont(font)
    font.setPixelSize(round(LETTER_PX * ratio))
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    pad = round(PAD_PX * ratio)
    corner = target.topRight() + QPoint(-pad, pad)
    for text, ground in marks.texts():
        box = painter.fontMetrics().boundingRect(text)
        box.adjust(-pad, -pad // 2, pad, pad // 2)
        box.moveTopRight(corner)
        painter.fillRect(box, ground)
        painter.setPen(WHITE)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        corner = box.topLeft() - QPoint(pad // 2, 0)
