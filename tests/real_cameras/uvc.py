"""How a USB camera describes itself: descriptors and modes; standard library only.

Source: USB 2.0, chapter 9; USB Video Class 1.1, chapters 3 and 4, and its
"Payload Uncompressed" and "Payload MJPEG".
"""

import struct
from dataclasses import dataclass
from pathlib import Path

PAYLOAD_BYTES = 16384
ENDPOINT = 1
# UVC 1.1, table 4-75, a picture's wish and answer: 34 bytes.
PROBE = struct.Struct("<HBBIHHHHHIIIBBBB")
_CLOCK_HZ = 48_000_000
_CS_INTERFACE = 0x24
_YUY2 = b"YUY2\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"


@dataclass(frozen=True)
class Mode:
    """A size and its rates, with the pictures to send.

    Attributes:
        pixel_format: "MJPG" or "YUYV".
        width: in pixels.
        height: in pixels.
        intervals: from picture to picture, in 100 ns; the first is the usual one.
        pictures: as they go over the wire.
    """

    pixel_format: str
    width: int
    height: int
    intervals: tuple[int, ...]
    pictures: tuple[bytes, ...]

    @property
    def max_bytes(self) -> int:
        """Of a picture."""
        return self.width * self.height * 2


def read_modes(folder: Path, text: str) -> dict[str, list[Mode]]:
    """By format, of "MJPG:640x480@30,15;YUYV:320x240@30"."""
    modes: dict[str, list[Mode]] = {}
    for item in text.split(";"):
        pixel_format, rest = item.split(":")
        size, rates = rest.split("@")
        width, height = map(int, size.split("x"))
        blob = (folder / f"{pixel_format}-{size}.bin").read_bytes()
        (count,) = struct.unpack_from("<I", blob)
        start, pictures = 4 + 4 * count, []
        for length in struct.unpack_from(f"<{count}I", blob, 4):
            pictures.append(blob[start : start + length])
            start += length
        intervals = tuple(round(1e7 / float(rate)) for rate in rates.split(","))
        mode = Mode(pixel_format, width, height, intervals, tuple(pictures))
        modes.setdefault(pixel_format, []).append(mode)
    return modes


def device_descriptor(usb_id: str, *, has_serial: bool) -> bytes:
    """USB 2.0, table 9-8: a high-speed device of several interfaces."""
    vendor, product = (int(part, 16) for part in usb_id.split(":"))
    kind = (0xEF, 2, 1)  # with an interface association
    return struct.pack(
        *("<BBHBBBBHHHBBBB", 18, 1, 0x0200, *kind, 64, vendor, product, 0x0100),
        *(1, 2, 3 if has_serial else 0, 1),
    )


def configuration_descriptor(modes: dict[str, list[Mode]]) -> bytes:
    """USB 2.0, table 9-10, with all that follows it: control, streaming, endpoint."""
    streams = _stream_descriptors(modes)
    terminals = struct.pack(
        "<BBBBHBBHHHB3x", 18, _CS_INTERFACE, 2, 1, 0x0201, 0, 0, 0, 0, 0, 3
    ) + struct.pack("<BBBBHBBB", 9, _CS_INTERFACE, 3, 2, 0x0101, 0, 1, 0)
    control = struct.pack(
        *("<BBBHHIBB", 13, _CS_INTERFACE, 1, 0x0110),
        *(13 + len(terminals), _CLOCK_HZ, 1, 1),
    )
    head = 13 + len(modes)
    streaming = struct.pack(
        *("<BBBBHBBBBBBB", head, _CS_INTERFACE, 1, len(modes), head + len(streams)),
        *(0x80 | ENDPOINT, 0, 2, 0, 0, 0, 1),
    ) + bytes(len(modes))
    body = struct.pack("<BBBBBBBB", 8, 11, 0, 2, 14, 3, 0, 0)
    body += struct.pack("<BBBBBBBBB", 9, 4, 0, 0, 0, 14, 1, 0, 0) + control + terminals
    body += struct.pack("<BBBBBBBBB", 9, 4, 1, 0, 1, 14, 2, 0, 0) + streaming + streams
    body += struct.pack("<BBBBHB", 7, 5, 0x80 | ENDPOINT, 2, 512, 0)
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 2, 1, 0, 0x80, 250) + body


def _stream_descriptors(modes: dict[str, list[Mode]]) -> bytes:
    body = b""
    for number, (pixel_format, sizes) in enumerate(modes.items(), 1):
        if pixel_format == "MJPG":
            kind = 7
            body += struct.pack(
                *("<BBBBBBBBBBB", 11, _CS_INTERFACE, 6, number, len(sizes)),
                *(1, 1, 0, 0, 0, 0),
            )
        else:
            kind = 5
            body += struct.pack(
                *("<BBBBB16sBBBBBB", 27, _CS_INTERFACE, 4, number, len(sizes)),
                *(_YUY2, 16, 1, 0, 0, 0, 0),
            )
        for index, mode in enumerate(sizes, 1):
            count = len(mode.intervals)
            body += struct.pack(
                *("<BBBBBHHIIIIB", 26 + 4 * count, _CS_INTERFACE, kind, index, 0),
                *(mode.width, mode.height, 1_000_000, 200_000_000, mode.max_bytes),
                *(mode.intervals[0], count),
            ) + struct.pack(f"<{count}I", *mode.intervals)
        body += struct.pack("<BBBBBB", 6, _CS_INTERFACE, 13, 1, 1, 4)
    return body


def string_descriptor(text: str | None) -> bytes | None:
    """USB 2.0, table 9-16; None: there is none."""
    if text is None:
        return None
    raw = text.encode("utf-16-le")
    return struct.pack("<BB", 2 + len(raw), 3) + raw


LANGUAGES = struct.pack("<BBH", 4, 3, 0x0409)
QUALIFIER = struct.pack("<BBHBBBBBB", 10, 6, 0x0200, 0xEF, 2, 1, 64, 1, 0)


def answer_to(modes: dict[str, list[Mode]], wish: bytes) -> bytes:
    """What is granted: the format and size asked for, at the nearest rate."""
    names = list(modes)
    values = PROBE.unpack(wish.ljust(PROBE.size, b"\0")[: PROBE.size])
    form = min(max(values[1], 1), len(names))
    sizes = modes[names[form - 1]]
    frame = min(max(values[2], 1), len(sizes))
    mode = sizes[frame - 1]
    wanted = values[3] or mode.intervals[0]
    interval = min(mode.intervals, key=lambda i: abs(i - wanted))
    return PROBE.pack(
        *(0, form, frame, interval, 0, 0, 0, 0, 0),
        *(mode.max_bytes, PAYLOAD_BYTES, _CLOCK_HZ, 0, 0, 0, 0),
    )


def mode_of(modes: dict[str, list[Mode]], granted: bytes) -> tuple[Mode, float]:
    """The mode that was granted, and its interval in seconds."""
    values = PROBE.unpack(granted)
    mode = modes[list(modes)[values[1] - 1]][values[2] - 1]
    return mode, values[3] / 1e7
