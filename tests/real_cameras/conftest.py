"""A camera to plug in, and nothing left plugged in behind a test."""

import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.real_cameras.plugged import Plugged, nodes, prepare, wait_until


@pytest.fixture(scope="session", autouse=True)
def _drivers() -> None:
    prepare()
    for module in ("vhci-hcd", "uvcvideo"):
        subprocess.run(["modprobe", module], check=True, timeout=60)


@pytest.fixture
def plug() -> Iterator[Callable[..., Plugged]]:
    """Plugs a camera in; it is pulled out at the end."""
    plugged: list[Plugged] = []

    def make(**options: object) -> Plugged:
        plugged.append(Plugged(**options))  # type: ignore[arg-type] # as Plugged
        return plugged[-1]

    yield make
    for camera in plugged:
        camera.unplug()
    wait_until(lambda: not nodes(), "all nodes to go")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured, with `record_property`."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid}: {name} {figure}")
