"""Numbers as they are written where the window's language is spoken."""

from PySide6.QtCore import QLocale


def decimal(value: float, digits: int = 1) -> str:
    """With so many digits behind the point, or the comma."""
    return QLocale().toString(float(value), "f", digits)


def brief(value: float, digits: int = 4) -> str:
    """With so many digits in all, and no zeros that say nothing: 25, or 29.97."""
    text = f"{value:.{digits}g}"
    _, _, behind = text.partition(".")
    return decimal(value, len(behind)) if "e" not in text else text


def whole(value: float) -> str:
    """As a whole number, in groups of three where that is the habit."""
    return QLocale().toString(round(value))
