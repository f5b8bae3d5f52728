"""What app.export.telling promises of the bar, and of lines for a program."""

import io
import json

import pytest
from tqdm import tqdm

from app.export.job import ExportResult
from app.export.telling import TELL_EVERY_S, Counts, Lines


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (ExportResult("a.mp4", "done", 120), 120),  # more than the file had said
        (ExportResult("", "failed"), 40),
        (ExportResult("a.unfinished.mp4", "cancelled", 39), 40),
    ],
)
def test_the_bar_never_goes_back(result: ExportResult, expected: int) -> None:
    with tqdm(file=io.StringIO()) as bar:
        counts = Counts(2, bar)
        for done in (0, 20, 40):
            counts.show(0, done, 100)
        assert (bar.n, bar.total) == (40, 200)  # the other one as long, maybe
        counts.end(0, result)
        assert bar.n == expected
        counts.end(1, ExportResult("b.mp4", "skipped"))  # was done: no more work
        assert (bar.n, bar.total) == (expected, expected)


def test_of_each_job_a_line_now_and_then_and_its_end_for_sure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 100.0
    monkeypatch.setattr("app.export.telling.time.monotonic", lambda: now_s)
    told: list[str] = []
    lines = Lines(told.append)
    for done in range(5):
        lines.show(0, done, 10)
        lines.show(1, done, 10)
        now_s += 0.6 * TELL_EVERY_S
    lines.end(0, ExportResult("a.mp4", "done", 5))
    values = [json.loads(line) for line in told]
    # At 0, 1.2 and 2.4 of the time between two.
    assert [v["done"] for v in values[:-1]] == [0, 0, 2, 2, 4, 4]
    assert [v["job"] for v in values[:-1]] == [0, 1] * 3
    assert (values[-1]["state"], values[-1]["frame_count"]) == ("done", 5)
