"""A recording of a camera that fails: as long as it took, with its gaps marked."""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.media.recording.recorder import Mp4Recorder
from app.media.sources.faulty import TICKS, Fault, FaultyCamera
from app.media.sources.live_source import CARD_EVERY_S, LiveSource, Patience
from app.media.sources.synthetic import read_number
from app.types import Frame, ImageBgr
from tests.media.virtual_clock import VirtualClock

FPS = 10
FAULTS = [
    Fault("unplugged", 2.0, 6.0),
    Fault("frozen", 9.0, 12.0),
    Fault("resized", 15.0, 15.2),
    Fault("stalled", 18.0, 30.0),  # longer than we record
]
END_S = 25.0


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    clock = VirtualClock()
    yield clock
    clock.sleep(60.0)
    for thread in clock.threads:
        thread.join(5.0)
        assert not thread.is_alive()


def record(clock: VirtualClock, path: Path) -> list[Frame]:
    camera = FaultyCamera(
        iter(FAULTS),
        # One shape: a number can be read where its picture was made larger.
        sizes_wh=((192, 144), (144, 108)),
        fps=FPS,
        now=clock.now,
        sleep=clock.sleep,
    )
    patience = Patience(freeze_s=1.5)
    source = LiveSource(camera.connect, name="Camera", patience=patience, clock=clock)
    recorder = Mp4Recorder(path)
    recorder.open(source.open())
    frames = []
    for frame in source.frames():
        recorder.write(frame.image_bgr, frame.timestamp_s)
        frames.append(frame)
        if clock.now() > END_S:
            break
    recorder.close()
    source.close()
    return frames


def pictures_of(path: Path) -> list[tuple[float, ImageBgr]]:
    with av.open(str(path)) as container:
        return [
            (frame.time, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
            for frame in container.decode(video=0)
        ]


def test_it_is_as_long_as_it_took_and_never_at_another_speed(
    tmp_path: Path, clock: VirtualClock
) -> None:
    path = tmp_path / "live.mp4"
    written = record(clock, path)
    pictures = pictures_of(path)
    assert len(pictures) == len(written)
    (first_s, first), (last_s, _) = pictures[0], pictures[-1]
    with av.open(str(path)) as container:
        length_s = float(Fraction(container.duration or 0, av.time_base))
    assert first_s == 0
    assert length_s == pytest.approx(last_s + 1 / FPS, abs=0.002)
    # The gap that was still on when it was ended is in it.
    assert length_s == pytest.approx(END_S, abs=CARD_EVERY_S)
    # What a picture shows happened when it is shown, after each interruption too.
    began_s = read_number(first) / TICKS
    seen = 0
    for (time_s, image_bgr), frame in zip(pictures, written, strict=True):
        if frame.gap or FAULTS[1].at_s <= began_s + time_s < FAULTS[1].end_s:
            continue
        seen += 1
        assert read_number(image_bgr) / TICKS - began_s == pytest.approx(
            time_s, abs=1.5 / TICKS
        )
    # 25 s, less 4 s without a camera, 3 s frozen and 7 s stalled; and each time up
    # to a second until it was tried again.
    assert 9 * FPS < seen < 11 * FPS


def test_its_gaps_are_marked_all_along(tmp_path: Path, clock: VirtualClock) -> None:
    path = tmp_path / "live.mp4"
    written = record(clock, path)
    reasons = [frame.gap for frame in written if frame.gap]
    assert reasons[0] == "The test camera was unplugged."
    assert "Camera repeats one picture." in reasons
    assert reasons[-1] == "Camera gives no pictures."
    below = slice(40, None)  # the label is at the top
    brightness = [image_bgr[below].mean() for _, image_bgr in pictures_of(path)]
    bright = [b for b, frame in zip(brightness, written, strict=True) if not frame.gap]
    dimmed = [b for b, frame in zip(brightness, written, strict=True) if frame.gap]
    assert max(dimmed) < 0.5 * min(bright)
    # Second by second: a crash in the gap costs no more than that.
    gaps_s = [
        later.timestamp_s - earlier.timestamp_s
        for earlier, later in itertools.pairwise(written)
    ]
    assert max(gaps_s) < Patience().stall_s + 0.2  # before it was noticed
