"""HDR (PQ and HLG) as a screen of today shows it, with FFmpeg's filters.

What is as bright as paper (203 cd/m2, BT.2408) becomes white, and what is brighter
is white too; below it, light stays what it was. BT.2020's colours become BT.709's.
All of it is one table of colours, made once, that `haldclut` looks up: 0.1 s of a
core for a picture of full HD.
"""

from fractions import Fraction
from functools import cache

import av.filter
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorTrc
from numpy.typing import NDArray

HDR = (ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67)
WHITE_CD_M2 = 203.0  # BT.2408, table 1
_HLG_PEAK_CD_M2, _HLG_GAMMA = 1000.0, 1.2  # BT.2100, table 5, notes 5e and 5f
_SCREEN_GAMMA = 2.4  # BT.1886
# Colours a side of the table; a Hald table has the square of a whole number.
_LEVEL = 8
_SIDE = _LEVEL**2
# So much beyond black and white is in the table, or all near them would be bent.
_MARGIN = 0.25
_TICK = Fraction(1, 1000)
# Linear light of these primaries to BT.709's. Source: BT.2087, table 4, and the
# like for P3 (SMPTE RP 431-2, with D65).
_TO_709 = {
    ColorPrimaries.BT709: np.eye(3),
    ColorPrimaries.SMPTE432: np.array(
        [
            [1.224940, -0.224940, 0.0],
            [-0.042057, 1.042057, 0.0],
            [-0.019638, -0.078636, 1.098274],
        ]
    ),
}
_BT2020_TO_709 = np.array(
    [
        [1.660491, -0.587641, -0.072850],
        [-0.124550, 1.132900, -0.008350],
        [-0.018151, -0.100579, 1.118730],
    ]
)


def is_hdr(frame: VideoFrame) -> bool:
    """Whether its values are PQ's or HLG's."""
    return frame.color_trc in HDR


class ToneMapper:
    """Maps pictures of one size and kind."""

    def __init__(self, size_wh: tuple[int, int], trc: int, primaries: int) -> None:
        """Build the filters.

        Args:
            size_wh: of the pictures.
            trc: one of `HDR`.
            primaries: FFmpeg's number for them.
        """
        table = _table(trc, primaries)
        graph = av.filter.Graph()
        pictures, colours = (
            graph.add_buffer(
                width=width, height=height, format=table.format, time_base=_TICK
            )
            for width, height in (size_wh, (table.width, table.height))
        )
        look_up = graph.add("haldclut", clut="first")
        pictures.link_to(look_up, 0, 0)
        colours.link_to(look_up, 0, 1)
        black, white = (
            str((level + _MARGIN) / (1 + 2 * _MARGIN)) for level in (0.0, 1.0)
        )
        cut = {f"{c}imin": black for c in "rgb"} | {f"{c}imax": white for c in "rgb"}
        levels = graph.add("colorlevels", **cut)
        to_8_bit = graph.add("format", pix_fmts="bgr24")
        end = graph.add("buffersink")
        graph.link_nodes(look_up, levels, to_8_bit, end).configure()
        table.pts, table.time_base = 0, _TICK
        colours.push(table)
        colours.push(None)
        self._graph, self._pictures, self._end = graph, pictures, end
        self._count = 0

    def map(self, bgr48: VideoFrame) -> VideoFrame:
        """As bgr24; `bgr48` is RGB of 16 bits, its values still PQ's or HLG's."""
        bgr48.pts, bgr48.time_base = self._count, _TICK
        self._count += 1
        self._pictures.push(bgr48)
        mapped = self._end.pull()
        assert isinstance(mapped, VideoFrame)
        return mapped


@cache
def _table(trc: int, primaries: int) -> VideoFrame:
    """A Hald table: red changes fastest, blue slowest."""
    steps = np.linspace(0.0, 1.0, _SIDE)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    values = sdr_of(np.stack([red, green, blue], axis=-1), trc, primaries)
    shares = (np.clip(values, -_MARGIN, 1 + _MARGIN) + _MARGIN) / (1 + 2 * _MARGIN)
    side = _LEVEL**3
    bgr = np.round(shares[..., ::-1] * 65535).astype(np.uint16).reshape(side, side, 3)
    return VideoFrame.from_ndarray(np.ascontiguousarray(bgr), format="bgr48le")


def sdr_of(rgb: NDArray[np.float64], trc: int, primaries: int) -> NDArray[np.float64]:
    """(..., 3) values for a screen, 0 black and 1 white; beyond them what it lacks.

    Args:
        rgb: (..., 3) PQ's or HLG's values in [0, 1].
        trc: one of `HDR`.
        primaries: FFmpeg's number for them; those not known are BT.2020's.
    """
    light = _pq_light(rgb) if trc == ColorTrc.SMPTE2084 else _hlg_light(rgb)
    known = {int(kind): matrix for kind, matrix in _TO_709.items()}
    light_709 = light @ known.get(primaries, _BT2020_TO_709).T / WHITE_CD_M2
    shown = np.sign(light_709) * np.abs(light_709) ** (1 / _SCREEN_GAMMA)
    return np.asarray(shown, np.float64)


def _pq_light(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """cd/m2. Source: BT.2100, table 4."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    power = rgb ** (1 / m2)
    light = (np.maximum(power - c1, 0.0) / (c2 - c3 * power)) ** (1 / m1)
    return np.asarray(10_000 * light, np.float64)


def _hlg_light(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """cd/m2 on a screen of 1000, each colour by itself, as FFmpeg's zscale does.

    BT.2100 raises all three by their luminance; greys are the same either way, and
    saturated colours a little darker there.

    Source: BT.2100, table 5; zimg's approximate gamma.
    """
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(rgb <= 0.5, rgb**2 / 3, (np.exp((rgb - c) / a) + b) / 12)
    return np.asarray(_HLG_PEAK_CD_M2 * scene**_HLG_GAMMA, np.float64)
