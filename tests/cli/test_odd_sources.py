"""What the command line makes of odd files: recorded as players show them.

Each input is made here; what it stands for is told where its part is tested.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PIL import Image

import main
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.media.clips import write_video
from tests.media.corners import ONE, cornered, cornered_video, corners, with_matrix
from tests.media.heif import HEIC, write_grid
from tests.media.numbered import make_video
from tests.media.recording.test_clocks import sound_of, spliced
from tests.media.recording.test_finishing import half_silent
from tests.media.servers import file_server
from tests.media.sources.files.test_pipe_source import written
from tests.media.sources.files.test_reader import packed_avi
from tests.media.sources.pictures.test_cropping import matroska, mp4
from tests.media.sources.pictures.test_shown import (
    BT709,
    RED_YUV,
    UNSPECIFIED,
    plain,
    size_changes,
)
from tests.media.sources.pictures.test_stream_choice import (
    COUNT,
    FILM_WH,
    FILMS,
    playlist,
    write_streams,
)
from tests.media.sources.pictures.test_tone_mapping import PQ, hdr_clip


@dataclass(frozen=True)
class Recorded:
    """What a recording holds."""

    size_wh: tuple[int, int]
    times_s: list[float]
    corners: str
    middle_rgb: list[int]


def recorded(path: Path) -> Recorded:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    image_bgr = np.asarray(frames[0].to_ndarray(format="bgr24"), np.uint8)
    height, width = image_bgr.shape[:2]
    middle = image_bgr[height // 2, width // 2, ::-1].tolist()
    times_s = [frame.time for frame in frames]
    # Near the middle: the sign with the rate stands at the top left.
    return Recorded((width, height), times_s, corners(image_bgr, at=0.45), middle)


def mirrored(folder: Path) -> Path:
    flat = cornered_video(folder / "flat.mp4", 5)
    return with_matrix(flat, (-ONE, 0, 0, ONE), folder / "mirrored.mp4")


def turned(folder: Path) -> Path:
    flat = cornered_video(folder / "flat.mp4", 5)
    return with_matrix(flat, (0, ONE, ONE, 0), folder / "turned.mp4")


def squeezed(folder: Path) -> Path:
    return write_video(
        folder / "squeezed.mkv",
        [i / 25 for i in range(5)],
        size_wh=(160, 96),
        pixel_aspect=Fraction(3, 2),
        draw=lambda _, size_wh: cornered(size_wh),
    )


def unknown_matrix(folder: Path) -> Path:
    return cornered_video(folder / "odd.mp4", 5, matrix=8)


def late_clock(folder: Path) -> Path:
    return cornered_video(folder / "piece.mkv", 5, start_s=4)


def colon(folder: Path) -> Path:
    return cornered_video(folder / "2024-01-01T12:30:05.mp4", 5)


CORNERED: dict[str, tuple[Callable[[Path], Path], tuple[int, int], str]] = {
    "mirrored": (mirrored, (160, 96), "GRWB"),
    "transposed": (turned, (96, 160), "RBGW"),
    "square pixels": (squeezed, (240, 96), "RGBW"),
    "cropped mkv": (matroska, (112, 64), "RGBW"),
    "cropped mp4": (mp4, (112, 64), "RGBW"),
    "unknown matrix": (unknown_matrix, (160, 96), "RGBW"),
    "late clock": (late_clock, (160, 96), "RGBW"),
    "colon": (colon, (160, 96), "RGBW"),
}


@pytest.fixture
def record(
    make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Recorded]:
    """Runs main.py in `tmp_path`, on a source there."""
    model = make_model()

    def run(source: str) -> Recorded:
        monkeypatch.chdir(tmp_path)
        arguments = ["--source", source, "--model", str(model), "--headless"]
        arguments += ["--score-threshold", "1"]  # nothing is drawn
        assert main.main([*arguments, "--record", "out.mp4", "--overwrite"]) == 0
        return recorded(tmp_path / "out.mp4")

    return run


@pytest.mark.parametrize("name", CORNERED)
def test_a_video_is_recorded_as_it_is_to_be_seen(
    record: Callable[[str], Recorded], tmp_path: Path, name: str
) -> None:
    make, size_wh, expected = CORNERED[name]
    out = record(make(tmp_path).name)
    assert out.size_wh == size_wh
    assert out.corners == expected
    assert out.times_s == pytest.approx([i / 25 for i in range(len(out.times_s))])
    assert len(out.times_s) in (3, 5)


def test_a_phones_photo_is_recorded_whole(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    write_grid(tmp_path / "photo.heic", cornered((300, 200)), HEIC, 128)
    out = record("photo.heic")
    assert (out.size_wh, out.corners) == ((300, 200), "RGBW")


def test_a_photo_is_one_by_any_suffix(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 2  # left and right exchanged
    photo = Image.fromarray(np.ascontiguousarray(cornered((160, 96))[..., ::-1]))
    photo.save(tmp_path / "photo.jfif", "JPEG", exif=exif)
    assert record("photo.jfif").corners == "GRWB"


def test_untagged_hd_has_the_colours_that_players_give_it(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    with av.open(str(tmp_path / "hd.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for number in range(3):
            frame = plain(RED_YUV[BT709], (1280, 720), UNSPECIFIED)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert record("hd.mp4").middle_rgb == pytest.approx([255, 0, 0], abs=4)


@pytest.mark.parametrize("kind", ["back", "ahead"])
def test_a_file_whose_clock_starts_anew_is_recorded_whole(
    record: Callable[[str], Recorded], tmp_path: Path, kind: str
) -> None:
    out = record(spliced(tmp_path, kind).name)
    assert out.times_s == pytest.approx([i / 25 for i in range(100)], abs=0.03)
    assert sound_of(tmp_path / "out.mp4")[-1][0] == pytest.approx(4.0, abs=0.1)


def test_eight_hours_between_two_pictures_are_recorded(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    times_s = [0.0, 0.04, 8 * 3600.0, 8 * 3600.04]
    base = Fraction(1, 1000)
    write_video(tmp_path / "in.mkv", times_s, time_base=base, options={"bf": "0"})
    out = record("in.mkv")
    assert out.times_s[-2:] == pytest.approx(times_s[-2:], abs=2e-3)


def test_of_a_playlist_the_best_is_recorded(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    playlist(tmp_path)
    out = record("master.m3u8")
    assert (out.size_wh, len(out.times_s)) == (FILM_WH, COUNT)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert len(container.streams.audio) == 1


def test_sound_that_no_browser_plays_is_encoded_anew_and_that_is_said(
    record: Callable[[str], Recorded], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make_video(tmp_path / "pcm.mov", [i / 25 for i in range(10)], audio="pcm_s16le")
    record("pcm.mov")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
    assert "sound was encoded anew, as AAC" in capfd.readouterr().out


def test_of_two_sounds_the_one_that_is_sent_is_recorded(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    out = record(half_silent(tmp_path).name)
    assert len(out.times_s) == 50
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert len(container.streams.audio) == 1
    assert len(sound_of(tmp_path / "out.mp4")) > 90


@pytest.mark.parametrize("make", [turned, squeezed])
def test_over_http_a_video_stands_upright_with_square_pixels(
    record: Callable[[str], Recorded], tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    expected = record(make(tmp_path).name)
    with file_server(tmp_path) as port:
        out = record(f"http://127.0.0.1:{port}/{make(tmp_path).name}")
    assert (out.size_wh, out.corners) == (expected.size_wh, expected.corners)


def test_hdr_is_recorded_as_sdr(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    hdr_clip(tmp_path / "hdr.mkv", PQ, np.full((6, 3), 0.58))
    assert record("hdr.mkv").middle_rgb == pytest.approx([255] * 3, abs=6)


@pytest.mark.parametrize("name", ["a cover before", "a preview before the default"])
def test_the_film_is_recorded(
    record: Callable[[str], Recorded], tmp_path: Path, name: str
) -> None:
    streams, suffix = FILMS[name]
    write_streams(tmp_path / f"clip{suffix}", streams)
    out = record(f"clip{suffix}")
    assert (out.size_wh, len(out.times_s)) == ((320, 240), 25)


def test_each_part_of_a_film_with_a_cover_has_its_own_sound(
    make_model: MakeModel, tmp_path: Path
) -> None:
    streams, suffix = FILMS["a cover before"]
    film = write_streams(
        tmp_path / f"in{suffix}", streams, with_sound=True, count=3 * COUNT
    )
    command = ["--source", str(film), "--model", str(make_model()), "--headless"]
    out = tmp_path / "out.mp4"
    assert (
        main.main([*command, "--record", str(out), "--split-minutes", "0.0166666"]) == 0
    )
    for name in ("out.mp4", "out-002.mp4", "out-003.mp4"):
        assert len(recorded(tmp_path / name).times_s) == COUNT
        assert sound_of(tmp_path / name)[-1][0] == pytest.approx(1.0, abs=0.05)


def test_every_box_of_a_file_that_changes_size_is_in_the_image_that_it_names(
    make_model: MakeModel, tmp_path: Path
) -> None:
    command = ["export", str(size_changes(tmp_path)), "--out", str(tmp_path / "out")]
    assert main.main([*command, "--model", str(make_model()), "--data", "coco"]) == 0
    coco = json.loads((tmp_path / "out" / "joined.coco.json").read_text())
    sizes = {image["id"]: (image["width"], image["height"]) for image in coco["images"]}
    assert set(sizes.values()) == {(160, 96)}
    assert len(sizes) == 15
    assert len(coco["annotations"]) >= 15
    for found in coco["annotations"]:
        x, y, width, height = found["bbox"]
        assert x + width <= 160
        assert y + height <= 96


def test_packed_b_frames_are_recorded_at_even_intervals(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    packed_avi(tmp_path / "packed.avi", 24)
    out = record("packed.avi")
    assert len(out.times_s) >= 23
    assert out.times_s == pytest.approx([i / 25 for i in range(len(out.times_s))])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes")
def test_a_pipe_is_recorded(record: Callable[[str], Recorded], tmp_path: Path) -> None:
    video = write_video(tmp_path / "clip.ts", [i / 25 for i in range(30)])
    os.mkfifo(tmp_path / "film")
    with written(tmp_path / "film", video):
        out = record("film")
    assert out.times_s == pytest.approx([i / 25 for i in range(30)])
