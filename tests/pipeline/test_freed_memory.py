"""What app.pipeline.freed_memory promises, and when it is asked."""

import sys

import pytest

from app.pipeline import pipeline as pipeline_module
from app.pipeline.events import Finished
from tests.fakes import WAIT_S, FakeSource
from tests.pipeline.test_pipeline import make
from tests.python import said_by

# Many small blocks, so that none of them gets a page of its own; the last one stays,
# above them all, as one always does.
HOARD = """
import threading, sys
from app.pipeline.freed_memory import give_back
from benchmarks.machine import resident_mib
kept = []
def work():
    blocks = [bytes(2000) for _ in range(100_000)]
    kept.append(bytes(2000))
    del blocks
thread = threading.Thread(target=work)
thread.start()
thread.join()
before_mib = resident_mib()
give_back()
print(before_mib - resident_mib())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's malloc_trim")
def test_what_a_thread_freed_goes_back() -> None:
    """190 MiB were freed; at least half of it is no longer the process's."""
    assert float(said_by(HOARD)) > 95


def test_a_run_gives_back_what_it_freed_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[int] = []
    pipeline, log = make(FakeSource(1))
    monkeypatch.setattr(
        pipeline_module, "give_back", lambda: told.append(len(log.of(Finished)))
    )
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert told == [0]  # once, and before anybody hears that it is over
