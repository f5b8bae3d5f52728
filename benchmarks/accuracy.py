"""How much is found, and at what cost: our weights beside bigger detectors.

usage: python -m benchmarks.accuracy measure NAME=MODEL[@DETAIL] --set NAME=DATASET
       python -m benchmarks.accuracy write

A piece is one model on one set. What was measured of a file stays in
docs/performance/accuracy.json, by the file's hash, until the file is another; `write`
makes docs/performance/accuracy.md of it, and puts the table into the model card.
NanoDet is its .param file; "A+B" fuses two.
"""

import argparse
import hashlib
import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.machine import ROOT, describe
from benchmarks.report import Table
from model.evaluation.evaluate import Detect
from model.teachers.detectors import Finds

KEPT = ROOT / "docs" / "performance" / "accuracy.json"
PAGE = KEPT.with_suffix(".md")
CARD = ROOT / "assets" / "MODEL_CARD.md"
# In the card the table stands between these.
BEGIN, END = "<!-- accuracy -->", "<!-- end of accuracy -->"
# Down to low scores, as AP asks for; COCO's measure looks at the best 100 of a photo.
LEAST_SCORE = 0.01
# Where times alone are taken, as in use: of thousands of weak boxes NMS takes longer
# than the network.
USUAL_SCORE = 0.25
MOST_FUSED = 300  # of each detector
WARM_UP = 5
INTRO = (
    "Written by `python -m benchmarks.accuracy write`; nothing in it is typed by hand. "
    "Each cell: AP / AP50 / AP50 of person, by COCO's measure; *ms* is the median of a "
    "photo from pixels to boxes that score more than 0.25, all models in one run; "
    "*core ms* the processor time over all threads. Error of one figure: about 0.03 on "
    "the small sets."
)


