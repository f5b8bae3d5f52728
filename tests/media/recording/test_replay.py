"""What app.media.recording.replay promises: the last seconds, whole, when asked."""

import json
import os
import random
import shutil
import subprocess
import threading
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace

from app.detection.sidecar_detector import SidecarDetector
from app.drawing.overlay import draw
from app.errors import RecordingError
from app.export.render import render
from app.media.recording.recorder import Mp4Recorder
from app.media.recording.replay import ReplayRing
from app.media.sources.make import make_source
from app.sidecar import read_sidecar
from app.types import Detections, Found
from tests.campaign import FACTOR
from tests.media.numbered import number_in, numbered, numbers_in

CLASSES = ("background", "person")
NOTHING = Found(Detections.empty(), CLASSES, 0.5, "a.onnx")


def one_box(x1: float, y1: float, x2: float, y2: float) -> Found:
    return Found(
        Detections(
            np.array([[x1, y1, x2, y2]], np.float32),
            np.array([0.9], np.float32),
            np.array([1], np.int64),
        ),
        CLASSES,
        0.5,
        "a.onnx",
    )


def shown(path: Path) -> tuple[list[int], list[float], list[bool], float]:
    """Numbers, times, which are key pictures, and the length; all of it decodes."""
    numbers, times, keys = [], [], []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            image = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            numbers.append(number_in(image))
            times.append(float(frame.time or 0.0))
            keys.append(bool(frame.key_frame))
        assert stream.duration is not None
        length_s = float(stream.duration * (stream.time_base or 0))
    return numbers, times, keys, length_s


def check_a_ring(folder: Path, seed: int, saves: int) -> None:
    """Pictures at random times, saved at random moments: each clip keeps the law."""
    chance = random.Random(seed)
    fps = chance.choice([5, 10, 25, 30])
    keep_s = chance.choice([0.3, 1.0, 2.0, 5.0])
    group_s = chance.choice([0.2, 0.5, 1.0, 2.0])
    max_bytes = chance.choice([3000, 20_000, 10**6])
    ring = ReplayRing(keep_s=keep_s, max_bytes=max_bytes, key_every_s=group_s)
    moments = set(chance.sample(range(1, 90), saves))
    time_s, times = chance.uniform(0, 1000), []
    for number in range(90):
        ring.add(
            numbered(number),
            time_s,
            one_box(number, 2, number + 5, 9),
            fps=Fraction(fps),
            is_key=chance.random() < 0.05,
        )
        times.append(time_s)
        if number in moments:
            save(ring, folder / f"{seed}-{number}.mp4", times, keep_s, group_s, fps)
        # Now and then a camera stands still, or stamps two pictures alike.
        time_s += chance.choice([0.0, 3.0]) if chance.random() < 0.05 else 1 / fps
    ring.close()


def save(
    ring: ReplayRing,
    path: Path,
    times: list[float],
    keep_s: float,
    group_s: float,
    fps: int,
) -> None:
    held = ring.held
    saved = ring.save(path)
    assert saved.path == str(path)
    numbers, shown_s, keys, length_s = shown(path)
    last = len(times) - 1
    assert numbers == list(range(last - len(numbers) + 1, last + 1))
    assert keys[0]
    assert shown_s[0] == 0.0
    assert all(b > a for a, b in pairwise(shown_s))
    first_s = times[numbers[0]]
    expected = [times[number] - first_s for number in numbers]
    assert shown_s == pytest.approx(expected, abs=1e-3)
    # As long as it says, within a picture; and no longer than two groups too long.
    assert saved.frame_count == len(numbers)
    assert saved.duration_s == pytest.approx(length_s, abs=1e-3)
    assert saved.duration_s == pytest.approx(held.seconds, abs=1e-3)
    assert abs(length_s - (expected[-1] + 1 / fps)) < 1 / fps
    longest_s = max([b - a for a, b in pairwise([first_s, *times[numbers[0] :]])])
    assert length_s <= keep_s + group_s + longest_s + 2 / fps
    header, frames = read_sidecar(path.with_suffix(".jsonl"))
    assert (header.source, header.size_wh) == (str(path), (160, 96))
    assert [frame.detections.boxes_xyxy[0][0] for frame in frames] == numbers
    assert [frame.timestamp_s for frame in frames] == pytest.approx(shown_s, abs=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_every_clip_keeps_the_law(tmp_path: Path, seed: int) -> None:
    check_a_ring(tmp_path, seed, saves=5)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 100 * FACTOR, 20))
