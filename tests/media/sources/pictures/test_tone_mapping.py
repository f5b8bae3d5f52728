"""What app.media.sources.pictures.tone_mapping promises."""

import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream
from numpy.typing import NDArray

from app.media.sources.file_source import FileSource
from app.media.sources.pictures.shown import Shown
from app.media.sources.pictures.tone_mapping import sdr_of

PQ, HLG = ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67
BT2020_NCL = 9  # FFmpeg's number
PATCH = 32


def hdr_clip(path: Path, trc: ColorTrc, patches: NDArray[np.float64]) -> Path:
    """Patches side by side: (N, 3) red, green, blue as HDR has them, in [0, 1]."""
    rgb = np.round(patches * 65535).astype(np.uint16)[np.newaxis]
    rgb = rgb.repeat(PATCH, axis=1).repeat(2 * PATCH, axis=0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = rgb.shape[1], rgb.shape[0]
        stream.pix_fmt = "yuv420p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries = trc, ColorPrimaries.BT2020
        context.colorspace, context.color_range = BT2020_NCL, ColorRange.MPEG
        frame = VideoFrame.from_ndarray(rgb, format="rgb48le").reformat(
            format="yuv420p10le",
            dst_colorspace=Colorspace.BT2020,
            dst_color_range=ColorRange.MPEG,
        )
        frame.color_trc, frame.color_primaries = trc, ColorPrimaries.BT2020
        for pts in range(3):
            frame.pts = pts
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def shown(path: Path) -> NDArray[np.int64]:
    """(N, 3) red, green, blue in the middle of each patch."""
    source = FileSource(path)
    source.open()
    frames = list(source.frames())
    source.close()
    assert len(frames) == 3
    middle = frames[-1].image_bgr[PATCH, PATCH // 2 :: PATCH, ::-1]
    return middle.astype(np.int64)


@pytest.mark.parametrize(
    ("trc", "signals"), [(PQ, (0.0, 0.38, 0.58, 0.75)), (HLG, (0.0, 0.38, 0.75, 1.0))]
)
def test_grey_and_white_are_as_bright_as_they_should(
    tmp_path: Path, trc: ColorTrc, signals: tuple[float, ...]
) -> None:
    """Source: BT.2408, table 1: a grey card of 18 % has 26 cd/m2, white 203."""
    patches = np.array(signals)[:, np.newaxis].repeat(3, axis=1)
    black, grey, white, brighter = shown(hdr_clip(tmp_path / "hdr.mkv", trc, patches))
    assert black == pytest.approx([0, 0, 0], abs=2)
    # On a screen of gamma 2.4 (BT.1886): 255 (26 / 203) ** (1 / 2.4) = 108.
    assert grey == pytest.approx([108] * 3, abs=3)
    assert white == pytest.approx([255] * 3, abs=2)
    assert brighter == pytest.approx([255] * 3, abs=1)


def test_colours_of_bt709_come_out_as_they_are() -> None:
    """BT.2087, table 2: what BT.709's primaries are in BT.2020's, as light."""
    red_2020 = np.array([0.6274, 0.0691, 0.0164])
    white = sdr_of(np.full((1, 3), 0.5807), PQ, ColorPrimaries.BT2020)
    assert white == pytest.approx(np.ones((1, 3)), abs=0.01)
    m1, m2, c1, c2, c3 = 0.1593, 78.8438, 0.8359, 18.8516, 18.6875
    power = (red_2020 * 203 / 10_000) ** m1
    signal = ((c1 + c2 * power) / (1 + c3 * power)) ** m2
    red, green, blue = sdr_of(signal[np.newaxis], PQ, ColorPrimaries.BT2020)[0]
    assert red == pytest.approx(1, abs=0.01)
    # Near black 2.4 is steep: 0.1 of what a screen shows is 0.004 of its light.
    assert max(abs(green), abs(blue)) < 0.1


def test_a_change_of_size_or_kind_is_followed() -> None:
    """As in joined clips: other filters are needed for each."""
    shown = Shown()
    for width, trc, level in ((64, PQ, 0.58), (96, PQ, 0.58), (96, HLG, 0.75)):
        grey = np.full((48, width, 3), round(level * 65535), np.uint16)
        frame = VideoFrame.from_ndarray(grey, format="rgb48le")
        frame.color_trc, frame.color_primaries = trc, ColorPrimaries.BT2020
        image_bgr = shown.bgr(frame)
        assert image_bgr.shape == (48, width, 3)
        assert image_bgr[24, 24] == pytest.approx([255] * 3, abs=2)


def test_other_primaries_are_other_colours() -> None:
    """Pure red as light of white paper's height; red stays red where it is BT.709's."""
    red = np.array([[0.5807, 0.0, 0.0]])
    as_709 = sdr_of(red, PQ, ColorPrimaries.BT709)[0]
    as_p3 = sdr_of(red, PQ, ColorPrimaries.SMPTE432)[0]
    as_2020 = sdr_of(red, PQ, ColorPrimaries.BT2020)[0]
    assert as_709 == pytest.approx([1, 0, 0], abs=0.01)
    # Wider primaries lie outside: more red than there is, and negative green.
    assert 1 < as_p3[0] < as_2020[0]
    assert 0 > as_p3[1] > as_2020[1]
    assert as_2020[0] ** 2.4 == pytest.approx(1.6605, abs=0.01)  # BT.2087, table 4


def zscale() -> str:
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("no ffmpeg program here")
    listed = subprocess.run(
        [program, "-hide_banner", "-filters"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    ).stdout
    if "zscale" not in listed:
        pytest.skip("this ffmpeg program has no zscale")
    return program


@pytest.mark.parametrize("trc", [PQ, HLG])
def test_colours_are_those_of_zscale(tmp_path: Path, trc: ColorTrc) -> None:
    """Another program's mathematics: the ffmpeg program with zimg inside."""
    program = zscale()
    rng = np.random.default_rng(seed=3)
    patches = np.vstack([np.eye(3) * 0.55, rng.uniform(0.15, 0.6, (20, 3))])
    path = hdr_clip(tmp_path / "hdr.mkv", trc, patches)
    filters = (
        "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=clip,"
        "zscale=t=bt709:m=bt709:r=full,format=gbrp"
    )
    raw = subprocess.run(
        [
            *(program, "-v", "error", "-i", str(path), "-vf", filters),
            *("-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"),
        ],
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    theirs = np.frombuffer(raw, np.uint8).reshape(2 * PATCH, -1, 3)
    expected = theirs[PATCH, PATCH // 2 :: PATCH].astype(np.int64)
    difference = np.abs(shown(path) - expected)
    assert difference.mean() < 3
    assert np.percentile(difference, 90) <= 8
