"""Makes the .onnx file that the app runs, and measures how good it is.

Builds the concrete parts; what they do is in `model/`.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from app.errors import UserError
from model.errors import BuildError, WeightsError

ROOT = Path(__file__).resolve().parent
MODEL = ROOT / "assets" / "models" / "mobilenet_ssd.onnx"
CLIP = ROOT / "assets" / "bikes.mp4"
BUNDLED = ROOT / "assets" / "weights"

STEP_BAR = "{desc:<12}{bar:30} {elapsed}"
FAMILIES = ("caffe-voc", "tf-coco", "keras-voc")

EXAMPLES = """\
examples:
  python build_model.py                       the bundled weights, where there are any
  python build_model.py convert ssd_mobilenet_v1.tflite
                                              weights you have, for python main.py
  python build_model.py convert mobilenet_iter_73000.caffemodel -o voc.onnx
  python build_model.py fetch voc0712         chuanqi305's weights, from the web
  python build_model.py convert ssd.tflite --int8 --fp16
                                              and copies for CPUs and for GPUs
  python build_model.py summary --alpha 0.5   what a network costs
  python build_model.py evaluate mine.onnx photos/
                                              AP on photos/images and
                                              photos/instances.json (COCO format)
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code (2: something the user can mend)."""
    options = _parse(argv)
    # TensorFlow reads it when it is imported, which happens below this line only.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        if options.command == "evaluate":
            return _evaluate(options)
        if options.command == "summary":
            return _summary(options)
        if options.command == "fetch":
            options.weights = _fetch(options.name)
        return _convert(options)
    except (BuildError, UserError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="build_model.py",
        description="Make the model that main.py runs, or measure one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(
        command="convert", weights=None, output=MODEL, check_images=None
    )
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND"
    )

    convert = commands.add_parser(
        "convert", help="weights to .onnx, checked against Keras"
    )
    convert.add_argument(
        "weights",
        type=Path,
        nargs="?",
        help="a .tflite, .pb, .caffemodel, .hdf5 or .keras file (default: the bundled)",
    )
    fetch = commands.add_parser("fetch", help="download published weights, and convert")
    fetch.add_argument("name", choices=["voc0712"], help="chuanqi305's, mAP 72.7")
    for command in (convert, fetch):
        _add_output_options(command)

    evaluate = commands.add_parser("evaluate", help="average precision on photos")
    evaluate.add_argument("model", type=Path, help="an .onnx file of ours")
    evaluate.add_argument(
        "dataset", type=Path, help="a folder with images/ and instances.json"
    )
    evaluate.add_argument(
        "--limit", type=int, metavar="N", help="look at the first N photos only"
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON")

    summary = commands.add_parser("summary", help="what a network costs, by layer")
    summary.add_argument("--family", choices=FAMILIES, default="caffe-voc")
    summary.add_argument(
        "--alpha", type=float, default=1.0, metavar="A", help="width multiplier"
    )
    summary.add_argument("--activation", choices=["relu", "relu6"])
    summary.add_argument(
        "--last-layer",
        choices=["convolution", "global-average-pooling"],
        default="convolution",
    )
    summary.add_argument(
        "--labels", type=Path, metavar="FILE", help="class names, a line each"
    )
    summary.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(argv)


def _add_output_options(convert: argparse.ArgumentParser) -> None:
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
        default=MODEL,
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


def _fetch(name: str) -> Path:
    from platformdirs import user_cache_path
    from tqdm import tqdm

    from model.fetch import PUBLISHED, fetch

    published = PUBLISHED[name]
    print(f"Fetching {published.title}", flush=True)
    with tqdm(unit="B", unit_scale=True, disable=None) as progress:

        def show(done: int, total: int | None) -> None:
            progress.total = total
            progress.update(done - progress.n)

        return fetch(
            published,
            user_cache_path("mobilenet-ssd-live") / "weights",
            on_progress=show,
        )


def _convert(options: argparse.Namespace) -> int:
    path = options.weights or _bundled_weights()
    output: Path = options.output
    if output.suffix != ".onnx":
        raise BuildError(f"{output} is not a name for a model.", "End it in .onnx.")
    images = _photos(options.check_images) if options.check_images else []
    class_names = _class_names(options.labels)
    from tqdm import tqdm

    from model.weights import load_into, read_weights

    with _quiet_tensorflow():
        weights = read_weights(path, class_names)
        from model.export import STEPS, export_onnx
        from model.network import build_network

    print(f"Read {weights.source}; exporting and comparing with Keras ...", flush=True)
    network = build_network(weights.config, folded=True)
    load_into(network, weights)
    with tqdm(STEPS, disable=None, bar_format=STEP_BAR) as steps:

        def show(step: str) -> None:
            steps.set_description(step)
            steps.update()

        difference = export_onnx(
            network,
            weights.config,
            output,
            weights_source=weights.source,
            weights_sha256=weights.sha256,
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


@contextlib.contextmanager
def _quiet_tensorflow() -> Iterator[None]:
    """Keep what TensorFlow's C++ says while it is loaded off the terminal.

    It writes to the file descriptor before any of its log levels is heeded.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as sink:
        terminal = os.dup(2)
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


def _bundled_weights() -> Path:
    from model.weights import READABLE

    found = sorted(p for p in BUNDLED.glob("*") if p.suffix in READABLE)
    if not found:
        raise WeightsError(
            "This copy carries no weights yet.",
            "Name yours: python build_model.py convert path/to/ssd_mobilenet_v1.tflite",
        )
    return found[0]


