"""A folder of event clips that never grows beyond a limit."""

from contextlib import suppress
from pathlib import Path

from app.errors import SidecarError
from app.media.clips.event_clip import EVENT
from app.sidecar import read_header

# Of a clip that is never removed: a file of its name that ends so, beside it.
STAR = ".star"


def make_room(folder: Path, max_bytes: int) -> list[Path]:
    """Remove the oldest event clips until the folder's take no more than that.

    A clip is one whose sidecar says so; nothing else is touched, nor what is starred.

    Returns:
        What was removed.
    """
    clips = []
    for sidecar in folder.glob("*.jsonl"):
        clip = sidecar.with_suffix(".mp4")
        with suppress(OSError, SidecarError):
            if EVENT in read_header(sidecar).settings:
                status = clip.stat()
                clips.append((status.st_mtime_ns, status.st_size, clip, sidecar))
    total = sum(size for _, size, _, _ in clips)
    removed = []
    for _, size, clip, sidecar in sorted(clips):
        if total <= max_bytes:
            break
        if clip.with_suffix(STAR).exists():
            continue
        with suppress(OSError):
            clip.unlink()
            sidecar.unlink(missing_ok=True)
            removed.append(clip)
            total -= size
    return removed
