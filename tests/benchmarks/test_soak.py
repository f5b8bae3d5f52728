"""What benchmarks.soak_live takes for growth."""

from dataclasses import replace

from benchmarks.soak_live import MAX_GROWTH_MIB, Part, problems

FIRST = Part(60.0, 735, 101.0, 116.0, 196.0, threads=6, descriptors=6, memory_mib=96.0)


def test_only_what_grew_is_told() -> None:
    assert problems([FIRST, FIRST], 30) == []
    for name, harmless, growth in (
        ("delay_ms_p50", 33.0, 34.0),  # a picture, at 30 a second
        ("threads", 0, 1),
        ("descriptors", -1, 1),
        ("memory_mib", MAX_GROWTH_MIB, MAX_GROWTH_MIB + 1),
    ):
        before = getattr(FIRST, name)
        assert problems([FIRST, replace(FIRST, **{name: before + harmless})], 30) == []
        (told,) = problems([FIRST, replace(FIRST, **{name: before + growth})], 30)
        assert told.startswith(name.partition("_")[0])
