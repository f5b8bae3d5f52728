"""Decodes the sound of a file, from any place of it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from app.media.sound.samples import RATE_HZ, Samples
from app.media.sources.files.packets import packets_of
from app.media.sources.files.reader import name_for_ffmpeg
from app.media.sources.pictures.stream_choice import choose_video, sound_of

log = logging.getLogger(__name__)

# Local files only, also where the file is a playlist.
_LOCAL = {"protocol_whitelist": "file,crypto,data"}
# Sought so much earlier: a decoder needs some packets to find its feet.
_EARLIER_S = 0.3
# A time that is further off what was counted than this is a gap.
_GAP = RATE_HZ // 50


class SoundReader:
    """The track that is heard with the picture; used and closed on one thread.

    Attributes:
        tracks: all that could be: title and language code, empty where not said.
        chosen: the place in them of the one that is; -1 where there is none.
    """

    def __init__(self, path: Path, track: int | None = None) -> None:
        """Open it.

        Args:
            path: the file.
            track: its place in `tracks`; None: the one that the file names, or the
                first.

        Raises:
            OSError: it cannot be read, or is nothing that FFmpeg knows.
        """
        self._container: InputContainer = av.open(
            name_for_ffmpeg(path), metadata_errors="replace", options=_LOCAL
        )
        found = self._tracks()
        self.tracks = tuple(map(_described, found))
        self.chosen = _choice(found) if track is None else min(track, len(found) - 1)
        self._track = found[self.chosen] if found else None
        self._start_s = 0.0
        if self._track is not None:
            self._start_s = self._first_picture_s()

    @property
    def has_sound(self) -> bool:
        """Whether there is any that can be decoded."""
        return self._track is not None

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def blocks(self, at: int) -> Iterator[tuple[int, Samples]]:
        """What is heard from about sample `at` on: (place of the first, samples).

        Time zero is the first picture's, as `FileSource` counts.
        """
        track = self._track
        if track is None or track.time_base is None:
            return
        sought_s = max(0.0, at / RATE_HZ + self._start_s - _EARLIER_S)
        self._container.seek(
            round(sought_s / track.time_base), stream=track, backward=True
        )
        resampler = av.AudioResampler(format="flt", layout="stereo", rate=RATE_HZ)
        place: int | None = None
        for packet in packets_of(self._container, [track]):
            try:
                frames = track.codec_context.decode(packet)
            except av.FFmpegError as error:  # a damaged one costs itself
                log.debug("sound: %s", error)
                continue
            for frame in frames:
                if frame.time is not None:
                    told = round((float(frame.time) - self._start_s) * RATE_HZ)
                    if place is None or abs(told - place) > _GAP:
                        place = told
                frame.pts = None  # counted here: the resampler would fill gaps
                for piece in resampler.resample(frame):
                    samples = piece.to_ndarray().reshape(-1, 2)
                    if place is not None and place + len(samples) > at:
                        yield place, np.ascontiguousarray(samples, np.float32)
                    place = (place or 0) + len(samples)

    def _tracks(self) -> list[AudioStream]:
        """Those that can be decoded."""
        video = choose_video(self._container)
        if video is None:
            return []
        return [
            track
            for track in sound_of(self._container, video)
            if track.codec_context is not None and track.codec_context.sample_rate
        ]

    def _first_picture_s(self) -> float:
        video = choose_video(self._container)
        assert video is not None
        for packet in packets_of(self._container, [video]):
            try:
                for frame in packet.decode():
                    return float(frame.time or 0.0)
            except av.FFmpegError as error:
                log.debug("sound: %s", error)
        return 0.0


def _described(track: AudioStream) -> tuple[str, str]:
    title = track.metadata.get("title") or track.metadata.get("name") or ""
    language = track.metadata.get("language", "")
    return (title, "" if language == "und" else language)


def _choice(tracks: list[AudioStream]) -> int:
    """Where the one is that the file names, or the first; -1: there is none."""
    named = (
        number
        for number, track in enumerate(tracks)
        if track.disposition & Disposition.default
    )
    return next(named, 0 if tracks else -1)
