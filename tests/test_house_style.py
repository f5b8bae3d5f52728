"""What ruff cannot say of the house; docs/style.md says it to people."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.errors_raised import HOLE, Raised, errors_raised
from tests.python import ROOT

MOST_LINES = 450
MOST_FILES = 13


def our_files() -> list[Path]:
    found = [*(ROOT / "app").rglob("*.py"), *(ROOT / "model").rglob("*.py")]
    return [*found, ROOT / "main.py", ROOT / "build_model.py"]


def line_count(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def test_no_file_is_so_long_that_it_wants_rooms() -> None:
    lengths = {
        file.relative_to(ROOT).as_posix(): line_count(file) for file in our_files()
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_no_folder_is_so_full_that_it_wants_rooms() -> None:
    counts = Counter(file.parent.relative_to(ROOT).as_posix() for file in our_files())
    assert {name: n for name, n in counts.items() if n > MOST_FILES} == {}


def test_the_two_scripts_hand_over_and_do_nothing_else() -> None:
    for name in ("main.py", "build_model.py"):
        assert line_count(ROOT / name) < 60


# A sentence; what ends with another's words; a command to be copied, behind a colon.
SENTENCE = re.compile(rf"[.?]$|{HOLE}$")
REMEDY = re.compile(rf"[.?]$|{HOLE}$|: [^ ].*$")


@pytest.mark.parametrize("raised", errors_raised(), ids=lambda raised: raised.place)
def test_an_error_is_a_sentence_and_what_to_do_next(raised: Raised) -> None:
    if raised.problem is not None:
        assert SENTENCE.search(raised.problem), raised.problem
    if raised.remedy is not None:
        assert REMEDY.search(raised.remedy), raised.remedy or "no remedy"


def test_errors_are_found_where_they_are() -> None:
    """So that the law above is not kept by finding none."""
    raised = errors_raised()
    assert len(raised) > 150
    assert sum(one.problem is not None and one.remedy is not None for one in raised) > (
        0.8 * len(raised)
    )


# A home, a drive, or a folder of this or that machine; /tmp and the like are any's.
PRIVATE = re.compile(
    r"/home/(?!(?:pi|user|me|you|somebody)\b)\w+/|/Users/\w+/|/root/"
    r"|/work/|C:\\+Users\\+(?!you\b)\w+"
)


def tracked_texts() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("no checkout: git lists no files")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = []
    for path in tracked_texts():
        data = path.read_bytes()
        if b"\0" in data[:4096] or path == Path(__file__):
            continue
        for match in PRIVATE.finditer(data.decode("utf-8", "replace")):
            found.append(f"{path.relative_to(ROOT)}: {match[0]}")
    assert found == []


def labels_with_a_colon(source: str) -> list[str]:
    """Texts of one or two words; a sentence may introduce what stands below it."""
    texts = [
        str(node.args[0].value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(".tr")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    return [text for text in texts if text.endswith(":") and len(text.split()) < 3]


def test_a_label_has_no_colon() -> None:
    assert labels_with_a_colon('self.tr("Score from:")') == ["Score from:"]
    assert {
        path.relative_to(ROOT).as_posix(): found
        for path in (ROOT / "app" / "gui").rglob("*.py")
        if (found := labels_with_a_colon(path.read_text(encoding="utf-8")))
    } == {}
