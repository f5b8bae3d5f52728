"""A USB camera made of nothing: speaks USB/IP to the kernel's own vhci_hcd.

The kernel sees a high-speed USB Video Class device plugged into a port of a virtual
hub, and its own uvcvideo drives it. (A UVC gadget cannot be used for that: it wants
isochronous endpoints, and dummy_hcd has none. Here pictures come from a bulk
endpoint, which UVC allows and uvcvideo supports.)

Run as root in the guest, in a process of its own; standard library only. Commands are:

    hang           no more picture data is answered, until its stream is begun anew
    stall          likewise, for good
    late S         S seconds pass from each start of its stream to the first picture
    slower N       from the next start of its stream, pictures take N times as long
    garbage        compressed pictures hold noise
    freeze         one picture over and over
    refuse         streaming cannot begin (a USB bus that is full)
    go             end of any fault
    pull           the cable is pulled
    push [PORT]    it is plugged in again, at another port if one is named

Where nobody is left to send commands, the cable is pulled.

Source: Linux' Documentation/usb/usbip_protocol.rst.
"""

import os
import select
import socket
import struct
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from tests.real_cameras import uvc

HUB = Path("/sys/devices/platform/vhci_hcd.0")
_HIGH_SPEED = 3
_STALLED, _RESET = -32, -104  # EPIPE, ECONNRESET
_SUBMITTED, _UNLINKED = 3, 4  # USBIP_RET_SUBMIT, USBIP_RET_UNLINK
_UNLINK = 2
_USB_ID = "1d6b:0102"
# A picture that takes its time on the wire comes in so many parts at least.
_PARTS = 10


@dataclass(frozen=True)
class Make:
    """What a camera is.

    Attributes:
        pictures: the folder of `pictures.write_all`.
        modes: as `uvc.read_modes` has them.
        port: of the virtual hub, where it is plugged in first.
        product: what it calls itself.
        serial: its own number; "": none.
        is_spread: a picture takes its whole interval on the wire, which never rests,
            as real cameras' do; else it comes at once.
    """

    pictures: Path
    modes: str
    port: int = 0
    product: str = "Logi Test"
    serial: str = ""
    is_spread: bool = False


