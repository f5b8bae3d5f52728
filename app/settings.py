"""What the user chose: one frozen value, loaded, checked and saved."""

import json
import math
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from app.drawing.style import Style
from app.errors import SettingsError
from app.whole_file import write_whole

DEVICES = (
    "auto",
    "cpu",
    "cuda",
    "tensorrt",
    "openvino",
    "openvino-gpu",
    "coreml",
    "directml",
)
DETAILS = (1, 2, 3)
# What `--detail auto` stands for: 30 frames a second.
AUTO_DETAIL, AUTO_BUDGET_MS = 3, 33.0
# Of classes, each.
_NAMES = ("hidden_class_names", "covered_class_names")
_FLAGS = (
    *("draw_fps", "draw_scores", "draw_track_ids", "one_name", "steady"),
    *("cover_unseen", "meanwhile", "threshold_chosen", "muted", "record_clean"),
)
MOST_VOLUME = 100
COVER_MODES = ("solid", "pixel", "outline")
# Of the file. One that is older goes through `_MIGRATIONS`; of one that is newer,
# the names we know are taken.
VERSION = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the user can change while the pipeline runs.

    Workers get a whole new object and read it once per frame.

    Attributes:
        score_threshold: detections below are not shown, in [0, 1].
        threshold_chosen: somebody chose it; else it is the model's own.
        iou_threshold: of two boxes of one class that overlap more than this,
            the better one stays, in [0, 1] (Caffe MobileNet-SSD: 0.45).
        max_detections: at most so many a frame.
        detail: 1: the network sees the whole picture; 2 or 3: also parts of it, closer.
        detail_budget_ms: live, only as many of these parts as there is time for in so
            many milliseconds a frame, most wanted first; 0: all of them.
        device: one of `DEVICES`; "auto" is the best that works.
        meanwhile: this machine runs the model while its server does not answer.
        draw_fps: draw "FPS: n" into the corner.
        one_name: of two classes on the same box, draw the better one alone.
        steady: in videos, show what is seen in more than one frame, by what it is in
            most of them.
        draw_track_ids: the number of its track behind the class name.
        trail_s: draw the ways of tracks, so many seconds of them; 0: none.
        hidden_class_names: classes that are counted, but not drawn.
        covered_class_names: classes that are hidden: covered in every picture.
        cover_mode: how; one of `COVER_MODES`, see `app.hiding.cover`.
        cover_unseen: then a picture in which nobody looked for them is covered whole.
        line_scale: see `app.drawing.style.Style`, as for the next three.
        label_scale: size of the labels.
        draw_scores: the score behind the class name.
        fill_opacity: of the boxes.
        replay_s: of a camera in the window, so many seconds are kept; 0: none.
        replay_mb: which take so many megabytes at most.
        volume: of the sound of files, in percent; see `app.gui.hearing`.
        muted: nothing is heard.
        model: the file that was chosen in the window; empty: the app's own.
        language: that the window speaks from its next start on, as "de"; empty: the
            system's.
        record_clean: recordings are without boxes, with what was found in a file beside
            them; see `app.media.clips.clean_recorder`.
        split_minutes: a recording begins a new file after so many; 0: never.
        split_mb: likewise, by size in megabytes.
    """

    score_threshold: float = 0.5
    threshold_chosen: bool = False
    iou_threshold: float = 0.45
    max_detections: int = 100
    detail: int = 1
    detail_budget_ms: float = 0.0
    device: str = "auto"
    meanwhile: bool = False
    draw_fps: bool = True
    one_name: bool = True
    steady: bool = True
    draw_track_ids: bool = False
    trail_s: float = 0.0
    hidden_class_names: tuple[str, ...] = ()
    covered_class_names: tuple[str, ...] = ()
    cover_mode: str = "solid"
    cover_unseen: bool = True
    line_scale: float = 1.0
    label_scale: float = 1.0
    draw_scores: bool = True
    fill_opacity: float = 0.0
    record_clean: bool = False
    split_minutes: int = 0
    split_mb: int = 0
    replay_s: int = 0
    replay_mb: int = 64
    volume: int = MOST_VOLUME
    muted: bool = False
    model: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        for name in ("score_threshold", "iou_threshold"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"{name} must be a number, got {value!r}")
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"{name} must be in [0, 1], got {value!r}")
        count = self.max_detections
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise ValueError(f"max_detections must be an integer >= 1, got {count!r}")
        if isinstance(self.detail, bool) or self.detail not in DETAILS:
            raise ValueError(f"detail must be one of {DETAILS}, got {self.detail!r}")
        if self.device not in DEVICES:
            raise ValueError(f"device must be one of {DEVICES}, got {self.device!r}")
        for name in _FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise ValueError(
                    f"{name} must be true or false, got {getattr(self, name)!r}"
                )
        for name in ("split_minutes", "split_mb", "replay_s", "replay_mb", "volume"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(f"{name} must be an integer >= 0, got {value!r}")
        if self.volume > MOST_VOLUME:
            raise ValueError(f"volume must be at most 100, got {self.volume}")
        if not isinstance(self.model, str):
            raise ValueError(f"model must be a path, got {self.model!r}")
        if not isinstance(self.language, str):  # a newer app may know more of them
            raise ValueError(f"language must be a name, got {self.language!r}")
        for name in _NAMES:
            names = getattr(self, name)
            if not isinstance(names, tuple) or not all(
                isinstance(n, str) for n in names
            ):
                raise ValueError(f"{name} must be names, got {names!r}")
        if self.cover_mode not in COVER_MODES:
            raise ValueError(
                f"cover_mode must be one of {COVER_MODES}, got {self.cover_mode!r}"
            )
        for name in (
            *("line_scale", "label_scale", "fill_opacity"),
            *("trail_s", "detail_budget_ms"),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"{name} must be a number, got {value!r}")
        if not 0 <= self.detail_budget_ms < math.inf:
            raise ValueError(
                f"detail_budget_ms must be at least 0, got {self.detail_budget_ms}"
            )
        _ = self.style  # checks the ranges

    def for_model(self, own_threshold: float | None) -> Self:
        """These, from the score on that suits the model, unless somebody chose one.

        Args:
            own_threshold: as the model says; None for that of a model that does not.
        """
        if self.threshold_chosen:
            return self
        usual = type(self)().score_threshold
        return replace(
            self, score_threshold=usual if own_threshold is None else own_threshold
        )

    @property
    def style(self) -> Style:
        """How detections are drawn."""
        return Style(
            line_scale=self.line_scale,
            label_scale=self.label_scale,
            with_scores=self.draw_scores,
            with_track_ids=self.draw_track_ids,
            fill_opacity=self.fill_opacity,
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Settings from a JSON file; the defaults when there is no such file.

        Names we do not know are ignored, so that an older app reads a newer file.

        Raises:
            SettingsError: the file is not JSON or a value is out of range.
        """
        try:
            values = _read(path)
        except FileNotFoundError:
            return cls()
        try:
            known = {field.name for field in fields(cls)}
            known_values = {k: v for k, v in values.items() if k in known}
            for name in _NAMES:
                if isinstance(names := known_values.get(name), list):
                    known_values[name] = tuple(names)  # JSON has no tuples
            return cls(**known_values)
        except ValueError as error:
            raise _bad(path, error) from error

    def save(self, path: Path, *, since: Self | None = None) -> None:
        """Write to `path` so that a crash leaves the old file or the new one.

        Args:
            path: the file.
            since: what was read from it, or saved to it, before. Only what differs
                from that is changed in the file, which another window of ours may
                have changed meanwhile; where nothing does, nothing is written.

        Raises:
            OSError: it cannot be written.
        """
        values = asdict(self)
        if since is None:
            _write(path, {"version": VERSION, **values})
            return
        before = asdict(since)
        changed = {name: v for name, v in values.items() if v != before[name]}
        if not changed:
            return
        try:
            type(self).load(path)
            now = _read(path)
        except FileNotFoundError:
            now = before
        except SettingsError:
            set_aside(path)
            now = before
        # What a newer app wrote stays, and so does its version.
        version = max(VERSION, now.get("version", VERSION))
        _write(path, {**now, **changed, "version": version})


