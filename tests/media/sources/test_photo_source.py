"""What app.media.sources.photo_source promises."""

import math
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from app.errors import SourceError
from app.media.sources.make import make_source
from app.media.sources.photo_source import (
    PHOTO_S,
    PhotoSource,
    natural_order,
    numbered_files,
)
from app.media.sources.pictures.photo import read_photo
from tests.media.clips import numbered_picture, read_number


def photo(path: Path, number: int, size_wh: tuple[int, int] = (160, 90)) -> Path:
    ok, data = cv2.imencode(path.suffix, numbered_picture(number, size_wh))
    assert ok
    path.write_bytes(data.tobytes())
    return path


def broken(path: Path) -> Path:
    path.write_bytes(b"this is no photo" * 20)
    return path


def opened(paths: list[Path]) -> PhotoSource:
    source = PhotoSource(paths, name="photos")
    source.open()
    return source


def numbers(source: PhotoSource) -> list[int]:
    return [read_number(frame.image_bgr) for frame in source.frames()]


@pytest.mark.parametrize("suffix", [".jpg", ".PNG", ".webp", ".bmp", ".tif"])
def test_one_photo_is_a_source_of_one_frame(tmp_path: Path, suffix: str) -> None:
    source = make_source(str(photo(tmp_path / f"one{suffix}", 613)))
    info = source.open()
    (frame,) = source.frames()
    assert read_number(frame.image_bgr) == 613
    assert (info.size_wh, info.frame_count, info.is_stills) == ((160, 90), 1, True)
    assert info.frame_paths == (str(tmp_path / f"one{suffix}"),)


def test_photos_come_in_the_order_people_count_in(tmp_path: Path) -> None:
    names = ["img10.jpg", "IMG2.jpg", "img1.jpg", "a.jpg", "img2b.jpg"]
    ordered = [path.name for path in natural_order([tmp_path / n for n in names])]
    assert ordered == ["a.jpg", "img1.jpg", "IMG2.jpg", "img2b.jpg", "img10.jpg"]


def test_a_folder_is_its_photos_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "holiday"
    (folder / "more").mkdir(parents=True)
    for number in (1, 2, 10):
        photo(folder / f"{number}.jpg", number, (200 + number, 90))
    photo(folder / ".hidden.jpg", 5)
    photo(folder / "more" / "3.jpg", 3)
    (folder / "notes.txt").write_text("sunny")
    source = make_source(str(folder))
    info = source.open()
    assert info.name == "holiday"
    frames = list(source.frames())
    assert [read_number(frame.image_bgr) for frame in frames] == [1, 2, 10]
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.timestamp_s for frame in frames] == [0, PHOTO_S, 2 * PHOTO_S]
    assert frames[2].image_bgr.shape == (90, 210, 3)


def test_a_pattern_and_a_list_are_photos_too(tmp_path: Path) -> None:
    paths = [photo(tmp_path / f"{n}.png", n) for n in (1, 2, 3)]
    photo(tmp_path / "4.jpg", 4)
    for text in (str(tmp_path / "*.png"), "\n".join(str(p) for p in paths)):
        source = make_source(text)
        assert isinstance(source, PhotoSource)
        source.open()
        assert numbers(source) == [1, 2, 3]


def test_numbered_pictures_are_a_video(tmp_path: Path) -> None:
    for number in (8, 9, 10, 12):  # 11 is missing, the first is not 0
        photo(tmp_path / f"img{number:04d}.png", number)
    photo(tmp_path / "img7.png", 7)  # not four digits
    source = make_source(str(tmp_path / "img%04d.png"))
    info = source.open()
    frames = list(source.frames())
    assert [read_number(frame.image_bgr) for frame in frames] == [8, 9, 10, 12]
    assert [frame.timestamp_s for frame in frames] == [0, 0.04, 0.08, 0.12]
    assert (info.fps, info.is_stills) == (Fraction(25), False)


def test_numbers_may_outgrow_their_zeros(tmp_path: Path) -> None:
    """As of FFmpeg and cameras: 99 is followed by 100, whatever %02d says."""
    names = ("img8", "img08", "img99", "img100", "img1000")
    for name in names:
        (tmp_path / f"{name}.png").touch()

    def found(pattern: str) -> list[str]:
        return [path.stem for path in numbered_files(tmp_path / pattern)]

    assert found("img%02d.png") == ["img08", "img99", "img100", "img1000"]
    assert found("img%03d.png") == ["img100", "img1000"]
    assert found("img%04d.png") == ["img1000"]


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (1, lambda image: image),
        (3, lambda image: np.rot90(image, 2)),
        (6, lambda image: np.rot90(image, -1)),  # to be turned clockwise
        (8, lambda image: np.rot90(image, 1)),
        (2, lambda image: image[:, ::-1]),
    ],
)
def test_a_photo_stands_as_its_camera_was_held(tmp_path, orientation, turned) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Source: EXIF 2.3, tag 0x0112; an APP1 segment right after the JPEG's start."""
    path = photo(tmp_path / "held.jpg", 613)
    upright = read_photo(path)
    assert upright is not None
    tiff = b"II*\0\x08\0\0\0\x01\0" + b"\x12\x01\x03\0\x01\0\0\0"
    tiff += bytes([orientation, 0, 0, 0]) + bytes(4)
    segment = b"Exif\0\0" + tiff
    data = path.read_bytes()
    marker = b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment
    path.write_bytes(data[:2] + marker + data[2:])
    shown = read_photo(path)
    assert shown is not None
    assert np.array_equal(shown, turned(upright))


