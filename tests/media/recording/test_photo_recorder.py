"""What app.media.recording.photo_recorder promises."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import main
from app.cli import places, watch
from app.errors import RecordingError
from app.media.recording.photo_recorder import PhotoRecorder
from app.media.sources.photo_source import PhotoSource
from app.media.sources.pictures.photo import read_photo
from app.types import VideoInfo
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.media.clips import numbered_picture, read_number
from tests.media.numbered import info as video_info
from tests.media.sources.test_photo_source import broken, photo


def photos_info(paths: list[Path]) -> VideoInfo:
    source = PhotoSource(paths, name="photos")
    try:
        return source.open()
    finally:
        source.close()


def test_each_photo_gets_its_own_name_in_the_folder(tmp_path: Path) -> None:
    paths = [photo(tmp_path / name, 7) for name in ("b.png", "a.jpg", "c.webp")]
    recorder = PhotoRecorder(tmp_path / "new" / "out")
    recorder.open(photos_info(paths))
    for number, time_s in ((1, 0.0), (3, 6.0)):  # the second could not be read
        recorder.write(numbered_picture(number, (200, 100)), time_s)
    recorded = recorder.close()
    assert recorded is not None
    assert recorded.frame_count == 2
    written = {path.name: path for path in (tmp_path / "new" / "out").iterdir()}
    assert sorted(written) == ["b.png", "c.webp"]
    for name, number in (("b.png", 1), ("c.webp", 3)):
        image_bgr = read_photo(written[name])
        assert image_bgr is not None
        assert read_number(image_bgr) == number
    assert all(read_number(cv2.imread(str(path))) == 7 for path in paths)  # type: ignore[arg-type] # it is there


def test_photos_of_one_name_from_two_folders_get_two(tmp_path: Path) -> None:
    paths = []
    for folder in ("x", "y", "z"):
        (tmp_path / folder).mkdir()
        paths.append(photo(tmp_path / folder / "a.png", 1))
    recorder = PhotoRecorder(tmp_path / "out")
    recorder.open(photos_info(paths))
    for index in range(3):
        recorder.write(numbered_picture(index, (60, 40)), 3.0 * index)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["a (2).png", "a (3).png", "a.png"]


def test_nothing_is_overwritten_and_the_originals_never(tmp_path: Path) -> None:
    info = photos_info([photo(tmp_path / "a.png", 1)])
    with pytest.raises(RecordingError, match="The photos are in"):
        PhotoRecorder(tmp_path, overwrite=True).open(info)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").write_text("mine")
    with pytest.raises(RecordingError, match="is there already and was left alone"):
        PhotoRecorder(tmp_path / "out").open(info)
    recorder = PhotoRecorder(tmp_path / "out", overwrite=True)
    recorder.open(info)
    assert (tmp_path / "out" / "a.png").read_text() == "mine"
    recorder.write(np.zeros((4, 6, 3), np.uint8), 0.0)
    assert read_photo(tmp_path / "out" / "a.png") is not None


def test_a_folder_is_no_name_for_a_video(tmp_path: Path) -> None:
    recorder = PhotoRecorder(tmp_path / "out")
    with pytest.raises(RecordingError, match="out is not a name for a recording"):
        recorder.open(replace(video_info(), frame_paths=()))
    assert recorder.close() is None
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    info = photos_info([photo(tmp_path / "a.png", 1)])
    for folder in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(RecordingError, match="cannot be written") as caught:
            PhotoRecorder(folder).open(info)
        assert caught.value.remedy


def test_the_command_annotates_a_folder_and_names_what_is_broken(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    for number in (1, 2, 10):
        photo(tmp_path / "in" / f"{number}.png", number, (200, 100))
    broken(tmp_path / "in" / "3.png")
    arguments = ["--model", str(make_model()), "--headless", "--source"]
    out = tmp_path / "out"
    assert main.main([*arguments, str(tmp_path / "in"), "--record", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "3.png cannot be read and is left out." in printed
    assert f"Wrote {out}: 3 photos" in printed
    assert sorted(p.name for p in out.iterdir()) == ["1.png", "10.png", "2.png"]
    # The same as a video, from names as a shell spells them out.
    paths = [str(tmp_path / "in" / f"{n}.png") for n in (10, 2)]
    video = tmp_path / "out.mp4"
    assert main.main([*arguments, *paths, "--record", str(video)]) == 0
    assert "2 frames, 6.00 s" in capsys.readouterr().out


def test_without_a_display_photos_become_photos(
    make_model: MakeModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "has_display", lambda: False)
    monkeypatch.setattr(places, "headless_recordings", lambda: tmp_path / "recordings")
    path = photo(tmp_path / "a.png", 1, (200, 100))
    assert main.main(["--source", str(path), "--model", str(make_model())]) == 0
    (folder,) = (tmp_path / "recordings").iterdir()
    assert [p.name for p in folder.iterdir()] == ["a.png"]
