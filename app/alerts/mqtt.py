"""Tells an MQTT broker, and with it Home Assistant, which finds the topics itself.

Topics, all below the wish's `topic`: `state` (ON while an event goes on), `event` (JSON
of the last one), `picture` (JPEG) and `available` (online, or offline by the broker).
"""

import json
import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from app.alerts.alert import Alert, AlertError, jpeg_of
from app.alerts.wishes import MqttWish, shown

if TYPE_CHECKING:
    from paho.mqtt.client import Client
    from paho.mqtt.reasoncodes import ReasonCode

TIMEOUT_S = 10.0
_QOS = 1  # arrives at least once


class Mqtt:
    """One connection, kept and made anew by the library's own thread."""

    def __init__(self, wish: MqttWish, *, timeout_s: float = TIMEOUT_S) -> None:
        """Nothing is connected yet.

        Raises:
            AlertError: the library is not installed.
        """
        try:
            import paho.mqtt.client  # noqa: F401 - said before anything runs
        except ImportError as error:
            raise AlertError(
                "MQTT needs a package that is not installed.",
                'Install it: pip install "paho-mqtt>=2,<3"',
            ) from error
        self._wish = wish
        self._timeout_s = timeout_s
        self._client: Client | None = None
        self._connected = threading.Event()
        self._refused = ""
        self._going_on: set[int] = set()

    @property
    def name(self) -> str:
        """The broker, without user and password."""
        return f"The broker {shown(self._wish.broker)}"

    def tell(self, alert: Alert) -> None:
        """Publish it; see `Teller`."""
        client = self._connect()
        # One may be told to be over when the next has begun.
        if alert.is_over:
            self._going_on.discard(alert.number)
        else:
            self._going_on.add(alert.number)
        messages: list[tuple[str, str | bytes]] = [
            ("event", alert.to_json()),
            ("state", "ON" if self._going_on else "OFF"),
        ]
        if self._wish.with_picture and alert.image_bgr is not None:
            messages.append(("picture", jpeg_of(alert.image_bgr)))
        for topic, payload in messages:
            self._publish(client, f"{self._wish.topic}/{topic}", payload)

    def close(self) -> None:
        """Say goodbye."""
        if (client := self._client) is None:
            return
        if self._connected.is_set():
            client.publish(f"{self._wish.topic}/available", "offline", _QOS, True)
        client.disconnect()
        client.loop_stop()

    def _connect(self) -> "Client":
        if self._client is None:
            self._client = self._begin()
        if not self._connected.wait(self._timeout_s):
            reason = self._refused or "no answer"
            raise AlertError(
                f"{self.name} cannot be reached ({reason}).", "It is tried again."
            )
        return self._client

    def _begin(self) -> "Client":
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        parts = urlsplit(self._wish.broker)
        is_safe = parts.scheme == "mqtts"
        client = Client(CallbackAPIVersion.VERSION2)
        if is_safe:
            client.tls_set()
        if parts.username:
            client.username_pw_set(
                unquote(parts.username), unquote(parts.password or "") or None
            )
        client.will_set(f"{self._wish.topic}/available", "offline", _QOS, True)
        client.reconnect_delay_set(1, 60)
        client.max_queued_messages_set(64)
        client.on_connect = self._on_connect
        client.on_disconnect = lambda *_: self._connected.clear()
        client.connect_async(
            parts.hostname or "", parts.port or (8883 if is_safe else 1883)
        )
        client.loop_start()
        return client

    def _on_connect(
        self,
        client: "Client",
        _data: object,
        _flags: object,
        code: "ReasonCode",
        _more: object,
    ) -> None:
        if code.is_failure:
            self._refused = str(code).lower()
            return
        self._refused = ""
        for topic, values in self.discovery():
            client.publish(topic, json.dumps(values), _QOS, True)
        client.publish(f"{self._wish.topic}/available", "online", _QOS, True)
        self._connected.set()

    def discovery(self) -> list[tuple[str, dict[str, Any]]]:
        """What Home Assistant is told, by topic.

        Source: https://www.home-assistant.io/integrations/mqtt#mqtt-discovery
        """
        wish = self._wish
        if not wish.discovery:
            return []
        own = re.sub(r"[^A-Za-z0-9_-]", "_", wish.topic)
        common = {
            "availability_topic": f"{wish.topic}/available",
            "device": {"identifiers": [own], "name": wish.topic},
        }
        found: list[tuple[str, dict[str, Any]]] = [
            (
                f"{wish.discovery}/binary_sensor/{own}/event/config",
                {
                    "name": "Event",
                    "unique_id": f"{own}_event",
                    "device_class": "motion",
                    "state_topic": f"{wish.topic}/state",
                    "json_attributes_topic": f"{wish.topic}/event",
                    **common,
                },
            )
        ]
        if wish.with_picture:
            found.append(
                (
                    f"{wish.discovery}/image/{own}/picture/config",
                    {
                        "name": "Picture",
                        "unique_id": f"{own}_picture",
                        "image_topic": f"{wish.topic}/picture",
                        "content_type": "image/jpeg",
                        **common,
                    },
                )
            )
        return found

    def _publish(self, client: "Client", topic: str, payload: str | bytes) -> None:
        # Kept by the broker, so that who comes later knows how it is.
        told = client.publish(topic, payload, _QOS, True)
        # It lost the connection, or its queue is full.
        with suppress(RuntimeError, ValueError):
            told.wait_for_publish(self._timeout_s)
        if not told.is_published():
            raise AlertError(
                f"{self.name} did not take an event.", "It is tried again."
            )
