"""A desk of a test's own, and apps on it that end with the test."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.gui.real.desk import Desk, RealApp, missing_tools

StartApp = Callable[..., RealApp]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A screen of 1280 x 800, and a home with nothing in it."""
    if sys.platform != "linux":
        pytest.skip("X11 is Linux's")
    if missing := missing_tools():
        pytest.skip(f"not installed: {', '.join(missing)}")
    home = tmp_path / "home"
    home.mkdir()
    desk = Desk(home)
    yield desk
    desk.close()


@pytest.fixture
def start_app(desk: Desk, make_model: MakeModel) -> Iterator[StartApp]:
    """Starts it on `desk`, with a small model on the CPU."""
    started: list[RealApp] = []

    def start(*arguments: str, talks: bool = False) -> RealApp:
        options = ["--model", str(make_model()), "--device", "cpu"]
        started.append(desk.run(*arguments, *options, talks=talks))
        return started[-1]

    yield start
    for app in started:
        app.kill()
