"""Pictures into packets: what a recording writes and a replay keeps."""

import io
import logging
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import av
import cv2
import numpy as np
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from numpy.typing import NDArray

from app.errors import RecordingError
from app.types import ImageBgr

log = logging.getLogger(__name__)

ENCODERS = ("x264", "nvenc")
TIME_BASE = Fraction(1, 90_000)
DEFAULT_FPS = Fraction(25)
KEY_EVERY_S = 2.0
# MP4 keeps intervals in 31 bits of ticks, which is 6.6 hours: in a longer one the
# picture before it is written again.
_LONGEST_TICKS = 2**30
# So large a picture one thread encodes in time, where the CPU is spared.
_ONE_THREAD_PX = 1280 * 720


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A packet: one picture as the encoder wrote it.

    Attributes:
        pts: when it is shown, in ticks of `TIME_BASE` since the encoder's first.
        dts: when it is decoded, likewise; it always grows.
        is_key: decoding can begin here.
        data: what the codec says.
    """

    pts: int
    dts: int
    is_key: bool
    data: bytes


class Encoder:
    """Encodes pictures with the timestamps they are given; the first is time zero.

    Attributes:
        first_s: that first timestamp.
        interval: how long a picture stays where nothing better is known, in ticks.
        stream: what a muxer needs to know of the codec; good until `close`.
    """

    def __init__(
        self,
        image_bgr: ImageBgr,
        timestamp_s: float,
        *,
        fps: Fraction | None,
        encoder: str = "x264",
        quality: int = 20,
        is_live: bool,
        key_every_s: float = KEY_EVERY_S,
        is_frugal: bool = False,
    ) -> None:
        """Get ready for pictures like `image_bgr`, (H, W, 3) uint8, from then on.

        Args:
            image_bgr: gives the size; others are scaled to fit, with black bars.
            timestamp_s: becomes time zero.
            fps: how many a second, about.
            encoder: one of `ENCODERS`; where it does not work, the next best.
            quality: on x264's CRF scale.
            is_live: no picture waits in the encoder.
            key_every_s: there is a key picture at least so often.
            is_frugal: spare the CPU rather than bytes.

        Raises:
            RecordingError: nothing here can encode.
        """
        height, width = image_bgr.shape[:2]
        # yuv420p halves both sides; an odd one gains a line.
        self._size_wh = (width + width % 2, height + height % 2)
        self.first_s = timestamp_s
        self._last_pts, self._key_pts = -1, 0
        self._key_every = round(key_every_s / TIME_BASE)
        self._last: VideoFrame | None = None
        self._is_frugal = is_frugal
        fps = fps or DEFAULT_FPS
        self.interval = round(1 / fps / TIME_BASE)
        name, options = _pick_encoder(
            encoder, quality, is_live=is_live, is_frugal=is_frugal
        )
        self._time_base = _time_base_of(name)
        # Nothing is written to this one: it is the only way to an encoder whose
        # parameters any number of muxers can take over.
        self._shell = av.open(io.BytesIO(), "w", format="mp4")
        stream = self._shell.add_stream(name, rate=fps, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = self._size_wh
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = self._time_base
        stream.codec_context.gop_size = max(1, round(key_every_s * fps))
        stream.codec_context.colorspace = self._colorspace()
        stream.codec_context.color_range = ColorRange.MPEG
        if name == "libx264" and not is_live:
            # Pictures wait in it anyway. PyAV's own choice, slices of each, wakes all
            # threads for each: a file to H.264 took a tenth longer.
            stream.codec_context.thread_type = "FRAME"
        if is_frugal and width * height <= _ONE_THREAD_PX:
            # What several threads cost each other is a seventh of such a picture.
            stream.codec_context.thread_count = 1
        self._shell.start_encoding()
        self.stream = stream

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height of what is encoded, both even."""
        return self._size_wh

    @property
    def last_pts(self) -> int:
        """Of the picture that was given last."""
        return self._last_pts

    def encode(
        self, image_bgr: ImageBgr, timestamp_s: float, *, is_key: bool = False
    ) -> list[EncodedPicture]:
        """The packets that are ready now; often one, while it looks ahead none.

        A timestamp that does not grow is moved on by the smallest step.
        """
        pts = round((timestamp_s - self.first_s) / TIME_BASE)
        pts = max(pts, self._last_pts + 1)
        ready = []
        while self._last is not None and pts - self._last_pts > _LONGEST_TICKS:
            ready += self._encode(self._last, self._last_pts + _LONGEST_TICKS)
        self._last = self._to_yuv(image_bgr)
        return ready + self._encode(self._last, pts, is_key=is_key)

    def finish(self) -> list[EncodedPicture]:
        """The packets it still holds."""
        return self._packets(None)

    def close(self) -> None:
        """Let go of the encoder, of its threads and its memory."""
        self._last = None
        self._shell.close()

    def _encode(
        self, frame: VideoFrame, pts: int, *, is_key: bool = False
    ) -> list[EncodedPicture]:
        is_key = is_key or pts - self._key_pts >= self._key_every
        frame.pict_type = PictureType.I if is_key else PictureType.NONE
        frame.pts = round(pts * TIME_BASE / self._time_base)
        frame.time_base = self._time_base
        self._last_pts = pts
        if is_key:
            self._key_pts = pts
        return self._packets(frame)

    def _packets(self, frame: VideoFrame | None) -> list[EncodedPicture]:
        ticks = self._time_base / TIME_BASE
        encoded = []
        for packet in self.stream.encode(frame):
            assert packet.pts is not None
            dts = packet.pts if packet.dts is None else packet.dts
            encoded.append(
                EncodedPicture(
                    round(packet.pts * ticks),
                    round(dts * ticks),
                    packet.is_keyframe,
                    bytes(packet),
                )
            )
        return encoded

    def _colorspace(self) -> Colorspace:
        # What players assume where they do not read the tag: HD is BT.709.
        is_709 = self._size_wh[1] >= 720 and not self._is_frugal
        return Colorspace.ITU709 if is_709 else Colorspace.ITU601

    def _to_yuv(self, image_bgr: ImageBgr) -> VideoFrame:
        width, height = self._size_wh
        rows, columns = image_bgr.shape[:2]
        if (width, height) == (columns + columns % 2, rows + rows % 2):
            image = image_bgr
            if rows % 2 or columns % 2:
                image = _evened(image_bgr)
        else:
            image = _letterboxed(image_bgr, self._size_wh)
        if self._is_frugal:
            # A third of what the exact way takes: BT.601 alone, and of four pixels
            # one says which colour they have.
            planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)
            frame = _frame_of(planes, self._size_wh)
        else:
            frame = _converted(image, _FROM_BGR[self._colorspace()])
        frame.colorspace, frame.color_range = self._colorspace(), ColorRange.MPEG
        return frame


