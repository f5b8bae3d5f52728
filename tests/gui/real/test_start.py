"""What somebody opens while the app starts is what plays."""

import pytest

from tests.gui.real.conftest import StartApp

pytestmark = [pytest.mark.gui, pytest.mark.xcb, pytest.mark.slow]


def test_what_is_opened_at_once_is_not_replaced(
    start_app: StartApp,
) -> None:
    """In the very first moment: before anything was looked for."""
    app = start_app(talks=True)
    app.wait_for("the window is there")
    app.ask("window.open_source('test')")
    app.until("player.info is not None")
    app.until("window.sections.backend.device.count() > 1")  # looked for after that
    assert app.ask("player.source_text") == "test"
    assert "No camera" not in app.ask("window.notice.text")


def test_whoever_asks_for_nothing_gets_the_clip(start_app: StartApp) -> None:
    app = start_app(talks=True)
    app.until("player.info is not None", 60)
    assert app.ask("player.source_text").endswith("bikes.mp4")
