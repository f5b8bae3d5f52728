"""Finishes a part of about so many MB: python -m ... PART MB.

Prints the megabytes of memory that finishing needed on top, and the file's size.
"""

import re
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from app.media.recording.encoder import TIME_BASE, Encoder
from app.media.recording.finishing import finish
from app.media.recording.muxer import FRAGMENTED, Muxer
from app.media.recording.part_file import Origin, PartHandle

FPS = 25
STAYS = round(1 / (FPS * TIME_BASE))


def write_part(part: Path, size: int) -> None:
    """Two seconds of noise, again and again."""
    chance = np.random.default_rng(1)
    noise = [chance.integers(0, 256, (720, 1280, 3), np.uint8) for _ in range(5)]
    encoder = Encoder(noise[0], 0.0, fps=Fraction(FPS), quality=10, is_live=True)
    pictures = []
    for number in range(2 * FPS):
        pictures += encoder.encode(noise[number % 5], number / FPS)
    comment = Origin("", 0.0, 1 / FPS).to_text()
    muxer = Muxer(part, encoder.stream, options=FRAGMENTED, comment=comment)
    written, shift = 0, 0
    while written < size:
        for picture in pictures:
            muxer.write(replace(picture), stays=STAYS, shift=-shift)
            written += len(picture.data)
        shift += len(pictures) * STAYS
    muxer.close()
    encoder.close()


def status_mb(field: str) -> float:
    text = Path("/proc/self/status").read_text()
    found = re.search(rf"{field}:\s+(\d+) kB", text)
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    part, size = Path(sys.argv[1]), int(float(sys.argv[2]) * 2**20)
    write_part(part, size)
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before_mb = status_mb("VmRSS")
    finished = finish(PartHandle.of(part))
    assert finished is not None
    assert not finished.notes
    needed_mb = status_mb("VmHWM") - before_mb
    sys.stdout.write(f"{needed_mb:.1f} {finished.path.stat().st_size}\n")


if __name__ == "__main__":
    main()
