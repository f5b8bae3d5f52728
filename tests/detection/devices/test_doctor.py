"""What the doctor promises, for installs that are broken in many ways."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import main
from app.detection.devices.choices import COREML, CPU, CUDA
from app.detection.devices.doctor import DeviceReport, Report, examine
from app.detection.devices.machine import CUDNN
from tests.detection.conftest import Install, MakeModel
from tests.detection.fake_machine import FakeMachine
from tests.detection.fake_runtime import FakeRuntime

NO_OPENVINO = {"onnxruntime-gpu": "1.31.1"}


def machine(**differs: Any) -> FakeMachine:  # noqa: ANN401 - whatever it has
    """A PC with an NVIDIA GPU, and neither TensorRT nor an Intel GPU."""
    usual: dict[str, Any] = {"tensorrt": False, "openvino": ["CPU"]}
    return FakeMachine(**usual | differs)


def fail_on_cuda(providers: list[Any]) -> None:
    if providers != [CPU]:
        raise RuntimeError("CUDA failure 2: out of memory\nat bfc_arena.cc")


@dataclass
class Broken:
    """An install, and what the doctor has to say of it.

    Attributes:
        exit_codes: with "auto", and with "cuda" asked for.
        state: of CUDA.
        says: in the text, of the reason and the remedy.
    """

    machine: FakeMachine
    exit_codes: tuple[int, int]
    state: str
    says: tuple[str, ...]
    runs: tuple[str, ...] = (CUDA,)
    runtime: dict[str, Any] = field(default_factory=dict)
    model: str | None = "tiny.onnx"
    metadata: dict[str, str | None] = field(default_factory=dict)


INSTALLS = {
    "no driver": Broken(
        machine(driver=None),
        (0, 2),
        "absent",
        ("no NVIDIA driver was found", "install its driver (580+)"),
    ),
    "driver too old for CUDA 13": Broken(
        machine(driver=(12, 4)),
        (1, 2),
        "broken",
        (
            "supports CUDA 12.4, and this ONNX Runtime needs CUDA 13",
            "Update the driver (580+); or: pip install "
            "'onnxruntime-gpu[cuda,cudnn]<1.26'",
        ),
    ),
    "no cuDNN": Broken(
        machine(missing=[CUDNN]),
        (1, 2),
        "broken",
        ("cuDNN is not complete", "pip install -r requirements-cuda.txt"),
    ),
    "no cuBLAS": Broken(
        machine(missing=["libcublasLt.so.13"]),
        (1, 2),
        "broken",
        ("libcublasLt.so.13 cannot be", "pip install -r requirements-cuda.txt"),
    ),
    "two ONNX Runtimes, the CPU's last": Broken(
        machine(installed={"onnxruntime": "1", "onnxruntime-gpu": "1"}, built=[CPU]),
        (1, 2),
        "broken",
        (
            "onnxruntime and onnxruntime-gpu are both installed",
            "pip uninstall -y onnxruntime onnxruntime-gpu && "
            "pip install onnxruntime-gpu",
        ),
    ),
    "two ONNX Runtimes, the GPU's last": Broken(
        machine(installed={"onnxruntime": "1", "onnxruntime-gpu": "1"}),
        (1, 1),
        "works",
        ("onnxruntime and onnxruntime-gpu are both installed",),
    ),
    "the CPU's wheel": Broken(
        machine(installed={"onnxruntime": "1.31.0"}, built=[CPU]),
        (0, 2),
        "absent",
        (
            "built without CUDA",
            "pip uninstall -y onnxruntime && pip install onnxruntime-gpu",
        ),
    ),
    "a silent fallback": Broken(
        machine(loader="libcurand.so.10: cannot open shared object file"),
        (1, 2),
        "broken",
        (
            "ONNX Runtime could not start it (libcurand.so.10: cannot open",
            "pip install -r requirements-cuda.txt",
        ),
        runs=(),
    ),
    "no memory left on the GPU": Broken(
        machine(),
        (1, 2),
        "broken",
        ("CUDA failure 2: out of memory",),
        runtime={"fails": fail_on_cuda},
    ),
    "a part of the network on the CPU": Broken(
        machine(),
        (0, 0),
        "works",
        ("75% of the network",),
        runtime={"nodes": {CUDA: 3, CPU: 1}},
    ),
    "no model": Broken(
        machine(),
        (2, 2),
        "untried",
        ("There is no model file", "python build_model.py"),
        model=None,
    ),
    "another model": Broken(
        machine(),
        (2, 2),
        "untried",
        ("is an ONNX file, but not a MobileNet-SSD of ours",),
        metadata={"format": None},
    ),
    "OpenVINO broken": Broken(
        machine(
            installed=NO_OPENVINO | {"openvino": "2026.4.1"},
            openvino=ImportError("libtbb.so.12: no such file"),
        ),
        (1, 1),
        "works",
        (
            "OpenVINO does not start (libtbb.so.12: no such file)",
            "pip install --force-reinstall -r requirements-openvino.txt",
        ),
    ),
}


def path_of(broken: Broken, make_model: MakeModel, tmp_path: Path) -> Path:
    if broken.model is None:
        return tmp_path / "none.onnx"
    return make_model(broken.model, **broken.metadata)


@pytest.mark.parametrize("name", INSTALLS)
def test_a_broken_install_is_explained(
    install: Install, make_model: MakeModel, tmp_path: Path, name: str
) -> None:
    broken = INSTALLS[name]
    runtime: FakeRuntime = install(*broken.runs)
    for attribute, value in broken.runtime.items():
        setattr(runtime, attribute, value)
    path = path_of(broken, make_model, tmp_path)
    reports = [examine(path, d, machine=broken.machine) for d in ("auto", "cuda")]
    assert tuple(report.exit_code for report in reports) == broken.exit_codes
    text = "\n".join(reports[0].lines())
    for part in broken.says:
        assert part in text
    assert of_device(reports[0], "cuda").state == broken.state
    # The same in JSON, for programs.
    told = json.loads(json.dumps(reports[0].as_dict()))
    assert told["exit_code"] == broken.exit_codes[0]
    assert {d["device"]: d["state"] for d in told["devices"]}["cuda"] == broken.state


def of_device(report: Report, device: str) -> DeviceReport:
    return next(found for found in report.devices if found.device == device)


def test_where_all_is_well_it_says_what_each_device_does(
    install: Install, make_model: MakeModel
) -> None:
    install(CUDA)
    report = examine(make_model(), machine=machine())
    assert (report.exit_code, report.auto) == (0, "cuda")
    cuda, cpu = of_device(report, "cuda"), of_device(report, "cpu")
    assert (cuda.provider, cuda.precision, cuda.device_share) == (CUDA, "fp32", 1.0)
    assert cuda.difference == 0.0
    assert (cpu.threads, cpu.difference) == (2, None)
    assert cpu.latency_ms is not None
    assert report.lines()[-1] == "All is well."


def test_a_mac_with_core_ml_takes_the_cpu_until_core_ml_is_asked_for(
    install: Install, make_model: MakeModel
) -> None:
    install(COREML)
    mac = machine(system="darwin", built=[COREML, CPU], installed={"onnxruntime": "1"})
    report = examine(make_model(), "coreml", machine=mac)
    assert (report.exit_code, report.auto) == (0, "cpu")
    assert {found.device for found in report.devices} == {
        "cpu",
        "coreml",
        "openvino",
        "openvino-gpu",
    }


def test_the_command_prints_text_or_json_and_ends_with_its_code(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(make_model())
    code = main.main(["doctor", "--model", model])
    assert code in (0, 1)  # as this machine is
    assert "CPU" in capsys.readouterr().out
    assert main.main(["doctor", "--model", model, "--json", "--device", "cpu"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["asked"] == "cpu"
    assert told["devices"][0]["provider"] == CPU
    assert main.main(["doctor", "--model", "none.onnx"]) == 2
