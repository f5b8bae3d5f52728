"""Who is who: builds the concrete parts, from what a command was told of them.

Nothing heavy is imported before it is needed, so that `--help` answers at once.
"""

from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

from app.cli.places import default_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.detection.engines.pool import EnginePool
    from app.drawing.lettering import Lettering
    from app.kept_part import KeptPart
    from app.pipeline.interfaces import (
        Detector,
        Draw,
        Factories,
        Hider,
        Recorder,
        VideoSource,
    )
    from app.pipeline.stages.keeping import Replay
    from app.pipeline.transport import Sound, SoundTrack
    from app.settings import Settings
    from app.types import ImageBgr, ImageBgrx, Viewport

# Of the clip of a kept test: what it loses must not be what is tested.
CLIP_QUALITY = 17


@dataclass(frozen=True, slots=True)
class DetectorWish:
    """How to detect; see `OnnxDetector`.

    Attributes:
        meanwhile: the file that stands in for a model elsewhere, if the settings want
            so; None: the app's own.
        in_lanes: several looks at one picture share the cores among them, which takes
            0.6 of the time of one after another.
        is_shared: all detectors made here run one model in memory, in its lanes.
    """

    threads: int | None = None
    precision: str | None = None
    is_strict: bool = False
    kind: str = ""
    meanwhile: Path | None = None
    in_lanes: bool = False
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class RecorderWish:
    """How to write recordings; see `Mp4Recorder`.

    Attributes:
        encoder: "x264" or "nvenc".
        quality: 0 to 51, less is better.
        overwrite: whether what is there may be replaced.
        split_minutes: a new file after so many; 0: one file.
        split_mb: a new file after so many megabytes; 0: one file.
    """

    encoder: str = "x264"
    quality: int = 20
    overwrite: bool = False
    split_minutes: float = 0
    split_mb: int = 0


@dataclass(frozen=True, slots=True)
class CameraWish:
    """What to ask of a camera; None: as `CameraMode` has it."""

    size_wh: tuple[int, int] | None = None
    fps: int | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What the concrete parts are to be like."""

    detector: DetectorWish = DetectorWish()
    recorder: RecorderWish = RecorderWish()
    camera: CameraWish = CameraWish()

    def factories(self) -> "Factories":
        """What makes them."""
        from app.detection.devices.choices import available_devices
        from app.drawing.overlay import draw
        from app.drawing.screen import scale_for_screen
        from app.hiding.live import LiveHider
        from app.media.recording.snapshot import save_picture
        from app.media.sources.make import make_source
        from app.media.sources.public_names import redact
        from app.pipeline.interfaces import Factories
        from app.types import CameraMode

        pool = _make_pool() if self.detector.is_shared else None
        mode = CameraMode()
        if self.camera.size_wh:
            mode = replace(mode, size_wh=self.camera.size_wh)
        if self.camera.fps:
            mode = replace(mode, fps=self.camera.fps)
        return Factories(
            make_source=partial(make_source, wish=mode),
            list_cameras=list_cameras,
            make_detector=partial(_make_detector, self.detector, pool),
            make_recorder=partial(_make_recorder, self.recorder),
            draw=draw,
            list_devices=available_devices,
            redact=redact,
            save_picture=save_picture,
            scale=scale_for_screen,
            make_replay=partial(make_replay, self.recorder),
            make_hider=LiveHider,
            suffixes=_suffixes,
            make_sound=_make_sound,
            letter=_letter,
            letter_source=_letter_source,
            play_list=_play_list,
            keep_test=self._keep_test,
        )

    def late_factories(self) -> "Factories":
        """The same, loaded when first needed: beside the window, not before it."""
        from app.media.sources.public_names import redact
        from app.pipeline.interfaces import Factories

        parts = cache(self.factories)

        def scale(image_bgr: "ImageBgr", viewport: "Viewport") -> "ImageBgrx":
            from app.drawing.screen import scale_for_screen

            return scale_for_screen(image_bgr, viewport)

        return Factories(
            make_source=lambda text: parts().make_source(text),
            list_cameras=list_cameras,
            make_detector=lambda path, device: parts().make_detector(path, device),
            make_recorder=lambda path, **split: parts().make_recorder(path, **split),
            draw=lambda *args, **kwargs: parts().draw(*args, **kwargs),
            save_picture=lambda *args, **names: parts().save_picture(*args, **names),
            list_devices=lambda: parts().list_devices(),
            redact=redact,
            scale=scale,
            make_hider=_make_hider,
            suffixes=_suffixes,
            make_sound=_make_sound,
            letter=_letter,
            letter_source=_letter_source,
            play_list=_play_list,
            keep_test=self._keep_test,
        )

    def _keep_test(
        self,
        part: "KeptPart",
        source: "VideoSource",
        model: Path,
        settings: "Settings",
    ) -> str:
        from app.media.sources.make import file_source
        from app.tracking.rules import Rules
        from app.verifying.kept_test import Finder
        from app.verifying.verify import KeepJob, keep

        parts = self.factories()
        job = KeepJob(
            part.folder,
            Finder.asked(settings, model=written(model), kind=self.detector.kind),
            model,
            part.from_s,
            part.for_s,
            Rules(),
        )
        expected = keep(
            job,
            source,
            partial(_make_recorder, RecorderWish(quality=CLIP_QUALITY)),
            lambda path: file_source(str(path)),
            parts.make_detector(model, settings.device),
        )
        return expected.summary


def written(model: Path) -> str:
    """As a kept test names a model: the app's own by nothing, others in full."""
    if model == default_model():
        return ""
    return str(model) if "://" in str(model) else str(model.absolute())


