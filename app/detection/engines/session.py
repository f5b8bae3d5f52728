"""The network on the device that was asked for, or the reason why not.

ONNX Runtime falls back to the CPU without an exception when a CUDA library is
missing; only what a session says of itself tells what really runs.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.detection.devices.choices import TITLES, Problem, why_not
from app.detection.devices.machine import Machine
from app.detection.engines.engine import Engine, first_line
from app.detection.engines.openvino_engine import OpenVinoEngine
from app.detection.engines.ort_engine import PROVIDERS, open_ort
from app.detection.model_file import copies_of, copy_for
from app.detection.remote.client import LANES, Patience, RemoteEngine, address_of
from app.errors import DeviceError, ModelError

NO_MODEL = (
    "Make one with: python build_model.py fetch voc0712 (or convert WEIGHTS), "
    "or choose another."
)
_OPENVINO = {"openvino": "CPU", "openvino-gpu": "GPU"}
# Pictures at a time, at most: each is held until it is drawn, and at 4K has 25 MB.
MOST_LANES = 4
INT8_ON_TENSORRT = Problem(
    "it does not take a model whose zero points are unsigned, as the int8 copy's are",
    "Choose the float or fp16 copy of the model.",
    is_broken=False,
)
# What "auto" tries, best first; docs/adr/0007 has the measurements.
BEST_FIRST = ("cuda", "openvino", "cpu")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to run the network on.

    Attributes:
        device: one of `app.settings.DEVICES`.
        threads: of the CPU; None for all cores but one (see `Machine.threads`).
        precision: what OpenVINO computes in, "fp32", "bf16" or "fp16"; None for what
            the device is best at. ONNX Runtime takes it from the model file.
        is_strict: nothing but this device will do, for every node of the network.
        throughput: rather many pictures a second than each one soon.
        patience: with a server elsewhere; None: the usual.
        is_shared: among several threads; see `app.detection.engines.pool`.
    """

    device: str = "auto"
    threads: int | None = None
    precision: str | None = None
    is_strict: bool = False
    throughput: bool = False
    patience: Patience | None = None
    is_shared: bool = False


class Opened(NamedTuple):
    """An engine that runs.

    Attributes:
        engine: it.
        problem: for "auto", what is broken about a better device, or why this machine
            has none.
        model: the file that was loaded.
    """

    engine: Engine
    problem: Problem | None
    model: Path


class UnavailableError(DeviceError):
    """The model cannot run on this device.

    Attributes:
        cause: why.
    """

    def __init__(self, device: str, cause: Problem) -> None:
        super().__init__(
            f"{TITLES[device]} cannot be had: {cause.reason}.", cause.remedy
        )
        self.cause = cause


def open_engine(path: Path, wish: Wish, machine: Machine) -> Opened:
    """Load `path`, or the copy of it that suits the device, as `wish` has it.

    Raises:
        ModelError: no such file, or not a model.
        UnavailableError: not on the device that was asked for.
    """
    if address := address_of(path):  # its device is its server's to choose
        remote = RemoteEngine(
            address,
            lanes=LANES if wish.throughput else 1,
            patience=wish.patience,
        )
        return Opened(remote, None, Path(remote.name))
    if path.is_dir():
        raise ModelError(f"{path} is a folder, not a model.", "Choose an .onnx file.")
    if not copies_of(path)[0].is_file():
        raise ModelError(f"There is no model file {path}.", NO_MODEL)
    if wish.is_strict and wish.device == "auto":
        raise ModelError(
            "Strictly what, is not said.", "Name a device, for example: --device cuda"
        )
    if wish.precision is not None and wish.device not in _OPENVINO:
        raise ModelError(
            "Only OpenVINO can be told its precision.",
            "Add --device openvino, or choose a copy of the model (.int8, .fp16).",
        )
    if wish.device != "auto":
        model = copy_for(path, wish.device)
        return Opened(open_on(model, wish.device, wish, machine), None, model)
    problem: Problem | None = None
    for device in BEST_FIRST:
        model = copy_for(path, device)
        try:
            return Opened(open_on(model, device, wish, machine), problem, model)
        except UnavailableError as error:
            # What is broken is worth more words than what is just not there.
            if problem is None or (error.cause.is_broken and not problem.is_broken):
                problem = error.cause
    raise AssertionError("the CPU is always there")


