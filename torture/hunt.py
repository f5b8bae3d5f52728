"""Damaged files read in processes of their own, so that a crash is seen and told.

A case is a target and a number; the number is the seed of its damage, so every
finding can be had again: `python -m torture --case "TARGET:NUMBER"`.
"""

import faulthandler
import importlib
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from torture.targets import TARGETS, Target

PATIENCE_S = 20.0
# What finds a target by its name in a worker's process.
TARGETS_OF = "torture.hunt:target_named"
START_S = 120.0
# A worker ends after so many cases, so that what one leaves behind does not add up.
CASES_A_WORKER = 2000
REFUSED, ACCEPTED = "refused", "accepted"


@dataclass(frozen=True, slots=True)
class Finding:
    """What must not happen.

    Attributes:
        target: its name.
        number: the case.
        kind: "crash", "hang", "unexpected" or "wrote outside".
        text: what was seen.
    """

    target: str
    number: int
    kind: str
    text: str


@dataclass(slots=True)
class Hunt:
    """How one target did.

    Attributes:
        counts: by how a case ended: refused, accepted, or a finding's kind.
        slowest_s: of all cases.
        spent_s: on all of them.
    """

    target: str
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    slowest_s: float = 0.0
    spent_s: float = 0.0


def hunt(target: Target, numbers: Iterable[int]) -> Hunt:
    """Run the cases; a worker that dies or hangs is replaced."""
    done = Hunt(target.name)
    began_s = time.monotonic()
    left = list(numbers)
    while left:
        with _worker(target) as worker:
            for _ in range(min(CASES_A_WORKER, len(left))):
                number = left.pop(0)
                began_case_s = time.monotonic()
                kind, text = worker.ask(number)
                took_s = time.monotonic() - began_case_s
                done.slowest_s = max(done.slowest_s, took_s)
                done.counts[kind] += 1
                if kind not in (REFUSED, ACCEPTED):
                    done.findings.append(Finding(target.name, number, kind, text))
                if kind in ("crash", "hang"):
                    break
    done.spent_s = time.monotonic() - began_s
    return done


def damaged(target: Target, seeds: list[Path], number: int) -> tuple[Path, bytes]:
    """The seed that case `number` damages, and what becomes of it."""
    chance = random.Random(f"{target.name}:{number}")
    seed = chance.choice(seeds)
    return seed, target.mutate(seed.read_bytes(), chance)


def run_case(
    target: Target, seeds: list[Path], number: int, folder: Path
) -> tuple[str, str]:
    """Read one damaged file in this process; how it ended, and what was seen.

    Args:
        target: what reads it.
        seeds: its good files.
        number: the case.
        folder: the only one that may be written to; emptied before.
    """
    from app.errors import UserError
    from model.errors import BuildError

    _empty(folder)
    seed, data = damaged(target, seeds, number)
    path = folder / f"case{seed.suffix if seed.stem[0] != '.' else ''}"
    path.write_bytes(data)
    guard = _guard()
    guard.allowed, guard.trespasses = str(folder), []
    try:
        target.read(path)
        ended = ACCEPTED, ""
    except (UserError, BuildError) as error:
        is_said = bool(error.problem.strip()) and "Traceback" not in str(error)
        ended = (REFUSED, "") if is_said else ("unexpected", f"says {str(error)!r}")
    except BaseException as error:  # noqa: BLE001 - all others are findings
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        ended = "unexpected", f"{type(error).__name__}: {error!s:.200} ({where})"
    finally:
        guard.allowed = None
    if guard.trespasses:
        return "wrote outside", ", ".join(guard.trespasses[:3])
    return ended


class _Guard:
    """Hears of every file that Python opens, and minds those written elsewhere."""

    def __init__(self) -> None:
        self.allowed: str | None = None
        self.trespasses: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.allowed is None or event not in ("open", "os.rename", "os.mkdir"):
            return
        if event == "open":
            path, mode, flags = arguments
            writes = any(c in (mode or "") for c in "wax+") or bool(
                isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            )
        else:
            path, writes = arguments[1 if event == "os.rename" else 0], True
        if not writes or not isinstance(path, str | bytes):
            return
        full = os.path.realpath(os.fsdecode(path))
        ours = os.path.realpath(self.allowed)
        # A camera is asked what it is, and that takes an open file.
        is_device = full == os.devnull or full.startswith("/dev/video")
        if not is_device and full != ours and not full.startswith(ours + os.sep):
            self.trespasses.append(full)


_the_guard: _Guard | None = None


def _guard() -> _Guard:
    global _the_guard  # a hook can never be taken away again: one will do
    _the_guard = _the_guard or _Guard()
    return _the_guard


def _empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)  # it stays: we are in it
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


class _Worker:
    def __init__(self, pipe: Connection, process: Any, said: Path) -> None:  # noqa: ANN401
        self._pipe, self._process, self._said = pipe, process, said

    def ask(self, number: int) -> tuple[str, str]:
        self._pipe.send(number)
        if not self._pipe.poll(PATIENCE_S):
            self._process.kill()
            self._process.join()
            return "hang", f"no answer within {PATIENCE_S:.0f} s"
        try:
            answer: tuple[str, str] = self._pipe.recv()
        except EOFError:
            self._process.join()
            said = self._said.read_text(errors="replace").strip().splitlines()
            last = [line.strip() for line in said if "File" in line][:1]
            return "crash", f"exit code {self._process.exitcode} {''.join(last)}"
        return answer


@contextmanager
def _worker(target: Target) -> Iterator[_Worker]:
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, TARGETS_OF, target.name, name), daemon=True
        )
        process.start()
        theirs.close()
        worker = _Worker(ours, process, Path(name) / "stderr.txt")
        try:
            if not ours.poll(START_S) or ours.recv() != "ready":
                raise RuntimeError(f"no worker for {target.name}")
            yield worker
        finally:
            process.kill()
            process.join()
            ours.close()


def target_named(name: str) -> Target:
    """The target of that name."""
    return next(target for target in TARGETS if target.name == name)


def _serve(pipe: Connection, targets_of: str, name: str, root: str) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    module, _, function = targets_of.partition(":")
    target: Target = getattr(importlib.import_module(module), function)(name)
    folder, seeds_folder = Path(root) / "cases", Path(root) / "seeds"
    seeds_folder.mkdir()
    # Libraries complain of damaged files at length; a crash leaves its stack there.
    said = (Path(root) / "stderr.txt").open("w")
    os.dup2(said.fileno(), 2)
    faulthandler.enable(said)
    quiet()
    seeds = list(target.make_seeds(seeds_folder))
    folder.mkdir()
    os.chdir(folder)
    pipe.send("ready")
    while True:
        pipe.send(run_case(target, seeds, pipe.recv(), folder))


def quiet() -> None:
    """Libraries need not tell of every damaged file."""
    import logging

    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    logging.disable(logging.CRITICAL)
