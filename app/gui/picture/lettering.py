"""The window's words on pictures that are kept: a recording shows what it showed."""

import re
from dataclasses import replace
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QFont

from app.drawing.lettering import Lettering
from app.drawing.style import LETTER_PX
from app.gui.look.class_words import class_word
from app.gui.picture.boxes import Tabs
from app.pipeline.interfaces import Factories
from app.types import ImageBgr

_AT_LINE = re.compile(r"(.*): (\d+) in, (\d+) out", re.DOTALL)
_IN_ZONE = re.compile(r"(.*): (\d+) inside, (\d+) entered", re.DOTALL)


@lru_cache(maxsize=256)  # asked for by every mark of every frame
def mark_words(text: str) -> str:
    """What stands beside a line or a zone, in the window's language."""
    translate = QCoreApplication.translate
    if found := _AT_LINE.fullmatch(text):
        return translate("Marks", "{0}: {1} in, {2} out").format(*found.groups())
    if found := _IN_ZONE.fullmatch(text):
        return translate("Marks", "{0}: {1} inside, {2} entered").format(
            *found.groups()
        )
    return text


def window_lettering(font: QFont) -> Lettering:
    """The window's language in letters of `font`, for pictures that are kept.

    OpenCV's own font knows ASCII alone. Qt paints letters into a picture in memory on
    any thread; each label is painted once, then it is kept.
    """
    tab = lru_cache(maxsize=512)(_Painter(font))
    return Lettering(tab, class_word, mark_words, _since_words)


def lettered(factories: Factories, lettering: Lettering) -> Factories:
    """The same, where all that is written into pictures is written so."""
    if factories.letter is None:
        return factories
    make, letter_source = factories.make_source, factories.letter_source
    return replace(
        factories,
        draw=factories.letter(lettering),
        make_source=lambda text: letter_source(make(text), lettering),
    )


def _since_words(since: str) -> str:
    return QCoreApplication.translate("Marks", "No picture since {0}").format(since)


class _Painter:
    """Paints the tab of a text."""

    def __init__(self, font: QFont) -> None:
        self._font = QFont(font)
        self._tabs = lru_cache(maxsize=16)(lambda px: Tabs(self._font, px))

    def __call__(
        self, text: str, scale: float, color_bgr: tuple[int, int, int]
    ) -> ImageBgr:
        tabs = self._tabs(LETTER_PX * scale)
        image = tabs.image(text, QColor(*color_bgr[::-1]))
        width, height = image.width(), image.height()
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(height, width, 4)
        return pixels[..., :3].copy()
