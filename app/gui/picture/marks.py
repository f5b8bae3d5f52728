"""Signs over the picture, seen from afar; no recording and no snapshot has them."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

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
        filtered: which classes are shown, where not all are; a click shows them.
    """

    is_held: bool = False
    recording: str = ""
    is_waiting: bool = False
    names_held: bool = False
    filtered: str = ""

    def texts(self) -> list[tuple[str, QColor]]:
        """Each with its ground, from the corner on."""
        texts = []
        if self.recording:
            sign, ground = ("❚❚", AMBER) if self.is_waiting else ("● REC", RED)
            texts.append((f"{sign} {self.recording}", ground))
        elif self.is_held and self.names_held:
            texts.append(("❚❚", DARK))
        if self.filtered:
            texts.append((self.filtered, DARK))
        return texts


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """One of them, in the screen's own pixels."""

    box: QRect
    text: str
    ground: QColor

    @property
    def corners_xyxy(self) -> tuple[int, int, int, int]:
        """x2 and y2 exclusive, which Qt's own are not."""
        box = self.box
        return box.x(), box.y(), box.x() + box.width(), box.y() + box.height()


def place_marks(
    marks: Marks, target: QRect, *, font: QFont, ratio: float
) -> list[PlacedMark]:
    """Each in the top right corner of `target`, in the screen's own pixels."""
    pad, metrics = round(PAD_PX * ratio), QFontMetrics(_letters(font, ratio))
    corner = target.topRight() + QPoint(-pad, pad)
    placed = []
    for text, ground in marks.texts():
        box = metrics.boundingRect(text)
        box.adjust(-pad, -pad // 2, pad, pad // 2)
        box.moveTopRight(corner)
        placed.append(PlacedMark(box, text, ground))
        corner = box.topLeft() - QPoint(pad // 2, 0)
    return placed


def paint_marks(
    painter: QPainter, placed: Sequence[PlacedMark], *, font: QFont, ratio: float
) -> None:
    """Paint them where `place_marks` put them."""
    painter.setFont(_letters(font, ratio))
    for mark in placed:
        painter.fillRect(mark.box, mark.ground)
        painter.setPen(WHITE)
        painter.drawText(mark.box, Qt.AlignmentFlag.AlignCenter, mark.text)


def _letters(font: QFont, ratio: float) -> QFont:
    font = QFont(font)
    font.setPixelSize(round(LETTER_PX * ratio))
    font.setWeight(QFont.Weight.DemiBold)
    return font
