"""Every test here ends with the threads it began with."""

from collections.abc import Iterator

import pytest

from tests.leaks import no_thread_stays


@pytest.fixture(autouse=True)
def _no_thread_stays() -> Iterator[None]:
    with no_thread_stays():
        yield
