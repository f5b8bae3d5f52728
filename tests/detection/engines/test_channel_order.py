"""What app.detection.engines.channel_order promises, with the true OpenVINO."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.detection.engines.channel_order import turn_weights

openvino = pytest.importorskip(
    "openvino", reason="pip install -r requirements-openvino.txt"
)
MODELS = Path(__file__).resolve().parents[3] / "assets" / "models"
Image = NDArray[np.uint8]
HALF = np.array(0.5, np.float32)


def answers(
    model: Any,  # noqa: ANN401 - openvino is untyped
    image_bgr: Image,
) -> list[NDArray[np.float32]]:
    """Of a model that takes (1, H, W, 3) uint8."""
    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    request = openvino.compile_model(model, "CPU", options).create_infer_request()
    return [value.copy() for value in request.infer([image_bgr]).values()]


def kinds(model: Any) -> list[str]:  # noqa: ANN401
    return [node.get_type_name() for node in model.get_ops()]


@pytest.mark.parametrize("name", ["mobilenet_ssd.int8.onnx", "mobilenet_ssd.onnx"])
def test_our_models_answer_as_before(name: str) -> None:
    """In int8 bit for bit; in float sums come in another order."""
    picture = np.random.default_rng(7).integers(0, 256, (1, 300, 300, 3), np.uint8)
    picture[..., 0] //= 3  # so that blue is not red
    core = openvino.Core()
    plain, turned = (core.read_model(str(MODELS / name)) for _ in range(2))
    slices = kinds(turned).count("Slice")
    assert turn_weights(turned)
    assert kinds(turned).count("Slice") == slices - 1
    most = 0.0 if "int8" in name else 1e-5
    for before, after in zip(
        answers(plain, picture), answers(turned, picture), strict=True
    ):
        np.testing.assert_allclose(after, before, rtol=0, atol=most)


def test_it_is_done_once() -> None:
    model = openvino.Core().read_model(str(MODELS / "mobilenet_ssd.onnx"))
    assert turn_weights(model)
    assert not turn_weights(model)


def network(
    scale: NDArray[np.float32] = HALF,
    *,
    step: int = -1,
    order: tuple[int, ...] = (0, 3, 1, 2),
    also: Callable[[Any], Any] | None = None,
) -> Any:  # noqa: ANN401
    """(1, 4, 6, 3): turned, scaled, channels first, one convolution.

    Args:
        scale: what the turned picture is multiplied by.
        step: of the slice along the last axis.
        order: of the transposition.
        also: another answer, made of the turned picture.
    """
    ops = openvino.opset13
    side = openvino.PartialShape([1, 4, 6, 3])
    image = ops.parameter(side, np.uint8, name="image")
    whole = (np.iinfo(np.int64).max, np.iinfo(np.int64).min)
    start, stop = whole if step < 0 else (0, whole[0])
    turned = ops.slice(
        ops.convert(image, np.float32),
        *(np.array([number], np.int64) for number in (start, stop, step, 3)),
    )
    rng = np.random.default_rng(1)
    scaled = ops.multiply(turned, ops.constant(scale))
    planes = ops.transpose(scaled, np.array(order, np.int64))
    channels = [1, 4, 6, 3][order[1]]
    weights = ops.constant(rng.normal(size=(2, channels, 1, 1)).astype(np.float32))
    found = ops.convolution(planes, weights, [1, 1], [0, 0], [0, 0], [1, 1])
    results = [found] if also is None else [found, also(turned)]
    return openvino.Model(results, [image], "network")


PICTURE = np.arange(72, dtype=np.uint8).reshape(1, 4, 6, 3)


def test_a_turn_before_one_convolution_goes() -> None:
    model = network()
    assert turn_weights(model)
    assert "Slice" not in kinds(model)
    np.testing.assert_allclose(
        answers(model, PICTURE)[0], answers(network(), PICTURE)[0], atol=1e-4
    )


@pytest.mark.parametrize(
    "other",
    [
        lambda: network(np.array([0.1, 0.2, 0.3], np.float32)),
        lambda: network(step=1),
        lambda: network(order=(0, 1, 2, 3)),
        lambda: network(also=lambda turned: openvino.opset13.relu(turned)),
    ],
    ids=["a number a channel", "no turn", "other channels", "somebody else's, too"],
)
def test_what_the_weights_cannot_take_over_stays(other: Callable[[], Any]) -> None:
    model = other()
    before = kinds(model)
    assert not turn_weights(model)
    assert kinds(model) == before