def main(argv: list[str] | None = None) -> int:
    """Measure a piece, or write the page of all pieces."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy")
    commands = parser.add_subparsers(dest="command", required=True)
    measure = commands.add_parser("measure")
    measure.add_argument("model", metavar="NAME=MODEL[@DETAIL]")
    measure.add_argument("--set", action="append", required=True, metavar="NAME=DATA")
    measure.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help="photos of each set; of such a piece the times alone are told",
    )
    commands.add_parser("write")
    options = parser.parse_args(argv)
    if options.command == "measure":
        return _measure(options)
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    PAGE.write_text(page(kept), encoding="utf-8")
    card = CARD.read_text(encoding="utf-8")
    CARD.write_text(with_table(card, table_of(kept)), encoding="utf-8")
    sys.stdout.write(f"Wrote {PAGE} and the table in {CARD}\n")
    return 0


def _measure(options: argparse.Namespace) -> int:
    from model.dataset.read import read_dataset
    from model.evaluation.evaluate import evaluate

    name, _, model = options.model.partition("=")
    path, _, detail = model.partition("@")
    paths = [Path(part) for part in path.split("+")]
    identity = "+".join(hashlib.sha256(p.read_bytes()).hexdigest()[:12] for p in paths)
    for text in options.set:
        set_name, _, data = text.partition("=")
        kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}
        pieces = kept.setdefault("pieces", {})
        key = f"{name}, detail {detail}" if detail else name
        known = pieces.setdefault(key, {}).get(set_name, {})
        # Times alone are taken anew: they are of the machine, and of the day.
        if known.get("file") == identity and known["limit"] is options.limit is None:
            continue
        least_score = LEAST_SCORE if options.limit is None else USUAL_SCORE
        detect, class_names = _detector(paths, int(detail or 1), least_score)
        timed = Timed(detect)
        report = evaluate(
            timed,
            class_names,
            read_dataset([Path(data)]),
            limit=options.limit,
            progress=partial(tqdm, desc=f"{key}, {set_name}", disable=None),
        )
        pieces[key][set_name] = {
            "file": identity,
            "limit": options.limit,
            "photos": report.image_count,
            "ap": report.ap,
            "ap50": report.ap50,
            "person": report.ap50_by_class.get("person"),
            "ms": timed.median_ms,
            "core_ms": timed.core_ms,
        }
        kept["machine"] = describe()
        KEPT.write_text(f"{json.dumps(kept, indent=1)}\n", encoding="utf-8")
    return 0


class Timed:
    """A detector with a watch: the first pictures, which warm it up, do not count."""

    def __init__(self, detect: Detect) -> None:
        self._detect = detect
        self._ms: list[float] = []
        self._core_ms: list[float] = []

    def __call__(self, image_bgr: Any) -> Any:  # noqa: ANN401 - arrays
        """What the detector says."""
        began_s, core_s = time.perf_counter(), time.process_time()
        found = self._detect(image_bgr)
        self._ms.append(1e3 * (time.perf_counter() - began_s))
        self._core_ms.append(1e3 * (time.process_time() - core_s))
        return found

    @property
    def median_ms(self) -> float:
        """Of a picture."""
        return float(np.median(self._ms[WARM_UP:] or self._ms))

    @property
    def core_ms(self) -> float:
        """Processor time of a picture, over all threads; a mean, for clocks tick."""
        return float(np.mean(self._core_ms[WARM_UP:] or self._core_ms))


def _detector(
    paths: list[Path], detail: int, least_score: float
) -> tuple[Detect, tuple[str, ...]]:
    """Ours as the app runs it; others as teachers, several of them fused."""
    from model.cli.detecting import detect_with
    from model.teachers.detectors import open_teacher
    from model.teachers.fusion import fuse

    if len(paths) == 1 and paths[0].name.startswith("mobilenet"):
        return detect_with(paths[0], detail=detail, least_score=least_score)
    teachers = [open_teacher(path) for path in paths]

    def detect(image_bgr: Any) -> Any:  # noqa: ANN401 - arrays
        answers = [t.find(image_bgr, least_score=least_score) for t in teachers]
        return answers[0] if len(answers) == 1 else fuse([_best(a) for a in answers])

    return detect, teachers[0].class_names


def _best(found: Finds) -> Finds:
    boxes, scores, class_ids = found
    order = np.argsort(-scores, kind="stable")[:MOST_FUSED]
    return boxes[order], scores[order], class_ids[order]


def page(kept: dict[str, Any]) -> str:
    """Everything that was measured, as Markdown."""
    machine = Table(("", ""), list(kept["machine"].items()))
    parts = ("# Accuracy, measured", INTRO, machine.to_markdown(), table_of(kept))
    return "\n\n".join(parts) + "\n"


def with_table(card: str, table: str) -> str:
    """The model card with `table` in its place."""
    before, _, rest = card.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def table_of(kept: dict[str, Any]) -> str:
    """A row a model, as Markdown."""
    pieces = kept["pieces"]
    sets = list(
        dict.fromkeys(
            name
            for piece in pieces.values()
            for name, row in piece.items()
            if row["limit"] is None
        )
    )
    rows = []
    for name, by_set in pieces.items():
        # Times taken by themselves, all models in one run, are told before others.
        timed = [row for row in by_set.values() if row["limit"] is not None]
        times = min(timed or by_set.values(), key=lambda row: row["ms"])
        cells = [_cell(by_set.get(set_name)) for set_name in sets]
        rows.append((name, *cells, f"{times['ms']:.1f}", f"{times['core_ms']:.1f}"))
    counts = {
        name: max(p[name]["photos"] for p in pieces.values() if name in p)
        for name in sets
    }
    titles = [f"{name} ({counts[name]} photos)" for name in sets]
    return Table(("", *titles, "ms", "core ms"), rows).to_markdown()


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return "-"
    figures = (row["ap"], row["ap50"], row["person"])
    return " / ".join("-" if value is None else f"{value:.3f}" for value in figures)


if __name__ == "__main__":
    sys.exit(main())
