"""Labels with faults, through the command line: what is said, and what is refused."""

import json
from pathlib import Path

import pytest

import build_model
from tests.model.dataset.test_kinds import write_coco, write_voc
from tests.model.shapes import write_shapes
from tests.python import ROOT


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    code = build_model.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_a_check_names_the_classes_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_voc(tmp_path / "set", class_name="hardhat")
    code, told = said(capsys, "dataset", "check", folder)
    assert code == 0
    assert "hardhat                 1        1" in told
    assert "aeroplane" not in told


def test_training_refuses_what_a_check_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_coco(tmp_path / "set", label={"bbox": [100, 70, -60, -50]})
    out = tmp_path / "run"
    code, told = said(capsys, "train", folder, "--out", out)
    assert code == 2
    assert "has a fault: a.png: the person at 100, 70, 40, 20 is empty" in told
    assert "--despite-faults" in told
    assert not out.exists()  # so that the same command works once they are mended


def test_capitals_are_told_by_all_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_coco(tmp_path / "set", class_name="Person")
    sentence = 'The labels say "Person"; it is taken for "person".'
    assert sentence in said(capsys, "dataset", "check", folder)[1]
    command = ("train", folder, "--out", tmp_path / "run", "--start", "none.tflite")
    assert sentence in said(capsys, *command)[1]


def test_an_evaluation_says_what_cannot_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ROOT / "assets" / "models" / "mobilenet_ssd.onnx"
    folder = write_coco(tmp_path / "set", class_name="Person")
    truth = json.loads((folder / "instances.json").read_text())
    truth["categories"].append({"id": 5, "name": "hardhat"})
    truth["annotations"].append({"image_id": 1, "category_id": 5, "bbox": [9, 9, 0, 5]})
    (folder / "instances.json").write_text(json.dumps(truth))
    code, told = said(capsys, "evaluate", model, folder)
    assert code == 0
    assert 'The labels say "Person"; it is taken for "person".' in told
    assert "was not taught these classes, and they do not count: hardhat." in told
    assert "1 labels are empty or outside of their photos" in told
    other = write_shapes(tmp_path / "shapes", 1)
    code, told = said(capsys, "evaluate", model, other)
    assert code == 2
    assert "knows no class of" in told
    turned = write_coco(tmp_path / "turned", image={"width": 100, "height": 200})
    code, told = said(capsys, "evaluate", model, turned)
    assert code == 2
    assert "was labelled as it is stored" in told
