"""What app.sidecar promises."""

import csv
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO

from app.errors import SidecarError
from app.sidecar import (
    FrameDetections,
    SidecarHeader,
    SidecarWriter,
    keep_detections,
    read_sidecar,
    read_torn,
    source_of,
    write_coco,
    write_csv,
)
from app.types import Detections
from tests.python import ROOT

HEADER = SidecarHeader(
    source="clip.mp4",
    size_wh=(200, 100),
    model_name="m.onnx",
    model_sha256="0" * 64,
    class_names=("person", "Fußgänger, laufend"),
    settings={"score_threshold": 0.05},
)


def random_frames(seed: int, count: int = 6) -> list[FrameDetections]:
    rng = np.random.default_rng(seed)
    frames = []
    for index in range(count):
        n = int(rng.integers(0, 4))
        frames.append(
            FrameDetections(
                index,
                index / 30,
                Detections(
                    rng.normal(50, 30, (n, 4)).astype(np.float32),
                    np.sort(rng.random(n).astype(np.float32))[::-1],
                    rng.integers(0, 2, n),
                ),
            )
        )
    return frames


def write(path: Path, frames: list[FrameDetections]) -> Path:
    with SidecarWriter(path, HEADER) as writer:
        for frame in frames:
            writer.write(frame)
    return path


def same(one: list[FrameDetections], other: list[FrameDetections]) -> bool:
    return len(one) == len(other) and all(
        (a.index, a.timestamp_s) == (b.index, b.timestamp_s)
        and np.array_equal(a.detections.boxes_xyxy, b.detections.boxes_xyxy)
        and np.array_equal(a.detections.scores, b.detections.scores)
        and np.array_equal(a.detections.class_ids, b.detections.class_ids)
        for a, b in zip(one, other, strict=True)
    )


@given(seed=st.integers(0, 2**32 - 1))
def test_what_is_written_is_read_to_the_last_bit(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("sidecar") / "a.jsonl"
    frames = random_frames(seed)
    header, again = read_sidecar(write(path, frames))
    assert header == HEADER
    assert same(frames, again)


def test_a_line_is_what_any_program_reads(tmp_path: Path) -> None:
    found = Detections(
        np.array([[1.5, 2, 30.1, 40]], np.float32),
        np.array([0.9], np.float32),
        np.array([1]),
    )
    path = write(tmp_path / "a.jsonl", [FrameDetections(0, 0.04, found)])
    _, line = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "index": 0,
        "time_s": 0.04,
        "detections": [
            {
                "class": "Fußgänger, laufend",
                "class_id": 1,
                "score": 0.9,
                "box_xyxy": [1.5, 2.0, 30.1, 40.0],
                "track_id": None,
                "track_class_id": None,
            }
        ],
    }


@pytest.mark.parametrize(
    ("number", "change", "what"),
    [
        (1, lambda line: {"format": "other"}, "Line 1 .* it is no header"),
        (3, lambda line: line | {"index": 7}, "Line 3 .* index must be 1, got 7"),
        (3, lambda line: line | {"time_s": -1}, "Line 3 .* never falls"),
        (2, lambda line: {"index": 0, "time_s": 0}, "Line 2 .*'detections' is missing"),
        (2, lambda line: [1], "Line 2 .* expected an object, got list"),
        (3, lambda line: line | {"time_s": float("nan")}, "Line 3 .* time_s"),
        (3, lambda line: line | {"time_s": float("inf")}, "Line 3 .* time_s"),
        (3, lambda line: line | {"time_s": 10**400}, "Line 3 .* bad"),
    ],
)
def test_a_bad_line_is_named(tmp_path, number, change, what) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    path = write(tmp_path / "a.jsonl", random_frames(1))
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[number - 1] = json.dumps(change(json.loads(lines[number - 1])))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(SidecarError, match=what):
        read_sidecar(path)


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"score": 1.5}, r"score must be in \[0, 1\]"),
        ({"class_id": 2}, "class_id must be one of the header's, got 2"),
        ({"class": "car"}, "class must be 'person', got 'car'"),
        ({"box_xyxy": [1, 2, 3, None]}, "Line 2"),
    ],
)
def test_a_bad_detection_is_named(
    tmp_path: Path, entry: dict[str, object], what: str
) -> None:
    path = write(tmp_path / "a.jsonl", [])
    good = {"class": "person", "class_id": 0, "score": 0.5, "box_xyxy": [1, 2, 3, 4]}
    line = {"index": 0, "time_s": 0.0, "detections": [good | entry]}
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")
    with pytest.raises(SidecarError, match=what):
        read_sidecar(path)


def test_a_torn_file_gives_its_whole_lines_and_is_gone_on_with(tmp_path: Path) -> None:
    frames = random_frames(2)
    path = write(tmp_path / "a.jsonl", frames)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(SidecarError, match="it is cut off"):
        read_sidecar(path)
    _, kept = read_torn(path)
    assert same(kept, frames[:-1])
    with SidecarWriter(path, HEADER, go_on_after=len(kept)) as writer:
        writer.write(frames[-1])
    assert same(read_sidecar(path)[1], frames)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SidecarError, match="cannot be read"):
        read_sidecar(tmp_path / "none.jsonl")


