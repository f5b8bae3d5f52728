"""What app.gui.picture.plots promises."""

import time
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextDocumentFragment
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.drawing.style import class_color_rgb
from app.gui.picture.plots import (
    GROUND,
    MOST_CLASSES,
    STAGE_COLORS,
    Curve,
    Plots,
    round_up,
)
from app.gui.window import MainWindow
from app.pipeline.timeline import KEPT_S, STAGES, History
from app.types import Detections, Frame, Result, StageTimes
from tests.fakes import numbered_image

pytestmark = pytest.mark.gui

NAMES = ("person", "car", "dog")
TIMES = StageTimes(1.0, 2.0, 3.0, 20.0, 4.0, 5.0, 6.0)  # 41 in all


def result(class_ids: tuple[int, ...], names: tuple[str, ...] = NAMES) -> Result:
    count = len(class_ids)
    detections = Detections(
        np.zeros((count, 4), np.float32),
        np.ones(count, np.float32),
        np.array(class_ids, np.int64),
    )
    return Result(Frame(numbered_image(0), 0, 0.0, 0.0), detections, names, times=TIMES)


@pytest.fixture
def history() -> History:
    """Ten seconds at 20 frames a second: two cars, and a person in the later half."""
    history = History()
    now_s = time.monotonic()
    for i in range(200):
        history.add(result((1, 1, 0) if i >= 100 else (1, 1)), now_s - 10 + i / 20)
    return history


@pytest.fixture
def plots(history: History, qtbot: QtBot) -> Plots:
    plots = Plots(history)
    qtbot.addWidget(plots)
    plots.resize(900, 220)
    plots.show()
    qtbot.waitExposed(plots)
    return plots


def is_updating(plots: Plots) -> bool:
    return plots.is_updating  # a call: mypy believes that a property never changes


def colors_of(widget: Plots) -> set[tuple[int, int, int]]:
    image = widget.grab().toImage()
    pixels = {
        image.pixel(x, y) for x in range(image.width()) for y in range(image.height())
    }
    return {(p >> 16 & 255, p >> 8 & 255, p & 255) for p in pixels}


def test_the_bars_stack_up_to_the_latency(plots: Plots) -> None:
    tops: NDArray[np.float64] | float = 0.0
    for stage in STAGES:
        bars = plots.times._bars[stage].opts
        # Each on those before it.
        bottoms = np.broadcast_to(tops, len(bars["y0"]))
        np.testing.assert_allclose(bars["y0"], bottoms, atol=1e-9)
        tops = bars["y0"] + bars["height"]
    np.testing.assert_allclose(tops, TIMES.latency_ms)
    assert "=&nbsp;41.0&nbsp;ms" in plots.times.legend.text()


def test_all_stages_and_classes_are_seen_in_their_colors(plots: Plots) -> None:
    seen = colors_of(plots)
    for color in STAGE_COLORS.values():
        assert tuple(bytes.fromhex(color[1:])) in seen
    for class_id in (0, 1):
        assert class_color_rgb(class_id) in seen
    assert class_color_rgb(2) not in seen  # there was no dog


def test_the_legend_counts_what_is_found_in_a_frame(plots: Plots) -> None:
    words = plots.counts.legend.text()
    assert "person&nbsp;1" in words
    assert "car&nbsp;2" in words


def test_many_classes_are_summed_up(history: History, plots: Plots) -> None:
    names = tuple(f"class {i}" for i in range(MOST_CLASSES + 3))
    history.add(result(tuple(range(len(names))), names), time.monotonic())
    plots.refresh()
    assert len(plots.counts._lines) == MOST_CLASSES
    assert "and 3 more" in plots.counts.legend.text()


def test_a_class_name_is_no_markup(history: History, plots: Plots) -> None:
    history.add(result((0,), ("<img src=x>&lt;", "b", "c")), time.monotonic() + 0.3)
    plots.refresh()
    shown = QTextDocumentFragment.fromHtml(plots.counts.legend.text()).toPlainText()
    assert "<img src=x>&lt;" in shown


