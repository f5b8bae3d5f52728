"""What app.detection.devices.choices promises, on machines that are not here."""

import pytest

from app.detection.devices.choices import available_devices, why_not
from app.detection.devices.machine import CUDNN, Machine
from app.settings import DEVICES
from tests.detection.fake_machine import FakeMachine


def test_where_all_is_well_everything_is_offered() -> None:
    choices = available_devices(FakeMachine())
    assert all(choice.is_available for choice in choices)
    assert [c.device for c in choices] == [
        "auto",
        "cpu",
        "cuda",
        "tensorrt",
        "openvino",
        "openvino-gpu",
    ]


@pytest.mark.parametrize(
    ("system", "its_own"), [("darwin", {"coreml"}), ("win32", {"directml"})]
)
def test_a_system_is_offered_what_it_could_have(system: str, its_own: set[str]) -> None:
    offered = {c.device for c in available_devices(FakeMachine(system=system))}
    assert offered <= set(DEVICES)
    assert offered & {"coreml", "directml"} == its_own
    assert ("cuda" in offered) == (system != "darwin")


CUDA_PROBLEMS: list[tuple[FakeMachine, str, str]] = [
    (
        FakeMachine(built=["CPUExecutionProvider"]),
        "built without CUDA",
        "pip install onnxruntime-gpu",
    ),
    (
        FakeMachine(
            installed={"onnxruntime": "1.31.0", "onnxruntime-gpu": "1.31.1"},
            built=["CPUExecutionProvider"],
        ),
        "onnxruntime and onnxruntime-gpu are both installed",
        "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu",
    ),
    (FakeMachine(driver=None), "no NVIDIA driver", "580+"),
    (
        FakeMachine(driver=(12, 4)),
        "supports CUDA 12.4, and this ONNX Runtime needs CUDA 13",
        "Update the driver (580+); or: pip install 'onnxruntime-gpu[cuda,cudnn]<1.26'",
    ),
    (
        FakeMachine(missing=[CUDNN]),
        f"cuDNN is not complete: {CUDNN}",
        "pip install -r requirements-cuda.txt",
    ),
    (
        FakeMachine(missing=["libcublasLt.so.13", "libcublas.so.13"]),
        "CUDA is not complete: libcublasLt.so.13, libcublas.so.13",
        "pip install -r requirements-cuda.txt",
    ),
]


@pytest.mark.parametrize(("machine", "reason", "remedy"), CUDA_PROBLEMS)
def test_cuda_that_cannot_be_had_says_why_and_what_to_do(
    machine: FakeMachine, reason: str, remedy: str
) -> None:
    choices = {c.device: c for c in available_devices(machine)}
    assert reason in choices["cuda"].reason
    assert remedy in choices["cuda"].remedy
    assert not choices["tensorrt"].is_available  # it needs all of that, too
    assert choices["cpu"].is_available


def test_a_driver_of_the_same_generation_will_do() -> None:
    """NVIDIA's minor version compatibility: CUDA 13.1 runs on a driver for 13.0."""
    assert why_not("cuda", FakeMachine(driver=(13, 0), built_cuda=(13, 1))) is None


@pytest.mark.parametrize(
    ("machine", "device", "reason"),
    [
        (FakeMachine(tensorrt=False), "tensorrt", "TensorRT 10 is not installed"),
        (FakeMachine(installed={}), "openvino", "OpenVINO is not installed"),
        (
            FakeMachine(openvino=ImportError("libtbb.so.12: not found\nmore")),
            "openvino",
            "does not start (libtbb.so.12: not found)",
        ),
        (FakeMachine(openvino=["CPU"]), "openvino-gpu", "finds no Intel GPU"),
        (FakeMachine(), "coreml", "built without Core ML"),
        (FakeMachine(), "directml", "built without DirectML"),
    ],
)
def test_others_that_cannot_be_had(
    machine: FakeMachine, device: str, reason: str
) -> None:
    problem = why_not(device, machine)
    assert problem is not None
    assert reason in problem.reason
    assert problem.remedy


@pytest.mark.parametrize("names", [["CPU", "GPU"], ["CPU", "GPU.0", "GPU.1"]])
def test_of_several_intel_gpus_one_will_do(names: list[str]) -> None:
    assert why_not("openvino-gpu", FakeMachine(openvino=names)) is None


def test_this_machine_can_be_looked_at() -> None:
    machine = Machine()
    choices = {c.device: c for c in available_devices(machine)}
    assert choices["cpu"].is_available
    assert machine.threads() >= 1
    assert any(name.startswith("onnxruntime") for name in machine.packages())
