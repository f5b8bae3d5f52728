"""Sources that are watched without a window: one, or several side by side."""

import argparse
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import places
from app.cli.console import complain, say
from app.cli.parts import Parts, list_cameras, replaying
from app.cli.watching.events import EventWish
from app.errors import RecordingError, UserError
from app.interrupts import asked_to_end, asked_to_save
from app.settings import Settings

if TYPE_CHECKING:
    from app.cli.headless import ReplayWish
    from app.pipeline.interfaces import Factories, VideoSource
    from app.tracking.watcher import Watcher
    from app.types import RecordingInfo

# Nobody waits longer for a signal than that.
_LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class _Watched:
    """One source, and where what comes of it goes.

    Attributes:
        title: as it is told to others, without its password.
        name: stands before what is said of it; None: there is no other.
        record_path: the recording; None: none.
        folder: of replays.
    """

    source: "VideoSource"
    title: str
    name: str | None
    factories: "Factories"
    watcher: "Watcher"
    wish: EventWish
    record_path: Path | None
    folder: Path

    def say(self, text: str) -> None:
        say(text if self.name is None else f"{self.name}: {text}")


@dataclass(frozen=True, slots=True)
class _Told:
    """What signals ask of all."""

    is_to_end: Callable[[], bool]
    times_to_save: Callable[[], int]


def watch_unattended(
    parts: Parts,
    settings: Settings,
    sources: Sequence[str],
    wishes: Sequence[EventWish],
    options: argparse.Namespace,
) -> int:
    """Watch until all have ended, or until asked to end; the exit code.

    Several run one model in memory. One that fails ends alone, and the code is 2 when
    the others have ended, too.

    Args:
        parts: what the parts are to be like.
        settings: for all of them.
        sources: as typed; none: the first camera.
        wishes: what an event is: one for all, or one for each source.
        options: of `watch`.

    Raises:
        UserError: one cannot begin, or the only one failed.
    """
    is_alone = len(sources) < 2
    if is_alone:
        watched = [_alone(parts, "".join(sources), wishes[0], options)]
    else:
        watched = _side_by_side(parts, sources, wishes, options)
    for one in watched:
        _recover_before(one, keeps=bool(options.replay))
    asked = threading.Event()
    with asked_to_end(asked.set) as ending, asked_to_save() as saving:
        told = _Told(asked.is_set, lambda: saving.count)
        watch = partial(_watch, settings=settings, options=options, told=told)
        if is_alone:
            return 0 if watch(watched[0]) else ending.exit_code
        outcomes = _all_at_once(watch, watched)
    if any(isinstance(outcome, UserError) for outcome in outcomes):
        return 2
    return 0 if all(outcomes) else ending.exit_code


def _alone(
    parts: Parts, source: str, wish: EventWish, options: argparse.Namespace
) -> _Watched:
    factories, record_path = parts.factories(), options.record
    if options.sidecar is not None:
        factories, source = replaying(factories, options.sidecar, source or None)
    if not options.headless:
        say("There is no display here, so there will be a file instead of a window.")
        source = source or str(places.bundled_clip())
        record_path = record_path or _default_recording(source, *_names([source]))
    source = source or _default_source()
    folder = record_path.parent if record_path else places.headless_recordings()
    return _watched(factories, source, None, wish, record_path, folder)


def _side_by_side(
    parts: Parts,
    sources: Sequence[str],
    wishes: Sequence[EventWish],
    options: argparse.Namespace,
) -> list[_Watched]:
    """What goes where: each source has its name, and folders or files of that name."""
    if options.sidecar is not None:
        raise UserError(
            "--sidecar shows one video, and there are several sources.",
            "Leave one of the two out.",
        )
    if options.record is not None and options.record.suffix:
        raise UserError(
            f"{options.record} is one file, and there are {len(sources)} sources.",
            "Give --record a folder: each source gets a file of its name there.",
        )
    if options.record is not None:
        _make(options.record)
    if not options.headless:
        say("There is no display here, so there will be files instead of a window.")
    shared = replace(parts, detector=replace(parts.detector, is_shared=True))
    factories, watched = shared.factories(), []
    if len(wishes) == 1:
        wishes = [*wishes] * len(sources)
    for source, name, wish in zip(sources, _names(sources), wishes, strict=True):
        record_path: Path | None = None
        if options.record is not None:
            record_path = options.record / _file_name(source, name)
        elif not options.headless:
            record_path = _default_recording(source, name)
        if wish.folder is not None:
            share = wish.max_gb / len(sources)
            wish = replace(wish, folder=wish.folder / name, max_gb=share)
        folder = (options.record or places.headless_recordings()) / name
        watched.append(_watched(factories, source, name, wish, record_path, folder))
    return watched


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(
            f"{folder} cannot be made: {error.strerror}.", "Choose another folder."
        ) from error


