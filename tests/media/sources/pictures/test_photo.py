"""What app.media.sources.pictures.photo promises of the files that phones write."""

from pathlib import Path

import numpy as np
import pytest

from app.errors import SourceError
from app.media.sources.make import make_source
from app.media.sources.photo_source import PhotoSource
from app.media.sources.pictures.photo import is_photo_inside, read_photo
from tests.media.clips import write_video
from tests.media.corners import cornered, corners
from tests.media.heif import AVIF, HEIC, Kind, write_grid

KINDS = pytest.mark.parametrize("kind", [HEIC, AVIF], ids=["heic", "avif"])


@KINDS
def test_a_photo_of_tiles_is_put_together(tmp_path: Path, kind: Kind) -> None:
    picture = cornered((300, 200))  # of 3 x 2 tiles, the last ones standing over
    path = write_grid(tmp_path / f"photo.{kind.brand.decode()}", picture, kind, 128)
    source = make_source(str(path))
    info = source.open()
    (frame,) = source.frames()
    assert (info.size_wh, info.is_stills) == ((300, 200), True)
    assert frame.image_bgr.shape == (200, 300, 3)
    assert corners(frame.image_bgr) == "RGBW"
    # Away from the edges, where compression blurs.
    difference = np.abs(frame.image_bgr.astype(int) - picture)
    assert np.percentile(difference, 90) < 12


@KINDS
def test_a_photo_of_tiles_is_turned(tmp_path: Path, kind: Kind) -> None:
    path = write_grid(tmp_path / "photo", cornered((256, 128)), kind, 128, turns=1)
    photo = read_photo(path)
    assert photo is not None
    assert photo.shape == (256, 128, 3)
    assert corners(photo) == "GWRB"  # counter-clockwise: what was right is on top


@pytest.mark.parametrize("suffix", ["", ".dat", ".mp4", ".jpg"])
def test_a_photo_is_known_by_what_is_in_it(tmp_path: Path, suffix: str) -> None:
    for kind in (HEIC, AVIF):
        path = write_grid(tmp_path / f"photo{suffix}", cornered((64, 64)), kind, 64)
        source = make_source(str(path))
        assert isinstance(source, PhotoSource)
        source.open()


def test_a_video_is_not_taken_for_a_photo(tmp_path: Path) -> None:
    for name, codec, pix_fmt in (
        ("clip.mp4", "libx264", "yuv420p"),
        ("clip.mjpeg", "mjpeg", "yuvj420p"),
    ):
        path = write_video(
            tmp_path / name, [i / 25 for i in range(5)], codec=codec, pix_fmt=pix_fmt
        )
        assert not is_photo_inside(path)
        source = make_source(str(path))
        source.open()
        assert len(list(source.frames())) == 5


@KINDS
def test_a_torn_photo_is_said(tmp_path: Path, kind: Kind) -> None:
    path = write_grid(tmp_path / "photo.heic", cornered((256, 128)), kind, 128)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(SourceError, match=r"photo\.heic is not a photo that can be"):
        make_source(str(path)).open()


def test_the_shared_photo_of_a_phone_is_whole(shared_data: Path) -> None:
    photo = read_photo(shared_data / "cases" / "photos" / "iphone_grid.heic")
    assert photo is not None
    assert photo.shape == (960, 1280, 3)


@KINDS
def test_a_photo_of_tiles_with_a_wrong_byte_anywhere_is_none_or_a_picture(
    tmp_path: Path, kind: Kind
) -> None:
    """Their readers raise whatever comes of it: an IndexError, for one."""
    image_bgr = np.full((40, 60, 3), 90, np.uint8)
    data = write_grid(tmp_path / "photo", image_bgr, kind, 64).read_bytes()
    path = tmp_path / "damaged"
    for position in range(len(data)):
        path.write_bytes(data[:position] + b"\xff" + data[position + 1 :])
        read = read_photo(path)
        assert read is None or read.dtype == np.uint8
