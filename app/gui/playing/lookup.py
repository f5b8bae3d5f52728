"""Sees what a text names, beside the window: a sleeping disk may take a while."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.gui.playing.switching import Choice
from app.pipeline.errands import Errands
from app.pipeline.interfaces import Detector, Factories, VideoSource


@dataclass(frozen=True, slots=True)
class Made:
    """What can be played.

    Attributes:
        text: as it was asked for.
        source: not open yet.
        detector: likewise.
        choice: the model and device that it is of.
    """

    text: str
    source: VideoSource
    detector: Detector
    choice: Choice


class Lookup:
    """One at a time: the next one replaces one that may hang."""

    def __init__(
        self, factories: Factories, deliver: Callable[[Callable[[], None]], None]
    ) -> None:
        """Nothing is looked for yet; `deliver` is as `Errands` says."""
        self._factories = factories
        self._deliver = deliver
        self._errands = Errands(deliver)
        self._asked = 0  # counts what was to be opened
        self.is_looking = False

    def look(
        self,
        text: str,
        choice: Choice,
        *,
        is_tried: bool,
        then: Callable[[Made], object],
        or_else: Callable[[Exception], object],
    ) -> None:
        """Make what `text` names, and tell of it unless something else is wanted.

        Args:
            text: a camera, a path, an address...
            choice: the model and device to look at it with.
            is_tried: something plays, which a file that is broken should not end: it
                is opened once beforehand.
            then: told what was made.
            or_else: told why it was not.
        """
        if self.is_looking:  # and may hang: that thread ends when it can
            self._errands.stop(0.0)
            self._errands = Errands(self._deliver)
        self.forget()
        asked = self._asked

        def unless_late(tell: Callable[[], object]) -> None:
            if asked == self._asked:
                self.is_looking = False
                tell()

        self.is_looking = self._errands.run(
            lambda: self._make(text, choice, is_tried=is_tried),
            then=lambda made: unless_late(lambda: then(made)),
            or_else=lambda error: unless_late(lambda: or_else(error)),
        )

    def forget(self) -> None:
        """What is looked for is wanted no more."""
        self._asked += 1
        self.is_looking = False

    def stop(self, timeout_s: float) -> list[str]:
        """As `Errands.stop`; what is found by then is wanted no more."""
        self.forget()
        return self._errands.stop(timeout_s)

    def _make(self, text: str, choice: Choice, *, is_tried: bool) -> Made:
        source = self._factories.make_source(text)
        if is_tried and Path(text).is_file():  # not a pipe: it is read only once
            _try(self._factories.make_source(text))
        return Made(text, source, self._factories.make_detector(*choice), choice)


def _try(source: VideoSource) -> None:
    """Raises what is wrong with it."""
    try:
        source.open()
    finally:
        source.close()
