"""Programs that are not ours, and that a machine may be without."""

import shutil
import subprocess

import pytest


def run_ffmpeg(*arguments: str) -> None:
    """`ffmpeg ARGUMENTS`; the test is skipped where it is not installed."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg program here")
    subprocess.run(["ffmpeg", "-v", "error", *arguments], check=True, timeout=60)
