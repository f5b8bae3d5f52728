"""What every measurement is given."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import ROOT

CLIP = ROOT / "assets" / "bikes.mp4"
MODEL = ROOT / "assets" / "models" / "mobilenet_ssd.onnx"


@dataclass(frozen=True, slots=True)
class Context:
    """Files, a folder to write in, and how long to look.

    Attributes:
        weights: what the models are made from.
        model: the float32 .onnx file.
        int8: its 8 bit copy.
        clip: a short video.
        shared: weights, photos and clips that are not part of the project; None
            where they are not there.
        folder: for files that nobody keeps.
        scale: 1 for the usual length, less for a quick look, more for a long one.
    """

    weights: Path
    model: Path
    int8: Path
    clip: Path
    shared: Path | None
    folder: Path
    scale: float = 1.0

    def seconds(self, usual_s: float) -> float:
        """How long to look at what usually takes `usual_s`."""
        return usual_s * self.scale

    def count(self, usual: int, *, least: int = 1) -> int:
        """How many to look at where it usually is `usual`."""
        return max(least, round(usual * self.scale))


@contextmanager
def open_context(scale: float) -> Iterator[Context]:
    """The bundled weights and clip, models made of them, and a folder for a while."""
    weights = sorted((ROOT / "assets" / "weights").glob("*.keras"))
    if not weights:
        raise SystemExit("assets/weights holds no .keras file to measure")
    shared = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))
    with TemporaryDirectory() as name:
        folder = Path(name)
        model, int8 = _models(weights[0], folder)
        yield Context(
            weights=weights[0],
            model=model,
            int8=int8,
            clip=CLIP,
            shared=shared if shared.is_dir() else None,
            folder=folder,
            scale=scale,
        )


def _models(weights: Path, folder: Path) -> tuple[Path, Path]:
    """Those that ship; where they were taken away, new ones."""
    # Not by their age: a checkout writes weights and models in any order.
    built = MODEL, MODEL.with_suffix(".int8.onnx")
    if all(path.is_file() for path in built):
        return built
    import build_model

    model = folder / MODEL.name
    code = build_model.main(["convert", str(weights), "-o", str(model), "--int8"])
    if code:
        raise SystemExit(code)
    return model, model.with_suffix(".int8.onnx")
