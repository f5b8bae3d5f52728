"""A whole video, looked at by one detector or several."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.errors import ModelError
from app.hiding.follow import looking
from app.hiding.regions import Floats
from app.pipeline.interfaces import Detector, VideoSource
from app.pipeline.stages.overlap import overlapping
from app.settings import Settings
from app.types import (
    Detections,
    DetectorInfo,
    Frame,
    PendingDetections,
    VideoInfo,
)

Progress = Callable[[int, int], None]


class Cancelled(Exception):  # noqa: N818 - no error: somebody asked for it
    """Asked to end before the end."""


@dataclass(frozen=True, eq=False, slots=True)
class Onlooker:
    """A detector that is open.

    Attributes:
        detector: used by one thread.
        info: what it says of itself.
        settings: what it is asked with.
        class_ids: of the classes to hide.
    """

    detector: Detector
    info: DetectorInfo
    settings: Settings
    class_ids: tuple[int, ...]

    @property
    def name(self) -> str:
        """The model file's name."""
        return self.info.model_name


@dataclass(frozen=True, eq=False, slots=True)
class LookedAt:
    """What was found in a video.

    Attributes:
        info: of the video.
        times_s: (F,) of its frames.
        found: of each onlooker, what it found in each frame.
    """

    info: VideoInfo
    times_s: Floats
    found: tuple[tuple[Detections, ...], ...]


def open_onlooker(
    detector: Detector, settings: Settings, class_names: Sequence[str]
) -> Onlooker:
    """Open it, and see that it knows what is to be hidden.

    Raises:
        ModelError: it does not, or cannot be opened.
    """
    overlapping(detector).favour_throughput()
    info = detector.open()
    unknown = sorted(set(class_names) - set(info.class_names))
    if unknown:
        detector.close()
        raise ModelError(
            f"{info.model_name} has no class {', '.join(unknown)} to look for.",
            f"Its classes are {', '.join(info.class_names)}.",
        )
    ids = tuple(info.class_names.index(name) for name in class_names)
    return Onlooker(detector, info, looking(settings), ids)


def looked_at(
    source: VideoSource,
    onlookers: Sequence[Onlooker],
    *,
    on_frame: Callable[[Frame, list[Detections]], None] = lambda _frame, _found: None,
    on_progress: Progress = lambda _done, _total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> LookedAt:
    """Let all of them look at every frame.

    Args:
        source: opened and closed here.
        onlookers: who looks.
        on_frame: told each frame and what each of them found, in order.
        on_progress: told how many of about how many frames are done.
        is_cancelled: asked before each frame.

    Raises:
        UserError: the video cannot be read, or a session failed.
        Cancelled: `is_cancelled` said so.
    """
    times: list[float] = []
    found: list[list[Detections]] = [[] for _ in onlookers]
    try:
        info = source.open()
        total = info.frame_count or 0
        for frame, answers in _answers(source, onlookers):
            if is_cancelled():
                raise Cancelled
            times.append(frame.timestamp_s)
            for one, answer in zip(found, answers, strict=True):
                one.append(answer)
            on_frame(frame, answers)
            on_progress(len(times), max(total, len(times)))
    finally:
        source.close()
    return LookedAt(
        info, np.array(times, np.float64), tuple(tuple(one) for one in found)
    )


def _answers(
    source: VideoSource, onlookers: Sequence[Onlooker]
) -> Iterator[tuple[Frame, list[Detections]]]:
    looks = [overlapping(onlooker.detector) for onlooker in onlookers]
    depth = min((look.depth for look in looks), default=1)
    begun = deque[tuple[Frame, list[PendingDetections]]]()

    def oldest() -> tuple[Frame, list[Detections]]:
        frame, pending = begun.popleft()
        return frame, [answer()[0] for answer in pending]

    for frame in source.frames():
        if len(begun) == depth:
            yield oldest()
        begun.append(
            (
                frame,
                [
                    look.begin(frame.image_bgr, onlooker.settings)
                    for look, onlooker in zip(looks, onlookers, strict=True)
                ],
            )
        )
    while begun:
        yield oldest()
