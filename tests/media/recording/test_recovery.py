"""What a recording keeps when its process is killed, and what becomes of it."""

import multiprocessing
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import av
import pytest

from app.errors import RecordingError
from app.media.recording.part_file import PartHandle, part_of
from app.media.recording.recorder import Mp4Recorder
from app.media.recording.recovery import find_unfinished, recover, recover_all
from app.sidecar import read_sidecar
from tests.campaign import FACTOR
from tests.media.numbered import info, make_video, numbered, numbers_in
from tests.media.recording.kill_child import record_until_killed
from tests.python import ROOT

WAIT_S = 60.0


def top_boxes(path: Path) -> list[str]:
    """The names of an MP4's outermost boxes, in order."""
    data, at, names = path.read_bytes(), 0, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        names.append(data[at + 4 : at + 8].decode("latin-1"))
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        at += size or len(data)
    return names


def due_of(path: Path, killed_at_s: float) -> list[int]:
    """The pictures that were handed over more than a second before."""
    text = path.with_suffix(".log").read_text()
    handed = [line.split() for line in text.split("\n")[:-1]]
    until_s = killed_at_s - 1
    return [int(number) for number, taken_s in handed if float(taken_s) <= until_s]


def check_numbers(path: Path, *, due: list[int]) -> None:
    """All that were due are in it, from the first on, and a line for each."""
    numbers = numbers_in(path)
    assert numbers == list(range(len(numbers))), path.name
    assert len(read_sidecar(path.with_suffix(".jsonl"))[1]) == len(numbers), path.name
    kept = len(set(due) & set(numbers))
    assert kept >= 0.99 * len(due), f"{path.name}: {kept} of {len(due)}"


