"""Several sources, played one after another."""

from collections.abc import Callable
from pathlib import PurePath

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import SourceError
from app.gui.languages.sentences import in_words
from app.gui.playing.player import Player
from app.gui.seeking.transport_bar import TransportBar
from app.types import VideoInfo


class PlayList(QObject):
    """Knows what comes next; what stands alone is a list of one.

    Signals:
        wanted: play this, as `make_source` takes it.
        changed: where in the list one is.
        told: a sentence on what was passed over.
    """

    wanted = Signal(str)
    changed = Signal()
    told = Signal(str)

    def __init__(
        self,
        player: Player,
        transport: TransportBar,
        list_items: Callable[[str], list[str]],
    ) -> None:
        """Nothing plays.

        Args:
            player: what plays.
            transport: shows which one it is.
            list_items: what a text stands for; asked beside the window.
        """
        super().__init__(transport)
        self._player = player
        self._transport = transport
        self._list_items = list_items
        self._asked = 0  # counts what was to be opened
        self.text = ""  # what the list was opened as
        self._items: list[str] = []
        self._at = 0
        self._toward = 1  # where one goes from an item that cannot be opened
        self._passed: list[str] = []  # sentences
        player.opened.connect(self._on_opened)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._items)

    @property
    def place(self) -> str:
        """As "2 of 5"; of one alone, nothing."""
        if self.count < 2:
            return ""
        return self.tr("{0} of {1}").format(self._at + 1, self.count)

    def open(self, text: str) -> None:
        """Play what `text` names, or the first of what it names."""
        self._asked += 1
        if not _may_be_several(text) or not self._look(text):
            self._begin(text, [text])

    def go(self, toward: int) -> None:
        """To the next one (1), or the one before (-1)."""
        self._toward = toward
        self._passed = []
        self._play(self._at + toward)

    def go_on(self) -> bool:
        """One is over: whether another follows."""
        if self._at + 1 >= self.count:
            return False
        self.go(1)
        return True

    def begin_again(self) -> None:
        """With the first."""
        self._toward, self._passed = 1, []
        self._play(0)

    def pass_over(self, error: Exception) -> bool:
        """One cannot be opened: whether another one is tried instead."""
        following = self._at + self._toward
        is_last = not 0 <= following < self.count
        if self.count < 2 or is_last or not isinstance(error, SourceError):
            return False
        name = PurePath(self._items[self._at].splitlines()[0]).name
        self._passed.append(
            self.tr("{0} was passed over: {1}").format(name, in_words(error.problem))
        )
        self._play(following)
        return True

    def forget(self) -> None:
        """Nothing is to be played any more."""
        self._asked += 1
        self._items, self._passed, self.text = [], [], ""
        self._show()

    def _look(self, text: str) -> bool:
        asked = self._asked

        def begin(items: list[str]) -> None:
            if asked == self._asked:
                self._begin(text, items)

        return self._player.chores.looking.run(
            lambda: self._list_items(text), then=begin, or_else=lambda _: begin([text])
        )

    def _begin(self, text: str, items: list[str]) -> None:
        self.text, self._items = text, items
        self._toward, self._passed = 1, []
        self._play(0)

    def _play(self, at: int) -> None:
        if 0 <= at < self.count:
            self._at = at
            self._show()
            self.wanted.emit(self._items[at])

    def _show(self) -> None:
        self._transport.show_list(self.place)
        self.changed.emit()

    @Slot(object)
    def _on_opened(self, _: VideoInfo) -> None:
        if self._passed:
            self.told.emit(" ".join(self._passed))
            self._passed = []


def _may_be_several(text: str) -> bool:
    """Files in lines, a pattern, or what may be a folder: to look takes a while."""
    if "://" in text:
        return False
    path = PurePath(text)
    return "\n" in text or "*" in text or (len(path.parts) > 1 and not path.suffix)
