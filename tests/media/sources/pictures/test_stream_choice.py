"""What app.media.sources.pictures.stream_choice promises."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.errors import SourceError
from app.media.sources.file_source import FileSource
from app.media.sources.make import make_source
from app.media.sources.pictures.stream_choice import (
    choose_video,
    leave_out_others,
    sound_of,
)
from tests.media.clips import numbered_picture, read_number
from tests.media.servers import file_server

FILM_WH, SMALL_WH = (320, 240), (80, 60)
COUNT = 25


def write_streams(
    path: Path,
    streams: list[tuple[str, tuple[int, int], Disposition]],
    *,
    with_sound: bool = False,
    count: int = COUNT,
) -> Path:
    """Each (codec, size, disposition); number i of stream s shows 100 s + i."""
    with av.open(str(path), "w") as out:
        videos: list[VideoStream] = []
        for codec, size_wh, disposition in streams:
            video = out.add_stream(codec, rate=25)
            assert isinstance(video, VideoStream)
            video.width, video.height = size_wh
            video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            video.disposition = disposition
            videos.append(video)
        sound = out.add_stream("aac", rate=48_000, layout="mono")
        assert isinstance(sound, AudioStream)
        for index, video in enumerate(videos):
            size_wh = streams[index][1]
            is_cover = streams[index][2] == Disposition.attached_pic
            for number in range(1 if is_cover else count):
                picture = numbered_picture(100 * index + number, size_wh)
                frame = VideoFrame.from_ndarray(picture, "bgr24")
                frame = frame.reformat(format=video.pix_fmt)
                frame.pts, frame.time_base = number, Fraction(1, 25)
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
        for start in range(0, 1920 * count if with_sound else 1024, 1024):
            silence = AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), "fltp", "mono"
            )
            silence.sample_rate, silence.pts = 48_000, start
            out.mux(sound.encode(silence))
        out.mux(sound.encode(None))
    return path


NONE = Disposition(0)
FILMS = {
    "a cover before": (
        [("mjpeg", SMALL_WH, Disposition.attached_pic), ("libx264", FILM_WH, NONE)],
        ".mp4",
    ),
    "a large cover before": (
        [("mjpeg", (640, 480), Disposition.attached_pic), ("libx264", FILM_WH, NONE)],
        ".mp4",
    ),
    "a preview before the default": (
        [("mjpeg", SMALL_WH, NONE), ("libx264", FILM_WH, Disposition.default)],
        ".mkv",
    ),
    "the default, though another is larger": (
        [("libx264", (640, 480), NONE), ("libx264", FILM_WH, Disposition.default)],
        ".mkv",
    ),
    "no default": ([("mjpeg", SMALL_WH, NONE), ("libx264", FILM_WH, NONE)], ".mkv"),
}


@pytest.mark.parametrize("name", FILMS)
def test_the_film_is_watched(tmp_path: Path, name: str) -> None:
    streams, suffix = FILMS[name]
    source = FileSource(write_streams(tmp_path / f"clip{suffix}", streams))
    info = source.open()
    frames = list(source.frames())
    assert info.size_wh == FILM_WH
    assert [read_number(f.image_bgr) for f in frames] == list(range(100, 100 + COUNT))
    source.seek(0.4)  # the same one after a jump
    assert read_number(next(source.frames()).image_bgr) == 110
    source.close()


def test_of_two_alike_the_first_is_watched(tmp_path: Path) -> None:
    path = write_streams(tmp_path / "two.mkv", [("libx264", FILM_WH, NONE)] * 2)
    source = FileSource(path)
    source.open()
    assert read_number(next(source.frames()).image_bgr) == 0
    source.close()


def test_over_http_the_film_is_watched_and_a_cover_never(tmp_path: Path) -> None:
    cover = ("mjpeg", (640, 480), Disposition.attached_pic)
    write_streams(tmp_path / "clip.mp4", [cover, ("libx264", FILM_WH, NONE)])
    write_streams(tmp_path / "song.mp4", [cover], with_sound=True)
    with file_server(tmp_path) as port:
        source = make_source(f"http://127.0.0.1:{port}/clip.mp4")
        info = source.open()
        number = read_number(next(source.frames()).image_bgr)
        source.close()
        song = make_source(f"http://127.0.0.1:{port}/song.mp4")
        with pytest.raises(SourceError, match=r"song\.mp4 has no picture"):
            song.open()
        song.close()
    assert info.size_wh == FILM_WH
    assert number >= 100


def playlist(folder: Path) -> Path:
    """Two qualities, the poor one first; each with its sound."""
    master = "#EXTM3U\n"
    for name, size_wh, bits in (("low", SMALL_WH, 100_000), ("high", FILM_WH, 900_000)):
        write_streams(
            folder / f"{name}.ts", [("libx264", size_wh, NONE)], with_sound=True
        )
        (folder / f"{name}.m3u8").write_text(
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n"
            f"{name}.ts\n#EXT-X-ENDLIST\n"
        )
        master += f"#EXT-X-STREAM-INF:BANDWIDTH={bits}\n{name}.m3u8\n"
    path = folder / "master.m3u8"
    path.write_text(master)
    return path


def test_of_a_playlist_the_best_is_watched_with_its_own_sound(tmp_path: Path) -> None:
    path = playlist(tmp_path)
    source = FileSource(path)
    info = source.open()
    assert info.size_wh == FILM_WH
    assert len(list(source.frames())) == COUNT
    source.close()
    with av.open(str(path)) as container:
        video = choose_video(container)
        assert video is not None
        assert len(container.streams.audio) == 2
        (sound,) = sound_of(container, video)
        assert sound.metadata["variant_bitrate"] == "900000"


def test_a_poor_quality_is_not_fetched_any_further(tmp_path: Path) -> None:
    playlist(tmp_path)
    for name in ("low", "high"):
        segment = (tmp_path / f"{name}.ts").read_bytes()
        text = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n"
        for number in range(8):
            (tmp_path / f"{name}{number}.ts").write_bytes(segment)
            text += f"#EXT-X-DISCONTINUITY\n#EXTINF:1.0,\n{name}{number}.ts\n"
        (tmp_path / f"{name}.m3u8").write_text(text + "#EXT-X-ENDLIST\n")
    asked: list[str] = []
    with (
        file_server(tmp_path, asked=asked) as port,
        av.open(f"http://127.0.0.1:{port}/master.m3u8") as container,
    ):
        video = choose_video(container)
        assert video is not None
        leave_out_others(container, video)
        pictures = sum(packet.size > 0 for packet in container.demux(video))
    assert pictures == 8 * COUNT
    assert sum(path.startswith("/high") and path.endswith(".ts") for path in asked) >= 8
    # To know what there is, each must be looked into.
    assert sum(path.startswith("/low") and path.endswith(".ts") for path in asked) <= 2


def test_all_the_sound_of_a_file_belongs_to_its_film(tmp_path: Path) -> None:
    path = write_streams(tmp_path / "clip.mp4", [("libx264", FILM_WH, NONE)])
    with av.open(str(path)) as container:
        video = choose_video(container)
        assert video is not None
        assert sound_of(container, video) == list(container.streams.audio)
