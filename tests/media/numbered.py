"""Numbered pictures, and videos with sound to record from."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from app.types import ImageBgr, VideoInfo

WIDTH, HEIGHT, BITS = 160, 96, 16


def numbered(number: int) -> ImageBgr:
    """(96, 160, 3) uint8: sixteen black or white fields spell `number`."""
    bits = [(number >> bit) & 1 for bit in range(BITS)]
    fields = np.array(bits, np.uint8).reshape(2, 8) * 200 + 20
    gray = fields.repeat(HEIGHT // 2, 0).repeat(WIDTH // 8, 1)
    return np.repeat(gray[:, :, np.newaxis], 3, axis=2)


def number_in(image_bgr: ImageBgr) -> int:
    """The inverse of `numbered`, after any encoder."""
    gray = image_bgr[:HEIGHT, :WIDTH].mean(axis=2)
    fields = gray.reshape(2, HEIGHT // 2, 8, WIDTH // 8).mean(axis=(1, 3))
    return sum(1 << bit for bit, value in enumerate(fields.flat) if value > 120)


def numbers_in(path: Path) -> list[int]:
    """Every number that decodes, in order, up to where the file is torn."""
    numbers = []
    with av.open(str(path)) as container:
        try:
            for frame in container.decode(video=0):
                image = frame.to_ndarray(format="bgr24")
                numbers.append(number_in(np.asarray(image, np.uint8)))
        except av.FFmpegError:
            pass
    return numbers


def info(
    *,
    fps: Fraction | None = Fraction(25),
    is_live: bool = False,
    path: str | None = None,
) -> VideoInfo:
    return VideoInfo("test", (WIDTH, HEIGHT), fps, None, None, is_live, path)


def make_video(
    path: Path,
    times_s: list[float],
    *,
    audio: str | None = "aac",
    last_s: float = 0.04,
    codec: str = "libx264",
) -> Path:
    """A video with pictures at `times_s`, the last for `last_s`, and a tone."""
    base = Fraction(1, 90_000)
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=25, options={"bf": "0"})
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        if codec == "mpeg2video":  # knows its own rates only
            base = Fraction(1, 25)
        video.codec_context.time_base = base
        sound = out.add_stream(audio, rate=48_000) if audio else None
        assert sound is None or isinstance(sound, AudioStream)
        packets = []
        for number, time_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="bgr24")
            frame.pts, frame.time_base = round(time_s / base), base
            packets += video.encode(frame)
        packets += video.encode(None)
        packets[-1].duration = round(last_s / base)
        out.mux(packets)
        if sound is not None:
            samples = round(48_000 * (times_s[-1] + last_s - times_s[0]))
            tone = np.sin(np.arange(samples) * 0.06).astype(np.float32)
            block = 1024
            for at in range(0, samples, block):
                part = np.ascontiguousarray(tone[np.newaxis, at : at + block])
                piece = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
                piece.sample_rate, piece.pts = 48_000, at
                piece.time_base = Fraction(1, 48_000)
                out.mux(sound.encode(piece))
            out.mux(sound.encode(None))
    return path
