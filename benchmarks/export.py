"""From a file to an annotated H.264 file, against what its stages cost alone."""

import shutil
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.drawing.overlay import draw
from app.drawing.style import PLAIN
from app.export.job import ExportJob
from app.export.run import run_job
from app.pipeline.interfaces import Detector, Overlaps, Recorder
from app.settings import Settings
from app.types import Detections, ImageBgr, PendingDetections, VideoInfo
from benchmarks.context import Context
from benchmarks.kit import (
    Sample,
    Turn,
    as_data,
    digits,
    figures,
    take_turns,
    times_as_fast,
    turn_of,
)
from benchmarks.machine import core_count
from benchmarks.ours import (
    Loaded,
    factories_with,
    pipeline_turn,
    read_clip,
    recorders_into,
)
from benchmarks.report import Section, Table, Target
from benchmarks.worker import AbsentError, Worker

STAGES = DECODE, INFER, DRAW, ENCODE = (
    "decoding alone",
    "inference alone",
    "drawing alone",
    "encoding alone",
)
PIPELINE = "main.py --headless --record"
EXPORT = "main.py export"
SUPERVISION = "supervision's process_video, our detector"
SUPERVISION_H264 = f"{SUPERVISION}, H.264 through PyAV"
LONG = ", {frames} frames"
MARGIN = 1.10
# Thread by thread in docs/performance.md.
_WHY_BEHIND = {
    PIPELINE: "most of it not found; at both ends of a clip one stage works alone",
    EXPORT: "it also follows what it finds from a score of 0.05 on, and notes it down",
}
# As our recorder has it for a file, but for what PyAV chooses where nobody does.
X264 = {"preset": "veryfast", "crf": "20", "bf": "0"}
TEXT = (
    "Time a frame of the bundled clip, the int8 model. A pipeline cannot be faster "
    "than its slowest stage, nor than the core time of all stages spread over the "
    "cores: the larger is the *bound*. The stages alone use as many threads as they "
    "like. supervision reads and writes on threads of its own too; it writes MPEG-4 "
    "Part 2 (mp4v), which is cheaper than H.264, so it is measured once more with a "
    "sink that writes H.264 through PyAV at the settings of our recorder. The long "
    "clip is the bundled one over and over: what a clip's ends cost is spread there."
)


def run(context: Context) -> Section:
    """Stages alone and pipelines whole, in turns."""
    section = Section("export", "A file to an annotated H.264 file", TEXT)
    info, frames = read_clip(context.clip)
    detector = Loaded(context.int8, for_files=True)
    names = detector.info.class_names
    items = list(zip(frames, _infer(detector, frames), strict=True))
    recorders = recorders_into(context.folder)
    turns = {
        DECODE: _each(len(frames), lambda: read_clip(context.clip)),
        INFER: _each(len(frames), lambda: _infer(detector, frames)),
        DRAW: _each(len(frames), lambda: _draw_all(items, names)),
        ENCODE: _each(len(frames), lambda: _encode(recorders(), info, frames)),
        PIPELINE: pipeline_turn(context.clip, detector, recorders),
        EXPORT: _each(len(frames), lambda: _export(context, detector)),
    }
    long = looped(context.clip, context.folder / "long.mp4", context.count(8))
    many, ends = long.frames, LONG.format(frames=long.frames)
    long_turns = {
        EXPORT + ends: _each(many, lambda: _export(context, detector, long.path))
    }
    with ExitStack() as peers:
        try:
            peer, theirs = (
                peers.enter_context(
                    Worker("benchmarks.export:ProcessVideo", context, h264, turn_s=0.0)
                )
                for h264 in (False, True)
            )
        except AbsentError as absent:
            section.notes.append(f"{SUPERVISION}: {absent}.")
        else:
            turns[SUPERVISION] = lambda: _a_frame(peer.turn(), len(frames))
            turns[SUPERVISION_H264] = lambda: _a_frame(theirs.turn(), len(frames))
            long_turns[SUPERVISION_H264 + ends] = lambda: _a_frame(
                theirs.ask("timed", str(long.path)), many
            )
        samples = take_turns(turns, budget_s=context.seconds(60))
        samples |= take_turns(long_turns, budget_s=0.0, least_rounds=context.count(3))
    bound_ms, which = bound(samples)
    rows = [
        (
            name,
            str(figures(rounds)),
            digits(figures(rounds).core_ms),
            "" if name in STAGES else f"{figures(rounds).median_ms / bound_ms:.2f}",
        )
        for name, rounds in samples.items()
    ]
    rows.append((f"**bound**: {which}", digits(bound_ms), "", "1"))
    section.tables.append(
        Table(("", "ms a frame (middle half)", "core ms a frame", "of the bound"), rows)
    )
    for name, on in ((PIPELINE, ""), (EXPORT, ""), (EXPORT, ends)):
        ratio = figures(samples[name + on]).median_ms / bound_ms
        section.targets.append(
            Target(
                f"`{name}`{on} stays within {MARGIN - 1:.0%} of its bound",
                f"{ratio - 1:+.0%} ({digits(bound_ms)} ms: {which})",
                ratio <= MARGIN,
                why=_WHY_BEHIND[name],
            )
        )
    if SUPERVISION in samples:
        section.targets += _beside_supervision(samples, ends)
    section.data = {"times": as_data(samples), "bound_ms": bound_ms}
    return section


