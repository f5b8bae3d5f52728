"""Packets of files to which streams are added while they are read.

A broadcast announces another sound when the film begins, a DVD shows its streams as
they come. FFmpeg adds them on the way; PyAV lists those of the start only, and
stumbles over the others at the end.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

_Some = TypeVar("_Some", bound=Stream)


def packets_of(
    container: InputContainer, streams: Sequence[_Some]
) -> Iterator["Packet[Any]"]:  # generic in the stubs only
    """All of `streams`, and an empty one of each at the end, to flush its decoder."""
    flushed: set[int] = set()
    # Over those that came later it stumbles at the end (PyAV 18.1), after some of the
    # empty ones or before; the second time it counts them.
    for _ in range(2):
        try:
            for packet in container.demux(list(streams)):
                if packet.dts is None and not packet.size:
                    if packet.stream_index in flushed:
                        continue
                    flushed.add(packet.stream_index)
                yield packet
        except IndexError:
            continue
        return


def has_grown(container: InputContainer) -> bool:
    """Whether streams came while it was read, to its end.

    Where some did, it is read to its end by this.
    """
    with av.open(io.BytesIO(), "w", format="matroska") as other:
        for _ in range(len(container.streams) + 1):
            beyond = other.add_stream("pcm_s16le", rate=8000)
        try:
            next(container.demux(beyond), None)
        except ValueError:  # there is no stream of that number
            return False
        except IndexError:
            return True
        return True
