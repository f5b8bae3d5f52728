"""Which files are videos, by what FFmpeg says it reads."""

import mimetypes
from functools import cache
from pathlib import Path

import av

# Of FFmpeg's formats those that hold moving pictures; the suffixes it knows itself.
_FORMATS = (
    *("mov", "mp4", "3gp", "3g2", "f4v", "ismv", "m4v", "matroska", "webm", "ogv"),
    *("avi", "asf", "flv", "kux", "live_flv", "rm", "ivr", "swf", "nut", "amv"),
    *("mpeg", "mpegts", "vob", "dvd", "svcd", "mpeg1video", "mpeg2video", "ty"),
    *("mxf", "gxf", "wtv", "dv", "dhav", "dnxhd", "imx", "dirac", "vivo", "mxg"),
    *("h261", "h263", "h264", "hevc", "vvc", "evc", "av1", "obu", "ivf", "vc1"),
    *("vc1test", "cavsvideo", "avs2", "avs3", "mjpeg", "smjpeg", "yuv4mpegpipe"),
    *("moflex", "roq", "usm", "xmv", "film_cpk", "filmstrip", "bmv", "cdxl", "gif"),
)
# They are read by the same readers, but are sound, subtitles or photos.
_NO_VIDEOS = {
    *("m4a", "m4b", "mka", "mks", "wma", "ra", "isma", "avif", "heic", "heif"),
    *("mpo", "psp", "ism"),
}


@cache
def video_suffixes() -> frozenset[str]:
    """Those that FFmpeg plays as videos, as ".mp4"."""
    found: set[str] = set()
    for name in _FORMATS:
        for mode in ("r", "w"):  # some name their suffixes only where they write
            try:
                found |= av.ContainerFormat(name, mode).extensions
            except ValueError:  # another build of FFmpeg lacks it
                continue
    return frozenset(f".{suffix.strip().lower()}" for suffix in found - _NO_VIDEOS)


def is_video_file(path: Path) -> bool:
    """Whether `path` is named like a video, and is no text named like one.

    ".ts" is a broadcast or a program in TypeScript: where the suffix is not a
    video's alone, the file's first bytes tell. Nothing is decoded.
    """
    suffix = path.suffix.lower()
    if suffix not in video_suffixes():
        return False
    kind = mimetypes.guess_type(f"x{suffix}")[0] or ""
    return kind.startswith("video/") or not _is_text(path)


def _is_text(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(1024)
    except OSError:  # to open it tells better
        return False
    try:
        return "\0" not in start.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(start) - 4  # a character cut off
