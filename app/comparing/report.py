"""What a comparison comes to, in figures: to read, as JSON, and a row a frame."""

import csv
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.comparing.agreement import Agreement, FrameRow, over_time, summed
from app.comparing.pairs import class_key
from app.settings import Settings
from app.types import DetectorInfo
from app.whole_file import whole_file, write_whole

FORMAT = "mobilenet-ssd-compared/1"
_COLUMNS = (
    *("index", "time_s", "both", "only_a", "only_b", "agreement", "a_ms", "b_ms"),
)
_BAR = 20  # letters for all


@dataclass(frozen=True, eq=False, slots=True)
class Report:
    """Two detectors on the same frames.

    Attributes:
        source: what the frames are of.
        infos: the two, A and B.
        settings: what both were asked with.
        rows: a row a frame.
    """

    source: str
    infos: tuple[DetectorInfo, DetectorInfo]
    settings: Settings
    rows: tuple[FrameRow, ...]

    @property
    def by_class(self) -> dict[str, Agreement]:
        """Of each class that both were taught and one found."""
        return summed(self.rows)

    @property
    def agreement(self) -> Agreement:
        """In all frames."""
        return sum(self.by_class.values(), Agreement())

    def strange_classes(self, which: int) -> list[str]:
        """What A (0) or B (1) was taught and the other was not: it does not count."""
        own, other = self.infos[which].class_names, self.infos[1 - which].class_names
        known = {class_key(name) for name in other}
        return [name for name in own if class_key(name) not in known]


def table(report: Report) -> str:
    """For people, on a terminal."""
    a, b = report.infos
    lines = [
        f"A: {_named(a)}, {_times([row.a_ms for row in report.rows])}",
        f"B: {_named(b)}, {_times([row.b_ms for row in report.rows])}",
        "",
        f"{'class':<16}{'agree':>7}{'both':>8}{'only A':>8}{'only B':>8}",
    ]
    for name, agreement in (*report.by_class.items(), ("all", report.agreement)):
        lines.append(f"{name:<16.16}{_row(agreement)}")
    lines += ["", f"{'seconds':<16}{'agree':>7}{'both':>8}{'only A':>8}{'only B':>8}"]
    for span in over_time(report.rows):
        share = span.agreement.share
        bar = "" if share is None else "#" * round(_BAR * share)
        when = f"{span.from_s:.0f} to {span.to_s:.0f}"
        lines.append(f"{when:<16}{_row(span.agreement)}  {bar}".rstrip())
    for which, who in enumerate("AB"):
        if strange := report.strange_classes(which):
            lines.append(
                f"Only {who} knows these, and they do not count: {_some(strange)}."
            )
    return "\n".join(lines)


def write_report(report: Report, path: Path) -> tuple[Path, Path]:
    """Write all of it to `path`, as JSON, and a row a frame beside it, as CSV.

    Raises:
        OSError: it cannot be written.
    """
    rows = path.with_suffix(".csv")
    with whole_file(rows) as own, own.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for row in report.rows:
            total = row.agreement
            counts = (total.both, total.only_a, total.only_b)
            share = "" if total.share is None else round(total.share, 4)
            times = (round(row.a_ms, 2), round(row.b_ms, 2))
            writer.writerow([row.index, row.timestamp_s, *counts, share, *times])
    write_whole(path, json.dumps(_values(report), indent=2))
    return path, rows


def _values(report: Report) -> dict[str, Any]:
    settings = report.settings
    return {
        "format": FORMAT,
        "source": report.source,
        "score_threshold": settings.score_threshold,
        "iou_threshold": settings.iou_threshold,
        "detail": settings.detail,
        "frames": len(report.rows),
        "a": _detector(report, 0, [row.a_ms for row in report.rows]),
        "b": _detector(report, 1, [row.b_ms for row in report.rows]),
        "all": _counts(report.agreement),
        "by_class": {name: _counts(own) for name, own in report.by_class.items()},
        "over_time": [
            {"from_s": s.from_s, "to_s": s.to_s, "frames": s.frames}
            | _counts(s.agreement)
            for s in over_time(report.rows)
        ],
    }


def _detector(report: Report, which: int, ms: Sequence[float]) -> dict[str, Any]:
    info = report.infos[which]
    return {
        "model": info.model_name,
        "kind": info.kind,
        "device": info.device,
        "precision": info.precision,
        "ms_median": round(statistics.median(ms), 2),
        "ms_p95": round(_p95(ms), 2),
        "classes_of_its_own": report.strange_classes(which),
    }


def _counts(agreement: Agreement) -> dict[str, Any]:
    share = agreement.share
    return {
        "agreement": None if share is None else round(share, 4),
        "both": agreement.both,
        "only_a": agreement.only_a,
        "only_b": agreement.only_b,
    }


def _named(info: DetectorInfo) -> str:
    what = f" ({info.kind})" if info.kind else ""
    precision = f" {info.precision}" if info.precision else ""
    return f"{info.model_name}{what} on {info.device}{precision}"


def _times(ms: Sequence[float]) -> str:
    return f"{statistics.median(ms):.1f} ms a frame (95 % below {_p95(ms):.1f})"


def _p95(ms: Sequence[float]) -> float:
    return sorted(ms)[min(len(ms) - 1, round(0.95 * len(ms)))]


def _row(agreement: Agreement) -> str:
    share = agreement.share
    agree = "-" if share is None else f"{100 * share:.0f} %"
    return f"{agree:>7}{agreement.both:>8}{agreement.only_a:>8}{agreement.only_b:>8}"


def _some(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
