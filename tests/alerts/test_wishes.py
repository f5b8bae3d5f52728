"""What a file of rules may say of events and alerts."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.alerts.wishes import (
    AlertWish,
    MqttWish,
    WebhookWish,
    read_watch_rules,
    shown,
    watch_rules_from,
)
from app.errors import RulesError
from app.pipeline.clip_rule import ClipRule, Trigger
from app.tracking.rules import read_rules
from tests.python import ROOT

DOOR = {"name": "Door", "from": [0.1, 0.5], "to": [0.9, 0.5]}
YARD = {"name": "Yard", "polygon": [[0, 0], [1, 0], [1, 1]]}


def rules(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"lines": [DOOR], "zones": [YARD], **parts}


def test_the_file_of_the_docs_says_what_the_docs_say(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
    block = text.split("```json\n")[1].split("```")[0]
    path = tmp_path / "rules.json"
    path.write_text(block, encoding="utf-8")
    told = read_watch_rules(path)
    assert told.clips == ClipRule(
        (
            Trigger("seen", ("person", "dog"), for_s=2),
            Trigger("cross", ("person",), "Door", "in"),
            Trigger("enter", rule="Yard"),
            Trigger("dwell", ("car",), "Yard", for_s=60),
        ),
        pre_s=5,
        post_s=5,
        longest_s=300,
        cool_down_s=10,
    )
    assert told.max_gb == 20
    assert told.alerts.webhook is not None
    assert told.alerts.mqtt is not None
    # Who counts only reads the same file.
    assert read_rules(path) == told.rules


def test_without_those_parts_nothing_is_an_event_and_nobody_is_told() -> None:
    told = watch_rules_from(rules())
    assert (told.clips, told.max_gb, bool(told.alerts)) == (None, None, False)
    assert watch_rules_from(rules(clips={})).clips == ClipRule()


def test_an_address_alone_will_do() -> None:
    told = watch_rules_from(
        rules(alerts={"webhook": "https://h/x", "mqtt": "mqtt://b", "sound": True})
    )
    assert told.alerts == AlertWish(
        sound=True, webhook=WebhookWish("https://h/x"), mqtt=MqttWish("mqtt://b")
    )


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"clips": {"on": [{"cross": "Gate"}]}}, "names 'Gate'; the lines are 'Door'"),
        ({"clips": {"on": [{"enter": "Door"}]}}, "zones that count are 'Yard'"),
        ({"clips": {"on": [{"for_s": 3}]}}, "event 1 must have one of seen, cross"),
        ({"clips": {"on": [{"enter": "Yard", "for_s": 3}]}}, "event 1 has 'for_s'"),
        ({"clips": {"on": []}}, "triggers must not be empty"),
        (
            {"clips": {"on": [{"cross": "Door", "direction": "up"}]}},
            "must be in or out",
        ),
        ({"clips": {"before_s": "5"}}, "before_s must be a number"),
        ({"clips": {"max_gb": 0}}, "max_gb must be above 0"),
        ({"clips": {"befor_s": 5}}, "clips has 'befor_s'; what it may have is on"),
        ({"alerts": {"sound": 1}}, "sound must be true or false"),
        ({"alerts": {"mqtt": {"broker": "mqtt://h", "topic": "a/#"}}}, "no +, #"),
        ({"alerts": {"mail": {}}}, "alerts has 'mail'"),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, parts: dict[str, Any], problem: str
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(rules(**parts)), encoding="utf-8")
    with pytest.raises(RulesError) as raised:
        read_watch_rules(path)
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    "part",
    [
        {"webhook": "https//u:hunter2@host/hunter2"},
        {"webhook": {"url": "ftp://u:hunter2@host/hunter2"}},
        {"webhook": {"url": "https://u:hunter2@host:port/?token=hunter2"}},
        {"webhook": {"url": "https://host/hunter2 2"}},
        {"mqtt": "http://u:hunter2@host"},
        {"mqtt": {"broker": "mqtt://u:hunter2@"}},
    ],
)
def test_no_secret_is_in_what_is_said(part: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be like") as raised:
        watch_rules_from(rules(alerts=part))
    assert "hunter2" not in str(raised.value)


def test_an_address_is_shown_without_its_secrets() -> None:
    secret = "https://me:hunter2@hooks.example:8443/services/hunter2?token=hunter2#h"
    assert shown(secret) == "https://hooks.example:8443"
    for wish in (WebhookWish(secret), MqttWish("mqtts://me:hunter2@broker")):
        assert "hunter2" not in repr(AlertWish(webhook=None)) + repr(wish)
