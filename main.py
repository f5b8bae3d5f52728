"""The app: watch a camera or a file through a MobileNet-SSD, and record it.

Builds the concrete parts and wires them; what they do is in `app/`.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import print_any_name
from app.errors import SettingsError, UserError
from app.pipeline.interfaces import Factories, Recorder
from app.settings import DEVICES, Settings

if TYPE_CHECKING:
    from app.export.job import ExportJob, ExportResult, Progress
    from app.gui.pages.model_builder import BuildCommand
    from app.types import ImageBgr, ImageBgrx, Viewport

ROOT = Path(__file__).resolve().parent
CLIP = ROOT / "assets" / "bikes.mp4"
MODEL = ROOT / "assets" / "models" / "mobilenet_ssd.onnx"

EXAMPLES = """\
examples:
  python main.py                          the first camera, else the bundled clip
  python main.py --source holiday.mp4     a video file
  python main.py --source 1               the second camera
  python main.py --source "Logi C920@1920x1080/30"
                                          a camera by its name, and what to ask of it
  python main.py --source rtsp://user:password@192.168.1.9/stream
  python main.py --source screen          what the screen shows
  python main.py --source holiday.mp4 --record out.mp4 --headless
                                          an annotated file, no window
  python main.py --source photos/ --record annotated/ --headless
                                          photos: a folder, files, "*.jpg"
  python main.py --model my.onnx --device cuda
                                          your own model, on the GPU or not at all

more commands (each has its own --help):
  python main.py export holidays/ --out annotated/
                                          many files: annotated videos, detections
  python main.py --sidecar annotated/a.jsonl
                                          see it again, without detecting again
  python main.py render annotated/a.jsonl out.mp4 --class person
                                          draw it again, without detecting again
  python main.py demo holiday.mp4         a GIF and an MP4 to show around
  python main.py doctor                   what works here, what does not, and the fix
