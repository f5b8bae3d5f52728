"""Class names as people write them, in their language; data keeps the dataset's."""

from collections.abc import Iterable
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from app.drawing.style import shown_name


@lru_cache(maxsize=4096)  # asked for by every box of every frame
def class_word(class_name: str) -> str:
    """What the window calls the class."""
    name = shown_name(class_name)
    return QCoreApplication.translate("ClassNames", name)


def class_words(class_names: Iterable[str]) -> str:
    """Several, in one line."""
    comma = QCoreApplication.translate("Lists", ", ")
    return comma.join(class_word(name) for name in class_names)
