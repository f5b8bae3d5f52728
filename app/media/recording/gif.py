"""A GIF from a video, for a README."""

from fractions import Fraction
from pathlib import Path

import av
from av.filter import Graph
from av.video.stream import VideoStream

from app.errors import RecordingError

_FPS = Fraction(10)  # a GIF counts in 1/100 s, and browsers slow down below 1/50


def write_gif(video: Path, gif: Path, *, width: int = 480) -> None:
    """Make `gif` of all of `video`, `width` pixels wide, ten pictures a second.

    One palette for all, made of what is there.

    Raises:
        RecordingError: the video cannot be read or the GIF not written.
    """
    try:
        with av.open(str(video)) as source, av.open(str(gif), "w") as out:
            stream = source.streams.video[0]
            graph = _graph(stream, width)
            target: VideoStream | None = None
            for frame in source.decode(stream):
                graph.vpush(frame)
            graph.vpush(None)
            index = 0
            while True:
                try:
                    picture = graph.vpull()
                except (av.EOFError, av.BlockingIOError):
                    break
                if target is None:
                    target = out.add_stream("gif", rate=_FPS)
                    target.width, target.height = picture.width, picture.height
                    target.pix_fmt = "pal8"
                picture.pts, picture.time_base = index, 1 / _FPS
                out.mux(target.encode(picture))
                index += 1
            if target is not None:
                out.mux(target.encode(None))
    except (av.FFmpegError, OSError) as error:
        raise RecordingError(
            f"{gif} cannot be written: {error}.", "Choose another folder."
        ) from error


def _graph(stream: VideoStream, width: int) -> Graph:
    graph = Graph()
    entry = graph.add_buffer(template=stream, time_base=stream.time_base)
    rate = graph.add("fps", str(_FPS))
    size = graph.add("scale", f"{width}:-2:flags=lanczos")
    split = graph.add("split")
    palette = graph.add("palettegen", "stats_mode=diff")
    use = graph.add("paletteuse", "dither=bayer:bayer_scale=3")
    leave = graph.add("buffersink")
    entry.link_to(rate)
    rate.link_to(size)
    size.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(leave)
    graph.configure()
    return graph