def bound(samples: dict[str, list[Sample]]) -> tuple[float, str]:
    """The least a pipeline of these stages can take for a frame, and why."""
    alone = {name: figures(samples[name]) for name in STAGES}
    slowest = max(alone, key=lambda name: alone[name].median_ms)
    spread_ms = sum(own.core_ms for own in alone.values()) / core_count()
    if alone[slowest].median_ms >= spread_ms:
        return alone[slowest].median_ms, slowest
    return spread_ms, f"core time over {core_count()} cores"


def _beside_supervision(samples: dict[str, list[Sample]], long: str) -> list[Target]:
    """In time and core time, on both clips; `long` ends a name of the long one's."""
    targets = []
    for name, on in ((PIPELINE, ""), (EXPORT, ""), (EXPORT, long)):
        own, theirs = samples[name + on], samples[SUPERVISION_H264 + on]
        ratio = times_as_fast(own, theirs)
        targets.append(
            Target(
                f"`{name}`{on} is ahead of supervision's `process_video` where both "
                "write H.264",
                f"{ratio:.2f} times as fast, {_core_ms(own, theirs)}",
                ratio >= 1,
                why=_WHY_BEHIND[name],
            )
        )
    own, theirs = samples[EXPORT], samples[SUPERVISION]
    targets.append(
        Target(
            f"`{EXPORT}` takes less core time than it where it writes MPEG-4 Part 2",
            _core_ms(own, theirs),
            figures(own).core_ms <= figures(theirs).core_ms,
            why="x264 takes four times the core time of MPEG-4 Part 2",
        )
    )
    return targets


def _core_ms(own: list[Sample], theirs: list[Sample]) -> str:
    ours, other = figures(own).core_ms, figures(theirs).core_ms
    return f"{digits(ours)} core ms a frame beside {digits(other)}"


@dataclass(frozen=True, slots=True)
class Clip:
    """A video file, and how many pictures it has."""

    path: Path
    frames: int


def looped(clip: Path, target: Path, times: int) -> Clip:
    """The pictures of `clip` so many times over, copied packet by packet."""
    frames = 0
    with av.open(str(target), "w") as out:
        copy, shift = None, 0
        for _ in range(times):
            with av.open(str(clip)) as container:
                video = container.streams.video[0]
                if copy is None:
                    copy = out.add_stream_from_template(video)
                ends = shift
                for packet in container.demux(video):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    ends = max(ends, packet.pts + (packet.duration or 1))
                    packet.stream = copy
                    out.mux(packet)
                    frames += 1
                shift = ends
    return Clip(target, frames)


def _a_frame(sample: Sample, frames: int) -> Sample:
    return Sample(sample.wall_ms / frames, sample.core_ms / frames)


def _each(frames: int, call: Callable[[], object]) -> Turn:
    """A turn that goes through the clip once; time a frame."""
    turn = turn_of(call, least_s=0.0)
    return lambda: _a_frame(turn(), frames)


