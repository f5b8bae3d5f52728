"""What app.drawing.limited_cache promises."""

from app.drawing.limited_cache import LimitedCache


def test_what_was_kept_is_found_until_it_takes_too_much() -> None:
    kept = LimitedCache[str](most_bytes=10)
    assert kept.find("a") is None
    assert kept.keep("a", "A", 4) == "A"
    kept.keep("b", "B", 6)  # 10 bytes: just enough
    assert (kept.find("a"), kept.find("b")) == ("A", "B")
    kept.keep("c", "C", 1)
    assert [kept.find(key) for key in "abc"] == [None, None, "C"]
    kept.keep("d", "D", 9)  # counted anew
    assert [kept.find(key) for key in "cd"] == ["C", "D"]