def kill_recordings(folder: Path, seeds: range, *, kind: str = "recording") -> None:
    """One child a seed, side by side and live-paced, killed at a random moment."""
    # Of one process that has loaded what they need: that takes each a second.
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload([record_until_killed.__module__])
    children: list[tuple[BaseProcess, float, Path]] = []
    killed_at_s: dict[Path, float] = {}
    try:
        for seed in seeds:
            chance = random.Random(seed)
            path, fps = folder / f"{seed}.mp4", chance.choice([10, 25, 30])
            child: BaseProcess = forks.Process(
                target=record_until_killed, args=(path, fps, kind), daemon=True
            )
            child.start()
            children.append((child, chance.uniform(1.2, 4.0), path))
        # The clock of each starts with its first picture.
        waiting = list(children)
        give_up_s = time.monotonic() + WAIT_S
        while waiting:
            assert time.monotonic() < give_up_s, "the children do not record"
            for item in list(waiting):
                child, after_s, path = item
                log = path.with_suffix(".log")
                lines = log.read_text().splitlines() if log.exists() else []
                if not lines or not lines[0].count(" "):
                    continue
                if time.monotonic() >= float(lines[0].split()[1]) + after_s:
                    killed_at_s[path] = time.monotonic()
                    child.kill()
                    child.join(WAIT_S)
                    assert child.exitcode == -signal.SIGKILL
                    waiting.remove(item)
            time.sleep(0.02)
    finally:
        for child, _, _ in children:
            child.kill()
            child.join(WAIT_S)
    for path, at_s in killed_at_s.items():
        due = due_of(path, at_s)
        decoded = numbers_in(part_of(path))
        assert decoded == list(range(len(decoded))), path.name
        kept = len(set(due) & set(decoded))
        assert kept >= 0.99 * len(due), f"{path.name}: {kept} of {len(due)}"
        recovered = recover(part_of(path))
        assert recovered == path
        assert numbers_in(path) == decoded
        boxes = top_boxes(path)
        assert "moof" not in boxes
        assert boxes.index("moov") < boxes.index("mdat")
        if shutil.which("ffprobe"):
            probed = subprocess.run(
                [
                    *("ffprobe", "-v", "error", "-count_frames", "-show_entries"),
                    *("stream=nb_read_frames", "-of", "csv=p=0", str(path)),
                ],
                capture_output=True,
                text=True,
                check=True,
            )
            assert (probed.stdout.strip(), probed.stderr) == (str(len(decoded)), "")
        assert not part_of(path).exists()
        # Of replays that were being saved, what is there is whole.
        for replay in path.parent.glob(f"{path.stem}* replay *.mp4"):
            check_numbers(replay, due=[])
    recover_all(folder, say=print)
    for path, at_s in killed_at_s.items():
        if kind != "recording":
            check_numbers(path, due=due_of(path, at_s))
        if kind == "clean":
            event = path.with_name(f"{path.stem} event.mp4")
            check_numbers(event, due=due_of(path, at_s))
    assert not list(folder.glob(".*")), "a killed save has left something"


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_killed_recording_loses_less_than_a_second(tmp_path: Path) -> None:
    kill_recordings(tmp_path, range(4))


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_killed_clip_loses_less_than_a_second(tmp_path: Path) -> None:
    kill_recordings(tmp_path, range(4), kind="clip")
    assert all((tmp_path / f"{seed}.jsonl").exists() for seed in range(4))
    assert list(tmp_path.glob("* replay *.mp4"))  # saved before the end came


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize("first", range(0, 4 * FACTOR, 4))
def test_a_killed_recording_of_what_a_replay_encodes_loses_less_than_a_second(
    tmp_path: Path, first: int
) -> None:
    """Recording, clip and replays of one encoder: each goes on by itself."""
    kill_recordings(tmp_path, range(first, first + 4), kind="clean")


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_of_a_replay_whose_save_was_killed_nothing_hidden_is_left(
    tmp_path: Path,
) -> None:
    """It is there whole, with its sidecar, or not at all; what is not ours stays."""
    moments = ("clip", "unnamed", "half named", "whole")
    for moment in moments:
        (tmp_path / moment).mkdir()
        (tmp_path / moment / ".theirs.mp4.tmp").write_text("not ours")
    subprocess.run(
        [sys.executable, "-m", "tests.media.recording.save_child", str(tmp_path)],
        cwd=ROOT,
        check=True,
        timeout=WAIT_S,
    )
    for moment in moments:
        folder = tmp_path / moment
        assert part_of(folder / "a.mp4").exists()
        said: list[str] = []
        assert recover_all(folder, say=said.append) == []
        assert said == []
        named = {"a.mp4", "a.jsonl"} if moment in ("half named", "whole") else set()
        left = {path.name for path in folder.iterdir()}
        assert left == {".theirs.mp4.tmp", *named}, moment
        if named:
            assert numbers_in(folder / "a.mp4") == list(range(50))
            assert len(read_sidecar(folder / "a.jsonl")[1]) == 50


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize("first", range(0, 60 * FACTOR, 20))
def test_each_of_60_killed_clips_loses_less_than_a_second(
    tmp_path: Path, first: int
) -> None:
    kill_recordings(tmp_path, range(first, first + 20), kind="clip")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize("first", range(0, 60 * FACTOR, 20))
def test_each_of_60_killed_recordings_loses_less_than_a_second(
    tmp_path: Path, first: int
) -> None:
    kill_recordings(tmp_path, range(first, first + 20))


def cut_off(path: Path, *, source: Path | None = None, count: int = 50) -> Path:
    """The part of a recording that was never closed, as a kill leaves it."""
    recorder = Mp4Recorder(path)
    recorder.open(info(path=str(source) if source else None))
    for number in range(count):
        recorder.write(numbered(number), number / 25)
    copy = path.with_name("copy")
    shutil.copy(part_of(path), copy)
    recorder.close()
    path.unlink()
    return copy.rename(part_of(path))


def test_the_sound_of_a_file_survives_the_kill_too(tmp_path: Path) -> None:
    source = make_video(tmp_path / "in.mp4", [i / 25 for i in range(50)])
    part = cut_off(tmp_path / "out.mp4", source=source)
    path = recover(part)
    assert path is not None
    with av.open(str(path)) as container:
        assert len(container.streams.audio) == 1
        assert len(list(container.decode(audio=0))) > 20
    assert len(numbers_in(path)) > 20


def test_a_recovered_recording_takes_no_name_that_is_taken(tmp_path: Path) -> None:
    part = cut_off(tmp_path / "out.mp4")
    (tmp_path / "out.mp4").write_text("mine")
    assert recover(part) == tmp_path / "out (2).mp4"
    assert (tmp_path / "out.mp4").read_text() == "mine"


