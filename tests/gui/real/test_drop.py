"""A model file is dragged out of another program and dropped on the window: it runs."""

from pathlib import Path

import numpy as np
import pytest

from tests.detection.formats.other_makers import names, write_model
from tests.gui.real.conftest import StartApp
from tests.gui.real.desk import Desk

pytestmark = [pytest.mark.gui, pytest.mark.xcb, pytest.mark.slow]


def test_a_model_of_another_maker_is_dropped_and_runs(
    desk: Desk, start_app: StartApp, clip: object, tmp_path: Path
) -> None:
    rows = np.zeros((1, 6, 21), np.float32)  # 4 + 2 classes, 32 x 32 pixels
    rows[0, :, 9] = [16, 16, 16, 8, 0.1, 0.8]
    file = write_model(
        tmp_path / "other maker's.onnx",
        ("images", (1, 3, 32, 32), "float32"),
        {"output0": rows},
        metadata=names("cat", "dog"),
    )
    app = start_app("--source", str(clip), talks=True)
    app.wait_for("DetectorOpened")
    app.until("window.video.has_image")
    desk.drop([file], app.ask("where(window.scene)"))
    app.until("player.detector_info.kind == 'YOLOv8 or 11'")
    app.until("window.video.result.class_names == ('cat', 'dog')")
    assert "YOLOv8" in app.ask("window.sections.model.details.text()")
