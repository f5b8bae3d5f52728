"""What tools/install-desktop promises, held by GLib's own reader where it is there."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.python import ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("gio") is None, reason="no gio to launch it"
)


def test_the_entry_starts_the_app_whatever_its_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No percent sign: GLib looks for the file by its escaped name.
    folder = tmp_path / 'a "b" $HOME `c` d\\e'
    folder.mkdir()
    app = folder / "app"
    said = tmp_path / "said"
    os.mkfifo(said)  # reading it waits for the app
    app.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{said}\n')
    app.chmod(app.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    subprocess.run([ROOT / "tools/install-desktop", app, "main.py"], check=True)
    share = tmp_path / "share"
    entry = share / "applications/mobilenet-ssd-live.desktop"
    assert list(share.rglob("mobilenet-ssd-live.svg"))
    clip = tmp_path / "my clip.mp4"
    clip.touch()
    subprocess.run(["gio", "launch", entry, clip], check=True, timeout=60)
    assert said.read_text().splitlines() == ["main.py", str(clip)]
