"""A kept test: a folder with a clip, and what is expected to be found in it.

`expected.json` has a line a frame, so that `git diff` shows which frame has changed.
"""

import json
import math
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from app.errors import KeptTestError, RulesError
from app.settings import DEVICES, Settings
from app.sidecar import FrameDetections
from app.tracking.events import Counts
from app.tracking.rules import Rules, rules_from
from app.types import Detections
from app.whole_file import write_whole

FORMAT = "mobilenet-ssd-kept-test/1"
CLIP, EXPECTED = "clip.mp4", "expected.json"
_AGAIN = "Keep it again with: python main.py keep"


@dataclass(frozen=True, slots=True)
class Finder:
    """Who found what is expected.

    Attributes:
        model: the file as it was named; empty: the app's own.
        kind: what it was said to be, where it was not recognised (`--format`).
        device: as it was asked for.
        name: of the model file that ran.
        sha256: of its content; empty where it is no file here.
        ran_on: the device that it really ran on.
        precision: what it computed in.
        score_threshold: see `app.settings.Settings`, as for the next three.
        iou_threshold: of NMS.
        max_detections: at most so many a frame.
        detail: how closely it looked.
    """

    model: str = ""
    kind: str = ""
    device: str = "auto"
    name: str = ""
    sha256: str = ""
    ran_on: str = ""
    precision: str = ""
    score_threshold: float = 0.5
    iou_threshold: float = 0.45
    max_detections: int = 100
    detail: int = 1

    @classmethod
    def asked(cls, settings: Settings, *, model: str, kind: str = "") -> Self:
        """One that did not run yet."""
        return cls(
            model=model,
            kind=kind,
            device=settings.device,
            score_threshold=settings.score_threshold,
            iou_threshold=settings.iou_threshold,
            max_detections=settings.max_detections,
            detail=settings.detail,
        )

    @property
    def settings(self) -> Settings:
        """What it is asked with."""
        return Settings(
            score_threshold=self.score_threshold,
            iou_threshold=self.iou_threshold,
            max_detections=self.max_detections,
            detail=self.detail,
            device=self.device,
        )


@dataclass(frozen=True, eq=False, slots=True)
class Expected:
    """What was found in a clip.

    Attributes:
        source: what the clip is of, for people.
        finder: who found it.
        class_names: index is the class id.
        frames: what was found in each frame, above the score threshold.
        rules: what was counted; without lines and zones: nothing was.
        rule_counts: what it came to, by rule and class.
    """

    source: str
    finder: Finder
    class_names: tuple[str, ...]
    frames: tuple[FrameDetections, ...]
    rules: Rules = Rules()  # noqa: RUF009 - frozen
    rule_counts: Counts | None = None

    @property
    def box_counts(self) -> dict[str, int]:
        """Boxes in all frames, by class name."""
        counts = Counter[str]()
        for frame in self.frames:
            counts.update(self.class_names[i] for i in frame.detections.class_ids)
        return dict(sorted(counts.items()))

    @property
    def summary(self) -> str:
        """For people: "250 frames, person 312, by m.onnx on CPU fp32"."""
        counts = [f"{name} {count}" for name, count in self.box_counts.items()]
        boxes = ", ".join(counts) or "nothing"
        ran = f"{self.finder.name} on {self.finder.ran_on} {self.finder.precision}"
        return f"{len(self.frames)} frames, {boxes}, by {ran.strip()}"


def write_expected(expected: Expected, folder: Path) -> None:
    """Write it into a kept test's folder, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    head = {
        "format": FORMAT,
        "source": expected.source,
        "finder": asdict(expected.finder),
        "class_names": list(expected.class_names),
        "box_counts": expected.box_counts,
        "rules": json.loads(expected.rules.to_json()) if expected.rules else None,
        "rule_counts": expected.rule_counts,
    }
    lines = [json.dumps(_frame_values(f, expected)) for f in expected.frames]
    text = json.dumps(head, indent=2, ensure_ascii=False).removesuffix("\n}")
    frames = ",\n    ".join(lines)
    write_whole(folder / EXPECTED, f'{text},\n  "frames": [\n    {frames}\n  ]\n}}\n')


def read_expected(folder: Path) -> Expected:
    """The inverse of `write_expected`.

    Raises:
        KeptTestError: it cannot be read, or something in it is wrong; says what.
    """
    path = folder / EXPECTED
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        return _expected(values)
    except OSError as error:
        raise KeptTestError(
            f"{path} cannot be read ({error.strerror}).", "Check the name."
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError, RulesError) as error:
        what = f"{error.args[0]!r} is missing" if type(error) is KeyError else error
        raise KeptTestError(f"{path} is wrong: {what}.", _AGAIN) from error


def kept_tests_in(paths: list[Path]) -> list[Path]:
    """The folders of all kept tests that are named, or lie in folders that are.

    Raises:
        KeptTestError: one of them is none and has none.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.name == EXPECTED:
            path = path.parent
        inside = [path] if (path / EXPECTED).exists() else _below(path)
        if not inside:
            raise KeptTestError(
                f"There is no kept test in {path}.",
                f"Keep one with: python main.py keep SOURCE --into {path}",
            )
        found.update(dict.fromkeys(inside))
    return list(found)


def _below(folder: Path) -> list[Path]:
    return sorted(file.parent for file in folder.rglob(EXPECTED))


def _frame_values(frame: FrameDetections, expected: Expected) -> dict[str, Any]:
    found = frame.detections
    return {
        "time_s": frame.timestamp_s,
        "boxes": [
            {
                "class": expected.class_names[class_id],
                "score": round(score, 4),
                "box_xyxy": [round(v, 2) for v in box],
            }
            for box, score, class_id in zip(
                found.boxes_xyxy.tolist(),
                found.scores.tolist(),
                found.class_ids.tolist(),
                strict=True,
            )
        ],
    }


def _expected(values: Any) -> Expected:  # noqa: ANN401 - JSON
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError(f"it is no {FORMAT}")
    class_names = tuple(str(name) for name in values["class_names"])
    rules = values["rules"]
    return Expected(
        source=str(values["source"]),
        finder=_finder(values["finder"]),
        class_names=class_names,
        frames=tuple(
            _frame(number, frame, class_names)
            for number, frame in enumerate(values["frames"])
        ),
        rules=Rules() if rules is None else rules_from(rules),
        rule_counts=values["rule_counts"],
    )


def _finder(values: Any) -> Finder:  # noqa: ANN401 - JSON
    if not isinstance(values, dict):
        raise TypeError("finder must be an object")
    known = {k: v for k, v in values.items() if k in Finder.__slots__}
    finder = Finder(**known)
    if finder.device not in DEVICES:
        raise ValueError(f"device must be one of {DEVICES}, got {finder.device!r}")
    _ = finder.settings  # checks the rest
    return finder


def _frame(
    index: int,
    values: Any,  # noqa: ANN401 - JSON
    class_names: tuple[str, ...],
) -> FrameDetections:
    time_s, boxes = float(values["time_s"]), values["boxes"]
    if not math.isfinite(time_s):
        raise ValueError(f"time_s of frame {index} must be a number, got {time_s}")
    corners = np.array([b["box_xyxy"] for b in boxes], np.float32).reshape(-1, 4)
    if len(corners) != len(boxes) or not np.isfinite(corners).all():
        raise ValueError(f"box_xyxy in frame {index} must be four numbers")
    scores = np.array([b["score"] for b in boxes], np.float32)
    ids = np.array([class_names.index(b["class"]) for b in boxes], np.int64)
    return FrameDetections(index, time_s, Detections(corners, scores, ids))
