"""`main.py serve`, as a process of its own, and the app that asks it."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import main
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.python import ROOT


def test_another_process_watches_with_it_and_it_ends_when_told(
    make_model: MakeModel, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--model", str(make_model()), "--port", "0", "--device", "cpu")
    child = subprocess.Popen(
        [sys.executable, "-u", "main.py", "serve", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        # Who is started by a shell in the background ignores it, and its children do.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert child.stdout is not None
        said = child.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/v2/models/tiny$", said.strip())
        assert address is not None, said
        arguments = [str(clip), "--headless", "--model", address[0]]
        assert main.main(arguments) == 0
        assert "250 frames" in capsys.readouterr().out
        child.send_signal(signal.SIGINT)
        assert child.wait(20) in (0, 130)
    finally:
        child.kill()
        child.communicate()


def test_a_port_that_is_taken_is_a_sentence(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["serve", "--model", str(make_model()), "--device", "cpu"]
    assert main.main([*arguments, "--host", "203.0.113.1"]) == 2
    said = capsys.readouterr().err
    assert "Nothing can listen on 203.0.113.1, port 8000" in said
    assert "Choose another --port, or --host." in said


def test_what_runs_elsewhere_is_not_served_from_here(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main.main(["serve", "--model", "http://host/v2/models/m"]) == 2
    assert "Choose a file." in capsys.readouterr().err