"""
COMMANDS = ("export", "render", "demo", "doctor")


def main(argv: list[str] | None = None) -> int:
    """Run the app; returns the exit code (2: something the user can mend)."""
    arguments = sys.argv[1:] if argv is None else argv
    is_command = bool(arguments) and arguments[0] in COMMANDS
    options = _parse_command(arguments) if is_command else _parse(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )
    try:
        if is_command:
            commands = {
                "export": _export,
                "render": _render,
                "demo": _demo,
                "doctor": _doctor,
            }
            return commands[options.command](options)
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


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="See what a MobileNet-SSD sees, live, and record it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--source",
        nargs="+",
        metavar="S",
        help="a camera's number or name ('NAME@1280x720/30/MJPG' asks it for that), "
        "'screen', an address (rtsp://, http://...), a video file, photos (files, a "
        "folder, a pattern), 'img%%04d.png' for a video of pictures, 'test' for a "
        "pattern, 'test:unplugged' for a camera that fails; see docs/sources.md "
        "(default: the first camera, else the bundled clip)",
    )
    parser.add_argument(
        "--camera-size",
        type=_size,
        metavar="WxH",
        help="what to ask of a camera (default: 1280x720)",
    )
    parser.add_argument(
        "--camera-fps", type=_count, metavar="N", help="likewise (default: 30)"
    )
    _add_detection_options(parser)
    parser.add_argument(
        "--sidecar",
        type=Path,
        metavar="S.jsonl",
        help="show what an export found, instead of detecting",
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="OUT.mp4",
        help="write the annotated video; of photos, the annotated ones into a folder",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="let --record replace a file"
    )
    parser.add_argument(
        "--headless", action="store_true", help="no window: run to the end and stop"
    )
    _add_recording_options(parser)
    parser.add_argument(
        "--split-minutes", type=float, metavar="M", help="a new file every M minutes"
    )
    parser.add_argument(
        "--split-mb", type=_count, metavar="N", help="a new file every N megabytes"
    )
    parser.add_argument("--verbose", action="store_true", help="log what happens")
    options = parser.parse_args(argv)
    if options.source is not None:  # several, as a shell spells out "*.jpg"
        options.source = "\n".join(options.source)
    return options


def _parse_command(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="main.py")
    commands = parser.add_subparsers(dest="command", required=True)

    export = commands.add_parser(
        "export",
        help="annotated videos and their detections, from files",
        description="Annotate videos as fast as it goes. Detections are kept beside "
        "each as JSON lines. Run again, it skips what is done; of a video that was "
        "cut off, it keeps the detections and makes the pictures anew.",
    )
    export.add_argument(
        "inputs", nargs="+", metavar="IN", help="files, folders, or patterns"
    )
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    export.add_argument(
        "--jobs", type=_count, default=1, metavar="N", help="videos at a time"
    )
    export.add_argument(
        "--keep-threshold",
        type=_score,
        default=0.05,
        metavar="P",
        help="detections above are kept, shown or not (default: %(default)s)",
    )
    export.add_argument(
        "--data",
        action="append",
        default=[],
        choices=("csv", "coco"),
        help="write these too (may be given twice)",
    )
    _add_detection_options(export)

    render = commands.add_parser(
        "render",
        help="an annotated video from a video and its detections",
        description="Draw kept detections again, with another threshold or other "
        "classes; nothing is detected.",
    )
    render.add_argument("sidecar", type=Path, metavar="SIDECAR.jsonl")
    render.add_argument("out", type=Path, metavar="OUT.mp4")
    render.add_argument(
        "--source", metavar="VIDEO", help="where it is not where it was"
    )
    render.add_argument(
        "--score-threshold", type=_score, metavar="P", help="hide scores up to P"
    )
    render.add_argument(
        "--class",
        action="append",
        dest="class_names",
        metavar="NAME",
        help="show only this class (may be given again)",
    )

    for name in ("line", "label"):
        render.add_argument(
            f"--{name}-scale",
            type=_scale,
            default=1.0,
            metavar="X",
            help=f"size of the {name}s (default: %(default)s; labels: 0 for none)",
        )
    render.add_argument("--no-scores", action="store_true", help="class names only")

    demo = commands.add_parser("demo", help="a GIF and an MP4 of what the model sees")
    demo.add_argument("clip", nargs="?", default=str(CLIP), metavar="CLIP")
    demo.add_argument(
        "--out", type=Path, metavar="BASE", help="writes BASE.gif and BASE.mp4"
    )
    demo.add_argument(
        "--width",
        type=_count,
        default=480,
        metavar="W",
        help="of the GIF in pixels (default: %(default)s)",
    )
    _add_detection_options(demo)

    doctor = commands.add_parser(
        "doctor",
        help="what works here, what does not, and the fix",
        description="Runs the model on every device there is. Exit code 0: all is "
        "well; 1: it works, but something is broken; 2: it does not work.",
    )
    doctor.add_argument("--model", type=Path, default=MODEL, metavar="M.onnx")
    doctor.add_argument(
        "--device",
        choices=DEVICES,
        default="auto",
        help="the one that has to work (default: whichever is best)",
    )
    doctor.add_argument("--json", action="store_true", help="for programs")

    for command in (export, render, demo):
        command.add_argument(
            "--overwrite", action="store_true", help="replace what is there"
        )
        _add_recording_options(command)
    for command in (export, render, demo, doctor):
        command.add_argument("--verbose", action="store_true", help="log what happens")
    return parser.parse_args(argv)


def _add_detection_options(parser: argparse.ArgumentParser) -> None:
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
        type=_count,
        metavar="N",
        help="of the CPU, for detecting (default: all cores but one, of more than two)",
    )
    parser.add_argument(
        "--score-threshold", type=_score, metavar="P", help="hide scores up to P"
    )


def _add_recording_options(parser: argparse.ArgumentParser) -> None:
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


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def _size(text: str) -> tuple[int, int]:
    width, by, height = text.lower().partition("x")
    if not by or not width.isdecimal() or not height.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not like 1280x720")
    return _count(width), _count(height)


def _quality(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 51:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 51")
    return value


def _scale(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 10:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 10")
    return value


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
    from app.cli.headless import run_headless
    from app.media.recording.recovery import recover_all

    source, record_path = options.source, options.record
    factories = _factories(options)
    if options.sidecar is not None:
        factories, source = _replaying(factories, options.sidecar, source)
    if not options.headless:
        print("There is no display here, so there will be a file instead of a window.")
        source = source or str(CLIP)
        record_path = record_path or _default_recording(source)
    if record_path is not None:
        recover_all(record_path.parent, say=print)
    recorded = run_headless(
        factories,
        source=factories.make_source(source or _default_source()),
        model_path=options.model,
        settings=_with_options(Settings(), options),
        record_path=record_path,
        say=print,
    )
    if recorded is not None:
        print(f"Watch it: {recorded.path}")
    return 0


def _window(options: argparse.Namespace) -> int:
    from platformdirs import user_config_path, user_videos_path

    from app.gui.app import run_window

    factories = _late_factories(options)
    if options.sidecar is not None:
        factories, options.source = _replaying(
            factories, options.sidecar, options.source
        )
    settings_path = user_config_path("mobilenet-ssd-live") / "settings.json"
    notice = ""
    try:
        settings = Settings.load(settings_path)
    except SettingsError as error:
        settings, notice = Settings(), f"{error.problem} It was set aside."
        with suppress(OSError):  # else it would be written over on closing
            settings_path.replace(settings_path.with_suffix(".broken.json"))
    recordings = user_videos_path() / "MobileNet-SSD Live"
    return run_window(
        factories,
        choose_source=lambda: _first_source(options.source),
        recover=lambda: _recovered(recordings),
        clip=CLIP,
        model_path=options.model,
        settings=_with_options(settings, options),
        settings_path=settings_path,
        recordings=recordings,
        build=_build_command(),
        notice=notice,
    )


def _first_source(chosen: str | None) -> tuple[str, str]:
    """What to play first, and what should be said of that."""
    source = chosen or _default_source()
    if not chosen and source == str(CLIP):
        return source, "No camera was found, so this is the bundled street clip."
    return source, ""


def _recovered(recordings: Path) -> list[str]:
    from app.media.recording.recovery import recover_all

    sentences: list[str] = []
    recover_all(recordings, say=sentences.append)
    return sentences


def _build_command() -> "BuildCommand":
    from importlib.util import find_spec

    from app.gui.pages.model_builder import BuildCommand

    weights = next(iter(sorted((ROOT / "assets" / "weights").glob("*.keras"))), None)
    name = weights.relative_to(ROOT) if weights is not None else "WEIGHTS"
    model = MODEL.relative_to(ROOT)
    script = str(ROOT / "build_model.py")
    return BuildCommand(
        program=sys.executable,
        arguments=("-u", script, "convert", str(weights), "-o", str(MODEL)),
        model=MODEL,
        shown=f"python build_model.py convert {name} -o {model}",
        can_run=weights is not None and find_spec("tensorflow") is not None,
    )


def _export(options: argparse.Namespace) -> int:
    from app.errors import SourceError
    from app.export.job import ExportJob
    from app.export.plan import plan
    from app.export.processes import export_all

    settings = _with_options(Settings(), options)
    keep_threshold = min(options.keep_threshold, settings.score_threshold)

    def make_job(source: str, out: str) -> ExportJob:
        return ExportJob(
            source=source,
            out=out,
            model=str(options.model),
            device=settings.device,
            score_threshold=settings.score_threshold,
            keep_threshold=keep_threshold,
            iou_threshold=settings.iou_threshold,
            max_detections=settings.max_detections,
            data=tuple(options.data),
            encoder=options.encoder,
            quality=options.quality,
        )

    factories = _factories(options)

    def frame_count(job: ExportJob) -> int:
        source = factories.make_source(job.source)
        try:
            return source.open().frame_count or 0
        except SourceError:
            return 0  # its job will say so
        finally:
            source.close()

    jobs = plan(options.inputs, options.out, make_job)
    results = export_all(
        jobs,
        run_export_job,
        processes=min(options.jobs, len(jobs)),
        overwrite=options.overwrite,
        frame_counts=[frame_count(job) for job in jobs],
        say=print,
    )
    states = {result.state for result in results}
    if "cancelled" in states:
        return 130
    return 2 if "failed" in states else 0


def run_export_job(
    job: "ExportJob",
    *,
    overwrite: bool,
    on_progress: "Progress",
    is_cancelled: Callable[[], bool],
) -> "ExportResult":
    """Do `job` with the app's own parts, in whichever process."""
    from app.export.run import run_job

    # The job looks after what may be replaced; the recorder need not ask again.
    options = argparse.Namespace(
        overwrite=True, encoder=job.encoder, quality=job.quality
    )
    return run_job(
        job,
        _factories(options),
        overwrite=overwrite,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
    )


