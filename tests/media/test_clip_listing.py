"""What is listed of a folder of clips."""

import os
from pathlib import Path

import pytest

from app.media.clips.event_clip import EVENT
from app.media.clips.listing import list_clips, set_star, thumbnail
from app.media.recording.replay import ReplayRing
from app.sidecar import SidecarHeader, SidecarWriter
from tests.media.numbered import HEIGHT, WIDTH
from tests.media.test_event_clips import add


def fill(folder: Path) -> None:
    """An event of 20 pictures, a replay of 30, and files of others."""
    ring = ReplayRing()
    add(ring, range(20))
    ring.begin_clip(folder / "dog.mp4", seconds=10, event="dog enters Yard")
    clip = ring.end_clip()
    assert clip is not None
    clip.finish()
    add(ring, range(20, 30))
    ring.save(folder / "Cam replay 2026.mp4")
    ring.close()
    for name, at_s in (("dog", 1000), ("Cam replay 2026", 2000)):
        os.utime(folder / f"{name}.mp4", (at_s, at_s))
    header = SidecarHeader("a.mp4", (6, 4), "m", "", ("dog",), {})
    SidecarWriter(folder / "export.jsonl", header).close()
    (folder / "export.mp4").write_bytes((folder / "dog.mp4").read_bytes())
    header = SidecarHeader("b.mp4", (6, 4), "m", "", ("dog",), {EVENT: "cut"})
    SidecarWriter(folder / "torn.jsonl", header).close()
    (folder / "torn.mp4").write_bytes(b"no video")
    (folder / "broken.jsonl").write_text("{")
    (folder / "broken.mp4").write_bytes(b"")


def test_events_and_replays_are_listed_newest_first_and_nothing_else(
    tmp_path: Path,
) -> None:
    fill(tmp_path)
    replay, event = list_clips(tmp_path)
    assert (replay.path.name, replay.title) == ("Cam replay 2026.mp4", "")
    assert (event.path.name, event.title) == ("dog.mp4", "dog enters Yard")
    assert replay.duration_s == pytest.approx(30 / 25, abs=0.05)
    assert (replay.ended_at_s, event.ended_at_s) == (2000, 1000)
    assert len(list_clips(tmp_path, most=1)) == 1
    assert list_clips(tmp_path / "nowhere") == []


def test_a_star_is_given_and_taken(tmp_path: Path) -> None:
    fill(tmp_path)
    clip = list_clips(tmp_path)[1]
    for is_starred in (True, False, False):
        set_star(clip.path, is_starred)
        assert list_clips(tmp_path)[1].is_starred is is_starred


def test_a_thumbnail_has_the_shape_of_its_clip(tmp_path: Path) -> None:
    fill(tmp_path)
    picture = thumbnail(tmp_path / "dog.mp4", width=80)
    assert picture.shape == (round(80 * HEIGHT / WIDTH), 80, 3)
