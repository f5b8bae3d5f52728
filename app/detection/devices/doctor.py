"""What works on this machine, what does not, why, and how to mend it."""

import platform
import statistics
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.detection.devices.choices import (
    Problem,
    available_devices,
    why_not,
    why_packages_clash,
)
from app.detection.devices.machine import Machine
from app.detection.engines.engine import Engine, first_line
from app.detection.engines.ort_engine import probe_every_node
from app.detection.engines.session import (
    BEST_FIRST,
    UnavailableError,
    Wish,
    open_engine,
    open_on,
)
from app.detection.model_file import ModelContract, copy_for, read_contract
from app.detection.remote.client import address_of
from app.errors import ModelError

RUNS = 30
REMOTE = "remote"
_MARK = {"works": "ok", "broken": "BROKEN", "absent": "-", "untried": "?"}


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """One device.

    Attributes:
        device: one of `app.settings.DEVICES`, or "remote".
        title: for people.
        state: "works"; "absent", where there is nothing to mend; "broken"; or
            "untried".
        reason: why it does not work; or what is amiss though it does.
        remedy: what to do about it.
        provider: what really ran, as the session says; empty where nothing did.
        model: the file that ran: on a CPU it may be the int8 copy.
        precision: as in `app.types.DetectorInfo`, and so are the next two.
        device_share: of the nodes.
        threads: of the CPU.
        has_graph: with a CUDA graph.
        latency_ms: median of the network alone.
        difference: largest of any score from the CPU's, for the same picture.
    """

    device: str
    title: str
    state: str
    reason: str = ""
    remedy: str = ""
    provider: str = ""
    model: str = ""
    precision: str = ""
    device_share: float | None = None
    threads: int | None = None
    has_graph: bool = False
    latency_ms: float | None = None
    difference: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found.

    Attributes:
        system: of the machine.
        python: version.
        packages: version by name.
        driver_cuda: the newest CUDA that NVIDIA's driver supports, "13.0"; empty
            without a driver.
        model: the model file.
        model_problem: why it cannot be used; empty when it can.
        model_remedy: what to do about it.
        asked: the device that has to work.
        auto: the device that "auto" takes; empty where the model is no good.
        devices: those that this kind of machine could have.
        remarks: what else is wrong, each with its remedy.
    """

    system: str
    python: str
    packages: dict[str, str]
    driver_cuda: str
    model: str
    model_problem: str = ""
    model_remedy: str = ""
    asked: str = "auto"
    auto: str = ""
    devices: list[DeviceReport] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0: all is well. 1: it works, but something is broken. 2: it does not."""
        working = {report.device for report in self.devices if report.state == "works"}
        wanted = self.auto if self.asked == "auto" else self.asked
        if self.model_problem or wanted not in working:
            return 2
        is_broken = any(report.state == "broken" for report in self.devices)
        return 1 if is_broken or self.remarks else 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"exit_code": self.exit_code}

    def lines(self) -> list[str]:
        """For people."""
        packages = ", ".join(f"{k} {v}" for k, v in self.packages.items())
        driver = f"CUDA {self.driver_cuda}" if self.driver_cuda else "none"
        lines = [
            f"model    {self.model}",
            f"system   {self.system}, Python {self.python}",
            f"packages {packages}",
            f"NVIDIA   driver: {driver}",
            "",
        ]
        if self.model_problem:
            lines += [self.model_problem, f"  {self.model_remedy}", ""]
        for report in self.devices:
            lines += self._of_device(report)
        for reason, remedy in self.remarks:
            lines += ["", f"{reason}.", f"  {remedy}"]
        return [*lines, "", self._verdict()]

    def _of_device(self, report: DeviceReport) -> list[str]:
        facts = []
        if report.latency_ms is not None:
            facts = [report.model, f"{report.latency_ms:.1f} ms", report.precision]
        if report.device == REMOTE:
            facts.insert(1, report.provider)
        if report.threads:
            facts.append(f"{report.threads} threads")
        if report.has_graph:
            facts.append("CUDA graph")
        if report.device_share is not None:
            facts.append(f"{report.device_share:.0%} of the network")
        if report.difference is not None:
            facts.append(f"scores within {report.difference:.2g} of the CPU's")
        if report.device == self.auto != REMOTE:
            facts.append("taken by auto")
        said = ", ".join(fact for fact in facts if fact) or report.reason
        lines = [f"{_MARK[report.state]:<7}{report.title:<24}{said}"]
        if facts and report.reason:
            lines.append(f"       {report.reason}")
        if report.remedy:
            lines.append(f"       {report.remedy}")
        return lines

    def _verdict(self) -> str:
        if self.exit_code == 0:
            return "All is well."
        if self.exit_code == 1:
            return "It works, but something is broken: see above."
        return "It does not work: see above."