def likely_file(model: Path, device: str, machine: Machine) -> Path:
    """The file that `model` most likely means on `device`, without opening any.

    For whoever has to name it beforehand: "auto" is the best device with which nothing
    is wrong.
    """
    if device == "auto":
        device = next(d for d in BEST_FIRST if why_not(d, machine) is None)
    return copy_for(model, device)


def open_on(path: Path, device: str, wish: Wish, machine: Machine) -> Engine:
    """Load `path` on this one device, or not at all; `wish.device` is not looked at.

    Raises:
        ModelError: the file is not a model.
        UnavailableError: the device cannot be had.
    """
    if problem := why_not(device, machine):
        raise UnavailableError(device, problem)
    if device == "tensorrt" and _is_int8(path):
        raise UnavailableError(device, INT8_ON_TENSORRT)
    threads = wish.threads or machine.threads()
    lanes = min(threads, MOST_LANES) if wish.throughput else 1
    try:
        if device in _OPENVINO:
            engine: Engine = OpenVinoEngine(
                path,
                _OPENVINO[device],
                threads=threads,
                lanes=lanes,
                precision=wish.precision,
                is_shared=wish.is_shared,
            )
        else:
            engine = open_ort(path, device, threads=threads, lanes=lanes)
    except Exception as error:
        if device == "cpu":
            raise _bad_file(path, error) from error
        _complain_of_the_file(path)
        raise UnavailableError(
            device, Problem(first_line(error), "Choose another device.")
        ) from error
    try:
        _check_truth(engine, device, wish, machine)
    except UnavailableError:
        engine.close()
        raise
    return engine


def _check_truth(engine: Engine, device: str, wish: Wish, machine: Machine) -> None:
    facts = engine.facts
    expected = PROVIDERS.get(device) or f"OpenVINO {_OPENVINO[device]}"
    # Of several Intel GPUs, the first is called "GPU.0".
    if facts.provider.split(".")[0] != expected:
        said = machine.loader_says(device)
        raise UnavailableError(
            device,
            Problem(
                f"ONNX Runtime could not start it{f' ({said})' if said else ''}",
                "pip install -r requirements-cuda.txt"
                if device == "cuda"
                else "Choose another device.",
            ),
        )
    if facts.device_share == 0.0:  # it started, and was given nothing to do
        raise UnavailableError(
            device,
            Problem("none of this network's nodes run there", "Choose another device."),
        )
    if wish.is_strict and (facts.device_share or 0.0) < 1.0:
        share = f"{facts.device_share:.0%}" if facts.device_share else "not all"
        # Biases of 32 bits have no kernel there.
        is_int8 = device == "cuda" and engine.metadata.get("variant") == "int8"
        raise UnavailableError(
            device,
            Problem(
                f"{share} of the network's nodes run there, and the rest on the CPU",
                "Choose the float copy of the model."
                if is_int8
                else "Leave out --strict, or choose another device.",
            ),
        )


def _is_int8(path: Path) -> bool:
    try:
        engine = open_ort(path, "cpu", threads=1)
    except Exception as error:
        raise _bad_file(path, error) from error
    variant = engine.metadata.get("variant")
    engine.close()
    return variant == "int8"


def _complain_of_the_file(path: Path) -> None:
    # A bad file fails everywhere; then it is not the device's fault.
    try:
        open_ort(path, "cpu", threads=1).close()
    except Exception as error:
        raise _bad_file(path, error) from error


def _bad_file(path: Path, error: Exception) -> ModelError:
    return ModelError(
        f"{path.name} cannot be loaded as an ONNX model.",
        f"Choose another file; ONNX Runtime says: {first_line(error)}",
    )
