"""The sound of the file that a recording was made from, for the recording."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.codec.context import CodecContext
from av.container import InputContainer, OutputContainer
from av.packet import Packet as AnyPacket
from av.video.stream import VideoStream

from app.local_files import local_file
from app.media.recording.part_file import Origin
from app.media.sources.files.late_sound import late_sound
from app.media.sources.files.packets import packets_of
from app.media.sources.files.reader import name_for_ffmpeg
from app.media.sources.pictures.stream_choice import choose_video, sound_of
from app.media.steady_clock import SoundClock, SteadyClock, move, starts_anew

log = logging.getLogger(__name__)

Packet: TypeAlias = "AnyPacket[Any]"  # generic in the stubs only

# What browsers and televisions play in an MP4; other sound is encoded anew.
_PLAYED = {"aac", "mp3", "ac3", "eac3", "opus", "flac", "alac"}
# Local files only, also where the file is a playlist.
_LOCAL = {"protocol_whitelist": "file,crypto,data"}
_MARGIN_S = 5.0
_AAC_RATES = {
    *(96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050),
    *(16_000, 12_000, 11_025, 8000, 7350),
}
_AAC_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


@dataclass(slots=True)
class _Track:
    stream: AudioStream
    out: AudioStream
    clock: SoundClock
    is_encoded: bool = False  # anew, into what `out` takes
    lost: int = 0


class SourceSound:
    """The file that a recording was made from, where there is one.

    Attributes:
        notes: what had to be left out or changed, as sentences.
    """

    def __init__(self, origin: Origin, *, said_by: Path | None = None) -> None:
        """Nothing is opened yet; a source that is no plain file never is.

        Args:
            origin: what the recording was made from.
            said_by: the file that says so, where nobody else does: then it is
                looked for on this machine only.
        """
        self._origin = origin
        self._path = Path(origin.source) if origin.source else None
        self._said_by = said_by
        self._container: InputContainer | None = None
        self._start_s = 0.0
        self._tracks: dict[int, _Track] = {}
        self.notes: list[str] = []

    def __enter__(self) -> "SourceSound":
        if self._path is None:
            return self
        try:
            if self._said_by is None:
                is_there = self._path.is_file()
            else:
                name = self._origin.source
                is_there = local_file(name, beside=self._said_by) is not None
            if not is_there:
                raise FileNotFoundError(f"there is no file {self._path}")
            self._container = self._open()
            self._start_s = self._first_picture_s()
        except (av.FFmpegError, OSError, ValueError) as error:
            log.info("no sound from %s: %s", self._path, error)
            self.notes.append(
                f"It has no sound, because {self._path.name} cannot be read any more."
            )
            self.__exit__()
        return self

    def __exit__(self, *_: object) -> None:
        container, self._container = self._container, None
        if container is not None:
            container.close()

    @property
    def first_s(self) -> float:
        """When the recording begins, on the clock of the source's frames."""
        return self._origin.first_s

    @property
    def interval_s(self) -> float:
        """How long a picture stays, where nothing better is known."""
        return self._origin.interval_s

    def none(self) -> "SourceSound":
        """The same recording without sound."""
        return SourceSound(self._origin.without_source())

    def last_interval(self, last_s: float) -> tuple[float | None, bool]:
        """How long the picture at `last_s` stays, and whether it is the last one.

        None where there is no file to ask.
        """
        if self._path is None:
            return None, False
        nominal_s = self._origin.interval_s
        if self._container is None:
            return nominal_s, True
        at_s = last_s + self._start_s
        following_s, stays_s = float("inf"), nominal_s
        try:
            for packet, time_s in self._walk(max(0.0, at_s), sound=False):
                since_s = time_s - at_s
                if abs(since_s) < 1e-4 and packet.duration:
                    stays_s = float(packet.duration * packet.time_base)
                elif since_s >= 1e-4:
                    following_s = min(following_s, since_s)
                    # Pictures come in decoding order: look a little further.
                    if since_s > following_s + 1.0:
                        break
        except (av.FFmpegError, OSError) as error:
            log.info("%s: %s", self._path, error)
        is_end = following_s == float("inf")
        return (stays_s if is_end else following_s), is_end

    def add_to(self, out: OutputContainer) -> None:
        """Give `out` a stream for each that is heard."""
        if self._container is None:
            return
        clock = self._new_clock()
        for stream in sound_of(self._container, self._picture()):
            context: AudioCodecContext | None = stream.codec_context
            if context is None:
                self.notes.append("A sound track in an unknown format was left out.")
            elif context.sample_rate and context.layout.nb_channels:
                self._add_track(out, stream, stream.index, clock)
            else:
                self._add_late_track(out, stream, clock)

    def _add_late_track(
        self, out: OutputContainer, stream: AudioStream, clock: SteadyClock
    ) -> None:
        """Announced, but not sent where FFmpeg looked: opened where it begins."""
        assert self._path is not None
        at = self._first_position(stream.index)
        if at is None:
            log.info("%s: sound is announced and never sent", self._path)
            return
        name = f"subfile,,start,{at},end,0,,:{name_for_ffmpeg(self._path)}"
        with (
            suppress(av.FFmpegError, OSError),
            av.open(name, metadata_errors="replace") as container,
        ):
            for late in container.streams.audio:
                if late.id == stream.id and late.codec_context.sample_rate:
                    self._add_track(out, late, stream.index, clock)
                    return
        self.notes.append("A sound track that begins late was left out.")

    def _first_position(self, index: int) -> int | None:
        """Where in the file the first packet of that stream is."""
        assert self._path is not None
        with self._open() as container:
            for packet in packets_of(container, [container.streams[index]]):
                if packet.size and packet.pos is not None and packet.pos >= 0:
                    return packet.pos
        return None

    def packets(self, *, end_s: float | None) -> Iterator[Packet]:
        """What belongs to the recording, for the streams of `add_to`.

        Args:
            end_s: the recording's length; None: to the end of the source.
        """
        # Without a track, too: one may come.
        if self._container is None or not (
            self._tracks or starts_anew(self._container)
        ):
            return
        begins_s, offset_s = self._origin.first_s, self._start_s + self._origin.first_s
        # From the very start: a seek would pass by what is before the picture.
        walk = self._walk(offset_s if begins_s > 0 else None, sound=True)
        try:
            for packet, at_s in walk:
                track = self._tracks.get(packet.stream_index)
                time_s = at_s - offset_s
                if track is None:  # a picture
                    if end_s is not None and time_s > end_s + _MARGIN_S:
                        break
                    continue
                is_early = begins_s > 0 and time_s < 0
                if is_early or (end_s is not None and time_s >= end_s):
                    continue
                yield from self._for_track(track, packet, offset_s)
            for track in self._tracks.values():
                yield from self._encoded(track, None, offset_s)
        except (av.FFmpegError, OSError) as error:
            log.info("%s ends early: %s", self._path, error)
            self.notes.append("Its sound breaks off, as that of the original.")

    def mux(self, out: OutputContainer, packet: Packet) -> None:
        """Write one of `packets`; one that is damaged costs itself only.

        Raises:
            OSError: the disk is full, or the like.
        """
        index = packet.stream.index
        try:
            out.mux(packet)
        except (av.error.InvalidDataError, av.error.ArgumentError) as error:
            log.debug("a packet of sound: %s", error)
            for track in self._tracks.values():
                track.lost += track.out.index == index

    def sum_up(self) -> list[str]:
        """What was left out, once all is written."""
        lost = sum(track.lost for track in self._tracks.values())
        if lost:
            self.notes.append(f"{lost} damaged pieces of its sound were left out.")
        if self._container is not None and starts_anew(self._container):
            assert self._path is not None
            if late := late_sound(self._path, self._container):
                self.notes.append(late)
        return self.notes

    def _open(self) -> InputContainer:
        assert self._path is not None
        return av.open(
            name_for_ffmpeg(self._path), metadata_errors="replace", options=_LOCAL
        )

    def _from_the_start(self) -> InputContainer:
        # Opened anew: a seek to the start would pass by what comes before zero.
        assert self._container is not None
        self._container.close()
        self._container = self._open()
        return self._container

    def _picture(self) -> VideoStream:
        assert self._container is not None
        stream = choose_video(self._container)
        if stream is not None and getattr(stream, "codec_context", None) is not None:
            return stream
        raise ValueError("it has no picture any more")

    def _first_picture_s(self) -> float:
        """As FileSource counts: its first picture is time zero."""
        assert self._container is not None
        for packet in packets_of(self._container, [self._picture()]):
            try:
                for frame in packet.decode():
                    return float(frame.time or 0.0)
            except av.FFmpegError as error:
                log.debug("%s: %s", self._path, error)
        raise ValueError("it has no picture any more")

    def _new_clock(self) -> SteadyClock:
        assert self._container is not None
        return SteadyClock(
            leaps_ahead=starts_anew(self._container),
            interval_s=1 / float(self._picture().average_rate or 25),
        )

    def _walk(
        self, from_s: float | None, *, sound: bool
    ) -> Iterator[tuple[Packet, float]]:
        """The packets and when they are presented; from about `from_s` on.

        A file whose clock may leap is walked through from its start.
        """
        container = self._from_the_start()
        picture, clock = self._picture(), self._new_clock()
        leaps = starts_anew(container)
        if from_s is not None and not leaps:
            base = picture.time_base
            assert base is not None
            earlier_s = max(0.0, from_s - _MARGIN_S)
            container.seek(round(earlier_s / base), stream=picture, backward=True)
        streams: list[VideoStream | AudioStream] = [picture]
        for stream in container.streams.audio if sound else ():
            if (track := self._tracks.get(stream.index)) is not None:
                streams.append(stream)
                track.stream = stream
                track.clock = SoundClock(clock, leaps_ahead=leaps)
        for packet in packets_of(container, streams):
            if packet.pts is None or packet.time_base is None:
                continue
            if packet.stream_index == picture.index:
                clock.steady(packet)
            elif packet.dts is not None:
                self._tracks[packet.stream_index].clock.steady(packet)
            else:
                continue
            yield packet, float(packet.pts * packet.time_base)

    def _add_track(
        self,
        out: OutputContainer,
        stream: AudioStream,
        index: int,
        clock: SteadyClock,
    ) -> None:
        name = stream.codec_context.codec.canonical_name
        is_kept = name in out.supported_codecs and (
            name in _PLAYED or out.format.name == "matroska"
        )
        sound = SoundClock(clock, leaps_ahead=False)
        if is_kept:
            copy = out.add_stream_from_template(stream)
            self._tracks[index] = _Track(stream, copy, sound)
            return
        rate, layout = _aac_for(stream.codec_context)
        if not _can_encode(rate, layout):
            self.notes.append(f"Its {name} sound was left out: it cannot be encoded.")
            return
        aac = out.add_stream("aac", rate=rate)
        aac.codec_context.layout = layout
        self._tracks[index] = _Track(stream, aac, sound, is_encoded=True)
        self.notes.append(
            f"Its {name} sound was encoded anew, as AAC, which is played everywhere."
        )

    def _for_track(
        self, track: _Track, packet: Packet, offset_s: float
    ) -> Iterator[Packet]:
        if track.is_encoded:
            yield from self._encoded(track, packet, offset_s)
            return
        move(packet, -offset_s)
        packet.stream = track.out
        yield packet

    def _encoded(
        self, track: _Track, packet: "Packet | None", offset_s: float
    ) -> Iterator[Packet]:
        """Decoded and encoded anew; None: what is still on its way."""
        if not track.is_encoded:
            return
        try:
            if packet is None:
                yield from track.out.encode(None)
                return
            for frame in track.stream.codec_context.decode(packet):
                if frame.pts is not None and frame.time_base is not None:
                    frame.pts -= round(Fraction(offset_s) / frame.time_base)
                yield from track.out.encode(frame)
        except (av.error.InvalidDataError, av.error.ArgumentError) as error:
            log.debug("a packet of sound: %s", error)
            track.lost += 1


def has_sound(path: Path) -> bool:
    """Whether there is any in that file."""
    try:
        with av.open(name_for_ffmpeg(path), options=_LOCAL) as container:
            return bool(container.streams.audio)
    except (av.FFmpegError, OSError, ValueError):
        return False


def _aac_for(context: AudioCodecContext) -> tuple[int, str]:
    """The rate and the layout that AAC has for it."""
    rate = context.sample_rate if context.sample_rate in _AAC_RATES else 48_000
    return rate, _AAC_LAYOUTS.get(context.layout.nb_channels, "stereo")


@cache
def _can_encode(rate: int, layout: str) -> bool:
    try:
        context = CodecContext.create("aac", "w")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate, context.layout, context.format = rate, layout, "fltp"
        context.open()
    except (av.FFmpegError, OSError, ValueError) as error:
        log.debug("no AAC of %s, %s: %s", rate, layout, error)
        return False
    return True
