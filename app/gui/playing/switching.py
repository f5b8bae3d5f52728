"""Which model and device run, which will, and which of them was asked for last."""

from pathlib import Path

from app.pipeline.interfaces import Detector

Choice = tuple[Path, str]  # a model file and a device


class Switching:
    """Knows, of every detector that a run was given, what it was chosen as.

    Attributes:
        wanted: what was asked for last.
        running: what runs, or is the first to.
    """

    def __init__(self, choice: Choice) -> None:
        """Nothing runs; `choice` will."""
        self.wanted = self.running = choice
        self._given: list[tuple[Detector, Choice]] = []

    @property
    def is_switching(self) -> bool:
        """True while another is loaded, beside one that runs or is loaded itself."""
        return len(self._given) > 1

    def begin(self, detector: Detector) -> None:
        """A run begins with this one, which is of `wanted`."""
        self.running = self.wanted
        self._given = [(detector, self.wanted)]

    def end(self) -> None:
        """Nothing runs any more."""
        self._given = []

    def ask(self, detector: Detector, choice: Choice) -> None:
        """The run is given another one."""
        self.wanted = choice
        self._given.append((detector, choice))

    def took_over(self, detector: Detector | None) -> None:
        """It runs from now on; so those that were given before never will."""
        for number, (given, choice) in enumerate(self._given):
            if given is detector:
                self.running = choice
                self._given = self._given[number:]
                return

    def gave_up(self, detector: Detector | None) -> None:
        """It does not run; where it was asked for last, what runs is wanted."""
        if self._given and self._given[-1][0] is detector:
            self.stay()

    def stay(self) -> None:
        """What runs is what is wanted."""
        self.wanted = self.running
        self._given = self._given[:1]
