"""A screen, a window manager, a mouse and a keyboard of a test's own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.python import ROOT

# Starting takes its time on a machine that runs other tests too.
START_S = 60.0
WAIT_S = 15.0
NEEDED = ("Xvfb", "openbox", "xdotool")


def missing_tools() -> list[str]:
    """What is not installed here."""
    return [name for name in NEEDED if shutil.which(name) is None]


class Desk:
    """An X server with a window manager; `close` ends both."""

    def __init__(self, home: Path, *, size_wh: tuple[int, int] = (1280, 800)) -> None:
        width, height = size_wh
        self.home = home
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._server.stdout is not None
        number = self._server.stdout.readline().strip()
        self.environment = os.environ | {
            "DISPLAY": f":{number}",
            "QT_QPA_PLATFORM": "xcb",
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_VIDEOS_DIR": str(home / "Videos"),
            "OMP_NUM_THREADS": "1",
        }
        self._manager = subprocess.Popen(
            ["openbox"],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """End it all."""
        for process in (self._manager, self._server):
            process.terminate()
            process.wait(10)
        assert self._server.stdout is not None
        self._server.stdout.close()

    def do(self, *arguments: str | float) -> str:
        """What `xdotool` does, with the mouse and the keyboard of this screen."""
        return subprocess.run(
            ["xdotool", *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=True,
        ).stdout

    def key(self, *names: str) -> None:
        """Press keys, one after another."""
        self.do("key", "--clearmodifiers", *names)

    def wait_active(self, title: str) -> None:
        """Until the window of that title has the keyboard."""
        command = ["xdotool", "getactivewindow", "getwindowname"]

        def is_active() -> bool:
            answer = subprocess.run(
                command,
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=WAIT_S,
                check=False,  # it fails where none is
            )
            return answer.stdout.strip() == title

        poll(is_active, WAIT_S, f"{title} is active")

    def click(self, at_xy: tuple[int, int], *, button: int = 1, times: int = 1) -> None:
        """Go there and click; 4 and 5 are the wheel, up and down."""
        self.do("mousemove", *at_xy, "click", "--repeat", times, "--delay", 30, button)

    def drop(self, paths: Sequence[Path], at_xy: tuple[int, int]) -> None:
        """Drag files out of another program's window, and let go of them there."""
        script = Path(__file__).with_name("drag_source.py")
        source = subprocess.Popen(
            [sys.executable, str(script), *map(str, paths)], env=self.environment
        )
        try:
            self.do("search", "--sync", "--onlyvisible", "--name", "Files to drag")
            # In the corner; a window may be there before it hears of the mouse.
            poll(self._grabs_files, WAIT_S, "the files are held")
            x, y = at_xy
            for share in (0.02, 0.05, 0.3, 0.7, 0.95):
                step = round(20 + share * (x - 20)), round(20 + share * (y - 20))
                self.do("mousemove", *step, "sleep", 0.2)
            # Whoever is below has to say that it takes them, and may be busy.
            for nudge in range(8):
                self.do("mousemove", x + nudge % 2, y, "sleep", 0.25)
            self.do("mouseup", 1, "search", "--sync", "--name", "Files to drag")
        finally:
            source.kill()  # a drag that goes on hears of nothing gentler
            source.wait(10)

    def _grabs_files(self) -> bool:
        self.do("mouseup", 1, "mousemove", 20, 20, "mousedown", 1, "sleep", 0.5)
        command = ["xdotool", "search", "--name", "Files that are held"]
        return not subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            timeout=WAIT_S,
            check=False,
        ).returncode

    def run(self, *arguments: str, talks: bool = False) -> "RealApp":
        """Start the app on this screen."""
        script = "tests/gui/real/talking.py" if talks else "main.py"
        return RealApp([script, *arguments], self.environment)


class RealApp:
    """The app in a process of its own.

    Attributes:
        log: what it has written on standard error so far.
    """

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *arguments, "--verbose"],
            cwd=ROOT,
            env=environment | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log: list[str] = []
        self._said = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._said:
                self.log.append(line)
                self._said.notify_all()

    def wait_for(self, text: str, timeout_s: float = START_S) -> None:
        """Until it has logged `text`."""
        with self._said:
            found = self._said.wait_for(
                lambda: (
                    any(text in line for line in self.log)
                    or self._process.poll() is not None
                ),
                timeout_s,
            )
        assert found, f"no {text} in\n{self.all_log}"
        assert any(text in line for line in self.log), self.all_log

    @property
    def all_log(self) -> str:
        """In one piece."""
        return "".join(self.log)

    def ask(self, expression: str) -> Any:  # noqa: ANN401 - whatever it answers
        """The value of an expression in the app; see `talking.py`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(expression + "\n")
        self._process.stdin.flush()
        while line := self._process.stdout.readline():
            if line.startswith("= "):
                return json.loads(line[2:])
        raise AssertionError(f"no answer:\n{self.all_log}")

    def until(self, expression: str, timeout_s: float = WAIT_S) -> None:
        """Until the expression is true in the app."""
        poll(lambda: bool(self.ask(expression)), timeout_s, expression)

    def send(self, number: signal.Signals) -> None:
        """A signal, as a shell or the system would."""
        self._process.send_signal(number)

    def exit_code(self, timeout_s: float) -> int | None:
        """Of its end; None where it goes on for longer than that."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """Whatever it does."""
        self._process.kill()
        self._process.wait(10)
        self._reader.join(10)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()


def poll(claim: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Ask again and again until it is so."""
    pause, end_s = threading.Event(), time.monotonic() + timeout_s
    while not claim():
        assert time.monotonic() < end_s, f"not within {timeout_s} s: {what}"
        pause.wait(0.05)
