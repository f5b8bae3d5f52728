"""What we write opens in a browser; asked of Chromium where it is installed."""

import functools
import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from app.media.recording.gif import write_gif
from app.media.recording.recorder import Mp4Recorder
from app.types import VideoInfo
from tests.media.clips import numbered_picture

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SIZE_WH = (160, 90)
PAGE = """<pre id="told">waiting</pre><script>
const told = [], videos = ["a.mp4", "a.mov", "a.mkv"];
function tell(text) {
  told.push(text);
  if (told.length > videos.length)
    document.getElementById("told").textContent = "TOLD " + told.sort().join(", ");
}
for (const name of videos) {
  const video = document.createElement("video");
  video.onloadeddata = () => tell(
    `${name} ${video.videoWidth}x${video.videoHeight} ${video.duration.toFixed(1)}`);
  video.onerror = () => tell(`${name} error`);
  video.src = name;
}
const image = new Image();
image.onload = () => tell(`a.gif ${image.width}x${image.height}`);
image.onerror = () => tell("a.gif error");
image.src = "a.gif";
</script>"""
# Quiet, and nothing of it goes onto the network.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=8000",
    "--dump-dom",
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A page with one of each format, on this machine only."""
    for suffix in (".mp4", ".mov", ".mkv"):
        recorder = Mp4Recorder(tmp_path / f"a{suffix}")
        recorder.open(VideoInfo("a", SIZE_WH, Fraction(25), None, None, is_live=False))
        for number in range(50):
            recorder.write(numbered_picture(number, SIZE_WH), number / 25)
        recorder.close()
    write_gif(tmp_path / "a.mp4", tmp_path / "a.gif", width=160)
    (tmp_path / "index.html").write_text(PAGE)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_every_format_opens_in_a_browser(site: str, tmp_path: Path) -> None:
    shown = subprocess.run(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", site],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    ).stdout
    (told,) = re.findall(r'id="told">(.*?)<', shown)
    assert told == (
        "TOLD a.gif 160x90, a.mkv 160x90 2.0, a.mov 160x90 2.0, a.mp4 160x90 2.0"
    )
