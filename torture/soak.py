"""An hour of video through the pipeline as fast as it goes: does anything grow?"""

import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.media.sources.file_source import FileSource
from app.types import Frame, VideoInfo
from benchmarks.machine import open_descriptors, resident_mib
from benchmarks.ours import Loaded, recorders_into, run_source

# An hour at the usual rate of cameras and films.
HOUR_FRAMES = 3600 * 25
# Pools fill, and what is loaded late is loaded, in the first part of a run.
WARM_UP = 0.2
PARTS = 40
MOST_GROWTH = 0.01
# Every so many passes are recorded, too: recorders open, write and close.
RECORD_EVERY = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """What the process holds at one moment."""

    frames: int
    memory_mib: float
    descriptors: int
    threads: int


@dataclass(frozen=True, slots=True)
class Soaked:
    """How a soak went.

    Attributes:
        readings: from the start to the end, evenly.
        spent_s: the time it took.
        growth: of memory from the end of the warm-up to the end, as a share.
        problems: what grew, a sentence each.
    """

    readings: list[Reading]
    spent_s: float
    growth: float
    problems: list[str]


class Again:
    """A file over and over, opened anew each time, until so many frames are read."""

    is_live = False

    def __init__(self, path: Path, frames: int) -> None:
        self._path = path
        self._left = frames
        self._source: FileSource | None = None

    def open(self) -> VideoInfo:
        """As the file."""
        self._source = FileSource(self._path)
        return replace(self._source.open(), frame_count=self._left, path=None)

    def frames(self) -> Iterator[Frame]:
        """Its frames, numbered on from pass to pass."""
        number, offset_s, last_s = 0, 0.0, 0.0
        while self._left > 0:
            assert self._source is not None
            for frame in self._source.frames():
                last_s = offset_s + frame.timestamp_s
                yield replace(frame, index=number, timestamp_s=last_s)
                number, self._left = number + 1, self._left - 1
                if self._left <= 0:
                    return
            offset_s = last_s + 0.04
            self.close()
            self.open()

    def close(self) -> None:
        """Let go of the file."""
        if self._source is not None:
            self._source.close()


def soak(clip: Path, model: Path, folder: Path, frames: int) -> Soaked:
    """Send so many frames of `clip` through the app's pipeline, over and over.

    Args:
        clip: the file.
        model: the .onnx file.
        folder: for recordings.
        frames: in all.
    """
    detector = Loaded(model, for_files=True)
    began_s = time.monotonic()
    readings = []
    a_part = max(1, frames // PARTS)
    for part in range(PARTS):
        recorders = recorders_into(folder) if part % RECORD_EVERY == 0 else None
        run_source(Again(clip, a_part), detector, recorders)
        readings.append(_read((part + 1) * a_part))
    return Soaked(
        readings, time.monotonic() - began_s, growth_of(readings), problems(readings)
    )


def growth_of(readings: list[Reading]) -> float:
    """Of memory, from the first tenth after the warm-up to the last tenth.

    Medians, because an allocator breathes.
    """
    settled = readings[round(WARM_UP * len(readings)) :]
    tenth = max(1, len(settled) // 10)
    before, after = (
        statistics.median(reading.memory_mib for reading in part)
        for part in (settled[:tenth], settled[-tenth:])
    )
    return after / before - 1


def problems(readings: list[Reading]) -> list[str]:
    """What grew after the warm-up; empty where nothing did."""
    settled = readings[round(WARM_UP * len(readings)) :]
    found = []
    if (growth := growth_of(readings)) >= MOST_GROWTH:
        found.append(f"memory grew by {growth:.1%}")
    for name in ("descriptors", "threads"):
        before, after = getattr(settled[0], name), getattr(settled[-1], name)
        if after > before:
            found.append(f"{name} grew from {before} to {after}")
    return found


def _read(frames: int) -> Reading:
    return Reading(
        frames, resident_mib(), len(open_descriptors()), threading.active_count()
    )


class Soaker:
    """For `benchmarks.worker`: a soak in a process that does nothing else."""

    def __call__(self) -> None:
        """Nothing to time."""

    def soak(self, clip: Path, model: Path, folder: Path, frames: int) -> Soaked:
        """See `soak`."""
        return soak(clip, model, folder, frames)
