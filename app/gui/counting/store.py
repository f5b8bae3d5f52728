"""What is counted in which source, kept from one start to the next."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.tracking.books.audit import Audit, audit_from
from app.tracking.rules import Rules, rules_from
from app.whole_file import write_whole

KEPT = 100  # sources


@dataclass(frozen=True, slots=True)
class Kept:
    """Of one source: lines and zones, and what somebody said of their events."""

    rules: Rules = Rules()  # noqa: RUF009 - frozen
    audit: Audit = Audit()  # noqa: RUF009 - frozen

    def __bool__(self) -> bool:
        return bool(self.rules or self.audit.verdicts)


class RulesStore:
    """One small file; no password of an address reaches it."""

    def __init__(self, path: Path, *, redact: Callable[[str], str]) -> None:
        """Nothing is known yet; see `load`.

        Args:
            path: where it is kept.
            redact: the public form of a source.
        """
        self._path = path
        self._redact = redact
        self._lock = threading.Lock()  # the window and the disk are two threads
        self._kept: dict[str, Kept] = {}
        self._changed: dict[str, Kept] = {}  # since the file was written

    def of(self, source: str) -> Kept:
        """What is kept of it."""
        return self._kept.get(self._key(source), Kept())

    def keep(self, source: str, kept: Kept) -> None:
        """From now on that; `save` writes it."""
        with self._lock:
            key = self._key(source)
            self._kept[key] = self._changed[key] = kept

    def load(self) -> None:
        """Read the file; one that is missing or broken is none."""
        read = self._read()
        with self._lock:
            self._kept = read | self._kept

    def save(self) -> None:
        """Write it, with what another window of ours wrote; raises OSError."""
        read = self._read()
        with self._lock:
            others = {k: v for k, v in read.items() if k not in self._changed}
            all_ = {k: v for k, v in (others | self._changed).items() if v}
            self._changed = {}
        newest = dict(list(all_.items())[-KEPT:])
        values = {
            source: {
                "rules": json.loads(kept.rules.to_json()),
                "audit": kept.audit.to_values(),
            }
            for source, kept in newest.items()
        }
        write_whole(self._path, json.dumps({"version": 1, "sources": values}, indent=2))

    def _key(self, source: str) -> str:
        name = self._redact(source)
        if "://" in name or "\n" in name or name.isdigit():
            return name
        path = Path(name)
        return str(path.absolute()) if len(path.parts) > 1 or path.suffix else name

    def _read(self) -> dict[str, Kept]:
        try:
            values: Any = json.loads(self._path.read_text(encoding="utf-8"))
            return {
                str(source): Kept(rules_from(own["rules"]), audit_from(own["audit"]))
                for source, own in values["sources"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
        except RecursionError:
            return {}
