"""Which of a bar's widgets are shown where there is not room for all of them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSizePolicy, QWidget


class MakingRoom:
    """Shows as many of them as fit; those that are always there give way to none."""

    def __init__(self, layout: QHBoxLayout, spare: Sequence[QWidget]) -> None:
        """Nothing of it is wanted yet.

        Args:
            layout: of the bar.
            spare: what can be done without, the dearest first.
        """
        self._layout = layout
        self._wanted: dict[QWidget, bool] = {}
        self.add(*spare)

    def add(self, *widgets: QWidget) -> None:
        """They can be done without, too, before those that are known."""
        self._wanted |= dict.fromkeys(widgets, False)
        for widget in widgets:
            widget.hide()

    def want(self, *widgets: QWidget, is_wanted: bool) -> None:
        """Show them where there is room; or not at all."""
        for widget in widgets:
            self._wanted[widget] = is_wanted

    @property
    def least_px(self) -> int:
        """The bar's width with what is always there."""
        fixed = [w for w in laid_out(self._layout) if w not in self._wanted]
        margins = self._layout.contentsMargins()
        around = margins.left() + margins.right() - self._layout.spacing()
        return around + sum(map(self._width, fixed))

    @property
    def wanted_px(self) -> int:
        """The bar's width with all that is wanted."""
        wanted = [w for w, is_wanted in self._wanted.items() if is_wanted]
        return self.least_px + sum(map(self._width, wanted))

    def share(self, width_px: int) -> None:
        """Fit a bar of that width."""
        room = width_px - self.least_px
        for widget, is_wanted in self._wanted.items():
            if is_wanted:
                room -= self._width(widget)
            # What is less dear stays away, too: nothing jumps about.
            widget.setHidden(not is_wanted or room < 0)

    def _width(self, widget: QWidget) -> int:
        least = widget.minimumSizeHint().expandedTo(widget.minimumSize())
        if widget.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Minimum:
            least = widget.sizeHint()
        return least.width() + self._layout.spacing()


def laid_out(layout: QLayout) -> list[QWidget]:
    """The widgets in a layout, in the order in which its widget got them.

    Not by `itemAt`: PySide keeps what that returns for as long as the layout, though
    the item may be gone by then, and another object in its place in memory.
    """
    only_direct = Qt.FindChildOption.FindDirectChildrenOnly
    holder = layout.parentWidget()
    children = holder.findChildren(QWidget, options=only_direct) if holder else []
    return [child for child in children if layout.indexOf(child) >= 0]
