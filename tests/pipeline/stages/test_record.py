"""What app.pipeline.stages.record promises; no thread but the test's."""

from fractions import Fraction

import pytest

from app.errors import RecordingError
from app.pipeline.events import PipelineEvent, RecordingEnded, RecordingStarted
from app.pipeline.stages.items import Cue, Shot
from app.pipeline.stages.record import RECORDING_QUEUE, RecordingClock, RecordStage
from app.types import Detections, Found, Frame, RecordingInfo, Result, VideoInfo
from tests.fakes import SIZE_WH, FakeRecorder, numbered_image


def shot(number: int, *, run: int = 0, is_again: bool = False) -> Shot:
    frame = Frame(numbered_image(number), number, number / 25, 0.0)
    result = Result(frame, Detections.empty())
    cue = Cue(frame, 0, run, is_again)
    return Shot(cue, result, lambda it: it.frame.image_bgr)


def found(result: Result) -> Found:
    return Found(result.detections, (), 0.5)


class Rig:
    """A record stage, and what it tells."""

    def __init__(self, recorder: FakeRecorder, *, is_live: bool = False) -> None:
        self.told: list[PipelineEvent | str] = []
        info = VideoInfo("fake", SIZE_WH, Fraction(25), None, None, is_live)
        self.stage = RecordStage(
            recorder,
            info,
            on_event=self.told.append,
            on_over=lambda: self.told.append("over"),
            found=found,
        )

    def run(self, *shots: Shot) -> RecordingEnded:
        for one in shots:
            self.stage.offer(one)
        self.stage.queue.close()
        self.stage.run()
        ended = self.told[-1]
        assert isinstance(ended, RecordingEnded)
        return ended


def fail(_: int = 0) -> None:
    raise RecordingError("The disk is full.", "Free some space.")


def test_what_is_offered_is_written_with_its_time() -> None:
    recorder = FakeRecorder()
    rig = Rig(recorder)
    ended = rig.run(shot(0), shot(1), shot(2))
    assert recorder.written == [(0, 0.0), (1, 0.04), (2, 0.08)]
    assert ended == RecordingEnded(RecordingInfo("fake.mp4", 3, 0, 3 / 25), None)
    assert rig.told == [RecordingStarted("fake.mp4"), "over", ended]


def test_the_frame_before_once_more_is_not_recorded_again() -> None:
    recorder = FakeRecorder()
    Rig(recorder).run(shot(0), shot(0, is_again=True), shot(1))
    assert [number for number, _ in recorder.written] == [0, 1]


def test_a_jump_is_told_and_leaves_no_gap() -> None:
    recorder = FakeRecorder()
    Rig(recorder).run(shot(0), shot(1), shot(50, run=1), shot(51, run=1))
    assert [number for number, _ in recorder.written] == [0, 1, 50, 51]
    times_s = [time_s for _, time_s in recorder.written]
    assert times_s == pytest.approx([0, 0.04, 0.08, 0.12])
    assert recorder.jumped_before == [2]


def test_a_recorder_that_does_not_open_is_told_and_closed() -> None:
    recorder = FakeRecorder(on_open=fail)
    rig = Rig(recorder)
    ended = rig.run(shot(0))
    assert str(ended.error) == "The disk is full. Free some space."
    assert recorder.closed_by
    assert rig.told == ["over", ended]


def test_what_was_written_before_a_failure_is_told() -> None:
    recorder = FakeRecorder(before=lambda number: fail() if number == 2 else None)
    ended = Rig(recorder).run(shot(0), shot(1), shot(2), shot(3))
    assert ended.error is not None
    assert ended.info is not None
    assert ended.info.frame_count == 2


@pytest.mark.parametrize("writing_fails", [False, True])
def test_a_file_that_cannot_be_finished_is_told(writing_fails: bool) -> None:
    """The first error is the one that explains the second."""

    class Unfinished(FakeRecorder):
        def close(self) -> RecordingInfo | None:
            raise RecordingError("It cannot be finished.", "Look at the disk.")

    recorder = Unfinished(before=fail if writing_fails else lambda _: None)
    ended = Rig(recorder).run(shot(0))
    assert ended.info is None
    assert isinstance(ended.error, RecordingError)
    expected = "The disk is full." if writing_fails else "It cannot be finished."
    assert ended.error.problem == expected


def test_what_comes_while_a_failed_file_is_finished_holds_nobody_up() -> None:
    """To finish it may take long, and the draw thread would wait for it."""

    class SlowToFinish(FakeRecorder):
        def close(self) -> RecordingInfo | None:
            for number in range(2 * RECORDING_QUEUE):
                rig.stage.offer(shot(number))
            return super().close()

    rig = Rig(SlowToFinish(before=fail))
    rig.stage.offer(shot(0))
    rig.stage.run()  # nobody stopped it: it is over by itself
    ended = rig.told[-1]
    assert isinstance(ended, RecordingEnded)
    assert ended.error is not None


def test_the_clock_goes_by_the_sources_rate_and_without_one_by_25() -> None:
    for fps, expected_s in ((Fraction(5), 0.2), (None, 0.04)):
        info = VideoInfo("fake", SIZE_WH, fps, None, None, is_live=False)
        recorder = FakeRecorder()
        stage = RecordStage(
            recorder,
            info,
            on_event=lambda _: None,
            on_over=lambda: None,
            found=found,
        )
        stage.offer(shot(0))
        stage.offer(shot(50, run=1))
        stage.queue.close()
        stage.run()
        assert [at_s for _, at_s in recorder.written] == pytest.approx([0, expected_s])
        assert stage.recorded_s == pytest.approx(2 * expected_s)


def test_a_recording_that_is_over_takes_nothing_and_holds_nobody_up() -> None:
    rig = Rig(FakeRecorder())
    rig.run()
    for number in range(2 * RECORDING_QUEUE):
        rig.stage.offer(shot(number))


def test_live_what_the_encoder_cannot_keep_up_with_is_dropped_and_told() -> None:
    ended = Rig(FakeRecorder(), is_live=True).run(
        *(shot(i) for i in range(RECORDING_QUEUE + 3))
    )
    assert ended.info is not None
    assert (ended.info.frame_count, ended.info.dropped) == (RECORDING_QUEUE, 3)


def test_the_clock_of_a_recording_knows_no_jumps() -> None:
    """Each jump is one interval (0.1 s) long, forwards or back."""
    clock = RecordingClock(0.1)
    frames = [(0, 3.0), (0, 3.1), (1, 90.0), (1, 90.2), (2, 0.0)]
    times_s = [
        clock.time_s(Cue(None, run=run), Frame(numbered_image(0), 0, at_s, 0.0))
        for run, at_s in frames
    ]
    assert times_s == pytest.approx([3.0, 3.1, 3.2, 3.4, 3.5])
