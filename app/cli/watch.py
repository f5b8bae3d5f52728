"""`main.py`, and `main.py watch`: a source in a window, or without one."""

import argparse
import gc
import os
import sys
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import places
from app.cli.options import (
    Commands,
    Container,
    add_detection_options,
    add_hiding_options,
    add_meanwhile_options,
    add_one_name_option,
    add_overwrite_option,
    add_recording_options,
    add_rules_option,
    count,
    detector_wish,
    minutes,
    recorder_wish,
    settings_with,
    size,
)
from app.cli.parts import CameraWish, Parts, replaying, sidecar_of
from app.cli.watching.events import EventWish, add_event_options, try_alerts
from app.cli.watching.window import WindowAlerts, event_parts
from app.drawing.style import shown_name
from app.errors import SettingsError, UserError
from app.settings import Settings, set_aside
from app.typed import is_installed

if TYPE_CHECKING:
    from app.gui.pages.model_builder import BuildCommand
    from app.tracking.rules import Rules
    from app.tracking.watcher import Watcher


def add_parser(commands: Commands) -> None:
    """The command that is meant where none is named."""
    watch = commands.add_parser(
        "watch",
        prog="main.py",
        help="a camera, a file or a stream in a window (what is meant by no command)",
        description="See what a MobileNet-SSD sees, live, and record it. Without a "
        "window, Ctrl+C or SIGTERM finishes the recording; exit code 0, or 130 or 143 "
        "where a file was cut short so; 2: something you can mend.",
    )
    watch.set_defaults(run=run)
    add_options(watch)


def add_options(parser: Container) -> None:
    """What it can be told."""
    parser.add_argument(
        "sources",
        nargs="*",
        metavar="S",
        help="a camera's number or name ('NAME@1280x720/30/MJPG' asks it for that), "
        "'screen', an address (rtsp://, http://...), video files or a folder of them, "
        "one after another, photos (files, a folder, a pattern), 'img%%04d.png' for a "
        "video of pictures, 'test' for a pattern, 'test:unplugged' for a camera that "
        "fails; see docs/sources.md "
        "(default: the window asks; without one, the first camera, else the clip)",
    )
    parser.add_argument(
        "--source",
        nargs="+",
        action="append",
        default=[],
        metavar="S",
        help="the same; given again, with --headless: another one, watched beside it",
    )
    parser.add_argument(
        "--camera-size",
        type=size,
        metavar="WxH",
        help="what to ask of a camera (default: 1280x720)",
    )
    parser.add_argument(
        "--camera-fps", type=count, metavar="N", help="likewise (default: 30)"
    )
    add_rules_option(parser, for_each=True)
    add_detection_options(parser, is_live=True)
    add_meanwhile_options(parser)
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
        help="write the annotated video; of photos, the annotated ones into a folder; "
        "of several sources, a folder, too",
    )
    parser.add_argument(
        "--record-clean",
        action=argparse.BooleanOptionalAction,
        help="record the picture without boxes, and what was found in a .jsonl beside "
        "it, to be drawn, counted or hidden later; takes a third of the CPU of a "
        "camera's recording, and with --replay or --clips nothing more than these",
    )
    add_overwrite_option(parser, "let --record replace a file")
    add_hiding_options(parser, "--hide")
    parser.add_argument(
        "--cover-unseen",
        action=argparse.BooleanOptionalAction,
        help="while something is hidden, cover a picture whole in which nobody looked "
        "for it (default: on)",
    )
    add_one_name_option(parser)
    add_event_options(parser)
    parser.add_argument(
        "--headless", action="store_true", help="no window: run to the end and stop"
    )
    add_recording_options(parser)
    parser.add_argument(
        "--split-minutes", type=minutes, metavar="M", help="a new file every M minutes"
    )
    parser.add_argument(
        "--split-mb", type=count, metavar="N", help="a new file every N megabytes"
    )


def run(options: argparse.Namespace) -> int:
    """Watch until the window is closed, or the source ends."""
    if options.record and not options.headless and has_display():
        raise UserError(
            "--record works without a window only.",
            "Add --headless, or press R in the window.",
        )
    # Several after one another, as a shell spells out "*.jpg"; and side by side.
    first, *others = options.source or [[]]
    sources = ["\n".join(own) for own in ([*options.sources, *first], *others) if own]
    files = options.rules or [None]
    if len(files) not in (1, len(sources)):
        raise UserError(
            f"There are {len(files)} files of rules and {len(sources)} sources.",
            "Give one --rules for all, or one for each --source, in their order.",
        )
    wishes = [EventWish.of(options, file) for file in files]
    if options.try_alerts:
        return max(map(try_alerts, wishes))
    parts = _parts(options)
    if options.headless or not has_display():
        from app.cli.watching.unattended import watch_unattended

        return watch_unattended(parts, _settings(options), sources, wishes, options)
    if len(sources) > 1:
        raise UserError(
            f"A window shows one source; these are {len(sources)}.",
            "Add --headless to watch them side by side, or give files by one --source "
            "to play them one after another.",
        )
    gc.disable()  # a tenth of the time until a window is there, which has its own way
    try:
        return _window(parts, "".join(sources) or None, options, wishes[0])
    finally:
        gc.enable()


