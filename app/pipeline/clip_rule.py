"""When something is worth a clip: pure rules over what is seen, with times."""

import enum
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.scene import Happening
from app.types import ImageBgr

# Out of sight for less is in sight: detectors blink.
BLINK_S = 1.0
TRIGGER_KINDS = ("seen", "cross", "enter", "dwell")
# Of what had to last before it was an event, so much is in the clip, at most.
MOST_LEAD_S = 30.0
# What a trigger looks for, of `app.scene.Happening`.
_PASSAGES = {"cross": ("cross",), "enter": ("enter", "appear_inside"), "dwell": ()}


@dataclass(frozen=True, slots=True)
class Trigger:
    """What is an event.

    Attributes:
        kind: of `TRIGGER_KINDS`: a class is seen, a line is crossed, a zone is entered
            (or someone is first seen inside), someone stays in a zone.
        class_names: of these classes; empty: any.
        rule: the name of the line or zone; empty of "seen".
        direction: of a crossing, "in" or "out"; empty: both.
        for_s: how long it has to be seen without interruption, or to stay.
    """

    kind: str = "seen"
    class_names: tuple[str, ...] = ()
    rule: str = ""
    direction: str = ""
    for_s: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in TRIGGER_KINDS:
            raise ValueError(f"kind must be one of {TRIGGER_KINDS}, got {self.kind!r}")
        if bool(self.rule) is (self.kind == "seen"):
            raise ValueError(f"rule of {self.kind!r} must not be {self.rule!r}")
        if self.direction not in ("", "in", "out"):
            raise ValueError(f"direction must be in or out, got {self.direction!r}")
        if not 0 <= self.for_s < float("inf"):
            raise ValueError(f"for_s must be 0 or more, got {self.for_s}")

    @property
    def lead_s(self) -> float:
        """So much of what led to it belongs to it."""
        return min(self.for_s, MOST_LEAD_S)

    def wants(self, class_name: str) -> bool:
        """Whether it looks for that class."""
        return not self.class_names or class_name in self.class_names