def list_cameras() -> list[tuple[int, str]]:
    """(number, title) of each camera."""
    from app.media.sources.cameras.listing import list_titles  # loads OpenCV

    return list_titles()


def _suffixes() -> frozenset[str]:
    from app.media.sources.pictures.photo import SUFFIXES
    from app.media.video_files import video_suffixes  # loads FFmpeg

    return video_suffixes() | {*SUFFIXES}


def _play_list(text: str) -> list[str]:
    from app.media.sources.play_list import play_list  # loads FFmpeg

    return play_list(text)


def replaying(
    factories: "Factories", sidecar: Path, source: str | None
) -> "tuple[Factories, str]":
    """Parts that show what the sidecar knows, and the video it belongs to."""
    from app.detection.sidecar_detector import SidecarDetector
    from app.sidecar import source_of

    return (
        replace(factories, make_detector=lambda *_: SidecarDetector(sidecar)),
        source or source_of(sidecar),
    )


def _make_pool() -> "EnginePool":
    from app.detection.engines.pool import EnginePool  # loads ONNX Runtime

    return EnginePool()


def _make_detector(
    wish: DetectorWish, pool: "EnginePool | None", path: Path, device: str
) -> "Detector":
    from app.detection.onnx_detector import OnnxDetector
    from app.detection.remote.client import Patience, address_of
    from app.detection.remote.meanwhile import MeanwhileDetector

    make = partial(
        OnnxDetector,
        device=device,
        threads=wish.threads,
        precision=wish.precision,
        is_strict=wish.is_strict,
        kind=wish.kind,
    )
    if pool is not None:
        make = partial(make, open_engine=pool.open)
    if not (address := address_of(path)):
        detector = make(path)
        if wish.in_lanes:
            detector.favour_throughput()
        return detector
    patience = Patience()
    return MeanwhileDetector(
        make(path, patience=patience),
        make(wish.meanwhile or default_model()),
        address=address,
        patience=patience,
    )


def sidecar_of(text: str, *, given: Path | None = None) -> Path | None:
    """What an export found in the video called `text`; None: none is known.

    Args:
        text: as the user typed it.
        given: the sidecar that is played, if one is.
    """
    from app.errors import SidecarError
    from app.sidecar import read_header

    video = Path(text.splitlines()[0])
    for path in (given, video.with_suffix(".jsonl")):
        if path is None or not path.is_file():
            continue
        try:
            header = read_header(path)
        except SidecarError:  # another's JSON lines
            continue
        if PureWindowsPath(header.source).name == video.name:  # of any system's
            return path
    return None


def _letter(lettering: "Lettering") -> "Draw":
    def draw_lettered(
        *args: Any,  # noqa: ANN401 - passed on
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> "ImageBgr":
        from app.drawing.overlay import draw

        return draw(*args, lettering=lettering, **kwargs)

    return draw_lettered


def _letter_source(source: "VideoSource", lettering: "Lettering") -> "VideoSource":
    from app.media.sources.live_source import LiveSource

    if isinstance(source, LiveSource):
        source.lettering = lettering
    return source


def _make_sound(
    path: Path,
    *,
    may_play: "Callable[[], bool]",
    say: "Callable[[Exception], object]",
    found: "Callable[[tuple[SoundTrack, ...], int], object]",
    volume: float,
    track: int | None,
) -> "Sound":
    from app.media.sound.file_sound import FileSound
    from app.media.sound.output import SystemOutput

    return FileSound(
        path,
        SystemOutput(),
        may_play=may_play,
        say=say,
        found=found,
        volume=volume,
        track=track,
    )


def _make_hider() -> "Hider":
    from app.hiding.live import LiveHider  # loads OpenCV

    return LiveHider()


def make_replay(
    wish: RecorderWish,
    keep_s: float,
    *,
    max_bytes: int | None = None,
    is_recorded: bool = False,
) -> "Replay":
    """See `app.pipeline.interfaces.MakeReplay`."""
    from app.media.recording.replay import MAX_BYTES, QUALITY, ReplayRing

    # Of a longer one as much a second.
    size = max(MAX_BYTES, round(MAX_BYTES * keep_s / 30))
    return ReplayRing(
        keep_s=keep_s,
        max_bytes=max_bytes or size,
        encoder=wish.encoder,
        quality=wish.quality if is_recorded else QUALITY,
    )


def _make_recorder(
    wish: RecorderWish,
    path: Path,
    *,
    split_minutes: float | None = None,
    split_mb: int | None = None,
    is_clean: bool = False,
) -> "Recorder":
    from app.errors import RecordingError
    from app.media.clips.clean_recorder import CleanRecorder
    from app.media.recording.photo_recorder import PhotoRecorder
    from app.media.recording.recorder import SUFFIXES, Mp4Recorder

    if path.suffix.lower() not in SUFFIXES:
        if is_clean:
            raise RecordingError(
                f"{path.name} is not a name for a recording without boxes.",
                f"Use one that ends in {', '.join(SUFFIXES)}; photos are clean "
                "already.",
            )
        return PhotoRecorder(path, overwrite=wish.overwrite)
    minutes = wish.split_minutes if split_minutes is None else split_minutes
    megabytes = wish.split_mb if split_mb is None else split_mb
    make = CleanRecorder if is_clean else Mp4Recorder
    return make(
        path,
        overwrite=wish.overwrite,
        encoder=wish.encoder,
        quality=wish.quality,
        split_s=60 * minutes or None,
        split_bytes=10**6 * megabytes or None,
    )
