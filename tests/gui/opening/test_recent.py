"""What app.gui.opening.recent promises."""

import json
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.gui.opening.recent import KEPT, RecentSources
from tests.python import ROOT


def redact(text: str) -> str:
    return re.sub("//.*@", "//", text)


@pytest.fixture
def recent(tmp_path: Path) -> RecentSources:
    return RecentSources(tmp_path / "recent.json", redact=redact)


def test_the_newest_is_first_and_each_is_there_once(recent: RecentSources) -> None:
    for text in ("a.mp4", "b.mp4", "a.mp4"):
        recent.add(text)
    assert recent.names == ["a.mp4", "b.mp4"]


def test_only_so_many_are_kept(recent: RecentSources) -> None:
    for number in range(KEPT + 3):
        recent.add(f"{number}.mp4")
    assert len(recent.names) == KEPT
    assert recent.names[0] == f"{KEPT + 2}.mp4"


def test_a_password_opens_it_again_but_reaches_neither_menu_nor_disk(
    recent: RecentSources, tmp_path: Path
) -> None:
    recent.add("rtsp://me:secret@host/live")
    assert recent.names == ["rtsp://host/live"]
    assert recent.text("rtsp://host/live") == "rtsp://me:secret@host/live"
    recent.save()
    saved = (tmp_path / "recent.json").read_text()
    assert "secret" not in saved
    assert "me" not in saved


def test_they_are_there_at_the_next_start(
    recent: RecentSources, tmp_path: Path
) -> None:
    recent.add("a.mp4")
    recent.add("b.mp4")
    recent.save()
    again = RecentSources(tmp_path / "recent.json", redact=redact)
    again.load()
    assert again.names == ["b.mp4", "a.mp4"]


def test_what_was_opened_before_the_file_was_read_stays_first(
    recent: RecentSources, tmp_path: Path
) -> None:
    (tmp_path / "recent.json").write_text(json.dumps(["old.mp4", "new.mp4"]))
    recent.add("new.mp4")
    recent.load()
    assert recent.names == ["new.mp4", "old.mp4"]


@pytest.mark.parametrize("broken", ["", "{", '{"a": 1}', "[1, null]"])
def test_a_broken_file_is_an_empty_one(
    recent: RecentSources, tmp_path: Path, broken: str
) -> None:
    (tmp_path / "recent.json").write_text(broken)
    recent.load()
    assert recent.names == []


def test_two_windows_keep_what_each_of_them_opened(tmp_path: Path) -> None:
    one, two = (
        RecentSources(tmp_path / "recent.json", redact=redact) for _ in range(2)
    )
    for window, text in ((one, "a.mp4"), (two, "b.mp4"), (one, "c.mp4")):
        window.add(text)
        window.save()
    assert one.names == ["c.mp4", "b.mp4", "a.mp4"]
    two.save()  # nothing of its own is new
    assert json.loads((tmp_path / "recent.json").read_text()) == one.names


def test_to_forget_is_to_forget_what_another_window_opened(tmp_path: Path) -> None:
    one, two = (
        RecentSources(tmp_path / "recent.json", redact=redact) for _ in range(2)
    )
    for window in (one, two):
        window.add("a.mp4")
        window.save()
    one.forget()
    one.save()
    two.add("b.mp4")
    two.save()
    assert json.loads((tmp_path / "recent.json").read_text()) == ["b.mp4"]


HAMMER = """
import os, sys
from pathlib import Path
from app.gui.opening.recent import RecentSources
recent = RecentSources(Path(sys.argv[1]), redact=str)
for count in range(300 * int(os.environ.get('CAMPAIGN', '1'))):
    recent.add(f"{sys.argv[2]} {'x' * (count % 50)}.mp4")
    recent.save()
"""


def test_two_windows_that_save_at_once_leave_no_torn_file(tmp_path: Path) -> None:
    path = tmp_path / "recent.json"
    path.write_text("[]")
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                subprocess.Popen([sys.executable, "-c", HAMMER, str(path), n], cwd=ROOT)
            )
            for n in ("a", "b")
        ]
        while any(writer.poll() is None for writer in writers):
            json.loads(path.read_text())  # raises where it is torn
        assert [writer.wait(60) for writer in writers] == [0, 0]
    assert [p.name for p in tmp_path.iterdir()] == ["recent.json"]
