"""Detections as data: what was found in a video, in a file beside it.

JSON lines: a header, then one line a frame. Numbers come back as they were, so a
picture drawn from a sidecar equals the one drawn from the detector.
"""

import csv
import json
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import orjson

from app.errors import SidecarError
from app.local_files import local_file
from app.types import Detections
from app.whole_file import hold, whole_file, write_whole

FORMAT = "mobilenet-ssd-detections/2"
# Read as well: without tracks.
_FORMATS = (FORMAT, "mobilenet-ssd-detections/1")
_LINE = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class SidecarHeader:
    """What holds for every frame.

    Attributes:
        source: the video file.
        size_wh: width and height of its frames in pixels, as shown.
        model_name: the model file's name.
        model_sha256: of its content, in hexadecimal.
        class_names: index is the class id.
        settings: how it was made, by name; `score_threshold` is the lowest that
            the file can be asked for.
        tracking: how tracks were made, `score_threshold` and `keep_s`; None where
            nobody followed what was found.
    """

    source: str
    size_wh: tuple[int, int]
    model_name: str
    model_sha256: str
    class_names: tuple[str, ...]
    settings: dict[str, Any]
    tracking: dict[str, float] | None = None


@dataclass(frozen=True, eq=False, slots=True)
class FrameDetections:
    """What was found in one frame.

    Attributes:
        index: of the frame in its source, from 0.
        timestamp_s: on the source's clock.
        detections: in pixels of the frame.
    """

    index: int
    timestamp_s: float
    detections: Detections


def keep_detections(
    detections: Detections,
    *,
    score_threshold: float,
    class_ids: Collection[int] | None = None,
) -> Detections:
    """Those with a score above the threshold, of these classes (None: of all).

    NMS lets no weaker box remove a better one, so `keep(detect(t0), t) ==
    detect(t)` for t >= t0.
    """
    kept = detections.scores > score_threshold
    if class_ids is not None:
        kept &= np.isin(detections.class_ids, list(class_ids))
    return detections.where(kept)


class SidecarWriter:
    """Writes lines as they come; what a kill leaves is readable to its last line."""

    def __init__(
        self, path: Path, header: SidecarHeader, *, go_on_after: int | None = None
    ) -> None:
        """Begin `path`, or go on with it.

        Args:
            path: the file.
            header: its first line.
            go_on_after: keep that many frames that are there already.

        Raises:
            SidecarError: another process is writing it.
        """
        self._class_names = header.class_names
        # Neither way anything is lost before it is known to be ours.
        self._file: BinaryIO = path.open("ab" if go_on_after is None else "rb+")
        try:
            hold(self._file)
        except BlockingIOError as error:
            self._file.close()
            raise SidecarError(
                f"{path} is being written by another export.", "Wait for it to end."
            ) from error
        if go_on_after is not None:
            # What is kept is not touched: a kill here costs nothing.
            kept = sum(len(next(self._file)) for _ in range(go_on_after + 1))
            self._file.seek(kept)
            self._file.truncate()
        else:
            self._file.truncate(0)
            values = {
                "format": FORMAT,
                "source": header.source,
                "size_wh": list(header.size_wh),
                "model_name": header.model_name,
                "model_sha256": header.model_sha256,
                "class_names": list(header.class_names),
                "settings": header.settings,
                "tracking": header.tracking,
            }
            # In ASCII: a file's name may be no text at all (surrogates).
            self._file.write(json.dumps(values).encode() + b"\n")
        self._file.flush()

    def write(self, frame: FrameDetections) -> None:
        """Add the line of one frame."""
        found = frame.detections
        values = {
            "index": frame.index,
            "time_s": frame.timestamp_s,
            "detections": [
                {
                    "class": self._class_names[class_id],
                    "class_id": class_id,
                    "score": score,
                    "box_xyxy": box,
                    "track_id": track_id,
                    "track_class_id": track_class_id,
                }
                for box, score, class_id, (track_id, track_class_id) in zip(
                    np.ascontiguousarray(found.boxes_xyxy),
                    found.scores,
                    found.class_ids.tolist(),
                    _tracks(found),
                    strict=True,
                )
            ],
        }
        # A float32 becomes the shortest decimal that is this float32 again.
        self._file.write(orjson.dumps(values, option=_LINE))
        self._file.flush()

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _tracks(found: Detections) -> list[tuple[int, int] | tuple[None, None]]:
    """Of each its track's id and class id, or nothing."""
    if found.track_ids is None or found.track_class_ids is None:
        return [(None, None)] * len(found)
    pairs = zip(found.track_ids.tolist(), found.track_class_ids.tolist(), strict=True)
    return [pair if pair[0] else (None, None) for pair in pairs]


