"""Where the time goes, and what is found, over the last half minute."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QDockWidget, QLabel, QVBoxLayout, QWidget

from app.gui.look.class_words import class_word
from app.gui.look.numbers import decimal
from app.gui.picture.boxes import class_color
from app.gui.playing.clock import clock
from app.pipeline.timeline import BIN_S, KEPT_S, STAGES, History, Timeline

UPDATE_MS = 200
# The video's ground: class colours are made for pictures, not for white paper.
GROUND, GRID, WORDS = "#121214", "#4a4a52", "#d8d8de"
# Each at least 4.5 : 1 on the ground, and told apart by neighbours' lightness too.
STAGE_COLORS = {
    "capture": "#8e99a8",
    "wait": "#d9dde3",
    "preprocess": "#4f9df7",
    "inference": "#3ecf8e",
    "postprocess": "#b79cff",
    "draw": "#ffc145",
    "show": "#ff7f8a",
}
# What the numbers beside the names are means of.
TIMES_S, COUNTS_S = 5.0, 1.0
# What is higher than so many of all is cut off at the top.
USUAL_PERCENT = 97
# Below this height, a plot's axes go without their names.
ROOM_FOR_WORDS = 180
AXIS_WIDTH = 54  # of the numbers, and the word beside them
LEGEND_SHARE = 0.4  # of a plot's height, that words may take
MOST_CLASSES = 6  # as many lines as can be told apart


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """What grows by one at a time.

    Attributes:
        name: what it is.
        color: of its line.
        times_s: (N,) when it grew, ascending, on the clock of what plays.
    """

    name: str
    color: QColor
    times_s: NDArray[np.float64]


class Plots(QWidget):
    """Two plots, three where something is counted; beside or above each other.

    It looks at the history a few times a second while it is visible, and not at
    all while it is not.
    """

    def __init__(self, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self.setMinimumSize(240, 90)
        self.times = _Panel(
            self.tr("Time of a frame"),
            self.tr("milliseconds"),
            self.tr("Stage times of the last half minute, stacked"),
        )
        self.counts = _Panel(
            self.tr("Found in a frame"),
            self.tr("objects"),
            self.tr("Counts of each class over the last half minute"),
        )
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(1)
        self._layout.addWidget(self.times, 1)
        self._layout.addWidget(self.counts, 1)
        self.went_by = _Growth(
            self.tr("Went by"),
            self.tr("counted"),
            self.tr("How many crossed each line or entered each zone, over time"),
        )
        self._layout.addWidget(self.went_by, 1)
        self.show_curves([])
        self._timer = QTimer(self, interval=UPDATE_MS)
        self._timer.timeout.connect(self.refresh)

    @property
    def is_updating(self) -> bool:
        """True while it looks at the history."""
        return self._timer.isActive()

    def refresh(self) -> None:
        """Show the history as it is now."""
        timeline = self._history.timeline(time.monotonic())
        self._show_times(timeline)
        self._show_counts(timeline)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """What was counted until when; none: nothing is counted."""
        self.went_by.setHidden(not curves)
        self.went_by.show_curves(curves)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to look."""
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more."""
        self._timer.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the plots where there is room."""
        super().resizeEvent(event)
        is_wide = self.width() > 1.3 * self.height()
        self._layout.setDirection(
            QBoxLayout.Direction.LeftToRight
            if is_wide
            else QBoxLayout.Direction.TopToBottom
        )

    def sizeHint(self) -> QSize:
        """Low and wide: the picture needs the room."""
        return QSize(900, 190)

    def _show_times(self, timeline: Timeline) -> None:
        tops = timeline.stages_ms.cumsum(axis=1)  # (B, S)
        for index, stage in enumerate(STAGES):
            self.times.show_bars(
                stage,
                STAGE_COLORS[stage],
                timeline.ages_s,
                bottoms=tops[:, index] - timeline.stages_ms[:, index],
                heights=timeline.stages_ms[:, index],
            )
        self.times.fit(tops[:, -1])
        means_ms = (
            timeline.stages_ms[-_bins(TIMES_S) :].mean(axis=0) if len(tops) else []
        )
        names = self._stage_names()
        parts = [
            (STAGE_COLORS[stage], f"{names[stage]} {decimal(mean_ms)}")
            for stage, mean_ms in zip(STAGES, means_ms, strict=len(tops) > 0)
        ]
        total = f"=&nbsp;{decimal(math.fsum(means_ms))}&nbsp;ms" if parts else ""
        self.times.tell(parts, total)

    def _show_counts(self, timeline: Timeline) -> None:
        most_first = sorted(
            timeline.counts, key=lambda i: timeline.counts[i].sum(), reverse=True
        )
        shown = sorted(most_first[:MOST_CLASSES])
        self.counts.keep_lines(shown)
        for class_id in shown:
            self.counts.show_line(
                class_id,
                class_color(class_id),
                timeline.ages_s,
                timeline.counts[class_id],
            )
        highest = [timeline.counts[i] for i in shown] or [np.zeros(0)]
        self.counts.fit(np.concatenate(highest))
        names = self._history.class_names
        parts = [
            (
                class_color(i).name(),
                f"{class_word(names[i])} "
                f"{timeline.counts[i][-_bins(COUNTS_S) :].mean():.0f}",
            )
            for i in shown
        ]
        others = len(timeline.counts) - len(shown)
        more = self.tr("and {0} more").format(others) if others else ""
        self.counts.tell(parts, more)

    def _stage_names(self) -> dict[str, str]:
        return {
            "capture": self.tr("capture age"),
            "wait": self.tr("wait"),
            "preprocess": self.tr("preprocess"),
            "inference": self.tr("inference"),
            "postprocess": self.tr("postprocess"),
            "draw": self.tr("draw"),
            "show": self.tr("show"),
        }


