"""Which of a file's streams is the film, its rate, and which sound belongs to it."""

from fractions import Fraction

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard, Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

# A song's cover, the small pictures along a player's slider.
_NO_FILM = Disposition.attached_pic | Disposition.timed_thumbnails
# Of a playlist: the streams of one quality share it.
_QUALITY = "variant_bitrate"
# No camera is quicker in any file that lasts.
_FASTEST = 1000


def choose_video(container: InputContainer) -> VideoStream | None:
    """The stream to watch, which may have no decoder here; None: there is none.

    One marked as the default comes before others, then the largest picture (of a
    playlist, its best quality), then the first. A cover never does.
    """
    films = [s for s in container.streams.video if not s.disposition & _NO_FILM]
    return max(films, key=_worth, default=None)


def rate_of(stream: VideoStream) -> Fraction | None:
    """Pictures a second, as far as the container tells."""
    if stream.average_rate:
        return stream.average_rate
    guess = stream.guessed_rate
    # Of a single picture, the tick of its clock.
    return guess if guess and guess <= _FASTEST else None


def sound_of(container: InputContainer, video: VideoStream) -> list[AudioStream]:
    """The tracks that are heard with `video`: of a playlist, its quality's own."""
    tracks = list(container.streams.audio)
    quality = video.metadata.get(_QUALITY)
    own = [track for track in tracks if track.metadata.get(_QUALITY) == quality]
    return own or tracks


def leave_out_others(container: InputContainer, video: VideoStream) -> None:
    """Let a playlist's other qualities not even be fetched."""
    if _QUALITY not in video.metadata:
        return
    for stream in container.streams:
        # PyAV 17 cannot; they are fetched and thrown away then.
        if stream.index != video.index and hasattr(stream, "discard"):
            stream.discard = Discard.all


def _worth(stream: VideoStream) -> tuple[bool, bool, int]:
    context: VideoCodecContext | None = stream.codec_context
    if context is None:
        return False, False, 0
    is_default = bool(stream.disposition & Disposition.default)
    return True, is_default, context.width * context.height
