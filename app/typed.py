"""What one types to start this: its files in a checkout, its commands installed."""

import re
from functools import cache
from importlib.resources import files

_FILE = re.compile(r"(?<![\w/\\.-])(?:python3? )?(main|build_model)\.py\b")
_SCRIPTS = {"main": "ssd-live", "build_model": "ssd-build"}


@cache
def is_installed() -> bool:
    """Whether this is no checkout, but what pip, pipx or uv made of one."""
    return files("app").joinpath("assets").is_dir()


def as_typed(text: str) -> str:
    """`text` with its commands as they are typed here.

    Sentences and `--help` name `python main.py`, as the documentation does; where
    the program is installed there is no such file, but `ssd-live` on the PATH.
    """
    if not is_installed():
        return text
    return _FILE.sub(lambda found: _SCRIPTS[found[1]], text)
