"""Everything that hurts, and a report.

usage: python -m torture [--quick | --long] [--only fuzz soak campaigns]
       python -m torture --case "TARGET:NUMBER"     one damaged file again
"""

import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from unittest.mock import patch

from benchmarks.command import report_parser, took
from benchmarks.context import Context, open_context
from benchmarks.machine import ROOT, describe
from benchmarks.report import Lines, Section, Table, Target, write_report
from benchmarks.worker import Worker
from torture.campaigns import CAMPAIGNS
from torture.campaigns import run as run_campaign
from torture.hunt import ACCEPTED, REFUSED, Hunt, damaged, hunt, quiet
from torture.soak import HOUR_FRAMES, MOST_GROWTH, WARM_UP, Reading, Soaked
from torture.soak import PARTS as PARTS_OF_SOAK
from torture.targets import TARGETS

PARTS = ("fuzz", "soak", "campaigns")
# Damaged files of a target with weight 1, frames as a share of an hour, and how much
# longer than in the tests the campaigns are.
LENGTHS = {"quick": (40, 0.05, 1), "usual": (1000, 1.0, 2), "long": (10_000, 4.0, 10)}
# How much of the soak is done again by a process that keeps freed memory in one place
# (read by glibc): what it holds tells growth of a hundredth, where a pool by thread
# goes up and down by a tenth.
POOLED, ONE_POOL = 1 / 3, {"MALLOC_ARENA_MAX": "1"}
INTRO = (
    "Written by `make torture`; nothing in it is typed by hand. A damaged file is "
    "*refused* with a sentence for the user or *accepted* for what is good in it; "
    "anything else is a finding, can be had again with `python -m torture --case "
    "TARGET:NUMBER`, and makes the command fail."
)
FUZZ_TEXT = (
    "Good files of every kind, damaged by seeded changes (bits, numbers, pieces cut, "
    "doubled, zeroed; in JSON, values), each read by the app's own way in, in a "
    "process of its own with a time-out. Writing outside the case's folder is heard by "
    "an audit hook. *slowest*: of one file, the start of its process not counted."
)


def main(argv: list[str] | None = None) -> int:
    """Torture, write, and say where; 1 when something must not have happened."""
    parser = report_parser("python -m torture", PARTS, ROOT / "docs" / "torture")
    parser.add_argument("--case", metavar="TARGET:NUMBER")
    options = parser.parse_args(argv)
    if options.case:
        return _again(options.case)
    cases, hours, factor = LENGTHS[options.length]
    machine = describe()
    began_s = time.monotonic()
    with open_context(1.0) as context:
        made = {
            "fuzz": lambda: _fuzz(cases),
            "soak": lambda: _soak(context, round(HOUR_FRAMES * hours)),
            "campaigns": lambda: _campaigns(factor),
        }
        sections = [made[name]() for name in options.only]
    machine["Took"] = took(time.monotonic() - began_s, options.length)
    report = write_report(
        options.out,
        title="Torture",
        intro=INTRO,
        machine=machine,
        sections=sections,
    )
    sys.stdout.write(f"Wrote {report}\n")
    targets = [target for section in sections for target in section.targets]
    return int(any(target.is_met is False for target in targets))


def _fuzz(cases: int) -> Section:
    section = Section("fuzz", "Damaged files", FUZZ_TEXT)
    hunts = []
    for target in TARGETS:
        _say(f"{target.name}: {cases_of(target.weight, cases)} files ...")
        hunts.append(hunt(target, range(cases_of(target.weight, cases))))
    total: Counter[str] = Counter()
    for done in hunts:
        total += done.counts
    section.tables.append(fuzz_table(hunts))
    findings = [finding for done in hunts for finding in done.findings]
    section.notes += [
        f"`{f.target}:{f.number}`: {f.kind}: {f.text}" for f in findings[:50]
    ]
    files = total.total()
    section.targets.append(
        Target(
            "A damaged file is refused with a sentence or read for what is good in it: "
            "no crash, no hang, no other exception, nothing written elsewhere",
            f"{len(findings)} findings in {files} files",
            not findings,
        )
    )
    section.data = {done.target: dict(done.counts) for done in hunts}
    return section


def cases_of(weight: float, cases: int) -> int:
    """How many files a target of that weight gets."""
    return max(1, round(weight * cases))


def fuzz_table(hunts: list[Hunt]) -> Table:
    """A row a target."""
    return Table(
        ("read", "files", REFUSED, ACCEPTED, "findings", "slowest, s", "in all, s"),
        [
            (
                done.target,
                str(done.counts.total()),
                str(done.counts[REFUSED]),
                str(done.counts[ACCEPTED]),
                str(len(done.findings)),
                f"{done.slowest_s:.2f}",
                f"{done.spent_s:.0f}",
            )
            for done in hunts
        ],
    )


