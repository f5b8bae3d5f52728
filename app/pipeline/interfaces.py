"""What the pipeline asks of a source, a detector, an overlay and a recorder.

Each is opened, used and closed by one and the same thread, which the pipeline
starts; only a detector is opened, and tried, by one thread and then used and closed
by another. `close` may be called on anything whose `open` failed, and twice.

All this is to be had as laws that a part can be run by: `app.testing`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from app.drawing.lettering import Lettering
from app.drawing.style import Style
from app.kept_part import KeptPart
from app.pipeline.stages.keeping import Replay
from app.pipeline.transport import MakeSound
from app.scene import NO_SCENE, Scene
from app.settings import Settings
from app.types import (
    Detections,
    DetectorInfo,
    DeviceChoice,
    Frame,
    ImageBgr,
    ImageBgrx,
    PendingDetections,
    RecordingInfo,
    StageTimes,
    VideoInfo,
    Viewport,
)


class VideoSource(Protocol):
    """Gives frames, oldest first."""

    @property
    def is_live(self) -> bool:
        """True when frames pass whether we take them or not; known before `open`."""
        ...

    def open(self) -> VideoInfo:
        """Get ready to read.

        Raises:
            SourceError: it cannot be opened; nothing is left behind.
        """
        ...

    def frames(self) -> Iterator[Frame]:
        """Every frame until the end; a live source has none.

        A live source that gets no frames gives one that says so (`Frame.gap`), again
        and again.

        Raises:
            SourceError: it broke down; the frames before were good.
        """
        ...

    def close(self) -> None:
        """Let go of the handle."""
        ...


@runtime_checkable
class Seekable(Protocol):
    """What a source can besides, if it is a file; asked on the capture thread."""

    def seek(
        self, timestamp_s: float, *, is_enough: Callable[[], bool] = lambda: False
    ) -> None:
        """Let the next `frames()` begin with the frame on show at `timestamp_s`.

        Before the first frame that is the first, past the end the last.

        Args:
            timestamp_s: on the clock of `Frame.timestamp_s`; may be infinite.
            is_enough: asked on the way to that frame; once true, the frame
                reached by then is good enough.
        """
        ...


@runtime_checkable
class Stoppable(Protocol):
    """What a source can besides, if it may wait for long."""

    def stop(self) -> None:
        """Let `open` fail and `frames` end, at once; from any thread."""
        ...


@runtime_checkable
class Watchable(Protocol):
    """What a source can besides, if its frames pass whether we look or not."""

    def watch(self, is_watched: bool) -> None:
        """Whether anybody looks; if not, frames may be left out; from any thread."""
        ...


@runtime_checkable
class Warns(Protocol):
    """What a source can besides, if it gives what is good of something damaged."""

    def take_warnings(self) -> list[str]:
        """Sentences for the user, each once."""
        ...


class Detector(Protocol):
    """Finds objects in one picture."""

    def open(self) -> DetectorInfo:
        """Load the model, run it once, and say on what it really runs.

        Raises:
            ModelError: the file is not ours, or the device cannot be had.
        """
        ...

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        """Detections in pixels of `image_bgr`, and the times of its own stages.

        Raises:
            ModelError: the session failed.
        """
        ...

    def close(self) -> None:
        """Let go of the session and its memory."""
        ...


@runtime_checkable
class Overlaps(Protocol):
    """What a detector can besides, if it looks at several pictures at a time."""

    def favour_throughput(self) -> None:
        """Before `open`: no picture is in a hurry, but there are many."""
        ...

    @property
    def depth(self) -> int:
        """How many may be begun before the first is answered; known once it is open."""
        ...

    def begin(self, image_bgr: ImageBgr, settings: Settings) -> PendingDetections:
        """Start with a picture; the oldest begun is to be asked for first."""
        ...


@runtime_checkable
class Settles(Protocol):
    """What a detector can besides, if it matters which thread uses it."""

    def settle(self) -> None:
        """On the thread that will ask it, before the first picture.

        Raises:
            ModelError: the session failed.
        """
        ...


@runtime_checkable
class FollowsTime(Protocol):
    """What a detector can besides, if it knows its video by heart."""

    def follow(self, timestamp_s: float) -> None:
        """The next picture is the one of that time."""
        ...


class AfterDetection(Protocol):
    """Makes more of what is found, frame after frame; on the inference thread."""

    def __call__(self, frame: Frame, detections: Detections) -> Detections:
        """What is shown instead of `detections`; the same frame may come again."""
        ...

    def restart(self) -> None:
        """The next frame follows none: it is the first, or after a jump.

        So it is when another detector takes over: its class ids may mean others.
        """
        ...


@runtime_checkable
class Watches(Protocol):
    """What may stand in its place, if it needs weak finds, and draws besides."""

    def lowered(self, settings: Settings) -> Settings:
        """What to ask of the detector, so that there is enough to look at."""
        ...

    def watch(
        self,
        frame: Frame,
        found: Detections,
        settings: Settings,
        class_names: tuple[str, ...],
    ) -> tuple[Detections, Scene]:
        """What is shown of `found`, and what is drawn besides."""
        ...

    def restart(self) -> None:
        """As of `AfterDetection`."""
        ...


class Hider(Protocol):
    """Covers what is to be hidden, before anybody sees the picture.

    Asked on the inference thread, and only while `Settings.covered_class_names` names
    something: what leaves that thread is covered.
    """

    def looking(self, settings: Settings) -> Settings:
        """What the detector is asked with instead."""
        ...

    def hide(
        self,
        frame: Frame,
        detections: Detections,
        *,
        class_names: Sequence[str],
        settings: Settings,
        is_again: bool,
    ) -> Frame:
        """The frame, covered; `detections` are what `looking` found in it."""
        ...

    def restart(self) -> None:
        """As for `AfterDetection`."""
        ...


class Recorder(Protocol):
    """Writes pictures to one file.

    The file takes its size from the first picture, and its clock from the
    timestamps: the first is time zero.
    """

    @property
    def path(self) -> str:
        """Where the recording goes."""
        ...

    def open(self, info: VideoInfo) -> None:
        """Check that the file can be written, and get ready.

        Raises:
            RecordingError: it cannot; nothing is left behind.
        """
        ...

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        """Encode one picture, taken at `timestamp_s` on the source's clock.

        Raises:
            RecordingError: disk full, or the like; what was written is kept.
        """
        ...

    def jump(self) -> None:
        """The pictures from now on come from elsewhere in the source.

        Their timestamps go on without a gap, so its sound no longer fits.
        """
        ...

    def close(self) -> RecordingInfo | None:
        """Finish the file; None when nothing was written (no file is left)."""
        ...


class Draw(Protocol):
    """Draws detections on a copy of the picture (see `app.drawing.overlay.draw`)."""

    def __call__(
        self,
        image_bgr: ImageBgr,
        detections: Detections,
        *,
        class_names: tuple[str, ...],
        fps: float | None,
        style: Style,
        scene: Scene = NO_SCENE,
    ) -> ImageBgr:
        """A new picture; `fps` is left out where it is None."""
        ...


class ScaleForScreen(Protocol):
    """Makes a picture ready for the window (see `app.drawing.screen`)."""

    def __call__(self, image_bgr: ImageBgr, viewport: Viewport) -> ImageBgrx:
        """The part that is seen, at the size it is seen in."""
        ...


class SavePicture(Protocol):
    """Writes a picture into a folder (see `app.media.recording.snapshot`)."""

    def __call__(
        self,
        image_bgr: ImageBgr,
        folder: Path,
        *,
        title: str = "snapshot",
        kind: str = "",
    ) -> Path:
        """The new file, named by `title`, the time and `kind`.

        Raises:
            RecordingError: it cannot be written.
        """
        ...


class MakeRecorder(Protocol):
    """Makes a recorder of one file, or of several."""

    def __call__(
        self,
        path: Path,
        *,
        split_minutes: float = 0,
        split_mb: int = 0,
        is_clean: bool = False,
    ) -> Recorder:
        """To write to `path`; after so many minutes or megabytes, to another one.

        Where `is_clean`, one that `RecordsClean`.
        """
        ...


class MakeReplay(Protocol):
    """Makes what keeps the past."""

    def __call__(
        self, keep_s: float, *, max_bytes: int | None = None, is_recorded: bool = False
    ) -> Replay:
        """It reaches so far back, and takes no more than that; None: what is usual.

        Where `is_recorded`, it is as good as a recording, for one that takes the same.
        """
        ...


def _as_it_is(source: VideoSource, _: Lettering) -> VideoSource:
    return source


@dataclass(frozen=True, slots=True)
class Factories:
    """How to make the parts; `main.py` fills it, so that no room names another's.

    None of them touches a device: the parts do that in `open`, on their thread.

    Attributes:
        make_source: from what the user typed; SourceError: that alone is wrong.
        list_cameras: (number, name) of each camera; fast enough for a menu.
        make_detector: from a model file and a device, one of `app.settings.DEVICES`.
        make_recorder: from a file to write.
        draw: the overlay, into pixels; save_picture: for snapshots.
        list_devices: what can be asked for here, and what cannot and why.
        redact: what names a source, without passwords.
        scale: makes frames ready for the window; None: it can do without.
        make_replay: to keep so many seconds; None: nothing is kept.
        make_watcher: what follows and counts what is found in one run; None: nobody.
        find_sidecar: what an export found in what the user typed, if known; slow.
        make_hider: hides people, a new one a run; else they are covered in black.
        suffixes: of the videos and photos that can be opened, as ".mp4".
        make_sound: lets a file be heard; None: nothing is.
        letter: `draw` with other words and letters; None: there are none.
        letter_source: lets a source write in them, where it does.
        play_list: of what was typed, what is played one after another.
        keep_test: keeps a part of a source as a test, and says what it expects.
    """

    make_source: Callable[[str], VideoSource]
    list_cameras: Callable[[], list[tuple[int, str]]]
    make_detector: Callable[[Path, str], Detector]
    make_recorder: MakeRecorder
    draw: Draw
    save_picture: SavePicture
    list_devices: Callable[[], list[DeviceChoice]] = lambda: [
        DeviceChoice("auto", "Auto"),
        DeviceChoice("cpu", "CPU"),
    ]
    redact: Callable[[str], str] = str
    scale: ScaleForScreen | None = None
    make_replay: MakeReplay | None = None
    make_watcher: Callable[[], Watches | None] = lambda: None
    find_sidecar: Callable[[str], Path | None] = lambda _: None
    make_hider: Callable[[], Hider | None] = lambda: None
    suffixes: Callable[[], frozenset[str]] = frozenset
    make_sound: MakeSound | None = None
    letter: Callable[[Lettering], Draw] | None = None
    letter_source: Callable[[VideoSource, Lettering], VideoSource] = _as_it_is
    play_list: Callable[[str], list[str]] = lambda text: [text]
    keep_test: Callable[[KeptPart, VideoSource, Path, Settings], str] | None = None
