"""What may be typed for an option, and what is refused in which words."""

import argparse
from collections.abc import Callable
from typing import Any

import pytest

from app.cli import options

Kind = Callable[[str], Any]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (options.count, "1", 1),
        (options.minutes, "0.002", 0.002),
        (options.duration, "0.5", 0.5),
        (options.moment, "1:23.5", 83.5),
        (options.moment, "1:00:00", 3600.0),
        (options.size, "1280x720", (1280, 720)),
        (options.size, "640X480", (640, 480)),
        (options.scale, "0", 0.0),
        (options.scale, "10", 10.0),
        (options.gigabytes, "0.5", 0.5),
        (options.score, "0", 0.0),
        (options.score, "1", 1.0),
        (options._quality, "0", 0),
        (options._quality, "51", 51),
        (options._detail, "auto", "auto"),
        (options._detail, "3", 3),
    ],
)
def test_what_is_meant_is_understood(kind: Kind, text: str, expected: object) -> None:
    assert kind(text) == expected


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (options.count, "0", "0 is not at least 1"),
        (options.count, "-3", "-3 is not at least 1"),
        (options.minutes, "0.001", "0.001 is not at least 0.002"),
        (options.minutes, "inf", "inf is not at least"),
        (options.minutes, "nan", "nan is not at least"),
        (options.duration, "0", "0 is not above 0"),
        (options.duration, "-1", "-1 is not above 0"),
        (options.duration, "inf", "inf is not above 0"),
        (options.duration, "nan", "nan is not above 0"),
        (options.moment, "noon", "noon is no time like 1:23.5"),
        (options.moment, "-1", "-1 is no time"),
        (options.moment, "#12", "#12 is no time"),  # of a video nobody has opened
        (options.size, "1280", "1280 is not like 1280x720"),
        (options.size, "ax720", "ax720 is not like"),
        (options.size, "1280x-1", "1280x-1 is not like"),
        (options.size, "0x720", "0 is not at least 1"),
        (options.scale, "10.1", "10.1 is not between 0 and 10"),
        (options.scale, "-0.1", "-0.1 is not between"),
        (options.scale, "nan", "nan is not between"),
        (options.gigabytes, "0", "0 is not above 0"),
        (options.gigabytes, "inf", "inf is not above 0"),
        (options.gigabytes, "nan", "nan is not above 0"),
        (options.score, "1.01", "1.01 is not between 0 and 1"),
        (options.score, "-0.01", "-0.01 is not between"),
        (options.score, "nan", "nan is not between"),
        (options._quality, "52", "52 is not between 0 and 51"),
        (options._quality, "-1", "-1 is not between"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_bounds(
    kind: Kind, text: str, said: str
) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        kind(text)
    assert str(caught.value).startswith(said)
