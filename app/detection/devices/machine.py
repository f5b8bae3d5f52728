"""What is installed on this machine; the one place that looks, so tests can fake it."""

import contextlib
import ctypes
import importlib.metadata
import importlib.util
import io
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import onnxruntime as ort

from app.detection.devices.openvino_package import load_openvino

CUDNN = "cudnn64_9.dll" if sys.platform == "win32" else "libcudnn.so.9"
DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
NVINFER = "nvinfer_10.dll" if sys.platform == "win32" else "libnvinfer.so.10"
PACKAGES = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-directml",
    "openvino",
    "tensorrt-cu13",
)


class Machine:
    """Asks the system and ONNX Runtime; what takes long is asked once."""

    @property
    def system(self) -> str:
        """As `sys.platform`."""
        return sys.platform

    def packages(self) -> dict[str, str]:
        """Version by name, of those of `PACKAGES` that are installed."""
        return _packages()

    def providers(self) -> list[str]:
        """What the installed ONNX Runtime was built with."""
        return list(ort.get_available_providers())

    def built_for_cuda(self) -> tuple[int, int]:
        """The CUDA version ONNX Runtime was built for; (0, 0) where it does not say."""
        major, _, minor = str(getattr(ort, "cuda_version", "") or "0").partition(".")
        return int(major), int(minor or 0)

    def driver_cuda(self) -> tuple[int, int] | None:
        """The newest CUDA that NVIDIA's driver supports; None without a driver."""
        return _driver_cuda()

    def missing_cuda_libraries(self) -> list[str]:
        """What ONNX Runtime's CUDA provider needs and the loader does not find."""
        return list(_missing_cuda_libraries())

    def loader_says(self, device: str) -> str:
        """What the system's loader has against ONNX Runtime's part for `device`."""
        return _loader_says(device)

    def has_tensorrt(self) -> bool:
        """True when TensorRT's library can be loaded."""
        return _has_tensorrt()

    def has_openvino(self) -> bool:
        """True when the package is there; `openvino_devices` tells if it works."""
        return importlib.util.find_spec("openvino") is not None

    def openvino_devices(self) -> list[str]:
        """What OpenVINO can compute on, e.g. ["CPU", "GPU"].

        Raises:
            Exception: it is installed, but broken.
        """
        return list(_openvino_devices())

    def threads(self) -> int:
        """How many compute: the cores, less one to decode and draw if there are three.

        Two threads on one core share its vector unit, so only cores count.
        """
        cores = _cores()
        return cores - 1 if cores > 2 else cores


@cache
def _packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


@cache
def _driver_cuda() -> tuple[int, int] | None:
    version = ctypes.c_int(0)
    try:
        # Needs no cuInit, so no GPU is woken up.
        failed = _open(DRIVER).cuDriverGetVersion(ctypes.byref(version))
    except (OSError, AttributeError):
        return None
    if failed or not version.value:
        return None
    return version.value // 1000, version.value % 1000 // 10  # 12040 is 12.4


@cache
def _missing_cuda_libraries() -> tuple[str, ...]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        ort.preload_dlls()  # finds those of the nvidia-* packages, too
    missing = list(_names_in(said.getvalue().splitlines()))
    if not _loads(CUDNN):  # it takes cuDNN for optional and says nothing
        missing.append(CUDNN)
    return tuple(dict.fromkeys(missing))


def _names_in(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        if line.startswith("Failed to load "):
            # "Failed to load libcurand.so.10: libcurand.so.10: cannot open ..."
            what = line.removeprefix("Failed to load ")
            yield Path(what[: what.find(": ")]).name


def _open(library: str | Path) -> ctypes.CDLL:
    # As ONNX Runtime loads it; without winmode, Python on Windows leaves out PATH,
    # where a CUDA toolkit's libraries are.
    return ctypes.CDLL(str(library), winmode=0)


def _loads(library: str | Path) -> bool:
    try:
        _open(library)
    except OSError:
        return False
    return True


def _loader_says(device: str) -> str:
    folder = Path(ort.__file__).parent / "capi"
    pattern = f"*onnxruntime_providers_{device}.*"
    for library in sorted(folder.glob(pattern)):
        try:
            _open(library)
        except OSError as error:
            return str(error)
    return ""


@cache
def _has_tensorrt() -> bool:
    # The wheel keeps its libraries where no loader looks; loaded once, they are found.
    spec = importlib.util.find_spec("tensorrt_libs")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if _loads(Path(folder) / NVINFER):
            for name in ("nvinfer_plugin", "nvonnxparser"):
                _loads(Path(folder) / NVINFER.replace("nvinfer", name))
            return True
    return _loads(NVINFER)


@cache
def _openvino_devices() -> tuple[str, ...]:
    return tuple(load_openvino().Core().available_devices)


@cache
def _cores() -> int:
    usable = sorted(_usable_cpus())
    topology = "/sys/devices/system/cpu/cpu{}/topology/core_cpus_list"
    try:
        return len({Path(topology.format(cpu)).read_text() for cpu in usable})
    except OSError:
        # No telling which are two threads of one core; most processors have two.
        return len(usable) if len(usable) <= 2 else max(2, len(usable) // 2)


def _usable_cpus() -> Iterable[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return range(os.cpu_count() or 1)
