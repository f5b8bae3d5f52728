"""A network stream (RTSP, HTTP with MJPEG or HLS, RTMP, SRT, UDP), through FFmpeg."""

import logging
import time
from collections.abc import Iterator
from fractions import Fraction
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.errors import SourceError
from app.media.sources.files.packets import packets_of
from app.media.sources.live_input import InputEndedError
from app.media.sources.live_source import Patience
from app.media.sources.pictures.shown import Shown
from app.media.sources.pictures.stream_choice import choose_video, leave_out_others
from app.media.sources.public_names import public_name, redact
from app.types import ImageBgr, VideoInfo

log = logging.getLogger(__name__)

SCHEMES = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt", "udp", "tcp")
OPEN_S = 10.0
# A link that hiccups for seconds is common, and a new connection takes longer.
PATIENCE = Patience(stall_s=5.0, hedge_s=OPEN_S + 1, close_s=0.5)
# Segments may be as long as this, and come all at once.
SEGMENTED_PATIENCE = Patience(stall_s=20.0, hedge_s=OPEN_S + 1, close_s=0.5)
# A read that was given up ends by itself, so much later.
_LINGER_S = 1.0
# These come as fast as the network, as do files, and are held back to their times.
_BROADCASTS = {"mpegts", "mpeg"}
_SEGMENTED = {"hls", "dash"}
# A picture this late or early is no jitter: the clock starts anew.
_MAX_LATE_S, _MAX_EARLY_S = 0.5, 10.0
_OPTIONS = {
    "rtsp_flags": "prefer_tcp",  # UDP loses packets, and firewalls hate it
    "flags": "low_delay",
    "analyzeduration": "1000000",
    "live_start_index": "-1",
    "fpsprobesize": "0",  # counting pictures takes a second; they say their times
}
# What was read to learn the format is old by then; over HTTP it may be all there is.
_UNBUFFERED = {"fflags": "nobuffer"}


