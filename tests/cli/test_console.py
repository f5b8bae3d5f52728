"""What app.cli.console promises: names are shown, never obeyed."""

import logging
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.console import printable
from tests.python import ROOT


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Fußgänger, 猫.mp4", "Fußgänger, 猫.mp4"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nerror: b", "a\\nerror: b"),
        ("a\rb\tc", "a\\rb\\tc"),
        ("\x9b31m", "\\x9b31m"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("\x07\x00\x7f", "\\x07\\x00\\x7f"),
    ],
)
def test_what_a_terminal_would_obey_is_shown(name: str, shown: str) -> None:
    assert printable(name) == shown


@given(st.text())
def test_nothing_that_is_shown_is_an_order(name: str) -> None:
    shown = printable(name)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)


def said_in_terminal(code: str) -> tuple[bytes, bytes]:
    ended = subprocess.run(
        [sys.executable, "-c", f"from app.cli import console\n{code}"],
        cwd=ROOT,
        env={"PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    return ended.stdout, ended.stderr


def test_whatever_is_printed_gives_no_orders_but_colours() -> None:
    out, _ = said_in_terminal(
        "console.use_terminal()\n"
        "print('\\x1b[2J\\x1b]0;title\\x07', '\\x1b[1mbold\\x1b[0m', '\\udce9')\n"
        "print('two\\nlines')"
    )
    assert out == (
        b"\\x1b[2J\\x1b]0;title\\x07 \x1b[1mbold\x1b[0m \\udce9\ntwo\nlines\n"
    )


def test_a_log_line_is_one_line() -> None:
    _, errors = said_in_terminal(
        "import logging\nconsole.use_terminal()\n"
        f"console.log_to_stderr({logging.WARNING})\n"
        "logging.getLogger('x').warning('%s', 'a\\nb\\x1b[2J')"
    )
    assert errors == b"WARNING x: a\\nb\\x1b[2J\n"
