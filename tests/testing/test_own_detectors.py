"""Every detector of ours keeps the laws of app.testing."""

from pathlib import Path

import numpy as np
import pytest

from app.detection.onnx_detector import OnnxDetector
from app.detection.sidecar_detector import SidecarDetector
from app.export.keeping import KeepingDetector
from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter
from app.testing import check_detector
from app.types import Detections, DetectorInfo
from tests.detection.conftest import MakeModel, make_model

__all__ = ["make_model"]  # a fixture of another room
HEADER = SidecarHeader(
    "a.mp4", (64, 48), "m.onnx", "00", ("person", "car"), {"score_threshold": 0.05}
)
FOUND = Detections(
    np.array([[1, 2, 30, 40], [5, 6, 64, 48], [0, 0, 9, 9]], np.float32),
    np.array([0.9, 0.5, 0.1], np.float32),
    np.array([1, 0, 1], np.int64),
)
PICTURE = np.full((48, 64, 3), (200, 100, 50), np.uint8)


@pytest.mark.parametrize("device", ["cpu", "openvino"])
def test_onnx(make_model: MakeModel, device: str) -> None:
    if device == "openvino":
        pytest.importorskip("openvino", reason="requirements-openvino.txt")
    path = make_model()
    not_ours = make_model("other.onnx", format=None)
    check_detector(
        lambda: OnnxDetector(path, device=device),
        fails=lambda: OnnxDetector(not_ours, device=device),
    )


def test_a_sidecar(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with SidecarWriter(path, HEADER) as writer:
        writer.write(FrameDetections(0, 0.0, FOUND))
    check_detector(
        lambda: SidecarDetector(path),
        image_bgr=PICTURE.copy(),
        fails=lambda: SidecarDetector(tmp_path / "none.jsonl"),
    )


def test_one_that_writes_down_what_another_finds(
    make_model: MakeModel, tmp_path: Path
) -> None:
    path = make_model()

    def begin(_: DetectorInfo) -> tuple[list[FrameDetections], SidecarWriter]:
        names = ("blue", "green", "red")
        header = SidecarHeader("a.mp4", (64, 48), "m.onnx", "00", names, {})
        return [], SidecarWriter(tmp_path / "a.jsonl", header)

    check_detector(
        lambda: KeepingDetector(OnnxDetector(path, device="cpu"), begin),
        fails=lambda: KeepingDetector(OnnxDetector(tmp_path / "none.onnx"), begin),
    )
