"""Keeps the last seconds of a live source, and saves them when asked."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.pipeline.events import PipelineEvent, ReplayFailed, ReplaySaved
from app.pipeline.interfaces import Replay
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.items import Shot
from app.settings import Settings
from app.types import Found, Frame, ReplayHeld, VideoInfo

# Pictures that may wait for the encoder; it is spared rather than the view.
REPLAY_QUEUE = 4


@dataclass(frozen=True, eq=False, slots=True)
class _Picture:
    frame: Frame
    found: Found


class ReplayStage:
    """A replay, and what waits for it.

    Attributes:
        queue: closed to end it.
    """

    def __init__(
        self,
        replay: Replay,
        *,
        info: Callable[[], VideoInfo | None],
        settings: Callable[[], Settings],
        model_name: Callable[[], str],
        on_event: Callable[[PipelineEvent], None],
    ) -> None:
        """Wire it.

        Args:
            replay: used and closed by `run`; saved from any thread.
            info: of the source, once it is open.
            settings: asked once per frame.
            model_name: of the model that finds.
            on_event: told what becomes of a save.
        """
        self._replay = replay
        self._info = info
        self._settings = settings
        self._model_name = model_name
        self._on_event = on_event
        self.queue = Slot[_Picture](drop_oldest=True, capacity=REPLAY_QUEUE)

    @property
    def held(self) -> ReplayHeld:
        """How much there is."""
        return self._replay.held

    def offer(self, shot: Shot) -> None:
        """Keep it, without its boxes; see `Sink`."""
        if shot.cue.is_again:
            return
        result = shot.result
        threshold = self._settings().score_threshold
        found = Found(
            result.detections, result.class_names, threshold, self._model_name()
        )
        # One that failed has said so; the show goes on.
        with suppress(SlotClosedError):
            self.queue.put(_Picture(result.frame, found))

    def run(self) -> None:
        """Keep pictures until `queue` is closed; what fails is told, not raised."""
        was_gap = False
        try:
            for picture in self.queue:
                frame, info = picture.frame, self._info()
                self._replay.add(
                    frame.image_bgr,
                    frame.timestamp_s,
                    picture.found,
                    fps=info.fps if info else None,
                    is_key=was_gap and not frame.gap,  # back again: a clip may begin
                )
                was_gap = bool(frame.gap)
        except Exception as error:  # noqa: BLE001 - told by ReplayFailed
            self._on_event(ReplayFailed(error))
        finally:
            self.queue.close()
            self._replay.close()

    def save(self, path: Path, seconds: float | None) -> None:
        """Save what there is; how it went is told, not raised."""
        try:
            info = self._replay.save(path, seconds=seconds)
        except Exception as error:  # noqa: BLE001 - told by ReplayFailed
            self._on_event(ReplayFailed(error))
        else:
            self._on_event(ReplaySaved(info))
