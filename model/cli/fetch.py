"""`build_model.py fetch`: published weights from the web, converted."""

import argparse
from pathlib import Path

from app.cli import places
from model.cli.convert import add_output_options, convert
from model.cli.options import Commands


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    fetch = commands.add_parser("fetch", help="download published weights, and convert")
    fetch.add_argument("name", choices=["voc0712"], help="chuanqi305's, mAP 72.7")
    fetch.set_defaults(run=run)
    add_output_options(fetch)


def run(options: argparse.Namespace) -> int:
    """Download them where that was not done before, and convert them."""
    return convert(_fetch(options.name), options)


def _fetch(name: str) -> Path:
    from tqdm import tqdm

    from model.weights.fetch import PUBLISHED, fetch

    published = PUBLISHED[name]
    print(f"Fetching {published.title}", flush=True)
    with tqdm(unit="B", unit_scale=True, disable=None) as progress:

        def show(done: int, total: int | None) -> None:
            progress.total = total
            progress.update(done - progress.n)

        return fetch(
            published,
            places.downloads(),
            on_progress=show,
        )
