"""`build_model.py evaluate`: the table, the plot and the thresholds that it writes."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import build_model
from model.evaluation.evaluate import Report
from model.evaluation.plots import write_precision_recall
from tests.model.evaluation.test_evaluate import write_dataset

BOX = (10.0, 10.0, 40.0, 40.0)  # x, y, w, h
FOUND = (10.0, 10.0, 50.0, 50.0)  # the same by its corners


def a_report(curves: dict[str, list[float]], objects: dict[str, int]) -> Report:
    return Report(
        ap=0.5,
        ap50=0.5,
        ap_by_size={"small": None, "medium": 0.5, "large": None},
        ap50_by_class=dict.fromkeys(curves, 0.75),
        objects_by_class=objects,
        unknown_class_names=(),
        image_count=12,
        voc07_map=0.5,
        voc_map=0.5,
        precision_by_class=curves,
        confusion=[],
        ms_per_photo=1.0,
        by_threshold=[],
    )


def text_of(svg: Path) -> str:
    """Matplotlib's comments name every text that it draws."""
    return svg.read_text(encoding="utf-8")


def opened(picture: Path) -> NDArray[Any]:
    image = cv2.imread(str(picture))
    assert image is not None
    return image.astype(int)


def coloured(picture: Path) -> NDArray[np.intp]:
    """(N, 2) rows and columns of the pixels of curves; all else is gray."""
    image = opened(picture)
    return np.argwhere(image.max(axis=2) - image.min(axis=2) > 100)


def test_a_class_with_few_objects_has_no_curve(tmp_path: Path) -> None:
    curves = {"person": [1.0] * 101, "kite": [0.5] * 101}
    report = a_report(curves, {"person": 10, "kite": 9})
    write_precision_recall(report, tmp_path / "a.svg")
    drawn = text_of(tmp_path / "a.svg")
    assert "person 75" in drawn  # and its AP50 in percent
    assert "kite" not in drawn
    for text in ("recall", "precision", "12 photos", "at least 10 objects"):
        assert text in drawn


def test_a_curve_is_as_high_as_its_precision_up_to_its_recall(tmp_path: Path) -> None:
    """Right up to a recall of a half; then three of four are, or two of four."""
    tops, lows = list[int](), list[int]()
    picture = tmp_path / "a.png"
    for later in (0.75, 0.5):
        curve = [1.0] * 51 + [later] * 50
        write_precision_recall(a_report({"person": curve}, {"person": 99}), picture)
        height, width = opened(picture).shape[:2]
        places = coloured(picture)
        for half, found in ((places[:, 1] < width / 2, tops), (..., lows)):
            rows = places[half, 0]
            rows = rows[rows > height / 6] if half is ... else rows  # not the legend
            counted = np.bincount(rows, minlength=height)
            assert counted.max() > 0.4 * width
            found.append(int(counted.argmax()))
    assert tops[0] == tops[1] < height / 10
    assert lows[1] - tops[1] == pytest.approx(2 * (lows[0] - tops[0]), abs=2)


def test_where_no_class_has_enough_objects_the_plot_says_so(tmp_path: Path) -> None:
    write_precision_recall(a_report({"a": [1.0] * 101}, {"a": 3}), tmp_path / "a.png")
    assert coloured(tmp_path / "a.png").size == 0
    write_precision_recall(a_report({}, {}), tmp_path / "a.svg")
    assert "at least 10 objects" in text_of(tmp_path / "a.svg")


Finds = list[tuple[tuple[float, float, float, float], float, int]]


@pytest.fixture
def finding(monkeypatch: pytest.MonkeyPatch) -> Finds:
    """What a made-up model finds in every photo: to be filled."""
    finds: Finds = []

    def detect(_: NDArray[np.uint8]) -> Any:  # noqa: ANN401 - three arrays
        boxes = np.array([box for box, _, _ in finds], float).reshape(-1, 4)
        scores = np.array([score for _, score, _ in finds], float)
        return boxes, scores, np.array([which for _, _, which in finds], int)

    monkeypatch.setattr(
        "model.cli.evaluate.detect_with",
        lambda _path, detail: (detect, ("person", "aeroplane")),
    )
    return finds


def photos(folder: Path, count: int) -> str:
    return str(write_dataset(folder, [[("person", BOX)]] * count))


def test_the_command_draws_what_it_measured(
    finding: Finds, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten people, each found; so there is a curve, and AP50 is 100."""
    finding.append((FOUND, 0.9, 0))
    plot = tmp_path / "a.svg"
    asked = ["evaluate", "made-up.onnx", photos(tmp_path / "set", 10), "--plot"]
    assert build_model.main([*asked, str(plot)]) == 0
    drawn = text_of(plot)
    assert "person 100" in drawn
    assert "10 photos" in drawn
    assert "aeroplane" not in drawn
    told = capsys.readouterr().out
    assert told.startswith("made-up.onnx on 10 photos")
    assert "AP 100.0   AP50 100.0" in told


def test_the_command_writes_the_threshold_that_is_best(
    finding: Finds, tmp_path: Path
) -> None:
    """Right at 0.62, wrong at 0.38: from 0.4 on all is right, and all is found."""
    finding += [(FOUND, 0.62, 0), ((100.0, 10.0, 140.0, 50.0), 0.38, 0)]
    out = tmp_path / "weights.thresholds.json"
    asked = ["evaluate", "a.onnx", photos(tmp_path / "set", 4), "--thresholds"]
    assert build_model.main([*asked, str(out)]) == 0
    told = json.loads(out.read_text(encoding="utf-8"))
    rows = {threshold: (p, r) for threshold, p, r in told["rows"]}
    assert told["photos"] == 4
    assert rows[0.35] == (0.5, 1.0)
    assert rows[0.4] == rows[0.6] == (1.0, 1.0)
    assert max(rows) == 0.6
    assert 0.4 <= told["best"] <= 0.6


def test_where_nothing_is_found_no_threshold_is_written(
    finding: Finds, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert finding == []
    out = tmp_path / "none.json"
    asked = ["evaluate", "a.onnx", photos(tmp_path / "set", 2), "--thresholds"]
    assert build_model.main([*asked, str(out)]) == 2
    assert "Nothing was found" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("option", ["--plot", "--thresholds"])
def test_what_cannot_be_written_is_one_sentence(
    option: str, finding: Finds, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finding.append((FOUND, 0.9, 0))
    asked = ["evaluate", "a.onnx", photos(tmp_path / "set", 2), option]
    assert build_model.main([*asked, str(tmp_path / "none" / "a.png")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"error: There is no folder {tmp_path / 'none'}. Make it first."
    (tmp_path / "folder.png").mkdir()
    assert build_model.main([*asked, str(tmp_path / "folder.png")]) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith(f"error: {tmp_path / 'folder.png'} cannot be written: ")


def test_a_picture_that_is_none_is_refused_before_anything_is_looked_at(
    finding: Finds, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.docx", "a"):
        with pytest.raises(SystemExit):
            build_model.main(["evaluate", "a.onnx", "none", "--plot", name])
        assert f"{name} does not end in .png, .svg or .pdf" in capsys.readouterr().err
    assert finding == []


def test_weights_of_keras_are_not_looked_at_more_closely(
    finding: Finds, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They were measured as with detail 1, and nobody was told."""
    asked = ["evaluate", "a.keras", photos(tmp_path / "set", 2), "--detail", "2"]
    assert build_model.main(asked) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: a.keras cannot be looked at more closely: ")
    assert finding == []
