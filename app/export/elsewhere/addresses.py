"""Files that are not on this disk: s3://, gs://, az://, http://, what fsspec knows."""

import re
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import urlsplit

from app.errors import SourceError, UserError

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
# Where a file grows as it is written, and a name can be given to it when it is whole.
# Stores such as S3 show none before.
_GROWING = {"file", "local", "sftp", "ssh"}


def is_address(text: str) -> bool:
    """Whether `text` is an address, and no path."""
    return _ADDRESS.match(text) is not None


def name_of(address: str) -> str:
    """The file's own name."""
    return PurePosixPath(urlsplit(address).path).name


def public(address: str) -> str:
    """The address without user, password and what follows a ?."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()


def beside(address: str, name: str) -> str:
    """The address of a file called `name` in the same folder."""
    return f"{address.rpartition('/')[0]}/{name}"


class RemoteFile:
    """One file at an address.

    Whatever its system has against it is a `SourceError` that says so.
    """

    def __init__(self, address: str) -> None:
        """Nothing is asked yet.

        Raises:
            UserError: fsspec, or its part for such addresses, is not installed.
        """
        self._address = address
        self._system, self._path = _system_of(address)

    def exists(self) -> bool:
        """Whether it is there."""
        return bool(self._try("asked for", self._system.exists))

    def size(self) -> int:
        """In bytes."""
        return int(self._try("read", self._system.size) or 0)

    def open(self) -> IO[bytes]:
        """For reading, anywhere in it."""
        file: IO[bytes] = self._try("read", self._system.open, "rb")
        return file

    def fetch(self, to: Path) -> None:
        """Copy it to this disk."""
        self._try("read", self._system.get_file, str(to))

    def put(self, file: Path) -> None:
        """Make it what `file` is; never half of it, where the system can do that."""
        parent = self._path.rpartition("/")[0]
        with suppress(Exception):  # where it matters, to put it there says why not
            self._system.makedirs(parent, exist_ok=True)
        self._try("written", lambda path: self._put(file, path))

    def _put(self, file: Path, path: str) -> None:
        kinds = self._system.protocol
        kinds = {kinds} if isinstance(kinds, str) else set(kinds)
        if not kinds & _GROWING:
            self._system.put_file(str(file), path)
            return
        # Always by the same name: what a killed one left is written over.
        folder, slash, name = path.rpartition("/")
        growing = f"{folder}{slash}.{name}.new"
        self._system.put_file(str(file), growing)
        self._system.mv(growing, path)

    def remove(self) -> None:
        """Take it away where it is."""
        if self.exists():
            self._try("removed", self._system.rm_file)

    def is_same(self, other: "RemoteFile") -> bool:
        """Whether both are one file."""
        return (self._system, self._path) == (other._system, other._path)

    def _try(self, what: str, do: Any, *more: object) -> Any:  # noqa: ANN401 - fsspec's
        try:
            return do(self._path, *more)
        except Exception as error:
            raise SourceError(
                f"{public(self._address)} cannot be {what}: {_reason(error)}.",
                "Check the address, and that you are let in.",
            ) from error


def videos_at(address: str) -> dict[str, PurePosixPath]:
    """The files that an address names: its own, a folder's (all below), a pattern's.

    Returns:
        Address: its path below the folder for outputs.

    Raises:
        UserError: they cannot be listed.
    """
    system, path = _system_of(address)
    try:
        if system.isfile(path):
            found = {path: PurePosixPath(PurePosixPath(path).name)}
        elif any(sign in path for sign in "*?["):
            found = {p: PurePosixPath(PurePosixPath(p).name) for p in system.glob(path)}
        else:
            below = sorted(system.find(path))
            found = {p: PurePosixPath(p[len(path) :].lstrip("/")) for p in below}
    except Exception as error:
        raise SourceError(
            f"{public(address)} cannot be listed: {_reason(error)}.",
            "Check the address, and that you are let in.",
        ) from error
    return {system.unstrip_protocol(path): relative for path, relative in found.items()}


def _system_of(address: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:
        raise UserError(
            f"{public(address)} is on no disk of this machine.",
            "Install what reads it: pip install -r requirements-places.txt",
        ) from error
    try:
        system, path = fsspec.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise UserError(
            f"{public(address)} cannot be read here: {_reason(error)}.",
            "Install what reads it, such as s3fs, gcsfs or adlfs.",
        ) from error
    return system, str(path)


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split()).rstrip(".")
