"""What app.media.video_files promises."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import av
import pytest
from av.video.stream import VideoStream

from app.errors import SourceError
from app.media.sources.make import file_source
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


PLAYLISTS = {
    "a.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{0}\n#EXT-X-ENDLIST\n",
    "b.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{0}\n#EXT-X-ENDLIST\n",
    "c.mp4": "ffconcat version 1.0\nfile '{0}'\n",
    "d.mpd": '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT4S"><Period><AdaptationSet mimeType="video/mp4">'
    '<Representation id="1" bandwidth="1"><BaseURL>{0}</BaseURL><SegmentBase/>'
    "</Representation></AdaptationSet></Period></MPD>",
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_file_that_lists_addresses_fetches_none(tmp_path: Path, name: str) -> None:
    """A sidecar may name such a file; FFmpeg opens from files only files."""
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        path = tmp_path / name
        address = f"http://127.0.0.1:{server.server_port}/x.ts"
        path.write_text(PLAYLISTS[name].format(address))
        source = file_source(str(path))
        try:
            with pytest.raises(SourceError):
                source.open()
        finally:
            source.close()
            server.shutdown()
            thread.join(10)
    assert asked == []
