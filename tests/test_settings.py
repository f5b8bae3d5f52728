"""What app.settings promises."""

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import settings as settings_module
from app.drawing.style import PLAIN
from app.errors import SettingsError
from app.settings import Settings
from tests.python import ROOT


def test_settings_survive_a_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "settings.json"
    chosen = Settings(
        score_threshold=0.3,
        max_detections=7,
        device="cpu",
        hidden_class_names=("cat", "dog"),
        fill_opacity=0.25,
    )
    chosen.save(path)
    assert Settings.load(path) == chosen
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert Settings.load(tmp_path / "none.json") == Settings()


def test_a_name_from_a_newer_app_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"max_detections": 25, "future": 1}))
    assert Settings.load(path) == Settings(max_detections=25)


@pytest.mark.parametrize(
    "text",
    ["", "not json", "[1]", '{"score_threshold": 2}', '{"device": "tpu"}', "\xff"],
)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=r"The settings file .* (cannot|holds)"):
        Settings.load(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("score_threshold", -0.1),
        ("score_threshold", True),
        ("score_threshold", "0.5"),
        ("iou_threshold", 1.5),
        ("iou_threshold", float("nan")),
        ("max_detections", 0),
        ("max_detections", 1.5),
        ("max_detections", True),
        ("detail", 4),
        ("detail", True),
        ("detail_budget_ms", -1),
        ("detail_budget_ms", float("inf")),
        ("device", "tpu"),
        ("cover_mode", "blur"),
        ("volume", 101),
        ("volume", -1),
        ("replay_s", 1.5),
        ("language", 7),
        ("draw_fps", 1),
        ("draw_scores", None),
        ("hidden_class_names", "cat"),
        ("hidden_class_names", (1,)),
        ("line_scale", -1),
        ("label_scale", "big"),
        ("fill_opacity", 1.5),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type] # the point of the test


def test_the_file_says_its_version(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    Settings().save(path)
    assert json.loads(path.read_text())["version"] == settings_module.VERSION
    assert len(settings_module._MIGRATIONS) == settings_module.VERSION


def test_a_file_from_before_there_were_versions_is_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"max_detections": 25}')
    assert Settings.load(path) == Settings(max_detections=25)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ('{"score_threshold": 0.25}', True),
        ('{"version": 1, "score_threshold": 0.25}', True),
        ('{"version": 1, "score_threshold": 0.5}', False),  # the default then
        ('{"version": 1}', False),
        ('{"version": 2, "score_threshold": 0.55}', False),
    ],
)
def test_an_older_file_says_whether_the_threshold_was_chosen(
    tmp_path: Path, text: str, chosen: bool
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    assert Settings.load(path).threshold_chosen is chosen


def test_a_models_own_threshold_is_in_force_where_nobody_chose_one() -> None:
    assert Settings().for_model(0.55).score_threshold == 0.55
    assert Settings(score_threshold=0.55).for_model(None) == Settings()
    chosen = Settings(score_threshold=0.3, threshold_chosen=True)
    assert chosen.for_model(0.55) == chosen


def test_an_older_file_goes_through_every_step_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def to_1(values: dict[str, Any]) -> dict[str, Any]:
        return {"score": values["confidence"]}

    def to_2(values: dict[str, Any]) -> dict[str, Any]:
        return {"score_threshold": values["score"]}

    monkeypatch.setattr(settings_module, "_MIGRATIONS", (to_1, to_2))
    path = tmp_path / "settings.json"
    for text in ('{"confidence": 0.3}', '{"version": 1, "score": 0.3}'):
        path.write_text(text)
        assert Settings.load(path) == Settings(score_threshold=0.3)


def test_of_a_newer_file_what_is_known_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"version": 99, "score_threshold": 0.25, "tracking": true}')
    assert Settings.load(path) == Settings(score_threshold=0.25)


@pytest.mark.parametrize("version", ['"1"', "-1", "true", "1.5"])
def test_a_version_that_is_none_is_a_bad_value(tmp_path: Path, version: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(f'{{"version": {version}}}')
    with pytest.raises(SettingsError, match="version must be an integer"):
        Settings.load(path)


@pytest.mark.parametrize("name", ["split_minutes", "split_mb"])
@pytest.mark.parametrize("value", [-1, 1.5, True])
def test_a_split_is_a_whole_number(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type] # that is the point


def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"The settings file .* cannot be read"):
        Settings.load(tmp_path)  # a folder: an OSError, and not that it is missing


