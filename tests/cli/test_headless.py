"""What app.cli.headless promises."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import headless
from app.cli.headless import run_headless
from app.errors import ModelError, RecordingError, SourceError, UserError
from app.pipeline.interfaces import Factories
from app.settings import Settings
from app.types import RecordingInfo
from tests.fakes import FakeDetector, FakeRecorder, FakeSource, draw_nothing


def run(
    source: FakeSource,
    *,
    detector: FakeDetector | None = None,
    recorder: FakeRecorder | None = None,
    say: Callable[[str], None] = lambda _: None,
    is_asked_to_end: Callable[[], bool] = lambda: False,
) -> RecordingInfo | None:
    return run_headless(
        Factories(
            make_source=lambda _: source,
            list_cameras=list,
            make_detector=lambda _path, _device: detector or FakeDetector(),
            make_recorder=lambda path, **_: recorder or FakeRecorder(),
            draw=draw_nothing,
            save_picture=lambda image_bgr, folder, **_: folder,
        ),
        source=source,
        model_path=Path("fake.onnx"),
        settings=Settings(),
        record_path=Path("fake.mp4") if recorder else None,
        say=say,
        is_asked_to_end=is_asked_to_end,
    )


def test_a_file_is_recorded_whole_and_the_device_named() -> None:
    recorder = FakeRecorder()
    said: list[str] = []
    recorded = run(FakeSource(120), recorder=recorder, say=said.append)
    assert recorded is not None
    assert recorded.frame_count == 120
    assert [number for number, _ in recorder.written] == list(range(120))
    assert said[0] == "fake.onnx runs on CPU"
    assert any(line.startswith("120 frames in ") and "on CPU" in line for line in said)


def test_a_camera_that_was_away_is_told() -> None:
    said: list[str] = []
    source = FakeSource(80, is_live=True)
    source.gaps = {3: "It was unplugged."}
    run(source, say=said.append)
    assert "It was unplugged. Waiting for it." in said
    assert "Back again after 0 s." in said


def test_frames_that_were_passed_over_are_counted_and_told() -> None:
    """A video on a server plays as a camera does: it waits for nobody."""
    count, all_came = 60, threading.Event()
    source = FakeSource(
        count,
        is_live=True,
        before=lambda number: all_came.set() if number == count - 1 else None,
    )

    def wait_for_all(_: int) -> None:
        assert all_came.wait(20)

    detector = FakeDetector(before=wait_for_all)
    said: list[str] = []
    recorder = FakeRecorder()
    recorded = run(source, detector=detector, recorder=recorder, say=said.append)
    assert recorded is not None
    lost = count - len(detector.seen)
    assert lost > 50
    (line,) = (line for line in said if line.startswith(f"{lost} frames were passed"))
    assert line.endswith("A video on a server is whole once downloaded.")
    assert recorded.frame_count == len(detector.seen)


def test_of_a_camera_nothing_is_there_to_download() -> None:
    """It goes on until asked to end."""
    asked, read = threading.Event(), threading.Event()

    def before(number: int) -> None:
        if number == 20:
            read.set()
            assert asked.wait(20)

    def is_asked_to_end() -> bool:
        if read.is_set():
            asked.set()
        return read.is_set()

    def wait_for_many(_: int) -> None:
        assert read.wait(20)

    detector = FakeDetector(before=wait_for_many)
    said: list[str] = []
    source = FakeSource(10_000, is_live=True, before=before)
    run(source, detector=detector, say=said.append, is_asked_to_end=is_asked_to_end)
    (line,) = (line for line in said if "frames were passed over" in line)
    assert line.endswith("could be looked at.")


def test_a_file_passes_no_frame_over() -> None:
    said: list[str] = []
    run(FakeSource(60), say=said.append)
    assert not any("passed over" in line for line in said)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="POSIX signals")
def test_a_signal_that_is_heard_late_is_heard() -> None:
    """Now and then Ctrl+C was lost: the wait for events never ended after it."""
    asked = threading.Event()

    def on_signal(*_: object) -> None:
        time.sleep(2 * headless.PROGRESS_EVERY_S)  # as on a busy machine
        asked.set()

    def before(number: int) -> None:
        if number == 20:
            ident = threading.main_thread().ident
            assert ident is not None
            signal.pthread_kill(ident, signal.SIGUSR1)
            asked.wait(5)
        elif number > 20:
            time.sleep(0.001)  # the rest takes seconds

    earlier = signal.signal(signal.SIGUSR1, on_signal)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(FakeSource(3000, before=before), is_asked_to_end=asked.is_set)
    finally:
        signal.signal(signal.SIGUSR1, earlier)


def test_without_a_recording_it_only_detects() -> None:
    detector = FakeDetector()
    assert run(FakeSource(30), detector=detector) is None
    assert detector.seen == list(range(30))


def fail(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def test_each_breakdown_is_handed_on_as_it_is() -> None:
    for source, detector, recorder, error in (
        (FakeSource(9, on_open=fail(SourceError("gone"))), None, None, "gone"),
        (FakeSource(9), FakeDetector(on_open=fail(ModelError("odd"))), None, "odd"),
        (
            FakeSource(9),
            None,
            FakeRecorder(on_open=fail(RecordingError("full"))),
            "full",
        ),
    ):
        with pytest.raises(UserError, match=error):
            run(source, detector=detector, recorder=recorder)


def test_what_was_recorded_before_a_breakdown_is_named() -> None:
    def breaks(index: int) -> None:
        if index == 20:
            raise SourceError("The camera was unplugged.")

    recorder = FakeRecorder()
    said: list[str] = []
    with pytest.raises(SourceError, match="unplugged"):
        run(FakeSource(90, before=breaks), recorder=recorder, say=said.append)
    assert recorder.closed_by == "record"
    kept = len(recorder.written)
    assert any(f"Wrote fake.mp4: {kept} frames" in line for line in said)


def test_an_empty_source_is_an_error() -> None:
    with pytest.raises(UserError, match="ended before its first frame"):
        run(FakeSource(0))
