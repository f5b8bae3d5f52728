"""A line's counts beside what the eye says: who was missed, who was made up, and why.

usage: python -m benchmarks.crossings SIDECAR.jsonl --truth COUNTS.json
       [--video VIDEO --out FOLDER]

COUNTS.json has a line in pixels, `{"line": {"start": [x, y], "end": [x, y]}, "events":
[{"frame": n, "direction": "in", "foot": [x, y]}, ...]}`, of people, each looked at.
With the video, FOLDER gets a picture of each that went wrong: moments around it, boxes
that begin tracks thick, weak ones thin, with the track's id and the score.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from app.export.counting import count_seen, read_seen, track_sidecar
from app.media.sources.make import make_source
from app.sidecar import FrameDetections, read_sidecar
from app.tracking.events import Event
from app.tracking.rules import Line, Rules
from app.types import ImageBgr

CLASS_NAME = "person"
# One that was counted may be so many frames off; of several, the nearest is meant, a
# frame being as far as so many pixels.
MOST_FRAMES, FRAME_PX = 12, 5.0
# Of a picture: so many moments, so many frames apart, this part of the frame each.
MOMENTS, APART, ACROSS, PART_WH, LARGER = 12, 2, 4, (220, 180), 2
LEAST_SHOWN = 0.1
LINE_BGR, NO_TRACK_BGR = (0, 255, 255), (150, 150, 150)


@dataclass(frozen=True, slots=True)
class Passing:
    """One crossing, counted or looked at.

    Attributes:
        frame: the first one beyond the line.
        direction: "in" or "out".
        foot_xy: where, in pixels.
        track: who; 0: looked at by eye.
    """

    frame: int
    direction: str
    foot_xy: tuple[float, float]
    track: int = 0

    def __str__(self) -> str:
        x, y = self.foot_xy
        who = f", track {self.track}" if self.track else ""
        return f"frame {self.frame} {self.direction} at ({x:.0f}, {y:.0f}){who}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What goes with what.

    Attributes:
        right: of each pair the one that was looked at, then the one counted.
        missed: looked at, and not counted.
        made_up: counted, and not there.
    """

    right: list[tuple[Passing, Passing]]
    missed: list[Passing]
    made_up: list[Passing]


