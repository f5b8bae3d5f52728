"""What an event looked like: a piece of the picture, read beside the window."""

from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.errors import SourceError
from app.gui.counting import thumbnails
from app.gui.counting.thumbnails import FilePictures, Request, box_of, thumbnail
from app.gui.playing.player import Player
from app.pipeline.errands import CAPACITY
from app.pipeline.interfaces import VideoSource
from app.tracking.events import Event
from app.types import Frame
from tests.fakes import WAIT_S, FakeFile, FakeSource
from tests.gui.playing.test_player import Gate
from tests.tracking.walks import boxes, known, standing

pytestmark = pytest.mark.gui
WAIT_MS = int(1000 * WAIT_S)


def event(number: int) -> Event:
    """At frame `number` of 25 a second, by that track."""
    return Event(
        number / 25, number, "cross", "L1", "in", number, "person", (200.0, 100.0)
    )


def test_the_box_is_that_of_the_track() -> None:
    found = known((3, 50, 60), (7, 150, 160))
    assert box_of(event(7), found) == (140, 120, 160, 160)
    assert box_of(event(4), found) is None  # gone by now
    assert box_of(event(4), boxes(standing(50, 60))) is None  # nobody follows them


def color(image: QImage) -> tuple[int, int, int]:
    middle = image.pixelColor(image.width() // 2, image.height() // 2)
    return middle.red(), middle.green(), middle.blue()


def test_it_shows_what_is_in_the_box_or_above_the_anchor() -> None:
    image_bgr = np.zeros((200, 400, 3), np.uint8)
    image_bgr[20:60, 300:340] = (10, 20, 250)  # red, in a box
    # A quarter of the height above the anchor: y from 50 to 100, x from 175 to 225.
    image_bgr[50:100, 175:225] = (250, 20, 10)
    seen = thumbnail(image_bgr, event(0), (300, 20, 340, 60))
    assert color(seen) == pytest.approx((250, 20, 10), abs=2)
    assert (seen.width(), seen.height()) == (72, 54)
    assert color(thumbnail(image_bgr, event(0), None)) == pytest.approx(
        (10, 20, 250), abs=2
    )
    assert thumbnail(np.zeros((0, 0, 3), np.uint8), event(0), None).isNull()


class Torn(FakeFile):
    """Its fourth frame cannot be read."""

    def frames(self) -> Iterator[Frame]:
        if self.sought[-1] == 4 / 25:
            raise SourceError("It is torn.", "Repair it.")
        yield from super().frames()


class Reads:
    """Pictures of files, and what was read."""

    def __init__(self, player: Player, sources: Mapping[str, VideoSource]) -> None:
        self.read: list[int] = []
        self.pictures = FilePictures(sources.__getitem__, player.chores.clips, player)
        self.pictures.read.connect(lambda event, _: self.read.append(event.track))

    def want(self, *numbers: int) -> None:
        for number in numbers:
            self.pictures.want(Request(event(number), None))


def test_the_newest_asked_for_come_first_and_a_torn_one_is_left_out(
    player: Player, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "WAITING", 6)
    gate = Gate()
    torn = Torn(20, before=lambda index: gate(index) if index == 1 else None)
    reads = Reads(player, {"torn": torn})
    reads.want(0)  # of no file
    reads.pictures.begin("torn")
    reads.want(1)
    qtbot.waitUntil(lambda: gate.was_reached, timeout=WAIT_MS)
    reads.want(*range(2, 10))  # of these, two are scrolled past
    gate.open()
    # The last four first, in the order of the file; the fourth frame cannot be read.
    expected = [1, 6, 7, 8, 9, 5]
    qtbot.waitUntil(lambda: len(reads.read) == len(expected), timeout=WAIT_MS)
    assert reads.read == expected
    reads.want(2, 4)  # one that was scrolled past, and one that cannot be had
    qtbot.waitUntil(lambda: len(reads.read) == 7, timeout=WAIT_MS)
    assert reads.read[-1] == 2
    assert torn.sought.count(4 / 25) == 1  # not asked for at each painting


def test_a_file_that_is_gone_costs_the_next_one_nothing(
    player: Player, qtbot: QtBot
) -> None:
    gate = Gate()

    def fail() -> None:
        gate(1)
        raise SourceError("It is gone.", "Bring it back.")

    gone = FakeFile(9)
    gone._on_open = fail
    reads = Reads(
        player,
        {"gone": gone, "live": FakeSource(3, is_live=True)} | {"next": FakeFile(9)},
    )
    reads.pictures.begin("gone")
    reads.want(1)
    qtbot.waitUntil(lambda: gate.was_reached, timeout=WAIT_MS)
    reads.want(2)
    reads.pictures.begin("next")
    reads.want(3)
    gate.open()
    qtbot.waitUntil(lambda: bool(reads.read), timeout=WAIT_MS)
    assert reads.read == [3]
    reads.pictures.begin("live")  # nobody can go back there
    reads.want(4)
    reads.pictures.begin("next")
    reads.want(5)
    qtbot.waitUntil(lambda: reads.read == [3, 5], timeout=WAIT_MS)


def test_who_finds_no_room_is_asked_for_with_the_next(
    player: Player, qtbot: QtBot
) -> None:
    gate = Gate()
    reads = Reads(player, {"file": FakeFile(9)})
    reads.pictures.begin("file")
    for _ in range(CAPACITY):
        assert player.chores.clips.run(lambda: gate(1), or_else=_ignore)
    reads.want(1)
    gate.open()
    qtbot.waitUntil(lambda: _has_room(player), timeout=WAIT_MS)
    reads.want(2)
    qtbot.waitUntil(lambda: reads.read == [1, 2], timeout=WAIT_MS)


def _ignore(_: Exception) -> None:
    """What waits only fills the queue."""


def _has_room(player: Player) -> bool:
    return player.chores.clips.run(lambda: None, or_else=_ignore)
