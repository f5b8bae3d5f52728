"""Nothing is sent, and nothing is written but what was asked for."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from tests.alerts.parts import a_server
from tests.conftest import ROOT

EARS = Path(__file__).with_name("ears")
CLIP = ROOT / "assets" / "bikes.mp4"
MODEL = ROOT / "assets" / "models" / "mobilenet_ssd.onnx"
TIMEOUT_S = 120

pytestmark = pytest.mark.skipif(not MODEL.is_file(), reason=f"no model at {MODEL}")


class Heard:
    """A process and its children, in a home of their own."""

    def __init__(self, folder: Path) -> None:
        self.home, self.log = folder / "home", folder / "heard"
        self.home.mkdir()
        # Under CI, ONNX Runtime sends nothing by itself: that would prove nothing.
        silent = ("CI", "GITHUB_ACTIONS", "ORT_DISABLE_TELEMETRY", "TF_BUILD")
        self.environment = {k: v for k, v in os.environ.items() if k not in silent} | {
            "EARS": str(self.log),
            "PYTHONPATH": str(EARS),
            "PYTHONDONTWRITEBYTECODE": "1",
            "QT_QPA_PLATFORM": "offscreen",
            "TMPDIR": str(folder / "tmp"),
            **dict.fromkeys(("HOME", "USERPROFILE"), str(self.home)),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "XDG_DATA_HOME": str(self.home / ".local"),
        }
        (folder / "tmp").mkdir()
        # Networks as OpenVINO compiled them; whoever deletes them loses a second.
        self.cache = self.home / ".cache" / "mobilenet-ssd-live" / "openvino"
        self.cache.mkdir(parents=True)

    def start(self, *command: str, cwd: Path = ROOT) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def told(self, *kinds: str) -> list[str]:
        if not self.log.exists():
            return []
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [text for kind, text in lines if kind in kinds]

    def left_in_home(self) -> set[str]:
        """Whoever wrote it: C++ too; without the networks in our cache."""
        return {
            str(path.relative_to(self.home))
            for path in self.home.rglob("*")
            if path.is_file()
            and not (path.parent == self.cache and path.suffix == ".compiled")
        }


@pytest.fixture
def heard(tmp_path: Path) -> Heard:
    return Heard(tmp_path)


def main_py(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, str(ROOT / "main.py"), *arguments)


def sent(heard: Heard) -> list[str]:
    """What it looked up or sent; an address of the file system leads nowhere else."""
    texts = heard.told("ask", "send")
    return [text for text in texts if not text.startswith(("/", "\0", "b'\\x00"))]


def written(heard: Heard, *allowed: Path) -> list[str]:
    """The files written outside `allowed`, our cache and folders for temporary ones."""
    folders = (
        *(*allowed, heard.cache),
        *(Path(heard.environment["TMPDIR"]), Path(os.devnull).parent),
    )
    return [
        text
        for text in heard.told("write")
        if not any(Path(text).is_relative_to(folder) for folder in folders)
    ]


def test_the_ears_hear(heard: Heard, tmp_path: Path) -> None:
    code = (
        "import socket, subprocess, sys\n"
        "open('kept', 'w').close()\n"
        "try: socket.getaddrinfo('nowhere.invalid', 80)\n"
        "except OSError: pass\n"
        "subprocess.run([sys.executable, '-c', 'import socket; "
        'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("127.0.0.1", 9))\'])'
    )
    process = heard.start(sys.executable, "-c", code, cwd=tmp_path)
    said = process.communicate(timeout=TIMEOUT_S)[0]
    assert process.returncode == 0, said
    assert sent(heard) == ["nowhere.invalid", "('127.0.0.1', 9)"]
    assert written(heard) == [str(tmp_path / "kept")]
    assert written(heard, tmp_path) == []


def commands(out: Path) -> Iterator[tuple[str, ...]]:
    videos = (str(CLIP), str(out.parent / "short.mp4"))
    yield ("doctor",)
    yield ("--source", str(CLIP), "--headless", "--record", str(out / "a.mp4"))
    yield ("export", *videos, "--out", str(out), "--jobs", "2")


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3), ids=("doctor", "headless", "export"))
def test_a_command_sends_nothing_and_writes_only_what_was_asked_for(
    heard: Heard, tmp_path: Path, number: int
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "short.mp4").write_bytes(CLIP.read_bytes())
    command = list(commands(out))[number]
    process = heard.start(*main_py(*command))
    said = process.communicate(timeout=TIMEOUT_S)[0]
    assert process.returncode in ((0, 1) if number == 0 else (0,)), said
    assert "onnxruntime.capi._pybind_state" in heard.told("import")
    assert sent(heard) == []
    assert written(heard, out) == []
    assert heard.left_in_home() == set()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="ends it with a signal")
def test_a_window_sends_nothing_in_its_life(heard: Heard, tmp_path: Path) -> None:
    process = heard.start(*main_py("--source", str(CLIP)))
    due_s = time.monotonic() + TIMEOUT_S
    try:
        while "onnxruntime.capi._pybind_state" not in heard.told("import"):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < due_s
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.2)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(5)  # it plays
    finally:
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=TIMEOUT_S)[0]
    assert process.returncode == 0, said
    assert sent(heard) == []
    ours = heard.home / ".config" / "mobilenet-ssd-live"
    assert written(heard, ours) == []
    folders = {Path(name).parts[:2] for name in heard.left_in_home()}
    assert folders <= {(".config", "mobilenet-ssd-live")}, heard.left_in_home()


def test_alerts_go_to_whom_the_rules_name_and_to_nobody_else(
    heard: Heard, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.json"
    with a_server() as server:
        url = f"http://127.0.0.1:{server.port}/hook"
        rules.write_text(json.dumps({"alerts": {"webhook": url}}))
        process = heard.start(*main_py("watch", "--rules", str(rules), "--try-alerts"))
        said = process.communicate(timeout=TIMEOUT_S)[0]
        assert process.returncode == 0, said
        assert len(server.posts) == 2
    assert set(sent(heard)) == {"127.0.0.1", f"('127.0.0.1', {server.port})"}
    assert written(heard) == []


@pytest.mark.slow
@pytest.mark.skipif(which("strace") is None, reason="strace hears C++; it is not here")
def test_no_library_reaches_the_network_either(heard: Heard, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    strace = ("strace", "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(trace))
    process = heard.start(*strace, *main_py("doctor"))
    said = process.communicate(timeout=TIMEOUT_S)[0]
    assert process.returncode in (0, 1), said
    assert [line for line in trace.read_text().splitlines() if "AF_INET" in line] == []


@pytest.mark.parametrize("room", ["app", "model", "benchmarks"])
def test_every_room_is_quiet_before_a_library_loads(heard: Heard, room: str) -> None:
    code = f"import {room}, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    process = heard.start(sys.executable, "-c", code)
    assert process.communicate(timeout=TIMEOUT_S)[0].strip() == "1"
