"""What a picture costs that is recorded, kept for a replay, or both."""

import statistics
from collections.abc import Callable
from fractions import Fraction
from itertools import count
from pathlib import Path

import cv2
import numpy as np

from app.drawing.overlay import draw
from app.media.clips.clean_recorder import CleanRecorder
from app.media.recording.recorder import Mp4Recorder
from app.media.recording.replay import ReplayRing
from app.settings import Settings
from app.types import Detections, Found, ImageBgr, VideoInfo
from benchmarks.context import Context
from benchmarks.kit import Turn, as_data, digits, figures, take_turns, turn_of
from benchmarks.ours import Loaded, evenly, read_clip
from benchmarks.report import Section, Table, Target

SIZE_WH = (1280, 720)
FPS = Fraction(25)
CAMERA = VideoInfo("camera", SIZE_WH, FPS, None, None, is_live=True)
RECORDED, KEPT, BOTH = "recorded with its boxes", "kept for a replay", "both"
CLEAN, SHARED = "recorded clean", "recorded clean, and kept for a replay"
TEXT = (
    "The bundled clip at 1280 x 720, live: a recording with its boxes, a replay "
    "without them, and both at once; and a recording without boxes, which takes what "
    "the replay has encoded, of the same quality. Drawing is not in it."
)
QUALITY = 20
# Of a clean recording's core time.
MOST_FOR_THE_REPLAY = 1.03
NOTHING = Found(Detections.empty(), (), 0.0)
Write = Callable[[ImageBgr, ImageBgr, float], object]


def run(context: Context) -> Section:
    """Each of them, in turns."""
    section = Section("recording", "A picture recorded, and kept for a replay", TEXT)
    pairs = _pairs(context)
    recorders = [_recorder(context.folder / f"{name}.mp4") for name in ("a", "b")]
    clean = [_clean_recorder(context.folder / f"{name}.mp4") for name in ("c", "d")]
    rings = [*(ReplayRing() for _ in range(2)), ReplayRing(quality=QUALITY)]

    def record(number: int) -> Write:
        return lambda drawn, _, time_s: recorders[number].write(drawn, time_s)

    def keep(number: int) -> Write:
        return lambda _, clean, time_s: rings[number].add(
            clean, time_s, NOTHING, fps=FPS
        )

    def record_clean(_: ImageBgr, image_bgr: ImageBgr, time_s: float) -> None:
        clean[0].write_clean(image_bgr, time_s, NOTHING)

    def share(_: ImageBgr, image_bgr: ImageBgr, time_s: float) -> None:
        for encoded in rings[2].add(image_bgr, time_s, NOTHING, fps=FPS):
            clean[1].write_encoded(encoded)

    samples = take_turns(
        {
            RECORDED: _turn(pairs, record(0)),
            KEPT: _turn(pairs, keep(0)),
            BOTH: _turn(pairs, record(1), keep(1)),
            CLEAN: _turn(pairs, record_clean),
            SHARED: _turn(pairs, share),
        },
        budget_s=context.seconds(30),
    )
    for ring in rings:
        ring.close()
    for recorder in [*recorders, *clean]:
        recorder.close()
    alone_ms, clean_ms = (figures(samples[one]).core_ms for one in (RECORDED, CLEAN))
    section.tables.append(
        Table(
            ("a picture", "core ms", "of a recording's", "of a clean one's"),
            [
                (
                    name,
                    digits(figures(own).core_ms),
                    f"{figures(own).core_ms / alone_ms:.2f}",
                    f"{figures(own).core_ms / clean_ms:.2f}",
                )
                for name, own in samples.items()
            ],
        )
    )
    of_clean = statistics.median(
        both.core_ms / alone.core_ms
        for both, alone in zip(samples[SHARED], samples[CLEAN], strict=True)
    )
    section.targets.append(
        Target(
            "A replay kept beside a clean recording costs at most "
            f"{MOST_FOR_THE_REPLAY - 1:.0%} more core time",
            f"{of_clean - 1:+.1%}",
            of_clean <= MOST_FOR_THE_REPLAY,
        )
    )
    section.data = {"times": as_data(samples)}
    return section


def _pairs(context: Context) -> list[tuple[ImageBgr, ImageBgr]]:
    """The clip's pictures with their boxes and without."""
    detector, settings = Loaded(context.model), Settings()
    pairs = []
    for picture in evenly(read_clip(context.clip)[1], 50):
        clean = np.asarray(cv2.resize(picture, SIZE_WH), np.uint8)
        found, _ = detector.detect(clean, settings)
        names = detector.info.class_names
        pairs.append((draw(clean, found, class_names=names, fps=25.0), clean))
    return pairs


def _recorder(path: Path) -> Mp4Recorder:
    recorder = Mp4Recorder(path)
    recorder.open(CAMERA)
    return recorder


def _clean_recorder(path: Path) -> CleanRecorder:
    recorder = CleanRecorder(path, quality=QUALITY)
    recorder.open(CAMERA)
    return recorder


def _turn(pairs: list[tuple[ImageBgr, ImageBgr]], *writes: Write) -> Turn:
    """To and fro through the pictures, as a camera's go on and on."""
    numbers = count()

    def one() -> None:
        number = next(numbers)
        at = number % (2 * len(pairs))
        drawn, clean = pairs[min(at, 2 * len(pairs) - 1 - at)]
        for write in writes:
            write(drawn, clean, number / float(FPS))

    return turn_of(one, least_s=0.5)
