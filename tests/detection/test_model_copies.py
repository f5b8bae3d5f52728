"""Which copy of a model is run, where its name leaves that open."""

from pathlib import Path

import pytest

from app.detection.devices.choices import CUDA
from app.detection.model_file import copies_of, copy_for
from app.detection.onnx_detector import OnnxDetector
from app.errors import ModelError
from tests.detection.conftest import Install, MakeModel
from tests.detection.fake_machine import FakeMachine


@pytest.fixture
def both(make_model: MakeModel) -> Path:
    """Two copies, whose name without a suffix this is; it has a dot in it."""
    make_model("v1.5.int8.onnx", variant="int8")
    return make_model("v1.5.onnx").with_name("v1.5")


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("cpu", "v1.5.int8.onnx"),
        ("openvino", "v1.5.int8.onnx"),
        ("cuda", "v1.5.onnx"),
        ("tensorrt", "v1.5.onnx"),
        ("openvino-gpu", "v1.5.onnx"),
        ("directml", "v1.5.onnx"),
        ("coreml", "v1.5.onnx"),
    ],
)
def test_a_cpu_gets_int8_and_a_gpu_float(both: Path, device: str, name: str) -> None:
    assert copy_for(both, device).name == name


def test_what_is_named_whole_is_what_is_run(both: Path) -> None:
    named = both.with_name("v1.5.onnx")
    assert [copy_for(named, device) for device in ("cpu", "cuda")] == [named, named]


def test_one_copy_serves_every_device(make_model: MakeModel) -> None:
    only = make_model("only.onnx")
    name = only.with_suffix("")
    assert [copy_for(name, device) for device in ("cpu", "cuda")] == [only, only]


def test_a_file_without_a_suffix_is_itself(make_model: MakeModel) -> None:
    bare = make_model("bare")
    make_model("bare.int8.onnx")
    assert copies_of(bare) == [bare]


def test_the_detector_says_which_copy_runs(both: Path) -> None:
    detector = OnnxDetector(both, device="cpu", machine=FakeMachine())
    assert detector.open().model_name == "v1.5.int8.onnx"
    detector.close()


def test_auto_takes_the_copy_of_the_device_it_finds(
    both: Path, install: Install
) -> None:
    install(CUDA)
    detector = OnnxDetector(both, machine=FakeMachine())
    assert detector.open().model_name == "v1.5.onnx"
    detector.close()


def test_auto_that_ends_on_the_cpu_takes_the_cpus_copy(both: Path) -> None:
    detector = OnnxDetector(both, machine=FakeMachine())
    info = detector.open()
    assert info.provider == "OpenVINO CPU"
    assert info.model_name == "v1.5.int8.onnx"
    detector.close()


def test_a_name_that_stands_for_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no model file .*nothing"):
        OnnxDetector(tmp_path / "nothing", machine=FakeMachine()).open()
