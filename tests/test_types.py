"""What app.types promises."""

import numpy as np
import pytest

from app.types import Detections, DetectorInfo, Frame


def test_nothing_found_is_a_value() -> None:
    nothing = Detections.empty()
    assert len(nothing) == 0
    assert nothing.boxes_xyxy.shape == (0, 4)


def test_detections_say_which_array_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"scores must have shape \(2,\), got \(3,\)"):
        Detections(
            boxes_xyxy=np.zeros((2, 4), np.float32),
            scores=np.zeros(3, np.float32),
            class_ids=np.zeros(2, np.int64),
        )


def test_classes_can_be_left_out() -> None:
    found = Detections(
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.array([0.9, 0.8, 0.7], np.float32),
        np.array([2, 0, 2], np.int64),
    )
    assert found.without([2]).scores.tolist() == [np.float32(0.8)]
    assert found.without([2]).boxes_xyxy.tolist() == [[4, 5, 6, 7]]
    assert found.without([]) is found
    assert len(found.without([0, 2])) == 0


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 6), np.uint8),
        np.zeros((4, 6, 4), np.uint8),
        np.zeros((4, 6, 3), np.float32),
    ],
    ids=["gray", "alpha", "float"],
)
def test_a_frame_is_bgr_bytes(image: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"image_bgr must be \(H, W, 3\) uint8, got"):
        Frame(image, index=0, timestamp_s=0.0, captured_at_s=0.0)


@pytest.mark.parametrize(
    ("provider", "device"),
    [
        ("CPUExecutionProvider", "CPU"),
        ("CUDAExecutionProvider", "CUDA"),
        ("TensorrtExecutionProvider", "TensorRT"),
        ("DmlExecutionProvider", "DirectML"),
        ("OpenVINO CPU", "OpenVINO CPU"),
    ],
)
def test_the_badge_is_the_provider_that_runs(provider: str, device: str) -> None:
    assert DetectorInfo("m.onnx", ("a",), (300, 300), provider).device == device


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("m.onnx", ""), ("m.onnx", ""), True),
        (("m.onnx", ""), ("n.onnx", ""), False),
        (("m.onnx", "1f"), ("m.int8.onnx", "1f"), True),
        (("m.onnx", "1f"), ("m.onnx", "2e"), False),
    ],
)
def test_copies_of_one_model_are_the_same_model(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    def info(name: str, weights_id: str) -> DetectorInfo:
        return DetectorInfo(name, ("a",), (3, 2), "CPU", weights_id=weights_id)

    assert info(*one).is_same_model_as(info(*other)) == same
