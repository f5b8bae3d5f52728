"""When something is worth a clip: pure rules over what is seen, with times."""

import enum
from collections.abc import Collection
from dataclasses import dataclass

# Out of sight for less is in sight: detectors blink.
BLINK_S = 1.0


@dataclass(frozen=True, slots=True)
class ClipRule:
    """What starts a clip, and how long it is.

    Attributes:
        class_names: one of them has to be seen; empty: any.
        at_least_s: for so long, without interruption.
        pre_s: so much of what was before is in the clip.
        post_s: so much of what comes after, too; seen again within, it goes on.
        longest_s: another clip begins after so much.
        cool_down_s: no clip begins so soon after the end of one.
    """

    class_names: tuple[str, ...] = ()
    at_least_s: float = 1.0
    pre_s: float = 5.0
    post_s: float = 5.0
    longest_s: float = 300.0
    cool_down_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("at_least_s", "pre_s", "post_s", "cool_down_s"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise ValueError(f"{name} must be 0 or more, got {value}")
        if not 0 < self.longest_s < float("inf"):
            raise ValueError(f"longest_s must be above 0, got {self.longest_s}")


class Decision(enum.Enum):
    """What to do after a frame."""

    NOTHING = enum.auto()
    BEGIN = enum.auto()
    END = enum.auto()


class ClipDecider:
    """Decides frame by frame; law: BEGIN and END take turns, BEGIN comes first.

    Attributes:
        name: the class that began the clip that is on, or was last.
    """

    def __init__(self, rule: ClipRule) -> None:
        """Nothing was seen yet."""
        self._rule = rule
        self._since_s: float | None = None  # seen without interruption
        self._seen_s = 0.0
        self._began_s: float | None = None  # the clip that is on
        self._ended_s = float("-inf")
        self.name = ""

    def update(self, time_s: float, class_names: Collection[str]) -> Decision:
        """What follows from a frame of `time_s` with these in it."""
        rule = self._rule
        wanted = [
            name
            for name in class_names
            if not rule.class_names or name in rule.class_names
        ]
        if wanted:
            if self._since_s is None or time_s - self._seen_s > BLINK_S:
                self._since_s = time_s
            self._seen_s = time_s
        elif self._since_s is not None and time_s - self._seen_s > BLINK_S:
            self._since_s = None
        if self._began_s is not None:
            is_long = time_s - self._began_s >= rule.longest_s
            if is_long or time_s - self._seen_s > rule.post_s:
                self._began_s, self._ended_s = None, time_s
                return Decision.END
        elif (
            wanted
            and self._since_s is not None
            and time_s - self._since_s >= rule.at_least_s
            and time_s - self._ended_s >= rule.cool_down_s
        ):
            self._began_s, self.name = time_s, wanted[0]
            return Decision.BEGIN
        return Decision.NOTHING
