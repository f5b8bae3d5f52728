"""What app.media.sources.pictures.cropping promises."""

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from app.media.sources.file_source import FileSource
from app.media.sources.pictures.cropping import Cropping, cropping_of
from app.types import ImageBgr
from tests.media.clips import write_video
from tests.media.corners import cornered, corners

CLUSTER = b"\x1f\x43\xb6\x75"
# Black around the picture: 16 on the left, 8 on top, 32 on the right, 24 below.
BORDERS = Cropping(left=16, top=8, right=32, bottom=24)
SIZE_WH = (160, 96)
# Matroska's names of what leads to the size of a picture (RFC 9559).
SEGMENT, TRACKS, TRACK, VIDEO = (
    b"\x18\x53\x80\x67",
    b"\x16\x54\xae\x6b",
    b"\xae",
    b"\xe0",
)


def framed(_: int, size_wh: tuple[int, int]) -> ImageBgr:
    width, height = size_wh
    picture = np.zeros((height, width, 3), np.uint8)
    inner_wh = (
        width - BORDERS.left - BORDERS.right,
        height - BORDERS.top - BORDERS.bottom,
    )
    picture[
        BORDERS.top : height - BORDERS.bottom, BORDERS.left : width - BORDERS.right
    ] = cornered(inner_wh)
    return picture


def inserted(data: bytes, path: list[bytes], content: bytes) -> bytes:
    """`content` at the end of the element that `path` leads to; sizes follow."""
    if not path:
        return data + content
    at = 0
    while at < len(data):
        kind_length, size_length = (
            9 - data[i].bit_length() for i in (at, at + 9 - data[at].bit_length())
        )
        head = at + kind_length
        size = int.from_bytes(data[head : head + size_length], "big")
        size &= (1 << 7 * size_length) - 1
        start = head + size_length
        is_unknown = size == (1 << 7 * size_length) - 1
        end = len(data) if is_unknown else start + size
        if data[at:head] == path[0]:
            inside = inserted(data[start:end], path[1:], content)
            length = data[head:start]
            if not is_unknown:
                length = (1 << 56 | len(inside)).to_bytes(8, "big")
            return data[:head] + length + inside + data[end:]
        at = end
    raise AssertionError(f"{path[0].hex()} is missing")


def matroska(folder: Path) -> Path:
    path = write_video(
        folder / "cropped.mkv",
        [i / 25 for i in range(3)],
        size_wh=SIZE_WH,
        draw=framed,
        container_options={"live": "1"},  # without an index, which would be wrong
    )
    numbers = (
        (0x54AA, BORDERS.bottom),
        (0x54BB, BORDERS.top),
        (0x54CC, BORDERS.left),
        (0x54DD, BORDERS.right),
    )
    crop = b"".join(struct.pack(">HBB", kind, 0x81, side) for kind, side in numbers)
    place = [SEGMENT, TRACKS, TRACK, VIDEO]
    path.write_bytes(inserted(path.read_bytes(), place, crop))
    return path


def tracks_last(folder: Path) -> Path:
    """Its tracks stand behind the pictures, where its list of contents says."""
    data = matroska(folder).read_bytes()
    start = data.index(SEGMENT) + 4 + 8
    tracks = data.rindex(TRACKS, start, data.index(CLUSTER))  # not its mention
    end = tracks + 4 + 8 + int.from_bytes(data[tracks + 5 : tracks + 12], "big")
    head, block, rest = data[start:tracks], data[tracks:end], data[end:]

    def element(kind: bytes, content: bytes) -> bytes:
        return kind + (1 << 56 | len(content)).to_bytes(8, "big") + content

    def contents(position: int) -> bytes:
        place = element(b"\x53\xac", position.to_bytes(8, "big"))
        entry = element(b"\x4d\xbb", element(b"\x53\xab", TRACKS) + place)
        return element(b"\x11\x4d\x9b\x74", entry)

    # The one that is there tells where they were: of no meaning from now on.
    at = head.index(b"\x11\x4d\x9b\x74")
    length = 4 + 1 + (head[at + 4] & 0x7F)
    nothing = b"\xec" + (1 << 56 | length - 9).to_bytes(8, "big") + bytes(length - 9)
    head = head[:at] + nothing + head[at + length :]
    position = len(contents(0)) + len(head) + len(rest)
    whole = contents(position) + head + rest + block
    path = folder / "last.mkv"
    path.write_bytes(
        data[: start - 8] + (1 << 56 | len(whole)).to_bytes(8, "big") + whole
    )
    return path


