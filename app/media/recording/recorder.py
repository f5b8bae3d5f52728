"""Annotated pictures into an H.264 file that plays everywhere."""

import logging
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from av.codec.context import CodecContext
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from app.errors import RecordingError
from app.media.recording.part_file import (
    Origin,
    PartHandle,
    finish,
    forget_source,
    free_name,
    measure,
    part_of,
)
from app.media.recording.recovery import recover
from app.types import ImageBgr, RecordingInfo, VideoInfo

log = logging.getLogger(__name__)

SUFFIXES = (".mp4", ".mov", ".mkv")
ENCODERS = ("x264", "nvenc")
TIME_BASE = Fraction(1, 90_000)
DEFAULT_FPS = Fraction(25)
# At most so much is lost in a crash, and two seconds more in a power cut.
FRAGMENT_S = 0.5
SYNC_EVERY_S = 2.0
MIN_FREE_BYTES = 100 * 2**20

_FRAGMENTED = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": str(round(FRAGMENT_S * 1e6)),
    "flush_packets": "1",
}


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
        self._path = path
        self._overwrite = overwrite
        self._encoder = encoder
        self._quality = quality
        self._split_s = split_s
        self._split_bytes = split_bytes
        self._min_free_bytes = min_free_bytes
        self._free_bytes = free_bytes
        self._info: VideoInfo | None = None
        self._part: _Part | None = None
        # Full ones wait here: to finish them at once would stop the recording.
        self._full: list[_Part] = []
        self._checked_at_s = 0.0

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
            self._check_name()
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
        if self._part is None:
            raise ValueError("write() needs open() first")
        if time.monotonic() - self._checked_at_s >= SYNC_EVERY_S:
            self._check_free()
            self._part.sync()
        if self._is_full(self._part, timestamp_s):
            number = len(self._full) + 2
            following = self._begin(
                self._path.with_stem(f"{self._path.stem}-{number:03}")
            )
            self._full.append(self._part)
            self._part = following
            self._full[-1].end()
        try:
            self._part.write(image_bgr, timestamp_s)
        except (av.FFmpegError, OSError) as error:
            raise RecordingError(
                f"The recording {self._path.name} was ended: {_reason(error)}.",
                "What was recorded until then is kept.",
            ) from error

    def jump(self) -> None:
        """From here on without sound, as a whole: the source's no longer fits.

        Raises:
            RecordingError: the file cannot be written to.
        """
        if self._part is None or self._info is None or self._info.path is None:
            return
        self._info = replace(self._info, path=None)
        try:
            self._part.forget_source()
        except OSError as error:
            raise RecordingError(
                f"The recording {self._path.name} was ended: {_reason(error)}.",
                "What was recorded until then is kept.",
            ) from error

    def close(self) -> RecordingInfo | None:
        """Finish the file and give it its name; None when it is empty.

        Of several files, the numbers are those of all together.

        Raises:
            RecordingError: it could not be finished; it stays under its part name.
        """
        parts = [*self._full, *([self._part] if self._part else [])]
        self._full, self._part = [], None
        count, duration_s = 0, 0.0
        for part in parts:
            part_count, part_s = part.finish(overwrite=self._overwrite)
            count, duration_s = count + part_count, duration_s + part_s
        return RecordingInfo(self.path, count, 0, duration_s) if count else None

    def _check_name(self) -> None:
        path = self._path
        if path.suffix.lower() not in SUFFIXES:
            raise RecordingError(
                f"{path.name} is not a name for a recording.",
                f"Use one that ends in {', '.join(SUFFIXES)}.",
            )
        if path.is_dir():
            raise RecordingError(f"{path} is a folder.", "Name a file in it.")
        if path.exists() and not self._overwrite:
            raise RecordingError(
                f"{path} is there already and was left alone.",
                "Choose another name, or pass --overwrite.",
            )
        if not path.parent.is_dir():
            raise RecordingError(
                f"There is no folder {path.parent}.", "Create it, or choose another."
            )

    def _begin(self, path: Path) -> "_Part":
        assert self._info is not None
        try:
            if part_of(path).exists() and not self._overwrite:
                recover(part_of(path))  # never lose an earlier one to this one
            return _Part(path, self._info, self._encoder, self._quality)
        except (av.FFmpegError, OSError) as error:
            raise RecordingError(
                f"{path} cannot be written: {_reason(error)}.",
                "Choose another folder.",
            ) from error

    def _is_full(self, part: "_Part", timestamp_s: float) -> bool:
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
                "Make room. What was recorded until then is kept.",
            )


