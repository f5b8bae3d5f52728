"""Events are told to real servers on loopback: each once, late rather than never."""

import base64
import io
import logging
import socket
import stat
import threading
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.alerts.alert import AlertError, AlertRefusedError
from app.alerts.alerts import Alerts, tellers_of, try_out
from app.alerts.mqtt import Mqtt
from app.alerts.outbox import Outbox
from app.alerts.sound import Sound, chime
from app.alerts.webhook import Webhook
from app.alerts.wishes import AlertWish, MqttWish, WebhookWish
from app.pipeline.clip_rule import EventReport, Occasion, Trigger
from tests.alerts.parts import WAIT_S, Broker, a_server, an_alert

SECRET = "hunter2"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class Said(list[str]):
    """Sentences, and a wait for one of them."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()

    def __call__(self, text: str) -> None:
        with self._changed:
            self.append(text)
            self._changed.notify_all()

    def wait(self, is_good: Callable[[str], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: any(map(is_good, self)), WAIT_S), self


# --- webhook ---------------------------------------------------------------------


def test_an_event_is_posted_as_json_with_its_picture() -> None:
    with a_server() as heard:
        url = f"http://me:{SECRET}@127.0.0.1:{heard.port}/hook/{SECRET}?a=b"
        Webhook(WebhookWish(url, with_picture=True)).tell(an_alert(7))
    ((path, headers, values),) = heard.posts
    assert path == f"/hook/{SECRET}?a=b"
    assert base64.b64decode(headers["Authorization"].split()[1]) == b"me:hunter2"
    assert headers["Content-Type"].startswith("application/json")
    jpeg = base64.b64decode(values.pop("picture_jpeg_base64"))
    picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
    assert picture.size == (64, 48)
    red, _, blue = picture.getpixel((5, 5))  # type: ignore[misc] # of an RGB picture
    assert blue > 150 > red
    assert values == {
        "event": 7,
        "title": "person crosses Door",
        "kind": "cross",
        "class": "person",
        "rule": "Door",
        "direction": "in",
        "state": "begins",
        "goes_on": False,
        "at": "2026-01-02T03:04:05.678+00:00",
        "source": "rtsp://cam",
        "clip": "clips/a.mp4",
    }


def test_a_picture_goes_along_only_where_it_was_asked_for() -> None:
    with a_server() as heard:
        Webhook(WebhookWish(f"http://127.0.0.1:{heard.port}")).tell(an_alert())
    assert "picture_jpeg_base64" not in heard.posts[0][2]


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, AlertError), (429, AlertError), (404, AlertRefusedError), (302, AlertError)],
)
def test_an_answer_that_is_none_is_an_error_without_the_secret(
    status: int, error: type[AlertError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with a_server(status) as heard:
        webhook = Webhook(
            WebhookWish(f"http://me:{SECRET}@127.0.0.1:{heard.port}/{SECRET}")
        )
        with pytest.raises(error) as raised:
            webhook.tell(an_alert())
    assert isinstance(raised.value, AlertRefusedError) is (300 <= status < 429)
    assert str(status) in str(raised.value)
    assert len(heard.posts) == 1  # not followed elsewhere
    assert SECRET not in f"{raised.value}{webhook.name}{caplog.text}"


def test_nobody_there_is_an_error_without_the_secret() -> None:
    url = f"http://me:{SECRET}@127.0.0.1:{free_port()}/{SECRET}"
    with pytest.raises(AlertError, match="does not answer") as raised:
        Webhook(WebhookWish(url)).tell(an_alert())
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


# --- the outbox ------------------------------------------------------------------


def test_what_fails_is_tried_again_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    said = Said()
    with a_server(503, 500, 200, 200) as heard:
        url = f"http://me:{SECRET}@127.0.0.1:{heard.port}/{SECRET}"
        outbox = Outbox(Webhook(WebhookWish(url)), say=said, first_wait_s=0.01)
        outbox.post(an_alert(1))
        outbox.post(an_alert(2))
        assert [values["event"] for values in heard.wait(4)] == [1, 1, 1, 2]
        outbox.close()
    assert (outbox.told, outbox.lost) == (2, 0)
    assert len(said) == 2
    assert "answers 503" in said[0]
    assert "is told again" in said[1]
    assert SECRET not in f"{said}{caplog.text}"


def test_one_that_is_refused_does_not_hold_up_the_next() -> None:
    said = Said()
    with a_server(400) as heard:
        url = f"http://127.0.0.1:{heard.port}"
        outbox = Outbox(Webhook(WebhookWish(url)), say=said)
        outbox.post(an_alert(1))
        outbox.post(an_alert(2))
        assert [values["event"] for values in heard.wait(2)] == [1, 2]
        outbox.close()
    assert (outbox.told, outbox.lost) == (1, 1)


class Stuck:
    """Somebody who does not answer until he is let go."""

    name = "Somebody"

    def __init__(self) -> None:
        self.asked, self.free = threading.Event(), threading.Event()
        self.told: list[int] = []

    def tell(self, alert: Any) -> None:  # noqa: ANN401 - an Alert
        self.asked.set()
        assert self.free.wait(WAIT_S)
        self.told.append(alert.number)

    def close(self) -> None:
        self.told.append(-1)


def test_who_does_not_answer_holds_nobody_up_and_the_oldest_go() -> None:
    """`post` returns, or the test would: nobody lets go meanwhile."""
    stuck = Stuck()
    outbox = Outbox(stuck, say=Said(), most_waiting=4)
    outbox.post(an_alert(0))
    assert stuck.asked.wait(WAIT_S)
    for number in range(1, 101):
        outbox.post(an_alert(number))
    assert (outbox.waiting, outbox.lost) == (5, 96)
    stuck.free.set()
    outbox.close(WAIT_S)
    assert stuck.told == [0, 97, 98, 99, 100, -1]


def test_the_end_waits_for_nobody_who_is_away() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    said = Said()
    outbox = Outbox(Webhook(WebhookWish(url)), say=said)
    outbox.post(an_alert(1))
    outbox.post(an_alert(2))
    said.wait(lambda text: "does not answer" in text)
    outbox.close(0.0)  # it waits a second before it tries again
    assert outbox.lost >= 1
    outbox.post(an_alert(3))
    assert outbox.waiting <= 1


# --- MQTT ------------------------------------------------------------------------


@pytest.fixture
def broker() -> Iterator[Broker]:
    pytest.importorskip("amqtt", reason="the broker of the tests is not installed")
    broker = Broker(free_port())
    yield broker
    broker.stop()


class Subscriber:
    """Hears what the broker is told, and what it keeps."""

    def __init__(self, port: int) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self.heard: list[tuple[str, bytes]] = []
        self._changed = threading.Condition()
        subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._hear
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe("#", 1)
        assert subscribed.wait(WAIT_S)

    def _hear(self, _client: object, _data: object, message: Any) -> None:  # noqa: ANN401 - the library's
        with self._changed:
            self.heard.append((message.topic, message.payload))
            self._changed.notify_all()

    def wait(self, topic: str, payload: bytes | None = None) -> bytes:
        def found() -> bytes | None:
            for name, text in self.heard:
                if name == topic and payload in (None, text):
                    return text
            return None

        with self._changed:
            assert self._changed.wait_for(lambda: found() is not None, WAIT_S), topic
            text = found()
            assert text is not None
            return text

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def test_a_broker_is_told_and_home_assistant_finds_it(broker: Broker) -> None:
    import json

    hears = Subscriber(broker.port)
    wish = MqttWish(f"mqtt://127.0.0.1:{broker.port}", "garden", with_picture=True)
    mqtt = Mqtt(wish)
    mqtt.tell(an_alert(1))
    config = json.loads(hears.wait("homeassistant/binary_sensor/garden/event/config"))
    assert hears.wait("garden/available", b"online")
    # What it would do: look where the discovery says, for what it says.
    assert hears.wait(config["state_topic"]) == b"ON"
    values = json.loads(hears.wait(config["json_attributes_topic"]))
    assert values["title"] == "person crosses Door"
    image = json.loads(hears.wait("homeassistant/image/garden/picture/config"))
    assert hears.wait(image["image_topic"])[:2] == b"\xff\xd8"
    mqtt.tell(an_alert(2))
    mqtt.tell(an_alert(1, is_over=True))  # told when the next has begun
    mqtt.tell(an_alert(2, is_over=True))
    hears.wait("garden/state", b"OFF")
    states = [text for topic, text in hears.heard if topic == "garden/state"]
    assert states == [b"ON", b"ON", b"ON", b"OFF"]
    mqtt.close()
    hears.wait(config["availability_topic"], b"offline")
    hears.close()


def test_a_broker_that_comes_later_is_told_then() -> None:
    pytest.importorskip("amqtt", reason="the broker of the tests is not installed")
    port, said = free_port(), Said()
    wish = MqttWish(f"mqtt://me:{SECRET}@127.0.0.1:{port}", discovery="")
    outbox = Outbox(Mqtt(wish, timeout_s=0.1), say=said, first_wait_s=0.05)
    outbox.post(an_alert(5))
    said.wait(lambda text: "cannot be reached" in text)
    broker = Broker(port)
    try:
        said.wait(lambda text: "is told again" in text)
        hears = Subscriber(port)
        assert b'"event": 5' in hears.wait("mobilenet-ssd-live/event")
        hears.close()
    finally:
        outbox.close()
        broker.stop()
    assert SECRET not in str(said)
    assert not [topic for topic, _ in hears.heard if "homeassistant" in topic]


# --- sound and the rest ----------------------------------------------------------


def a_player(folder: Path, script: str) -> None:
    player = folder / "pw-play"
    player.write_text(f"#!/bin/sh\n{script}\n")
    player.chmod(player.stat().st_mode | stat.S_IXUSR)


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="the player is a script")
def test_a_sound_is_played_by_what_the_system_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_player(tmp_path, f'/bin/cat "$1" > {tmp_path}/heard.wav')
    monkeypatch.setenv("PATH", str(tmp_path))
    sound = Sound()
    sound.tell(an_alert(is_over=True))
    assert not (tmp_path / "heard.wav").exists()  # what is over makes no noise
    sound.tell(an_alert())
    sound.close()
    with wave.open(str(tmp_path / "heard.wav")) as heard:
        assert heard.getnframes() / heard.getframerate() == pytest.approx(
            0.24, abs=0.01
        )
    a_player(tmp_path, "exit 1")  # no sound card
    beeps: list[int] = []
    Sound(or_else=lambda: not beeps.append(1)).tell(an_alert())  # type: ignore[func-returns-value] # true
    assert beeps == [1]
    with pytest.raises(AlertError, match="no player, or no sound card"):
        Sound().tell(an_alert())


def test_the_chime_does_not_click() -> None:
    with wave.open(io.BytesIO(chime())) as tones:
        data = tones.readframes(tones.getnframes())
    samples = memoryview(data).cast("h")
    assert abs(samples[0]) < 100
    assert abs(samples[-1]) < 100
    assert max(samples) > 5000


def test_all_who_are_named_are_told_of_one_event() -> None:
    said = Said()
    occasion = Occasion(Trigger("enter", rule="Yard"), "dog", number=3)
    with a_server() as heard:
        wish = AlertWish(webhook=WebhookWish(f"http://127.0.0.1:{heard.port}"))
        alerts = Alerts(tellers_of(wish), source=lambda: "camera 0", say=said)
        alerts.tell(EventReport(occasion, is_over=False, clip="a.mp4"))
        alerts.tell(EventReport(occasion, is_over=True, clip="a.mp4"))
        first, second = heard.wait(2)
        alerts.close()
    assert (first["title"], first["state"]) == ("dog enters Yard", "begins")
    assert (second["event"], second["state"]) == (3, "over")
    assert first["source"] == "camera 0"
    assert (alerts.lost, said) == (0, [])


def test_trying_out_tells_of_an_event_that_is_none_and_that_it_is_over() -> None:
    with a_server() as heard:
        wish = WebhookWish(f"http://127.0.0.1:{heard.port}")
        try_out(Webhook(wish))
    assert [(p["kind"], p["state"]) for _, _, p in heard.posts] == [
        ("test", "begins"),
        ("test", "over"),
    ]


def test_a_desktop_without_a_window_says_so() -> None:
    desktop = tellers_of(AlertWish(desktop=True))["desktop"]
    with pytest.raises(AlertError, match="They need the window"):
        desktop.tell(an_alert())


def test_nobody_is_told_unless_asked() -> None:
    assert tellers_of(AlertWish()) == {}
