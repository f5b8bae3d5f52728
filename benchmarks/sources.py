"""Many sources in one process: files as fast as they go, cameras at their rate."""

import threading
import time

import numpy as np

from app.drawing.overlay import draw
from app.media.sources.live_source import LiveSource
from app.media.sources.synthetic import SyntheticInput
from app.pipeline.pipeline import Pipeline
from app.settings import Settings
from benchmarks.context import Context
from benchmarks.kit import digits
from benchmarks.machine import core_count, resident_mib
from benchmarks.ours import Loaded, app_factories, run_pipeline
from benchmarks.report import Lines, Section, Table, Target
from benchmarks.worker import Worker

SOURCES = (1, 2, 4, 8)
KINDS = {"one model for all": True, "a model each": False}
CAMERAS, RATE, CAMERA_WH = 8, 25, (640, 480)
# A camera that gets so much of its rate keeps up: what is missing is the start.
KEEPS_UP = 0.97
TEXT = (
    "So many pipelines at a time in one process, each with the bundled clip, every "
    "frame drawn: with one model in memory, whose lanes they share, and with a model "
    f"each. Then {CAMERAS} synthetic cameras of {CAMERA_WH[0]} x {CAMERA_WH[1]} at "
    f"{RATE} a second, with one model; drawing their pictures is part of it."
)


def run(context: Context) -> Section:
    """Files, then cameras."""
    section = Section("sources", "Many sources at a time", TEXT)
    _files(context, section)
    _cameras(context, section)
    return section


def _files(context: Context, section: Section) -> None:
    rates: dict[str, dict[int, list[float]]] = {}
    # The least of the rounds: what eight sources took, the allocator keeps.
    memory_mib: dict[str, dict[int, float]] = {}
    for kind, is_shared in KINDS.items():
        rates[kind] = {count: [] for count in SOURCES}
        memory_mib[kind] = dict.fromkeys(SOURCES, float("inf"))
        for count in _in_turns(context.count(2)):
            # Anew each time: the memory of more sources stays with the allocator.
            with Worker("benchmarks.sources:Files", context, count, is_shared) as own:
                rate, peak_mib = own.ask("at_once")
            rates[kind][count].append(rate)
            memory_mib[kind][count] = min(memory_mib[kind][count], peak_mib)
    medians = {
        kind: {count: float(np.median(own)) for count, own in by_count.items()}
        for kind, by_count in rates.items()
    }
    heads = [f"{kind}: {what}" for kind in KINDS for what in ("a second", "MiB")]
    rows = []
    for count in SOURCES:
        cells = [str(count)]
        for kind in KINDS:
            cells += [f"{medians[kind][count]:.0f}", f"{memory_mib[kind][count]:.0f}"]
        rows.append(cells)
    section.tables.append(Table(("sources", *heads), rows))
    section.plots.append(
        Lines(
            f"Sources at a time on {core_count()} cores",
            "sources",
            "frames a second, all together",
            SOURCES,
            {kind: [medians[kind][count] for count in SOURCES] for kind in KINDS},
        )
    )
    section.data["files"] = {"frames_a_second": rates, "memory_mib": memory_mib}


def _cameras(context: Context, section: Section) -> None:
    with Worker("benchmarks.sources:Cameras", context) as worker:
        seen, cores, memory_mib = worker.ask("watch", context.seconds(10))
    share = min(seen) / RATE
    section.tables.append(
        Table(
            ("cameras", "the slowest, a second", "cores busy", "memory, MiB"),
            [(str(CAMERAS), f"{min(seen):.1f}", digits(cores), f"{memory_mib:.0f}")],
        )
    )
    section.targets.append(
        Target(
            f"{CAMERAS} cameras at {RATE} a second keep up, with one model in memory",
            f"the slowest gets {min(seen):.1f} a second, {memory_mib:.0f} MiB in all",
            share >= KEEPS_UP,
        )
    )
    section.data["cameras"] = {"a_second": seen, "cores": cores}


def _in_turns(rounds: int) -> list[int]:
    """Counts of sources, every other round backwards."""
    return [
        n for i in range(rounds) for n in (SOURCES if i % 2 == 0 else SOURCES[::-1])
    ]


class Files:
    """Pipelines side by side in a process that has done nothing else."""

    def __init__(self, context: Context, count: int, is_shared: bool) -> None:
        self._clip = context.clip
        factories = app_factories(is_shared=is_shared)
        self._detectors = [
            Loaded(context.int8, for_files=True, factories=factories)
            for _ in range(count)
        ]
        run_pipeline(self._clip, self._detectors[0])  # loads what is loaded once

    def __call__(self) -> None:
        """Nothing to time."""

    def at_once(self) -> tuple[float, float]:
        """Frames a second of all together, and the most memory in MiB."""
        done: list[int] = []
        threads = [
            threading.Thread(
                target=lambda d=d: done.append(run_pipeline(self._clip, d))
            )
            for d in self._detectors
        ]
        began_s = time.monotonic()
        for thread in threads:
            thread.start()
        peak_mib = 0.0
        while any(thread.is_alive() for thread in threads):
            threads[0].join(0.05)
            peak_mib = max(peak_mib, resident_mib())
        if len(done) != len(threads):
            raise RuntimeError(f"{len(threads) - len(done)} pipelines failed")
        return sum(done) / (time.monotonic() - began_s), peak_mib


class Cameras:
    """Live pipelines around one model; as `watch` makes them."""

    def __init__(self, context: Context) -> None:
        factories = app_factories(is_shared=True)
        self._pipelines = [
            Pipeline(
                LiveSource(
                    lambda: SyntheticInput(size_wh=CAMERA_WH, fps=RATE), name="Pattern"
                ),
                factories.make_detector(context.int8, Settings().device),
                draw=draw,
                settings=Settings(),
                on_event=lambda _: None,
            )
            for _ in range(CAMERAS)
        ]

    def __call__(self) -> None:
        """Nothing to time."""

    def watch(self, seconds: float) -> tuple[list[float], float, float]:
        """What each was seen a second, cores busy, and memory in MiB."""
        for pipeline in self._pipelines:
            pipeline.start()
        self._wait_for_all()
        before = [pipeline.stats().frame_count for pipeline in self._pipelines]
        began_core_s, began_s = time.process_time(), time.monotonic()
        threading.Event().wait(seconds)
        spent_s = time.monotonic() - began_s
        cores = (time.process_time() - began_core_s) / spent_s
        seen = [
            (pipeline.stats().frame_count - count) / spent_s
            for pipeline, count in zip(self._pipelines, before, strict=True)
        ]
        memory_mib = resident_mib()
        for pipeline in self._pipelines:
            pipeline.stop()
        return seen, cores, memory_mib

    def _wait_for_all(self) -> None:
        until_s = time.monotonic() + 60.0
        while any(not pipeline.stats().frame_count for pipeline in self._pipelines):
            if time.monotonic() > until_s:
                raise TimeoutError("a camera shows nothing")
            threading.Event().wait(0.05)
