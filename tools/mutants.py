"""What share of the faults that a machine makes in a room do its tests notice?

    make mutants ROOM=app/pipeline MAX=50

Each fault is one small change (another comparison, a number one off, a branch that is
never taken; Cosmic Ray makes them) in a copy of the checkout, on which the room's tests
run until one fails. Those that survive are printed: a test is missing, or the change
changes nothing. Run in an environment with requirements-mutants.txt.
"""

import argparse
import os
import random
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome

ROOT = Path(__file__).parents[1]
# In the code of today, a "|" is a type's, and a "*," says that names must be given:
# such faults say nothing of the tests.
OF_TYPES = "core/ReplaceBinaryOperator_BitOr"
NAMES_FOLLOW = "*,"
PATIENCE = 4  # a mutant that takes so many times as long as all is well hangs


def main() -> int:
    """Prints the survivors and the share; 1 where the tests fail as they are."""
    options = _parse()
    room = options.room.rstrip("/")
    tests = options.tests or f"tests/{room.removeprefix('app/')}"
    with _copy() as copy:
        os.chdir(copy)
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # a stale one hides a fault
        command = (
            f"{shlex.quote(options.python)} -m pytest -q -x -p no:cacheprovider "
            f"-m 'not camera and not slow' {tests}"
        )
        started_s = time.monotonic()
        if subprocess.run(shlex.split(command), check=False).returncode:
            print(f"{tests} fails without any fault", file=sys.stderr)
            return 1
        timeout_s = PATIENCE * (time.monotonic() - started_s) + 10
        faults = _some(_faults(room), options.max, options.seed)
        survived = [f for f in faults if not _is_noticed(f, command, timeout_s)]
    noticed = len(faults) - len(survived)
    print(f"{room}: {noticed} of {len(faults)} noticed ({noticed / len(faults):.0%})")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("room", help="a folder or file of app/ or model/")
    parser.add_argument("--tests", help="what to run; the room's own")
    parser.add_argument("--max", type=int, default=50, help="so many, by chance")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--python", default=sys.executable, help="that runs the tests")
    return parser.parse_args()


@contextmanager
def _copy() -> Iterator[Path]:
    """Of what is tracked, as it stands."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for name in listed.stdout.decode().split("\0"):
            source = ROOT / name
            if name and source.is_file():
                target = Path(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
        yield Path(folder)


def _faults(room: str) -> list[MutationSpec]:
    """Every one that can be made, in the order of the code."""
    path = Path(room)
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    with use_db("mutants.sqlite", WorkDB.Mode.create) as database:
        init(files, database, {})
        faults = [spec for item in database.work_items for spec in item.mutations]
    faults = [fault for fault in faults if _is_of_the_code(fault)]
    return sorted(faults, key=lambda f: (str(f.module_path), f.start_pos, str(f)))


def _is_of_the_code(fault: MutationSpec) -> bool:
    line, column = fault.start_pos
    rows = Path(fault.module_path).read_text(encoding="utf-8").splitlines()
    is_of_types = fault.operator_name.startswith(OF_TYPES)
    return not is_of_types and not rows[line - 1][column:].startswith(NAMES_FOLLOW)


def _some(faults: list[MutationSpec], most: int, seed: int) -> list[MutationSpec]:
    return random.Random(seed).sample(faults, min(most, len(faults)))


def _is_noticed(fault: MutationSpec, command: str, timeout_s: float) -> bool:
    result = mutate_and_test([fault], command, timeout_s)
    is_noticed = result.test_outcome is not TestOutcome.SURVIVED
    line, column = fault.start_pos
    name = fault.operator_name.removeprefix("core/")
    word = "noticed " if is_noticed else "SURVIVED"
    print(f"{word} {fault.module_path}:{line}:{column} {name}", flush=True)
    if not is_noticed:
        changed = (result.diff or "").splitlines()
        print("\n".join(row for row in changed if row[:1] in "+-"), flush=True)
    return is_noticed


if __name__ == "__main__":
    sys.exit(main())
