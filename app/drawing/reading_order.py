"""Words that are read from the right, for a renderer that draws from the left.

Qt knows the whole of Unicode's algorithm; OpenCV knows none of it and draws Hebrew
mirrored. A label is one short line that begins at the left, so a few rules do.
Source: Unicode Standard Annex 9 (UAX #9), revision 48, rules W, N1, L2 and L4.
"""

import unicodedata
from itertools import groupby

_FROM_RIGHT = ("R", "AL")
_DIGITS = ("EN", "AN")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def left_to_right(text: str) -> str:
    """`text` as its letters stand from the left; most texts are so already."""
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    if not any(kind in _FROM_RIGHT for kind in kinds):
        return text
    is_right = [kind in _FROM_RIGHT for kind in kinds]
    for start, end in _spans(kinds):  # what stands between two words of one way
        before = start > 0 and is_right[start - 1]
        after = end < len(text) and is_right[end]
        if before and after:
            is_right[start:end] = [True] * (end - start)
    runs = groupby(zip(text, is_right, strict=True), key=lambda pair: pair[1])
    return "".join(
        _turned(part) if goes_left else part
        for goes_left, part in ((k, "".join(c for c, _ in run)) for k, run in runs)
    )


def _spans(kinds: list[str]) -> list[tuple[int, int]]:
    """Where neither a letter of one way nor of the other is: blanks, signs, digits."""
    spans, start = [], 0
    strong = (*_FROM_RIGHT, "L")
    for is_weak, run in groupby(kinds, key=lambda kind: kind not in strong):
        length = len(list(run))
        if is_weak:
            spans.append((start, start + length))
        start += length
    return spans


def _turned(part: str) -> str:
    """Reversed, brackets too; but a number is read from the left everywhere."""
    runs = groupby(part, key=lambda c: unicodedata.bidirectional(c) in _DIGITS)
    words = [
        "".join(run) if is_number else "".join(run)[::-1].translate(_MIRRORED)
        for is_number, run in runs
    ]
    return "".join(reversed(words))
