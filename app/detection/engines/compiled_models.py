"""Networks as OpenVINO has compiled them, kept: to compile one anew takes a second.

They lie in a folder of ours among the user's caches, which nobody else can read, and
may be deleted at any time. OpenVINO keeps such files itself, if told to; but it writes
them where another process may be reading, and reads what a crash has cut off.
"""

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from app.whole_file import whole_file

log = logging.getLogger(__name__)

SUFFIX = ".compiled"
# The app's own model in two settings, and a few of the user's: 4 to 60 MB each.
MOST_FILES = 8
MOST_BYTES = 200 * 10**6
_DIGEST_BYTES = 32
# How an .onnx file says that weights are in another file, which the key knows not:
# the entry "location" of TensorProto.external_data. Source: onnx/onnx.proto.
_ELSEWHERE = b"\n\x08location\x12"


def usual_folder() -> Path:
    """Where they are kept."""
    return user_cache_path("mobilenet-ssd-live") / "openvino"


class CompiledModels:
    """A folder of them; law: `find` answers what was kept for that key, or None."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when needed."""
        self._folder = folder

    def key_of(self, model: bytes, facts: Mapping[str, object]) -> str | None:
        """The key for a model file's bytes; None where they are not all of it.

        Args:
            model: the .onnx file.
            facts: whatever else the outcome depends on: versions, processor, options.
        """
        if _ELSEWHERE in model:
            return None
        digest = hashlib.sha256(json.dumps(dict(facts), sort_keys=True).encode())
        digest.update(hashlib.sha256(model).digest())
        return digest.hexdigest()

    def find(self, key: str) -> bytes | None:
        """What was kept; None where it was not, or is damaged."""
        path = self._path(key)
        with suppress(OSError):
            kept = path.read_bytes()
            digest, network = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
            if hashlib.sha256(network).digest() == digest:
                os.utime(path)  # so that those go first that nobody uses
                return network
            log.info("%s is damaged", path)
        return None

    def keep(self, key: str, network: bytes) -> None:
        """Keep it; where that cannot be, the next start takes longer, and no more."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with whole_file(self._path(key)) as own:
                own.touch(mode=0o600)
                own.write_bytes(hashlib.sha256(network).digest() + network)
            self._make_room()
        except OSError as error:
            log.info("a compiled model cannot be kept: %s", error)

    def _make_room(self) -> None:
        total = 0
        ages = ((path.stat(), path) for path in self._folder.glob(f"*{SUFFIX}"))
        newest_first = sorted(ages, key=lambda one: one[0].st_mtime_ns, reverse=True)
        for number, (status, path) in enumerate(newest_first):
            total += status.st_size
            if number and (number >= MOST_FILES or total > MOST_BYTES):
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{SUFFIX}"
