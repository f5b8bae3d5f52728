"""The app: watch a camera or a file through a MobileNet-SSD, and record it.

Builds the concrete parts and wires them; what they do is in `app/`.
"""

import argparse
import logging
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from app.errors import SettingsError, UserError
from app.pipeline.interfaces import Factories
from app.settings import DEVICES, Settings

ROOT = Path(__file__).resolve().parent
CLIP = ROOT / "assets" / "bikes.mp4"
MODEL = ROOT / "assets" / "models" / "mobilenet_ssd.onnx"

EXAMPLES = """\
examples:
  python main.py                          the first camera, else the bundled clip
  python main.py --source holiday.mp4     a video file
  python main.py --source 1               the second camera
  python main.py --source holiday.mp4 --record out.mp4 --headless
                                          an annotated file, no window
  python main.py --model my.onnx --device cuda
                                          your own model, on the GPU or not at all
"""


def main(argv: list[str] | None = None) -> int:
    """Run the app; returns the exit code (2: something the user can mend)."""
    options = _parse(argv)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )
    try:
        if options.record and not options.headless and _has_display():
            raise UserError(
                "--record works without a window only.",
                "Add --headless, or press R in the window.",
            )
        if options.headless or not _has_display():
            return _headless(options)
        return _window(options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="See what a MobileNet-SSD sees, live, and record it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--source",
        metavar="S",
        help="a camera's number or a video file (default: the first camera, "
        "else the bundled clip)",
    )
    parser.add_argument(
        "--model",
        type=Path,
        default=MODEL,
        metavar="M.onnx",
        help="made by build_model.py (default: %(default)s)",
    )
    parser.add_argument(
        "--device",
        choices=DEVICES,
        help="auto: CUDA where it works, else the CPU; cuda: fail without it",
    )
    parser.add_argument(
        "--score-threshold", type=_score, metavar="P", help="hide scores up to P"
    )
    parser.add_argument(
        "--record", type=Path, metavar="OUT.mp4", help="write the annotated video"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="let --record replace a file"
    )
    parser.add_argument(
        "--headless", action="store_true", help="no window: run to the end and stop"
    )
    parser.add_argument("--verbose", action="store_true", help="log what happens")
    return parser.parse_args(argv)


def _score(text: str) -> float:
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(os.environ.get(name) for name in names)


def _headless(options: argparse.Namespace) -> int:
    from app.headless import run_headless

    source, record_path = options.source, options.record
    if not options.headless:
        print("There is no display here, so there will be a file instead of a window.")
        source = source or str(CLIP)
        record_path = record_path or _default_recording(Path(source))
    factories = _factories(overwrite=options.overwrite)
    recorded = run_headless(
        factories,
        source=factories.make_source(source or _default_source(factories)),
        model_path=options.model,
        settings=_with_options(Settings(), options),
        record_path=record_path,
        say=print,
    )
    if recorded is not None:
        print(f"Watch it: {recorded.path}")
    return 0


def _window(options: argparse.Namespace) -> int:
    from platformdirs import user_config_path

    from app.gui.app import run_window

    factories = _factories(overwrite=options.overwrite)
    settings_path = user_config_path("mobilenet-ssd-live") / "settings.json"
    source = options.source or _default_source(factories)
    notice = ""
    if not options.source and source == str(CLIP):
        notice = "No camera was found, so this is the bundled street clip."
    try:
        settings = Settings.load(settings_path)
    except SettingsError as error:
        settings, notice = Settings(), str(error)
    return run_window(
        factories,
        source=source,
        clip=CLIP,
        model_path=options.model,
        settings=_with_options(settings, options),
        settings_path=settings_path,
        notice=notice,
    )


def _factories(*, overwrite: bool) -> Factories:
    # Imported here, so that --help answers at once.
    from app.detection.onnx_detector import OnnxDetector
    from app.media.recorder import Mp4Recorder
    from app.media.sources import list_cameras, make_source
    from app.overlay import draw

    return Factories(
        make_source=make_source,
        list_cameras=list_cameras,
        make_detector=lambda path, device: OnnxDetector(path, device=device),
        make_recorder=lambda path: Mp4Recorder(path, overwrite=overwrite),
        draw=draw,
    )


def _default_source(factories: Factories) -> str:
    cameras = factories.list_cameras()
    return str(cameras[0][0]) if cameras else str(CLIP)


def _default_recording(source: Path) -> Path:
    now = time.strftime("%Y-%m-%d %H.%M.%S")
    folder = ROOT / "recordings"
    folder.mkdir(exist_ok=True)
    return folder / f"{source.stem} {now}.mp4"


def _with_options(settings: Settings, options: argparse.Namespace) -> Settings:
    given = {"device": options.device, "score_threshold": options.score_threshold}
    return replace(settings, **{k: v for k, v in given.items() if v is not None})


if __name__ == "__main__":
    sys.exit(main())
