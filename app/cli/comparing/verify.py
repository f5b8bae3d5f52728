"""`main.py verify`: what has changed in the tests that keep has made."""

import argparse
import json
import threading
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import places
from app.cli.console import complain, frames_bar, say
from app.cli.options import FORMATS, Commands, score
from app.cli.parts import DetectorWish, Parts, written
from app.errors import KeptTestError, UserError
from app.interrupts import asked_to_end
from app.settings import DEVICES
from app.whole_file import write_whole

if TYPE_CHECKING:
    from app.verifying.kept_test import Finder
    from app.verifying.verify import Verified

# Something has changed.
CHANGED = 1
_MOST_LINES = 12


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    verify = commands.add_parser(
        "verify",
        help="what has changed in tests that keep has made",
        description="Look at the clips of kept tests again, by default with the model "
        "and the device that they were kept with, and show which boxes and counts have "
        "changed in which frames. Exit code 0: nothing; "
        f"{CHANGED}: something; 2: a test, a clip or a model cannot be used. "
        "docs/models.md says what does not count as a change.",
    )
    verify.set_defaults(run=run)
    verify.add_argument(
        "tests",
        nargs="+",
        type=Path,
        metavar="SCENES",
        help="folders of kept tests, or of such folders",
    )
    verify.add_argument(
        "--model", type=Path, metavar="M.onnx", help="look with this one instead"
    )
    verify.add_argument(
        "--format",
        choices=FORMATS,
        default="",
        metavar="KIND",
        help=f"what kind of detector that is: {', '.join(FORMATS)}",
    )
    verify.add_argument("--device", choices=DEVICES, help="look there instead")
    verify.add_argument(
        "--score-tolerance",
        type=score,
        metavar="P",
        help="boxes may come and go whose scores are no further above the threshold "
        "(default: 0.05)",
    )
    verify.add_argument(
        "--box-tolerance",
        type=score,
        metavar="IOU",
        help="boxes have moved that overlap less with what was expected (default: 0.8)",
    )
    verify.add_argument(
        "--update",
        action="store_true",
        help="from now on, expect what is found; exit code 0",
    )
    verify.add_argument(
        "--json", type=Path, metavar="OUT.json", help="write all changes there, too"
    )


def run(options: argparse.Namespace) -> int:
    """Run them again; 2 where one cannot be, else 1 where something has changed."""
    from app.verifying.kept_test import kept_tests_in
    from app.verifying.verify import Cancelled

    codes, told = [0], []
    cancelled = threading.Event()
    with asked_to_end(cancelled.set) as ending:
        for folder in kept_tests_in(options.tests):
            try:
                verified = _verify(folder, options, cancelled)
                _tell(folder, verified)
                told.append(_values(folder, verified))
                if not verified.is_same:
                    codes.append(CHANGED)
                if options.update:
                    _accept(folder, verified)
            except Cancelled:
                say("Cancelled.")
                return ending.exit_code
            except UserError as error:
                complain(f"{folder}: {error}")
                codes.append(2)
    if options.json:
        _write(options.json, told)
    code = max(codes)
    return 0 if options.update and code == CHANGED else code


def _verify(
    folder: Path, options: argparse.Namespace, cancelled: threading.Event
) -> "Verified":
    from app.media.sources.file_source import FileSource
    from app.verifying.changes import Tolerance
    from app.verifying.kept_test import CLIP, read_expected
    from app.verifying.verify import verify

    given = {"score": options.score_tolerance, "iou": options.box_tolerance}
    tolerance = Tolerance(**{k: v for k, v in given.items() if v is not None})
    finder, model = _finder(read_expected(folder).finder, options)
    factories = Parts(DetectorWish(kind=finder.kind)).factories()
    with frames_bar(folder.name, leave=False) as tell:
        return verify(
            folder,
            FileSource(folder / CLIP),
            factories.make_detector(model, finder.device),
            finder=finder,
            model=model,
            tolerance=tolerance,
            on_progress=tell,
            is_cancelled=cancelled.is_set,
        )


def _finder(kept: "Finder", options: argparse.Namespace) -> "tuple[Finder, Path]":
    """Who looks now, and the file of its model."""
    finder = kept
    if options.model is not None:
        finder = replace(finder, model=written(options.model), kind=options.format)
    if options.device is not None:
        finder = replace(finder, device=options.device)
    model = Path(finder.model) if finder.model else places.default_model()
    is_file_here = "://" in finder.model or model.is_file()
    if options.model is None and finder.model and not is_file_here:
        raise KeptTestError(
            f"It was kept with {finder.model}, which is not here.",
            "Name a model with --model.",
        )
    return finder, model


def _tell(folder: Path, verified: "Verified") -> None:
    from app.verifying.changes import said

    head = "same" if verified.is_same else "CHANGED"
    say(f"{head}  {folder}: {verified.found.summary}")
    then, now = verified.expected.finder, verified.found.finder
    if (then.sha256, then.ran_on, then.precision) != (
        *(now.sha256, now.ran_on, now.precision),
    ):
        same_file = then.sha256 == now.sha256
        other = "" if same_file else ", another file"
        say(f"    kept with {then.name} on {then.ran_on} {then.precision}{other}")
    lines = [*verified.counts, *said(verified.changes)]
    say(*(f"    {line}" for line in lines[:_MOST_LINES]))
    if len(lines) > _MOST_LINES:
        say(f"    and {len(lines) - _MOST_LINES} more (--json OUT.json has all)")


def _accept(folder: Path, verified: "Verified") -> None:
    from app.verifying.verify import accept

    accept(verified, folder)
    if not verified.is_same:
        say("    accepted: that is expected from now on")


def _values(folder: Path, verified: "Verified") -> dict[str, object]:
    return {
        "test": str(folder),
        "is_same": verified.is_same,
        "kept_with": asdict(verified.expected.finder),
        "ran_with": asdict(verified.found.finder),
        "box_counts": {
            "expected": verified.expected.box_counts,
            "found": verified.found.box_counts,
        },
        "counts": list(verified.counts),
        "changes": [asdict(change) for change in verified.changes],
    }


def _write(path: Path, told: list[dict[str, object]]) -> None:
    try:
        write_whole(path, json.dumps(told, indent=2))
    except OSError as error:
        raise UserError(
            f"{path} cannot be written: {error.strerror}.", "Choose another folder."
        ) from error
