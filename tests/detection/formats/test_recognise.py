"""Each kind of file is recognised, and its boxes land where they belong.

The picture is 64 wide and 32 high, the networks see 32 x 32: a letterboxed picture is
halved to 32 x 16 (and has 8 rows above it where it is centred), a stretched one keeps
its height. Every file says: a box from (16, 8) to (48, 24) in the picture.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.cli.options import FORMATS
from app.detection.formats.class_names import COCO
from app.detection.formats.recognise import KINDS
from app.detection.onnx_detector import OnnxDetector
from app.errors import ModelError
from app.settings import Settings
from app.types import Detections
from tests.detection.formats.other_makers import json_names, names, write_model

BOX = [16, 8, 48, 24]
PICTURE = np.zeros((32, 64, 3), np.uint8)
# Of strides 8, 16, 32: 4 x 4 + 2 x 2 + 1 cells.
CELLS = 21
PLANES = ("images", (1, 3, 32, 32), "float32")
Floats = NDArray[np.float32]


def found_by(
    path: Path, kind: str = "", score_threshold: float = 0.5
) -> tuple[str, Detections]:
    """The name of the only class found, and what was found."""
    detector = OnnxDetector(path, device="cpu", kind=kind)
    info = detector.open()
    found, _ = detector.detect(PICTURE, Settings(score_threshold=score_threshold))
    detector.close()
    assert len(found) == 1
    return info.class_names[found.class_ids[0]], found


def yolo_rows(count: int, row: int, values: list[float], classes: int) -> Floats:
    rows = np.zeros((1, count, len(values) - 1 + classes), np.float32)
    rows[0, row, : len(values) - 1] = values[:-1]
    rows[0, row, len(values) - 1 + 1] = values[-1]  # of the second class
    return rows


def assert_is_the_box(found: Detections, score: float) -> None:
    assert found.boxes_xyxy[0].tolist() == pytest.approx(BOX, abs=1e-3)
    assert found.scores[0] == pytest.approx(score, abs=1e-6)


def test_yolox_raw(tmp_path: Path) -> None:
    """In the corner: halved, the box is 8..24 x 4..12, centre 16 8, size 16 x 8.

    Of stride 8, the cell in column 2, row 1 begins at 16 8: the centre is 0 0 from it,
    the size exp(log 2), exp(log 1) cells.
    """
    values = [0.0, 0.0, float(np.log(2)), 0.0, 0.9, 0.8]
    rows = yolo_rows(CELLS, 1 * 4 + 2, values, classes=3)
    path = write_model(tmp_path / "x.onnx", PLANES, {"output": rows})
    name, found = found_by(path)
    assert name == "class 1"
    assert_is_the_box(found, 0.72)  # 0.9 * 0.8


def test_yolox_with_its_decoder_is_told_by_its_values(tmp_path: Path) -> None:
    rows = yolo_rows(CELLS, 6, [16, 8, 16, 8, 0.9, 0.8], classes=80)
    rows[0, :, 0] = np.linspace(0, 31, CELLS)  # centres all over the picture
    rows[0, 6, 0] = 16
    path = write_model(tmp_path / "x.onnx", PLANES, {"output": rows})
    name, found = found_by(path)
    assert name == COCO[1]
    assert_is_the_box(found, 0.72)


def test_yolov5(tmp_path: Path) -> None:
    """Centred: 8 rows lie above, so the box's centre is at 16 16."""
    rows = yolo_rows(3 * CELLS, 40, [16, 16, 16, 8, 0.9, 0.8], classes=2)
    path = write_model(
        tmp_path / "v5.onnx", PLANES, {"output0": rows}, metadata=names("cat", "dog")
    )
    name, found = found_by(path)
    assert name == "dog"
    assert_is_the_box(found, 0.72)


def test_yolov8_and_11(tmp_path: Path) -> None:
    rows = yolo_rows(CELLS, 9, [16, 16, 16, 8, 0.8], classes=2)
    path = write_model(
        tmp_path / "v8.onnx",
        PLANES,
        {"output0": np.ascontiguousarray(rows.transpose(0, 2, 1))},
        metadata=names("cat", "dog"),
    )
    name, found = found_by(path)
    assert name == "dog"
    assert_is_the_box(found, 0.8)