def test_each_of_500_clips_keeps_the_law(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 20):
        check_a_ring(tmp_path, seed, saves=5)


def filled(*, seconds: float = 4.0, **limits: float) -> ReplayRing:
    ring = ReplayRing(**limits)  # type: ignore[arg-type] # as they are named there
    for number in range(round(seconds * 25)):
        ring.add(numbered(number), number / 25, one_box(1, 2, 30, 40), fps=Fraction(25))
    return ring


def test_it_reaches_back_as_far_as_asked_and_hardly_farther() -> None:
    ring = filled(seconds=20.0, keep_s=5.0)
    assert 5.0 <= ring.held.seconds <= 6.1
    ring.close()


def test_either_limit_lets_go() -> None:
    """OBS asked for both: a limit of bytes never reached kept everything."""
    ring = filled(seconds=20.0, keep_s=1000.0, max_bytes=20_000, key_every_s=0.2)
    assert ring.held.size <= 20_000 + 8000
    assert ring.held.seconds < 19
    ring.close()


def test_a_group_that_fills_the_ring_alone_is_ended() -> None:
    ring = filled(seconds=8.0, keep_s=1000.0, max_bytes=3000, key_every_s=1000.0)
    assert ring.held.size < 3 * 3000
    ring.close()


@pytest.mark.parametrize("seconds", [3.0, 3.5])  # a key picture a second
def test_the_last_so_many_seconds_can_be_asked_for(
    tmp_path: Path, seconds: float
) -> None:
    ring = filled(seconds=10.0)
    saved = ring.save(tmp_path / "a.mp4", seconds=seconds)
    assert seconds <= saved.duration_s <= seconds + 1.1
    assert numbers_in(tmp_path / "a.mp4")[-1] == 249
    ring.close()


@pytest.mark.parametrize("suffix", [".mov", ".mkv"])
def test_other_containers_hold_it_too(tmp_path: Path, suffix: str) -> None:
    ring = filled()
    ring.save(tmp_path / f"a{suffix}")
    assert numbers_in(tmp_path / f"a{suffix}") == list(range(100))
    with pytest.raises(RecordingError, match="is not a name for a clip"):
        ring.save(tmp_path / "a.avi")
    ring.close()


def test_saving_changes_nothing_and_replaces_nothing(tmp_path: Path) -> None:
    ring = filled()
    (tmp_path / "a.mp4").write_text("mine")
    (tmp_path / "a (2).jsonl").write_text("mine too")
    paths = [Path(ring.save(tmp_path / "a.mp4").path) for _ in range(2)]
    assert [path.name for path in paths] == ["a (3).mp4", "a (4).mp4"]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert (tmp_path / "a.mp4").read_text() == "mine"
    assert (tmp_path / "a (2).jsonl").read_text() == "mine too"
    assert len(list(tmp_path.iterdir())) == 6
    ring.close()


