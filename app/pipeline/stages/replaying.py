"""The replay of a run: begun and ended while it plays, as a recording is."""

import threading
from collections.abc import Callable
from pathlib import Path

from app.errors import RecordingError
from app.pipeline.clip_rule import ClipWish
from app.pipeline.crew import Crew
from app.pipeline.stages.keeping import Replay
from app.pipeline.stages.replay import ReplayStage
from app.types import ReplayHeld


class Replaying:
    """Has one replay at a time, or none; every method is for any thread."""

    def __init__(
        self, crew: Crew, make_stage: Callable[[Replay, ClipWish | None], ReplayStage]
    ) -> None:
        """Nothing is kept yet.

        Args:
            crew: runs it.
            make_stage: of a replay, and what becomes a clip.
        """
        self._crew = crew
        self._make_stage = make_stage
        self._lock = threading.Lock()  # guards what follows
        self._stage: ReplayStage | None = None
        self._is_started = self._is_over = False

    @property
    def stage(self) -> ReplayStage | None:
        """What keeps pictures now."""
        return self._stage

    @property
    def held(self) -> ReplayHeld | None:
        """How much is kept; None where nothing is."""
        stage = self._stage
        return stage.held if stage is not None else None

    def begin(self, replay: Replay, clips: ClipWish | None) -> None:
        """Keep pictures in `replay`, in place of what kept them; it is closed at last.

        A clip that was going on ends; an event that lasts begins another.
        """
        with self._lock:
            if self._is_over:
                replay.close()
                return
            before, self._stage = self._stage, self._make_stage(replay, clips)
            stage = self._stage
            thread = self._crew.add("replay", stage.run, closes=(stage.queue,))
            if self._is_started:
                thread.start()
        if before is not None:
            before.end()

    def started(self) -> None:
        """The run has begun, and with it the replay that it began with."""
        with self._lock:
            self._is_started = True

    def end(self, *, for_good: bool) -> None:
        """Keep nothing any more; `for_good`, whatever is begun later."""
        with self._lock:
            stage, self._stage = self._stage, None
            self._is_over = self._is_over or for_good
        if stage is not None:
            stage.end()

    def save(self, path: Path, seconds: float | None) -> None:
        """Save it beside everything else.

        Raises:
            RecordingError: nothing is kept.
        """
        with self._lock:
            stage = self._stage
            if stage is None:
                raise RecordingError(
                    "Nothing is kept that could be replayed.",
                    "Replays are of cameras and streams that play; a file is its own.",
                )
            self._crew.add(
                "save replay", lambda: stage.save(path, seconds), closes=()
            ).start()
