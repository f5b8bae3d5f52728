"""The models that ship are what `build_model.py` makes of the weights that ship."""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from tests.python import ROOT, run_python

MODELS = ROOT / "assets" / "models"
COPIES = ["mobilenet_ssd.onnx", "mobilenet_ssd.int8.onnx"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both copies, made anew."""
    folder = tmp_path_factory.mktemp("built")
    out = folder / "mobilenet_ssd.onnx"
    run_python("build_model.py", "convert", "-o", str(out), "--int8", timeout_s=280)
    return folder


@pytest.fixture(scope="module")
def pictures() -> list[NDArray[np.uint8]]:
    """Two frames of the bundled clip, as the network wants them."""
    capture = cv2.VideoCapture(str(ROOT / "assets" / "bikes.mp4"))
    frames = [capture.read()[1] for _ in range(40)][::39]
    capture.release()
    return [np.asarray(cv2.resize(f, (300, 300)), np.uint8)[np.newaxis] for f in frames]


@pytest.mark.slow
@pytest.mark.parametrize("name", COPIES)
def test_it_is_made_of_the_weights_beside_it(
    name: str, built: Path, pictures: list[NDArray[np.uint8]]
) -> None:
    committed, anew = (
        ort.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"])
        for folder in (MODELS, built)
    )
    assert (
        committed.get_modelmeta().custom_metadata_map
        == anew.get_modelmeta().custom_metadata_map
    )
    for picture in pictures:
        for ours, theirs in zip(
            committed.run(None, {"images": picture}),
            anew.run(None, {"images": picture}),
            strict=True,
        ):
            # The same graph on the same machine; scores and boxes are within [0, 1].
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
