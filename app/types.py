"""Values that travel between the rooms of the app."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.scene import NO_SCENE, Scene
from app.thresholds import Thresholds

ImageBgr = NDArray[np.uint8]  # (H, W, 3) uint8, channels blue, green, red
ImageBgrx = NDArray[np.uint8]  # (H, W, 4) uint8, likewise; the fourth is not used


def _check_image_bgr(name: str, image: ImageBgr) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(
            f"{name} must be (H, W, 3) uint8, got {image.shape} {image.dtype}"
        )


@dataclass(frozen=True, slots=True)
class CameraMode:
    """How a camera takes its pictures: what it offers, or what is asked of it.

    As text "1280x720/30/MJPG", which may follow a camera's name and an @.

    Attributes:
        size_wh: width and height in pixels.
        fps: frames a second.
        pixel_format: four letters, such as "MJPG" or "YUYV"; empty: whichever is
            best.
    """

    size_wh: tuple[int, int] = (1280, 720)
    fps: float = 30
    pixel_format: str = ""

    def __str__(self) -> str:
        width, height = self.size_wh
        parts = [f"{width}x{height}", f"{self.fps:g}", self.pixel_format]
        return "/".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a source says of itself once it is open.

    Attributes:
        name: what the user calls it: a file name, a camera's name.
        size_wh: width and height of its frames in pixels, as shown (rotated).
        fps: nominal frames per second; None when it does not say.
        frame_count: number of frames, an estimate; None for live sources.
        duration_s: length in seconds; None for live sources.
        is_live: True when frames pass whether we take them or not.
        path: the file, whose sound a recording keeps; None for live sources.
        is_stills: True for photos: each holds until the user goes on.
        frame_paths: the files of frame 0, 1, 2 ...; empty where it is all one.
        pixel_format: of a camera, as it was granted, such as "MJPG"; empty where
            it does not say.
        modes: what a camera offers besides; empty where it does not say.
    """

    name: str
    size_wh: tuple[int, int]
    fps: Fraction | None
    frame_count: int | None
    duration_s: float | None
    is_live: bool
    path: str | None = None
    is_stills: bool = False
    frame_paths: tuple[str, ...] = ()
    pixel_format: str = ""
    modes: tuple[CameraMode, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """One picture and when it was taken.

    Attributes:
        image_bgr: (H, W, 3) uint8; nobody writes to it once the frame exists.
        index: 0 for the first frame of the source, then counting up; a live
            source counts the frames it read, taken or not. After a seek in a file
            of variable rate, an estimate; `timestamp_s` is not.
        timestamp_s: position on the source's own clock in seconds, never
            falling: presentation time in a file, capture time in a live source
            (from the source's first frame).
        captured_at_s: `time.monotonic()` when the picture was read.
        gap: why a live source has no frame just now, as a sentence: this one, the
            last picture and marked so, stands in for it. Empty for true frames.
        covered_class_names: what is hidden in it; nobody behind the detector has it
            any other way.
        left_out: of photos, the indices of those that turned out unreadable so far.
    """

    image_bgr: ImageBgr
    index: int
    timestamp_s: float
    captured_at_s: float
    gap: str = ""
    covered_class_names: tuple[str, ...] = ()
    left_out: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        _check_image_bgr("image_bgr", self.image_bgr)


@dataclass(frozen=True, eq=False, slots=True)
class Detections:
    """N detections in one frame, best score first.

    Attributes:
        boxes_xyxy: (N, 4) float32, pixels of the frame it came from, x2 and y2
            exclusive.
        scores: (N,) float32 in [0, 1].
        class_ids: (N,) int64, index into the model's class names.
        track_ids: (N,) int64 from 1, the same for one object from frame to frame; 0:
            no track, or none that is confirmed. None: nobody followed them.
        track_class_ids: (N,) int64, what the object is by all its frames; of those
            without a track, as `class_ids`. None where `track_ids` is.
    """

    boxes_xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int64]
    track_ids: NDArray[np.int64] | None = None
    track_class_ids: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        n = len(self.boxes_xyxy)
        for name, array, shape in (
            ("boxes_xyxy", self.boxes_xyxy, (n, 4)),
            ("scores", self.scores, (n,)),
            ("class_ids", self.class_ids, (n,)),
            ("track_ids", self.track_ids, (n,)),
            ("track_class_ids", self.track_class_ids, (n,)),
        ):
            if array is not None and array.shape != shape:
                raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
        if (self.track_ids is None) != (self.track_class_ids is None):
            raise ValueError("track_ids and track_class_ids must come together")

    def __len__(self) -> int:
        return len(self.boxes_xyxy)

    def without(self, class_ids: Collection[int]) -> "Detections":
        """All but those of `class_ids`; itself where there are none."""
        if not class_ids or not len(self):
            return self
        return self.where(~np.isin(self.class_ids, list(class_ids)))

    def where(self, stays: NDArray[np.bool_] | NDArray[np.intp]) -> "Detections":
        """Those for which `stays`, (N,), is true; or the rows, best first."""
        kept = Detections(
            self.boxes_xyxy[stays], self.scores[stays], self.class_ids[stays]
        )
        if self.track_ids is None or self.track_class_ids is None:
            return kept
        return kept.followed(self.track_ids[stays], self.track_class_ids[stays])

    def followed(
        self, track_ids: NDArray[np.int64], track_class_ids: NDArray[np.int64]
    ) -> "Detections":
        """The same ones, with their tracks."""
        return Detections(
            self.boxes_xyxy, self.scores, self.class_ids, track_ids, track_class_ids
        )

    @classmethod
    def empty(cls) -> Self:
        """Nothing found."""
        return cls(
            boxes_xyxy=np.zeros((0, 4), np.float32),
            scores=np.zeros(0, np.float32),
            class_ids=np.zeros(0, np.int64),
        )


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Where one frame's milliseconds went, in that order; they add up to its latency.

    Attributes:
        capture_ms: the picture's age when the capture stage hands it over.
        wait_ms: until the detector is free for it.
        preprocess_ms: resizing to the network's input.
        inference_ms: the network.
        postprocess_ms: score threshold and NMS.
        draw_ms: waiting for, and doing, what the screen and a recording need.
        show_ms: from there until the window has painted it; 0 where none has.
    """

    capture_ms: float = 0.0
    wait_ms: float = 0.0
    preprocess_ms: float = 0.0
    inference_ms: float = 0.0
    postprocess_ms: float = 0.0
    draw_ms: float = 0.0
    show_ms: float = 0.0

    @property
    def latency_ms(self) -> float:
        """From the moment the picture was captured until it is on show."""
        return math.fsum(getattr(self, field.name) for field in fields(self))


# Waits for what a detector finds in a picture that it has begun with; asked once.
PendingDetections = Callable[[], tuple[Detections, StageTimes]]


@dataclass(frozen=True, slots=True)
class Viewport:
    """What part of a picture the window wants to see; see `app.drawing.viewport`.

    Attributes:
        size_wh: of the view, in the screen's own pixels.
        zoom: 1 shows the whole picture, as large as fits.
        center_xy: the point of the picture in the middle of the view, as shares
            of its width and height.
    """

    size_wh: tuple[int, int]
    zoom: float = 1.0
    center_xy: tuple[float, float] = (0.5, 0.5)

    def __post_init__(self) -> None:
        if min(self.size_wh) < 1 or self.zoom < 1:
            raise ValueError(
                f"size_wh and zoom must be at least 1, got {self.size_wh}, {self.zoom}"
            )


@dataclass(frozen=True, eq=False, slots=True)
class ScreenPicture:
    """The part of a frame that `viewport` shows, at the size it is shown in.

    Attributes:
        image_bgrx: (H, W, 4) uint8.
        viewport: what it was made for.
    """

    image_bgrx: ImageBgrx
    viewport: Viewport


@dataclass(frozen=True, eq=False, slots=True)
class Result:
    """A frame, what was found in it, and how long that took.

    Nothing is drawn yet: whoever shows or saves it draws what the settings of
    that moment say.

    Attributes:
        frame: the frame as it was captured.
        detections: all of them, in pixels of `frame`.
        class_names: indexed by class id.
        fps: frames a second that come this far.
        times: where the milliseconds went.
        finished_at_s: `time.monotonic()` when it was ready to be shown.
        screen: the frame made ready for the window; None where there is none.
        scene: what is drawn besides the boxes.
        found: what the detector itself found above the threshold, where `detections`
            are what was made of it; None: nobody says.
    """

    frame: Frame
    detections: Detections
    class_names: tuple[str, ...] = ()
    fps: float = 0.0
    times: StageTimes = StageTimes()
    finished_at_s: float = 0.0
    screen: ScreenPicture | None = None
    scene: Scene = NO_SCENE
    found: Detections | None = None


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """What a detector is, read from the model file and the live session.

    Attributes:
        model_name: the model file's name.
        class_names: index is the class id.
        input_size_wh: what the network sees.
        provider: what really runs it, e.g. "CPUExecutionProvider", "OpenVINO CPU";
            from the session, never from the request.
        note: why this is not what was asked for; empty when it is.
        remedy: what to do about it, a command where there is one.
        precision: what the convolutions compute in: "fp32", "fp16", "bf16", "int8";
            empty where it is not known.
        device_share: share of the network's nodes that run there, in [0, 1]; None
            where it is not known.
        threads: of the CPU, that compute; None where it is not known.
        weights_id: what the copies of one model (int8, fp16) have in common; empty
            where it is not known.
        kind: what it was recognised as, e.g. "YOLOX".
        stands_in_for: the host that should run it, and does not answer.
        thresholds: what its makers measured of score thresholds; None where they do
            not say.
    """

    model_name: str
    class_names: tuple[str, ...]
    input_size_wh: tuple[int, int]
    provider: str
    note: str = ""
    remedy: str = ""
    precision: str = ""
    device_share: float | None = None
    threads: int | None = None
    weights_id: str = ""
    kind: str = ""
    stands_in_for: str = ""
    thresholds: Thresholds | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Whether a server runs it, or should."""
        return self.provider.startswith("Remote (") or bool(self.stands_in_for)

    @property
    def device(self) -> str:
        """Short name for people: "CPU", "CUDA", "OpenVINO CPU"..."""
        name = self.provider.removesuffix("ExecutionProvider")
        return {"Tensorrt": "TensorRT", "Dml": "DirectML"}.get(name, name)

    def is_same_model_as(self, other: "DetectorInfo") -> bool:
        """True for copies of one model too, whatever their precision."""
        if self.class_names != other.class_names:
            return False
        if self.weights_id and other.weights_id:
            return self.weights_id == other.weights_id
        return self.model_name == other.model_name


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """A device that the user can ask for, or why not.

    Attributes:
        device: one of `app.settings.DEVICES`.
        title: for a menu.
        reason: why it cannot be had, as half a sentence; empty when it can.
        remedy: what to do about it, a command where there is one.
    """

    device: str
    title: str
    reason: str = ""
    remedy: str = ""

    @property
    def is_available(self) -> bool:
        """True when nothing speaks against it; opening it has the last word."""
        return not self.reason


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """What was found in a picture, and by whom.

    Attributes:
        detections: in pixels of the picture.
        class_names: index is the class id.
        score_threshold: of what was found, what scores more is among it.
        model_name: the model file's name.
    """

    detections: Detections
    class_names: tuple[str, ...]
    score_threshold: float
    model_name: str = ""


@dataclass(frozen=True, slots=True)
class ReplayHeld:
    """How much of the past is kept.

    Attributes:
        seconds: how far back it reaches.
        size: of it, in bytes.
    """

    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """A finished recording.

    Attributes:
        path: the file, as text.
        frame_count: frames written.
        dropped: frames a live source had to drop before the encoder.
        duration_s: of the file, in seconds.
        notes: what had to be left out or is not as wished, as sentences.
    """

    path: str
    frame_count: int
    dropped: int
    duration_s: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptClip:
    """A clip in a folder, with its sidecar.

    Attributes:
        path: the video.
        title: why there is one, in words; empty: it was asked for.
        ended_at_s: when it was, in seconds since 1970.
        duration_s: of the video.
        is_starred: it is never removed by itself.
    """

    path: Path
    title: str
    ended_at_s: float
    duration_s: float
    is_starred: bool
