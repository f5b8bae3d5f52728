"""Sound that comes and goes in the middle of a file, which no copy can have."""

from pathlib import Path

import av
from av.container import InputContainer

from app.media.sources.files.packets import has_grown
from app.media.sources.files.reader import name_for_ffmpeg

# Looked for at so many places of a file, but not closer together than this.
_PLACES, _CLOSEST_BYTES = 1000, 2**16


def late_sound(path: Path, container: InputContainer) -> str:
    """What is to be said of it, as a sentence; empty where there is none.

    Args:
        path: the file.
        container: it was read through this one.
    """
    if not has_grown(container):
        return ""
    kind = container.format.name
    known = {stream.id for stream in container.streams}
    size = path.stat().st_size
    step = max(_CLOSEST_BYTES, size // _PLACES)
    found: set[int] = set()
    for start in range(0, size, step):
        found |= _sounds_at(path, start, step, kind) - known
    if found:
        tracks = "A sound track" if len(found) == 1 else f"{len(found)} sound tracks"
        return f"{tracks} that came later in the original could not be kept."
    # A DVD's pictures of text, say, where each of its pieces was seen whole.
    is_all_seen = kind == "mpeg"
    return "" if is_all_seen else "A track that came later could not be kept."


def _sounds_at(path: Path, start: int, length: int, kind: str) -> set[int]:
    name = f"subfile,,start,{start},end,{path.stat().st_size},,:{name_for_ffmpeg(path)}"
    options = {"probesize": str(length), "analyzeduration": str(10**12)}
    try:
        with av.open(
            name, format=kind, options=options, metadata_errors="replace"
        ) as container:
            return {stream.id for stream in container.streams.audio}
    except (av.FFmpegError, OSError):  # nothing that could be read there
        return set()
