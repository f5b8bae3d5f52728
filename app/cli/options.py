"""Options that several commands share, and what may be typed for them."""

import argparse
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from app.cli import places
from app.cli.parts import DetectorWish, RecorderWish
from app.settings import (
    AUTO_BUDGET_MS,
    AUTO_DETAIL,
    COVER_MODES,
    DETAILS,
    DEVICES,
    Settings,
)
from app.typed import seconds_of

if TYPE_CHECKING:
    from app.tracking.rules import Rules

# Where somebody is counted and nobody chose a threshold. The eye is pleased best by
# fewer, surer boxes; a count is nearest the truth with these (docs/counting.md).
COUNT_FROM = 0.5
# Of `app.detection.formats.recognise.KINDS`, which loads ONNX Runtime; a test compares.
FORMATS = (
    *("detr", "tensorflow", "torchvision"),
    *("yolox", "yolov5", "yolov8", "yolo-end-to-end"),
)
# What `add_subparsers` gives, and a command adds its parser to.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
# A parser, or a group of options in one.
Container: TypeAlias = "argparse._ActionsContainer"


def add_detection_options(
    parser: Container, *, for_two: bool = False, is_live: bool = False
) -> None:
    """For `detector_wish` and `settings_with`.

    Args:
        parser: gets them.
        for_two: without `--model`.
        is_live: details may be "auto".
    """
    if not for_two:
        add_model_option(parser)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="",
        metavar="KIND",
        help="what kind of detector the model is, where it is not recognised: "
        f"{', '.join(FORMATS)}; see docs/models.md",
    )
    parser.add_argument(
        "--device",
        choices=DEVICES,
        help="where to detect; fails rather than use another (default: auto, the "
        "best that works; python main.py doctor tells what does)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="with --device: not even a part of the network elsewhere",
    )
    parser.add_argument(
        "--precision",
        choices=("fp32", "bf16", "fp16"),
        help="what OpenVINO computes in (default: what the device is best at)",
    )
    parser.add_argument(
        "--threads",
        type=count,
        metavar="N",
        help="of the CPU, for detecting (default: all cores but one, of more than two)",
    )
    parser.add_argument(
        "--score-threshold",
        type=score,
        metavar="P",
        help="hide scores up to P (default: as the model says, else 0.5)",
    )
    closer = (
        "1, 2 or 3: look at parts of the picture, too, to find what is small; "
        "takes 5 to 13 times as long"
    )
    if not is_live:
        parser.add_argument(
            "--detail", type=int, choices=DETAILS, metavar="N", help=closer
        )
        return
    parser.add_argument(
        "--detail",
        type=_detail,
        choices=(*DETAILS, "auto"),
        metavar="N",
        help=f"{closer}; auto: live, as many of the parts of {AUTO_DETAIL} as a frame "
        "has time for, where something moves or was found first",
    )
    parser.add_argument(
        "--detail-ms",
        type=duration,
        default=AUTO_BUDGET_MS,
        metavar="MS",
        help="what a frame may take with --detail auto (default: %(default)g)",
    )


def add_meanwhile_options(parser: Container) -> None:
    """What to do while a model's server does not answer."""
    parser.add_argument(
        "--meanwhile",
        action="store_true",
        help="while the server of a model elsewhere does not answer, detect on this "
        "machine",
    )
    parser.add_argument(
        "--meanwhile-model",
        type=Path,
        metavar="M.onnx",
        help="with this model, which has to know the same classes (default: the app's "
        "own)",
    )


def add_model_option(parser: Container) -> None:
    """`--model`, the app's own by default."""
    parser.add_argument(
        "--model",
        type=Path,
        default=places.default_model(),
        metavar="M.onnx",
        help="made by build_model.py, or another detector (docs/models.md); without "
        ".onnx, the copy that suits the device; or where a server runs one, "
        "http://HOST:8000/v2/models/NAME (default: %(default)s)",
    )


def add_rules_option(parser: Container, *, for_each: bool = False) -> None:
    """`--rules`, for `rules_of`; or, `for_each` of several sources, a list of them."""
    again = "; once for all sources, or once for each" if for_each else ""
    parser.add_argument(
        "--rules",
        type=Path,
        action="append" if for_each else "store",
        metavar="RULES.json",
        help="lines and zones to count at, in shares of the picture; see "
        f"docs/counting.md{again}",
    )


def rules_of(options: argparse.Namespace) -> "Rules | None":
    """What `--rules` names; None without it.

    Raises:
        RulesError: it cannot be read, or something in it is wrong.
    """
    if options.rules is None:
        return None
    from app.tracking.rules import read_rules

    return read_rules(options.rules)


