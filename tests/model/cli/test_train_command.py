"""Learning one's own classes, from the bundled weights, by the command."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import build_model
from app.detection.onnx_detector import OnnxDetector
from app.settings import Settings
from tests.model.shapes import write_shapes
from tests.python import ROOT


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_new_classes_are_learned_although_the_run_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From AP50 of nothing to 0.9, and right on a photo of no dataset."""
    train = write_shapes(tmp_path / "train", 48, seed=1)
    val = write_shapes(tmp_path / "val", 16, seed=2)
    run = tmp_path / "run"
    arguments = ["train", str(train), "--val", str(val), "--out", str(run)]
    arguments += ["--epochs", "6", "--batch-size", "8", "--learning-rate", "2e-3"]
    # Crops leave quarters of discs: too hard for so few photos.
    arguments += ["--crop", "0.2", "--expand", "0.1", "--mosaic", "0"]
    arguments += ["--ema-momentum", "0.9", "--validate-every", "3"]
    arguments += ["--freeze", "11"]  # what is new is in the heads, and half the time
    child = subprocess.Popen(
        [sys.executable, "build_model.py", *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 300
    while not (run / "state.npz").exists():
        assert child.poll() is None, child.stderr and child.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.2)
    child.send_signal(signal.SIGKILL)
    child.communicate()

    assert build_model.main(arguments) == 2  # not by mistake into the same folder
    assert "already" in capsys.readouterr().err
    assert build_model.main([*arguments, "--seed", "3", "--resume"]) == 2
    assert "another seed" in capsys.readouterr().err
    assert build_model.main([*arguments, "--resume"]) == 0
    rows = [json.loads(x) for x in (run / "history.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == list(range(1, 7))
    assert rows[-1]["ap50"] > 0.9
    sheet = cv2.imread(str(run / "samples" / "epoch 006.png"))
    assert sheet is not None
    assert sheet.shape == (960, 1280, 3)

    model = tmp_path / "shapes.onnx"
    assert build_model.main(["convert", str(run / "best.keras"), "-o", str(model)]) == 0
    picture = np.full((240, 320, 3), 110, np.uint8)
    cv2.circle(picture, (80, 120), 50, (20, 235, 20), -1)
    cv2.rectangle(picture, (190, 70), (290, 170), (235, 20, 20), -1)
    detector = OnnxDetector(model, device="cpu")
    names = detector.open().class_names
    found, _ = detector.detect(picture, Settings(score_threshold=0.5))
    detector.close()
    seen: dict[str, NDArray[np.float32]] = {}  # the surest of each
    for k, box in zip(found.class_ids, found.boxes_xyxy, strict=True):
        seen.setdefault(names[k], box)
    assert seen.keys() == {"disc", "square"}
    np.testing.assert_allclose(seen["disc"], [30, 70, 130, 170], atol=15)
    np.testing.assert_allclose(seen["square"], [190, 70, 290, 170], atol=15)


def test_a_dataset_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_shapes(tmp_path / "set", 3)
    assert build_model.main(["dataset", "check", str(folder)]) == 0
    assert "No problems" in capsys.readouterr().out
    (folder / "images" / "1.png").unlink()
    assert build_model.main(["dataset", "check", str(folder)]) == 2
    assert "1.png is missing" in capsys.readouterr().out
    arguments = ["dataset", "check", str(folder), "--classes", "disc,disc"]
    assert build_model.main(arguments) == 2
    assert "different names" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--resume"], "no training in"),
        (["--classes", "unicorn"], "No object of unicorn"),
        (["--start", "nothing.tflite"], "no file nothing.tflite"),
        (["--start", "scratch", "--alpha", "9"], "alpha must be in"),
    ],
)
def test_what_cannot_be_trained_is_said(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    folder = write_shapes(tmp_path / "set", 2)
    command = ["train", str(folder), "--out", str(tmp_path / "run"), *arguments]
    assert build_model.main(command) == 2
    assert said in capsys.readouterr().err
