"""What the commands print, on whatever terminal."""

import io
import re
import sys

# What moves a terminal's cursor, colours it or turns its writing around. A name in
# a file may hold it: it is shown, not obeyed.
_ORDERS = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]"
)


def printable(text: str) -> str:
    """`text` on one line; what a terminal would obey, in escapes."""
    return _ORDERS.sub(lambda found: repr(found[0])[1:-1], text)


def say(*lines: str) -> None:
    """Print each as one line, whatever names are in it."""
    for line in lines:
        print(printable(line))


def complain(text: str) -> None:
    """Print an error as one line."""
    print(f"error: {printable(text)}", file=sys.stderr)


def print_any_name() -> None:
    """Let `print` show what the terminal's alphabet lacks in escapes.

    As it does on stderr already. A file's name need not be text: Linux takes any
    bytes, and old archives are full of them.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
