"""What app.media.sound promises: in step with the picture, silent when it is held."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from app.errors import UserError
from app.media.sound.file_sound import FileSound
from app.media.sound.output import Pull, SystemOutput
from app.media.sound.picture_clock import PictureClock
from app.media.sound.reader import SoundReader
from app.media.sound.samples import RATE_HZ, Samples
from app.media.sources.make import file_source
from app.pipeline.events import EndReached
from app.pipeline.pipeline import Pipeline
from app.settings import Settings
from tests.fakes import WAIT_S, FakeDetector, draw_nothing

FPS, SECONDS = 25, 4
# A flash and a beep each, of one frame: when it begins.
MARKS_S = (0.6, 1.2, 1.8, 2.4, 3.0, 3.6)
WITHIN_S = 0.040


def marked(path: Path, *, audio: str = "aac", first_s: float = 0.0) -> Path:
    """A dark, silent film with flashes and beeps; `first_s`: where its clock begins."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FPS, options={"bf": "2"})
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        sound = out.add_stream(audio, rate=44_100)
        assert isinstance(sound, AudioStream)
        for number in range(FPS * SECONDS):
            is_flash = any(round(mark * FPS) == number for mark in MARKS_S)
            image = np.full((96, 160, 3), 255 if is_flash else 0, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = number + round(first_s * FPS), Fraction(1, FPS)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        wave = np.zeros(44_100 * SECONDS, np.float32)
        for mark in MARKS_S:
            at = round(mark * 44_100)
            wave[at : at + 1764] = 0.8 * np.sin(np.arange(1764) * 0.14)
        for at in range(0, len(wave), 1024):
            part = np.stack([wave[at : at + 1024]] * 2)
            piece = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            piece.sample_rate = 44_100
            piece.pts, piece.time_base = (
                at + round(first_s * 44_100),
                Fraction(1, 44_100),
            )
            out.mux(sound.encode(piece))
        out.mux(sound.encode(None))
    return path


def beginnings(loud: NDArray[np.bool_], apart: int) -> list[int]:
    """Where it becomes loud, after at least `apart` of silence."""
    places = np.flatnonzero(loud)
    return [int(p) for n, p in enumerate(places) if not n or p - places[n - 1] > apart]


class RecordingOutput:
    """A device that writes down what it was given, and when that is heard."""

    PERIOD, LATENCY_S = 480, 0.04

    def __init__(self) -> None:
        self.given: list[tuple[float, Samples]] = []
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pull: Pull) -> None:
        self._thread = threading.Thread(target=self._ask, args=(pull,), name="device")
        self._thread.start()

    def _ask(self, pull: Pull) -> None:
        due_s = time.monotonic()
        while not self._ended.wait(max(0.0, due_s - time.monotonic())):
            asked_s = time.monotonic()
            samples = pull(self.PERIOD, self.LATENCY_S)
            self.given.append((asked_s + self.LATENCY_S, samples))
            due_s = max(due_s, asked_s - 0.1) + self.PERIOD / RATE_HZ

    def close(self) -> None:
        self._ended.set()
        assert self._thread is not None
        self._thread.join(WAIT_S)

    def beeps_s(self) -> list[float]:
        """When each beep is heard."""
        times_s = np.concatenate(
            [at_s + np.arange(len(s)) / RATE_HZ for at_s, s in self.given]
        )
        loud = np.abs(np.concatenate([s[:, 0] for _, s in self.given])) > 0.2
        return [float(times_s[n]) for n in beginnings(loud, RATE_HZ // 10)]


@pytest.mark.parametrize(
    ("name", "audio", "first_s"),
    [("a.mp4", "aac", 0.0), ("a.mkv", "mp3", 1.4), ("a.ts", "mp2", 2.0)],
)
def test_a_beep_is_decoded_at_its_place_from_wherever_one_begins(
    tmp_path: Path, name: str, audio: str, first_s: float
) -> None:
    reader = SoundReader(marked(tmp_path / name, audio=audio, first_s=first_s))
    try:
        for from_s in (0.0, 2.0):
            heard = np.zeros(RATE_HZ * (SECONDS + 1), np.float32)
            for at, samples in reader.blocks(round(from_s * RATE_HZ)):
                begin = max(at, 0)
                heard[begin : at + len(samples)] = samples[begin - at :, 0]
            found = [n / RATE_HZ for n in beginnings(np.abs(heard) > 0.2, 4800)]
            expected = [mark for mark in MARKS_S if mark >= from_s]
            # A decoder's own delay: of MP3, a frame of 26 ms.
            assert found == pytest.approx(expected, abs=0.03)
    finally:
        reader.close()


@dataclass
class Film:
    """What plays, and when each flash was shown."""

    pipeline: Pipeline
    sound: FileSound
    output: RecordingOutput
    flashes_s: list[float]
    ended: threading.Event

    def apart_s(self) -> list[float]:
        """By how much each beep is later than its flash."""
        return [
            beep_s - min(self.flashes_s, key=lambda flash_s: abs(beep_s - flash_s))
            for beep_s in self.output.beeps_s()
        ]


@pytest.fixture
def film(tmp_path: Path) -> Iterator[Film]:
    """A film that plays with its sound, as in the window."""
    video, output = marked(tmp_path / "film.mp4"), RecordingOutput()
    flashes_s: list[float] = []
    ended = threading.Event()

    def on_result() -> None:
        if (result := pipeline.take_result()) is None:
            return
        sound.follow(result.frame.timestamp_s, result.finished_at_s)
        if result.frame.image_bgr.mean() > 128:
            flashes_s.append(result.finished_at_s)

    pipeline = Pipeline(
        file_source(str(video)),
        FakeDetector(),
        draw=draw_nothing,
        settings=Settings(device="cpu"),
        on_event=lambda event: ended.set() if isinstance(event, EndReached) else None,
        on_result=on_result,
        paced=True,
    )
    sound = FileSound(
        video,
        output,
        may_play=lambda: not pipeline.is_paused,
        say=lambda error: pytest.fail(str(error)),
    )
    pipeline.start()
    yield Film(pipeline, sound, output, flashes_s, ended)
    pipeline.stop()
    sound.close()
    assert sound.join(WAIT_S)


def test_sound_is_in_step_with_the_picture_and_silent_when_it_is_held(
    film: Film,
) -> None:
    assert film.ended.wait(WAIT_S)
    apart_s = film.apart_s()
    # The first may be too soon for a clock; a machine that is busy loses more.
    assert len(apart_s) >= len(MARKS_S) // 2
    assert abs(float(np.median(apart_s))) < WITHIN_S, apart_s
    given = film.output.given
    count = len(given)
    poll_until(lambda: len(given) > count + 10)  # it waits at its end
    assert not np.any(given[-1][1])


def test_after_a_jump_sound_is_heard_from_there(film: Film) -> None:
    poll_until(lambda: bool(film.flashes_s))
    film.pipeline.seek(2.9)
    assert film.ended.wait(WAIT_S)
    assert len(film.flashes_s) <= 4  # two were passed over
    # From there, and not from elsewhere: so soon after a jump a busy machine shows
    # too few frames in time to tell more.
    assert abs(film.apart_s()[-1]) < 0.15, film.apart_s()


def poll_until(claim: Callable[[], bool]) -> None:
    pause, end_s = threading.Event(), time.monotonic() + WAIT_S
    while not claim():
        assert time.monotonic() < end_s
        pause.wait(0.01)


def test_a_picture_that_stumbles_or_stands_has_no_time() -> None:
    clock = PictureClock()
    for frame in range(25):
        clock.note(frame / 25, 100 + frame / 25 + 0.01 * (frame % 2))
    assert clock.position_s(101.0) == pytest.approx(1.0, abs=0.011)
    assert clock.position_s(103.0) is None  # nothing was shown for long
    clock.note(5.0, 101.04)  # sought
    assert clock.position_s(101.14) == pytest.approx(5.1)
    for frame in range(1, 20):  # a detector that takes twice as long
        clock.note(5.0 + frame / 25, 101.04 + 2 * frame / 25)
    assert clock.position_s(102.6) is None
    clock.hold()
    assert clock.position_s(102.6) is None


def test_where_miniaudio_is_missing_one_sentence_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "miniaudio", None)
    with pytest.raises(UserError, match="miniaudio is not installed"):
        SystemOutput().start(lambda count, _: np.zeros((count, 2), np.float32))


def test_where_no_device_is_there_it_says_so() -> None:
    """Where there is a device: it is asked, and ends."""
    pytest.importorskip("miniaudio")
    asked = threading.Event()

    def pull(count: int, _: float) -> Samples:
        asked.set()
        return np.zeros((count, 2), np.float32)

    output, said = SystemOutput(), ""
    try:
        output.start(pull)
    except UserError as error:
        said = error.problem
    is_asked = said == "" and asked.wait(WAIT_S)
    output.close()
    assert is_asked or "nothing is heard" in said


def two_tracks(path: Path) -> Path:
    """A second of film whose first sound is silent, and whose second is not."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FPS)
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        sounds = [out.add_stream("aac", rate=RATE_HZ) for _ in range(2)]
        sounds[0].metadata["language"] = "deu"
        sounds[1].metadata["title"] = "Commentary"
        for number in range(FPS):
            image = np.zeros((96, 160, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for loud, sound in zip((0.0, 0.8), sounds, strict=True):
            assert isinstance(sound, AudioStream)
            wave = loud * np.sin(np.arange(RATE_HZ) * 0.1).astype(np.float32)
            piece = av.AudioFrame.from_ndarray(
                np.stack([wave] * 2), format="fltp", layout="stereo"
            )
            piece.sample_rate, piece.pts = RATE_HZ, 0
            out.mux(sound.encode(piece))
            out.mux(sound.encode(None))
    return path


@pytest.mark.parametrize(("track", "is_loud"), [(None, False), (0, False), (1, True)])
def test_of_several_tracks_the_one_that_was_chosen_is_heard(
    tmp_path: Path, track: int | None, is_loud: bool
) -> None:
    reader = SoundReader(two_tracks(tmp_path / "film.mkv"), track)
    try:
        assert reader.tracks == (("", "deu"), ("Commentary", ""))
        assert reader.chosen == (track or 0)
        heard = np.concatenate([samples for _, samples in reader.blocks(0)])
    finally:
        reader.close()
    assert (np.abs(heard).max() > 0.5) == is_loud
