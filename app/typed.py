"""What one types: to start this, its files or commands; and times in a file."""

import re
from functools import cache
from pathlib import Path

_FILE = re.compile(r"(?<![\w/\\.-])(?:python3? )?(main|build_model)\.py\b")
_SCRIPTS = {"main": "ssd-live", "build_model": "ssd-build"}
_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?)")
_NUMBER = re.compile(r"#?\s*(\d+)")
_FRAME = re.compile(r"#\s*(\d+)")
_MINUTE_S, _HOUR_S = 60, 3600


@cache
def is_installed() -> bool:
    """Whether this is no checkout, but what pip, pipx or uv made of one."""
    return Path(__file__).with_name("assets").is_dir()


def as_typed(text: str) -> str:
    """`text` with its commands as they are typed here.

    Sentences and `--help` name `python main.py`, as the documentation does; where
    the program is installed there is no such file, but `ssd-live` on the PATH.
    """
    if not is_installed():
        return text
    return _FILE.sub(lambda found: _SCRIPTS[found[1]], text)


def seconds_of(text: str, *, interval_s: float) -> float:
    """The time that "1:23.5", "83.5" or "#1200" names.

    Law: `seconds_of(clock_ms(s)) == s` for whole milliseconds.

    Args:
        text: as typed; a comma will do, too.
        interval_s: from one frame to the next, for "#"; 0: not known.

    Raises:
        ValueError: it names none.
    """
    text = text.strip()
    if (frame := _FRAME.fullmatch(text)) and interval_s > 0:
        return (int(frame[1]) + 0.5) * interval_s  # amid its time
    time = _TIME.fullmatch(text)
    if time is None:
        raise ValueError(f"no time: {text!r}")
    hours, minutes = int(time[1] or 0), int(time[2] or 0)
    seconds = float(time[3].replace(",", "."))
    if (time[2] and seconds >= _MINUTE_S) or (time[1] and minutes >= _MINUTE_S):
        raise ValueError(f"no time: {text!r}")
    return hours * _HOUR_S + minutes * _MINUTE_S + seconds


def photo_of(text: str) -> int:
    """Which photo, from 0, "3" or "#3" names: the third.

    Raises:
        ValueError: it names none.
    """
    number = _NUMBER.fullmatch(text.strip())
    if number is None or int(number[1]) < 1:
        raise ValueError(f"no photo: {text!r}")
    return int(number[1]) - 1