def _from_bgr(kr: float, kb: float) -> NDArray[np.float32]:
    """What makes Y, U and V of B, G, R and 1, in the range of video, (3, 4).

    Source: ITU-R BT.709, 3.2 to 3.5; BT.601 differs in its weights alone.
    """
    y = np.array([kb, 1 - kr - kb, kr])
    u, v = (
        (np.eye(3)[channel] - y) / (2 * (1 - y[channel]))
        for channel in (0, 2)  # blue, red
    )
    scaled = np.stack([219 * y, 224 * u, 224 * v]) / 255
    return np.hstack([scaled, [[16], [128], [128]]]).astype(np.float32)


_FROM_BGR = {
    Colorspace.ITU709: _from_bgr(0.2126, 0.0722),
    Colorspace.ITU601: _from_bgr(0.299, 0.114),
}


def _converted(image_bgr: ImageBgr, from_bgr: NDArray[np.float32]) -> VideoFrame:
    """In yuv420p; both sides of the picture are even.

    FFmpeg's own way takes half as long again and is half a step too dark.
    """
    height, width = image_bgr.shape[:2]
    whole = cv2.transform(image_bgr, from_bgr)
    half = cv2.resize(whole, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    frame = VideoFrame(width, height, "yuv420p")
    for channel, (pixels, lines) in enumerate(
        zip((whole, half, half), _lines_of(frame), strict=True)
    ):
        cv2.extractChannel(pixels, channel, dst=lines)
    return frame


def _frame_of(planes: NDArray[np.uint8], size_wh: tuple[int, int]) -> VideoFrame:
    """A picture of the planes of yuv420p, (3 H / 2, W).

    PyAV's own `from_numpy_buffer` takes a height of 270 for 268, and so U for V.
    """
    frame, values, begin = VideoFrame(*size_wh, "yuv420p"), planes.reshape(-1), 0
    for lines in _lines_of(frame):
        lines[:] = values[begin : begin + lines.size].reshape(lines.shape)
        begin += lines.size
    return frame


def _lines_of(frame: VideoFrame) -> list[NDArray[np.uint8]]:
    """The memory of its planes, (H, W) each; what is written there is its picture."""
    planes = []
    for plane in frame.planes:
        memory = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload] # a buffer
        lines = memory.reshape(-1, plane.line_size)
        planes.append(lines[: plane.height, : plane.width])
    return planes