def _shortest(value: np.float32) -> float:
    """The shortest decimal that is this float32 again: 0.9, not 0.899999976."""
    return float(str(value))


def read_header(path: Path) -> SidecarHeader:
    """The first line of a sidecar.

    Raises:
        SidecarError: it is missing or no header of ours.
    """
    header, frames = _open(path)
    frames.close()
    return header


def source_of(path: Path) -> str:
    """The video that a sidecar was made from: a plain file here.

    Where it was, or else beside the sidecar. Somebody else's sidecar may name
    anything, but opens no address, no camera and no network share.

    Raises:
        SidecarError: there is no such file, or it is no sidecar.
    """
    header = read_header(path)
    name = PureWindowsPath(header.source).name  # of any system's
    video = local_file(header.source, beside=path) or local_file(name, beside=path)
    if video is None:
        raise SidecarError(
            f"The video that {path.name} was made from is not here: {header.source}.",
            "Name it with --source.",
        )
    return str(video)


def read_sidecar(path: Path) -> tuple[SidecarHeader, list[FrameDetections]]:
    """All of a sidecar, checked.

    Raises:
        SidecarError: it cannot be read, or a line is bad: it says which and why.
    """
    header, frames = _open(path)
    return header, list(frames)


def read_torn(path: Path) -> tuple[SidecarHeader, list[FrameDetections]]:
    """As `read_sidecar`, up to the first line that is bad.

    Raises:
        SidecarError: not even the header is good.
    """
    header, lines = _open(path)
    frames = []
    try:
        for frame in lines:
            frames.append(frame)
    except SidecarError:
        pass
    return header, frames


def _open(path: Path) -> tuple[SidecarHeader, Any]:
    frames = _frames(path)
    header = next(frames)
    assert isinstance(header, SidecarHeader)
    return header, frames


def _frames(path: Path) -> Iterator[SidecarHeader | FrameDetections]:
    number = 1
    try:
        with path.open(encoding="utf-8") as file:
            header = _header(json.loads(file.readline()))
            yield header
            last: FrameDetections | None = None
            for line in file:
                number += 1
                if not line.endswith("\n"):
                    raise ValueError("it is cut off")
                last = _frame(json.loads(line), header, last)
                yield last
    except OSError as error:
        raise SidecarError(
            f"The sidecar {path} cannot be read.", "Check the name."
        ) from error
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        what = f"{error.args[0]!r} is missing" if type(error) is KeyError else error
        raise SidecarError(
            f"Line {number} of the sidecar {path} is bad: {what}.",
            "Make it again with: python main.py export",
        ) from error


def _header(values: Any) -> SidecarHeader:  # noqa: ANN401 - JSON
    if not isinstance(values, dict) or values.get("format") not in _FORMATS:
        raise ValueError(f"it is no header of format {FORMAT}")
    width, height = values["size_wh"]
    if not (isinstance(width, int) and isinstance(height, int)):
        raise ValueError(f"size_wh must be two integers, got {values['size_wh']}")
    class_names = values["class_names"]
    if not isinstance(class_names, list) or not isinstance(values["settings"], dict):
        raise ValueError("class_names must be a list, settings an object")
    return SidecarHeader(
        source=str(values["source"]),
        size_wh=(width, height),
        model_name=str(values["model_name"]),
        model_sha256=str(values["model_sha256"]),
        class_names=tuple(str(name) for name in class_names),
        settings=values["settings"],
        tracking=_tracking(values.get("tracking")),
    )


def _tracking(values: Any) -> dict[str, float] | None:  # noqa: ANN401 - JSON
    if values is None:
        return None
    names = ("score_threshold", "keep_s")
    if not isinstance(values, dict) or not all(
        isinstance(values.get(name), int | float) for name in names
    ):
        raise ValueError(f"tracking must have the numbers {names}")
    return {name: float(values[name]) for name in names}


