"""`build_model.py convert`: weights to a model that the app runs."""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import places
from model.cli.options import (
    Commands,
    at_input_size,
    bundled_weights,
    read_photos,
)
from model.cli.quiet import quiet_tensorflow
from model.dataset.names import read_class_names
from model.errors import BuildError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STEP_BAR = "{desc:<12}{bar:30} {elapsed}"


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    convert = commands.add_parser(
        "convert", help="weights to .onnx, checked against Keras"
    )
    convert.add_argument(
        "weights",
        type=Path,
        nargs="?",
        help="a .tflite, .pb, .caffemodel, .hdf5 or .keras file (default: the bundled)",
    )
    convert.set_defaults(run=run)
    add_output_options(convert)


def add_output_options(convert: argparse.ArgumentParser) -> None:
    """For `convert`."""
    convert.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help="class names, a line each, in the order of the weights' outputs "
        "(default: VOC's 20 or COCO's 80)",
    )
    convert.add_argument(
        "-o",
        "--output",
        type=Path,
        default=places.built_model(),
        metavar="OUT.onnx",
        help="default: %(default)s",
    )
    convert.add_argument(
        "--check-images",
        type=Path,
        metavar="DIR",
        help="photos to compare Keras and ONNX Runtime on, besides noise",
    )

    convert.add_argument(
        "--int8",
        action="store_true",
        help="also write OUT.int8.onnx: 8 bits, for CPUs",
    )
    convert.add_argument(
        "--calibrate",
        type=Path,
        metavar="DIR",
        help="photos that --int8 finds its ranges on (default: the bundled clip)",
    )
    convert.add_argument(
        "--fp16",
        action="store_true",
        help="also write OUT.fp16.onnx: half precision, for GPUs",
    )


def run(options: argparse.Namespace) -> int:
    """Convert the weights named, or the bundled ones."""
    return convert(options.weights or bundled_weights(), options)


def convert(path: Path, options: argparse.Namespace) -> int:
    """Write the model of the weights in `path`, as `add_output_options` says."""
    output: Path = options.output
    if output.suffix != ".onnx":
        raise BuildError(f"{output} is not a name for a model.", "End it in .onnx.")
    images = read_photos(options.check_images) if options.check_images else []
    class_names = read_class_names(options.labels) if options.labels else None
    from tqdm import tqdm

    from model.weights.read import read_weights
    from model.weights.values import load_into

    with quiet_tensorflow():
        weights = read_weights(path, class_names)
        from model.network.network import build_network
        from model.onnx_file.export import STEPS, export_onnx

    print(f"Read {weights.source}; exporting and comparing with Keras ...", flush=True)
    network = build_network(weights.config, folded=True)
    load_into(network, weights)
    with tqdm(STEPS, disable=None, bar_format=_STEP_BAR) as steps:

        def show(step: str) -> None:
            steps.set_description(step)
            steps.update()

        difference = export_onnx(
            network,
            weights.config,
            output,
            weights_source=weights.source,
            weights_sha256=weights.sha256,
            thresholds=_thresholds_of(path),
            images=images,
            on_step=show,
        )
    config = weights.config
    print(
        f"Wrote {output}: {config.family}, alpha {config.alpha:g}, "
        f"{len(config.class_names)} classes, {output.stat().st_size / 1e6:.1f} MB; "
        f"ONNX Runtime and Keras differ by {difference:.1g} at most."
    )
    _write_variants(options)
    return 0


def _thresholds_of(weights: Path) -> str:
    """What was measured of score thresholds with these weights, if it was."""
    path = weights.with_suffix(".thresholds.json")
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _write_variants(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.onnx_file.variants import ENOUGH_IMAGES, write_fp16, write_int8

    output: Path = options.output
    if options.int8:
        images = (
            read_photos(options.calibrate, most=ENOUGH_IMAGES)
            if options.calibrate
            else _clip_frames()
        )
        target = output.with_suffix(".int8.onnx")
        progress = partial(tqdm, desc="quantising", unit=" photos", disable=None)
        write_int8(output, target, images=images, progress=progress)
        print(f"Wrote {target}: {target.stat().st_size / 1e6:.1f} MB")
    if options.fp16:
        target = output.with_suffix(".fp16.onnx")
        write_fp16(output, target)
        print(f"Wrote {target}: {target.stat().st_size / 1e6:.1f} MB")


def _clip_frames() -> list["NDArray[np.uint8]"]:
    from app.media.sources.file_source import FileSource

    clip = FileSource(places.bundled_clip())
    clip.open()
    try:
        frames = [frame.image_bgr for frame in clip.frames() if frame.index % 4 == 0]
    finally:
        clip.close()
    return [at_input_size(frame) for frame in frames]
