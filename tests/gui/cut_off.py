"""What has less room than its words take, or stands where nobody sees it."""

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QSlider,
    QWidget,
)

from app.gui.look.elided import ElidedLabel

KINDS = (*(QLabel, QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QSlider),)


def cut_off(*places: QWidget) -> list[str]:
    """A line for each widget in `places` that is cut off or below another."""
    found = []
    for place in places:
        shown = [widget for widget in _seen_in(place) if not _is_inner(widget)]
        for widget in shown:
            needed, has = _needs(widget), widget.size()
            if needed.boundedTo(has) != needed:
                found.append(f"{_told(widget)}: {needed.toTuple()} in {has.toTuple()}")
            if not _is_inside(widget, place):
                found.append(f"{_told(widget)} is not inside")
        for one, other in combinations(shown, 2):
            if one.parent() is other.parent():
                common = one.geometry() & other.geometry()
                if common.width() > 0 and common.height() > 0:
                    found.append(f"{_told(one)} is below {_told(other)}")
    return found


def _seen_in(place: QWidget) -> Iterator[QWidget]:
    for kind in KINDS:
        for widget in place.findChildren(kind):
            is_own = widget.window() is place.window()  # of a dialog above it, not
            if widget.isVisible() and is_own and widget.width():
                yield widget


def _is_inner(widget: QWidget) -> bool:
    """Part of another control, which answers for it: a field's cross, say."""
    parent = widget.parentWidget()
    return isinstance(parent, KINDS)


def _is_inside(widget: QWidget, place: QWidget) -> bool:
    """At its full width; its height may be scrolled."""
    parent = widget.parentWidget()
    while parent is not None and parent is not place:
        above = parent.parentWidget()
        if isinstance(above, QAbstractScrollArea) and above.viewport() is parent:
            place = parent
            break
        parent = above
    area = QRect(widget.mapTo(place, widget.rect().topLeft()), widget.size())
    return area.left() >= 0 and area.right() < place.width()


def _needs(widget: QWidget) -> QSize:
    if isinstance(widget, ElidedLabel):
        return QSize()  # says so itself
    if isinstance(widget, QLabel) and widget.wordWrap():
        height = widget.heightForWidth(widget.width())
        return QSize(widget.minimumSizeHint().width(), height)
    if isinstance(widget, QLabel | QAbstractButton):
        return widget.sizeHint()
    return widget.minimumSizeHint()


def _told(widget: QWidget) -> str:
    text = getattr(widget, "text", widget.accessibleName)()
    return f"{type(widget).__name__} {text or widget.accessibleName()!r}"
