"""What app.settings promises."""

import json
from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings import Settings


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
    path.write_text(json.dumps({"score_threshold": 0.25, "future": 1}))
    assert Settings.load(path) == Settings(score_threshold=0.25)


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
