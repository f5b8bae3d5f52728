"""Sound that comes and goes in the middle of a file."""

from pathlib import Path

import pytest

from app.media.sources.file_source import FileSource
from tests.media.recording.test_clocks import record_file, sound_of
from tests.programs import run_ffmpeg

LATER = "A sound track that came later in the original could not be kept."
# Six megabytes are more than FFmpeg looks ahead by itself; of a DVD, seven seconds.
NOTHING = (b"\x47\x1f\xff\x10" + bytes(184)) * (6 * 2**20 // 188)


def film(path: Path, codec: str, *, seconds: float, sounds: int) -> bytes:
    """A few seconds with so many sounds."""
    parts = ["-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d={seconds}"]
    for number in range(sounds):
        parts += ["-f", "lavfi", "-i", f"sine={440 + 440 * number}:d={seconds}"]
    for number in range(1 + sounds):
        parts += ["-map", str(number)]
    run_ffmpeg(*parts, "-c:v", "mpeg2video", "-c:a", codec, str(path))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("suffix", "codec", "before"),
    [("ts", "aac", 0), ("ts", "aac", 1), ("mpg", "mp2", 1)],
)
def test_sound_for_a_while_is_said_and_costs_no_other(
    tmp_path: Path, suffix: str, codec: str, before: int
) -> None:
    """As FFmpeg's own command, we cannot keep it; all sound was lost for it."""
    seconds, nothing = (2, NOTHING) if suffix == "ts" else (9, b"")
    usual = film(tmp_path / f"a.{suffix}", codec, seconds=seconds, sounds=before)
    more = film(tmp_path / f"b.{suffix}", codec, seconds=1, sounds=before + 1)
    source = tmp_path / f"in.{suffix}"
    source.write_bytes(usual + nothing + more + nothing + usual)
    recorded = record_file(source, tmp_path / "out.mp4")
    assert warnings_of(source) == []
    assert recorded.frame_count == 25 * (2 * seconds + 1)
    assert LATER in recorded.notes
    if before:
        assert sound_of(tmp_path / "out.mp4")[-1][0] == pytest.approx(
            2 * seconds + 1, abs=0.1
        )


def warnings_of(path: Path) -> list[str]:
    source = FileSource(path)
    source.open()
    for _ in source.frames():
        pass
    warnings = source.take_warnings()
    source.close()
    return warnings


def test_a_film_that_is_the_same_all_the_way_is_not_blamed(tmp_path: Path) -> None:
    usual = film(tmp_path / "a.ts", "aac", seconds=2, sounds=1)
    source = tmp_path / "in.ts"
    source.write_bytes(usual + NOTHING + usual)
    assert record_file(source, tmp_path / "out.mp4").notes == ()
