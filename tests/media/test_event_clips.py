"""What app.media.clips promises: what led to it, what happened, and little disk."""

import errno
import os
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from app.errors import RecordingError
from app.media.clips.event_clip import EVENT
from app.media.clips.folder import STAR, make_room
from app.media.recording.encoder import EncodedPicture
from app.media.recording.muxer import Muxer
from app.media.recording.part_file import part_of
from app.media.recording.recovery import recover_all
from app.media.recording.replay import ReplayRing
from app.sidecar import read_sidecar
from tests.media.numbered import make_video, numbered, numbers_in
from tests.media.recording.test_replay import one_box


def add(ring: ReplayRing, numbers: range) -> None:
    for number in numbers:
        found = one_box(number, 2, number + 5, 9)
        ring.add(numbered(number), number / 25, found, fps=Fraction(25))


def check(clip: Path, numbers: list[int]) -> None:
    assert numbers_in(clip) == numbers
    header, frames = read_sidecar(clip.with_suffix(".jsonl"))
    assert header.source == str(clip)
    assert header.settings[EVENT] == "person"
    assert [frame.detections.boxes_xyxy[0][0] for frame in frames] == numbers


def test_a_clip_has_what_was_before_and_what_came_then(tmp_path: Path) -> None:
    ring = ReplayRing(keep_s=5.0)
    add(ring, range(100))
    ring.begin_clip(tmp_path / "new" / "a.mp4", seconds=2.0, event="person")
    add(ring, range(100, 160))
    clip = ring.end_clip()
    assert ring.end_clip() is None
    add(ring, range(160, 170))  # not in it any more
    assert clip is not None
    info = clip.finish()
    assert info.path == str(tmp_path / "new" / "a.mp4")
    # Two seconds before picture 99 is 49; the group of it, a second long, begins at 25.
    assert info.frame_count == 160 - 25
    assert info.duration_s == pytest.approx((160 - 25) / 25, abs=0.01)
    check(tmp_path / "new" / "a.mp4", list(range(25, 160)))
    assert len(list((tmp_path / "new").iterdir())) == 2
    ring.close()


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    ring = ReplayRing()
    add(ring, range(30))
    (tmp_path / "a.mp4").write_text("mine")
    ring.begin_clip(tmp_path / "a.mp4", seconds=10, event="person")
    clip = ring.end_clip()
    assert clip is not None
    assert clip.finish().path == str(tmp_path / "a (2).mp4")
    check(tmp_path / "a (2).mp4", list(range(30)))
    assert (tmp_path / "a.mp4").read_text() == "mine"
    ring.close()


def test_what_a_crash_leaves_is_mended_with_its_sidecar(tmp_path: Path) -> None:
    ring = ReplayRing()
    add(ring, range(30))
    ring.begin_clip(tmp_path / "a.mp4", seconds=10, event="person")
    add(ring, range(30, 80))
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    part = part_of(tmp_path / "a.mp4")
    for file in (part, part.with_suffix(".lines")):
        shutil.copy(file, crashed)
    (recovered,) = recover_all(crashed, say=print)
    count = len(numbers_in(recovered))
    assert 55 < count <= 80
    check(recovered, list(range(count)))
    assert len(list(crashed.iterdir())) == 2
    clip = ring.end_clip()
    assert clip is not None
    clip.finish()
    ring.close()


def test_a_folder_that_cannot_be_had_is_a_sentence_and_the_ring_goes_on(
    tmp_path: Path,
) -> None:
    ring = ReplayRing()
    add(ring, range(30))
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="cannot be written"):
        ring.begin_clip(tmp_path / "file" / "a.mp4", seconds=1, event="person")
    add(ring, range(30, 40))
    assert ring.end_clip() is None
    ring.save(tmp_path / "b.mp4")
    assert numbers_in(tmp_path / "b.mp4") == list(range(40))
    ring.close()