def _render(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from app.drawing.overlay import draw
    from app.drawing.style import Style
    from app.export.render import render

    factories = _factories(options)
    style = Style(options.line_scale, options.label_scale, not options.no_scores)
    with tqdm(unit=" frames", disable=None, file=sys.stderr) as bar:

        def on_progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        recorded = render(
            options.sidecar,
            make_source=factories.make_source,
            recorder=factories.make_recorder(options.out),
            draw=draw,
            source=options.source,
            score_threshold=options.score_threshold,
            class_names=options.class_names,
            style=style,
            on_progress=on_progress,
        )
    if recorded is not None:
        print(f"Wrote {recorded.path}: {recorded.frame_count} frames")
    return 0


def _demo(options: argparse.Namespace) -> int:
    from app.cli.headless import run_headless
    from app.errors import RecordingError
    from app.media.recording.gif import write_gif

    base = options.out or Path(f"{Path(options.clip).stem} demo")
    gif = base.with_name(f"{base.name}.gif")
    if gif.exists() and not options.overwrite:
        raise RecordingError(
            f"{gif} is there already and was left alone.",
            "Choose another --out, or pass --overwrite.",
        )
    factories = _factories(options)
    recorded = run_headless(
        factories,
        source=factories.make_source(options.clip),
        model_path=options.model,
        settings=_with_options(Settings(), options),
        record_path=base.with_name(f"{base.name}.mp4"),
        say=print,
    )
    if recorded is not None:
        write_gif(Path(recorded.path), gif, width=options.width)
        print(f"Wrote {gif}")
    return 0


def _late_factories(options: argparse.Namespace) -> Factories:
    """The same, loaded when first needed: beside the window, not before it."""
    parts = cache(lambda: _factories(options))

    def scale(image_bgr: "ImageBgr", viewport: "Viewport") -> "ImageBgrx":
        from app.drawing.screen import scale_for_screen

        return scale_for_screen(image_bgr, viewport)

    return Factories(
        make_source=lambda text: parts().make_source(text),
        list_cameras=_list_cameras,
        make_detector=lambda path, device: parts().make_detector(path, device),
        make_recorder=lambda path, **split: parts().make_recorder(path, **split),
        draw=lambda *args, **kwargs: parts().draw(*args, **kwargs),
        save_picture=lambda *args: parts().save_picture(*args),
        list_devices=lambda: parts().list_devices(),
        redact=lambda text: parts().redact(text),
        scale=scale,
    )


def _doctor(options: argparse.Namespace) -> int:
    import json

    from app.detection.devices.doctor import examine

    report = examine(options.model, options.device, images=_clip_pictures())
    if options.json:
        print(json.dumps(report.as_dict(), indent=2))
    else:
        print("\n".join(report.lines()))
    return report.exit_code


def _clip_pictures() -> "list[ImageBgr]":
    from app.errors import SourceError
    from app.media.sources.file_source import FileSource

    clip = FileSource(CLIP)
    try:
        clip.open()
        return [frame.image_bgr for frame in islice(clip.frames(), 0, 60, 20)]
    except SourceError:  # the doctor has other worries
        return []
    finally:
        clip.close()


def _factories(options: argparse.Namespace) -> Factories:
    # Imported here, so that --help answers at once.
    from app.detection.devices.choices import available_devices
    from app.detection.onnx_detector import OnnxDetector
    from app.drawing.overlay import draw
    from app.drawing.screen import scale_for_screen
    from app.media.recording.photo_recorder import PhotoRecorder
    from app.media.recording.recorder import SUFFIXES, Mp4Recorder
    from app.media.recording.snapshot import save_picture
    from app.media.sources.make import make_source
    from app.media.sources.stream_input import redact
    from app.types import CameraMode

    split_minutes = getattr(options, "split_minutes", None)
    split_mb = getattr(options, "split_mb", None)

    def make_recorder(
        path: Path,
        *,
        split_minutes: float = split_minutes or 0,
        split_mb: int = split_mb or 0,
    ) -> Recorder:
        if path.suffix.lower() not in SUFFIXES:
            return PhotoRecorder(path, overwrite=options.overwrite)
        return Mp4Recorder(
            path,
            overwrite=options.overwrite,
            encoder=options.encoder,
            quality=options.quality,
            split_s=60 * split_minutes or None,
            split_bytes=10**6 * split_mb or None,
        )

    wish = CameraMode()
    if size_wh := getattr(options, "camera_size", None):
        wish = replace(wish, size_wh=size_wh)
    if fps := getattr(options, "camera_fps", None):
        wish = replace(wish, fps=fps)
    return Factories(
        make_source=partial(make_source, wish=wish),
        list_cameras=_list_cameras,
        make_detector=lambda path, device: OnnxDetector(
            path,
            device=device,
            threads=getattr(options, "threads", None),
            precision=getattr(options, "precision", None),
            is_strict=getattr(options, "strict", False),
        ),
        make_recorder=make_recorder,
        draw=draw,
        list_devices=available_devices,
        redact=redact,
        save_picture=save_picture,
        scale=scale_for_screen,
    )


def _replaying(
    factories: Factories, sidecar: Path, source: str | None
) -> tuple[Factories, str]:
    """Parts that show what the sidecar knows, and the video it belongs to."""
    from app.detection.sidecar_detector import SidecarDetector
    from app.sidecar import read_header

    return (
        replace(factories, make_detector=lambda *_: SidecarDetector(sidecar)),
        source or read_header(sidecar).source,
    )


def _default_source() -> str:
    cameras = _list_cameras()
    return cameras[0][1] if cameras else str(CLIP)


def _list_cameras() -> list[tuple[int, str]]:
    from app.media.sources.cameras.listing import (
        list_titles,  # when it is needed: loads OpenCV
    )

    return list_titles()


def _default_recording(source: str) -> Path:
    from app.media.sources.make import is_photos, short_name

    now = time.strftime("%Y-%m-%d %H.%M.%S")
    folder = ROOT / "recordings"
    folder.mkdir(exist_ok=True)
    if is_photos(source):
        return folder / f"photos {now}"
    return folder / f"{short_name(source)} {now}.mp4"


def _with_options(settings: Settings, options: argparse.Namespace) -> Settings:
    given = {"device": options.device, "score_threshold": options.score_threshold}
    return replace(settings, **{k: v for k, v in given.items() if v is not None})


if __name__ == "__main__":
    print_any_name()
    sys.exit(main())
