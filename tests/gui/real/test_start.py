"""Nothing plays before somebody asks for it."""

import pytest

from tests.gui.real.conftest import StartApp

pytestmark = [pytest.mark.gui, pytest.mark.xcb, pytest.mark.slow]


def test_whoever_asks_for_nothing_is_asked(start_app: StartApp) -> None:
    app = start_app(talks=True)
    app.wait_for("the window is there")
    app.until("window.sections.backend.device.count() > 1")  # all is looked for by now
    assert app.ask("player.is_running") is False
    assert app.ask("window.page.isVisible()")
    assert app.ask("window.notice.text") == ""
    app.ask("window.page.click('Play the street clip')")
    app.until("player.info is not None")
    assert app.ask("player.source_text").endswith("bikes.mp4")
