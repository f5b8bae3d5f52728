"""What app.drawing.reading_order promises."""

import pytest

from app.drawing.reading_order import left_to_right

HEBREW = "\u05d0\u05d3\u05dd"  # a person
TURNED = HEBREW[::-1]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("person 0.56", "person 0.56"),
        ("", ""),
        (f"{HEBREW} 0.56", f"{TURNED} 0.56"),
        (f"{HEBREW} {HEBREW} 0.56", f"{TURNED} {TURNED} 0.56"),
        (f"big {HEBREW} 0.56", f"big {TURNED} 0.56"),
        (f"{HEBREW} 12 {HEBREW}", f"{TURNED} 12 {TURNED}"),
        (f"{HEBREW}-(a) {HEBREW}", f"{TURNED}-(a) {TURNED}"),
        ("\u4eba 0.56", "\u4eba 0.56"),
    ],
)
def test_letters_stand_as_they_are_seen(text: str, seen: str) -> None:
    assert left_to_right(text) == seen


def test_turning_twice_is_as_it_was_for_one_word() -> None:
    assert left_to_right(left_to_right(HEBREW)) == HEBREW
