"""Who is told of events where there is a window: app.cli.watching.window."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.alerts.alert import AlertError
from app.alerts.wishes import AlertWish, WatchRules, WebhookWish
from app.cli.watching.events import EventWish
from app.cli.watching.window import WindowAlerts
from app.pipeline.clip_rule import EventReport, Occasion, Trigger
from tests.alerts.parts import WAIT_S, a_server

REPORT = EventReport(Occasion(Trigger("cross", rule="Door"), "person", "in"), False)


@contextmanager
def alerting(wish: AlertWish) -> Iterator[WindowAlerts]:
    made = WindowAlerts(EventWish(WatchRules(alerts=wish), None, None, 1.0))
    try:
        yield made
    finally:
        made.close()


class Shown(list[tuple[str, str]]):
    """The desktop: what it was asked to show."""

    def __init__(self, works: bool = True) -> None:
        super().__init__()
        self.changed, self._works = threading.Event(), works

    def __call__(self, title: str, text: str) -> bool:
        self.append((title, text))
        self.changed.set()
        return self._works


def test_where_nobody_is_named_nobody_is_told() -> None:
    with alerting(AlertWish()) as alerts:
        shown = Shown()
        alerts.notify_with(shown)
        alerts.tell(REPORT)
        assert alerts.names == []
    assert shown == []


def test_all_who_are_named_are_told_of_what_is_watched_now() -> None:
    shown = Shown()
    with a_server() as heard:
        wish = AlertWish(
            desktop=True, webhook=WebhookWish(f"http://127.0.0.1:{heard.port}/x")
        )
        with alerting(wish) as alerts:
            assert alerts.names == ["desktop", "webhook"]
            alerts.notify_with(shown)
            alerts.watch("rtsp://yard")
            alerts.tell(REPORT)
            (first,) = heard.wait(1)
            alerts.watch("rtsp://door")
            alerts.tell(REPORT)
            _, second = heard.wait(2)
            assert shown.changed.wait(WAIT_S)
    assert (first["source"], second["source"]) == ("rtsp://yard", "rtsp://door")
    assert first["title"] == "person crosses Door"
    assert "person crosses Door" in " ".join(shown[0])


def test_one_can_be_tried_and_it_is_named_or_what_it_lacks_is() -> None:
    with a_server() as heard:
        hook = WebhookWish(f"http://127.0.0.1:{heard.port}/x")
        with alerting(AlertWish(desktop=True, webhook=hook)) as alerts:
            name = alerts.try_out("webhook")
            assert "127.0.0.1" in name
            begins, ends = heard.wait(2)
            assert (begins["title"], begins["source"]) == ("A test", "a test")
            assert (begins["state"], ends["state"]) == ("begins", "over")
            with pytest.raises(AlertError):  # no window has said how to show one
                alerts.try_out("desktop")
            alerts.notify_with(Shown())
            alerts.try_out("desktop")
            with pytest.raises(KeyError):
                alerts.try_out("mqtt")


def test_a_noise_is_the_windows_where_no_player_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    is_heard = threading.Event()

    def beep() -> bool:
        is_heard.set()
        return True

    with alerting(AlertWish(sound=True)) as alerts:
        alerts.beep_with(beep)
        alerts.tell(REPORT)
        assert is_heard.wait(WAIT_S)
        is_heard.clear()
        alerts.try_out("sound")
        assert is_heard.is_set()


def test_what_fails_is_told_where_the_window_wants_it() -> None:
    said, is_said = list[str](), threading.Event()

    def say(text: str) -> None:
        said.append(text)
        is_said.set()

    with alerting(AlertWish(desktop=True)) as alerts:
        alerts.notify_with(Shown(works=False))
        alerts.say_with(say)
        alerts.tell(REPORT)
        assert is_said.wait(WAIT_S)
        assert len(said) == 1
