"""From figures to Markdown, JSON and plots."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt

mpl.rcParams["svg.hashsalt"] = "mobilenet-ssd-live"  # the same figures, the same file


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of text."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row must have {len(self.columns)} cells: {row}")

    def to_markdown(self) -> str:
        """As GitHub shows it."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return "\n".join(
            "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"
            for line in lines
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A promise, and what was measured of it.

    Attributes:
        text: the promise, a sentence.
        measured: what came out, in words.
        is_met: whether it holds; None when it could not be measured.
        verdict: what is said where `is_met` is None.
        why: what is known of the cause where it is missed; docs/performance.md says
            how it was found.
    """

    text: str
    measured: str
    is_met: bool | None
    verdict: str = "not measured"
    why: str = ""

    @property
    def said(self) -> str:
        """Whether it is met; of what is missed, why."""
        if self.is_met is None:
            return self.verdict
        if self.is_met:
            return "met"
        return f"**missed**: {self.why}" if self.why else "**missed**"


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars, one a name; shorter is better unless the title says so."""

    title: str
    unit: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Lines:
    """One line a name over common points on the x axis."""

    title: str
    x_name: str
    y_name: str
    x: Sequence[float]
    y: Mapping[str, Sequence[float]]


@dataclass(slots=True)
class Section:
    """One measurement: what it is, tables, plots, promises and raw data.

    `blocks` are shown as they were printed.
    """

    name: str
    title: str
    text: str = ""
    tables: list[Table] = field(default_factory=list)
    plots: list[Bars | Lines] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


def write_report(
    folder: Path,
    *,
    title: str,
    intro: str,
    machine: Mapping[str, str],
    sections: Sequence[Section],
) -> Path:
    """Write report.md, results.json and the plots into `folder`.

    Returns:
        The report.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = [f"# {title}", intro, _list(machine)]
    targets = [target for section in sections for target in section.targets]
    if targets:
        parts += ["## Targets", _targets_table(targets).to_markdown()]
    for section in sections:
        parts += [f"## {section.title}", section.text]
        parts += [table.to_markdown() for table in section.tables]
        parts += [f"```text\n{block}\n```" for block in section.blocks]
        for number, plot in enumerate(section.plots):
            name = f"{section.name}-{number + 1}.svg"
            _draw(plot, folder / name)
            parts.append(f"![{plot.title}]({name})")
        parts += [f"- {note}" for note in section.notes]
    report = folder / "report.md"
    text = "\n\n".join(part for part in parts if part)
    # Notes are one list, not paragraphs each.
    report.write_text(text.replace("\n\n- ", "\n- ") + "\n", encoding="utf-8")
    results = {
        "machine": dict(machine),
        "targets": [
            {"target": t.text, "measured": t.measured, "is_met": t.is_met}
            for t in targets
        ],
        "sections": {section.name: section.data for section in sections},
    }
    (folder / "results.json").write_text(
        json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    return report


def _list(values: Mapping[str, str]) -> str:
    return Table(("", ""), [(f"**{k}**", v) for k, v in values.items()]).to_markdown()


def _targets_table(targets: Sequence[Target]) -> Table:
    return Table(
        ("target", "measured", ""), [(t.text, t.measured, t.said) for t in targets]
    )


def _draw(plot: Bars | Lines, path: Path) -> None:
    if isinstance(plot, Bars):
        figure, axes = plt.subplots(figsize=(8, 0.8 + 0.34 * len(plot.values)))
        names = list(plot.values)[::-1]
        bars = axes.barh(names, [plot.values[name] for name in names], color="#4c78a8")
        axes.bar_label(bars, fmt="%.3g", padding=3)
        axes.margins(x=0.12)
        axes.set_xlabel(plot.unit)
    else:
        figure, axes = plt.subplots(figsize=(8, 3.6))
        for name, values in plot.y.items():
            axes.plot(plot.x, values, marker="o", label=name)
        axes.set_xlabel(plot.x_name)
        axes.set_ylabel(plot.y_name)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    axes.set_title(plot.title, loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
