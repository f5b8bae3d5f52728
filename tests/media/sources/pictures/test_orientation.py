"""What app.media.sources.pictures.orientation promises."""

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from app.media.sources.file_source import FileSource
from app.media.sources.make import make_source
from app.media.sources.pictures.orientation import Orientation
from app.media.sources.pictures.photo import read_photo
from tests.media.corners import ONE, cornered, cornered_video, corners, with_matrix
from tests.media.servers import file_server

# a, b, c, d and where the corners are then: what FFmpeg's own tool shows.
MATRICES = {
    "as it is": ((ONE, 0, 0, ONE), "RGBW"),
    "mirrored": ((-ONE, 0, 0, ONE), "GRWB"),
    "upside down": ((ONE, 0, 0, -ONE), "BWRG"),
    "turned by 180": ((-ONE, 0, 0, -ONE), "WBGR"),
    "turned clockwise": ((0, ONE, -ONE, 0), "BRWG"),
    "turned the other way": ((0, -ONE, ONE, 0), "GWRB"),
    "transposed": ((0, ONE, ONE, 0), "RBGW"),
    "transposed the other way": ((0, -ONE, -ONE, 0), "WGBR"),
}


@pytest.mark.parametrize("name", MATRICES)
def test_every_pixel_goes_where_the_matrix_says(name: str) -> None:
    (a, b, c, d), _ = MATRICES[name]
    picture = np.arange(6, dtype=np.uint8).reshape(2, 3, 1).repeat(3, axis=2)
    matrix = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 30], np.int32)
    moved = {
        ((a * x + c * y) // ONE, (b * x + d * y) // ONE): picture[y, x]
        for y, x in itertools.product(range(2), range(3))
    }
    columns, rows = (sorted({place[axis] for place in moved}) for axis in (0, 1))
    expected = [[moved[x, y] for x in columns] for y in rows]
    np.testing.assert_array_equal(
        Orientation.from_matrix(matrix).apply(picture), expected
    )


@pytest.mark.parametrize("name", MATRICES)
def test_a_file_is_shown_as_its_display_matrix_says(tmp_path: Path, name: str) -> None:
    matrix, expected = MATRICES[name]
    flat = cornered_video(tmp_path / "flat.mp4")
    source = FileSource(with_matrix(flat, matrix, tmp_path / "turned.mp4"))
    info = source.open()
    frame = next(source.frames())
    source.close()
    assert corners(frame.image_bgr) == expected
    assert info.size_wh == ((96, 160) if matrix[0] == 0 else (160, 96))
    assert frame.image_bgr.shape[1::-1] == info.size_wh


@pytest.mark.parametrize("name", ["mirrored", "turned clockwise", "transposed"])
def test_a_stream_is_turned_as_a_file_is(tmp_path: Path, name: str) -> None:
    matrix, expected = MATRICES[name]
    flat = cornered_video(tmp_path / "flat.mp4", 50)
    with_matrix(flat, matrix, tmp_path / "turned.mp4")
    with file_server(tmp_path) as port:
        source = make_source(f"http://127.0.0.1:{port}/turned.mp4")
        info = source.open()
        frame = next(source.frames())
        source.close()
    assert corners(frame.image_bgr) == expected
    assert frame.image_bgr.shape[1::-1] == info.size_wh


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".jfif", ".png", ".webp", ".tif", ".avif"])
def test_a_photo_is_turned_as_its_exif_says(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"photo{suffix}"
    kinds = {".jpg": "JPEG", ".jfif": "JPEG", ".tif": "TIFF"}
    rgb = cv2.cvtColor(cornered(), cv2.COLOR_BGR2RGB)
    Image.fromarray(rgb).save(path, kinds.get(suffix, suffix[1:].upper()), exif=exif)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    source = make_source(str(path))
    source.open()
    (frame,) = source.frames()
    assert corners(frame.image_bgr) == corners(upright[..., ::-1])
    assert frame.image_bgr.shape == upright.shape


def test_the_shared_cases_are_upright(shared_data: Path) -> None:
    cases = shared_data / "cases"
    for name, expected in (("mirror_h.mp4", "GRWB"), ("rot90_mirror.mp4", "RBGW")):
        source = FileSource(cases / name)
        source.open()
        assert corners(next(source.frames()).image_bgr) == expected
        source.close()
    photo = read_photo(cases / "photos" / "exif2_mirror.jfif")
    beside = Image.open(cases / "photos" / "exif2_mirror.jpg")
    assert photo is not None
    assert corners(photo) == corners(
        np.asarray(ImageOps.exif_transpose(beside))[..., ::-1]
    )