def add_recording_options(parser: Container) -> None:
    """For `recorder_wish`."""
    parser.add_argument(
        "--encoder",
        choices=("x264", "nvenc"),
        default="x264",
        help="nvenc: the GPU's, where it works (default: %(default)s)",
    )
    parser.add_argument(
        "--quality",
        type=_quality,
        default=20,
        metavar="Q",
        help="17 looks like the original, 28 is small (default: %(default)s)",
    )


def add_overwrite_option(
    parser: Container, text: str = "replace what is there"
) -> None:
    """For `recorder_wish`."""
    parser.add_argument("--overwrite", action="store_true", help=text)


def add_one_name_option(parser: Container) -> None:
    """`--one-name`, and `--no-one-name`; None where neither is given."""
    parser.add_argument(
        "--one-name",
        action=argparse.BooleanOptionalAction,
        help="of two classes on the same box, draw the better one alone (default: on)",
    )


def add_hiding_options(
    parser: Container, name: str, *, is_required: bool = False
) -> None:
    """What to hide, as `hidden`, and how, as `mode`."""
    mode = "--mode" if is_required else "--hide-mode"
    parser.add_argument(
        name,
        action="append",
        dest="hidden",
        metavar="CLASS",
        required=is_required,
        help="cover all of this class in every picture, such as person (may be given "
        "again); docs/privacy.md says what that can and cannot do",
    )
    parser.add_argument(
        mode,
        dest="mode",
        choices=COVER_MODES,
        default="solid",
        help="how they are covered (default: %(default)s)",
    )


def detector_wish(options: argparse.Namespace) -> DetectorWish:
    """From what `add_detection_options` added."""
    return DetectorWish(
        threads=options.threads,
        precision=options.precision,
        is_strict=options.strict,
        kind=options.format,
        meanwhile=getattr(options, "meanwhile_model", None),
        in_lanes=options.detail not in (None, 1),
    )


def recorder_wish(options: argparse.Namespace) -> RecorderWish:
    """From what `add_recording_options` and `add_overwrite_option` added."""
    return RecorderWish(
        encoder=options.encoder, quality=options.quality, overwrite=options.overwrite
    )


def settings_with(
    options: argparse.Namespace,
    settings: Settings = Settings(),  # noqa: B008 - frozen
) -> Settings:
    """`settings`, but for what `add_detection_options` was given, and for the model."""
    from app.detection.model_file import own_threshold

    given = {name: getattr(options, name) for name in ("device", "score_threshold")}
    if options.score_threshold is not None:
        given["threshold_chosen"] = True
    if options.detail == "auto":
        given |= {"detail": AUTO_DETAIL, "detail_budget_ms": options.detail_ms}
    elif options.detail is not None:
        given |= {"detail": options.detail, "detail_budget_ms": 0.0}
    if getattr(options, "meanwhile", False):
        given["meanwhile"] = True
    chosen = replace(settings, **{k: v for k, v in given.items() if v is not None})
    if "model" not in options:  # of two, neither has its own way
        return chosen
    own = own_threshold(options.model)
    if own is not None and getattr(options, "rules", None) is not None:
        own = min(own, COUNT_FROM)
    return chosen.for_model(own)


def count(text: str) -> int:
    """A whole number from 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def minutes(text: str) -> float:
    """How long a file may be: a tenth of a second at least."""
    value = float(text)
    if not (value * 60 >= 0.1 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text} is not at least 0.002")
    return value


def duration(text: str) -> float:
    """How long, in the unit that the option names: above 0."""
    value = float(text)
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def moment(text: str) -> float:
    """In seconds, a time like 1:23.5."""
    try:
        return seconds_of(text, interval_s=0)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no time like 1:23.5") from error


def size(text: str) -> tuple[int, int]:
    """A width and a height, like 1280x720."""
    width, by, height = text.lower().partition("x")
    if not by or not width.isdecimal() or not height.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not like 1280x720")
    return count(width), count(height)


def scale(text: str) -> float:
    """A factor from 0 to 10."""
    value = float(text)
    if not 0 <= value <= 10:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 10")
    return value


def gigabytes(text: str) -> float:
    """How much of a disk may be used."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def score(text: str) -> float:
    """A score, or a threshold of scores."""
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _detail(text: str) -> int | str:
    return text if text == "auto" else int(text)


def _quality(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 51:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 51")
    return value