def _soak(context: Context, frames: int) -> Section:
    shipped = _soaked(context, frames, "as shipped")
    with patch.dict(os.environ, ONE_POOL):
        pooled = _soaked(context, round(frames * POOLED), "with one pool")
    hours = frames / HOUR_FRAMES
    section = Section(
        "soak",
        "Soak",
        f"{frames} frames ({hours:.2g} hours of video at 25 a second) in "
        f"{shipped.spent_s:.0f} s through decoding, detection and drawing, a part of "
        "them recorded as well; the file is opened anew after each pass. glibc keeps "
        "what was freed by thread, and each pass has threads of its own, so what the "
        "process holds goes up and down; the same with one pool for all of them "
        f"({POOLED:.0%} as long) shows whether anything grows.",
    )
    section.tables.append(
        Table(
            ("", "memory, MiB", "with one pool, MiB", "descriptors", "threads"),
            [
                (
                    f"after {part:.0%}",
                    f"{reading.memory_mib:.1f}",
                    f"{other.memory_mib:.1f}",
                    str(reading.descriptors),
                    str(reading.threads),
                )
                for part, reading, other in (
                    (part, _at(shipped, part), _at(pooled, part))
                    for part in (1 / PARTS_OF_SOAK, WARM_UP, 0.5, 1.0)
                )
            ],
        )
    )
    section.plots.append(
        Lines(
            "Memory over the soak",
            "share of it, %",
            "MiB",
            [100 * (i + 1) / PARTS_OF_SOAK for i in range(PARTS_OF_SOAK)],
            {
                name: [reading.memory_mib for reading in soaked.readings]
                for name, soaked in (("as shipped", shipped), ("one pool", pooled))
            },
        )
    )
    grown = shipped.problems + pooled.problems
    section.targets.append(
        Target(
            f"Memory grows by less than {MOST_GROWTH:.0%} after the warm-up; "
            "descriptors and threads do not",
            f"{pooled.growth:+.2%} with one pool ({shipped.growth:+.2%} as shipped)"
            + "".join(f"; {problem}" for problem in grown),
            not grown,
        )
    )
    section.data = {
        name: [
            [r.frames, round(r.memory_mib, 1), r.descriptors, r.threads]
            for r in soaked.readings
        ]
        for name, soaked in (("shipped", shipped), ("pooled", pooled))
    }
    return section


def _soaked(context: Context, frames: int, how: str) -> Soaked:
    _say(f"soak: {frames} frames, {how} ...")
    with Worker("torture.soak:Soaker") as worker:
        soaked: Soaked = worker.ask(
            "soak", context.clip, context.int8, context.folder, frames
        )
    return soaked


def _at(soaked: Soaked, part: float) -> Reading:
    return soaked.readings[round(part * len(soaked.readings)) - 1]


def _campaigns(factor: int) -> Section:
    section = Section(
        "campaigns",
        "Kills, full disks, faults",
        "The tests' own campaigns; those that can be are "
        f"{factor} times as long as in `make test`.",
    )
    rows = []
    for name in CAMPAIGNS:
        _say(f"{name} ...")
        done = run_campaign(name, factor=factor, patience_s=600.0 * factor)
        rows.append((done.name, done.summary, f"{done.spent_s:.0f}"))
        section.targets.append(
            Target(f"Campaign: {done.name}", done.summary, done.passed)
        )
        section.data[name] = {"summary": done.summary, "passed": done.passed}
    section.tables.append(Table(("", "pytest says", "s"), rows))
    return section


def _again(case: str) -> int:
    """Read one damaged file in this process, and show what comes of it."""
    name, _, number = case.rpartition(":")
    target = next((t for t in TARGETS if t.name == name), None)
    if target is None or not number.isdecimal():
        sys.stdout.write(f"Targets: {', '.join(t.name for t in TARGETS)}\n")
        return 2
    quiet()
    with tempfile.TemporaryDirectory() as folder:
        seeds_folder = Path(folder) / "seeds"
        seeds_folder.mkdir()
        seeds = list(target.make_seeds(seeds_folder))
        seed, data = damaged(target, seeds, int(number))
        path = Path(folder) / f"case{seed.suffix}"
        path.write_bytes(data)
        try:
            target.read(path)
        except Exception:  # noqa: BLE001 - whatever it is, it is to be seen
            sys.stdout.write(traceback.format_exc())
        else:
            sys.stdout.write("accepted\n")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
