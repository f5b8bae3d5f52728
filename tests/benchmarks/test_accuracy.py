"""What benchmarks.accuracy promises: the table says what was measured, of what."""

from typing import Any

from benchmarks.accuracy import page


def piece(
    photos: int, ap: float, ms: float, limit: int | None = None
) -> dict[str, Any]:
    return {
        "file": "0",
        "limit": limit,
        "photos": photos,
        "ap": ap,
        "ap50": 0.5,
        "person": None,
        "ms": ms,
        "core_ms": 2 * ms,
    }


def test_a_set_is_a_column_and_a_part_of_one_says_times_alone() -> None:
    kept = {
        "machine": {"CPU": "two cores"},
        "pieces": {
            "new": {"val": piece(137, 0.316, 97.0), "part": piece(60, 0.9, 9.5, 60)},
            "old": {"voc": piece(600, 0.348, 12.0)},
        },
    }
    lines = page(kept).splitlines()
    assert "|  | val (137 photos) | voc (600 photos) | ms | core ms |" in lines
    assert "| new | 0.316 / 0.500 / - | - | 9.5 | 19.0 |" in lines
    assert "| old | - | 0.348 / 0.500 / - | 12.0 | 24.0 |" in lines
