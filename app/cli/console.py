"""What the commands print, on whatever terminal."""

import io
import sys


def print_any_name() -> None:
    """Let `print` show what the terminal's alphabet lacks in escapes.

    As it does on stderr already. A file's name need not be text: Linux takes any
    bytes, and old archives are full of them.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