def test_a_recording_that_still_runs_is_left_alone(tmp_path: Path) -> None:
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    recorder.open(info())
    recorder.write(numbered(7), 0.0)
    assert find_unfinished(tmp_path) == []
    with pytest.raises(RecordingError, match="in use"):
        recover(part_of(tmp_path / "out.mp4"))
    recorder.close()
    assert numbers_in(tmp_path / "out.mp4") == [7]


def test_an_earlier_unfinished_one_is_recovered_before_its_name_is_used(
    tmp_path: Path,
) -> None:
    cut_off(tmp_path / "out.mp4")
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    recorder.open(info())
    recorder.write(numbered(999), 0.0)
    recorder.close()
    assert numbers_in(tmp_path / "out.mp4")[:20] == list(range(20))
    assert numbers_in(tmp_path / "out (2).mp4") == [999]


def test_a_part_torn_anywhere_gives_back_its_whole_pictures(tmp_path: Path) -> None:
    data = cut_off(tmp_path / "out.mp4").read_bytes()
    chance = random.Random(1)
    kept = 0
    # In the header, in a fragment's index (2275 to 2430), in its pictures.
    sizes = [chance.randrange(900, len(data)) for _ in range(24)]
    for size in sorted([*sizes, 2300, 2350, 2400]):
        part = tmp_path / ".torn.mp4.part"
        part.write_bytes(data[:size])
        path = recover(part)
        if path is None:
            assert not part.exists()
            continue
        numbers = numbers_in(path)
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= kept
        kept = len(numbers)
        path.unlink()
    assert kept > 20


@pytest.mark.parametrize(
    ("good", "damaged", "is_lost"),
    [
        (b"first_s", b"first\xff\xfe", False),  # in the note of where it came from
        (b"avc1", b"zzzz", True),  # no decoder for that
        (b"trak", b"zzzz", True),  # no pictures at all
    ],
)
def test_a_damaged_part_is_recovered_or_kept_and_named(
    tmp_path: Path, good: bytes, damaged: bytes, is_lost: bool
) -> None:
    part = cut_off(tmp_path / "out.mp4")
    data = part.read_bytes()
    assert good in data
    part.write_bytes(data.replace(good, damaged))
    said: list[str] = []
    recovered = recover_all(tmp_path, say=said.append)
    assert recovered == ([] if is_lost else [tmp_path / "out.mp4"])
    assert part.exists() == is_lost
    assert not is_lost or "cannot be recovered" in said[0]


def test_what_is_no_recording_of_ours_is_left_alone(tmp_path: Path) -> None:
    """A browser's download is called so, too, and is nobody's to finish but its."""
    strangers = {
        ".text.mp4.part": b"not a video at all" * 500,
        ".film.mp4.part": make_video(tmp_path / "a.mp4", [0.0, 0.04]).read_bytes(),
        ".film.mkv.part": make_video(tmp_path / "a.mkv", [0.0, 0.04]).read_bytes(),
    }
    for name, data in strangers.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / ".empty.mp4.part").touch()
    cut_off(tmp_path / "good.mp4")
    said: list[str] = []
    assert recover_all(tmp_path, say=said.append) == [tmp_path / "good.mp4"]
    assert len(said) == 1
    for name, data in strangers.items():
        assert (tmp_path / name).read_bytes() == data
        with pytest.raises(RecordingError, match="no recording of ours"):
            recover(tmp_path / name)
    names = {p.name for p in tmp_path.iterdir()}
    assert names == {*strangers, "a.mp4", "a.mkv", "good.mp4"}
    # Nor do they keep a recording of that name from being made.
    recorder = Mp4Recorder(tmp_path / "film.mp4")
    recorder.open(info())
    recorder.write(numbered(5), 0.0)
    recorded = recorder.close()
    assert recorded is not None
    assert numbers_in(tmp_path / "film.mp4") == [5]
    assert (tmp_path / ".film.mp4.part").read_bytes() == strangers[".film.mp4.part"]


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / ".a.mp4.part"
    handle = PartHandle(path)
    yield path
    handle.close()


def test_a_part_has_one_holder(held: Path) -> None:
    with pytest.raises(BlockingIOError):
        PartHandle(held)