def check_address(url: str) -> None:
    """Refuse what would be taken apart wrongly, and might show a password then.

    Raises:
        SourceError: a scheme that is not known, or a / ? # in the password, or an @
            where that cannot be told from one.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SourceError(
            "The address cannot be understood.", "Check its brackets: [ and ]."
        ) from error
    if parts.scheme.lower() not in SCHEMES:
        raise SourceError(
            f"{parts.scheme}:// is no kind of address that can be opened.",
            f"Use one of {', '.join(SCHEMES)}.",
        )
    behind = url.partition("://")[2][len(parts.netloc) :]
    # "me:pa/ss@host", "me@mail.com:pa/ss@host": all up to the / looks like a host.
    if ":" in parts.netloc.rpartition("]")[2] and "@" in behind:
        raise SourceError(
            "The address cannot be understood.",
            "In it, write %2F for / in the password, %3F for ?, %23 for #, and %40 for "
            "each @ but the one before the host.",
        )


def patience_for(url: str) -> Patience:
    """How long a stream of that address may be silent."""
    is_segmented = urlsplit(url).path.endswith((".m3u8", ".mpd"))
    return SEGMENTED_PATIENCE if is_segmented else PATIENCE


class StreamInput:
    """One connection to `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._name = public_name(url)
        self._is_http = urlsplit(url).scheme.lower() in ("http", "https")
        self._container: InputContainer | None = None
        self._frames: Iterator[VideoFrame] = iter(())
        self._first: VideoFrame | None = None
        self._shown = Shown()
        self._has_told = False
        self._is_file = self._is_held_back = False
        self._anchor: tuple[float, float] | None = (
            None  # the stream's time, the clock's
        )

    def open(self) -> VideoInfo:
        """Connect, and wait for the first picture.

        Raises:
            SourceError: no answer, no video, or not allowed.
        """
        give_up_s = time.monotonic() + OPEN_S
        try:
            self._container = container = av.open(
                self._url,
                metadata_errors="replace",
                timeout=(OPEN_S, patience_for(self._url).stall_s + _LINGER_S),
                options=_OPTIONS | ({} if self._is_http else _UNBUFFERED),
            )
            stream = choose_video(container)
            if stream is None:
                raise SourceError(f"{self._name} has no picture.", "Check the address.")
            context: VideoCodecContext | None = stream.codec_context
            if context is None:
                raise SourceError(
                    f"{self._name} is in a format that cannot be decoded here.",
                    "Let the camera or server send H.264.",
                )
            leave_out_others(container, stream)
            # Threads by frame would each hold one back.
            stream.thread_type = "SLICE"
            self._shown = Shown(pixel_aspect=stream.sample_aspect_ratio)
            self._frames = self._decode(container, stream)
            # Only a picture knows how it lies; `read` gives it again.
            self._first = next(self._frames, None)
            if self._first is None:
                raise SourceError(f"{self._name} holds no frame.", "Check the address.")
            height, width = self._shown.bgr(self._first).shape[:2]
        except (av.FFmpegError, OSError, ValueError) as error:
            log.debug("%s: %s", self._name, redact(str(error)))
            self.close()
            if time.monotonic() >= give_up_s:  # RTSP calls its silence invalid data
                error = TimeoutError()
            raise self._refused(error) from None  # its text holds the password
        kinds = set(container.format.name.split(","))
        # A broadcast says no length; of a file of it, the server does.
        self._is_file = bool(container.duration) or (
            bool(kinds & _BROADCASTS) and container.size > 0
        )
        self._is_held_back = self._is_file or bool(kinds & _SEGMENTED)
        rate = stream.average_rate or stream.guessed_rate
        return VideoInfo(
            name=self._name,
            size_wh=(width, height),
            fps=rate if rate is not None and Fraction(1, 2) <= rate <= 240 else None,
            frame_count=None,
            duration_s=None,
            is_live=True,
        )

    def read(self) -> ImageBgr:
        """The next picture, when it is due.

        Raises:
            SourceError: the connection broke.
            InputEndedError: it was a file, and this was its end.
        """
        image_bgr = self._shown.bgr(self._wait())
        if self._shown.trouble and not self._has_told:
            self._has_told = True
            log.warning("%s %s.", self._name, self._shown.trouble)
        return image_bgr

    def skip(self) -> bool:
        """Let a picture pass; the next ones need it decoded, but not its colours."""
        self._wait()
        return True

    def _wait(self) -> VideoFrame:
        first, self._first = self._first, None
        try:
            decoded = first or next(self._frames, None)
        except (av.FFmpegError, OSError, IndexError) as error:
            log.debug("%s: %s", self._name, redact(str(error)))
            decoded = None
            is_whole = False
        else:
            is_whole = self._container is not None and self._is_file
        if decoded is None:
            if is_whole:
                raise InputEndedError
            raise SourceError(f"{self._name} broke off.", "Check the network.")
        if self._is_held_back and decoded.time is not None:
            time.sleep(self._early_s(decoded.time, time.monotonic()))
        return decoded

    def close(self) -> None:
        """Hang up."""
        container, self._container = self._container, None
        self._frames = iter(())
        self._first = None
        if container is not None:
            container.close()

    def _decode(
        self, container: InputContainer, stream: VideoStream
    ) -> Iterator[VideoFrame]:
        for packet in packets_of(container, [stream]):
            try:
                yield from packet.decode()
            except av.error.InvalidDataError as error:  # a lost packet: go on
                log.debug("%s: %s", self._name, redact(str(error)))

    def _early_s(self, stream_s: float, now_s: float) -> float:
        if self._anchor is not None:
            begun_s, clock_s = self._anchor
            early_s = clock_s + stream_s - begun_s - now_s
            if -_MAX_LATE_S <= early_s <= _MAX_EARLY_S:
                return max(0.0, early_s)
        self._anchor = (stream_s, now_s)
        return 0.0

    def _refused(self, error: Exception) -> SourceError:
        check = "Check the address, and that the camera or server is on."
        if isinstance(error, SourceError):
            return error
        if isinstance(error, av.error.HTTPUnauthorizedError):
            scheme, _, rest = self._name.partition("://")
            return SourceError(
                f"{self._name} wants a user name and a password.",
                f"Put them into the address: {scheme}://name:password@{rest}",
            )
        reasons: list[tuple[type[Exception], str]] = [
            (av.error.HTTPForbiddenError, "access is forbidden"),
            (av.error.HTTPNotFoundError, "there is nothing at that address"),
            (av.error.ConnectionRefusedError, "nobody answers there"),
            (TimeoutError, "there was no answer in time"),
            (av.error.ExitError, "there was no answer in time"),
            (av.error.InvalidDataError, "it is not a video stream"),
            (av.error.ProtocolNotFoundError, "that kind of address is not known"),
        ]
        reason = next(
            (text for kind, text in reasons if isinstance(error, kind)),
            "the network or the server fails",
        )
        return SourceError(f"{self._name} cannot be opened: {reason}.", check)
