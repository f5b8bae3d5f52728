"""The sidecar of a clean video in the making: a line for each of its pictures."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from app.errors import SidecarError
from app.media.clips.kept import Kept
from app.media.recording.encoder import TIME_BASE
from app.media.recording.part_file import give_name
from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter, read_header
from app.types import Detections


class Lines:
    """Beside a part; `name_lines` makes the sidecar of them.

    Attributes:
        is_whole: nothing was left out, as what another model found is.
        score_threshold: the highest so far: what scores more is in all of them.
    """

    def __init__(self, part: Path, header: SidecarHeader) -> None:
        """Begin them.

        Raises:
            OSError: the folder cannot be written to, or the like.
        """
        self._class_names = header.class_names
        self._writer = SidecarWriter(lines_of(part), header)
        self._first: int | None = None
        self._count = 0
        self.is_whole = True
        self.score_threshold = 0.0

    def write(self, kept: Kept) -> None:
        """Add a line. Before its picture: what a crash leaves has one for each.

        Raises:
            OSError: the disk is full, or the like.
        """
        if self._first is None:
            self._first = kept.picture.pts
        detections = Detections.empty()
        if (found := kept.found) is not None:
            self.score_threshold = max(self.score_threshold, found.score_threshold)
            if found.class_names == self._class_names:
                detections = found.detections
            else:
                self.is_whole = False
        at_s = float((kept.picture.pts - self._first) * TIME_BASE)
        self._writer.write(FrameDetections(self._count, at_s, detections))
        self._count += 1

    def close(self) -> None:
        """Nothing more is written."""
        self._writer.close()


def lines_of(part: Path) -> Path:
    """Where the sidecar of a clip in the making is."""
    return part.with_suffix(".lines")


def discard_lines(part: Path) -> None:
    """Remove those of `part`, if any."""
    with suppress(OSError):
        lines_of(part).unlink(missing_ok=True)


def name_lines(
    part: Path,
    clip: Path,
    count: int,
    *,
    score_threshold: float | None = None,
    overwrite: bool = False,
) -> bool:
    """Make the sidecar of `clip`, of so many pictures, from the lines of its part.

    Nothing happens where there are none; they are removed.

    Args:
        part: the clip in the making.
        clip: what it is called now.
        count: its pictures.
        score_threshold: see `Lines`; None: as it was at their beginning.
        overwrite: replace a file of the sidecar's name.

    Returns:
        Whether the sidecar is there; a clip without one is still a clip.
    """
    lines = lines_of(part)
    sidecar = clip.with_suffix(".jsonl")
    try:
        _keep_lines(lines, count, clip, score_threshold)
        if overwrite:
            lines.replace(sidecar)
        else:
            give_name(lines, sidecar)
    except (OSError, SidecarError, StopIteration):
        return False
    finally:
        discard_lines(part)
    return True


def _keep_lines(
    lines: Path, count: int, clip: Path, score_threshold: float | None
) -> None:
    """Those of whole pictures, and the name that the clip really got."""
    header = replace(read_header(lines), source=str(clip.absolute()))
    if score_threshold is not None:
        settings = {**header.settings, "score_threshold": score_threshold}
        header = replace(header, settings=settings)
    whole = lines.with_suffix(".whole")
    SidecarWriter(whole, header).close()
    try:
        with lines.open("rb") as source, whole.open("ab") as out:
            next(source)
            out.writelines(next(source) for _ in range(count))
        whole.replace(lines)
    finally:
        whole.unlink(missing_ok=True)
