"""Packets into a file."""

from pathlib import Path

import av
from av.packet import Packet
from av.video.stream import VideoStream

from app.media.recording.encoder import TIME_BASE, EncodedPicture
from app.media.sources.files.reader import name_for_ffmpeg

FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
# At most so much is lost in a crash.
FRAGMENT_S = 0.5
# Readable up to its last fragment, whatever happens.
FRAGMENTED = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": str(round(FRAGMENT_S * 1e6)),
    "flush_packets": "1",
}


class Muxer:
    """Writes one file of the pictures of one encoder."""

    def __init__(
        self,
        path: Path,
        stream: VideoStream,
        *,
        container: str = "mp4",
        options: dict[str, str] | None = None,
        comment: str = "",
    ) -> None:
        """Begin the file; its header is written with the first picture.

        Args:
            path: the file.
            stream: of the encoder.
            container: FFmpeg's name of the format.
            options: of that format.
            comment: what the file says of itself.
        """
        self._out = av.open(
            name_for_ffmpeg(path), "w", format=container, options=options or {}
        )
        self._out.metadata["comment"] = comment
        self._copy = self._out.add_stream_from_template(stream)
        self._copy.time_base = TIME_BASE

    def write(self, picture: EncodedPicture, *, stays: int, shift: int = 0) -> None:
        """Add a picture that stays for so many ticks.

        Args:
            picture: the next one.
            stays: until the one after it.
            shift: is taken off its times.

        Raises:
            OSError: the disk is full, or the like; av's errors are among them.
        """
        packet = Packet(picture.data)
        packet.pts, packet.dts = picture.pts - shift, picture.dts - shift
        packet.time_base, packet.duration = TIME_BASE, stays
        packet.is_keyframe = picture.is_key
        packet.stream = self._copy
        self._out.mux(packet)

    def say(self, comment: str) -> None:
        """Another comment, where the header is not written yet."""
        self._out.metadata["comment"] = comment

    def close(self) -> None:
        """Finish the file; may fail as `write` does."""
        self._out.close()
