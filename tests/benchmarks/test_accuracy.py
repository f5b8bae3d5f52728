"""What benchmarks.accuracy promises: the table says what was measured, of what."""

from typing import Any

from benchmarks.accuracy import CARD, page, table_of, with_table


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
            "new": {"val": piece(137, 0.316, 97.0), "part": piece(60, 0.9, 99.5, 60)},
            "old": {"voc": piece(600, 0.348, 12.0), "val": piece(137, 0.3, 8.0)},
        },
    }
    lines = page(kept).splitlines()
    assert "|  | val (137 photos) | voc (600 photos) | ms | core ms |" in lines
    assert "| new | 0.316 / 0.500 / - | - | 99.5 | 199.0 |" in lines
    assert "| old | 0.300 / 0.500 / - | 0.348 / 0.500 / - | 8.0 | 16.0 |" in lines


def test_the_card_has_the_table_once_and_in_its_place() -> None:
    card = CARD.read_text(encoding="utf-8")
    first = with_table(card, table_of({"pieces": {"old": {"a": piece(1, 0.1, 2.0)}}}))
    second = with_table(first, table_of({"pieces": {"new": {"a": piece(1, 0.3, 2.0)}}}))
    assert "| old | 0.100 " in first
    assert "| new | 0.300 " in second
    assert "| old | 0.100 " not in second
    before, after = card.split("<!-- accuracy -->")[0], card.split("accuracy -->")[-1]
    assert second.startswith(before)
    assert second.endswith(after)
    assert len(before) > 1000
    assert len(after) > 1000