def test_nothing_kept_is_a_sentence(tmp_path: Path) -> None:
    ring = ReplayRing()
    with pytest.raises(RecordingError, match="nothing to replay yet"):
        ring.save(tmp_path / "a.mp4")
    assert (ring.held.seconds, ring.held.size) == (0.0, 0)
    ring.close()
    ring.close()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """Some room, but not enough for a clip."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    try:
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("mounting needs root")
    except OSError:
        pytest.skip("there is no mount here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_leaves_the_ring_as_it_was(full_disk: Path, tmp_path: Path) -> None:
    ring = filled(seconds=30.0)
    held = ring.held
    with pytest.raises(RecordingError) as caught:
        ring.save(full_disk / "a.mp4")
    assert "cannot be saved" in caught.value.problem
    assert "still kept" in caught.value.remedy
    assert list(full_disk.iterdir()) == []
    assert ring.held == held
    ring.save(tmp_path / "a.mp4")
    assert numbers_in(tmp_path / "a.mp4")[-1] == 749
    ring.close()


def test_pictures_go_on_while_it_is_saved(tmp_path: Path) -> None:
    ring = filled(seconds=10.0)
    started = threading.Event()
    errors: list[Exception] = []

    def save_often() -> None:
        started.set()
        try:
            for number in range(10):
                ring.save(tmp_path / f"{number}.mp4")
        except Exception as error:  # noqa: BLE001 - the test looks at it
            errors.append(error)

    thread = threading.Thread(target=save_often)
    thread.start()
    assert started.wait(10)
    for number in range(250, 400):
        ring.add(numbered(number), number / 25, NOTHING)
    thread.join(60)
    assert not thread.is_alive()
    assert errors == []
    for number in range(10):
        seen = numbers_in(tmp_path / f"{number}.mp4")
        assert seen == list(range(seen[0], seen[-1] + 1))
    ring.close()


def test_a_picture_of_another_size_keeps_its_boxes_on_it(tmp_path: Path) -> None:
    ring = ReplayRing()
    ring.add(numbered(0), 0.0, NOTHING)  # 160 x 96
    wide = np.full((96, 320, 3), 200, np.uint8)  # becomes 160 x 48, 24 below the top
    ring.add(wide, 0.04, one_box(0, 0, 320, 96))
    ring.save(tmp_path / "a.mp4")
    _, frames = read_sidecar(tmp_path / "a.jsonl")
    assert frames[1].detections.boxes_xyxy.tolist() == [[0, 24, 160, 72]]
    ring.close()


@pytest.mark.parametrize("size_wh", [(322, 180), (1280, 720)], ids=["SD", "HD"])
def test_colors_come_back(tmp_path: Path, size_wh: tuple[int, int]) -> None:
    """It is told as BT.601 whatever the size, and that is what it is."""
    width, height = size_wh
    colors = np.array([[(30, 200, 90), (220, 40, 160)], [(10, 20, 240), (128,) * 3]])
    picture = colors.repeat(height // 2, 0).repeat(width // 2, 1).astype(np.uint8)
    ring = ReplayRing()
    ring.add(picture, 0.0, NOTHING)
    ring.save(tmp_path / "a.mp4")
    ring.close()
    with av.open(str(tmp_path / "a.mp4")) as container:
        frame = next(container.decode(video=0))
    assert frame.colorspace == Colorspace.ITU601
    back = frame.to_ndarray(format="bgr24").astype(int)
    for row, column in np.ndindex(2, 2):
        y, x = height // 4 + row * height // 2, width // 4 + column * width // 2
        assert np.abs(back[y, x] - colors[row, column]).max() <= 8


def test_what_another_model_found_is_left_out_and_said(tmp_path: Path) -> None:
    ring = filled(seconds=1.0)
    other = Found(one_box(1, 2, 3, 4).detections, ("background", "dog"), 0.3, "b.onnx")
    ring.add(numbered(25), 1.0, other)
    saved = ring.save(tmp_path / "a.mp4")
    assert saved.notes == ("What another model found before is not in its sidecar.",)
    header, frames = read_sidecar(tmp_path / "a.jsonl")
    assert header.model_name == "b.onnx"
    assert header.settings == {"score_threshold": 0.5}
    assert [len(frame.detections) for frame in frames] == [0] * 25 + [1]
    ring.close()


def test_the_clip_can_be_drawn_and_played_with_its_sidecar(tmp_path: Path) -> None:
    ring = filled()
    ring.save(tmp_path / "a.mp4")
    ring.close()
    recorded = render(
        tmp_path / "a.jsonl",
        tmp_path / "drawn.mp4",
        make_source=make_source,
        make_recorder=Mp4Recorder,
        draw=draw,
    )
    assert recorded is not None
    assert recorded.frame_count == 100
    assert SidecarDetector(tmp_path / "a.jsonl").open().class_names == CLASSES


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="needs ffprobe")
def test_others_read_it_too(tmp_path: Path) -> None:
    ring = filled()
    ring.save(tmp_path / "a.mp4")
    ring.close()
    probed = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-count_frames", "-of", "json"),
            *("-show_entries", "stream=nb_read_frames,duration,codec_name"),
            str(tmp_path / "a.mp4"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    (stream,) = json.loads(probed.stdout)["streams"]
    assert probed.stderr == ""
    assert (stream["codec_name"], stream["nb_read_frames"]) == ("h264", "100")
    assert float(stream["duration"]) == pytest.approx(4.0, abs=0.01)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux's /proc")
def test_twenty_minutes_of_it_keep_memory_flat() -> None:
    def resident_mb() -> float:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    ring = ReplayRing(keep_s=30.0)
    seen = []
    for number in range(1200 * 10):  # at ten pictures a second
        ring.add(numbered(number), number / 10, NOTHING, fps=Fraction(10))
        if number % 1200 == 1199:
            seen.append(resident_mb())
    ring.close()
    assert seen[-1] - seen[1] < 2
