"""`main.py watch SOURCE --rules R.json --clips DIR --headless`: the real command."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import main
from app.cli.watching.status_line import StatusLine, how_long
from app.pipeline.clip_rule import Occasion, Trigger
from app.pipeline.events import EventBegan, SourceInterrupted, SourceResumed
from app.pipeline.stats import StatsSnapshot
from app.types import ReplayHeld
from tests.alerts.parts import a_server
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.python import ROOT

WAIT_S = 120.0
ANYWHERE = {"name": "Yard", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}


def write_rules(path: Path, **parts: object) -> str:
    path.write_text(json.dumps({"zones": [ANYWHERE], **parts}), encoding="utf-8")
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="ends it with a signal")
def test_who_stays_becomes_a_clip_and_is_told_to_the_webhook(
    make_model: MakeModel, tmp_path: Path
) -> None:
    with a_server() as heard:
        url = f"http://me:hunter2@127.0.0.1:{heard.port}/hunter2"
        rules = write_rules(
            tmp_path / "rules.json",
            clips={"on": [{"dwell": "Yard", "for_s": 0.5}], "before_s": 0.5},
            alerts={"webhook": {"url": url, "picture": True}},
        )
        child = subprocess.Popen(
            [
                *(sys.executable, "-u", "main.py", "watch", "test", "--headless"),
                *("--rules", rules, "--clips", str(tmp_path / "clips")),
                *("--model", str(make_model()), "--score-threshold", "0.05"),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        over = threading.Timer(WAIT_S, child.kill)
        over.start()
        try:
            assert child.stdout is not None
            said = []
            for line in child.stdout:
                said.append(line)
                if "stays in Yard" in line:
                    break
            child.send_signal(signal.SIGTERM)
            said += child.stdout.readlines()
            assert child.wait(WAIT_S) == 0, "".join(said)
        finally:
            over.cancel()
            child.kill()
            child.communicate(timeout=WAIT_S)
        begins, ends = heard.wait(2)
    text = "".join(said)
    assert "hunter2" not in text
    (clip,) = (tmp_path / "clips").glob("*.mp4")
    assert " stays in Yard 20" in clip.name
    assert f"Saved {clip}" in text
    assert (begins["kind"], begins["rule"], begins["state"]) == (
        *("dwell", "Yard"),
        "begins",
    )
    assert begins["picture_jpeg_base64"]
    assert (ends["state"], ends["clip"]) == ("over", str(clip))


def test_alerts_are_tried_and_how_it_went_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with a_server(200, 200, 401) as heard:
        url = f"http://me:hunter2@127.0.0.1:{heard.port}/hunter2"
        rules = write_rules(tmp_path / "rules.json", alerts={"webhook": url})
        assert main.main(["watch", "--rules", rules, "--try-alerts"]) == 0
        assert "webhook: told." in (told := capsys.readouterr().out)
        assert main.main(["watch", "--rules", rules, "--try-alerts"]) == 2
        assert "refuses events: 401. Check" in (refused := capsys.readouterr().out)
        assert [values["kind"] for values in heard.wait(3)] == ["test"] * 3
    assert "hunter2" not in told + refused
    nobody = write_rules(tmp_path / "nobody.json")
    assert main.main(["watch", "--rules", nobody, "--try-alerts"]) == 2
    assert "Nobody is to be told" in capsys.readouterr().err


def test_options_and_rules_that_say_two_things_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = write_rules(tmp_path / "rules.json", clips={"on": [{"enter": "Yard"}]})
    arguments = ["watch", "test", "--headless", "--rules", rules, "--clips", "x"]
    assert main.main([*arguments, "--clip-class", "person"]) == 2
    assert "Leave out --clip-class" in capsys.readouterr().err


def test_a_class_that_the_model_lacks_is_an_error_and_no_silent_week(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = str(tmp_path / "clips")
    arguments = ["watch", "test", "--headless", "--clips", clips]
    model = str(make_model())
    code = main.main([*arguments, "--clip-class", "unicorn", "--model", model])
    assert code == 2
    assert "has no class unicorn to look for." in capsys.readouterr().err


def test_the_status_line_says_how_a_week_went() -> None:
    line = StatusLine(0.0)
    for number in range(12):
        line.hear(EventBegan(Occasion(Trigger(), "person", number=number), ""))
    line.hear(SourceInterrupted("gone"))
    line.hear(SourceInterrupted("gone, still"))
    stats = StatsSnapshot(25.0, 24.9, 100, 0, 0, replay=ReplayHeld(30.2, 22_300_000))
    away = line.text(stats, 270_000.0)
    assert away == (
        "up 3 d 3 h, the source is away, 12 events, 0 clips, 1 interruptions, "
        "30 s kept in 22 MB"
    )
    line.hear(SourceResumed(5.0))
    assert "25 fps" in line.text(stats, 270_000.0)
    due = [now_s for now_s in range(0, 4 * 3600, 60) if line.is_due(now_s)]
    assert due == [3600, 7200, 10_800]
    assert [how_long(s) for s in (6, 306, 3600, 90_000)] == [
        *("6 s", "5 min 6 s"),
        *("1 h 0 min", "1 d 1 h"),
    ]
