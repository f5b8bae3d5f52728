"""A part of a file as a source of its own, on the file's own clock."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.errors import SourceError
from app.pipeline.interfaces import Seekable, VideoSource, Warns
from app.types import Frame, VideoInfo


class PartSource:
    """Gives the frames that begin between two times; nothing of the rest is decoded."""

    is_live = False

    def __init__(self, source: VideoSource, from_s: float, to_s: float | None) -> None:
        """Of `source`, from `from_s` up to and without `to_s`; None: to its end."""
        self._source = source
        self._from_s = from_s
        self._to_s = math.inf if to_s is None else to_s
        self._name = ""

    def open(self) -> VideoInfo:
        """Open the file, and say how much of it there will be.

        Raises:
            SourceError: it cannot be opened, has no parts, or none there.
        """
        info = self._source.open()
        self._name = info.name
        if not isinstance(self._source, Seekable) or info.is_stills:
            raise SourceError(f"{info.name} has no parts.", "Export it as a whole.")
        if info.duration_s is None:
            return info
        end_s = min(self._to_s, info.duration_s)
        if self._from_s >= end_s:
            raise self._nothing_there(f"it is {info.duration_s:.3f} s long")
        share = (end_s - self._from_s) / info.duration_s
        count = None if info.frame_count is None else round(share * info.frame_count)
        return replace(info, duration_s=end_s - self._from_s, frame_count=count)

    def frames(self) -> Iterator[Frame]:
        """Those of the part, with their times in the file."""
        source = self._source
        if isinstance(source, Seekable):
            source.seek(self._from_s)
        is_any = False
        for frame in self._source.frames():
            if frame.timestamp_s >= self._to_s:
                break
            if frame.timestamp_s >= self._from_s:
                is_any = True
                yield frame
        if not is_any:
            raise self._nothing_there("no frame begins there")

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def take_warnings(self) -> list[str]:
        """As the file has them."""
        source = self._source
        return source.take_warnings() if isinstance(source, Warns) else []

    def _nothing_there(self, why: str) -> SourceError:
        to = "" if math.isinf(self._to_s) else f" to {self._to_s:g} s"
        return SourceError(
            f"{self._name} has nothing from {self._from_s:g} s{to}: {why}.",
            "Name times that are in it.",
        )


def part_of(source: VideoSource, settings: Mapping[str, Any]) -> VideoSource:
    """The part that `settings` of a sidecar name; the source itself where none is."""
    from_s, to_s = settings.get("from_s", 0.0), settings.get("to_s")
    if not from_s and to_s is None:
        return source
    return PartSource(source, float(from_s), None if to_s is None else float(to_s))


def part_settings(from_s: float, to_s: float | None) -> dict[str, float]:
    """What `part_of` reads; nothing where it is the whole file."""
    found = {"from_s": from_s} if from_s else {}
    return found if to_s is None else {**found, "to_s": to_s}