def set_aside(path: Path) -> None:
    """Give a file that cannot be read another name, so that it is not written over."""
    with suppress(OSError):  # one that cannot be had stays where it is
        path.replace(path.with_suffix(".broken.json"))


def _read(path: Path) -> dict[str, Any]:
    """What the file holds, in today's names.

    Raises:
        FileNotFoundError: there is none.
        SettingsError: it is not JSON, or no object.
    """
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(
            f"The settings file {path} cannot be read ({error}).",
            "Delete it to start from the defaults.",
        ) from error
    try:
        if not isinstance(values, dict):
            raise ValueError(f"expected an object, got {type(values).__name__}")
        return _migrate(values)
    except ValueError as error:
        raise _bad(path, error) from error


def _bad(path: Path, error: ValueError) -> SettingsError:
    return SettingsError(
        f"The settings file {path} holds a bad value: {error}.",
        "Mend it, or delete it to start from the defaults.",
    )


def _write(path: Path, values: dict[str, Any]) -> None:
    write_whole(path, json.dumps(values, indent=2))


def _migrate(values: dict[str, Any]) -> dict[str, Any]:
    version = values.get("version", 0)
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise ValueError(f"version must be an integer >= 0, got {version!r}")
    for step in _MIGRATIONS[version:]:
        values = step(values)
    return values


def _from_0(values: dict[str, Any]) -> dict[str, Any]:
    """Files without a version have the same names."""
    return values


def _from_1(values: dict[str, Any]) -> dict[str, Any]:
    """Nobody said whether the threshold was chosen; who has the usual one did not."""
    usual = Settings().score_threshold
    return {
        "threshold_chosen": values.get("score_threshold", usual) != usual,
        **values,
        "version": 2,
    }


# From version i to i + 1.
_MIGRATIONS = (_from_0, _from_1)
