"""A part of a recording as long as pictures come: an encoder and a muxer."""

import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import av

from app.media.recording.encoder import DEFAULT_FPS, EncodedPicture, Encoder
from app.media.recording.finishing import Finished, finish
from app.media.recording.muxer import FRAGMENTED, Muxer
from app.media.recording.part_file import Origin, PartHandle, forget_source
from app.types import ImageBgr, VideoInfo

log = logging.getLogger(__name__)


class PartWriter:
    """One file in the making.

    Attributes:
        path: what it is to be called.
        part: what it is called.
        first_s: when it begins.
        count: pictures handed to it.
    """

    def __init__(
        self, path: Path, info: VideoInfo, encoder: str, quality: int, first_part: str
    ) -> None:
        """Create the part.

        Args:
            path: what it is to be called.
            info: of the source.
            encoder: see `Encoder`.
            quality: see `Encoder`.
            first_part: see `Origin`.

        Raises:
            OSError: the folder cannot be written to, or the like.
        """
        self.path = path
        self._info = info
        self._encoder_name = encoder
        self._quality = quality
        self._first_part = first_part
        self.first_s = 0.0
        self.count = 0
        self._origin: Origin | None = None
        self._encoder: Encoder | None = None
        self._muxer: Muxer | None = None
        self._handle: PartHandle | None = PartHandle.new(path)
        self.part = self._handle.part

    def sync(self) -> None:
        """Bring what was written onto the disk itself."""
        with suppress(OSError):  # the next write says what is wrong
            if self._handle is not None:
                self._handle.sync()

    def size(self) -> int:
        """Bytes written so far."""
        return self._handle.size() if self._handle is not None else 0

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        """Encode a picture; the first gives the file its size.

        Raises:
            OSError: the disk is full, or the like; av's errors are among them.
        """
        if self._encoder is None:
            self._encoder = Encoder(
                image_bgr,
                timestamp_s,
                fps=self._info.fps,
                encoder=self._encoder_name,
                quality=self._quality,
                is_live=self._info.is_live,
            )
            self._begin(self._encoder, timestamp_s)
        self._mux(self._encoder.encode(image_bgr, timestamp_s), self._encoder.interval)
        self.count += 1

    def forget_source(self) -> None:
        """No sound for this one.

        Raises:
            OSError: the part cannot be written to.
        """
        if self._origin is None or self._muxer is None:
            return
        origin, self._origin = self._origin, self._origin.without_source()
        # For a header still to be written, and for one that is.
        self._muxer.say(self._origin.to_text())
        forget_source(self.part, origin)

    def end(self, *, is_held: bool) -> None:
        """Write what the encoder still holds; fails like `write`, but in silence.

        What could not be written is lost then; what was, is not. The encoder is let
        go, and the part as well unless `is_held`.
        """
        if self._muxer is not None:
            try:
                try:
                    self._drain()
                finally:
                    self._muxer.close()
            except (av.FFmpegError, OSError) as error:
                log.warning("%s: the end is missing: %s", self.path.name, error)
            self._muxer = None
        self._let_go()
        self.sync()
        if not is_held and self._handle is not None:
            self._handle.close()
            self._handle = None

    def finish(self, *, overwrite: bool) -> Finished | None:
        """Turn the part into the file; see `finishing`."""
        self.end(is_held=True)
        handle = self._handle or PartHandle.of(self.part)
        if not self.count:
            handle.remove()
            self._complete(None, overwrite=overwrite)
            return None
        made = finish(handle, origin=self._origin, overwrite=overwrite)
        made = self._complete(made, overwrite=overwrite)
        if made is None:
            return None
        # Those that are repeated in a gap of hours were not handed to us.
        return replace(made, count=min(made.count, self.count))

    def _begin(self, encoder: Encoder, timestamp_s: float) -> None:
        """Begin the file of what `encoder` makes, from then on."""
        self.first_s = timestamp_s
        interval_s = float(1 / (self._info.fps or DEFAULT_FPS))
        self._origin = Origin(
            self._info.path or "", timestamp_s, interval_s, self._first_part
        )
        self._muxer = Muxer(
            self.part,
            encoder.stream,
            options=FRAGMENTED,
            comment=self._origin.to_text(),
        )

    def _mux(
        self, pictures: list[EncodedPicture], interval: int, *, shift: int = 0
    ) -> None:
        assert self._muxer is not None
        for picture in pictures:
            self._muxer.write(picture, stays=interval, shift=shift)

    def _drain(self) -> None:
        """Write what the encoder holds."""
        if self._encoder is not None:
            self._mux(self._encoder.finish(), self._encoder.interval)

    def _let_go(self) -> None:
        """Of the encoder."""
        encoder, self._encoder = self._encoder, None
        if encoder is not None:
            encoder.close()

    def _complete(self, made: Finished | None, *, overwrite: bool) -> Finished | None:
        """For what is kept beside the file; None: there is none."""
        del overwrite
        return made