def _frame(
    values: Any,  # noqa: ANN401 - JSON
    header: SidecarHeader,
    before: FrameDetections | None,
) -> FrameDetections:
    if not isinstance(values, dict):
        raise ValueError(f"expected an object, got {type(values).__name__}")
    index, time_s = values["index"], values["time_s"]
    due = before.index + 1 if before else 0
    if index != due:
        raise ValueError(f"index must be {due}, got {index}")
    is_number = isinstance(time_s, int | float) and math.isfinite(time_s)
    if not is_number or (before and time_s < before.timestamp_s):
        raise ValueError(f"time_s must be a number that never falls, got {time_s}")
    found = values["detections"]
    boxes = np.array([d["box_xyxy"] for d in found], np.float32).reshape(-1, 4)
    scores = np.array([d["score"] for d in found], np.float32)
    class_ids = np.array([d["class_id"] for d in found], np.int64)
    if len(boxes) != len(found) or not np.isfinite(boxes).all():
        raise ValueError("box_xyxy must be four numbers")
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ValueError("score must be in [0, 1]")
    for entry in found:
        class_id, name = entry["class_id"], entry["class"]
        if not 0 <= class_id < len(header.class_names):
            raise ValueError(f"class_id must be one of the header's, got {class_id}")
        if header.class_names[class_id] != name:
            raise ValueError(
                f"class must be {header.class_names[class_id]!r}, got {name!r}"
            )
    detections = Detections(boxes, scores, class_ids)
    if header.tracking is not None:
        detections = _followed(detections, found, len(header.class_names))
    return FrameDetections(index, float(time_s), detections)


def _followed(
    detections: Detections,
    found: Any,  # noqa: ANN401 - JSON
    class_count: int,
) -> Detections:
    track_ids = np.array([d["track_id"] or 0 for d in found], np.int64)
    own = [d["track_class_id"] if d["track_id"] else d["class_id"] for d in found]
    if not (track_ids >= 0).all():
        raise ValueError("track_id must be 1 or more, or null")
    if not all(isinstance(i, int) and 0 <= i < class_count for i in own):
        raise ValueError("track_class_id must be one of the header's")
    return detections.followed(track_ids, np.array(own, np.int64))


def write_csv(
    path: Path, header: SidecarHeader, frames: Sequence[FrameDetections]
) -> None:
    """One line a detection, for spreadsheets; `path` is written whole or not at all."""
    with whole_file(path) as own, own.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            (
                *("index", "time_s", "class", "class_id", "score"),
                *("x1", "y1", "x2", "y2", "track_id"),
            )
        )
        for frame in frames:
            found = frame.detections
            for box, score, class_id, (track_id, _) in zip(
                found.boxes_xyxy,
                found.scores,
                found.class_ids.tolist(),
                _tracks(found),
                strict=True,
            ):
                name = header.class_names[class_id]
                corners = [_shortest(v) for v in box]
                what = [name, class_id, _shortest(score), *corners, track_id]
                writer.writerow([frame.index, frame.timestamp_s, *what])


def write_coco(
    path: Path, header: SidecarHeader, frames: Sequence[FrameDetections]
) -> None:
    """COCO's dataset json: an image a frame, box as x, y, width, height; whole, too.

    Ids count from 1, and a category's id is its class id plus 1.

    Source: cocodataset.org/#format-data
    """
    width, height = header.size_wh
    stem = Path(header.source).stem
    annotations: list[dict[str, Any]] = []
    for frame in frames:
        found = frame.detections
        for box, score, class_id, (track_id, _) in zip(
            found.boxes_xyxy,
            found.scores,
            found.class_ids.tolist(),
            _tracks(found),
            strict=True,
        ):
            x1, y1, x2, y2 = (float(v) for v in box)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": frame.index + 1,
                    "category_id": class_id + 1,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "iscrowd": 0,
                    "score": _shortest(score),
                    **({"track_id": track_id} if track_id else {}),
                }
            )
    images = [
        {
            "id": frame.index + 1,
            "file_name": f"{stem}_{frame.index:06}.png",
            "width": width,
            "height": height,
            "time_s": frame.timestamp_s,
        }
        for frame in frames
    ]
    categories = [{"id": i + 1, "name": n} for i, n in enumerate(header.class_names)]
    write_whole(
        path,
        json.dumps(
            {"images": images, "annotations": annotations, "categories": categories}
        ),
    )
