"""From what was typed to a path on the disk."""

from pathlib import Path
from urllib.parse import unquote

_FILE_ADDRESS = "file:"


def is_address(text: str) -> bool:
    """Whether it names something in a network."""
    return "://" in text and not text.strip().lower().startswith(_FILE_ADDRESS)


def path_of(text: str) -> Path:
    """The file of exactly that name; where there is none, the likeliest.

    Blanks around a name are taken off, "~" is somebody's home, and "file:///a%20b"
    is "/a b".
    """
    typed = Path(text)
    if is_there(typed):
        return typed
    stripped = text.strip()
    if stripped.lower().startswith(_FILE_ADDRESS):
        addressed = _addressed(text.lstrip()[len(_FILE_ADDRESS) :])
        if is_there(addressed):
            return addressed
        return _addressed(stripped[len(_FILE_ADDRESS) :])
    try:
        return Path(stripped).expanduser()
    except (RuntimeError, ValueError):  # "~nobody": as it stands, it is not there
        return Path(stripped)


def is_there(path: Path) -> bool:
    """Whether there is such a file, folder or device."""
    try:
        return path.exists()
    except OSError:  # a name too long
        return False


def _addressed(rest: str) -> Path:
    """Of what follows "file:"; a name that was not encoded may hold a %, too."""
    from urllib.request import url2pathname  # loads HTTP and mail

    if rest.startswith("//"):
        rest = rest[2:].removeprefix("localhost")
    literal = Path(rest)
    if "%" not in rest or is_there(literal):
        return Path(url2pathname(rest)) if _has_drive(rest) else literal
    return Path(url2pathname(rest)) if rest.startswith("/") else Path(unquote(rest))


def _has_drive(rest: str) -> bool:
    """Windows: "/C:/clip.mp4"."""
    return rest[:1] == "/" and rest[2:3] == ":"