def test_gray_transparent_and_deep_pictures_are_shown(tmp_path: Path) -> None:
    images: dict[str, NDArray[np.uint8] | NDArray[np.uint16]] = {
        "gray": np.full((20, 30), 77, np.uint8),
        "transparent": np.full((20, 30, 4), 77, np.uint8),
        "deep": np.full((20, 30, 3), 77 * 257, np.uint16),
    }
    for name, image in images.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
        shown = read_photo(path)
        assert shown is not None
        assert shown.shape == (20, 30, 3)
        assert shown.dtype == np.uint8
        assert np.all(shown == 77)


def test_a_broken_photo_is_named_once_and_left_out(tmp_path: Path) -> None:
    paths = [
        broken(tmp_path / "a.jpg"),
        photo(tmp_path / "b.jpg", 1),
        broken(tmp_path / "c.jpg"),
        photo(tmp_path / "d.jpg", 3),
        broken(tmp_path / "e.jpg"),
    ]
    source = opened(paths)
    assert numbers(source) == [1, 3]
    said = source.take_warnings()
    assert [text.split()[0] for text in said] == ["a.jpg", "c.jpg", "e.jpg"]
    source.seek(0)
    assert numbers(source) == [1, 3]
    assert source.take_warnings() == []
    source.seek(0)
    assert next(source.frames()).left_out == {0, 2, 4}


def test_steps_pass_by_a_broken_photo_both_ways(tmp_path: Path) -> None:
    paths = [
        photo(tmp_path / "a.jpg", 0),
        broken(tmp_path / "b.jpg"),
        photo(tmp_path / "c.jpg", 2),
        broken(tmp_path / "d.jpg"),
    ]
    source = opened(paths)
    for at_s, number in ((2 * PHOTO_S, 2), (2 * PHOTO_S - 1e-9, 0), (99, 2), (-1, 0)):
        source.seek(at_s)
        assert read_number(next(source.frames()).image_bgr) == number


@pytest.mark.parametrize("fps", [None, Fraction(25), Fraction(30_000, 1001)])
def test_every_photo_is_found_by_its_own_time_and_by_the_moment_before(
    tmp_path: Path, fps: Fraction | None
) -> None:
    path = photo(tmp_path / "a.jpg", 0)
    source = PhotoSource([path] * 200, name="photos", fps=fps)
    source.open()
    for frame in list(source.frames()):
        source.seek(frame.timestamp_s)
        assert next(source.frames()).index == frame.index
        source.seek(math.nextafter(frame.timestamp_s, -math.inf))
        assert next(source.frames()).index == max(0, frame.index - 1)
    source.seek(math.inf)
    assert next(source.frames()).index == 199


def test_no_photo_that_can_be_read_is_one_sentence(tmp_path: Path) -> None:
    one, two = broken(tmp_path / "a.jpg"), broken(tmp_path / "b.jpg")
    empty = tmp_path / "empty.png"
    empty.touch()
    for paths, sentence in (
        ([one], r"a\.jpg is not a photo that can be shown"),
        ([one, two], r"None of the 2 photos of photos can be read"),
        ([empty], r"empty\.png is not a photo"),
        ([tmp_path / "none.jpg"], "There is no file"),
    ):
        with pytest.raises(SourceError, match=sentence) as caught:
            opened(paths)
        assert caught.value.remedy


def test_what_holds_no_photo_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.mp4").touch()
    photo(tmp_path / "a.jpg", 1)
    for text, sentence in (
        (str(tmp_path / "empty"), "There are no photos in the folder"),
        (str(tmp_path / "*.gif"), "Nothing matches"),
        (str(tmp_path / "a.*"), r"must be photos, and a\.mp4 is none"),
    ):
        with pytest.raises(SourceError, match=sentence) as caught:
            make_source(text)
        assert caught.value.remedy


def test_a_folder_that_may_not_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:  # permissions do not stop an administrator
        raise PermissionError

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(SourceError, match=r"The folder .* may not be read"):
        make_source(str(tmp_path))
