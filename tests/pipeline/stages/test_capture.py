"""What app.pipeline.stages.capture promises; no thread but the test's."""

from collections.abc import Iterator

import pytest

from app.errors import SourceError
from app.pipeline.events import (
    PipelineEvent,
    SourceInterrupted,
    SourceOpened,
    SourceResumed,
    SourceWarned,
)
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.capture import CaptureStage
from app.pipeline.stages.items import Cue
from app.pipeline.transport import Transport
from app.types import Frame
from tests.fakes import FakeFile, FakeSource


class Rig:
    """A capture stage, and what comes out of it."""

    def __init__(self, source: FakeSource, *, keeps_all: bool = False) -> None:
        self.transport = Transport()
        self.captured = Slot[Cue](drop_oldest=False, capacity=100)
        self.events: list[PipelineEvent] = []
        self.stage = CaptureStage(
            source,
            captured=self.captured,
            transport=self.transport,
            is_paced=False,
            keeps_all=lambda: keeps_all,
            on_event=self.events.append,
        )

    def indices(self) -> list[int]:
        self.captured.close()
        return [cue.frame.index for cue in self.captured if cue.frame is not None]


@pytest.mark.parametrize("is_live", [True, False])
def test_every_frame_is_handed_over_and_the_source_closed(is_live: bool) -> None:
    source = FakeSource(5, is_live=is_live)
    rig = Rig(source)
    rig.stage.run()
    assert rig.indices() == [0, 1, 2, 3, 4]
    assert source.closed_by
    assert rig.stage.info is not None
    assert rig.events == [SourceOpened(rig.stage.info)]


def test_a_source_that_breaks_down_is_closed_and_its_error_raised() -> None:
    def fail(index: int) -> None:
        if index == 2:
            raise SourceError("It was unplugged.", "Plug it in.")

    source = FakeSource(5, before=fail)
    rig = Rig(source)
    with pytest.raises(SourceError, match="unplugged"):
        rig.stage.run()
    assert rig.indices() == [0, 1]
    assert source.closed_by


def test_a_source_that_does_not_open_is_closed_and_its_error_raised() -> None:
    def fail() -> None:
        raise SourceError("There is no camera.", "Plug it in.")

    source = FakeSource(5, on_open=fail)
    rig = Rig(source)
    with pytest.raises(SourceError, match="no camera"):
        rig.stage.run()
    assert source.closed_by
    assert rig.events == []
    assert rig.stage.info is None


def test_a_source_that_fails_to_open_because_of_a_stop_is_no_failure() -> None:
    def fail() -> None:
        raise SourceError("It was stopped.")

    source = FakeSource(5, on_open=fail)
    rig = Rig(source)
    rig.transport.stop()
    rig.stage.run()
    assert rig.events == []
    assert source.closed_by


@pytest.mark.parametrize("is_live", [True, False])
def test_a_neighbour_that_is_gone_ends_it_and_closes_the_source(is_live: bool) -> None:
    source = FakeSource(5, is_live=is_live)
    rig = Rig(source)
    rig.captured.close()
    with pytest.raises(SlotClosedError):
        rig.stage.run()
    assert source.closed_by


def test_an_interruption_is_told_once_a_reason_and_measured() -> None:
    """Frames come every 0.04 s; 2 to 4 are missing, so 1 to 5 are 0.16 s apart."""
    source = FakeSource(7, is_live=True)
    source.gaps = {2: "Unplugged.", 3: "Unplugged.", 4: "Busy."}
    rig = Rig(source)
    rig.stage.run()
    assert rig.events[1:3] == [
        SourceInterrupted("Unplugged."),
        SourceInterrupted("Busy."),
    ]
    (resumed,) = rig.events[3:]
    assert isinstance(resumed, SourceResumed)
    assert resumed.after_s == pytest.approx(0.16)
    assert rig.indices() == list(range(7))


def test_warnings_are_told_where_they_arise_and_at_the_very_end() -> None:
    class TornAtTheEnd(FakeFile):
        def frames(self) -> Iterator[Frame]:
            self.warnings.append("Its head is torn.")
            yield from super().frames()
            self.warnings.append("Its tail is torn.")

    rig = Rig(TornAtTheEnd(3))
    rig.stage.run()
    assert rig.events[1:] == [
        SourceWarned("Its head is torn."),
        SourceWarned("Its tail is torn."),
    ]


def test_what_opening_found_damaged_is_told_before_the_first_frame() -> None:
    def look(index: int) -> None:
        if index == 0:
            assert rig.events[-1] == SourceWarned("Its index is torn.")

    source = FakeFile(3, before=look)
    source.warnings.append("Its index is torn.")
    rig = Rig(source)
    rig.stage.run()
    assert rig.indices() == [0, 1, 2]


def test_a_stand_in_is_no_frame_of_the_rate() -> None:
    """0, 1, 2 and 6 came, 0.24 s apart in all: 3 / 0.24 a second."""
    source = FakeSource(7, is_live=True)
    source.gaps = dict.fromkeys((3, 4, 5), "Unplugged.")
    rig = Rig(source)
    rig.stage.run()
    assert rig.stage.meter.fps == pytest.approx(12.5)


def test_a_camera_that_gives_one_more_after_a_stop_gives_it_to_nobody() -> None:
    source = FakeSource(
        9, is_live=True, before=lambda i: rig.transport.stop() if i == 3 else None
    )
    rig = Rig(source)
    rig.stage.run()
    assert rig.indices() == [0, 1, 2]
    assert source.closed_by


def test_each_cue_says_when_it_was_handed_over() -> None:
    rig = Rig(FakeSource(3))
    rig.stage.run()
    rig.captured.close()
    times_s = [cue.handed_at_s for cue in rig.captured]
    assert times_s == sorted(times_s)
    assert times_s[0] > 0
