"""What an event looked like: a piece of the picture of that moment."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage

from app.errors import UserError
from app.gui.counting.event_list import THUMBNAIL_WH
from app.pipeline.errands import Errands
from app.pipeline.interfaces import Seekable, VideoSource
from app.tracking.events import Event
from app.types import Detections, ImageBgr

log = logging.getLogger(__name__)

# Beside a box as much of its size is shown, too; where there is no box, so much of
# the picture's height.
MARGIN, UNKNOWN_SHARE = 0.25, 0.25
AT_ONCE = 4  # of one file
WAITING = 64
Box = tuple[float, float, float, float]


def box_of(event: Event, found: Detections) -> Box | None:
    """Where its track is among `found`, if it is."""
    if found.track_ids is None:
        return None
    rows = np.flatnonzero(found.track_ids == event.track)
    if not len(rows):
        return None
    x1, y1, x2, y2 = found.boxes_xyxy[rows[0]].tolist()
    return (x1, y1, x2, y2)


def thumbnail(image_bgr: ImageBgr, event: Event, box: Box | None) -> QImage:
    """The piece of the picture around `box`; around the anchor, where it is None."""
    height, width = image_bgr.shape[:2]
    x, y = event.anchor_xy
    if box is None:
        side = UNKNOWN_SHARE * height
        box = (x - side / 2, y - side, x + side / 2, y)
    x1, y1, x2, y2 = box
    wide, high = (1 + 2 * MARGIN) * (x2 - x1), (1 + 2 * MARGIN) * (y2 - y1)
    ratio = THUMBNAIL_WH[0] / THUMBNAIL_WH[1]
    wide, high = max(wide, high * ratio, 16), max(high, wide / ratio, 12)
    left = round(min(max((x1 + x2 - wide) / 2, 0), max(width - wide, 0)))
    top = round(min(max((y1 + y2 - high) / 2, 0), max(height - high, 0)))
    piece: NDArray[np.uint8] = np.ascontiguousarray(
        image_bgr[top : top + round(high), left : left + round(wide)]
    )
    rows, columns = piece.shape[:2]
    if not rows or not columns:
        return QImage()
    image = QImage(piece.data, columns, rows, 3 * columns, QImage.Format.Format_BGR888)
    return image.scaled(
        QSize(*THUMBNAIL_WH),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


@dataclass(frozen=True, slots=True)
class Request:
    """One event, and where its track was; None: not known."""

    event: Event
    box: Box | None


class FilePictures(QObject):
    """Reads them from a file, a few at a time, beside the window.

    Signals:
        read: an `Event` and its picture, a `QImage`.
    """

    read = Signal(object, object)

    def __init__(
        self,
        make_source: Callable[[str], VideoSource],
        errands: Errands,
        parent: QObject,
    ) -> None:
        """Nothing is asked for yet."""
        super().__init__(parent)
        self._make_source = make_source
        self._errands = errands
        self._text = ""
        self._waiting: list[Request] = []
        self._asked: set[Event] = set()
        self._is_reading = False

    def begin(self, text: str) -> None:
        """They are of that file from now on; "": of none."""
        self._text, self._waiting, self._asked = text, [], set()

    def want(self, request: Request) -> None:
        """`read` follows, if the file has it and nobody scrolls on."""
        if not self._text or request.event in self._asked:
            return
        self._asked.add(request.event)
        self._waiting.append(request)
        for dropped in self._waiting[:-WAITING]:  # scrolled past
            self._asked.discard(dropped.event)
        self._waiting = self._waiting[-WAITING:]
        self._go_on()

    def _go_on(self) -> None:
        if self._is_reading or not self._waiting:
            return
        requests, self._waiting = self._waiting[-AT_ONCE:], self._waiting[:-AT_ONCE]
        text, make_source = self._text, self._make_source
        self._is_reading = self._errands.run(
            lambda: _read(make_source(text), requests),
            then=lambda images: self._on_read(text, images),
            or_else=lambda error: self._on_failed(text, error),
        )
        if not self._is_reading:  # too much else is; the next row that is seen asks
            self._waiting += requests

    def _on_read(self, text: str, images: list[tuple[Event, QImage]]) -> None:
        self._is_reading = False
        if text == self._text:
            self._asked -= {event for event, _ in images}
            for event, image in images:
                self.read.emit(event, image)
        self._go_on()

    def _on_failed(self, text: str, error: Exception) -> None:
        # The list is as good without them.
        log.debug("no pictures of events: %s", error)
        self._is_reading = False
        if text == self._text:
            self._waiting = []
        self._go_on()


def _read(
    source: VideoSource, requests: Sequence[Request]
) -> list[tuple[Event, QImage]]:
    """In the order of their times; what cannot be read is left out."""
    if source.is_live or not isinstance(source, Seekable):
        return []
    images = []
    source.open()
    try:
        for request in sorted(requests, key=lambda one: one.event.time_s):
            source.seek(request.event.time_s)
            try:
                frame = next(source.frames(), None)
            except UserError:
                continue
            if frame is not None:
                image = thumbnail(frame.image_bgr, request.event, request.box)
                images.append((request.event, image))
    finally:
        source.close()
    return images
