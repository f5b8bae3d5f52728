"""What app.detection.devices.machine finds out, on machines that are pretended."""

import _ctypes
import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnxruntime as ort
import pytest

from app.detection.devices import machine
from app.detection.devices.machine import CUDNN, Machine

NOWHERE = "libnobody_has_this.so.9"
# A library that the loader takes, wherever Python runs.
GOOD = Path(_ctypes.__file__)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="of Linux's loader")


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    """What takes long is asked once a process; here, once a test."""

    def forget() -> None:
        for name in ("_packages", "_driver_cuda", "_missing_cuda_libraries"):
            getattr(machine, name).cache_clear()
        for name in ("_has_tensorrt", "_openvino_devices", "_cores"):
            getattr(machine, name).cache_clear()

    forget()
    yield
    forget()


class Driver:
    """NVIDIA's library, as far as it is asked."""

    def __init__(self, version: int, failed: int = 0) -> None:
        self._version, self._failed = version, failed

    def cuDriverGetVersion(self, out: Any) -> int:  # noqa: ANN401, N802 - ctypes', CUDA's
        out._obj.value = self._version
        return self._failed


@pytest.mark.parametrize(
    ("version", "failed", "expected"),
    [
        (13010, 0, (13, 1)),
        (12040, 0, (12, 4)),
        (11080, 0, (11, 8)),
        (12040, 999, None),  # CUDA_ERROR_UNKNOWN
        (0, 0, None),  # as CUDA says where there is a library but no driver
    ],
)
def test_the_drivers_number_is_read_as_a_version(
    version: int,
    failed: int,
    expected: tuple[int, int] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "_open", lambda _: Driver(version, failed))
    assert Machine().driver_cuda() == expected


@pytest.mark.parametrize("library", [NOWHERE, GOOD], ids=["none", "another"])
def test_without_a_driver_there_is_no_cuda(
    library: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "DRIVER", library)
    assert Machine().driver_cuda() is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [("13.0", (13, 0)), ("12.8", (12, 8)), ("12", (12, 0)), ("", (0, 0))],
)
def test_what_onnx_runtime_was_built_for_is_read(
    said: str, expected: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ort, "cuda_version", said, raising=False)
    assert Machine().built_for_cuda() == expected
    monkeypatch.delattr(ort, "cuda_version")  # as in the CPU's package
    assert Machine().built_for_cuda() == (0, 0)


PRELOADED = """\
Failed to load libcublasLt.so.13: libcublasLt.so.13: cannot open shared object file
Failed to load /opt/a b/nvidia/libcurand.so.10: undefined symbol: curandInit
Failed to load libcublasLt.so.13: libcublasLt.so.13: cannot open shared object file
Please follow the link to install: CUDA 13.* and the latest MSVC runtime."""


@pytest.mark.parametrize("cudnn", [NOWHERE, str(GOOD)], ids=["no cuDNN", "cuDNN"])
def test_missing_libraries_are_named_once_and_cudnn_too(
    cudnn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def preload() -> None:
        sys.stdout.write(PRELOADED)

    monkeypatch.setattr(ort, "preload_dlls", preload)
    monkeypatch.setattr(machine, "CUDNN", cudnn)
    missing = ["libcublasLt.so.13", "libcurand.so.10"]
    if cudnn == NOWHERE:
        missing.append(NOWHERE)
    assert Machine().missing_cuda_libraries() == missing
    assert capsys.readouterr().out == ""  # it is for us, not for the user


def test_what_onnx_runtime_itself_says_of_missing_libraries_is_understood() -> None:
    """The real one: each name is a library's, without its folder and the reason."""
    missing = Machine().missing_cuda_libraries()
    assert all(name.startswith(("lib", "cu")) for name in missing)
    assert not any(sign in name for name in missing for sign in ": /\\")
    assert (CUDNN in missing) != machine._loads(CUDNN)


@on_linux
def test_what_the_loader_has_against_a_provider_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capi = tmp_path / "capi"
    capi.mkdir()
    monkeypatch.setattr(ort, "__file__", str(tmp_path / "__init__.py"))
    assert Machine().loader_says("cuda") == ""  # no such part: nothing against it
    provider = capi / "libonnxruntime_providers_cuda.so"
    provider.write_bytes(b"no library")
    assert Machine().loader_says("cuda").startswith(str(provider))
    assert Machine().loader_says("tensorrt") == ""
    provider.unlink()
    provider.symlink_to(GOOD)
    assert Machine().loader_says("cuda") == ""


@on_linux
def test_tensorrt_is_found_in_its_wheel_with_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loaded once by its path, a library is found by its name afterwards."""
    monkeypatch.setattr(machine, "NVINFER", "libnvinfer.so.none")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert not Machine().has_tensorrt()
    wheel = tmp_path / "tensorrt_libs"
    wheel.mkdir()
    (wheel / "__init__.py").touch()
    machine._has_tensorrt.cache_clear()
    assert not Machine().has_tensorrt()  # a wheel without its library
    for name in ("nvinfer", "nvinfer_plugin", "nvonnxparser"):
        (wheel / f"lib{name}.so.none").symlink_to(GOOD)
    loaded: list[str] = []

    def watched(library: Path | str) -> ctypes.CDLL:
        loaded.append(Path(library).name)
        return ctypes.CDLL(str(library))

    monkeypatch.setattr(machine, "_open", watched)
    machine._has_tensorrt.cache_clear()
    assert Machine().has_tensorrt()
    assert loaded == [
        *("libnvinfer.so.none", "libnvinfer_plugin.so.none"),
        "libnvonnxparser.so.none",
    ]


# Which processors of Linux share a core with which.
@pytest.mark.parametrize(
    ("usable", "siblings", "threads"),
    [
        ([0], {0: "0"}, 1),
        ([0, 1], {0: "0", 1: "1"}, 2),
        ([0, 1], {0: "0-1", 1: "0-1"}, 1),
        ([0, 1, 2, 3], {0: "0,2", 1: "1,3", 2: "0,2", 3: "1,3"}, 2),
        ([0, 1, 2, 3], {n: str(n) for n in range(4)}, 3),
        # No telling: two of three or more are taken for one core.
        ([0], {}, 1),
        ([0, 1], {}, 2),
        (list(range(3)), {}, 2),
        (list(range(4)), {}, 2),
        (list(range(8)), {}, 3),
    ],
)
def test_of_more_than_two_cores_one_is_left_to_others(
    usable: list[int],
    siblings: dict[int, str],
    threads: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read_text(self: Path) -> str:
        assert self.match("cpu*/topology/core_cpus_list")
        try:
            return siblings[int(self.parts[-3].removeprefix("cpu"))]
        except KeyError:
            raise FileNotFoundError(self) from None

    monkeypatch.setattr(machine, "_usable_cpus", lambda: usable)
    monkeypatch.setattr(Path, "read_text", read_text)
    assert Machine().threads() == threads


def test_where_the_system_tells_no_processors_of_a_process_all_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 5)
    assert list(machine._usable_cpus()) == list(range(5))
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert list(machine._usable_cpus()) == [0]