def _infer(detector: Overlaps, frames: list[ImageBgr]) -> list[Detections]:
    """The app's detector over all frames: resizing, network and NMS."""
    settings = Settings()
    begun: deque[PendingDetections] = deque()
    found = []
    for frame in frames:
        begun.append(detector.begin(frame, settings))
        if len(begun) == detector.depth:
            found.append(begun.popleft()()[0])
    return found + [answer()[0] for answer in begun]


def _draw_all(
    items: list[tuple[ImageBgr, Detections]], class_names: tuple[str, ...]
) -> None:
    for image_bgr, found in items:
        draw(image_bgr, found, class_names=class_names, fps=25.0, style=PLAIN)


def _encode(recorder: Recorder, info: VideoInfo, frames: list[ImageBgr]) -> None:
    recorder.open(info)
    for number, image_bgr in enumerate(frames):
        recorder.write(image_bgr, float(number / (info.fps or Fraction(25))))
    recorder.close()


def _export(context: Context, detector: Detector, clip: Path | None = None) -> None:
    out = context.folder / "export"
    shutil.rmtree(out, ignore_errors=True)
    source = str(clip or context.clip)
    job = ExportJob(source, str(out / "clip.mp4"), str(context.int8), "cpu")
    result = run_job(job, factories_with(detector))
    if result.state != "done":
        raise RuntimeError(result.message)


class ProcessVideo:
    """supervision's loop with its annotators around our detector."""

    def __init__(self, context: Context, h264: bool = False) -> None:
        import supervision

        if h264:
            import supervision.utils.video as loop

            vars(loop)["VideoSink"] = H264Sink
        self._sv = supervision
        self._clip = str(context.clip)
        self._target = str(context.folder / "supervision.mp4")
        self._detector = Loaded(context.int8)
        self._names = self._detector.info.class_names
        self._boxes = supervision.BoxAnnotator()
        self._labels = supervision.LabelAnnotator()

    def __call__(self) -> None:
        """The whole clip."""
        self._sv.process_video(self._clip, self._target, self._annotated)

    def timed(self, clip: str) -> Sample:
        """Another clip, once."""
        self._clip, before = clip, self._clip
        try:
            return turn_of(self, least_s=0.0)()
        finally:
            self._clip = before

    def _annotated(self, image_bgr: ImageBgr, _index: int) -> ImageBgr:
        found, _ = self._detector.detect(image_bgr, Settings())
        return annotated(
            self._sv, self._boxes, self._labels, image_bgr, found, self._names
        )


class H264Sink:
    """What supervision's VideoSink does, written with PyAV as its guide has it."""

    def __init__(self, target_path: str, video_info: Any) -> None:  # noqa: ANN401
        self._path, self._info = target_path, video_info

    def __enter__(self) -> Self:
        self._out = av.open(self._path, "w")
        rate = Fraction(self._info.fps).limit_denominator(1001)
        stream = self._out.add_stream("libx264", rate=rate, options=X264)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = self._info.resolution_wh
        stream.pix_fmt = "yuv420p"
        self._stream = stream
        return self

    def write_frame(self, frame: ImageBgr) -> None:
        """Encode it."""
        picture = VideoFrame.from_ndarray(frame, format="bgr24")
        self._out.mux(self._stream.encode(picture))

    def __exit__(self, *_: object) -> None:
        self._out.mux(self._stream.encode(None))
        self._out.close()


def annotated(
    sv: Any,  # noqa: ANN401
    boxes: Any,  # noqa: ANN401
    labels: Any,  # noqa: ANN401
    image_bgr: ImageBgr,
    found: Detections,
    class_names: tuple[str, ...],
) -> ImageBgr:
    """What supervision's own example draws: boxes, then labels, on a copy."""
    detections = sv.Detections(
        xyxy=found.boxes_xyxy, confidence=found.scores, class_id=found.class_ids
    )
    texts = [
        f"{class_names[class_id]} {score:.2f}"
        for class_id, score in zip(found.class_ids, found.scores, strict=True)
    ]
    picture = boxes.annotate(image_bgr.copy(), detections)
    drawn: ImageBgr = labels.annotate(picture, detections, labels=texts)
    return drawn
