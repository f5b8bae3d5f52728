"""Rules are read, kept, and each mistake in them is told."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import RulesError
from app.tracking.rules import ANCHORS, USES, Line, Rules, Zone, read_rules, rules_from

CORNER = [[0, 0], [1, 0], [0, 1]]


def test_the_file_of_the_docs() -> None:
    line = {"name": "L1", "from": [0.449, 0.26], "to": [0.449, 0.686]}
    zone = {"name": "Z1", "polygon": CORNER, "use": "only"}
    rules = rules_from({"lines": [{**line, "classes": ["person"]}], "zones": [zone]})
    assert rules.lines == (Line("L1", (0.449, 0.26), (0.449, 0.686), ("person",)),)
    assert rules.zones[0].use == "only"
    assert rules.counted_zones == ()
    assert not rules_from({})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"are no JSON \(line 1"),
        ('{"lines": [}', r"are no JSON \(line 1"),
        ("[]", "the file must be an object, got []"),
        ('{"line": []}', "the file has 'line'; what it may have is lines, zones"),
        ('{"lines": {}}', "lines must be a list, got {}"),
        ('{"lines": [3]}', "line 1 must be an object, got 3"),
        ('{"lines": [{"from": [0, 0], "to": [1, 1]}]}', "line 1 has no 'name'"),
        ('{"zones": [{"name": "a"}]}', "zone 1 has no 'polygon'"),
        (
            '{"lines": [{"name": 3, "from": [0, 0], "to": [1, 1]}]}',
            "name of line 1 must",
        ),
        (
            '{"lines": [{"name": " ", "from": [0, 0], "to": [1, 1]}]}',
            "must not be empty",
        ),
        ('{"lines": [{"name": "a", "from": [0], "to": [1, 1]}]}', r"must be \[x, y\]"),
        ('{"lines": [{"name": "a", "from": [0, "1"], "to": [1, 1]}]}', "two numbers"),
        ('{"lines": [{"name": "a", "from": [0, true], "to": [1, 1]}]}', "two numbers"),
        ('{"lines": [{"name": "a", "from": [0, 345], "to": [1, 1]}]}', "shares of the"),
        ('{"lines": [{"name": "a", "from": [0, NaN], "to": [1, 1]}]}', "shares of the"),
        ('{"lines": [{"name": "a", "from": [1, 1], "to": [1, 1]}]}', "where it ends"),
        ('{"zones": [{"name": "a", "polygon": [[0, 0], [1, 1]]}]}', "three corners"),
        ('{"zones": [{"name": "a", "polygon": [[0,0],[0.5,0.5],[1,1]]}]}', "in a row"),
        (
            f'{{"zones": [{{"name": "a", "polygon": {CORNER}, "use": "all"}}]}}',
            "use of zone 'a' must be one of",
        ),
        (
            f'{{"zones": [{{"name": "a", "polygon": {CORNER}, "anchor": "top"}}]}}',
            "anchor of 'a' must be one of",
        ),
        (
            f'{{"zones": [{{"name": "a", "polygon": {CORNER}, "classes": "b"}}]}}',
            "classes of zone 1 must be a list",
        ),
        (
            f'{{"lines": [{{"name": "a", "from": [0, 0], "to": [1, 1]}}], '
            f'"zones": [{{"name": "a", "polygon": {CORNER}}}]}}',
            "the name 'a' must be given to one rule alone",
        ),
        (
            f'{{"zones": [{{"name": "a", "polygon": {CORNER}, "colour": 1}}]}}',
            "zone 1 has 'colour'; what it may have is name, polygon",
        ),
        ("[" * 100_000, "The rules"),
    ],
)
def test_each_mistake_is_told(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "rules.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        read_rules(path)
    assert str(path) in caught.value.problem
    assert caught.value.remedy.endswith(".")
    assert re.search(says if "\\" in says else re.escape(says), caught.value.problem)


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"cannot be read \(No such file"):
        read_rules(tmp_path / "none.json")
    with pytest.raises(RulesError, match="cannot be read"):
        read_rules(tmp_path)
    (tmp_path / "latin.json").write_bytes(b'{"lines": "\xe9"}')
    with pytest.raises(RulesError, match="no text in UTF-8"):
        read_rules(tmp_path / "latin.json")


SHARES = st.floats(0, 1)
POINTS = st.tuples(SHARES, SHARES)
NAMES = st.text(min_size=1).filter(str.strip)
CLASSES = st.lists(st.text(min_size=1), max_size=2).map(tuple)


@st.composite
def some_rules(draw: st.DrawFn) -> Rules:
    names = draw(st.lists(NAMES, max_size=4, unique=True))
    lines, zones = [], []
    for name in names:
        classes, anchor = draw(CLASSES), draw(st.sampled_from(ANCHORS))
        try:
            if draw(st.booleans()):
                lines.append(Line(name, draw(POINTS), draw(POINTS), classes, anchor))
            else:
                corners = tuple(draw(st.lists(POINTS, min_size=3, max_size=5)))
                use = draw(st.sampled_from(USES))
                zones.append(Zone(name, corners, use, classes, anchor))
        except ValueError:  # no line, no area
            continue
    return Rules(tuple(lines), tuple(zones))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some_rules())
def test_what_is_written_is_read_again(rules: Rules) -> None:
    assert rules_from(json.loads(rules.to_json())) == rules
