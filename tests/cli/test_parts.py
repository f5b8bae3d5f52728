"""What app.cli.parts builds, and what it finds beside a video."""

import json
from pathlib import Path

import pytest

from app.cli import places
from app.cli.parts import (
    Parts,
    RecorderWish,
    make_replay,
    replaying,
    sidecar_of,
    written,
)
from app.detection.sidecar_detector import SidecarDetector
from app.errors import RecordingError
from app.media.clips.clean_recorder import CleanRecorder
from app.media.recording.photo_recorder import PhotoRecorder
from app.media.recording.replay import MAX_BYTES, QUALITY
from tests.test_sidecar import sidecar_of as write_sidecar


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    path.touch()
    return path


@pytest.mark.parametrize("was_at", ["", "/gone/a.mp4", "C:\\videos\\a.mp4"])
def test_what_an_export_found_is_beside_its_video(video: Path, was_at: str) -> None:
    assert sidecar_of(str(video)) is None
    sidecar = write_sidecar(was_at or str(video), video.parent)
    assert sidecar_of(str(video)) == sidecar


def test_what_another_wrote_beside_a_video_is_not_what_was_found_in_it(
    video: Path, tmp_path: Path
) -> None:
    write_sidecar("/videos/b.mp4", tmp_path)
    assert sidecar_of(str(video)) is None
    (tmp_path / "a.jsonl").write_text(json.dumps({"lines": "of another"}) + "\n")
    assert sidecar_of(str(video)) is None
    given = write_sidecar(str(video), tmp_path / "elsewhere")
    assert sidecar_of(str(video), given=given) == given
    assert sidecar_of(str(video), given=tmp_path / "none.jsonl") is None
    # Of several that play one after another, the first.
    assert sidecar_of(f"{video}\n{tmp_path / 'c.mp4'}", given=given) == given


def test_a_sidecar_plays_its_own_video_or_the_one_that_is_named(video: Path) -> None:
    sidecar = write_sidecar(str(video), video.parent)
    factories, source = replaying(Parts().factories(), sidecar, None)
    assert source == str(video)
    detector = factories.make_detector(Path("any.onnx"), "cpu")
    assert isinstance(detector, SidecarDetector)
    assert replaying(factories, sidecar, "b.mp4")[1] == "b.mp4"


def test_a_longer_past_may_take_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(
        "app.media.recording.replay.ReplayRing", lambda **values: asked.append(values)
    )
    wish = RecorderWish(encoder="nvenc", quality=11)
    for keep_s, given in ((5.0, None), (60.0, None), (60.0, 1000)):
        make_replay(wish, keep_s, max_bytes=given)
    assert [a["max_bytes"] for a in asked] == [MAX_BYTES, 2 * MAX_BYTES, 1000]
    assert [a["quality"] for a in asked] == [QUALITY] * 3
    make_replay(wish, 5.0, is_recorded=True)
    assert (asked[-1]["encoder"], asked[-1]["quality"]) == ("nvenc", 11)


def test_a_recording_without_boxes_is_a_video(tmp_path: Path) -> None:
    make = Parts().factories().make_recorder
    with pytest.raises(RecordingError, match="is not a name for a recording"):
        make(tmp_path / "photos", is_clean=True)
    assert isinstance(make(tmp_path / "photos"), PhotoRecorder)
    assert isinstance(make(tmp_path / "a.mp4", is_clean=True), CleanRecorder)


def test_a_kept_test_names_a_model_so_that_it_is_found_again() -> None:
    assert written(places.default_model()) == ""
    assert written(Path("mine.onnx")) == str(Path("mine.onnx").absolute())