def _evened(image_bgr: ImageBgr) -> ImageBgr:
    """Its last row and column doubled where their number is odd."""
    rows, columns = image_bgr.shape[:2]
    grown = cv2.copyMakeBorder(
        image_bgr, 0, rows % 2, 0, columns % 2, cv2.BORDER_REPLICATE
    )
    return np.asarray(grown, np.uint8)


def place_in(
    size_wh: tuple[int, int], image_bgr: ImageBgr
) -> tuple[int, int, tuple[int, int]]:
    """Left, top, and width and height of `image_bgr` in a picture of that size."""
    (width, height), (rows, columns) = size_wh, image_bgr.shape[:2]
    if (width, height) == (columns + columns % 2, rows + rows % 2):
        return 0, 0, (columns, rows)
    scale = min(width / columns, height / rows)
    inner_wh = max(1, round(columns * scale)), max(1, round(rows * scale))
    return (width - inner_wh[0]) // 2, (height - inner_wh[1]) // 2, inner_wh


def _letterboxed(image_bgr: ImageBgr, size_wh: tuple[int, int]) -> ImageBgr:
    width, height = size_wh
    left, top, inner_wh = place_in(size_wh, image_bgr)
    boxed = np.zeros((height, width, 3), np.uint8)
    boxed[top : top + inner_wh[1], left : left + inner_wh[0]] = cv2.resize(
        image_bgr, inner_wh, interpolation=cv2.INTER_AREA
    )
    return boxed


def _pick_encoder(
    encoder: str, quality: int, *, is_live: bool, is_frugal: bool
) -> tuple[str, dict[str, str]]:
    """The encoder asked for, or the best that really opens here."""
    # No B-frames: packets leave in the order of their pictures. Live, none waits
    # in the encoder (x264 looks 10 ahead), or a crash would take it along.
    preset = "ultrafast" if is_frugal else "veryfast"
    x264 = {"preset": preset, "crf": str(quality), "bf": "0"}
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
        candidates.insert(0, ("h264_nvenc", nvenc | {"forced-idr": "1"}))
    for name, options in candidates:
        if _opens(name, tuple(options.items())):
            if name != candidates[0][0]:
                log.warning("%s does not work here: %s", candidates[0][0], name)
            return name, options
    raise RecordingError("This FFmpeg can write no video.", "Reinstall the av package.")


def _time_base_of(name: str) -> Fraction:
    # MPEG-4 counts a second in 16 bits.
    return Fraction(1, 45_000) if name == "mpeg4" else TIME_BASE


@cache
def _opens(name: str, options: tuple[tuple[str, str], ...]) -> bool:
    """Whether one picture can be encoded: a wheel lists NVENC without a GPU too."""
    try:
        context = CodecContext.create(name, "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height, context.pix_fmt = 256, 256, "yuv420p"
        context.time_base, context.framerate = _time_base_of(name), Fraction(25)
        context.options = dict(options)
        frame = VideoFrame(256, 256, "yuv420p")
        frame.pts = 0
        return bool([*context.encode(frame), *context.encode(None)])
    except (av.FFmpegError, OSError, ValueError) as error:
        log.debug("%s does not open: %s", name, error)
        return False
