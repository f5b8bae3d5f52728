"""A part of a clean recording: pictures as they came, and a line for each."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from app.media.clips.kept import CleanEncoder, Kept
from app.media.clips.lines import Lines, discard_lines, lines_of, name_lines
from app.media.recording.encoder import Encoder
from app.media.recording.finishing import Finished
from app.media.recording.part_writer import PartWriter
from app.sidecar import SidecarHeader
from app.types import Detections, Found, ImageBgr, VideoInfo

NOTHING = Found(Detections.empty(), (), 0.0)
_OTHERS = "What another model found is not in its sidecar."
_NO_SIDECAR = "Its sidecar could not be written."


class CleanPart(PartWriter):
    """One file in the making, and its sidecar; pictures or packets are its food."""

    def __init__(
        self, path: Path, info: VideoInfo, encoder: str, quality: int, first_part: str
    ) -> None:
        """Create it; see `PartWriter`."""
        super().__init__(path, info, encoder, quality, first_part)
        self._own: CleanEncoder | None = None
        self._lines: Lines | None = None
        self._shift = 0  # when it begins, on the clock of the encoder

    def write_clean(
        self, image_bgr: ImageBgr, timestamp_s: float, found: Found
    ) -> None:
        """Encode a picture; the first gives the file its size.

        Raises:
            OSError: the disk is full, or the like; av's errors are among them.
        """
        if self._own is None:
            self._own = CleanEncoder(
                image_bgr,
                timestamp_s,
                fps=self._info.fps,
                encoder=self._encoder_name,
                quality=self._quality,
                is_live=self._info.is_live,
            )
            self._begin_both(self._own.encoder, timestamp_s, found)
        self._add(self._own.encode(image_bgr, timestamp_s, found))
        self.count += 1

    def write_kept(self, kept: Kept) -> None:
        """Take what was encoded already; the first is a key picture.

        Raises:
            OSError: as `write_clean`.
        """
        if self._muxer is None:
            self._shift = kept.picture.pts
            self._begin_both(kept.encoder, kept.timestamp_s, kept.found or NOTHING)
        self._add([kept])
        self.count += 1

    def sync(self) -> None:
        """The lines after the pictures: there are never fewer of them."""
        super().sync()
        with suppress(OSError), lines_of(self.part).open("rb+") as lines:
            os.fsync(lines.fileno())

    def _begin_both(self, encoder: Encoder, timestamp_s: float, found: Found) -> None:
        header = SidecarHeader(
            source=str(self.path.absolute()),
            size_wh=encoder.size_wh,
            model_name=found.model_name,
            model_sha256="",
            class_names=found.class_names,
            settings={"score_threshold": found.score_threshold},
        )
        self._lines = Lines(self.part, header)
        self._begin(encoder, timestamp_s)

    def _add(self, encoded: list[Kept]) -> None:
        assert self._lines is not None
        for kept in encoded:
            self._lines.write(kept)
            self._mux([kept.picture], kept.encoder.interval, shift=self._shift)

    def _drain(self) -> None:
        if self._own is not None:
            self._add(self._own.finish())

    def _let_go(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            own.close()
        if self._lines is not None:
            self._lines.close()

    def _complete(self, made: Finished | None, *, overwrite: bool) -> Finished | None:
        lines = self._lines
        if made is None:
            discard_lines(self.part)
            return None
        notes = [] if lines is None or lines.is_whole else [_OTHERS]
        is_there = name_lines(
            self.part,
            made.path,
            made.count,
            score_threshold=lines.score_threshold if lines else None,
            overwrite=overwrite and made.path == self.path,
        )
        if not is_there:
            notes.append(_NO_SIDECAR)
        return replace(made, notes=(*made.notes, *notes))
