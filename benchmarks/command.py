"""What `python -m benchmarks` and `python -m torture` are told in the same words."""

import argparse
from collections.abc import Sequence
from pathlib import Path


def report_parser(
    program: str, parts: Sequence[str], out: Path
) -> argparse.ArgumentParser:
    """--quick or --long (`length`, else "usual"), --only PART ..., --out FOLDER."""
    parser = argparse.ArgumentParser(prog=program)
    length = parser.add_mutually_exclusive_group()
    for name in ("quick", "long"):
        length.add_argument(
            f"--{name}", action="store_const", const=name, dest="length"
        )
    parser.set_defaults(length="usual")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    parser.add_argument("--out", type=Path, default=out)
    return parser


def took(spent_s: float, length: str) -> str:
    """For the report's head."""
    return f"{spent_s:.0f} s ({length})"
