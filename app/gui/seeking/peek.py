"""Small pictures of a file, read beside what plays it."""

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from app.pipeline.interfaces import Seekable, VideoSource
from app.types import ImageBgr

# A picture that takes longer to reach makes do with one near it.
ENOUGH_S = 0.3


class Peek:
    """Reads them of one source at a time; all of it on one thread."""

    def __init__(self, make_source: Callable[[str], VideoSource]) -> None:
        """Nothing is open; `make_source` makes one of its own."""
        self._make_source = make_source
        self._text = ""
        self._source: VideoSource | None = None

    def look(
        self, text: str, at_s: float, *, is_off: Callable[[], bool], size_wh: QSize
    ) -> QImage | None:
        """What is on show at `at_s`, or near it, fitted into that size.

        None where `is_off` says that nobody wants it any more, or nothing is there.

        Raises:
            SourceError: it cannot be opened, or read.
        """
        if text != self._text:
            self.close()
            self._source = self._opened(text)
            self._text = text
        source = self._source
        if source is None or not isinstance(source, Seekable) or is_off():
            return None
        enough_s = time.monotonic() + ENOUGH_S
        source.seek(at_s, is_enough=lambda: is_off() or time.monotonic() > enough_s)
        if is_off():
            return None
        frame = next(iter(source.frames()), None)
        return None if frame is None else _small(frame.image_bgr, size_wh)

    def close(self) -> None:
        """Let go of the file."""
        source, self._source, self._text = self._source, None, ""
        if source is not None:
            source.close()

    def _opened(self, text: str) -> VideoSource | None:
        source = self._make_source(text)
        if source.is_live or not isinstance(source, Seekable):
            return None
        source.open()
        return source


def _small(image_bgr: ImageBgr, size_wh: QSize) -> QImage:
    packed = np.ascontiguousarray(image_bgr)
    height, width = packed.shape[:2]
    whole = QImage(packed.data, width, height, 3 * width, QImage.Format.Format_BGR888)
    kept, mode = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode
    if width > 4 * size_wh.width():  # roughly first: a tenth of the time, of 4K
        whole = whole.scaled(size_wh * 3, kept, mode.FastTransformation)
    return whole.scaled(size_wh, kept, mode.SmoothTransformation)