def mp4(folder: Path) -> Path:
    """Its clean aperture lies around a middle that is moved by half the difference.

    Source: ISO 14496-12, 12.1.4.
    """
    path = write_video(
        folder / "cropped.mp4",
        [i / 25 for i in range(3)],
        size_wh=SIZE_WH,
        draw=framed,
    )
    data = path.read_bytes()
    width = SIZE_WH[0] - BORDERS.left - BORDERS.right
    height = SIZE_WH[1] - BORDERS.top - BORDERS.bottom
    right, down = BORDERS.left - BORDERS.right, BORDERS.top - BORDERS.bottom
    clap = struct.pack(
        ">I4sIIIIiIiI", 40, b"clap", width, 1, height, 1, right, 2, down, 2
    )
    assert data.index(b"moov") > data.index(b"mdat")  # nothing else need move
    end = data.index(b"avc1", data.index(b"stsd")) - 4
    end += struct.unpack_from(">I", data, end)[0]
    grown = bytearray(data[:end] + clap + data[end:])
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1"):
        at = grown.index(kind, grown.index(b"moov")) - 4
        (size,) = struct.unpack_from(">I", grown, at)
        struct.pack_into(">I", grown, at, size + len(clap))
    path.write_bytes(grown)
    return path


@pytest.mark.parametrize("make", [matroska, tracks_last, mp4])
def test_what_the_file_cuts_off_is_not_shown(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    path = make(tmp_path)
    assert cropping_of(path, 0) == BORDERS
    source = FileSource(path)
    info = source.open()
    frames = list(source.frames())
    source.close()
    assert info.size_wh == (160 - 16 - 32, 96 - 8 - 24)
    assert len(frames) == 3
    for frame in frames:
        assert frame.image_bgr.shape[1::-1] == info.size_wh
        assert corners(frame.image_bgr) == "RGBW"
        # Not a line of the border is left, nor one of the picture lost.
        assert frame.image_bgr[[0, -1]].max(axis=2).min() > 120
        assert frame.image_bgr[:, [0, -1]].max(axis=2).min() > 120


def test_a_file_that_cuts_off_nothing_is_shown_whole(tmp_path: Path) -> None:
    for suffix in (".mkv", ".webm", ".mp4", ".mov", ".avi", ".ts"):
        codec = "libvpx-vp9" if suffix == ".webm" else "mpeg4"
        path = write_video(
            tmp_path / f"clip{suffix}", [0.0, 0.04], codec=codec, rate=Fraction(25)
        )
        assert cropping_of(path, 0) == Cropping()
        assert cropping_of(path, 1) == Cropping()


def test_wide_pixels_are_cut_off_as_they_are_stored() -> None:
    enlarged = np.repeat(framed(0, SIZE_WH), 2, axis=1)
    left = BORDERS.apply(enlarged, (2.0, 1.0))
    assert left.shape == (64, 224, 3)
    assert corners(left) == "RGBW"


def test_nonsense_cuts_nothing_off(tmp_path: Path) -> None:
    picture = cornered()
    for nonsense in (Cropping(left=80), Cropping(top=40, bottom=40), Cropping(-1)):
        assert nonsense.apply(picture, (1.0, 1.0)).shape == picture.shape
    whole = matroska(tmp_path).read_bytes()
    torn = tmp_path / "torn.mkv"
    for size in (*range(0, 64), *range(64, len(whole), 97)):
        torn.write_bytes(whole[:size])
        assert cropping_of(torn, 0) in (Cropping(), BORDERS)
    whole = mp4(tmp_path).read_bytes()
    for size in range(0, len(whole), 41):
        torn.write_bytes(whole[:size])
        assert cropping_of(torn, 0) in (Cropping(), BORDERS)