class PlotDock(QDockWidget):
    """The plots, in a dock of the window."""

    def __init__(self, history: History, parent: QWidget) -> None:
        """Hidden at first; nothing is built until it is shown."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Plots"))
        self.setObjectName("plots")  # by which the window's state knows it
        self._history = history
        self._curves: Sequence[Curve] = ()
        self.plots: Plots | None = None
        self.hide()

    @property
    def is_built(self) -> bool:
        """True once it was shown."""
        return self.plots is not None

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """What is counted, as soon as it can be seen."""
        self._curves = curves
        if self.plots is not None:
            self.plots.show_curves(curves)

    def showEvent(self, event: QShowEvent) -> None:
        """Build the plots the first time: their library takes a while to load."""
        if self.plots is None:
            self.plots = Plots(self._history)
            self.plots.show_curves(self._curves)
            self.setWidget(self.plots)
        super().showEvent(event)


class _Panel(QWidget):
    """One plot with its title, and what its colours mean with numbers."""

    def __init__(self, title: str, unit: str, accessible_name: str) -> None:
        super().__init__()
        import pyqtgraph  # half a second, so only when plots are shown

        self._title = title
        self._bars: dict[str, Any] = {}
        self._lines: dict[int, Any] = {}
        self._told = self._briefly = ""
        self._top = 0.0
        self._pyqtgraph = pyqtgraph
        self._plot = pyqtgraph.PlotWidget(background=GROUND)
        self._plot.setAccessibleName(accessible_name)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.legend = QLabel()
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)
        self.legend.setAccessibleName(title)
        self.legend.setStyleSheet(
            f"background: {GROUND}; color: {WORDS}; padding: 4px 8px;"
        )
        self._set_up(unit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.legend)
        layout.addWidget(self._plot, 1)
        self.tell([], "")

    def show_bars(
        self,
        name: str,
        color: str,
        ages_s: NDArray[np.float64],
        *,
        bottoms: NDArray[np.float64],
        heights: NDArray[np.float64],
    ) -> None:
        """Draw one bar a span, on top of others'."""
        if name not in self._bars:
            self._bars[name] = self._pyqtgraph.BarGraphItem(
                x0=[], y0=[], width=BIN_S, height=[], pen=None, brush=color
            )
            self._plot.addItem(self._bars[name])
        self._bars[name].setOpts(x0=-ages_s, y0=bottoms, height=heights)

    def show_line(
        self,
        key: int,
        color: QColor,
        ages_s: NDArray[np.float64],
        values: NDArray[np.float64],
    ) -> None:
        """Draw a line of steps, broken where there were no frames."""
        if key not in self._lines:
            pen = self._pyqtgraph.mkPen(color, width=2 * self.devicePixelRatio())
            self._lines[key] = self._plot.plot(pen=pen, connect="finite")
        x, y = _with_gaps(-ages_s + BIN_S / 2, values)
        self._lines[key].setData(x, y)

    def keep_lines(self, keys: list[int]) -> None:
        """Take all other lines away."""
        for key in set(self._lines) - set(keys):
            self._plot.removeItem(self._lines.pop(key))

    def fit(self, values: NDArray[np.float64]) -> None:
        """Let the axis end at a round number above all but the rarest of them.

        One frame that waited for a model to load would else flatten half a minute.
        """
        usual = np.percentile(values, USUAL_PERCENT) if len(values) else 0.0
        top = round_up(1.1 * float(usual))
        if top != self._top:
            self._top = top
            self._plot.setYRange(0, top, padding=0.02)

    def tell(self, parts: list[tuple[str, str]], total: str) -> None:
        """Say what the colours mean, each with its number."""
        from html import escape  # brings a table of 2,000 names: not at the start

        words = [
            f'<span style="color:{color}">■</span>&nbsp;'
            f"{escape(text).replace(' ', '&nbsp;')}"
            for color, text in parts
        ]
        title = f"<b>{self._title}</b>"
        text = "&nbsp; ".join([title, *words, f"<b>{total}</b>"])
        if text != self._told:
            self._told = text
            self._briefly = "&nbsp; ".join([title, f"<b>{total}</b>"])
            self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name the axes where there is room for words."""
        super().resizeEvent(event)
        plot = self._plot.getPlotItem()
        for side in ("left", "bottom"):
            plot.getAxis(side).showLabel(self.height() >= ROOM_FOR_WORDS)
        self._say()

    def _say(self) -> None:
        """All of it where the plot keeps most of the room; the tip has all of it."""
        legend = self.legend
        legend.setText(self._told)
        if legend.heightForWidth(self.width()) > LEGEND_SHARE * self.height():
            legend.setText(self._briefly)
        legend.setToolTip(self._told)

    def _set_up(self, unit: str) -> None:
        plot = self._plot.getPlotItem()
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.showGrid(y=True, alpha=0.25)
        plot.setXRange(-KEPT_S, 0, padding=0)
        plot.disableAutoRange()
        for side, text in (("left", unit), ("bottom", self.tr("seconds ago"))):
            axis = plot.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setPen(GRID)
            axis.setTextPen(WORDS)
            axis.setLabel(text, color=WORDS)
        plot.getAxis("left").setWidth(AXIS_WIDTH)
        plot.getAxis("bottom").setTicks(
            [[(-age, f"{age:g}") for age in range(0, round(KEPT_S) + 1, 5)]]
        )


class _Growth(_Panel):
    """Curves that only rise, over the time of what plays."""

    def __init__(self, title: str, unit: str, accessible_name: str) -> None:
        super().__init__(title, unit, accessible_name)
        self._curves: dict[str, Any] = {}
        axis = self._plot.getPlotItem().getAxis("bottom")
        axis.setLabel(self.tr("time of the video"), color=WORDS)
        axis.setTicks(None)
        axis.tickStrings = lambda values, *_: [clock(max(0.0, v)) for v in values]

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """These, and no others."""
        names = {curve.name for curve in curves}
        for name in set(self._curves) - names:
            self._plot.removeItem(self._curves.pop(name))
        times_s = [
            time_s
            for one in curves
            for time_s in one.times_s[[0, -1][: len(one.times_s)]]
        ]
        first_s, last_s = (min(times_s), max(times_s)) if times_s else (0.0, 1.0)
        margin_s = max(1.0, 0.05 * (last_s - first_s))
        for curve in curves:
            if curve.name not in self._curves:
                pen = self._pyqtgraph.mkPen(
                    curve.color, width=2 * self.devicePixelRatio()
                )
                self._curves[curve.name] = self._plot.plot(pen=pen, stepMode="right")
            x = np.concatenate(
                [[first_s - margin_s], curve.times_s, [last_s + margin_s]]
            )
            y = np.minimum(np.arange(len(x)), len(curve.times_s)).astype(float)
            self._curves[curve.name].setData(x, y)
        self._plot.setXRange(first_s - margin_s, last_s + margin_s, padding=0)
        self.fit(np.array([float(len(curve.times_s)) for curve in curves]))
        self.tell(
            [(one.color.name(), f"{one.name} {len(one.times_s)}") for one in curves], ""
        )


def round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 ... at or above; 1 at least."""
    if value <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in (1, 2, 5, 10) if value <= power * step)


def _bins(seconds: float) -> int:
    return round(seconds / BIN_S)


def _with_gaps(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """With a NaN wherever a span is missing."""
    gaps = np.flatnonzero(np.diff(x) > 1.5 * BIN_S) + 1
    return np.insert(x, gaps, np.nan), np.insert(y, gaps, np.nan)