class _Part:
    """One file in the making."""

    def __init__(self, path: Path, info: VideoInfo, encoder: str, quality: int) -> None:
        self._path = path
        self._part = part_of(path)
        self._info = info
        self._fps = info.fps or DEFAULT_FPS
        self._encoder = encoder
        self._quality = quality
        self._size_wh = (0, 0)
        self._last_pts = -1
        self.first_s = 0.0
        self.count = 0
        self._origin: Origin | None = None
        self._stream: VideoStream | None = None
        self._handle = PartHandle(self._part)
        try:
            self._container: OutputContainer | None = av.open(
                str(self._part), "w", format="mp4", options=_FRAGMENTED
            )
        except BaseException:
            self._handle.close()
            raise

    def sync(self) -> None:
        with suppress(OSError):  # the next write says what is wrong
            self._handle.sync()

    def size(self) -> int:
        return self._handle.size()

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        assert self._container is not None
        if self._stream is None:
            self.first_s = timestamp_s
            self._stream = self._add_stream(self._container, image_bgr)
        pts = round((timestamp_s - self.first_s) / TIME_BASE)
        pts = max(pts, self._last_pts + 1)
        frame = self._to_yuv(image_bgr)
        frame.pts, frame.time_base = pts, TIME_BASE
        self._mux(frame, self._container)
        self._last_pts = pts
        self.count += 1

    def forget_source(self) -> None:
        origin, self._origin = self._origin, None
        if origin is not None and self._container is not None:
            # For a header still to be written, and for one that is.
            self._container.metadata["comment"] = Origin(
                "", origin.first_s, origin.interval_s
            ).to_text()
            forget_source(self._part, origin)

    def end(self) -> None:
        """Write what the encoder still holds; fails like `write`, but in silence.

        What could not be written is lost then; what was, is not.
        """
        container, self._container = self._container, None
        if container is None:
            return
        try:
            try:
                if self._stream is not None:
                    self._mux(None, container)
            finally:
                container.close()
        except (av.FFmpegError, OSError) as error:
            log.warning("%s: the end is missing: %s", self._path.name, error)
        self.sync()

    def finish(self, *, overwrite: bool) -> tuple[int, float]:
        """Turn the part into the file; returns its count of pictures and length."""
        self.end()
        target = self._path if overwrite else free_name(self._path)
        try:
            if not self.count:
                return 0, 0.0
            try:
                return finish(self._part, target)
            except (av.FFmpegError, OSError) as error:
                # No room for a second copy: a fragmented MP4 plays too.
                log.warning("%s stays fragmented: %s", target, error)
                measured = measure(self._part)
                os.replace(self._part, target)  # noqa: PTH105 - atomic everywhere
                return measured
        except OSError as error:
            raise RecordingError(
                f"The recording {self._path.name} could not be finished: "
                f"{_reason(error)}.",
                f"What there is of it is in {self._part}.",
            ) from error
        finally:
            self._handle.close()
            if target.exists() or not self.count:
                self._part.unlink(missing_ok=True)

    def _add_stream(
        self, container: OutputContainer, image_bgr: ImageBgr
    ) -> VideoStream:
        height, width = image_bgr.shape[:2]
        # yuv420p halves both sides; an odd one gains a line.
        self._size_wh = (width + width % 2, height + height % 2)
        name, options = _pick_encoder(
            self._encoder, self._quality, is_live=self._info.is_live
        )
        self._origin = Origin(self._info.path or "", self.first_s, float(1 / self._fps))
        container.metadata["comment"] = self._origin.to_text()
        stream = container.add_stream(name, rate=self._fps, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = self._size_wh
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        stream.codec_context.gop_size = max(1, round(2 * self._fps))
        stream.codec_context.colorspace = self._colorspace()
        stream.codec_context.color_range = ColorRange.MPEG
        return stream

    def _colorspace(self) -> Colorspace:
        # What players assume where they do not read the tag: HD is BT.709.
        return Colorspace.ITU709 if self._size_wh[1] >= 720 else Colorspace.ITU601

    def _to_yuv(self, image_bgr: ImageBgr) -> VideoFrame:
        width, height = self._size_wh
        rows, columns = image_bgr.shape[:2]
        if (width, height) == (columns + columns % 2, rows + rows % 2):
            image = image_bgr
            if rows % 2 or columns % 2:
                image = _evened(image_bgr)
        else:
            image = _letterboxed(image_bgr, self._size_wh)
        # Borrowed, not copied: what goes to the encoder is made from it right here.
        picture = np.ascontiguousarray(image)
        return VideoFrame.from_numpy_buffer(picture, format="bgr24").reformat(
            format="yuv420p",
            dst_colorspace=self._colorspace(),
            dst_color_range=ColorRange.MPEG,
        )

    def _mux(self, frame: VideoFrame | None, container: OutputContainer) -> None:
        assert self._stream is not None
        for packet in self._stream.encode(frame):
            packet.duration = round(1 / self._fps / TIME_BASE)
            container.mux(packet)


def _evened(image_bgr: ImageBgr) -> ImageBgr:
    """Its last row and column doubled where their number is odd."""
    rows, columns = image_bgr.shape[:2]
    grown = cv2.copyMakeBorder(
        image_bgr, 0, rows % 2, 0, columns % 2, cv2.BORDER_REPLICATE
    )
    return np.asarray(grown, np.uint8)


def _letterboxed(image_bgr: ImageBgr, size_wh: tuple[int, int]) -> ImageBgr:
    (width, height), (rows, columns) = size_wh, image_bgr.shape[:2]
    scale = min(width / columns, height / rows)
    inner_wh = max(1, round(columns * scale)), max(1, round(rows * scale))
    left, top = (width - inner_wh[0]) // 2, (height - inner_wh[1]) // 2
    boxed = np.zeros((height, width, 3), np.uint8)
    boxed[top : top + inner_wh[1], left : left + inner_wh[0]] = cv2.resize(
        image_bgr, inner_wh, interpolation=cv2.INTER_AREA
    )
    return boxed


def _pick_encoder(
    encoder: str, quality: int, *, is_live: bool
) -> tuple[str, dict[str, str]]:
    """The encoder asked for, or the best that really opens here."""
    # No B-frames: packets leave in the order of their pictures. Live, none waits
    # in the encoder (x264 looks 10 ahead), or a crash would take it along.
    x264 = {"preset": "veryfast", "crf": str(quality), "bf": "0"}
    if is_live:
        x264["tune"] = "zerolatency"
    nvenc = {"preset": "p4", "rc": "vbr", "cq": str(quality), "bf": "0", "delay": "0"}
    vp9 = {"crf": str(min(63, quality + 10)), "b": "0", "deadline": "realtime"}
    candidates = [
        ("libx264", x264),
        # Free codecs, for a build of FFmpeg without x264.
        ("libvpx-vp9", vp9 | {"cpu-used": "8", "lag-in-frames": "0"}),
        ("mpeg4", {"qscale": str(max(1, quality // 5)), "bf": "0"}),
    ]
    if encoder == "nvenc":
        candidates.insert(0, ("h264_nvenc", nvenc))
    for name, options in candidates:
        if _opens(name, tuple(options.items())):
            if name != candidates[0][0]:
                log.warning("%s does not work here: %s", candidates[0][0], name)
            return name, options
    raise RecordingError("This FFmpeg can write no video.", "Reinstall the av package.")


@cache
def _opens(name: str, options: tuple[tuple[str, str], ...]) -> bool:
    """Whether one picture can be encoded: a wheel lists NVENC without a GPU too."""
    try:
        context = CodecContext.create(name, "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height, context.pix_fmt = 256, 256, "yuv420p"
        context.time_base, context.framerate = Fraction(1, 25), Fraction(25)
        context.options = dict(options)
        frame = VideoFrame(256, 256, "yuv420p")
        frame.pts = 0
        return bool([*context.encode(frame), *context.encode(None)])
    except (av.FFmpegError, OSError, ValueError) as error:
        log.debug("%s does not open: %s", name, error)
        return False


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:].rstrip(".")