def test_the_oldest_go_but_no_starred_and_nothing_else(tmp_path: Path) -> None:
    ring = ReplayRing()
    add(ring, range(30))
    clips = []
    for number in range(5):
        ring.begin_clip(tmp_path / f"{number}.mp4", seconds=10, event="person")
        clip = ring.end_clip()
        assert clip is not None
        clips.append(Path(clip.finish().path))
        os.utime(clips[-1], (number, number))
    ring.save(tmp_path / "replay.mp4")  # asked for by hand: stays
    ring.close()
    mine = make_video(tmp_path / "mine.mp4", [0.0, 0.04])
    os.utime(mine, (0, 0))
    clips[0].with_suffix(STAR).touch()
    size = clips[0].stat().st_size
    assert make_room(tmp_path, 10 * size) == []
    assert make_room(tmp_path, 3 * size) == [clips[1], clips[2]]
    assert make_room(tmp_path, 0) == [clips[3], clips[4]]
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {
        *("0.mp4", "0.jsonl", "0.star"),
        *("replay.mp4", "replay.jsonl", "mine.mp4"),
    }


class FullAfter:
    """A disk that is full after so many pictures of a clip, for ten of them."""

    def __init__(self, pictures: int) -> None:
        self._left = pictures

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write, disk = Muxer.write, self

        def full(self: Muxer, picture: EncodedPicture, **when: int) -> None:
            disk._left -= 1
            if -10 <= disk._left < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            write(self, picture, **when)

        monkeypatch.setattr(Muxer, "write", full)


def test_where_the_disk_is_full_a_clip_ends_early_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = ReplayRing()
    add(ring, range(30))
    FullAfter(40).patch(monkeypatch)
    ring.begin_clip(tmp_path / "a.mp4", seconds=10, event="person")
    add(ring, range(30, 80))  # the ring goes on; a clip with a gap does not
    clip = ring.end_clip()
    assert clip is not None
    info = clip.finish()
    assert any("ended early: No space left on device." in n for n in info.notes)
    numbers = numbers_in(tmp_path / "a.mp4")
    assert numbers == list(range(40))
    header, frames = read_sidecar(tmp_path / "a.jsonl")
    assert header.source == str(tmp_path / "a.mp4")
    assert len(frames) == info.frame_count == 40
    monkeypatch.undo()
    ring.save(tmp_path / "b.mp4")
    assert numbers_in(tmp_path / "b.mp4") == list(range(80))
    ring.close()


def test_a_clip_without_a_picture_is_no_clip_but_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = ReplayRing()
    add(ring, range(30))
    FullAfter(0).patch(monkeypatch)
    ring.begin_clip(tmp_path / "a.mp4", seconds=10, event="person")
    clip = ring.end_clip()
    assert clip is not None
    with pytest.raises(RecordingError, match="could not be finished: No space left"):
        clip.finish()
    assert not (tmp_path / "a.mp4").exists()
    assert not (tmp_path / "a.jsonl").exists()
    ring.close()


def test_a_clip_whose_end_cannot_be_written_has_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a crash: what was on the disk by then is a clip, and has its lines."""
    ring = ReplayRing()
    add(ring, range(30))
    ring.begin_clip(tmp_path / "a.mp4", seconds=10, event="person")
    add(ring, range(30, 80))
    close = Muxer.close

    def torn(self: Muxer) -> None:
        close(self)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Muxer, "close", torn)
    clip = ring.end_clip()
    assert clip is not None
    info = clip.finish()
    assert info.path == str(tmp_path / "a.mp4")
    check(tmp_path / "a.mp4", list(range(80)))
    ring.close()


def test_a_clip_that_cannot_begin_blocks_no_later_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its part is let go of: another of that name can be written, and it mended."""
    ring = ReplayRing()
    add(ring, range(30))
    with monkeypatch.context() as full:

        def refuse(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        full.setattr("app.media.clips.event_clip.Lines", refuse)
        with pytest.raises(RecordingError, match="No space left on device"):
            ring.begin_clip(tmp_path / "a.mp4", seconds=10, event="person")
    assert ring.end_clip() is None
    recover_all(tmp_path, say=print)
    assert list(tmp_path.iterdir()) == []
    ring.begin_clip(tmp_path / "a.mp4", seconds=10, event="person")
    clip = ring.end_clip()
    assert clip is not None
    assert clip.finish().path == str(tmp_path / "a.mp4")
    check(tmp_path / "a.mp4", list(range(30)))
    ring.close()
