"""A named pipe, into which another program writes a video."""

import os
import select
import threading
from pathlib import Path

from app.errors import SourceError

# So long a program may take to begin to write; then it may pause as it likes.
PATIENCE_S = 15.0
_POLL_MS = 100
_START_IT = "Start the program that writes into it, or open a file."


class Pipe:
    """What comes out of it, as a file that cannot be searched.

    Attributes:
        name: of the pipe.
    """

    def __init__(self, path: Path, *, patience_s: float = PATIENCE_S) -> None:
        """Open it; who writes may come later.

        Raises:
            OSError: it cannot be opened.
        """
        self.name = path.name
        self._patience_s: float | None = patience_s  # None: something came
        self._stopped = threading.Event()
        # To wait for a writer in `open` could not be ended by `stop`.
        self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)

    def read(self, size: int) -> bytes:
        """Up to `size` bytes as soon as there are any; b"" at the end.

        Raises:
            SourceError: nobody writes.
        """
        waited_ms = 0
        while not self._stopped.is_set():
            if self._poll.poll(_POLL_MS):
                self._patience_s = None
                return os.read(self._fd, size)
            waited_ms += _POLL_MS
            if self._patience_s is not None and waited_ms > self._patience_s * 1000:
                raise SourceError(
                    f"Nothing comes out of the pipe {self.name}.", _START_IT
                )
        return b""

    def stop(self) -> None:
        """Let `read` find the end; from any thread."""
        self._stopped.set()

    def close(self) -> None:
        """Let go of it."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