def examine(
    path: Path,
    asked: str = "auto",
    *,
    images: list[NDArray[np.uint8]] | None = None,
    machine: Machine | None = None,
) -> Report:
    """Open the model on every device there is, and run it.

    Args:
        path: the model.
        asked: the device that has to work; "auto": whichever is best.
        images: (H, W, 3) uint8 each, to run on; noise where there are none.
        machine: what is installed here.
    """
    machine = machine or Machine()
    driver = machine.driver_cuda()
    clash = why_packages_clash(machine)
    is_elsewhere = bool(address_of(path))
    facts: dict[str, Any] = {
        "system": machine.system,
        "python": platform.python_version(),
        "packages": machine.packages(),
        "driver_cuda": f"{driver[0]}.{driver[1]}" if driver else "",
        "model": address_of(path) or str(path),
        "asked": asked,
        "remarks": [(clash.reason, clash.remedy)] if clash else [],
    }
    try:
        trial = _Trial(path, machine, images or [])
    except ModelError as error:
        return Report(
            **facts,
            model_problem=error.problem,
            model_remedy=error.remedy,
            devices=[]
            if is_elsewhere
            else [_look_at(d, t, machine) for d, t in _devices(machine)],
        )
    if is_elsewhere:
        server = trial.run_elsewhere()
        facts["asked"] = "auto"  # its device is its server's to choose
        return Report(**facts, auto=REMOTE, devices=[server])
    devices = [trial.run(device, title) for device, title in _devices(machine)]
    working = {report.device for report in devices if report.state == "works"}
    best = next(device for device in BEST_FIRST if device in working)
    return Report(**facts, auto=best, devices=devices)


def _devices(machine: Machine) -> list[tuple[str, str]]:
    choices = available_devices(machine)
    return [(c.device, c.title) for c in choices if c.device != "auto"]


def _look_at(device: str, title: str, machine: Machine) -> DeviceReport:
    if (problem := why_not(device, machine)) is None:
        return DeviceReport(device, title, "untried", "not tried without a model")
    return _failed(device, title, problem)


def _failed(device: str, title: str, problem: Problem) -> DeviceReport:
    state = "broken" if problem.is_broken else "absent"
    return DeviceReport(device, title, state, problem.reason, problem.remedy)


class _Trial:
    """The same picture for every device; the CPU, which is always there, first."""

    def __init__(
        self, path: Path, machine: Machine, images: list[NDArray[np.uint8]]
    ) -> None:
        self._path, self._machine = path, machine
        engine, _, model = open_engine(path, Wish("cpu"), machine)
        contract = read_contract(model.name, engine.metadata)
        self._images = _fitting(contract, images)
        try:
            self._expected = [engine.run(image)[1].copy() for image in self._images]
        except Exception as error:
            raise ModelError(
                f"{model.name} does not run ({error}).",
                "Name another model, or build it again.",
            ) from error
        finally:
            engine.close()

    def run(self, device: str, title: str) -> DeviceReport:
        try:
            model = copy_for(self._path, device)
            engine = open_on(model, device, Wish(device), self._machine)
        except UnavailableError as error:
            return _failed(device, title, error.cause)
        try:
            return self._measure(engine, model, device, title)
        except Exception as error:  # noqa: BLE001 - a device may fail in many ways
            return _failed(device, title, Problem(str(error), "Choose another device."))
        finally:
            engine.close()

    def run_elsewhere(self) -> DeviceReport:
        """On the model's server: there and back."""
        try:
            engine, _, model = open_engine(self._path, Wish(), self._machine)
        except ModelError as error:  # it was there a moment ago
            problem = Problem(error.problem, error.remedy)
            return _failed(REMOTE, "Server", problem)
        try:
            return self._measure(engine, model, REMOTE, "Server")
        except Exception as error:  # noqa: BLE001 - a server may fail in many ways
            problem = Problem(first_line(error), "Look at the server.")
            return _failed(REMOTE, "Server", problem)
        finally:
            engine.close()

    def _measure(
        self, engine: Engine, model: Path, device: str, title: str
    ) -> DeviceReport:
        difference = max(
            float(np.abs(engine.run(image)[1] - expected).max())
            for image, expected in zip(self._images, self._expected, strict=True)
        )
        times_ms = []
        for _ in range(RUNS):
            started_s = time.perf_counter()
            engine.run(self._images[0])
            times_ms.append(1e3 * (time.perf_counter() - started_s))
        elsewhere = ""
        if device in ("cuda", "tensorrt"):
            elsewhere = probe_every_node(model, device)
        facts = engine.facts
        return DeviceReport(
            device,
            title,
            "works",
            reason=f"not every node fits on it: {elsewhere}" if elsewhere else "",
            provider=facts.provider,
            model=model.name,
            precision=facts.precision,
            device_share=facts.device_share,
            threads=facts.threads,
            has_graph=facts.has_graph,
            latency_ms=statistics.median(times_ms),
            # A server is its own measure.
            difference=None if device in ("cpu", REMOTE) else difference,
        )


def _fitting(
    contract: ModelContract, images: list[NDArray[np.uint8]]
) -> list[NDArray[np.uint8]]:
    width, height = contract.input_size_wh
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    fitting = [cv2.resize(image, (width, height)) for image in images] or [noise]
    return [np.asarray(image, np.uint8)[np.newaxis] for image in fitting]
