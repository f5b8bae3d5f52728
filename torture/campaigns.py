"""The tests' own campaigns, longer: kills, full disks, faults, switches."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass

from benchmarks.machine import ROOT

# What it is, and the tests; how often is said by CAMPAIGN (see tests/campaign.py).
CAMPAIGNS = {
    "recordings killed (SIGKILL)": (
        "tests/media/recording/test_recovery.py",
        "killed_recording",
    ),
    "replays and event clips killed": (
        "tests/media/recording/test_recovery.py",
        "killed_clip",
    ),
    "finishing killed": ("tests/media/recording/test_finishing.py", "killed"),
    "folders of several users": (
        "tests/media/recording/test_finishing.py",
        "another_user or read_only or many_who_recover",
    ),
    "replays at any moment": ("tests/media/recording/test_replay.py", "law"),
    "clean recordings at any moment": (
        "tests/media/test_clean_recordings.py",
        "law",
    ),
    "disks that fill up": ("tests/media/recording/test_recorder_trust.py", "disk"),
    "camera faults": ("tests/media/sources/test_live_source.py", "faults"),
    "exports killed": ("tests/export/test_job.py", "killed"),
    "exports killed as they go on": ("tests/export/test_two_at_once.py", "killed"),
    "two exports at once": ("tests/export/test_two_at_once.py", "two"),
    "two windows: settings": ("tests/test_settings.py", "two_windows"),
    "two windows: recent": ("tests/gui/opening/test_recent.py", "two_windows"),
    "readers that leave": ("tests/cli/test_ending.py", "leaves"),
    "switches between detectors": ("tests/pipeline/test_switching.py", "switches"),
    "random clicks and keys": ("tests/gui/test_monkey.py", ""),
}


@dataclass(frozen=True, slots=True)
class Campaign:
    """How one went.

    Attributes:
        name: what it was.
        summary: pytest's last line.
        passed: whether all did; None where there is no such test here.
        spent_s: the time it took.
    """

    name: str
    summary: str
    passed: bool | None
    spent_s: float


def run(name: str, *, factor: int, patience_s: float) -> Campaign:
    """Run a campaign `factor` times as long as the tests do."""
    file, keyword = CAMPAIGNS[name]
    began_s = time.monotonic()
    if not (ROOT / file).is_file():
        return Campaign(name, "there is no such test", None, 0.0)
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
                *(file, "-k", keyword or "test"),
            ],
            cwd=ROOT,
            env={**os.environ, "CAMPAIGN": str(factor)},
            capture_output=True,
            text=True,
            timeout=patience_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Campaign(name, f"not done within {patience_s:.0f} s", False, patience_s)
    lines = done.stdout.strip().splitlines() or ["no output"]
    summary = re.sub(r" in [\d.]+s.*", "", lines[-1].strip("= "))
    spent_s = time.monotonic() - began_s
    return Campaign(name, summary, done.returncode == 0, spent_s)