def test_yolo_without_nms_keeps_boxes_that_overlap(tmp_path: Path) -> None:
    rows = np.zeros((1, 300, 6), np.float32)
    rows[0, 0] = [8, 12, 24, 20, 0.8, 1]
    rows[0, 1] = [8, 12, 24, 20, 0.7, 1]
    path = write_model(
        tmp_path / "v10.onnx", PLANES, {"output0": rows}, metadata=names("cat", "dog")
    )
    detector = OnnxDetector(path, device="cpu")
    detector.open()
    found, _ = detector.detect(PICTURE, Settings(score_threshold=0.5))
    detector.close()
    assert found.boxes_xyxy.tolist() == [BOX, BOX]


def test_yolo_for_any_size_takes_the_size_it_was_trained_for(tmp_path: Path) -> None:
    rows = yolo_rows(CELLS, 9, [16, 16, 16, 8, 0.8], classes=2)
    path = write_model(
        tmp_path / "v8.onnx",
        ("images", ("batch", 3, "height", "width"), "float32"),
        {"output0": np.ascontiguousarray(rows.transpose(0, 2, 1))},
        metadata=names("cat", "dog") | {"imgsz": "[32, 32]"},
    )
    assert_is_the_box(found_by(path)[1], 0.8)


def test_half_precision_inputs_are_taken(tmp_path: Path) -> None:
    rows = yolo_rows(CELLS, 9, [16, 16, 16, 8, 0.75], classes=2).astype(np.float16)
    path = write_model(
        tmp_path / "v8.onnx",
        ("images", (1, 3, 32, 32), "float16"),
        {"output0": np.ascontiguousarray(rows.transpose(0, 2, 1))},
    )
    assert_is_the_box(found_by(path)[1], 0.75)


def test_detr_like(tmp_path: Path) -> None:
    """Stretched: half as wide, as high. Boxes are pixels of the size it was told."""
    path = write_model(
        tmp_path / "detr.onnx",
        PLANES,
        {
            "labels": np.array([[1, 0]], np.int64),
            "boxes": np.array([[[8, 8, 24, 24], [0, 0, 1, 1]]], np.float32),
            "scores": np.array([[0.8, 0.1]], np.float32),
        },
        sizes="orig_target_sizes",
    )
    name, found = found_by(path)
    assert name == COCO[1]
    assert_is_the_box(found, 0.8)


def test_detr_like_leaves_out_doubles_and_keeps_neighbours(tmp_path: Path) -> None:
    """16 x 16; 14 of its rows: IoU 0.875, a double. 9 rows: 0.5625, a neighbour."""
    boxes = [[8, 8, 24, 24], [8, 8, 24, 22], [8, 8, 24, 17]]
    path = write_model(
        tmp_path / "detr.onnx",
        PLANES,
        {
            "labels": np.zeros((1, 3), np.int64),
            "boxes": np.array([boxes], np.float32),
            "scores": np.array([[0.9, 0.8, 0.7]], np.float32),
        },
        sizes="orig_target_sizes",
    )
    detector = OnnxDetector(path, device="cpu")
    detector.open()
    found, _ = detector.detect(PICTURE, Settings(iou_threshold=0.45))
    detector.close()
    assert found.scores.tolist() == pytest.approx([0.9, 0.7])


@pytest.mark.parametrize("suffix", ["", ":0"])
def test_tensorflow_object_detection(tmp_path: Path, suffix: str) -> None:
    """Stretched; y before x, in shares; classes are COCO's numbers, with gaps."""
    outputs = {
        "detection_boxes": np.array([[[0.25, 0.25, 0.75, 0.75], [0, 0, 0, 0]]]),
        "detection_scores": np.array([[0.8, 0.7]]),
        "detection_classes": np.array([[90.0, 12.0]]),  # toothbrush; a gap
        "num_detections": np.array([2.0]),
    }
    path = write_model(
        tmp_path / "tf.onnx",
        ("image_tensor", (1, 32, 32, 3), "uint8"),
        {f"{k}{suffix}": v.astype(np.float32) for k, v in outputs.items()},
    )
    name, found = found_by(path)
    assert name == "toothbrush"
    assert_is_the_box(found, 0.8)


