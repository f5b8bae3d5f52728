"""What app.export.telling promises of the bar."""

import io

import pytest
from tqdm import tqdm

from app.export.job import ExportResult
from app.export.telling import Counts


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
