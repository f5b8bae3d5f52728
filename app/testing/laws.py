"""What every law needs: to be stated, a thread of its own, and to find what is left."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

from app.errors import UserError

T = TypeVar("T")
ANSWER_S = 30.0  # a device that is slower than this hangs, for all a test can tell
SETTLE_S = 5.0  # what was let go of may take so long to be gone


def law(holds: object, sentence: str) -> None:
    """Raise AssertionError with `sentence` where it does not hold."""
    if not holds:
        raise AssertionError(sentence)


def on_a_thread(work: Callable[[], T], *, name: str = "check") -> T:
    """What `work` returns or raises on a thread of its own, as in a pipeline."""
    answers: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(ANSWER_S)
    law(not thread.is_alive(), f"It does not answer within {ANSWER_S:.0f} s.")
    if errors:
        raise errors[0]
    return answers[0]


class Closes(Protocol):
    """What lets go of something."""

    def close(self) -> object:
        """As in `app.pipeline.interfaces`."""
        ...


def close_twice(part: Closes) -> None:
    """The law of `close`; also after a failed `open`."""
    part.close()
    try:
        part.close()
    except Exception as error:
        raise AssertionError("close() may be called twice.") from error


def check_failing_open(part: Closes, open_it: Callable[[], object]) -> None:
    """`open_it` must raise a UserError of two sentences, and `close` is harmless."""
    try:
        open_it()
    except UserError as error:
        problem, remedy = error.problem.strip(), error.remedy.strip()
        law(problem.endswith("."), f"A problem is a sentence, not {problem!r}.")
        # A command to be copied may stand behind a colon, and ends as it ends.
        is_remedy = remedy.endswith((".", "?")) or ": " in remedy
        law(is_remedy, f"A remedy says what to do next, not {remedy!r}.")
    except Exception as error:
        raise AssertionError(
            "What a user can cause is a UserError: see app/errors.py."
        ) from error
    else:
        raise AssertionError("open() was to fail, and did not.")
    close_twice(part)


def check_opening_again(part: Closes, use: Callable[[], object]) -> None:
    """Opened after it was closed, a part works, or says that it does not."""
    try:
        use()
    except (UserError, ValueError):  # refused
        pass
    except Exception as error:
        raise AssertionError("open() after close() works or is refused.") from error
    close_twice(part)


def check_nothing_stays(use: Callable[[], object]) -> None:
    """What `use` opens it lets go of: threads, and descriptors where we can see them.

    It is called a few times before, for what a library loads once and keeps.
    """
    for _ in range(2):
        use()
    threads, descriptors = set(threading.enumerate()), _descriptors()
    use()
    deadline = time.monotonic() + SETTLE_S
    pause = threading.Event()
    while True:
        left = [t.name for t in threading.enumerate() if t not in threads]
        more = _descriptors() - descriptors
        if not left and not more:
            return
        if time.monotonic() > deadline:
            break
        pause.wait(0.02)
    law(not left, f"Threads are left behind: {', '.join(left)}.")
    targets = ", ".join(sorted(target for _, target in more))
    law(False, f"Descriptors are left open: {targets}.")


def _descriptors() -> set[tuple[str, str]]:
    """Number and target of each; empty where the system does not show them."""
    found = set()
    with suppress(OSError):
        for entry in Path("/proc/self/fd").iterdir():
            with suppress(OSError):  # that of the listing itself
                found.add((entry.name, os.readlink(entry)))  # noqa: PTH115 - as is
    return found
