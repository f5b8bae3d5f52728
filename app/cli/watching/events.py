"""What is an event, where its clip goes and who is told: from options and rules."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import say
from app.cli.options import Container, count, gigabytes, scale
from app.errors import UserError

if TYPE_CHECKING:
    from app.alerts.wishes import WatchRules
    from app.pipeline.clip_rule import ClipRule, ClipWish, EventReport

DEFAULT_GB = 10.0


def add_event_options(parser: Container) -> None:
    """For `EventWish`; `--rules` is added elsewhere."""
    parser.add_argument(
        "--replay",
        type=count,
        metavar="S",
        help="keep the last S seconds of a camera, to be saved with what was found: "
        "in the window by B, without one when told so: kill -USR1",
    )
    parser.add_argument(
        "--clips",
        type=Path,
        metavar="DIR",
        help="a clip of each event of a camera, with what was before and after, and "
        "what was found; --rules may say what an event is (docs/watching.md)",
    )
    parser.add_argument(
        "--clip-class",
        action="append",
        default=[],
        metavar="NAME",
        help="what makes an event (may be given again; default: anything)",
    )
    parser.add_argument(
        "--clip-after",
        type=scale,
        metavar="S",
        help="how long it has to be seen, 0 to 10 (default: 1)",
    )
    parser.add_argument(
        "--clip-gb",
        type=gigabytes,
        metavar="N",
        help="when DIR's clips take more, the oldest go, but for those with a file "
        f"NAME.star beside (default: {DEFAULT_GB:g})",
    )
    parser.add_argument(
        "--try-alerts",
        action="store_true",
        help="tell everybody whom --rules names of a test, say how it went, and end",
    )


@dataclass(frozen=True, slots=True)
class EventWish:
    """What was asked for, made of options and rules.

    Attributes:
        file: what the file of rules says.
        clip_rule: what an event is; None: nothing is asked for.
        folder: where clips go; None: nowhere.
        max_gb: that they may take.
    """

    file: "WatchRules"
    clip_rule: "ClipRule | None"
    folder: Path | None
    max_gb: float

    @classmethod
    def of(cls, options: argparse.Namespace, rules: Path | None) -> "EventWish":
        """From the options, and a file of rules.

        Raises:
            UserError: the rules are wrong, or options and rules say different things.
        """
        from app.alerts.wishes import WatchRules, read_watch_rules
        from app.pipeline.clip_rule import ClipRule, Trigger

        file = WatchRules() if rules is None else read_watch_rules(rules)
        is_told = bool(options.clip_class) or options.clip_after is not None
        if file.clips is not None and is_told:
            raise UserError(
                f"What an event is stands in {rules}, part clips.",
                "Leave out --clip-class and --clip-after, or that part.",
            )
        after_s = 1.0 if options.clip_after is None else options.clip_after
        trigger = Trigger("seen", tuple(options.clip_class), for_s=after_s)
        clip_rule = file.clips or ClipRule((trigger,))
        is_asked_for = options.clips is not None or bool(file.alerts)
        return cls(
            file,
            clip_rule if is_asked_for else None,
            options.clips,
            options.clip_gb or file.max_gb or DEFAULT_GB,
        )

    def clip_wish(self, tell: "Callable[[EventReport], object]") -> "ClipWish | None":
        """For the pipeline; None where there are no events."""
        if self.clip_rule is None:
            return None
        from app.pipeline.clip_rule import ClipWish

        folder = self.folder
        if folder is None:
            return ClipWish(self.clip_rule, None, tell=tell)
        from app.media.clips.folder import make_room  # loads FFmpeg and OpenCV

        max_bytes = round(self.max_gb * 1e9)
        return ClipWish(
            self.clip_rule, folder, lambda: make_room(folder, max_bytes), tell
        )

    @contextmanager
    def alerts(
        self, source: str, **how: "Callable[..., bool]"
    ) -> "Iterator[Callable[[EventReport], object]]":
        """What tells everybody, for as long as it is used.

        Args:
            source: what is watched.
            how: see `app.alerts.alerts.tellers_of`.

        Raises:
            UserError: somebody cannot be told here at all.
        """
        from app.alerts.alerts import Alerts, tellers_of

        tellers = tellers_of(self.file.alerts, beep=ring_bell, **how)
        alerts = Alerts(tellers, source=lambda: source, say=say)
        try:
            yield alerts.tell
        finally:
            alerts.close()
            if alerts.lost:
                say(f"{alerts.lost} alerts did not arrive.")


def try_alerts(wish: EventWish) -> int:
    """Tell everybody of a test; the exit code."""
    from app.alerts.alert import AlertError
    from app.alerts.alerts import tellers_of, try_out

    if not wish.file.alerts:
        raise UserError(
            "Nobody is to be told of anything.",
            'Name them in the part "alerts" of --rules; see docs/watching.md.',
        )
    failed = 0
    for name, teller in tellers_of(wish.file.alerts, beep=ring_bell).items():
        try:
            try_out(teller)
        except AlertError as error:
            say(f"{name}: {error.problem} {error.remedy}")
            failed += 1
        else:
            say(f"{name}: told. ({teller.name})")
        finally:
            teller.close()
    return 2 if failed else 0


def ring_bell() -> bool:
    """The terminal's, where there is one."""
    if not sys.stderr.isatty():
        return False
    print("\a", end="", file=sys.stderr, flush=True)
    return True
