"""The last seconds of a live source, kept encoded, to be saved when asked.

What is kept is the clean picture and what was found in it: a clip and its sidecar,
to be drawn, counted or trained on later.
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from app.errors import RecordingError
from app.media.clips.event_clip import EVENT, EventClip
from app.media.clips.kept import CleanEncoder, Kept
from app.media.clips.lines import lines_of
from app.media.recording.encoder import TIME_BASE
from app.media.recording.muxer import FORMATS, Muxer
from app.media.recording.part_file import (
    PartHandle,
    free_names,
    give_name,
    temporary_of,
)
from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter
from app.types import Detections, Found, ImageBgr, RecordingInfo, ReplayHeld

log = logging.getLogger(__name__)

KEEP_S = 30.0
MAX_BYTES = 64 * 2**20
# So much longer than asked for a clip may be, and so much the ring lets go at a time.
KEY_EVERY_S = 1.0
QUALITY = 23


@dataclass(slots=True)
class _Group:
    """From one key picture up to the next: can be decoded without any other."""

    kept: list[Kept] = field(default_factory=list)
    size: int = 0

    @property
    def first_pts(self) -> int:
        return self.kept[0].picture.pts


@dataclass(frozen=True, eq=False, slots=True)
class _Snapshot:
    """What is saved: it stays as it is while the ring goes on."""

    kept: Sequence[Kept]
    stream: VideoStream
    size_wh: tuple[int, int]
    interval: int


class ReplayRing:
    """Keeps whole groups of pictures, as many as both limits allow.

    Law: what is kept begins with a key picture and, where the bytes allow it, at least
    `keep_s` ago. `add` and `close` are for one thread, all others for any.
    """

    def __init__(
        self,
        *,
        keep_s: float = KEEP_S,
        max_bytes: int = MAX_BYTES,
        encoder: str = "x264",
        quality: int = QUALITY,
        key_every_s: float = KEY_EVERY_S,
    ) -> None:
        """Nothing is kept yet.

        Args:
            keep_s: how long it reaches back.
            max_bytes: the packets take no more than that, and about a group.
            encoder: see `Encoder`.
            quality: see `Encoder`.
            key_every_s: how long a group is.
        """
        if not keep_s > 0:
            raise ValueError(f"keep_s must be above 0, got {keep_s}")
        if max_bytes <= 0:
            raise ValueError(f"max_bytes must be above 0, got {max_bytes}")
        self._keep_s = keep_s
        self._max_bytes = max_bytes
        self._encoder_name = encoder
        self._quality = quality
        self._key_every_s = key_every_s
        self._encoder: CleanEncoder | None = None
        self._lock = threading.Lock()  # guards what follows
        self._groups: deque[_Group] = deque()
        self._size = 0
        self._clip: EventClip | None = None  # for the thread of `add`

    def add(
        self,
        image_bgr: ImageBgr,
        timestamp_s: float,
        found: Found,
        *,
        fps: Fraction | None = None,
        is_key: bool = False,
    ) -> list[Kept]:
        """Keep a picture.

        Args:
            image_bgr: (H, W, 3) uint8, without boxes. One of another size than the
                first is scaled to fit, and so are its boxes.
            timestamp_s: on the source's clock.
            found: what was found in it.
            fps: how many a second, about; asked of the first only.
            is_key: a clip may begin here.

        Returns:
            What was encoded, for a recording to take as well.

        Raises:
            RecordingError: nothing here can encode.
        """
        if self._encoder is None:
            self._encoder = CleanEncoder(
                image_bgr,
                timestamp_s,
                fps=fps,
                encoder=self._encoder_name,
                quality=self._quality,
                is_live=True,
                key_every_s=self._key_every_s,
            )
        # A group that fills the ring alone is ended early.
        is_key = is_key or self._size > self._max_bytes
        encoded = self._encoder.encode(image_bgr, timestamp_s, found, is_key=is_key)
        with self._lock:
            for kept in encoded:
                self._keep(kept)
                if self._clip is not None:
                    self._clip.write(kept)
        return encoded

    @property
    def held(self) -> ReplayHeld:
        """How much there is."""
        with self._lock:
            if not self._groups or self._encoder is None:
                return ReplayHeld(0.0, 0)
            last = self._groups[-1].kept[-1].picture.pts
            ticks = last - self._groups[0].first_pts + self._encoder.encoder.interval
            return ReplayHeld(float(ticks * TIME_BASE), self._size)

    def clear(self) -> None:
        """Forget what is kept; it begins anew with the next key picture."""
        with self._lock:
            self._groups.clear()
            self._size = 0

    def save(self, path: Path, *, seconds: float | None = None) -> RecordingInfo:
        """Write what is kept into `path` and a sidecar beside it; keep it, too.

        Both appear whole or not at all, under a free name where that is taken.

        Args:
            path: ends in .mp4, .mov or .mkv.
            seconds: the last so many, from the key picture before; None: all.

        Returns:
            The clip, which is as long as it says.

        Raises:
            RecordingError: nothing is kept yet, or it cannot be written; the ring is
                as it was.
        """
        snapshot = self._snapshot(seconds)
        if path.suffix.lower() not in FORMATS:
            raise RecordingError(
                f"{path.name} is not a name for a clip.",
                f"Use one that ends in {', '.join(FORMATS)}.",
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _write(snapshot, path)
        except (av.FFmpegError, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise RecordingError(
                f"The replay cannot be saved to {path}: {reason}.",
                "It is still kept. Make room, or choose another folder, and try again.",
            ) from error

    def begin_clip(self, path: Path, *, seconds: float, event: str) -> None:
        """Begin a clip with the last so many seconds; it goes on with each `add`.

        Args:
            path: ends in .mp4.
            seconds: from the key picture before.
            event: why, for its sidecar.

        Raises:
            RecordingError: it cannot be written.
        """
        snapshot = self._snapshot(seconds)
        newest = _newest(snapshot.kept)
        header = SidecarHeader(
            source=str(path.absolute()),
            size_wh=snapshot.size_wh,
            model_name=newest.model_name,
            model_sha256="",
            class_names=newest.class_names,
            settings={"score_threshold": newest.score_threshold, EVENT: event},
        )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            clip = EventClip(
                path, snapshot.stream, interval=snapshot.interval, header=header
            )
            self._clip = clip
            for kept in snapshot.kept:
                clip.write(kept)
        except (av.FFmpegError, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise RecordingError(
                f"The clip {path} cannot be written: {reason}.", "Make room."
            ) from error

    def end_clip(self) -> EventClip | None:
        """The clip that is on, for another thread to finish; None: there is none."""
        clip, self._clip = self._clip, None
        return clip

    def close(self) -> None:
        """Let go of the encoder and of what is kept; a save that runs goes on."""
        encoder, self._encoder = self._encoder, None
        self.clear()
        if encoder is not None:
            encoder.close()

    def _keep(self, kept: Kept) -> None:
        groups = self._groups
        if kept.picture.is_key:
            groups.append(_Group())
        elif not groups:
            return  # cleared in the middle of a group: it begins with the next one
        groups[-1].kept.append(kept)
        groups[-1].size += kept.size
        self._size += kept.size
        since = kept.picture.pts - round(self._keep_s / TIME_BASE)
        while len(groups) > 1 and (
            groups[1].first_pts <= since or self._size > self._max_bytes
        ):
            self._size -= groups.popleft().size

    def _snapshot(self, seconds: float | None) -> _Snapshot:
        with self._lock:
            encoder = self._encoder.encoder if self._encoder else None
            if encoder is None or not self._groups:
                raise RecordingError(
                    "There is nothing to replay yet.", "Wait for the first pictures."
                )
            groups = list(self._groups)
            if seconds is not None:
                last = groups[-1].kept[-1].picture.pts
                since = last - round(seconds / TIME_BASE)
                while len(groups) > 1 and groups[1].first_pts <= since:
                    groups.pop(0)
            kept = [one for group in groups for one in group.kept]
            return _Snapshot(kept, encoder.stream, encoder.size_wh, encoder.interval)


def _write(snapshot: _Snapshot, path: Path) -> RecordingInfo:
    # Held, and marked as ours: what a kill leaves, `recovery` clears up.
    handle = PartHandle.new(path)
    clip, lines = temporary_of(handle.part), lines_of(handle.part)
    try:
        handle.claim()
        duration_s = _write_clip(snapshot, clip, path.suffix.lower())
        for name in free_names(path):
            sidecar = name.with_suffix(".jsonl")
            if os.path.lexists(sidecar):
                continue
            notes = _write_sidecar(snapshot, lines, clip=name)
            for file in (clip, lines):
                _sync(file)
            with suppress(FileExistsError):  # in this very moment
                give_name(clip, name)
                try:
                    give_name(lines, sidecar)
                except BaseException:
                    name.replace(clip)
                    raise
                break
        return RecordingInfo(str(name), len(snapshot.kept), 0, duration_s, notes=notes)
    finally:
        for file in (clip, lines):
            with suppress(OSError):
                file.unlink(missing_ok=True)
        with suppress(OSError):
            handle.remove()


def _write_clip(snapshot: _Snapshot, clip: Path, suffix: str) -> float:
    """Its length."""
    muxer = Muxer(
        clip,
        snapshot.stream,
        container=FORMATS[suffix],
        options={"movflags": "+faststart"} if suffix != ".mkv" else {},
    )
    kept = snapshot.kept
    first = kept[0].picture.pts
    stays = snapshot.interval
    try:
        for one, following in zip(kept, [*kept[1:], None], strict=True):
            if following is not None:
                stays = following.picture.pts - one.picture.pts
            else:
                stays = snapshot.interval
            muxer.write(one.picture, stays=stays, shift=first)
    finally:
        muxer.close()
    return float((kept[-1].picture.pts - first + stays) * TIME_BASE)


def _newest(kept: Sequence[Kept]) -> Found:
    told = (one.found for one in reversed(kept) if one.found is not None)
    return next(told, Found(Detections.empty(), (), 0.0))


def _write_sidecar(snapshot: _Snapshot, lines: Path, *, clip: Path) -> tuple[str, ...]:
    """What was left out, as sentences."""
    kept = snapshot.kept
    newest = _newest(kept)
    told = [one.found for one in kept if one.found is not None]
    header = SidecarHeader(
        source=str(clip.absolute()),
        size_wh=snapshot.size_wh,
        model_name=newest.model_name,
        model_sha256="",
        class_names=newest.class_names,
        settings={
            "score_threshold": max((one.score_threshold for one in told), default=0.0)
        },
    )
    notes: tuple[str, ...] = ()
    with SidecarWriter(lines, header) as writer:
        for index, one in enumerate(kept):
            found = one.found.detections if one.found else Detections.empty()
            if one.found and one.found.class_names != newest.class_names:
                found = Detections.empty()
                notes = ("What another model found before is not in its sidecar.",)
            at_s = float((one.picture.pts - kept[0].picture.pts) * TIME_BASE)
            writer.write(FrameDetections(index, at_s, found))
    return notes


def _sync(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
