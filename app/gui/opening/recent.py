"""The sources that were played last; no password of theirs reaches the disk."""

import json
from collections.abc import Callable
from pathlib import Path

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
        self._texts: dict[str, str] = {}  # public form: as typed

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
        self._texts.pop(name, None)
        self._texts = dict([(name, text), *self._texts.items()][:KEPT])

    def forget(self) -> None:
        """Begin anew."""
        self._texts.clear()

    def load(self) -> None:
        """Read the file; one that is missing or broken is none."""
        try:
            names = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(names, list):
            texts = [name for name in names if isinstance(name, str)][:KEPT]
            self._texts |= {name: name for name in texts if name not in self._texts}

    def save(self) -> None:
        """Write the file; raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self.names, indent=2), encoding="utf-8")
