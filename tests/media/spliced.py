"""Files whose times are wrong, as broadcasts and joined files have them."""

from collections.abc import Callable
from pathlib import Path

import av
from av.packet import Packet

Change = Callable[["Packet[av.stream.Stream]"], bool]


def rewritten(source: Path, path: Path, change: Change) -> Path:
    """The packets of `source` that `change` keeps, and which it may have moved."""
    with av.open(str(source)) as container, av.open(str(path), "w") as out:
        copies = [out.add_stream_from_template(s) for s in container.streams]
        for packet in container.demux():
            if packet.dts is not None and change(packet):
                packet.stream = copies[packet.stream_index]
                out.mux(packet)
    return path


def later(by_s: float) -> Change:
    """Everything so much later."""

    def change(packet: "Packet[av.stream.Stream]") -> bool:
        assert packet.pts is not None
        assert packet.dts is not None
        ticks = round(by_s / packet.time_base)
        packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
        return True

    return change


def joined(path: Path, *pieces: Path) -> Path:
    """One after another, as `cat` does it."""
    path.write_bytes(b"".join(piece.read_bytes() for piece in pieces))
    return path
