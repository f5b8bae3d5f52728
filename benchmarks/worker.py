"""What is measured, in a process of its own.

Runtimes bring thread pools that spin, libraries that clash, and crashes. Each gets
its own process, which only works when it is its turn.
"""

import contextlib
import importlib
import multiprocessing
import os
import sys
import tempfile
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.kit import Sample, turn_of

START_S, ANSWER_S = 180.0, 3600.0


class AbsentError(Exception):
    """What should be measured is not installed, or cannot run here; says why."""


class Worker:
    """An object made by `maker` in another process.

    `maker` names a function ("benchmarks.peers:open_keras") that answers an object
    that can be called; `turn` times its calls there.
    """

    def __init__(self, maker: str, *arguments: object, turn_s: float = 0.05) -> None:
        """Start the process and wait until the object is there.

        Raises:
            AbsentError: it cannot be made.
        """
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, maker, arguments, turn_s), daemon=True
        )
        self._process.start()
        theirs.close()
        try:
            self._receive(START_S)
        except BaseException:
            self.close()
            raise

    def turn(self) -> Sample:
        """One turn of the object's calls."""
        sample = self.ask("turn")
        assert isinstance(sample, Sample)
        return sample

    def ask(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - remote
        """What the object's `method` answers."""
        self._pipe.send((method, arguments))
        return self._receive(ANSWER_S)

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            self._pipe.send(None)
        self._process.join(5.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _receive(self, patience_s: float) -> Any:  # noqa: ANN401 - remote
        if not self._pipe.poll(patience_s):
            raise AbsentError(f"no answer within {patience_s:.0f} s")
        try:
            kind, answer = self._pipe.recv()
        except EOFError:
            self._process.join(5.0)
            raise AbsentError(
                f"its process died (exit code {self._process.exitcode})"
            ) from None
        if kind == "absent":
            raise AbsentError(answer)
        return answer


def _serve(
    pipe: Connection, maker: str, arguments: tuple[object, ...], turn_s: float
) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Some libraries chat on the descriptor, before any log level is heeded.
    said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process
    os.dup2(said.fileno(), sys.stderr.fileno())
    try:
        module, _, name = maker.partition(":")
        made = getattr(importlib.import_module(module), name)(*arguments)
        turn = turn_of(made, least_s=turn_s)
        pipe.send(("made", None))
        while (request := pipe.recv()) is not None:
            method, given = request
            answer = turn() if method == "turn" else getattr(made, method)(*given)
            pipe.send(("answer", answer))
    except AbsentError as absent:
        pipe.send(("absent", str(absent)))
    except ModuleNotFoundError as error:
        pipe.send(("absent", f"not installed ({error.name})"))
    except EOFError:  # nobody is there any more
        pass
    except Exception as error:  # noqa: BLE001 - a peer may fail in any way
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        pipe.send(("absent", f"does not run: {error!r:.300} ({place})"))
