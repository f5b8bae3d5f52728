"""Annotated pictures into an H.264 file that plays everywhere."""

import logging
import math
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import av

from app.errors import RecordingError
from app.local_files import is_same_file
from app.media.recording.encoder import ENCODERS
from app.media.recording.finishing import Finished
from app.media.recording.muxer import FORMATS
from app.media.recording.part_file import part_of
from app.media.recording.part_writer import PartWriter
from app.media.recording.recovery import discard_earlier, recover
from app.media.recording.source_sound import has_sound
from app.types import ImageBgr, RecordingInfo, VideoInfo

log = logging.getLogger(__name__)

SUFFIXES = tuple(FORMATS)
# In a power cut so much more is lost than in a crash (see `muxer.FRAGMENT_S`).
SYNC_EVERY_S = 2.0
MIN_FREE_BYTES = 100 * 2**20
_KEPT = "What was recorded until then is kept."


class Mp4Recorder:
    """Writes one file, with the timestamps it is given.

    It is written under another name, and gets its own only when it is finished:
    a file by that name is a whole file. What a crash leaves, `recovery` mends.
    """

    def __init__(
        self,
        path: Path,
        *,
        overwrite: bool = False,
        encoder: str = "x264",
        quality: int = 20,
        split_s: float | None = None,
        split_bytes: int | None = None,
        min_free_bytes: int = MIN_FREE_BYTES,
        free_bytes: Callable[[Path], int] = lambda folder: (
            shutil.disk_usage(folder).free
        ),
    ) -> None:
        """Remember what is wanted; `open` checks it.

        Args:
            path: ends in .mp4, .mov or .mkv.
            overwrite: replace a file of that name.
            encoder: one of `ENCODERS`; where it does not work, the next best.
            quality: on x264's CRF scale: 17 looks like the original, 28 is small.
            split_s: begin another file after so many seconds.
            split_bytes: begin another file after about so many bytes.
            min_free_bytes: end the recording when the disk has less left.
            free_bytes: what the disk of a folder has left.
        """
        if encoder not in ENCODERS:
            raise ValueError(f"encoder must be one of {ENCODERS}, got {encoder!r}")
        if not 0 <= quality <= 51:
            raise ValueError(f"quality must be in [0, 51], got {quality}")
        if split_s is not None and not (split_s > 0 and math.isfinite(split_s)):
            raise ValueError(f"split_s must be above 0, got {split_s}")
        if split_bytes is not None and split_bytes <= 0:
            raise ValueError(f"split_bytes must be above 0, got {split_bytes}")
        self._path = path
        self._overwrite = overwrite
        self._encoder = encoder
        self._quality = quality
        self._split_s = split_s
        self._split_bytes = split_bytes
        self._min_free_bytes = min_free_bytes
        self._free_bytes = free_bytes
        self._info: VideoInfo | None = None
        self._part: PartWriter | None = None
        # Full ones wait here: to finish them at once would stop the recording.
        self._full: list[PartWriter] = []
        self._checked_at_s = 0.0
        self._silenced = ""  # whose sound no longer fits

    @property
    def path(self) -> str:
        """Where the recording goes; of several files, the first."""
        return str(self._path)

    def open(self, info: VideoInfo) -> None:
        """Check the name and create the file.

        Raises:
            RecordingError: the name is taken or not a video's, or the folder
                cannot be written to, or has no room.
        """
        try:
            self._check_name(info)
        except OSError as error:
            raise RecordingError(
                f"{self._path} cannot be written: {_reason(error)}.",
                "Choose another name.",
            ) from error
        self._check_free()
        self._info = info
        self._part = self._begin(self._path)

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        """Encode `image_bgr`, (H, W, 3) uint8; the first gives the file its size.

        A picture of another size is scaled to fit, with black bars. A timestamp
        that does not grow is moved on by the smallest step.

        Raises:
            RecordingError: the disk is full, or the like.
        """
        self._write(
            lambda part: part.write(image_bgr, timestamp_s), timestamp_s=timestamp_s
        )

    def jump(self) -> None:
        """From here on without sound, as a whole: the source's no longer fits.

        Raises:
            RecordingError: the file cannot be written to.
        """
        if self._part is None or self._info is None or self._info.path is None:
            return
        self._silenced = self._info.path
        self._info = replace(self._info, path=None)
        try:
            self._part.forget_source()
        except OSError as error:
            raise RecordingError(
                f"The recording {self._path.name} was ended: {_reason(error)}.", _KEPT
            ) from error

    def close(self) -> RecordingInfo | None:
        """Finish the file and give it its name; None when it is empty.

        Of several files, the numbers are those of all together.

        Raises:
            RecordingError: one could not be finished and stays under its part name;
                the others are whole.
        """
        parts = [*self._full, *([self._part] if self._part else [])]
        self._full, self._part = [], None
        earlier = self._finish_earlier([part for part in parts if part.count])
        finished: list[Finished] = []
        failures: list[str] = []
        # The first one last: it holds them all.
        for part in reversed(parts):
            try:
                made = part.finish(overwrite=self._overwrite)
            except Exception as error:
                log.debug("%s cannot be finished", part.part, exc_info=error)
                failures.append(
                    f"The recording {part.path.name} could not be finished: "
                    f"{_reason(error)}. What there is of it is in {part.part}."
                )
            else:
                finished += [made] if made else []
        finished.reverse()
        if failures:
            whole = ", ".join(str(made.path) for made in finished)
            raise RecordingError(
                " ".join(reversed(failures)), f"Whole is {whole}." if whole else ""
            )
        return self._sum_up(finished, earlier)

    def _write(
        self,
        write: Callable[[PartWriter], None],
        *,
        timestamp_s: float,
        may_split: bool = True,
    ) -> None:
        """Into the part whose turn it is, with everything that may happen to it."""
        if self._part is None:
            raise ValueError("write() needs open() first")
        if time.monotonic() - self._checked_at_s >= SYNC_EVERY_S:
            self._check_free()
            self._part.sync()
        if may_split and self._is_full(self._part, timestamp_s):
            number = len(self._full) + 2
            following = self._begin(
                self._path.with_stem(f"{self._path.stem}-{number:03}")
            )
            self._full.append(self._part)
            self._part = following
            # The first stays held, and with it all of them (see `Origin.first_part`).
            self._full[-1].end(is_held=number == 2)
        try:
            write(self._part)
        except (av.FFmpegError, OSError) as error:
            raise RecordingError(
                f"The recording {self._path.name} was ended: {_reason(error)}.", _KEPT
            ) from error

    def _new_part(self, path: Path, info: VideoInfo, first_part: str) -> PartWriter:
        """To write to `path`; see `PartWriter`."""
        return PartWriter(path, info, self._encoder, self._quality, first_part)

    def _finish_earlier(self, parts: list[PartWriter]) -> list[str]:
        """What a crash left of the same name comes before what we made."""
        notes = []
        for part in parts:
            for number in range(1, 1000):
                earlier = part_of(part.path, number=number)
                if self._overwrite or earlier == part.part or not earlier.exists():
                    break
                with suppress(RecordingError):
                    recovered = recover(earlier)
                    if recovered is not None:
                        notes.append(f"An earlier one, cut off, is in {recovered}.")
        return notes

    def _sum_up(
        self, finished: list[Finished], notes: list[str]
    ) -> RecordingInfo | None:
        if not finished:
            return None
        notes += [note for made in finished for note in made.notes]
        if self._silenced and has_sound(Path(self._silenced)):
            notes.append("It has no sound where the video was not played in one go.")
        return RecordingInfo(
            str(finished[0].path),
            sum(made.count for made in finished),
            0,
            sum(made.duration_s for made in finished),
            notes=tuple(dict.fromkeys(notes)),
        )

    def _check_name(self, info: VideoInfo) -> None:
        path = self._path
        if path.suffix.lower() not in SUFFIXES:
            raise RecordingError(
                f"{path.name} is not a name for a recording.",
                f"Use one that ends in {', '.join(SUFFIXES)}.",
            )
        if path.is_dir():
            raise RecordingError(f"{path} is a folder.", "Name a file in it.")
        if info.path and is_same_file(Path(info.path), path):
            raise RecordingError(
                f"{path} is the video that is played, and was left alone.",
                "Choose another name.",
            )
        if path.exists() and not self._overwrite:
            raise RecordingError(
                f"{path} is there already and was left alone.",
                "Choose another name, or pass --overwrite.",
            )
        if not path.parent.is_dir():
            raise RecordingError(
                f"There is no folder {path.parent}.", "Create it, or choose another."
            )

    def _begin(self, path: Path) -> PartWriter:
        assert self._info is not None
        if self._overwrite:
            discard_earlier(path, made_from=self._info.path)
        first = self._full[0] if self._full else self._part
        try:
            return self._new_part(path, self._info, first.part.name if first else "")
        except (av.FFmpegError, OSError) as error:
            raise RecordingError(
                f"{path} cannot be written: {_reason(error)}.",
                "Choose another folder.",
            ) from error

    def _is_full(self, part: PartWriter, timestamp_s: float) -> bool:
        if not part.count:
            return False
        too_long = self._split_s is not None and (
            timestamp_s - part.first_s >= self._split_s
        )
        return too_long or (
            self._split_bytes is not None and part.size() >= self._split_bytes
        )

    def _check_free(self) -> None:
        self._checked_at_s = time.monotonic()
        try:
            free = self._free_bytes(self._path.parent)
        except OSError as error:
            log.warning("how full the disk is cannot be told: %s", error)
            return
        if free < self._min_free_bytes:
            raise RecordingError(
                f"The disk is nearly full, so {self._path.name} is not recorded "
                f"any further ({free / 2**20:.0f} MB are left).",
                f"Make room. {_KEPT}" if self._part is not None else "Make room.",
            )


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:].rstrip(".")
