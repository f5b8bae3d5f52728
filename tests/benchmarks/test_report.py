"""What benchmarks.report promises."""

import json
from pathlib import Path

import pytest

from benchmarks.machine import describe
from benchmarks.report import Bars, Lines, Section, Table, Target, write_report


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        Table(("a", "b"), [("1",)])


def test_a_report_holds_targets_tables_and_plots(tmp_path: Path) -> None:
    section = Section(
        "speed",
        "Speed",
        "How fast.",
        tables=[Table(("a|b", "ms"), [("x", "1")])],
        plots=[
            Bars("Bars", "ms", {"x": 1.0}),
            Lines("Lines", "n", "ms", [1, 2], {"x": [1.0, 2.0]}),
        ],
        targets=[
            Target("fast", "1 ms", True),
            Target("faster", "2 ms", False),
            Target("fastest", "3 ms", False, why="the disk is slow"),
            Target("elsewhere", "", None),
            Target("beside", "3 ms", None, "no limit was set"),
        ],
        notes=["one", "two"],
        data={"x": [1.0]},
    )
    report = write_report(
        tmp_path, title="T", intro="I.", machine={"Date": "now"}, sections=[section]
    )
    text = report.read_text()
    assert "| faster | 2 ms | **missed** |" in text
    assert "| fastest | 3 ms | **missed**: the disk is slow |" in text
    assert "| elsewhere |  | not measured |" in text
    assert "| beside | 3 ms | no limit was set |" in text
    assert "| a\\|b | ms |" in text
    assert "- one\n- two" in text
    for name in ("speed-1.svg", "speed-2.svg"):
        assert f"]({name})" in text
        assert "<svg" in (tmp_path / name).read_text()
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["sections"]["speed"] == {"x": [1.0]}
    assert [t["is_met"] for t in results["targets"]] == [True, False, False, None, None]


def test_the_machine_is_described_without_its_name() -> None:
    import socket

    described = describe()
    assert {"Date", "Processor", "System", "Packages"} <= set(described)
    assert socket.gethostname() not in " ".join(described.values()).split()