def test_every_color_can_be_told_from_the_ground() -> None:
    """WCAG: 3 : 1 for graphics; the words of the legend are the lightest of all."""

    def luminance(color: str) -> float:
        channels = np.array(list(bytes.fromhex(color[1:]))) / 255
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return float(linear @ [0.2126, 0.7152, 0.0722])

    for color in STAGE_COLORS.values():
        assert (luminance(color) + 0.05) / (luminance(GROUND) + 0.05) >= 4.5


def test_it_stands_above_each_other_where_it_is_narrow(plots: Plots) -> None:
    assert plots.times.geometry().top() == plots.counts.geometry().top()
    plots.resize(300, 500)
    QTest.qWait(0)
    assert plots.times.geometry().bottom() < plots.counts.geometry().top()


def test_nothing_found_and_nothing_shown_are_no_trouble(qtbot: QtBot) -> None:
    plots = Plots(History())
    qtbot.addWidget(plots)
    plots.show()
    plots.refresh()
    assert plots.times.legend.text().startswith("<b>Time of a frame")


def test_it_does_nothing_while_it_is_hidden(plots: Plots) -> None:
    assert is_updating(plots)
    plots.hide()
    assert not is_updating(plots)
    plots.show()
    assert is_updating(plots)


def test_it_does_not_grow(history: History, plots: Plots) -> None:
    def items() -> int:
        return len(plots.times._plot.items()) + len(plots.counts._plot.items())

    before = items()
    for _ in range(50):
        history.add(result((0, 1)), time.monotonic())
        plots.refresh()
    assert items() == before
    bars = plots.times._bars["inference"].opts
    assert len(bars["height"]) <= 4 * KEPT_S + 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 1), (1, 1), (1.01, 2), (2.5, 5), (10, 10), (41, 50), (70, 100), (101, 200)],
)
def test_axes_end_at_round_numbers(value: float, expected: float) -> None:
    assert round_up(value) == expected


def test_p_shows_and_hides_the_plots(window: MainWindow) -> None:
    dock = window.plots
    assert dock.isHidden()
    assert not dock.is_built  # nothing is loaded before it is wanted
    QTest.keyClick(window, Qt.Key.Key_P)
    assert dock.isVisible()
    assert dock.plots is not None
    assert is_updating(dock.plots)
    QTest.keyClick(window, Qt.Key.Key_P)
    assert dock.isHidden()
    assert not is_updating(dock.plots)


def test_the_plots_have_names_for_those_who_cannot_see_them(plots: Plots) -> None:
    for panel in (plots.times, plots.counts):
        assert panel._plot.accessibleName()
        assert panel.legend.accessibleName()


def test_one_slow_frame_does_not_flatten_all_others(
    history: History, plots: Plots
) -> None:
    slow = replace(result(()), times=StageTimes(wait_ms=2000.0))
    history.add(slow, time.monotonic() + 0.3)
    plots.refresh()
    (_, _), (low, high) = plots.times._plot.getPlotItem().viewRange()
    assert low <= 0
    assert 41 < high < 60


def test_what_went_by_grows_a_curve_a_rule_and_is_gone_with_it(plots: Plots) -> None:
    assert plots.went_by.isHidden()
    red, blue = (250, 20, 10), (10, 20, 250)
    curves = [
        Curve("L1", QColor(*red), np.array([1.0, 2.0, 61.0])),
        Curve("Z1", QColor(*blue), np.array([2.0])),
    ]
    plots.show_curves(curves)
    assert plots.went_by.isVisible()
    assert "L1 3" in words_of(plots)
    assert "Z1 1" in words_of(plots)
    (_, right), (_, top) = plots.went_by._plot.getPlotItem().viewRange()
    assert right > 61
    assert top > 3
    seen = colors_of(plots)
    assert {red, blue} <= seen
    axis = plots.went_by._plot.getPlotItem().getAxis("bottom")
    assert axis.tickStrings([-1.0, 61.0], 1, 30) == ["0:00", "1:01"]
    plots.show_curves(curves[1:])
    assert "L1" not in words_of(plots)
    assert red not in colors_of(plots)
    plots.show_curves([])
    assert plots.went_by.isHidden()


def words_of(plots: Plots) -> str:
    text = plots.went_by.legend.toolTip()
    return QTextDocumentFragment.fromHtml(text).toPlainText().replace("\xa0", " ")
