"""Tracks and counts from a sidecar alone: the line is moved afterwards."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from app.errors import SidecarError
from app.sidecar import (
    FrameDetections,
    SidecarHeader,
    SidecarWriter,
    read_header,
    read_sidecar,
)
from app.tracking.counter import Counter
from app.tracking.events import Counts, Event
from app.tracking.paths import Floats, Ints, Sightings
from app.tracking.rules import Rules
from app.tracking.tracker import KEEP_S, Tracker
from app.whole_file import whole_file


@dataclass(frozen=True, eq=False, slots=True)
class Counted:
    """What happened in a video, and what it comes to.

    Attributes:
        events: in the order of the frames that decided them.
        counts: by rule and class.
        frame_count: how many frames were looked at.
        duration_s: from the first to the last.
    """

    events: tuple[Event, ...]
    counts: Counts
    frame_count: int
    duration_s: float


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """The tracks of a sidecar, ready to be counted again and again."""

    header: SidecarHeader
    indices: Ints
    times_s: Floats
    sightings: Sightings


def count_sidecar(path: Path, rules: Rules) -> Counted:
    """Count again, without the video and without a model.

    A sidecar without tracks gets them first, which takes longer.

    Raises:
        SidecarError: it cannot be read, or a line is bad.
        RulesError: a rule counts what the model does not know.
    """
    rules.check_classes(read_header(path).class_names)
    return count_seen(read_seen(path), rules)


def read_seen(path: Path) -> Seen:
    """Who was where.

    Raises:
        SidecarError: it cannot be read, or a line is bad.
    """
    header = read_header(path)
    return _tracked(path, header) if header.tracking else _followed(path)


def count_seen(seen: Seen, rules: Rules) -> Counted:
    """Count it; what the model does not know was never seen."""
    header = seen.header
    keep_s = (seen.header.tracking or {}).get("keep_s", KEEP_S)
    counter = Counter(
        rules,
        size_wh=header.size_wh,
        class_names=header.class_names,
        keep_s=keep_s,
        knows_all=False,
    )
    events = counter.add(seen.indices, seen.times_s, seen.sightings)
    times_s = seen.times_s
    return Counted(
        tuple(events),
        counter.counts(),
        frame_count=len(times_s),
        duration_s=float(times_s[-1] - times_s[0]) if len(times_s) else 0.0,
    )


def seen_box(seen: Seen, event: Event) -> tuple[float, float, float, float] | None:
    """Where the event's track was in its frame, in pixels; None: not there."""
    first, last = np.searchsorted(seen.sightings.places, (event.frame, event.frame + 1))
    rows = first + np.flatnonzero(seen.sightings.track_ids[first:last] == event.track)
    if not len(rows):
        return None
    x1, y1, x2, y2 = seen.sightings.boxes_xyxy[rows[0]].tolist()
    return (x1, y1, x2, y2)


def track_sidecar(
    path: Path, out: Path, *, score_threshold: float | None = None
) -> int:
    """Write the sidecar again, with tracks; `out` may be the same file.

    Args:
        path: any sidecar.
        out: what is written, whole or not at all.
        score_threshold: boxes above it begin tracks; None: what was shown.

    Returns:
        How many tracks there are.

    Raises:
        SidecarError: it cannot be read, or a line is bad.
    """
    header, frames = read_sidecar(path)
    header, followed = _follow(header, frames, score_threshold)
    with whole_file(out) as own, SidecarWriter(own, header) as writer:
        for frame in followed:
            writer.write(frame)
    return max((int(_ids(frame).max(initial=0)) for frame in followed), default=0)


def _ids(frame: FrameDetections) -> Ints:
    ids = frame.detections.track_ids
    assert ids is not None
    return ids


def _follow(
    header: SidecarHeader,
    frames: list[FrameDetections],
    score_threshold: float | None = None,
) -> tuple[SidecarHeader, list[FrameDetections]]:
    if score_threshold is None:
        score_threshold = float(header.settings.get("shown_threshold", 0.5))
    tracker = Tracker()
    followed = [
        replace(
            frame,
            detections=tracker.update(
                frame.detections, frame.timestamp_s, score_threshold=score_threshold
            ),
        )
        for frame in frames
    ]
    tracking = {"score_threshold": score_threshold, "keep_s": tracker.keep_s}
    return replace(header, tracking=tracking), followed


def _followed(path: Path) -> Seen:
    """What an older sidecar has, followed now."""
    header, frames = _follow(*read_sidecar(path))
    sizes = [len(frame.detections) for frame in frames]
    ids = np.concatenate([np.zeros(0, np.int64), *map(_ids, frames)])

    def column(name: str, width: int) -> Floats:
        parts = [getattr(frame.detections, name) for frame in frames]
        parts.append(np.zeros((0, width) if width > 1 else 0))
        return np.concatenate(parts).astype(np.float64)

    confirmed = np.flatnonzero(ids > 0)
    threshold = (header.tracking or {})["score_threshold"]
    return Seen(
        header,
        np.array([frame.index for frame in frames], np.int64),
        np.array([frame.timestamp_s for frame in frames], np.float64),
        Sightings(
            np.repeat(np.arange(len(frames)), sizes),
            ids,
            column("track_class_ids", 1).astype(np.int64),
            column("boxes_xyxy", 4),
            column("scores", 1).astype(np.float32) > np.float32(threshold),
        ).where(confirmed),
    )


