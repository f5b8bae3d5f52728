"""How what was to be played came to its end."""

from enum import Enum, auto

from app.errors import RecordingError
from app.pipeline.events import (
    Finished,
    RecordingEnded,
    RecordingStarted,
    ReplayFailed,
    ReplaySaved,
)

# What is still heard of a run that was asked to stop.
LAST = (RecordingStarted, RecordingEnded, ReplaySaved, ReplayFailed, Finished)


class Ending(Enum):
    """None of these while it plays, or is still to come."""

    PLAYED = auto()  # there was no more of it
    CLOSED = auto()  # somebody wanted no more of it
    FAILED = auto()  # it broke, or could not be opened; that was told


def hung() -> RecordingError:
    """Of the recording of a run that was left alone."""
    return RecordingError(
        "What was recorded hangs, so the recording could not be finished.",
        "What there is of it is made whole at the next start.",
    )
