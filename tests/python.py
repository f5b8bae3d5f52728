"""Python in a process of its own, which has loaded nothing yet."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run_python(*arguments: str, timeout_s: float = 60) -> str:
    """What `python ARGUMENTS`, run in the project's folder, prints."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=True,
    ).stdout


def start_app(*arguments: str) -> "subprocess.Popen[str]":
    """`main.py ARGUMENTS`, that goes on meanwhile; what it says, in one stream."""
    return subprocess.Popen(
        [sys.executable, "main.py", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said_by(code: str) -> str:
    """What `code` prints, run in the project's folder."""
    return run_python("-c", code)
