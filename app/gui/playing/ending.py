"""How what was to be played came to its end."""

from enum import Enum, auto


class Ending(Enum):
    """None of these while it plays, or is still to come."""

    PLAYED = auto()  # there was no more of it
    CLOSED = auto()  # somebody wanted no more of it
    FAILED = auto()  # it broke, or could not be opened; that was told
