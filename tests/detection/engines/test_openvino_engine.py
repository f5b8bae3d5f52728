"""What app.detection.engines.openvino_engine promises, with the true OpenVINO."""

from pathlib import Path

import numpy as np
import pytest

from app.detection.engines.openvino_engine import OpenVinoEngine
from app.detection.engines.ort_engine import open_ort
from app.detection.engines.session import UnavailableError
from app.detection.onnx_detector import OnnxDetector
from app.errors import ModelError
from app.settings import Settings
from tests.detection.conftest import MakeModel
from tests.detection.fake_machine import FakeMachine

pytest.importorskip("openvino", reason="pip install -r requirements-openvino.txt")


def test_it_reads_our_files_as_they_are(make_model: MakeModel) -> None:
    """Metadata, bytes as input, outputs by name: the same as ONNX Runtime's."""
    path = make_model(weights_sha256="12" * 32)  # all digits: it makes a number of it
    engine = OpenVinoEngine(path, "CPU", threads=1, precision="fp32")
    theirs = open_ort(path, "cpu", threads=1)
    assert engine.metadata == dict(theirs.metadata)
    picture = np.random.default_rng(3).integers(0, 256, (1, 6, 8, 3), np.uint8)
    for mine, expected in zip(engine.run(picture), theirs.run(picture), strict=True):
        assert mine.shape == expected.shape
        np.testing.assert_allclose(mine, expected, atol=1e-6)  # sums in another order
    engine.close()


def test_the_badge_says_where_and_how_it_computes(make_model: MakeModel) -> None:
    path = make_model()
    for precision in ("fp32", "bf16"):
        detector = OnnxDetector(
            path, device="openvino", precision=precision, threads=1, is_strict=True
        )
        info = detector.open()
        assert (info.provider, info.device) == ("OpenVINO CPU", "OpenVINO CPU")
        assert (info.threads, info.device_share, info.note) == (1, 1.0, "")
        # Without bf16 in the processor, OpenVINO computes in fp32, and says so.
        assert info.precision in {precision, "fp32"}
        found, _ = detector.detect(np.full((9, 20, 3), 204, np.uint8), Settings())
        assert found.scores.tolist() == pytest.approx([0.8] * 3, abs=0.005)
        detector.close()


def test_an_answer_holds_until_the_next_run_only(make_model: MakeModel) -> None:
    engine = OpenVinoEngine(make_model(), "CPU", threads=1, precision="fp32")
    dark, bright = (np.full((1, 6, 8, 3), v, np.uint8) for v in (51, 204))
    scores = engine.run(dark)[1]
    assert scores[0, 0, 0] == pytest.approx(0.2)
    assert engine.run(bright)[1][0, 0, 0] == pytest.approx(0.8)


def test_a_gpu_that_is_not_there_is_said(make_model: MakeModel) -> None:
    detector = OnnxDetector(
        make_model(), device="openvino-gpu", machine=FakeMachine(openvino=["CPU"])
    )
    with pytest.raises(UnavailableError, match="finds no Intel GPU"):
        detector.open()


def test_what_is_no_onnx_file_is_not_tried_in_every_format(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text.onnx"
    text.write_text("this is not a model")
    with pytest.raises(ModelError, match=r"text\.onnx cannot be loaded"):
        OnnxDetector(text, device="openvino").open()
    assert capfd.readouterr().err == ""