def _watched(
    factories: "Factories",
    source: str,
    name: str | None,
    wish: EventWish,
    record_path: Path | None,
    folder: Path,
) -> _Watched:
    from app.tracking.watcher import Watcher

    watcher = Watcher(wish.file.rules)
    made = factories.make_source(source)
    watched = _Watched(
        made,
        factories.redact(source),
        name,
        replace(factories, make_watcher=lambda: watcher),
        watcher,
        wish,
        record_path,
        folder,
    )
    if made.is_live or not wish.file.alerts:
        return watched
    watched.say("Nobody is told of what happens in a file; alerts are for cameras.")
    quiet = replace(wish, clip_rule=wish.clip_rule if wish.folder else None)
    return replace(watched, wish=quiet)


def _watch(
    one: _Watched, *, settings: Settings, options: argparse.Namespace, told: _Told
) -> bool:
    """Watch it; whether it came to its end, or none was to be expected.

    Raises:
        UserError: as `run_headless`.
    """
    from app.cli.headless import run_headless

    rules = one.wish.file.rules
    with one.wish.alerts(one.title) as tell:
        try:
            recorded = run_headless(
                one.factories,
                source=one.source,
                model_path=options.model,
                settings=replace(settings, draw_track_ids=bool(rules)),
                record_path=one.record_path,
                say=one.say,
                is_asked_to_end=told.is_to_end,
                replay=_replay_wish(one, options.replay or 0, tell, told),
                name=one.name,
            )
        except KeyboardInterrupt:
            return False
        except UserError:
            _recover_beside(one.record_path)
            raise
    _recover_beside(one.record_path)
    if rules:
        _keep_counts(one, recorded)
    if recorded is not None:
        one.say(f"Watch it: {recorded.path}")
    return True


def _all_at_once(
    watch: Callable[[_Watched], bool], watched: Sequence[_Watched]
) -> list[bool | UserError]:
    """Each on a thread of its own; what came of each."""
    outcomes: list[bool | UserError] = []

    def run(one: _Watched) -> None:
        try:
            outcomes.append(watch(one))
        except UserError as error:
            complain(f"{one.name}: {error}")
            outcomes.append(error)

    # A second Ctrl+C ends the process whatever they do.
    threads = [
        threading.Thread(target=run, args=(one,), name=f"watch {one.name}", daemon=True)
        for one in watched
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(_LOOK_EVERY_S)
    if len(outcomes) < len(watched):
        raise RuntimeError("a source ended by a fault of ours; its trace is above")
    return outcomes


def _replay_wish(
    one: _Watched, keep_s: float, tell: Callable[..., object], told: _Told
) -> "ReplayWish | None":
    from app.cli.headless import ReplayWish

    clips = one.wish.clip_wish(tell)
    if clips is not None:
        keep_s = max(keep_s, clips.rule.reach_s)
    if not keep_s:
        return None
    folder = (clips and clips.folder) or one.folder
    return ReplayWish(keep_s, folder, clips, told.times_to_save)


def _keep_counts(one: _Watched, recorded: "RecordingInfo | None") -> None:
    """Say what was counted, and write it beside the recording."""
    from app.export.count_files import write_counts
    from app.tracking.events import said

    watcher = one.watcher
    one.say(said(watcher.counts))
    if recorded is None or one.record_path is None:
        return
    events, counts = watcher.events, watcher.counts
    for path in write_counts(one.record_path, events, counts, watcher.rules):
        one.say(f"Wrote {path}")


def _recover_before(one: _Watched, *, keeps: bool) -> None:
    """What a crash left where nothing is recorded; short ones, and this may go on."""
    beside = one.record_path.parent if one.record_path else None
    if one.wish.folder is not None:
        _recover_in(one.wish.folder)
    elif keeps and one.folder != beside:
        _recover_in(one.folder)


def _recover_beside(record_path: Path | None) -> None:
    """What a crash left; afterwards: it may take long, and a camera does not wait."""
    if record_path is not None:
        _recover_in(record_path.parent)


def _recover_in(folder: Path) -> None:
    from app.media.recording.recovery import recover_all

    recover_all(folder, say=say)


def _default_source() -> str:
    cameras = list_cameras()
    return cameras[0][1] if cameras else str(places.bundled_clip())


def _default_recording(source: str, name: str) -> Path:
    folder = places.headless_recordings()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / _file_name(source, name, time.strftime(" %Y-%m-%d %H.%M.%S"))


def _file_name(source: str, name: str, when: str = "") -> str:
    """Of a recording; of photos it is a folder's."""
    from app.media.sources.make import is_photos

    return f"photos {name}{when}" if is_photos(source) else f"{name}{when}.mp4"


def _names(sources: Sequence[str]) -> list[str]:
    """One for each, unlike the others'; fit for a file, and no password is in it."""
    from app.media.sources.make import short_name

    names: list[str] = []
    for source in sources:
        first = name = short_name(source) or "source"
        number = 1
        while name.casefold() in (other.casefold() for other in names):
            number += 1
            name = f"{first} ({number})"
        names.append(name)
    return names
