"""What app.media.video_files promises."""

from pathlib import Path

import av
import pytest
from av.video.stream import VideoStream

from app.media.video_files import is_video_file, video_suffixes
from tests.media.clips import write_video


def test_what_ffmpeg_plays_is_a_video_and_what_it_only_reads_is_none() -> None:
    played = "mp4 mkv mov avi webm m4v mpg mpeg wmv ts m2ts mts flv 3gp ogv vob mxf y4m"
    assert {f".{name}" for name in played.split()} <= video_suffixes()
    other = "mp3 wav flac m4a txt srt ass jpg png json jsonl csv py onnx avif heic"
    assert not {f".{name}" for name in other.split()} & video_suffixes()


@pytest.mark.parametrize(
    ("suffix", "container", "codec"),
    [
        (".ts", "mpegts", "mpeg2video"),
        (".mpg", "mpeg", "mpeg2video"),
        (".flv", "flv", "flv"),
        (".MP4", "mp4", "mpeg4"),
    ],
)
def test_a_video_of_any_container_is_one(
    tmp_path: Path, suffix: str, container: str, codec: str
) -> None:
    video = write_video(tmp_path / "clip.mp4", [i / 25 for i in range(10)])
    path = tmp_path / f"copy{suffix}"
    with (
        av.open(str(video)) as source,
        av.open(str(path), "w", format=container) as out,
    ):
        stream = out.add_stream(codec, rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for frame in source.decode(video=0):
            out.mux(stream.encode(frame.reformat(640, 360, "yuv420p")))
        out.mux(stream.encode(None))
    assert is_video_file(path)


def test_a_text_named_like_a_video_is_none(tmp_path: Path) -> None:
    code = tmp_path / "window.ts"
    code.write_text("export const größe = 1;\n" * 200, encoding="utf-8")
    assert not is_video_file(code)
    damaged = tmp_path / "damaged.mp4"  # nothing else is called so: it is tried
    damaged.write_text("no video")
    assert is_video_file(damaged)
