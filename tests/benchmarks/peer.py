"""Things to measure that do as a test says; made in a worker's process."""

import os
import time


class Sleeper:
    """Takes `call_s` a call; each call costs no processor time."""

    def __init__(self, call_s: float) -> None:
        self._call_s = call_s

    def __call__(self) -> None:
        time.sleep(self._call_s)

    def plus_one(self, number: int) -> int:
        return number + 1

    def die(self) -> None:
        os._exit(3)

    def fail(self) -> None:
        raise ValueError("this and that")


def absent_library() -> Sleeper:
    import no_such_library  # type: ignore[import-not-found]

    return no_such_library.Sleeper()  # type: ignore[no-any-return]
