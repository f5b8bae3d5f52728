"""What ruff cannot say of the house."""

from collections import Counter
from pathlib import Path

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
