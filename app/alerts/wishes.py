"""What is an event and who is told of it: the parts "clips" and "alerts" of the rules.

They stand in the file of the lines and zones (`app.tracking.rules`); without "alerts",
nobody is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.pipeline.clip_rule import ClipRule, Trigger
from app.tracking.rules import (
    Line,
    Rules,
    json_list,
    json_object,
    json_text,
    json_texts,
    read_file,
    rules_from,
)

DEFAULT_GB = 10.0
_TIMES = ("before_s", "after_s", "longest_s", "cool_down_s")


@dataclass(frozen=True, slots=True)
class WebhookWish:
    """Where to post events.

    Attributes:
        url: http or https; user, password and tokens in it are never shown.
        with_picture: the picture that an event began with goes along.
    """

    url: str = field(repr=False)
    with_picture: bool = False

    def __post_init__(self) -> None:
        _check_url(self.url, ("http", "https"), "url of the webhook")


@dataclass(frozen=True, slots=True)
class MqttWish:
    """Which broker to tell, and how.

    Attributes:
        broker: mqtt://USER:PASSWORD@HOST:PORT, or mqtts://.
        topic: what all of ours begin with.
        with_picture: the picture that an event began with goes along.
        discovery: what Home Assistant's topics begin with; empty: it is not told.
    """

    broker: str = field(repr=False)
    topic: str = "mobilenet-ssd-live"
    with_picture: bool = False
    discovery: str = "homeassistant"

    def __post_init__(self) -> None:
        _check_url(self.broker, ("mqtt", "mqtts"), "broker")
        for name in ("topic", "discovery"):
            if any(sign in getattr(self, name) for sign in "+#\0"):
                raise ValueError(f"{name} must have no +, # or NUL in it")
        if not self.topic:
            raise ValueError("topic must not be empty")


@dataclass(frozen=True, slots=True)
class AlertWish:
    """Who is told; by default, nobody."""

    sound: bool = False
    desktop: bool = False
    webhook: WebhookWish | None = None
    mqtt: MqttWish | None = None

    def __bool__(self) -> bool:
        """False where nobody is."""
        return bool(self.sound or self.desktop or self.webhook or self.mqtt)


@dataclass(frozen=True, slots=True)
class WatchRules:
    """All that one file of rules says.

    Attributes:
        rules: lines and zones.
        clips: what is an event; None: the file does not say.
        max_gb: what the folder of clips may take; None: it does not say.
        alerts: who is told.
    """

    rules: Rules = field(default_factory=Rules)
    clips: ClipRule | None = None
    max_gb: float | None = None
    alerts: AlertWish = AlertWish()


def read_watch_rules(path: Path) -> WatchRules:
    """The whole file.

    Raises:
        RulesError: it cannot be read, or something in it is wrong; says what.
    """
    return read_file(path, watch_rules_from)


def watch_rules_from(values: Any) -> WatchRules:  # noqa: ANN401 - JSON
    """The same, from what a JSON file holds; raises ValueError."""
    rules = rules_from(values)
    clips, max_gb = None, None
    if "clips" in values:
        names = ("on", *_TIMES, "max_gb")
        part = json_object(values["clips"], "clips", names)
        clips = ClipRule()
        if "on" in part:
            entries = enumerate(json_list(part["on"], "on of clips"), start=1)
            triggers = [_trigger(v, f"event {i}", rules) for i, v in entries]
            clips = replace(clips, triggers=tuple(triggers))
        clips = replace(
            clips,
            pre_s=_number(part.get("before_s", clips.pre_s), "before_s"),
            post_s=_number(part.get("after_s", clips.post_s), "after_s"),
            longest_s=_number(part.get("longest_s", clips.longest_s), "longest_s"),
            cool_down_s=_number(part.get("cool_down_s", 0), "cool_down_s"),
        )
        if "max_gb" in part:
            max_gb = _number(part["max_gb"], "max_gb")
            if max_gb <= 0:
                raise ValueError(f"max_gb must be above 0, got {max_gb}")
    return WatchRules(rules, clips, max_gb, _alerts(values.get("alerts", {})))


def _trigger(values: Any, what: str, rules: Rules) -> Trigger:  # noqa: ANN401 - JSON
    kinds = ("seen", "cross", "enter", "dwell")
    allowed = {
        "seen": ("seen", "for_s"),
        "cross": ("cross", "classes", "direction"),
        "enter": ("enter", "classes"),
        "dwell": ("dwell", "classes", "for_s"),
    }
    entry = json_object(values, what, (*kinds, "classes", "direction", "for_s"))
    found = [kind for kind in kinds if kind in entry]
    if len(found) != 1:
        raise ValueError(f"{what} must have one of {', '.join(kinds)}")
    kind = found[0]
    json_object(values, what, allowed[kind])
    for_s = _number(entry.get("for_s", 1.0 if kind == "seen" else 0.0), "for_s")
    if kind == "seen":
        classes = json_texts(entry["seen"], f"seen of {what}")
        return Trigger("seen", classes, for_s=for_s)
    name = json_text(entry[kind], f"{kind} of {what}")
    _check_place(name, kind, what, rules)
    return Trigger(
        kind,
        json_texts(entry.get("classes", []), f"classes of {what}"),
        rule=name,
        direction=json_text(entry.get("direction", ""), f"direction of {what}"),
        for_s=for_s,
    )


def _check_place(name: str, kind: str, what: str, rules: Rules) -> None:
    """See that there is such a line or zone."""
    is_line = kind == "cross"
    names = [one.name for one in rules.counting() if isinstance(one, Line) is is_line]
    if name not in names:
        known = ", ".join(map(repr, names)) or "none"
        word = "lines" if is_line else "zones that count"
        raise ValueError(f"{what} names {name!r}; the {word} are {known}")


def _alerts(values: Any) -> AlertWish:  # noqa: ANN401 - JSON
    part = json_object(values, "alerts", ("sound", "desktop", "webhook", "mqtt"))
    webhook, mqtt = None, None
    if "webhook" in part:
        names = ("url", "picture")
        entry = _spelled_out(part["webhook"], "url")
        json_object(entry, "webhook", names, needed=("url",))
        webhook = WebhookWish(
            json_text(entry["url"], "url of the webhook"),
            _truth(entry.get("picture", False), "picture of the webhook"),
        )
    if "mqtt" in part:
        entry = _spelled_out(part["mqtt"], "broker")
        known = ("broker", "topic", "picture", "discovery")
        json_object(entry, "mqtt", known, needed=("broker",))
        mqtt = MqttWish(
            json_text(entry["broker"], "broker"),
            json_text(entry.get("topic", "mobilenet-ssd-live"), "topic"),
            _truth(entry.get("picture", False), "picture of mqtt"),
            json_text(entry.get("discovery", "homeassistant"), "discovery"),
        )
    return AlertWish(
        _truth(part.get("sound", False), "sound"),
        _truth(part.get("desktop", False), "desktop"),
        webhook,
        mqtt,
    )


def _spelled_out(value: Any, name: str) -> Any:  # noqa: ANN401 - JSON
    """An address alone is short for an object with nothing else in it."""
    return {name: value} if isinstance(value, str) else value


def _check_url(url: str, schemes: Sequence[str], what: str) -> None:
    """Never say it: there may be a password in it."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in schemes and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        is_good = False
    if not is_good or any(sign.isspace() for sign in url):
        raise ValueError(f"the {what} must be like {schemes[0]}://HOST")


def shown(url: str) -> str:
    """An address as it may be shown: paths have tokens in them, too."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def _number(value: Any, what: str) -> float:  # noqa: ANN401 - JSON
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{what} must be a number")
    return float(value)


def _truth(value: Any, what: str) -> bool:  # noqa: ANN401 - JSON
    if not isinstance(value, bool):
        raise ValueError(f"{what} must be true or false")
    return value