def _tracked(path: Path, header: SidecarHeader) -> Seen:
    """What a sidecar with tracks has of them: an hour in about a second."""
    try:
        with _no_collector():
            seen = _quickly(path, header)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        read_sidecar(path)  # knows which line it is, and says so
        raise SidecarError(
            f"The sidecar {path} is bad: {error}.",
            "Make it again with: python main.py export",
        ) from error
    return seen


def _quickly(path: Path, header: SidecarHeader) -> Seen:
    times_s: list[float] = []
    counts: list[int] = []
    tables = [np.zeros((0, _COLUMNS))]
    with path.open("rb", buffering=2**20) as file:
        next(file)
        while lines := list(islice(file, _LINES_AT_ONCE)):
            frames, boxes_of, table = _parsed(lines)
            for frame in frames:
                if frame["index"] != len(times_s):
                    raise ValueError(f"frame {len(times_s)} is not there")
                times_s.append(frame["time_s"])
            counts += boxes_of
            tables.append(table)
            if not lines[-1].endswith(b"\n"):
                raise ValueError("it is cut off")
    times = np.array(times_s, np.float64)
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise ValueError("time_s must be a number that never falls")
    places, table = np.repeat(np.arange(len(times)), counts), np.concatenate(tables)
    has_track = table[:, 5] != 0
    if not has_track.all():
        places, table = places[has_track], table[has_track]
    if not np.isfinite(table).all():
        raise ValueError("box_xyxy must be four numbers")
    if (table[:, 5] < 1).any():
        raise ValueError("track_id must be 1 or more, or null")
    class_ids = table[:, 6].astype(np.int64)
    if len(class_ids) and not (
        class_ids.min() >= 0 and class_ids.max() < len(header.class_names)
    ):
        raise ValueError("track_class_id must be one of the header's")
    threshold = (header.tracking or {})["score_threshold"]
    return Seen(
        header,
        np.arange(len(times), dtype=np.int64),
        times,
        Sightings(
            places,
            table[:, 5].astype(np.int64),
            class_ids,
            # As they were when they were found: float32.
            table[:, 1:5].astype(np.float32).astype(np.float64),
            table[:, 0].astype(np.float32) > np.float32(threshold),
        ),
    )


_LINES_AT_ONCE = 500  # fits into the processor's cache
# Score, four corners, track and its class: of each box that has a track.
_COLUMNS = 7
_Parsed = tuple[list[Any], list[int], Floats]
_BEGIN, _END = b'{"class":', b"]}\n"
_SCORE, _NO_TRACK = b'"score":', b'"track_id":null,"track_class_id":null},'
# What is left of a box behind its score without the numbers, and those characters.
_SIGNS = b',"box_xyxy":[,,,],"track_id":,"track_class_id":},'
_NUMBERS = b"0123456789.-+e"


def _parsed(lines: list[bytes]) -> _Parsed:
    """The frames, how many of their boxes are in the table, and the table."""
    try:
        return _in_our_spelling(lines)
    except ValueError:
        return _in_any_spelling(lines)


def _in_our_spelling(lines: list[bytes]) -> _Parsed:
    """As we write them: the keys in one order, without a blank.

    Most boxes have no track, and are not even parsed; of the others nothing but the
    numbers. No text in a line holds a quote that is not escaped, so that what looks
    like a key is one.
    """
    heads: list[bytes] = []
    counts: list[int] = []
    boxes: list[bytes] = []
    for line in lines:
        head, *found = line.split(_BEGIN)
        before = len(boxes)
        if found:
            if not line.endswith(_END):
                raise ValueError("it ends otherwise")
            head += _END
            found[-1] = found[-1].removesuffix(_END) + b","
            boxes += [
                one.partition(_SCORE)[2] for one in found if not one.endswith(_NO_TRACK)
            ]
        heads.append(head)
        counts.append(len(boxes) - before)
    frames = orjson.loads(b"[" + b",".join(heads) + b"]")
    if any(frame["detections"] for frame in frames):
        raise ValueError("its boxes are spelled otherwise")
    text = b"".join(boxes)
    if text.translate(None, _NUMBERS) != _SIGNS * len(boxes):
        raise ValueError("its boxes are spelled otherwise")
    signs = bytes(set(_SIGNS) - set(b","))
    numbers = orjson.loads(b"[" + text.translate(None, signs).removesuffix(b",") + b"]")
    return frames, counts, _table(numbers, len(boxes))


def _in_any_spelling(lines: list[bytes]) -> _Parsed:
    frames = [orjson.loads(line) for line in lines]
    found = [
        [one for one in frame["detections"] if one["track_id"]] for frame in frames
    ]
    rows = [
        [one["score"], *one["box_xyxy"], one["track_id"], one["track_class_id"]]
        for own in found
        for one in own
    ]
    return frames, [len(own) for own in found], _table(rows, len(rows))


def _table(numbers: list[Any], count: int) -> Floats:
    return np.array(numbers, np.float64).reshape(count, _COLUMNS)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Millions of small dicts, none in a circle: looking for circles takes half."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
