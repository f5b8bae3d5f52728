"""Hiding people in a clip, beside hiding frame by frame: who is found again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.hiding.cover import cover
from app.hiding.follow import regions_in_file
from app.hiding.look import LookedAt, Onlooker, looked_at, open_onlooker
from app.hiding.proof import THRESHOLDS, best_scores, measured_recall
from app.hiding.regions import Ints, in_pixels
from app.media.recording.recorder import Mp4Recorder
from app.media.sources.file_source import FileSource
from app.pipeline.interfaces import VideoSource
from app.settings import COVER_MODES, Settings
from app.types import Detections, Frame, ImageBgr, VideoInfo
from benchmarks.context import Context
from benchmarks.kit import as_data, figures, take_turns, turn_of
from benchmarks.ours import app_factories, read_clip
from benchmarks.report import Section, Table, Target

CLIP, JUDGE = Path("videos/opencv_vtest.avi"), Path("weights/yolox_nano.onnx")
CLASS = "person"
FRAMES = 795
SETTINGS = Settings(detail=3)
# The judge looks as it was made to: once, at the whole.
SETTINGS_OF = {"hider": SETTINGS, "judge": replace(SETTINGS, detail=1)}
# Of the frames in which the judge finds one in the original.
MOST_SHARE = 0.01
# Frame by frame: from which score, and the box so many times as large. The second is
# what deface does where it is told nothing (--thresh, --mask-scale).
NAIVE = {
    "frame by frame, what is shown": (SETTINGS.score_threshold, 1.0),
    "frame by frame, as deface: 0.2, 1.3 times the box": (0.2, 1.3),
}
OURS = "ours: tracks, margins, look-ahead"
SIZE_WH, BOXES = (1280, 720), 10
LIMIT_MS = 1.0
TEXT = (
    f"OpenCV's vtest.avi (people on a campus path, 768 x 576, 10 a second), hidden "
    f"with the bundled weights and detail {SETTINGS.detail}, written to a file, and "
    "looked at again by YOLOX-nano. *found again*: frames in which it finds a person, "
    "as a share of those in which it finds one in the original. *covered*: of the "
    f"people it sees in the original at {THRESHOLDS[-1]:g}, those of whom nine tenths "
    "or more are under a cover."
)
COLUMNS = (
    "",
    *(f"found again at {threshold:g}" for threshold in THRESHOLDS),
    "people covered",
    "of the picture",
)


@dataclass(frozen=True, eq=False, slots=True)
class Original:
    """The clip, and what was found in it.

    Attributes:
        clip: the file.
        frames: so many of it are looked at.
        looked: by the hider, and by the judge.
        hider: with the bundled weights.
        judge: has no say in what is covered.
    """

    clip: Path
    frames: int
    looked: LookedAt
    hider: Onlooker
    judge: Onlooker


class FirstFrames:
    """A source that ends early."""

    def __init__(self, source: VideoSource, count: int) -> None:
        """Let `count` frames of `source` pass."""
        self._source, self._count = source, count
        self.is_live = source.is_live
        self.open, self.close = source.open, source.close

    def frames(self) -> Iterator[Frame]:
        """The first ones."""
        for frame in self._source.frames():
            if frame.index == self._count:
                return
            yield frame


def run(context: Context) -> Section:
    """Each way to hide, judged; then what a frame costs."""
    section = Section("hiding", "Hiding people: who is found again", TEXT)
    try:
        _judge_ways(context, section)
    except FileNotFoundError as error:
        section.targets.append(_found_target(None))
        section.notes.append(f"Not judged: {error}.")
    _time_modes(context, section)
    return section


def _judge_ways(context: Context, section: Section) -> None:
    original = look(context, context.count(FRAMES, least=20))
    try:
        rows: dict[str, dict[str, Any]] = {}
        for name, covered in ways(original).items():
            rows[name] = judged(original, covered, context.folder / "hidden.mp4")
    finally:
        original.hider.detector.close()
        original.judge.detector.close()
    info = original.hider.info
    tell_found(section, rows, hider=f"{info.model_name} on {info.provider}")


def tell_found(section: Section, rows: dict[str, Any], *, hider: str) -> None:
    """The table, the promise and what the detector found by itself."""
    section.tables.append(
        Table(COLUMNS, [(name, *_cells(row)) for name, row in rows.items()])
    )
    section.targets.append(_found_target(rows[OURS]))
    recall = rows[OURS]["recall"]
    section.notes.append(
        f"{recall['seen_by_judge']} people seen by {recall['judge']}, of whom {hider} "
        f"found {recall['recall']:.1%} by itself at 0.1, where hiding begins."
    )
    section.data["ways"] = rows


def look(context: Context, frames: int) -> Original:
    """Hider and judge look at the clip.

    Raises:
        FileNotFoundError: clip or judge are not at hand.
    """
    shared = context.shared or Path()
    for path in (CLIP, JUDGE):
        if not (shared / path).is_file():
            raise FileNotFoundError(f"{path} is not at hand")
    factories = app_factories()
    # Without its suffix: the copy that suits the device, as where nothing is said.
    model = context.model.with_suffix("")
    hider, judge = (
        open_onlooker(factories.make_detector(path, "auto"), SETTINGS_OF[name], [CLASS])
        for name, path in (("hider", model), ("judge", shared / JUDGE))
    )
    clip = shared / CLIP
    looked = looked_at(FirstFrames(FileSource(clip), frames), (hider, judge))
    return Original(clip, len(looked.times_s), looked, hider, judge)


def ways(original: Original) -> dict[str, list[Ints]]:
    """By name, (M, 4) pixels to cover in each frame."""
    looked, hider = original.looked, original.hider
    size_wh = looked.info.size_wh
    found = {
        name: [
            frame_by_frame(one, hider.class_ids, size_wh, least=least, scale=scale)
            for one in looked.found[0]
        ]
        for name, (least, scale) in NAIVE.items()
    }
    regions = regions_in_file(looked.found[0], looked.times_s, hider.class_ids)
    return found | {
        OURS: [in_pixels(regions.of(i), size_wh) for i in range(original.frames)]
    }


def frame_by_frame(
    found: Detections,
    class_ids: tuple[int, ...],
    size_wh: tuple[int, int],
    *,
    least: float,
    scale: float,
) -> Ints:
    """(M, 4) pixels: the boxes of one frame, `scale` times as large, and no more."""
    meant = np.isin(found.class_ids, class_ids) & (found.scores > least)
    boxes = found.boxes_xyxy[meant].astype(np.float64)
    more = (scale - 1) / 2 * (boxes[:, 2:] - boxes[:, :2])
    low = np.clip(np.floor(boxes[:, :2] - more), 0, size_wh)
    high = np.clip(np.ceil(boxes[:, 2:] + more), 0, size_wh)
    return np.hstack([low, high]).astype(np.int64)


def judged(original: Original, covered: list[Ints], out: Path) -> dict[str, Any]:
    """Write it with the boxes covered, and let the judge look at the file."""
    _write(original, covered, out)
    judge, looked = original.judge, original.looked
    after = looked_at(FileSource(out), (judge,))
    if len(after.times_s) != original.frames:
        raise ValueError(f"{len(after.times_s)} of {original.frames} frames came back")
    before_scores = best_scores(looked.found[1], judge.class_ids)
    after_scores = best_scores(after.found[0], judge.class_ids)
    width, height = looked.info.size_wh
    masks = np.zeros((height, width), np.uint8)
    shares = []
    for boxes in covered:
        masks[:] = 0
        for x1, y1, x2, y2 in boxes.tolist():
            masks[y1:y2, x1:x2] = 1
        shares.append(masks.mean())
    return {
        "original_frames": _frames_above(before_scores),
        "result_frames": _frames_above(after_scores),
        "recall": measured_recall(
            *(looked.found[1], judge, looked.found[0], original.hider), covered
        ),
        "covered_of_picture": float(np.mean(shares)),
    }


def _frames_above(scores: Any) -> dict[str, int]:  # noqa: ANN401 - Floats
    return {f"{limit:g}": int((scores > limit).sum()) for limit in THRESHOLDS}


def _write(original: Original, covered: list[Ints], out: Path) -> None:
    recorder = Mp4Recorder(out, overwrite=True)
    source = FirstFrames(FileSource(original.clip), original.frames)
    try:
        info: VideoInfo = source.open()
        recorder.open(replace(info, path=None))
        for frame, boxes in zip(source.frames(), covered, strict=True):
            picture = cover(frame.image_bgr, boxes, SETTINGS.cover_mode)
            recorder.write(picture, frame.timestamp_s)
    finally:
        source.close()
        recorder.close()


def _cells(row: dict[str, Any]) -> list[str]:
    before, after = row["original_frames"], row["result_frames"]
    return [
        *(
            f"{after[at]} of {before[at]} ({after[at] / max(1, before[at]):.1%})"
            for at in before
        ),
        f"{row['recall']['covered_share'] or 0:.1%}",
        f"{row['covered_of_picture']:.0%}",
    ]


def _found_target(row: dict[str, Any] | None) -> Target:
    at = f"{THRESHOLDS[-1]:g}"
    text = f"Hidden, a {CLASS} is found again at {at} in at most {MOST_SHARE:.0%}"
    if row is None:
        return Target(text, "clip or judge are not at hand", None)
    share = row["result_frames"][at] / max(1, row["original_frames"][at])
    return Target(text, f"{share:.2%}", share <= MOST_SHARE)


def _time_modes(context: Context, section: Section) -> None:
    """A 720p frame with ten boxes in each mode."""
    picture: ImageBgr = np.asarray(
        cv2.resize(read_clip(context.clip)[1][0], SIZE_WH), np.uint8
    )
    boxes = ten_boxes()
    turns = {
        mode: turn_of(partial(cover, picture, boxes, mode), least_s=0.02)
        for mode in COVER_MODES
    }
    samples = take_turns(turns, budget_s=context.seconds(5))
    section.tables.append(
        Table(
            (f"{BOXES} boxes at 720p", "ms (middle half)"),
            [(name, str(figures(own))) for name, own in samples.items()],
        )
    )
    slowest = max(figures(own).median_ms for own in samples.values())
    section.targets.append(
        Target(
            f"{BOXES} people are covered in {LIMIT_MS:g} ms of a 720p frame at most",
            f"{slowest:.2f} ms, the slowest mode",
            slowest <= LIMIT_MS,
        )
    )
    section.data["times"] = as_data(samples)


def ten_boxes() -> Ints:
    """(10, 4): people near and far, three tenths of the picture together."""
    rng = np.random.default_rng(0)
    heights = np.linspace(60, 420, BOXES)
    sizes = np.stack([heights * 0.4, heights], axis=1)
    low = rng.uniform(0, 1, (BOXES, 2)) * (np.array(SIZE_WH) - sizes)
    return np.hstack([low, low + sizes]).astype(np.int64)
