"""Annotated pictures into an H.264 file that plays everywhere."""

import logging
import os
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from app.errors import RecordingError
from app.types import ImageBgr, RecordingInfo, VideoInfo

log = logging.getLogger(__name__)

SUFFIXES = (".mp4", ".mov", ".mkv")
# x264 first; the others are free codecs, for a build of FFmpeg without it.
ENCODERS: tuple[tuple[str, dict[str, str]], ...] = (
    # No B-frames: packets leave in the order of their pictures, so each has its
    # own duration, the last one too.
    ("libx264", {"preset": "veryfast", "crf": "20", "bf": "0"}),
    ("libopenh264", {}),
    ("libvpx-vp9", {"crf": "30", "b": "0", "deadline": "realtime", "cpu-used": "8"}),
)
TIME_BASE = Fraction(1, 90_000)
DEFAULT_FPS = Fraction(25)


class Mp4Recorder:
    """Writes one file, with the timestamps it is given.

    It is written under another name, and gets its own only when it is finished:
    a file by that name is a whole file.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self._path = path
        self._part = path.with_name(f".{path.stem}.part{path.suffix}")
        self._overwrite = overwrite
        self._fps = DEFAULT_FPS
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._size_wh = (0, 0)
        self._first_s = 0.0
        self._last_pts = -1
        self._count = 0

    @property
    def path(self) -> str:
        """Where the recording goes."""
        return str(self._path)

    def open(self, info: VideoInfo) -> None:
        """Check the name and create the file.

        Raises:
            RecordingError: the name is taken or not a video's, or the folder
                cannot be written to.
        """
        self._fps = info.fps or DEFAULT_FPS
        try:
            self._check_name()
            self._container = av.open(
                str(self._part),
                "w",
                # The index in front, so that a browser plays before it has all.
                options={"movflags": "+faststart"} if self._is_mp4() else {},
            )
        except (av.FFmpegError, OSError) as error:
            raise RecordingError(
                f"{self._path} cannot be written: {_reason(error)}.",
                "Choose another name or folder.",
            ) from error

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        """Encode `image_bgr`, (H, W, 3) uint8; the first gives the file its size.

        A picture of another size is scaled to fit. A timestamp that does not
        grow is moved on by the smallest step.

        Raises:
            RecordingError: the disk is full, or the like.
        """
        if self._container is None:
            raise ValueError("write() needs open() first")
        try:
            if self._stream is None:
                self._first_s = timestamp_s
                self._stream = self._add_stream(self._container, image_bgr)
            pts = round((timestamp_s - self._first_s) / TIME_BASE)
            pts = max(pts, self._last_pts + 1)
            frame = self._to_yuv(image_bgr)
            frame.pts, frame.time_base = pts, TIME_BASE
            self._mux(frame)
        except (av.FFmpegError, OSError) as error:
            raise RecordingError(
                f"The recording {self._path.name} was ended: {_reason(error)}.",
                "What was recorded until then is kept.",
            ) from error
        self._last_pts = pts
        self._count += 1

    def close(self) -> RecordingInfo | None:
        """Finish the file and give it its name; None when it is empty.

        Raises:
            RecordingError: it could not be finished; it stays under its part name.
        """
        container, self._container = self._container, None
        if container is None:
            return None
        try:
            if self._stream is not None:
                self._mux(None, container)
            container.close()
        except (av.FFmpegError, OSError) as error:
            raise RecordingError(
                f"The recording {self._path.name} could not be finished: "
                f"{_reason(error)}.",
                f"What there is of it is in {self._part}.",
            ) from error
        if not self._count:
            self._part.unlink(missing_ok=True)
            return None
        os.replace(self._part, self._path)  # noqa: PTH105 - atomic everywhere
        last = self._last_pts + self._last_duration()
        return RecordingInfo(self.path, self._count, 0, float(last * TIME_BASE))

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

    def _is_mp4(self) -> bool:
        return self._path.suffix.lower() != ".mkv"

    def _add_stream(
        self, container: OutputContainer, image_bgr: ImageBgr
    ) -> VideoStream:
        height, width = image_bgr.shape[:2]
        # yuv420p halves both sides; an odd one gains a line.
        self._size_wh = (width + width % 2, height + height % 2)
        name, options = _pick_encoder()
        stream = container.add_stream(name, rate=self._fps, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = self._size_wh
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        stream.codec_context.gop_size = max(1, round(2 * self._fps))
        space = self._colorspace()
        stream.codec_context.colorspace = space
        stream.codec_context.color_range = ColorRange.MPEG
        return stream

    def _colorspace(self) -> Colorspace:
        # What players assume where they do not read the tag: HD is BT.709.
        return Colorspace.ITU709 if self._size_wh[1] >= 720 else Colorspace.ITU601

    def _to_yuv(self, image_bgr: ImageBgr) -> VideoFrame:
        width, height = self._size_wh
        rows, columns = image_bgr.shape[:2]
        if (width, height) == (columns + columns % 2, rows + rows % 2):
            image = cv2.copyMakeBorder(
                image_bgr, 0, rows % 2, 0, columns % 2, cv2.BORDER_REPLICATE
            )
        else:
            image = cv2.resize(image_bgr, self._size_wh)
        return VideoFrame.from_ndarray(
            np.asarray(image, np.uint8), format="bgr24"
        ).reformat(
            format="yuv420p",
            dst_colorspace=self._colorspace(),
            dst_color_range=ColorRange.MPEG,
        )

    def _mux(
        self, frame: VideoFrame | None, container: OutputContainer | None = None
    ) -> None:
        container = container or self._container
        assert container is not None
        assert self._stream is not None
        for packet in self._stream.encode(frame):
            packet.duration = self._last_duration()
            container.mux(packet)

    def _last_duration(self) -> int:
        """How long the last picture stays: one nominal frame, in TIME_BASE."""
        return round(1 / self._fps / TIME_BASE)


def _pick_encoder() -> tuple[str, dict[str, str]]:
    for name, options in ENCODERS:
        if name in av.codecs_available:
            if name != ENCODERS[0][0]:
                log.warning("this FFmpeg has no x264; recording with %s", name)
            return name, options
    raise RecordingError("This FFmpeg can write no video.", "Reinstall the av package.")


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:].rstrip(".")