def has_display() -> bool:
    """Whether a window could be shown."""
    if sys.platform in ("win32", "darwin"):
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(os.environ.get(name) for name in names)


def build_command() -> "BuildCommand":
    """What makes the default model, for a window that misses it."""
    from app.gui.pages.model_builder import BuildCommand

    weights = next(iter(sorted(places.bundled_weights().glob("*.keras"))), None)
    model = places.built_model()
    convert = ("convert", str(weights), "-o", str(model))
    shown = shown_for_own = "python build_model.py convert WEIGHTS -o MODEL.onnx"
    if not is_installed():
        root = places.checkout()
        name = weights.relative_to(root) if weights else "WEIGHTS"
        shown = f"python build_model.py convert {name} -o {model.relative_to(root)}"
    return BuildCommand(
        program=sys.executable,
        arguments=("-u", *places.build_command(), *convert),
        model=model,
        shown=shown,
        can_run=weights is not None and find_spec("tensorflow") is not None,
        bundled=_bundled_model(),
        shown_for_own=shown_for_own,
    )


def _parts(options: argparse.Namespace) -> Parts:
    recorder = replace(
        recorder_wish(options),
        split_minutes=options.split_minutes or 0,
        split_mb=options.split_mb or 0,
    )
    camera = CameraWish(size_wh=options.camera_size, fps=options.camera_fps)
    return Parts(detector_wish(options), recorder, camera)


def _settings(
    options: argparse.Namespace,
    settings: Settings = Settings(),  # noqa: B008 - frozen
) -> Settings:
    """`settings`, but for what was given."""
    settings = settings_with(options, settings)
    for name in ("one_name", "cover_unseen", "record_clean"):
        if (value := getattr(options, name)) is not None:
            settings = replace(settings, **{name: value})
    if not options.hidden:
        return settings
    hidden = tuple(dict.fromkeys(options.hidden))
    return replace(settings, covered_class_names=hidden, cover_mode=options.mode)


def _window(
    parts: Parts, source: str | None, options: argparse.Namespace, wish: EventWish
) -> int:
    from app.gui.app import run_window
    from app.gui.parts import Places

    rules = wish.file.rules
    factories = replace(
        parts.late_factories(),
        make_watcher=lambda: _make_watcher(rules),
        find_sidecar=partial(sidecar_of, given=options.sidecar),
    )
    if options.sidecar is not None:
        factories, source = replaying(factories, options.sidecar, source)
    settings_path = places.settings_file()
    notice = ""
    try:
        settings = Settings.load(settings_path)
    except SettingsError as error:
        settings, notice = Settings(), f"{error.problem} It was set aside."
        set_aside(settings_path)  # else it would be written over on closing
    model, remark = _model(options, settings)
    still = "" if options.hidden else _still_hidden(settings)
    notice = " ".join(part for part in (notice, remark) if part)
    recordings = places.window_recordings()
    settings = _settings(options, settings)
    if options.replay:
        settings = replace(settings, replay_s=options.replay)
    folders = [recordings, *([options.clips] if options.clips else [])]
    alerting = WindowAlerts(wish)
    try:
        return run_window(
            factories,
            source=_folder_in_full(source or ""),
            recover=lambda: [text for one in folders for text in _recovered(one)],
            model_path=model,
            settings=settings,
            places=Places(
                clip=places.bundled_clip(),
                settings=settings_path,
                recordings=recordings,
                build=build_command(),
                command_line=places.command_line(),
            ),
            events=event_parts(
                factories,
                recorder=parts.recorder,
                clips=wish.clip_wish(alerting.tell),
                alerting=alerting,
            ),
            notice=notice,
            remark=still,
        )
    finally:
        alerting.close()


def _bundled_model() -> Path | None:
    from app.detection.model_file import copies_of

    model = places.default_model()
    return model if any(copy.is_file() for copy in copies_of(model)) else None


def _model(options: argparse.Namespace, settings: Settings) -> tuple[Path, str]:
    """The model to start with, and what should be said of that."""
    chosen = Path(settings.model) if settings.model else None
    if chosen is None or options.model != places.default_model():
        return options.model, ""
    if chosen.is_file() or chosen.name == places.default_model().name:
        return chosen, ""
    return (
        options.model,
        f"{chosen} is not there any more, so the app's own model runs.",
    )


def _still_hidden(settings: Settings) -> str:
    """What nobody should have to find out by looking."""
    names = ", ".join(map(shown_name, settings.covered_class_names))
    return f"As before, this is hidden in every picture: {names}." if names else ""


def _make_watcher(rules: "Rules") -> "Watcher":
    from app.tracking.watcher import Watcher

    return Watcher(rules, knows_all=False)


def _folder_in_full(source: str) -> str:
    """A folder that is named by one word, so that it passes for no camera's name."""
    is_folder = source and "\n" not in source and Path(source).is_dir()
    return str(Path(source).absolute()) if is_folder else source


def _recovered(recordings: Path) -> list[str]:
    from app.media.recording.recovery import recover_all

    sentences: list[str] = []
    recover_all(recordings, say=sentences.append)
    return sentences
