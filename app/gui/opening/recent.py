"""The sources that were played last; no password of theirs reaches the disk."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

from app.whole_file import write_whole

KEPT = 8


class RecentSources:
    """Newest first, each once, by its public form.

    The whole address, with its password, is known until the app ends; the file
    gets the public form alone.
    """

    def __init__(self, path: Path, *, redact: Callable[[str], str]) -> None:
        """None yet; see `load`.

        Args:
            path: where they are kept between two runs.
            redact: the public form of what was typed.
        """
        self._path = path
        self._redact = redact
        self._lock = threading.Lock()  # the menu and the disk are two threads
        self._texts: dict[str, str] = {}  # public form: as typed
        self._added: list[str] = []  # since the file was written, newest first
        self._has_forgotten = False

    @property
    def names(self) -> list[str]:
        """The public forms."""
        return list(self._texts)

    def text(self, name: str) -> str:
        """What to open for the public form `name`."""
        return self._texts.get(name, name)

    def add(self, text: str) -> None:
        """Put it first."""
        name = self._redact(text)
        with self._lock:
            others = {k: v for k, v in self._texts.items() if k != name}
            self._texts = _newest({name: text} | others)
            self._added = [name, *(other for other in self._added if other != name)]

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._texts, self._added, self._has_forgotten = {}, [], True

    def load(self) -> None:
        """Read the file; one that is missing or broken is none."""
        read = self._read() or []
        with self._lock:
            known = self._texts
            self._texts = _newest(known | {n: n for n in read if n not in known})

    def save(self) -> None:
        """Write the file, with what another window of ours wrote; raises OSError."""
        read = self._read()
        with self._lock:
            if read is None or self._has_forgotten:
                names = list(self._texts)
            else:
                names = [*self._added, *(n for n in read if n not in self._added)]
            names = names[:KEPT]
            self._texts = {name: self._texts.get(name, name) for name in names}
            self._added, self._has_forgotten = [], False
        write_whole(self._path, json.dumps(names, indent=2))

    def _read(self) -> list[str] | None:
        try:
            names = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(names, list):
            return None
        return [name for name in names if isinstance(name, str)][:KEPT]


def _newest(texts: dict[str, str]) -> dict[str, str]:
    return dict(list(texts.items())[:KEPT])
