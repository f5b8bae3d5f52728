"""Which devices can be asked for here; for each that cannot, why and what to do."""

from collections.abc import Callable
from dataclasses import dataclass

from app.detection.devices.machine import CUDNN, Machine
from app.detection.engines.engine import first_line
from app.types import DeviceChoice

CUDA = "CUDAExecutionProvider"
TENSORRT = "TensorrtExecutionProvider"
COREML = "CoreMLExecutionProvider"
DIRECTML = "DmlExecutionProvider"
CPU = "CPUExecutionProvider"

TITLES = {
    "auto": "Auto",
    "cpu": "CPU",
    "cuda": "NVIDIA GPU (CUDA)",
    "tensorrt": "NVIDIA GPU (TensorRT)",
    "openvino": "CPU (OpenVINO)",
    "openvino-gpu": "Intel GPU (OpenVINO)",
    "coreml": "Apple (Core ML)",
    "directml": "GPU (DirectML)",
}
_ONLY_ON = {"coreml": "darwin", "directml": "win32"}
_NOT_ON = {"cuda": "darwin", "tensorrt": "darwin"}

# NVIDIA's release notes: the first driver that runs CUDA 12 and 13, on Linux.
_DRIVER_FOR_CUDA = {12: "525", 13: "580"}
_LAST_FOR_CUDA_12 = "pip install 'onnxruntime-gpu[cuda,cudnn]<1.26'"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a device cannot be had.

    Attributes:
        reason: half a sentence, to follow "because".
        remedy: what to do about it, a command where there is one.
        is_broken: True when something that was installed does not work; False when
            there is just no such thing here.
    """

    reason: str
    remedy: str
    is_broken: bool = True


def available_devices(machine: Machine | None = None) -> list[DeviceChoice]:
    """Every device that this kind of machine could have, for a menu.

    May take a second where CUDA is installed: its libraries are loaded to see that
    they are whole. They stay loaded, so a session that follows starts sooner.
    """
    machine = machine or Machine()
    choices = []
    for device, title in TITLES.items():
        if _ONLY_ON.get(device, machine.system) != machine.system:
            continue
        if _NOT_ON.get(device) == machine.system:
            continue
        problem = why_not(device, machine)
        if problem is None:
            choices.append(DeviceChoice(device, title))
        else:
            choices.append(DeviceChoice(device, title, problem.reason, problem.remedy))
    return choices


def why_not(device: str, machine: Machine) -> Problem | None:
    """What speaks against `device`, as far as can be told without a model."""
    checks: dict[str, Callable[[Machine], Problem | None]] = {
        "cuda": _why_no_cuda,
        "tensorrt": _why_no_tensorrt,
        "openvino": _why_no_openvino,
        "openvino-gpu": _why_no_openvino_gpu,
        "coreml": _why_no_coreml,
        "directml": _why_no_directml,
    }
    check = checks.get(device)
    return check(machine) if check else None


def why_packages_clash(machine: Machine) -> Problem | None:
    """Two ONNX Runtimes share one folder, so one of them is half overwritten."""
    found = [name for name in machine.packages() if name.startswith("onnxruntime")]
    if len(found) < 2:
        return None
    wanted = next((name for name in found if name != "onnxruntime"), found[0])
    return Problem(
        f"{' and '.join(found)} are both installed and share one folder, so whichever "
        "came last has overwritten the other",
        f"pip uninstall -y {' '.join(found)} && pip install {wanted}",
    )


def _why_no_cuda(machine: Machine) -> Problem | None:
    if CUDA not in machine.providers():
        return why_packages_clash(machine) or Problem(
            "this ONNX Runtime was built without CUDA",
            "pip uninstall -y onnxruntime && pip install onnxruntime-gpu",
            is_broken=False,
        )
    driver, built = machine.driver_cuda(), machine.built_for_cuda()
    if driver is None:
        return Problem(
            "no NVIDIA driver was found",
            "With an NVIDIA GPU in this machine, install its driver"
            + _at_least(built)
            + "; without one, there is nothing to mend.",
            is_broken=False,
        )
    # A driver runs every CUDA of its own generation (minor version compatibility).
    if driver[0] < built[0]:
        return Problem(
            f"the NVIDIA driver supports CUDA {driver[0]}.{driver[1]}, and this ONNX "
            f"Runtime needs CUDA {built[0]}",
            f"Update the driver{_at_least(built)}; or: {_LAST_FOR_CUDA_12}"
            if driver[0] == 12
            else f"Update the driver{_at_least(built)}",
        )
    if missing := machine.missing_cuda_libraries():
        what = "cuDNN" if missing == [CUDNN] else "CUDA"
        return Problem(
            f"{what} is not complete: {', '.join(missing)} cannot be loaded",
            "pip install -r requirements-cuda.txt",
        )
    return None


def _at_least(cuda: tuple[int, int]) -> str:
    version = _DRIVER_FOR_CUDA.get(cuda[0])
    return f" ({version}+)" if version else ""


def _why_no_tensorrt(machine: Machine) -> Problem | None:
    if TENSORRT not in machine.providers():
        return Problem(
            "this ONNX Runtime was built without TensorRT",
            "pip uninstall -y onnxruntime && pip install onnxruntime-gpu",
            is_broken=False,
        )
    if problem := _why_no_cuda(machine):
        return problem
    if not machine.has_tensorrt():
        return Problem(
            "TensorRT 10 is not installed",
            "pip install 'tensorrt-cu13>=10,<11'",
            is_broken=False,
        )
    return None


def _why_no_openvino(machine: Machine) -> Problem | None:
    if not machine.has_openvino():
        return Problem(
            "OpenVINO is not installed",
            "pip install -r requirements-openvino.txt",
            is_broken=False,
        )
    try:
        devices = machine.openvino_devices()
    except Exception as error:  # noqa: BLE001 - whatever is broken in it
        return Problem(
            f"OpenVINO does not start ({first_line(error)})",
            "pip install --force-reinstall -r requirements-openvino.txt",
        )
    if "CPU" not in devices:
        return Problem(
            "OpenVINO finds no CPU that it knows",
            "pip install --force-reinstall -r requirements-openvino.txt",
        )
    return None


def _why_no_openvino_gpu(machine: Machine) -> Problem | None:
    if problem := _why_no_openvino(machine):
        return problem
    # One GPU is called "GPU"; several "GPU.0", "GPU.1".
    if any(name.split(".")[0] == "GPU" for name in machine.openvino_devices()):
        return None
    return Problem(
        "OpenVINO finds no Intel GPU",
        "With an Intel GPU in this machine, install its compute runtime (on Debian "
        "and Ubuntu: apt install intel-opencl-icd); without one, nothing to mend.",
        is_broken=False,
    )


def _why_no_coreml(machine: Machine) -> Problem | None:
    if COREML in machine.providers():
        return None
    return Problem(
        "this ONNX Runtime was built without Core ML",
        "pip install --force-reinstall onnxruntime",
        is_broken=False,
    )


def _why_no_directml(machine: Machine) -> Problem | None:
    if DIRECTML in machine.providers():
        return None
    return why_packages_clash(machine) or Problem(
        "this ONNX Runtime was built without DirectML",
        "pip uninstall -y onnxruntime-gpu && pip install onnxruntime-directml",
        is_broken=False,
    )
