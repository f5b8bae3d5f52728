"""Python in a process of its own, which has loaded nothing yet."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def said_by(code: str) -> str:
    """What `code` prints, run in the project's folder."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
