"""What app.media.sources.pictures.shown promises of colours and sizes."""

import logging
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from app.media.sources.file_source import FileSource
from app.media.sources.make import make_source
from app.media.sources.pictures.shown import Shown
from tests.media.clips import write_video
from tests.media.corners import cornered, cornered_video, corners
from tests.media.servers import file_server

BT709, BT601, UNSPECIFIED, YCGCO, ICTCP = 1, 6, 2, 8, 14
# Red as YUV in TV range, worked by hand: Y = 16 + 219 Kr, V = 128 + 112,
# U = 128 - 224 Kr / (2 - 2 Kb); BT.709 has Kr 0.2126 and Kb 0.0722, BT.601 0.299
# and 0.114.
RED_YUV = {BT709: (63, 102, 240), BT601: (81, 90, 240)}


def plain(yuv: tuple[int, int, int], size_wh: tuple[int, int], tag: int) -> VideoFrame:
    width, height = size_wh
    planes = np.empty((height * 3 // 2, width), np.uint8)
    planes[:height] = yuv[0]
    planes[height : height * 5 // 4] = yuv[1]
    planes[height * 5 // 4 :] = yuv[2]
    frame = VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.colorspace, frame.color_range = tag, ColorRange.MPEG
    return frame


@pytest.mark.parametrize(
    ("size_wh", "tag", "matrix"),
    [
        ((320, 240), UNSPECIFIED, BT601),
        ((720, 576), UNSPECIFIED, BT601),
        ((1280, 720), UNSPECIFIED, BT709),
        ((1920, 1080), UNSPECIFIED, BT709),
        ((720, 1280), UNSPECIFIED, BT709),  # a phone held upright
        ((1280, 720), BT601, BT601),  # what is said counts
        ((320, 240), BT709, BT709),
    ],
)
def test_red_is_red_whether_the_file_says_what_it_is_or_not(
    size_wh: tuple[int, int], tag: int, matrix: int
) -> None:
    image_bgr = Shown().bgr(plain(RED_YUV[matrix], size_wh, tag))
    blue, green, red = image_bgr[size_wh[1] // 2, size_wh[0] // 2].astype(int)
    assert red >= 252
    assert max(blue, green) <= 3


@pytest.mark.parametrize("tag", [3, YCGCO, 10, 11, 12, 13, ICTCP])
def test_colours_of_an_unknown_kind_are_shown_all_the_same(tag: int) -> None:
    shown = Shown()
    assert shown.bgr(plain((180, 128, 128), (320, 240), tag)).std() < 1
    assert f"matrix {tag}" in shown.trouble
    shown = Shown()
    shown.bgr(plain((180, 128, 128), (320, 240), BT709))
    assert not shown.trouble


def ycgco(folder: Path, count: int) -> Path:
    return cornered_video(folder / "odd.mp4", count, matrix=YCGCO)


def test_a_file_of_an_unknown_kind_plays_and_says_so(tmp_path: Path) -> None:
    source = FileSource(ycgco(tmp_path, 5))
    source.open()
    assert [corners(frame.image_bgr) for frame in source.frames()] == ["RGBW"] * 5
    (said,) = source.take_warnings()
    assert said.startswith("odd.mp4 has colours of a kind (matrix 8) that is not known")
    assert source.take_warnings() == []
    source.close()


def test_a_stream_of_an_unknown_kind_plays_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ycgco(tmp_path, 50)
    with (
        caplog.at_level(logging.WARNING),
        file_server(tmp_path) as port,
    ):
        source = make_source(f"http://127.0.0.1:{port}/odd.mp4")
        source.open()
        for _, frame in zip(range(5), source.frames(), strict=False):
            assert corners(frame.image_bgr) == "RGBW"
        source.close()
    (said,) = [record.message for record in caplog.records]
    assert "/odd.mp4 has colours of a kind" in said


def test_a_stream_has_square_pixels_too(tmp_path: Path) -> None:
    write_video(
        tmp_path / "wide.mp4",
        [i / 25 for i in range(50)],
        size_wh=(320, 240),
        pixel_aspect=Fraction(4, 3),
        draw=lambda _, size_wh: cornered(size_wh),
    )
    with file_server(tmp_path) as port:
        source = make_source(f"http://127.0.0.1:{port}/wide.mp4")
        info = source.open()
        frame = next(source.frames())
        source.close()
    assert info.size_wh == (427, 240)  # 320 * 4 / 3
    assert frame.image_bgr.shape == (240, 427, 3)


def size_changes(folder: Path) -> Path:
    """As joined broadcasts: 160 x 96, then 400 x 120, then 160 x 96 again."""
    path = folder / "joined.ts"
    sizes = ((160, 96), (400, 120), (160, 96))
    with path.open("wb") as joined:
        for number, size_wh in enumerate(sizes):
            part = write_video(
                folder / f"{number}.ts",
                [number + i / 25 for i in range(5)],
                size_wh=size_wh,
                draw=lambda _, size_wh: cornered(size_wh),
                container_options={"mpegts_copyts": "1"},
            )
            joined.write(part.read_bytes())
    return path


def test_a_file_whose_size_changes_keeps_that_of_its_first_picture(
    tmp_path: Path,
) -> None:
    path = size_changes(tmp_path)
    source = FileSource(path)
    info = source.open()
    frames = list(source.frames())
    source.seek(1.1)
    frames.append(next(source.frames()))
    source.close()
    assert len(frames) == 16
    assert {frame.image_bgr.shape[1::-1] for frame in frames} == {info.size_wh}
    # 400 x 120 in 160 x 96 is 160 x 48, between bars of 24.
    wide = frames[7].image_bgr
    assert wide[[2, 22, 75, 93]].max() < 40
    assert corners(wide[26:70]) == "RGBW"
    assert corners(frames[-2].image_bgr) == "RGBW"


def test_the_shared_cases_have_their_colours(shared_data: Path) -> None:
    def first(name: str) -> NDArray[np.int64]:
        source = FileSource(shared_data / "cases" / name)
        source.open()
        image_bgr = next(source.frames()).image_bgr
        source.close()
        return image_bgr.astype(np.int64)

    assert first("hd_untagged.mp4")[20, 20, ::-1] == pytest.approx([255, 0, 0], abs=3)
    hdr = first("hdr_pq.mp4")
    # As FFmpeg's zscale and tonemap have it: red, skin, white.
    assert hdr[20, 20, ::-1] == pytest.approx([254, 0, 0], abs=4)
    assert hdr[220, 300, ::-1] == pytest.approx([231, 190, 161], abs=4)
    assert hdr[120, 200, ::-1] == pytest.approx([255, 255, 255], abs=4)
    assert first("sar.mp4").shape == (240, 427, 3)
    assert corners(first("crop.mkv").astype(np.uint8)) == "RGBW"