HAMMER = """
import os, sys
from pathlib import Path
from app.settings import Settings
path, number = Path(sys.argv[1]), int(sys.argv[2])
for count in range(300 * int(os.environ.get('CAMPAIGN', '1'))):
    hidden = ("cat",) * (count % 200)
    Settings(max_detections=number, hidden_class_names=hidden).save(path)
"""


def test_two_windows_that_save_at_once_leave_no_torn_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    Settings().save(path)
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                subprocess.Popen([sys.executable, "-c", HAMMER, str(path), n], cwd=ROOT)
            )
            for n in ("1", "2")
        ]
        loads = 0
        while any(writer.poll() is None for writer in writers):
            Settings.load(path)  # raises where it is torn
            loads += 1
        assert [writer.wait(60) for writer in writers] == [0, 0]
    assert loads > 100
    assert Settings.load(path).max_detections in (1, 2)
    assert [p.name for p in tmp_path.iterdir()] == ["settings.json"]


def test_a_save_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.json"
    Settings(max_detections=7).save(path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        Settings(max_detections=8).save(path)
    assert Settings.load(path).max_detections == 7
    assert [p.name for p in tmp_path.iterdir()] == ["settings.json"]


def test_the_longest_name_that_there_can_be_is_written_whole(tmp_path: Path) -> None:
    """What is in the making has a longer one: of it, the name is cut."""
    path = tmp_path / f"{'ä' * 125}.json"  # 255 bytes
    for count in (7, 8):
        Settings(max_detections=count).save(path)
        assert Settings.load(path).max_detections == count
    assert list(tmp_path.iterdir()) == [path]


def test_only_what_changed_is_written_over_what_another_window_wrote(
    tmp_path: Path,
) -> None:
    path = tmp_path / "settings.json"
    read = Settings(score_threshold=0.3)
    read.save(path)
    Settings(score_threshold=0.6, line_scale=2.0).save(path)  # the other window
    written = path.stat()
    read.save(path, since=read)  # an untouched one
    assert path.stat().st_ino == written.st_ino  # not even written again
    assert Settings.load(path) == Settings(score_threshold=0.6, line_scale=2.0)
    replace(read, label_scale=3.0).save(path, since=read)
    assert Settings.load(path) == Settings(
        score_threshold=0.6, line_scale=2.0, label_scale=3.0
    )


def test_what_is_the_same_is_no_change_whoever_made_it(tmp_path: Path) -> None:
    """Values from a file are equal to ours, and other objects."""
    path = tmp_path / "settings.json"
    names = ("cat", "dog")
    Settings(hidden_class_names=names, score_threshold=0.3).save(path)
    since = Settings.load(path)
    Settings(hidden_class_names=("bus",), score_threshold=0.7).save(path)
    ours = replace(since, hidden_class_names=tuple(names), detail=2, max_detections=7)
    ours.save(path, since=since)
    assert Settings.load(path) == Settings(
        hidden_class_names=("bus",), score_threshold=0.7, detail=2, max_detections=7
    )


def test_a_share_may_be_none_or_all() -> None:
    for value in (0.0, 1.0):
        Settings(score_threshold=value, iou_threshold=value, fill_opacity=value)


def test_nothing_chosen_looks_as_pictures_are_drawn_by_themselves() -> None:
    assert Settings().style == replace(PLAIN, with_track_ids=False)


def test_what_a_newer_app_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"version": 99, "score_threshold": 0.25, "tracking": true}')
    read = Settings.load(path)
    replace(read, line_scale=2.0).save(path, since=read)
    assert json.loads(path.read_text()) == {
        **{"version": 99, "score_threshold": 0.25, "tracking": True},
        "line_scale": 2.0,
    }


def test_into_a_file_that_is_gone_everything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    read = Settings(score_threshold=0.3, device="cpu")
    replace(read, line_scale=2.0).save(path, since=read)
    assert Settings.load(path) == replace(read, line_scale=2.0)


@pytest.mark.parametrize("broken", ["{", '{"score_threshold": 2}'])
def test_a_file_that_was_broken_meanwhile_is_set_aside(
    tmp_path: Path, broken: str
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(broken)
    read = Settings(score_threshold=0.3)
    replace(read, line_scale=2.0).save(path, since=read)
    assert Settings.load(path) == Settings(score_threshold=0.3, line_scale=2.0)
    assert (tmp_path / "settings.broken.json").read_text() == broken
