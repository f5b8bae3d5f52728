"""What clips a folder has, as they are listed: newest first."""

import re
from contextlib import suppress
from pathlib import Path

import av
import numpy as np

from app.errors import SidecarError
from app.media.clips.event_clip import EVENT
from app.media.clips.folder import STAR
from app.sidecar import read_header
from app.types import ImageBgr, KeptClip

# More than anyone scrolls through; each costs an opened file.
MOST_LISTED = 200
# What a replay is called.
REPLAY_NAME = re.compile(r"replay( |$)", re.IGNORECASE)


def list_clips(folder: Path, *, most: int = MOST_LISTED) -> list[KeptClip]:
    """The newest clips of events and replays in `folder`; what else is there is not."""
    dated = []
    for sidecar in folder.glob("*.jsonl"):
        clip = sidecar.with_suffix(".mp4")
        with suppress(OSError):
            dated.append((clip.stat().st_mtime, clip))
    found: list[KeptClip] = []
    for ended_at_s, clip in sorted(dated, reverse=True):
        if len(found) == most:
            break
        with suppress(OSError, SidecarError, av.FFmpegError):
            settings = read_header(clip.with_suffix(".jsonl")).settings
            title = str(settings.get(EVENT, ""))
            if not title and not REPLAY_NAME.search(clip.stem):
                continue
            is_starred = clip.with_suffix(STAR).exists()
            found.append(KeptClip(clip, title, ended_at_s, _length_s(clip), is_starred))
    return found


def set_star(clip: Path, is_starred: bool) -> None:
    """Let it stay for ever, or no longer; raises OSError."""
    star = clip.with_suffix(STAR)
    if is_starred:
        star.touch()
    else:
        star.unlink(missing_ok=True)


def thumbnail(clip: Path, *, width: int = 160) -> ImageBgr:
    """A picture from its middle, (H, width, 3) uint8; raises OSError."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        if container.duration:
            container.seek(container.duration // 2)  # in its own unit
        for frame in container.decode(stream):
            height = max(2, round(frame.height * width / frame.width))
            small = frame.reformat(width, height, "bgr24")
            return np.ascontiguousarray(small.to_ndarray(), np.uint8)
    raise OSError(f"{clip.name} has no picture")


def _length_s(clip: Path) -> float:
    with av.open(str(clip)) as container:
        return (container.duration or 0) / av.time_base
