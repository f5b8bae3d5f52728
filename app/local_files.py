"""Files of this machine: which are one and the same, and what is none at all."""

from pathlib import Path


def is_same_file(one: Path, other: Path) -> bool:
    """Whether both lead to one file: by their names, a link, or a second name."""
    try:
        return one.samefile(other)
    except OSError:  # one is not there: then only its name can tell
        pass
    try:
        return one.resolve() == other.resolve()
    except (OSError, RuntimeError):  # a link to itself leads nowhere
        return False


def local_file(text: str, *, beside: Path) -> Path | None:
    """The plain file that a text from another file names; None where it names none.

    What a file says must not make us fetch an address, ask another computer for a
    share (Windows sends the user's name along), or open a camera. So nothing is
    taken for an address, a name on the network is none, and a device is no file.

    Args:
        text: as written there.
        beside: the file that says so; a name without a folder is looked for there.
    """
    if "\0" in text or text.lstrip()[:2].replace("\\", "/") == "//":
        return None
    path = beside.parent / text
    try:
        return path.resolve() if path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None