def test_a_higher_threshold_and_a_class_filter_keep_the_rest_as_it_was() -> None:
    found = Detections(
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.array([0.9, 0.5, 0.3], np.float32),
        np.array([0, 1, 0]),
    )
    kept = keep_detections(found, score_threshold=0.3)
    assert kept.scores.tolist() == pytest.approx([0.9, 0.5])  # above, not at
    people = keep_detections(found, score_threshold=0.0, class_ids=[0])
    assert people.boxes_xyxy[:, 0].tolist() == [0, 8]
    assert len(keep_detections(Detections.empty(), score_threshold=0.5)) == 0


def test_csv_and_coco_say_the_same(tmp_path: Path) -> None:
    frames = random_frames(3, 20)
    total = sum(len(frame.detections) for frame in frames)
    write_csv(tmp_path / "a.csv", HEADER, frames)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == total > 10
    first = next(frame for frame in frames if len(frame.detections))
    box = first.detections.boxes_xyxy[0]
    assert [np.float32(rows[0][key]) for key in ("x1", "y1", "x2", "y2")] == list(box)
    assert rows[0]["class"] == HEADER.class_names[first.detections.class_ids[0]]

    write_coco(tmp_path / "a.coco.json", HEADER, frames)
    coco = COCO(str(tmp_path / "a.coco.json"))  # pycocotools reads it
    assert len(coco.getImgIds()) == 20
    assert len(coco.getAnnIds()) == total
    annotation = coco.loadAnns(coco.getAnnIds())[0]
    assert annotation["image_id"] == first.index + 1
    x, y, w, h = annotation["bbox"]
    assert [x, y, x + w, y + h] == pytest.approx(box.tolist())
    assert coco.loadCats([2])[0]["name"] == "Fußgänger, laufend"


def test_a_class_id_beyond_all_numbers_is_a_bad_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", random_frames(1))
    text = re.sub(r'"class_id":\d+', f'"class_id":{2**63}', path.read_text(), count=1)
    path.write_text(text)
    with pytest.raises(SidecarError, match=r"Line \d+ .* is bad"):
        read_sidecar(path)


def test_a_line_nested_without_end_is_a_bad_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", random_frames(1))
    path.write_text(path.read_text().splitlines()[0] + "\n" + "[" * 100_000 + "\n")
    with pytest.raises(SidecarError, match=r"Line 2 .* is bad"):
        read_sidecar(path)


DYING = """
import os, sys
from pathlib import Path
from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter
from app.types import Detections
path, kept = Path(sys.argv[1]), int(sys.argv[2])
header = SidecarHeader("clip.mp4", (200, 100), "m.onnx", "0" * 64, ("a",), {})
go_on_after = kept if kept >= 0 else None
writer = SidecarWriter(path, header, go_on_after=go_on_after)
for index in range(max(kept, 0), max(kept, 0) + 20):
    writer.write(FrameDetections(index, index / 30, Detections.empty()))
os._exit(9)  # as a kill: nothing is flushed
"""


def die_writing(path: Path, *, kept: int = -1) -> None:
    command = [sys.executable, "-c", DYING, str(path), str(kept)]
    assert subprocess.run(command, cwd=ROOT, timeout=60).returncode == 9


def test_a_kill_costs_no_line_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    die_writing(path)
    assert len(read_sidecar(path)[1]) == 20


def test_a_kill_as_it_goes_on_costs_nothing_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    die_writing(path)
    before = path.read_bytes()
    path.write_bytes(before + b'{"index": 20, "time')  # cut off
    die_writing(path, kept=20)
    assert path.read_bytes().startswith(before)
    assert len(read_sidecar(path)[1]) == 40


def test_what_is_kept_is_never_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any moment of going on, what was there is there."""
    frames = random_frames(2)
    path = write(tmp_path / "a.jsonl", frames)
    sizes: list[int] = []
    opened = Path.open

    def watched(self: Path, mode: str = "r", **options: object) -> object:
        file = opened(self, mode, **options)  # type: ignore[call-overload] # as given
        sizes.append(path.stat().st_size)
        return file

    monkeypatch.setattr(Path, "open", watched)
    size = path.stat().st_size
    SidecarWriter(path, HEADER, go_on_after=len(frames)).close()
    assert sizes == [size]
    assert path.stat().st_size == size


@pytest.mark.parametrize("write_data", [write_csv, write_coco])
def test_data_that_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_data: object
) -> None:
    path = tmp_path / "a.data"
    path.write_text("mine")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_data(path, HEADER, random_frames(3))  # type: ignore[operator] # either
    assert path.read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["a.data"]


def sidecar_of(source: str, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "a.jsonl"
    SidecarWriter(path, replace(HEADER, source=source)).close()
    return path


def test_the_video_is_where_it_was_or_beside_the_sidecar(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.touch()
    assert source_of(sidecar_of(str(clip), tmp_path / "out")) == str(clip)
    for moved in ("/gone/clip.mp4", "C:\\videos\\clip.mp4", "gone/clip.mp4"):
        assert source_of(sidecar_of(moved, tmp_path)) == str(clip)


@pytest.mark.parametrize(
    "source",
    ["http://127.0.0.1:9/a.mp4", "0", "screen", "test", "\\\\host\\share\\a.mp4", ""],
)
def test_a_sidecar_opens_no_address_and_no_camera(tmp_path: Path, source: str) -> None:
    with pytest.raises(SidecarError, match=r"is not here: .*--source"):
        source_of(sidecar_of(source, tmp_path))
