"""Parts of the window that nobody sees before somebody asks for them."""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from app.gui.look.keys import SpaceForFocus
from app.gui.opening.afterwards import Afterwards
from app.gui.parts import Places, WindowParts
from app.gui.playing.player import Player
from app.pipeline.interfaces import Factories
from app.types import Result

if TYPE_CHECKING:
    from app.gui.comparing.comparing import Comparing
    from app.gui.counting.desk import CountingDesk
    from app.gui.exporting.exporting import Exporting


class LateParts(WindowParts):
    """Makes each when it is first wanted, and imports what it is made of then.

    Their modules are forty of ours: before the window was painted, they took a tenth
    of the time until it was. `tests/gui/opening/test_afterwards.py` lists those that
    have to wait.
    """

    def __init__(self, player: Player, factories: Factories, places: Places) -> None:
        """None of them is there."""
        super().__init__(player, factories, places)
        self._space = SpaceForFocus(self)
        self.afterwards = Afterwards(player, self.closing, self)
        self.afterwards.do(lambda: self.counting)  # what is drawn goes to it
        player.watching.connect(self._begin_counting)

    @cached_property
    def comparing(self) -> "Comparing":
        """Another detector beside the one that plays."""
        from app.gui.comparing.compare_bar import CompareBar
        from app.gui.comparing.comparing import Comparing

        bar = CompareBar(self.actions_.keep_test)
        self._center.insertWidget(self._center.indexOf(self.scene), bar)
        self._space.keep(bar)
        comparing = Comparing(
            self._player,
            self._factories,
            scene=self.scene,
            bar=bar,
            status=self.status.compared,
            parent=self,
        )
        if (newest := self.video.result) is not None:
            comparing.look(newest)
        self.closing.closed.connect(comparing.rival.leave)
        comparing.changed.connect(self.actions_.compare.setChecked)
        return comparing

    @cached_property
    def counting(self) -> "CountingDesk":
        """Rules, numbers and events; it is there once something plays."""
        from app.gui.counting.desk import CountingDesk

        return CountingDesk(self, self._player, self._factories, self.places)

    @cached_property
    def exporting(self) -> "Exporting":
        """Files, written by another process."""
        from app.gui.exporting.exporting import Exporting

        return Exporting(self, self._player, rules=lambda: self.counting.rules)

    def _look_late(self, result: Result) -> None:
        """Let those that are there look at what plays just now."""
        if "comparing" in vars(self):
            self.comparing.look(result)

    @Slot(object)
    def _begin_counting(self, watcher: object) -> None:
        """The first run begins; of the next ones it hears itself."""
        self._player.watching.disconnect(self._begin_counting)
        if "counting" not in vars(self):
            self.counting.begin(watcher)
