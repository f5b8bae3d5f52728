"""In which words and letters a picture is written on."""

from collections.abc import Callable
from dataclasses import dataclass

from app.types import ImageBgr


@dataclass(frozen=True, slots=True)
class Lettering:
    """How words come into a picture.

    Attributes:
        tab: a text, at a scale, on a colour (BGR): (H, W, 3) uint8, not written to.
        class_word: what a class is called.
        mark_words: what stands beside a line or a zone.
        since_words: that there is no picture since a time of day.
    """

    tab: Callable[[str, float, tuple[int, int, int]], ImageBgr]
    class_word: Callable[[str], str]
    mark_words: Callable[[str], str]
    since_words: Callable[[str], str]
