"""What travels from stage to stage."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from app.pipeline.interfaces import Detector
from app.scene import NO_SCENE, Scene
from app.types import Detections, DetectorInfo, Frame, ImageBgr, Result, StageTimes


@dataclass(frozen=True, eq=False, slots=True)
class Cue:
    """A frame on its way through the stages.

    Attributes:
        frame: None says that everything before it was the last.
        seek_count: as `Transport` counts, when it was captured.
        run: another number after each jump; within one, frames are neighbours.
        is_again: it is the frame before once more.
        handed_at_s: when the capture stage gave it away.
    """

    frame: Frame | None
    seek_count: int = 0
    run: int = 0
    is_again: bool = False
    handed_at_s: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class Loaded:
    """A detector that is open, and what it says of itself."""

    detector: Detector
    info: DetectorInfo


@dataclass(frozen=True, eq=False, slots=True)
class Detected:
    """A cue, and what was found in its frame.

    Attributes:
        cue: its frame may be None: then nothing was found.
        detections: in pixels of the frame.
        class_names: indexed by class id.
        times: until now.
        finished_at_s: `time.monotonic()` when it was found.
        scene: what is drawn besides the boxes.
        found: see `app.types.Result`.
    """

    cue: Cue
    detections: Detections
    class_names: tuple[str, ...]
    times: StageTimes
    finished_at_s: float
    scene: Scene = NO_SCENE
    found: Detections | None = None


class Shot:
    """A frame as the draw stage gives it to a `Sink`: clean, and with its boxes.

    Attributes:
        cue: where in the source it is from.
        result: the clean frame, and what was found in it.
    """

    def __init__(
        self, cue: Cue, result: Result, annotate: Callable[[Result], ImageBgr]
    ) -> None:
        self.cue = cue
        self.result = result
        self._annotate = annotate

    @cached_property
    def annotated_bgr(self) -> ImageBgr:
        """(H, W, 3) uint8, with its boxes; drawn once, for the first who asks."""
        return self._annotate(self.result)


class Sink(Protocol):
    """Keeps what is shown: a recording, and whatever else wants pictures."""

    def offer(self, shot: Shot) -> None:
        """Keep it, or not; on the draw thread, which waits meanwhile."""
        ...
