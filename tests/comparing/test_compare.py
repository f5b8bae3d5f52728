"""What `main.py compare` promises: the video, the table, and when it refuses."""

import argparse
import csv
import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import main
from app.cli import places
from app.cli.comparing import compare
from app.comparing.pairs import pair_up, shared_classes
from app.comparing.picture import VIEWS, compared_picture
from app.types import Detections
from tests.detection.tiny_model import tiny_model
from tests.media.clips import write_video

COLORS = {"blue": (255, 0, 0), "green": (0, 255, 0), "red": (0, 0, 255)}


def film(path: Path, *names: str) -> Path:
    """A second of each colour, at 10 frames a second."""

    def draw(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
        return np.full((*size_wh[::-1], 3), COLORS[names[number // 10]], np.uint8)

    return write_video(path, [i / 10 for i in range(10 * len(names))], draw=draw)


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    """A tells colours; B calls blue "green", and green "pink", which A knows not."""
    a = tiny_model(tmp_path / "a.onnx")
    b = tiny_model(tmp_path / "b.onnx", class_names='["green", "pink", "red"]')
    return str(a), str(b)


def test_the_table_says_what_both_find_and_what_only_one_does(
    tmp_path: Path, two: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    video = film(tmp_path / "in.mp4", "red", "red", "green")
    out = tmp_path / "out.mp4"
    command = ["compare", two[0], f"{two[1]}@cpu", "--source", str(video)]
    assert main.main([*command, "--out", str(out)]) == 0
    values = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    # Red is seen by both for 20 frames. On green A says so, and B says "pink", which
    # does not count; blue is none of B's, either.
    assert values["frames"] == 30
    assert values["by_class"] == {
        "green": {"agreement": 0.0, "both": 0, "only_a": 10, "only_b": 0},
        "red": {"agreement": 1.0, "both": 20, "only_a": 0, "only_b": 0},
    }
    # 20 pairs are 40 boxes of 50.
    assert values["all"]["agreement"] == 0.8
    assert [s["agreement"] for s in values["over_time"]] == [1.0, 1.0, 0.0]
    assert values["a"]["classes_of_its_own"] == ["blue"]
    assert values["b"]["classes_of_its_own"] == ["pink"]
    assert values["a"]["ms_median"] > 0
    with out.with_suffix(".csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["only_a"] for row in rows] == ["0"] * 20 + ["1"] * 10
    said = capfd.readouterr().out
    assert f"Wrote {out}" in said
    row = f"{'green':<16}{'0 %':>7}{0:>8}{10:>8}{0:>8}"
    assert row in said.splitlines()
    with av.open(out) as container:
        pictures = [f.to_ndarray(format="bgr24") for f in container.decode(video=0)]
    assert len(pictures) == 30
    height, width = pictures[0].shape[:2]
    assert (width, height) == (320, 90)  # two of 160 x 90
    assert main.main([*command, "--out", str(out)]) == 2  # it is there already
    assert "was left alone" in capfd.readouterr().err


def test_a_part_of_the_source_is_enough_and_the_source_is_never_replaced(
    tmp_path: Path, two: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    video = film(tmp_path / "in.mp4", "red", "green")
    command = ["compare", *two, "--source", str(video), "--overwrite", "--out"]
    before = video.read_bytes()
    assert main.main([*command, str(video)]) == 2
    assert "is the video itself" in capfd.readouterr().err
    assert video.read_bytes() == before
    out = tmp_path / "out.mp4"
    assert main.main([*command, str(out), "--seconds", "1", "--view", "split"]) == 0
    values = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert values["frames"] == 10
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        *("a.onnx", "b.onnx", "in.mp4", "out.csv", "out.json", "out.mp4")
    ]


def test_photos_come_out_as_photos(tmp_path: Path, two: tuple[str, str]) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, size_wh in (("red", (40, 30)), ("green", (60, 20))):
        picture = np.full((*size_wh[::-1], 3), COLORS[name], np.uint8)
        cv2.imwrite(str(folder / f"{name}.png"), picture)
    out = tmp_path / "out"
    command = ["compare", *two, "--source", str(folder), "--out", str(out)]
    assert main.main(command) == 0
    shapes = {p.name: np.asarray(cv2.imread(str(p))).shape for p in out.glob("*.png")}
    assert shapes == {"red.png": (30, 80, 3), "green.png": (20, 120, 3)}
    assert (
        json.loads((out / "compared.json").read_text(encoding="utf-8"))["frames"] == 2
    )


@pytest.mark.parametrize("view", VIEWS)
def test_what_only_one_has_marked_is_filled(view: str) -> None:
    picture = np.zeros((100, 200, 3), np.uint8)
    shared = shared_classes(("dog",), ("dog",))
    one = np.array([[20, 20, 80, 80], [120, 20, 180, 80]], np.float32)
    scores, ids = np.array([0.9, 0.8], np.float32), np.zeros(2, np.int64)
    a, b = Detections(one, scores, ids), Detections(one[:1], scores[:1], ids[:1])
    drawn = compared_picture(
        picture,
        (a, b),
        pair_up(a, b, shared),
        class_names=(("dog",), ("dog",)),
        signs=("A", "B"),
        view="side" if view == "side" else "split",
        split_at=0.95,
    )
    assert drawn.shape == (100, 400 if view == "side" else 200, 3)
    assert drawn[50, 150].any()  # A's second, inside
    assert not drawn[50, 50].any()  # A's first, which both have
    assert picture.sum() == 0


def test_a_detector_is_a_model_a_device_or_both() -> None:
    assert compare.chosen("my.onnx") == (Path("my.onnx"), None)
    assert compare.chosen("a@b.onnx") == (Path("a@b.onnx"), None)
    assert compare.chosen("a@b.onnx@openvino") == (Path("a@b.onnx"), "openvino")
    assert compare.chosen("@cuda") == (places.default_model(), "cuda")
    with pytest.raises(argparse.ArgumentTypeError, match="gpu is no device"):
        compare.chosen("@gpu")
    assert compare.VIEWS == VIEWS
