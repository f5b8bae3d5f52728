"""All who are told, by what a wish says."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from app.alerts.alert import Alert, AlertError, Teller
from app.alerts.outbox import Outbox
from app.alerts.sound import Sound
from app.alerts.wishes import AlertWish
from app.pipeline.clip_rule import EventReport

LAST_WORDS_S = 3.0


def tellers_of(
    wish: AlertWish,
    *,
    beep: Callable[[], bool] = lambda: False,
    notify: Callable[[str, str], bool] | None = None,
) -> dict[str, Teller]:
    """Those who are to be told, by the names they have in the file of rules.

    Args:
        wish: who.
        beep: makes a noise where no player is found; false: it cannot.
        notify: shows a title and a text on the desktop; false: it cannot. None:
            there is no window that could.

    Raises:
        AlertError: one of them needs what is not installed.
    """
    tellers: dict[str, Teller] = {}
    if wish.sound:
        tellers["sound"] = Sound(or_else=beep)
    if wish.desktop:
        tellers["desktop"] = _Desktop(notify)
    if wish.webhook is not None:
        from app.alerts.webhook import Webhook  # loads HTTP, which few want

        tellers["webhook"] = Webhook(wish.webhook)
    if wish.mqtt is not None:
        from app.alerts.mqtt import Mqtt

        tellers["mqtt"] = Mqtt(wish.mqtt)
    return tellers


class Alerts:
    """Tells them, each by a thread of its own; nobody waits for another."""

    def __init__(
        self,
        tellers: Mapping[str, Teller],
        *,
        source: Callable[[], str],
        say: Callable[[str], object],
    ) -> None:
        """Nothing is told yet.

        Args:
            tellers: who, by name.
            source: what is watched, without passwords.
            say: of what fails, once; on any thread.
        """
        self._source = source
        self._outboxes = {name: Outbox(one, say=say) for name, one in tellers.items()}

    @property
    def names(self) -> list[str]:
        """Who is told."""
        return [one.name for one in self._outboxes.values()]

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return sum(one.waiting for one in self._outboxes.values())

    @property
    def lost(self) -> int:
        """How many did not arrive."""
        return sum(one.lost for one in self._outboxes.values())

    def tell(self, report: EventReport) -> None:
        """Tell all of them; at once."""
        alert = alert_of(report, self._source())
        for one in self._outboxes.values():
            one.post(alert)

    def close(self) -> None:
        """What waits is still told, but not for long."""
        end_s = time.monotonic() + LAST_WORDS_S
        for one in self._outboxes.values():
            one.close(max(0.0, end_s - time.monotonic()))


def alert_of(report: EventReport, source: str) -> Alert:
    """What is told of it."""
    occasion, trigger = report.occasion, report.occasion.trigger
    return Alert(
        number=occasion.number,
        title=occasion.title,
        kind=trigger.kind,
        class_name=occasion.class_name,
        rule=trigger.rule,
        direction=occasion.direction,
        is_over=report.is_over,
        goes_on=occasion.goes_on,
        at=_now(),
        source=source,
        clip=report.clip,
        image_bgr=report.image_bgr,
    )


def try_out(teller: Teller, source: str = "a test") -> None:
    """Tell it of an event that is none, and that it is over.

    Raises:
        AlertError: it did not arrive.
    """
    for is_over in (False, True):
        teller.tell(
            Alert(
                number=0,
                title="A test",
                kind="test",
                class_name="nobody",
                rule="",
                direction="",
                is_over=is_over,
                goes_on=False,
                at=_now(),
                source=source,
            )
        )


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


class _Desktop:
    """A notification, where there is a window that can show one."""

    name = "The desktop"

    def __init__(self, notify: Callable[[str, str], bool] | None) -> None:
        self._notify = notify

    def tell(self, alert: Alert) -> None:
        if not alert.is_news:
            return
        if self._notify is None or not self._notify(alert.title, alert.source):
            raise AlertError(
                "This desktop shows no notifications here.",
                "They need the window, and a desktop with a tray.",
            )

    def close(self) -> None:
        """Nothing is kept."""
