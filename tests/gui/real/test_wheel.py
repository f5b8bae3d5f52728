"""The wheel over the panel scrolls; it changes nothing that one did not mean."""

import pytest

from tests.gui.real.conftest import StartApp
from tests.gui.real.desk import Desk, RealApp

pytestmark = [pytest.mark.gui, pytest.mark.xcb, pytest.mark.slow]

UP, DOWN = 4, 5  # what X calls the wheel
VALUES = (
    "[window.sections.detection.score.value(),"
    " window.sections.detection.iou.value(), window.sections.detection.most.value(),"
    " window.sections.overlay.label.value(), window.sections.recording.minutes"
    ".currentIndex(), window.sections.backend.device.currentIndex(),"
    " window.transport.speed.currentIndex(), player.settings.device]"
)
SCROLLED = "window.panel.scroller.verticalScrollBar().value()"


@pytest.fixture
def app(start_app: StartApp, clip: object) -> RealApp:
    app = start_app("--source", str(clip), talks=True)
    app.wait_for("DetectorOpened")
    app.until("window.video.has_image and window.sections.backend.device.count() > 1")
    app.ask("window.actions_.pause.trigger()")
    app.ask("window.panel.fold(())")  # at first some of it is folded
    for name in ("detection", "recording"):
        app.ask(f"window.sections.{name}.further.button.click()")
    return app


def test_a_walk_down_the_panel_scrolls_it_and_changes_nothing(
    app: RealApp, desk: Desk
) -> None:
    before = app.ask(VALUES)
    at_xy = app.ask("where(window.panel)")
    for _ in range(12):  # whatever comes under the mouse meanwhile
        desk.click(at_xy, button=DOWN, times=2)
    assert app.ask(f"{SCROLLED} == window.panel.scroller.verticalScrollBar().maximum()")
    for _ in range(12):
        desk.click(at_xy, button=UP, times=2)
    assert app.ask(SCROLLED) == 0
    assert app.ask(VALUES) == before


@pytest.mark.parametrize(
    "name",
    [
        "window.sections.backend.device",
        "window.sections.detection.score",
        "window.sections.detection.most",
        "window.sections.overlay.label",
        "window.sections.recording.minutes",
        "window.sections.classes.list",
        "window.transport.speed",
    ],
)
def test_a_control_takes_the_wheel_only_with_the_focus(
    name: str, app: RealApp, desk: Desk
) -> None:
    app.ask(f"window.panel.scroller.ensureWidgetVisible({name})")
    before, scrolled = app.ask(VALUES), app.ask(SCROLLED)
    desk.click(app.ask(f"where({name})"), button=UP, times=1)
    assert app.ask(VALUES) == before
    if "sections" in name and scrolled > 0:
        assert app.ask(SCROLLED) < scrolled  # the panel took it


def test_with_the_focus_the_wheel_turns_a_slider(app: RealApp, desk: Desk) -> None:
    slider = "window.sections.detection.score"
    app.ask(f"window.panel.scroller.ensureWidgetVisible({slider})")
    app.ask(f"{slider}.setFocus()")
    before = app.ask(f"{slider}.value()")
    desk.click(app.ask(f"where({slider})"), button=UP)
    app.until(f"{slider}.value() > {before}")