def _class_names(path: Path | None) -> tuple[str, ...] | None:
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(f"The class names in {path} cannot be read.") from error
    names = tuple(line.strip() for line in lines if line.strip())
    if names[:1] == ("background",):
        names = names[1:]
    if not names or len(set(names)) != len(names):
        raise BuildError(f"{path} must hold different names, a line each.")
    return names


def _photos(folder: Path) -> list[Any]:
    import cv2

    pictures = [cv2.imread(str(path)) for path in sorted(folder.glob("*.jpg"))]
    found = [
        cv2.resize(picture, (300, 300)) for picture in pictures if picture is not None
    ]
    if not found:
        raise BuildError(f"There is no .jpg photo in {folder}.", "Name another folder.")
    return found


def _clip_frames() -> list[Any]:
    import cv2

    from app.media.file_source import FileSource

    clip = FileSource(CLIP)
    clip.open()
    try:
        frames = [frame.image_bgr for frame in clip.frames() if frame.index % 4 == 0]
    finally:
        clip.close()
    return [cv2.resize(frame, (300, 300)) for frame in frames]


def _write_variants(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.variants import write_fp16, write_int8

    output: Path = options.output
    if options.int8:
        images = _photos(options.calibrate) if options.calibrate else _clip_frames()
        target = output.with_suffix(".int8.onnx")
        progress = partial(tqdm, desc="quantising", unit=" photos", disable=None)
        write_int8(output, target, images=images, progress=progress)
        print(f"Wrote {target}: {target.stat().st_size / 1e6:.1f} MB")
    if options.fp16:
        target = output.with_suffix(".fp16.onnx")
        write_fp16(output, target)
        print(f"Wrote {target}: {target.stat().st_size / 1e6:.1f} MB")


def _evaluate(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    # The app's own detector: what is measured is what users get.
    from app.detection.onnx_detector import OnnxDetector
    from app.settings import Settings
    from model.evaluate import evaluate

    detector = OnnxDetector(options.model, device="cpu")
    info = detector.open()
    # Down to low scores, as AP asks for; NMS as TensorFlow evaluates this network.
    settings = Settings(score_threshold=0.01, iou_threshold=0.5, max_detections=100)

    def detect(image_bgr: Any) -> Any:  # noqa: ANN401 - arrays in, arrays out
        found, _ = detector.detect(image_bgr, settings)
        return found.boxes_xyxy, found.scores, found.class_ids

    report = evaluate(
        detect,
        info.class_names,
        options.dataset,
        limit=options.limit,
        progress=partial(tqdm, unit=" photos", disable=None),
    )
    if options.json:
        print(json.dumps(asdict(report), indent=2))
        return 0
    print(f"{info.model_name} on {report.image_count} photos of {options.dataset}")
    sizes = ", ".join(f"{k} {_percent(v)}" for k, v in report.ap_by_size.items())
    print(
        f"AP {_percent(report.ap)}   AP50 {_percent(report.ap50)}   AP by size: {sizes}"
    )
    print(f"{'class':<16}{'AP50':>7}{'objects':>9}")
    for name, value in report.ap50_by_class.items():
        print(f"{name:<16}{_percent(value):>7}{report.objects_by_class[name]:>9}")
    return 0


def _summary(options: argparse.Namespace) -> int:
    class_names = _class_names(options.labels)
    with _quiet_tensorflow():
        from model import config as configs
        from model.network import build_network
        from model.summary import is_backbone, summarize, total
        from model.vgg import build_vgg16_ssd300

        make = getattr(configs, options.family.replace("-", "_"))
        try:
            config = make(alpha=options.alpha)
            if class_names is not None:
                config = replace(config, class_names=class_names)
            config = replace(config, last_layer=options.last_layer)
            if options.activation is not None:
                config = replace(
                    config, activation=options.activation, neck_activation=None
                )
        except ValueError as error:
            raise BuildError(f"There is no such network: {error}.") from error
        ours = summarize(build_network(config))
        vgg = summarize(build_vgg16_ssd300(len(config.class_names) + 1))
    compared = {
        name: {
            "all": total(costs),
            "backbone": total([cost for cost in costs if is_backbone(cost.name)]),
        }
        for name, costs in (("mobilenet_ssd", ours), ("vgg16_ssd300", vgg))
    }
    if options.json:
        layers = [asdict(cost) for cost in ours]
        print(json.dumps({"layers": layers, "totals": compared}, indent=2))
        return 0
    print(f"{'layer':<20}{'output':>16}{'parameters':>12}{'Mmadds':>9}{'KiB out':>9}")
    for cost in ours:
        shape = " x ".join(str(side) for side in cost.output_shape)
        print(
            f"{cost.name:<20}{shape:>16}{cost.parameters:>12,}"
            f"{cost.multiply_adds / 1e6:>9.1f}{cost.activation_bytes / 1024:>9.0f}"
        )
    print()
    for part in ("backbone", "all"):
        small, big = (compared[n][part] for n in ("mobilenet_ssd", "vgg16_ssd300"))
        print(
            f"{part}: {small['parameters'] / 1e6:.2f} M parameters, "
            f"{small['multiply_adds'] / 1e9:.2f} G multiply-adds, "
            f"{small['activation_bytes'] / 2**20:.1f} MiB of outputs; "
            f"VGG16-SSD300 {big['parameters'] / 1e6:.2f} M, "
            f"{big['multiply_adds'] / 1e9:.2f} G, "
            f"{big['activation_bytes'] / 2**20:.1f} MiB: "
            f"1/{big['multiply_adds'] / small['multiply_adds']:.1f} "
            "of its multiply-adds"
        )
    return 0


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


if __name__ == "__main__":
    sys.exit(main())