class UsbCamera:
    """One device; plugged in while `_host` is open."""

    def __init__(self, make: Make, commands: Connection) -> None:
        """It is made; `run` plugs it in."""
        self._commands = commands
        self._port = make.port
        self._modes = uvc.read_modes(make.pictures, make.modes)
        self._is_spread = make.is_spread
        serial = make.serial or None
        self._device = uvc.device_descriptor(_USB_ID, has_serial=serial is not None)
        self._configuration = uvc.configuration_descriptor(self._modes)
        self._strings = {1: "Nobody", 2: make.product, 3: serial}
        self._probe = self._commit = uvc.answer_to(self._modes, b"")
        self._host: socket.socket | None = None
        self._fault = ""
        self._late_s, self._slowness = 0.0, 1
        self._waiting: deque[tuple[int, int]] = deque()  # request and its length
        self._is_streaming = False
        self._mode, self._interval_s = uvc.mode_of(self._modes, self._commit)
        self._number, self._parity = 0, 0
        self._picture: bytes | None = None
        self._sent = 0  # bytes of it
        self._next_s = self._begun_s = self._part_s = 0.0

    def run(self) -> None:
        """Be plugged in, until nobody is left to command it."""
        self._plug_in()
        while True:
            watched: list[Connection | socket.socket] = [self._commands]
            if self._host is not None:
                watched.append(self._host)
            ready, _, _ = select.select(watched, [], [], self._wait_s())
            if self._commands in ready:
                try:
                    command: str = self._commands.recv()
                except EOFError:
                    return self._pull()
                self._obey(command.split())
            if self._host is not None and self._host in ready and not self._serve():
                self._pull()
            self._feed()

    def _wait_s(self) -> float:
        if not (self._is_streaming and self._waiting) or self._is_silent:
            return 1.0
        due_s = self._part_s if self._picture is not None else self._next_s
        return max(0.0, due_s - time.monotonic())

    @property
    def _is_silent(self) -> bool:
        return self._fault in ("stall", "hang")

    # --- the cable -----------------------------------------------------------

    def _plug_in(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        device = 1 << 16 | 2 + self._port
        attach = f"{self._port} {theirs.fileno()} {device} {_HIGH_SPEED}"
        (HUB / "attach").write_text(attach)
        theirs.close()
        self._host = ours

    def _pull(self) -> None:
        if self._host is not None:
            self._host.close()
        self._host = None
        self._waiting.clear()
        self._is_streaming, self._picture = False, None

    def _obey(self, words: list[str]) -> None:
        match words:
            case ["pull"]:
                self._pull()
            case ["push", *port]:
                self._port = int(port[0]) if port else self._port
                self._plug_in()
            case ["late", seconds]:
                self._late_s = float(seconds)
            case ["slower", factor]:
                self._slowness = int(factor)
            case ["go"]:
                self._fault = ""
            case [fault]:
                self._fault = fault

    # --- USB/IP --------------------------------------------------------------

    def _receive(self, count: int) -> bytes | None:
        assert self._host is not None
        data = bytearray()
        while len(data) < count:
            part = self._host.recv(count - len(data))
            if not part:
                return None
            data += part
        return bytes(data)

    def _serve(self) -> bool:
        """Take one request; False: the host let go."""
        assert self._host is not None
        head = self._receive(48)
        if head is None:
            return False
        command, number, _, direction, endpoint = struct.unpack_from(">5I", head)
        if command == _UNLINK:
            (target,) = struct.unpack_from(">I", head, 20)
            found = [request for request in self._waiting if request[0] == target]
            for request in found:
                self._waiting.remove(request)
            status = _RESET if found else 0
            self._host.sendall(
                struct.pack(">5Ii24x", _UNLINKED, number, 0, 0, 0, status)
            )
            return True
        (length,) = struct.unpack_from(">I", head, 24)
        data = b""
        if direction == 0 and length:
            data = self._receive(length) or b""
        if endpoint:
            self._waiting.append((number, length))
            return True
        setup = head[40:48]
        answer = self._control(setup, data)
        if answer is None:
            self._reply(number, _STALLED, b"", 0)
        elif setup[0] & 0x80:
            self._reply(number, 0, answer[:length], len(answer[:length]))
        else:
            self._reply(number, 0, b"", len(data))
        return True

    def _reply(self, number: int, status: int, data: bytes, actual: int) -> None:
        assert self._host is not None
        head = (_SUBMITTED, number, 0, 0, 0, status, actual, 0, 0, 0)
        self._host.sendall(struct.pack(">5IiiiiI8x", *head) + data)

    # --- control -------------------------------------------------------------

    def _control(self, setup: bytes, data: bytes) -> bytes | None:
        """The answer; None where it is refused."""
        kind, request, value, index, _ = struct.unpack("<BBHHH", setup)
        if kind == 0x80 and request == 6:  # GET_DESCRIPTOR
            return self._descriptor(value >> 8, value & 255)
        if kind & 0x60 == 0:  # standard
            is_halt_cleared = kind == 2 and request == 1  # how a bulk stream is stopped
            if request == 11 or is_halt_cleared:  # 11: SET_INTERFACE
                self._is_streaming, self._picture = False, None
            return b"\0\0"
        is_streams = kind & 0x60 == 0x20 and index & 255 == 1
        return self._stream_control(value >> 8, request, data) if is_streams else None

    def _descriptor(self, kind: int, number: int) -> bytes | None:
        strings = uvc.LANGUAGES
        if kind == 3 and number:
            return uvc.string_descriptor(self._strings.get(number))
        known = {1: self._device, 2: self._configuration, 3: strings, 6: uvc.QUALIFIER}
        return known.get(kind)

    def _stream_control(self, selector: int, request: int, data: bytes) -> bytes | None:
        """UVC 1.1, 4.3.1: PROBE is 1 and COMMIT is 2."""
        if selector not in (1, 2):
            return None
        if request == 0x01:  # SET_CUR
            granted = uvc.answer_to(self._modes, data)
            if selector == 1:
                self._probe = granted
            elif self._fault == "refuse":
                return None
            else:
                self._commit = granted
                self._start()
            return b""
        current = self._probe if selector == 1 else self._commit
        answers = {
            0x85: struct.pack("<H", uvc.PROBE.size),  # GET_LEN
            0x86: b"\x03",  # GET_INFO: it can be read and set
            0x87: uvc.answer_to(self._modes, b""),  # GET_DEF
        }
        return answers.get(request, current if request in (0x81, 0x82, 0x83) else None)

    # --- pictures ------------------------------------------------------------

    def _start(self) -> None:
        self._mode, interval_s = uvc.mode_of(self._modes, self._commit)
        self._interval_s = self._slowness * interval_s
        if self._fault == "hang":
            self._fault = ""
        self._is_streaming, self._picture = True, None
        self._next_s = time.monotonic() + self._late_s

    def _begin(self, now_s: float) -> None:
        if self._fault != "freeze":
            self._number += 1
        pictures = self._mode.pictures
        picture = pictures[self._number % len(pictures)]
        if self._fault == "garbage" and self._mode.pixel_format == "MJPG":
            picture = os.urandom(len(picture))
        self._picture, self._sent = picture, 0
        self._parity ^= 1
        # What is late is made up for, but no more than two pictures of it.
        self._begun_s = max(self._next_s, now_s - 2 * self._interval_s)
        self._part_s = self._begun_s
        self._next_s = self._begun_s + self._interval_s

    def _feed(self) -> None:
        """Send what is due and asked for."""
        if not self._is_streaming or self._is_silent or not self._waiting:
            return
        now_s = time.monotonic()
        if self._picture is None:
            if now_s < self._next_s:
                return
            self._begin(now_s)
        while self._picture is not None and self._waiting:
            if self._is_spread and time.monotonic() < self._part_s:
                return
            self._send_part(self._picture)

    def _send_part(self, picture: bytes) -> None:
        """UVC 1.1, 2.4.3.3: two bytes of header, then some of the picture."""
        number, length = self._waiting.popleft()
        room = min(length, uvc.PAYLOAD_BYTES) - 2
        if self._is_spread:
            room = min(room, 1 + len(picture) // _PARTS)
        part = picture[self._sent : self._sent + room]
        self._sent += len(part)
        is_last = self._sent >= len(picture)
        # The first part as it begins, the last as the next one's first is due.
        share = self._sent / len(picture) * _PARTS / (_PARTS - 1)
        self._part_s = self._begun_s + self._interval_s * share
        bits = 0x80 | self._parity | 2 * is_last
        self._reply(number, 0, bytes((2, bits)) + part, 2 + len(part))
        if is_last:
            self._picture = None


def run_camera(make: Make, commands: Connection) -> None:
    """The whole life of one; a process's target."""
    UsbCamera(make, commands).run()
