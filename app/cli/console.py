"""What the commands print, on whatever terminal, and how their process ends."""

import errno
import io
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from app.typed import as_typed

# What moves a terminal's cursor, colours it or turns its writing around. A name in
# a file may hold it: it is shown, not obeyed.
_ORDERS = r"\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
_IN_A_NAME = re.compile(f"[\t\n\r\x1b\u2028\u2029{_ORDERS}]")
# Colours are let through: Python's own --help has them.
_IN_A_TEXT = re.compile(f"(?!\x1b\\[[0-9;]*m)[\x1b\r{_ORDERS}]")
# A pipe that nobody reads any more; Windows says it is no good.
_CLOSED = (errno.EPIPE, errno.EINVAL)


def printable(text: str) -> str:
    """`text` on one line; what a terminal would obey, in escapes."""
    return _IN_A_NAME.sub(_escaped, text)


def say(*lines: str) -> None:
    """Print each as one line, whatever names are in it, at once: a journal reads it."""
    for line in lines:  # each in one piece: several threads may say something
        print(f"{printable(line)}\n", end="", flush=True)


def complain(text: str) -> None:
    """Print an error as one line."""
    print(f"error: {printable(text)}\n", end="", file=sys.stderr)


def log_to_stderr(level: int) -> None:
    """Log what happens, a line each, whatever names are in it."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])


@contextmanager
def frames_bar(
    desc: str | None = None, *, leave: bool = True
) -> Iterator[Callable[[int, int], None]]:
    """A bar that counts frames, where somebody looks; what is given moves it.

    It is told how many are done of how many; 0: that is not known.

    Args:
        desc: what stands before it.
        leave: whether it stays when it is done.
    """
    from tqdm import tqdm

    with tqdm(
        unit=" frames", disable=None, file=sys.stderr, desc=desc, leave=leave
    ) as bar:

        def tell(done: int, total: int) -> None:
            bar.total = total or None
            bar.update(done - bar.n)

        yield tell


def use_terminal() -> None:
    """Let `print` take any name, and a reader that leaves (`| head`) end nothing.

    A file's name need not be text: Linux takes any bytes, and old archives are full
    of them. What the terminal's alphabet lacks is shown in escapes.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _Terminal(sys.stdout, _IN_A_TEXT)
    if isinstance(sys.stderr, io.TextIOWrapper):  # progress bars go back and up
        sys.stderr = _Terminal(sys.stderr, None)


def end_process(code: int) -> NoReturn:
    """End now; all that matters is written.

    The interpreter's own ending would go on without the threads that are still in
    C++ (a driver that hangs, an engine), which then abort: "terminate called".
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


class _Terminal(io.TextIOWrapper):
    """A standard stream that escapes orders, and whose reader may leave.

    What is printed names commands as they are typed here.
    """

    def __init__(
        self, stream: io.TextIOWrapper, orders: re.Pattern[str] | None
    ) -> None:
        buffered = stream.line_buffering
        encoding = stream.encoding
        super().__init__(
            stream.detach(),
            encoding=encoding,
            errors="backslashreplace",
            line_buffering=buffered,
        )
        self._orders = orders

    def write(self, text: str, /) -> int:
        text = as_typed(text)
        if self._orders is not None:
            text = self._orders.sub(_escaped, text)
        try:
            return super().write(text)
        except OSError as error:
            self._forget_reader(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._forget_reader(error)

    def _forget_reader(self, error: OSError) -> None:
        if error.errno not in _CLOSED:
            raise error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


class _Formatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's
        record.message = printable(record.message)
        return super().formatMessage(record)


def _escaped(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1]