def main(argv: list[str] | None = None) -> int:
    """Say it, and draw it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crossings")
    parser.add_argument("sidecar", type=Path, metavar="SIDECAR.jsonl")
    parser.add_argument("--truth", type=Path, required=True, metavar="COUNTS.json")
    parser.add_argument("--video", metavar="VIDEO")
    parser.add_argument("--out", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--again",
        action="store_true",
        help="follow the boxes anew, with the tracker of today (rewrites the sidecar)",
    )
    options = parser.parse_args(argv)
    if (options.video is None) != (options.out is None):
        parser.error("--video and --out go together")
    if options.again:
        track_sidecar(options.sidecar, options.sidecar)
    seen = read_seen(options.sidecar)
    line, truth = read_truth(options.truth, seen.header.size_wh)
    events = count_seen(seen, Rules(lines=(line,))).events
    verdict = compare([passing(event) for event in events], truth)
    ways = [
        f"{sum(event.direction == way for event in events)} "
        f"({sum(one.direction == way for one in truth)}) {way}"
        for way in ("in", "out")
    ]
    say = sys.stdout.write
    say(f"Counted, and by eye: {', '.join(ways)}; {len(verdict.right)} agree.\n")
    wrong = [*verdict.missed, *verdict.made_up]
    for one in wrong:
        say(f"{'Made up' if one.track else 'Missed'}: {one}\n")
    if wrong and options.out is not None:
        for path in draw_all(options.sidecar, options.video, line, wrong, options.out):
            say(f"Wrote {path}\n")
    return 0


def read_truth(path: Path, size_wh: tuple[int, int]) -> tuple[Line, list[Passing]]:
    """The line, and who crossed it by eye."""
    values = json.loads(path.read_text(encoding="utf-8"))
    width, height = size_wh
    ends = [
        (x / width, y / height)
        for x, y in (values["line"]["start"], values["line"]["end"])
    ]
    line = Line("L1", ends[0], ends[1], classes=(CLASS_NAME,))
    truth = [
        Passing(event["frame"], event["direction"], tuple(event["foot"]))
        for event in values["events"]
    ]
    return line, truth


def passing(event: Event) -> Passing:
    """An event as one."""
    return Passing(event.frame, event.direction, event.anchor_xy, event.track)


def compare(counted: Sequence[Passing], truth: Sequence[Passing]) -> Verdict:
    """Pairs of one direction, the nearest in time and place first, each once."""
    near = sorted(
        (frames * FRAME_PX + abs(mine.foot_xy[1] - one.foot_xy[1]), i, j)
        for i, mine in enumerate(counted)
        for j, one in enumerate(truth)
        if mine.direction == one.direction
        and (frames := abs(mine.frame - one.frame)) <= MOST_FRAMES
    )
    of: dict[int, int] = {}
    for _, i, j in near:
        if i not in of and j not in of.values():
            of[i] = j
    return Verdict(
        right=[(truth[j], counted[i]) for i, j in sorted(of.items())],
        missed=[one for j, one in enumerate(truth) if j not in of.values()],
        made_up=[mine for i, mine in enumerate(counted) if i not in of],
    )


def draw_all(
    sidecar: Path, video: str, line: Line, wrong: Sequence[Passing], out: Path
) -> Iterator[Path]:
    """A picture of each, in order."""
    header, found = read_sidecar(sidecar)
    threshold = (header.tracking or {}).get("score_threshold", 0.5)
    person = header.class_names.index(CLASS_NAME)
    out.mkdir(parents=True, exist_ok=True)
    moments = {
        frame for one in wrong for frame in moments_of(one) if 0 <= frame < len(found)
    }
    pictures: dict[int, ImageBgr] = {}
    source = make_source(video)
    source.open()
    try:
        for frame in islice(source.frames(), max(moments, default=-1) + 1):
            if frame.index in moments:
                drawn = _drawn(
                    frame.image_bgr, line, found[frame.index], person, threshold
                )
                pictures[frame.index] = drawn
    finally:
        source.close()
    for one in wrong:
        parts = [
            _part(pictures[frame], one.foot_xy, f"{frame}")
            for frame in moments_of(one)
            if frame in pictures
        ]
        parts += [np.zeros_like(parts[0])] * (-len(parts) % ACROSS)
        rows = [np.hstack(parts[i : i + ACROSS]) for i in range(0, len(parts), ACROSS)]
        kind = "made-up" if one.track else "missed"
        path = out / f"{sidecar.stem}.{one.frame:06}.{one.direction}.{kind}.jpg"
        cv2.imwrite(str(path), np.vstack(rows))
        yield path


def moments_of(one: Passing) -> list[int]:
    """The frames that are drawn of it."""
    first = one.frame - MOMENTS * APART // 2
    return [first + i * APART for i in range(MOMENTS)]


def _drawn(
    image_bgr: ImageBgr,
    line: Line,
    frame: FrameDetections,
    person: int,
    threshold: float,
) -> ImageBgr:
    canvas = np.asarray(cv2.resize(image_bgr, None, fx=LARGER, fy=LARGER), np.uint8)
    height, width = canvas.shape[:2]
    ends = [(int(x * width), int(y * height)) for x, y in (line.from_xy, line.to_xy)]
    cv2.line(canvas, ends[0], ends[1], LINE_BGR, 1)
    found = frame.detections
    ids = np.zeros(len(found), np.int64) if found.track_ids is None else found.track_ids
    for box, score, class_id, track in zip(
        found.boxes_xyxy, found.scores, found.class_ids, ids.tolist(), strict=True
    ):
        if class_id != person or score <= LEAST_SHOWN:
            continue
        x1, y1, x2, y2 = (LARGER * box).astype(int).tolist()
        shade = np.random.default_rng(track).integers(60, 255, 3).tolist()
        colour_bgr = shade if track else NO_TRACK_BGR
        width_px = 2 if score > threshold else 1
        cv2.rectangle(canvas, (x1, y1), (x2, y2), colour_bgr, width_px)
        cv2.circle(canvas, ((x1 + x2) // 2, y2), 3, colour_bgr, -1)
        _write(canvas, f"{track or ''} {score:.2f}", (x1, y1 - 3), colour_bgr)
    return canvas


def _part(picture: ImageBgr, foot_xy: tuple[float, float], text: str) -> ImageBgr:
    """Around somebody who stands there, black beyond the edges."""
    width, height = (LARGER * side for side in PART_WH)
    left = int(LARGER * foot_xy[0]) - width // 2
    top = int(LARGER * foot_xy[1]) - height * 3 // 4
    part = np.zeros((height, width, 3), np.uint8)
    seen = picture[max(top, 0) : top + height, max(left, 0) : left + width]
    at_y, at_x = max(-top, 0), max(-left, 0)
    part[at_y : at_y + seen.shape[0], at_x : at_x + seen.shape[1]] = seen
    _write(part, text, (6, 18), LINE_BGR)
    return part


def _write(
    canvas: ImageBgr, text: str, at: tuple[int, int], colour_bgr: Sequence[int]
) -> None:
    cv2.putText(
        canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour_bgr, 1, cv2.LINE_AA
    )


if __name__ == "__main__":
    raise SystemExit(main())