@dataclass(frozen=True, slots=True)
class ClipRule:
    """What starts a clip, and how long it is.

    Attributes:
        triggers: each of them does.
        pre_s: so much of what was before is in the clip.
        post_s: so much of what comes after, too; again within, it goes on.
        longest_s: another clip begins after so much.
        cool_down_s: no clip begins so soon after the end of one.
    """

    triggers: tuple[Trigger, ...] = (Trigger(for_s=1.0),)
    pre_s: float = 5.0
    post_s: float = 5.0
    longest_s: float = 300.0
    cool_down_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("pre_s", "post_s", "cool_down_s"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise ValueError(f"{name} must be 0 or more, got {value}")
        if not 0 < self.longest_s < float("inf"):
            raise ValueError(f"longest_s must be above 0, got {self.longest_s}")
        if not self.triggers:
            raise ValueError("triggers must not be empty")

    @property
    def reach_s(self) -> float:
        """How much of the past has to be kept for it."""
        return self.pre_s + max(trigger.lead_s for trigger in self.triggers)

    @property
    def class_names(self) -> tuple[str, ...]:
        """All that it names."""
        names = (name for one in self.triggers for name in one.class_names)
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why there is a clip.

    Attributes:
        trigger: what began it.
        class_name: of whom.
        direction: of a crossing.
        goes_on: the clip before became too long; this is the same event.
        number: of the clips of a run, from 1.
    """

    trigger: Trigger
    class_name: str
    direction: str = ""
    goes_on: bool = False
    number: int = 0

    @property
    def title(self) -> str:
        """In words: "person", "person crosses L1", "car stays in Z1"."""
        verb = {"cross": "crosses", "enter": "enters", "dwell": "stays in"}
        kind = self.trigger.kind
        if kind == "seen":
            return self.class_name
        return f"{self.class_name} {verb[kind]} {self.trigger.rule}"


@dataclass(frozen=True, eq=False, slots=True)
class EventReport:
    """What is told of an event, when it begins and when it is over.

    Attributes:
        occasion: why.
        is_over: it is.
        clip: where its clip is, or will be; empty: there is none.
        image_bgr: (H, W, 3) uint8, the picture it began with; None when it is over.
    """

    occasion: Occasion
    is_over: bool
    clip: str = ""
    image_bgr: ImageBgr | None = None


@dataclass(frozen=True, eq=False, slots=True)
class ClipWish:
    """Which events become clips, where, and who is told.

    Attributes:
        rule: what begins one.
        folder: where they go; None: there are none, events are only told.
        tidy: called after each, to keep the folder small.
        tell: called at once for each event, on the replay's thread; must not wait.
    """

    rule: ClipRule
    folder: Path | None
    tidy: Callable[[], object] = lambda: None
    tell: Callable[[EventReport], object] = lambda _: None


class Decision(enum.Enum):
    """What to do after a frame."""

    NOTHING = enum.auto()
    BEGIN = enum.auto()
    END = enum.auto()


class ClipDecider:
    """Decides frame by frame; law: BEGIN and END take turns, BEGIN comes first."""

    def __init__(self, rule: ClipRule) -> None:
        """Nothing was seen yet."""
        self._rule = rule
        self._lookouts = [
            _Sight(one) if one.kind == "seen" else _Place(one) for one in rule.triggers
        ]
        self._lasted_s = 0.0  # when it last was going on
        self._began_s: float | None = None  # the clip that is on
        self._ended_s = float("-inf")
        self._goes_on = False
        self._count = 0
        self._occasion: Occasion | None = None

    @property
    def occasion(self) -> Occasion:
        """What began the clip that is on, or was last."""
        assert self._occasion is not None, "none began yet"
        return self._occasion

    def update(
        self,
        time_s: float,
        class_names: Collection[str],
        happened: Sequence[Happening] = (),
    ) -> Decision:
        """What follows from a frame of `time_s`.

        Args:
            time_s: on the source's clock.
            class_names: of all that is in it.
            happened: at lines and in zones.
        """
        rule = self._rule
        looks = [one.look(time_s, class_names, happened) for one in self._lookouts]
        begins = next((begin for begin, _ in looks if begin is not None), None)
        lasts = begins is not None or any(lasting for _, lasting in looks)
        if lasts:
            self._lasted_s = time_s
        is_past = time_s - self._lasted_s > rule.post_s
        if self._began_s is not None:
            is_long = time_s - self._began_s >= rule.longest_s
            if is_long or is_past:
                self._began_s, self._ended_s = None, time_s
                self._goes_on = not is_past
                return Decision.END
            return Decision.NOTHING
        self._goes_on = self._goes_on and not is_past
        if begins is None and self._goes_on and lasts:
            begins = self._occasion
        if begins is None or time_s - self._ended_s < rule.cool_down_s:
            return Decision.NOTHING
        self._began_s = time_s
        self._count += 1
        self._occasion = replace(begins, goes_on=self._goes_on, number=self._count)
        self._goes_on = False
        return Decision.BEGIN


# What could begin a clip now, and whether it is going on.
_Look = tuple[Occasion | None, bool]


class _Sight:
    """Looks for a class in the picture."""

    def __init__(self, trigger: Trigger) -> None:
        self._trigger = trigger
        self._since_s: float | None = None  # seen without interruption
        self._seen_s = 0.0

    def look(
        self, time_s: float, class_names: Collection[str], _: Sequence[Happening]
    ) -> _Look:
        wanted = next((name for name in class_names if self._trigger.wants(name)), None)
        if self._since_s is not None and time_s - self._seen_s > BLINK_S:
            self._since_s = None
        if wanted is None:
            return None, False
        if self._since_s is None:
            self._since_s = time_s
        self._seen_s = time_s
        is_enough = time_s - self._since_s >= self._trigger.for_s
        return Occasion(self._trigger, wanted) if is_enough else None, True


class _Place:
    """Looks at what happens at one line or in one zone."""

    def __init__(self, trigger: Trigger) -> None:
        self._trigger = trigger

    def look(
        self, _time_s: float, _names: Collection[str], happened: Sequence[Happening]
    ) -> _Look:
        trigger, begins, lasts = self._trigger, None, False
        for one in happened:
            if one.rule != trigger.rule or not trigger.wants(one.class_name):
                continue
            if trigger.direction and one.direction != trigger.direction:
                continue
            is_inside = one.kind == "inside" and trigger.kind != "cross"
            has_dwelt = is_inside and one.inside_s >= trigger.for_s
            if one.kind in _PASSAGES[trigger.kind] or (
                has_dwelt and trigger.kind == "dwell"
            ):
                begins = begins or Occasion(trigger, one.class_name, one.direction)
            lasts = lasts or has_dwelt
        return begins, lasts