def test_torchvision(tmp_path: Path) -> None:
    """Without a batch; output names that say nothing; classes begin at 1."""
    path = write_model(
        tmp_path / "tv.onnx",
        ("input", (3, 32, 32), "float32"),
        {
            "3015": np.array([[8, 8, 24, 24], [0, 0, 1, 1]], np.float32),
            "3018": np.array([2, 1], np.int64),
            "3021": np.array([0.8, 0.1], np.float32),
        },
        metadata=json_names("cat", "dog"),
    )
    name, found = found_by(path)
    assert name == "dog"
    assert_is_the_box(found, 0.8)


def test_names_stand_in_a_file_beside_the_model(tmp_path: Path) -> None:
    rows = yolo_rows(3 * CELLS, 40, [16, 16, 16, 8, 0.9, 0.8], classes=2)
    path = write_model(tmp_path / "v5.onnx", PLANES, {"output0": rows})
    (tmp_path / "v5.names").write_text("\ufeffleft shoe\r\nright shoe\r\n\r\n")
    assert found_by(path)[0] == "right shoe"


def test_too_few_names_are_no_names(tmp_path: Path) -> None:
    rows = yolo_rows(3 * CELLS, 40, [16, 16, 16, 8, 0.9, 0.8], classes=2)
    path = write_model(
        tmp_path / "v5.onnx", PLANES, {"output0": rows}, metadata=names("cat")
    )
    with pytest.raises(ModelError, match=r"knows 2 classes, and there are 1") as caught:
        OnnxDetector(path, device="cpu").open()
    assert caught.value.remedy


def test_a_kind_that_is_told_overrules_what_it_looks_like(tmp_path: Path) -> None:
    """YOLOv6 has a row for each cell, as YOLOX, but decoded, in RGB and centred."""
    values = [16.0, 16.0, 16.0, 8.0, 0.9, 0.8]
    rows = yolo_rows(3 * CELLS, 40, values, classes=2)
    path = write_model(tmp_path / "v5.onnx", PLANES, {"output0": rows})
    with pytest.raises(ModelError, match="no yolov8 model: it takes images"):
        found_by(path, kind="yolov8")
    assert_is_the_box(found_by(path, kind="yolov5")[1], 0.72)


@pytest.mark.parametrize(
    ("picture", "outputs", "sentence"),
    [
        (
            ("input", (1, 3, 32, 32), "float32"),
            {"probabilities": np.zeros((1, 1000), np.float32)},
            r"it takes input \(1, 3, 32, 32\) float32 and answers probabilities "
            r"\(1, 1000\) float32",
        ),
        (
            ("input", (4, 3, 32, 32), "float32"),
            {"output": np.zeros((4, 21, 85), np.float32)},
            "takes 4 pictures at a time",
        ),
        (
            ("input", (1, 1, 32, 32), "float32"),
            {"output": np.zeros((1, 21, 85), np.float32)},
            r"takes pictures of \(1, 1, 32, 32\), where no side is 3 colours",
        ),
        (
            ("tokens", (1, 77), "int64"),
            {"output": np.zeros((1, 21, 85), np.float32)},
            r"takes no picture: it takes tokens \(1, 77\) int64",
        ),
    ],
)
def test_what_nobody_knows_is_refused_with_what_it_looks_like(
    tmp_path: Path,
    picture: tuple[str, tuple[int, ...], str],
    outputs: dict[str, Floats],
    sentence: str,
) -> None:
    path = write_model(tmp_path / "odd.onnx", picture, outputs)
    with pytest.raises(ModelError, match=sentence) as caught:
        OnnxDetector(path, device="cpu").open()
    assert caught.value.remedy.endswith(".")


def test_an_input_that_nobody_knows_is_named(tmp_path: Path) -> None:
    detr = write_model(
        tmp_path / "odd.onnx",
        PLANES,
        {"scores": np.zeros((1, 2), np.float32)},
        sizes="where",
    )
    with pytest.raises(ModelError, match=r"answers scores \(1, 2\)"):
        OnnxDetector(detr, device="cpu").open()


def test_every_kind_can_be_told_and_is_in_the_table_for_people() -> None:
    assert tuple(KINDS) == FORMATS
    page = (Path(__file__).parents[3] / "docs" / "models.md").read_text("utf-8")
    assert all(f"`{kind}`" in page for kind in KINDS)
