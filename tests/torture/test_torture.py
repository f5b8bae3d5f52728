"""A short slice of `make torture`, and that it would see what must not be."""

import ctypes
import json
import os
import random
import shutil
from pathlib import Path

import pytest

from app.errors import UserError
from torture import hunt as hunt_module
from torture.__main__ import cases_of
from torture.hunt import Hunt, hunt, run_case
from torture.mutate import mutate, mutate_json
from torture.soak import PARTS, Reading, growth_of, problems
from torture.targets import TARGETS, Target, sound_seeds

# TensorFlow takes seconds to load and our network to build.
QUICK = [
    pytest.param(
        target,
        marks=pytest.mark.skipif(
            target.make_seeds is sound_seeds and shutil.which("ffmpeg") is None,
            reason="no ffmpeg program here",
        ),
        id=target.name,
    )
    for target in TARGETS
    if "weights" not in target.name
]


@pytest.mark.parametrize("target", QUICK)
def test_damaged_files_are_refused_with_a_sentence_or_read(target: Target) -> None:
    count = min(40, cases_of(target.weight, 40))
    done = hunt(target, range(count))
    assert done.findings == []
    assert done.counts.total() == count


@pytest.mark.slow
@pytest.mark.parametrize("name", ["our weights", "others' weights"])
def test_damaged_weights_are_refused_with_a_sentence_or_read(name: str) -> None:
    target = next(target for target in TARGETS if target.name == name)
    assert hunt(target, range(10)).findings == []


@pytest.mark.parametrize("target", QUICK)
def test_files_without_damage_are_read(target: Target, tmp_path: Path) -> None:
    """Else the damage would never get past the first check."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    accepted = 0
    for seed in target.make_seeds(folder):
        case = tmp_path / seed.name.strip(".")
        case.mkdir()
        path = case / f"case{seed.suffix}"
        path.write_bytes(seed.read_bytes())
        try:
            target.read(path)
        except UserError:
            assert target.name == "what a user types"
        else:
            accepted += 1
    assert accepted


def _crash(_path: Path) -> None:
    ctypes.string_at(0)


def _hang(_path: Path) -> None:
    while True:
        pass


def _fail(_path: Path) -> None:
    raise ZeroDivisionError("a bug")


def _trespass(path: Path) -> None:
    (path.parent.parent / "elsewhere.txt").write_text("mine")


def _one_seed(folder: Path) -> list[Path]:
    (folder / "a.txt").write_text("seed")
    return [folder / "a.txt"]


def bad(name: str) -> Target:
    """A target that does what must not be; found in the worker by its name."""
    reads = {"crash": _crash, "hang": _hang, "fail": _fail, "trespass": _trespass}
    return Target(name, _one_seed, reads[name])


@pytest.mark.parametrize(
    ("name", "kind"), [("fail", "unexpected"), ("trespass", "wrote outside")]
)
def test_what_must_not_be_is_a_finding(name: str, kind: str, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    target = bad(name)
    ended, text = run_case(target, _one_seed(seeds), 1, tmp_path / "case")
    assert ended == kind
    assert "ZeroDivisionError: a bug" in text or "elsewhere.txt" in text


@pytest.mark.parametrize(("name", "kind"), [("crash", "crash"), ("hang", "hang")])
def test_a_crash_and_a_hang_are_seen_and_the_hunt_goes_on(
    name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hunt_module, "PATIENCE_S", 2.0)
    monkeypatch.setattr(hunt_module, "TARGETS_OF", "tests.torture.test_torture:bad")
    done: Hunt = hunt(bad(name), range(2))
    assert done.counts == {kind: 2}
    assert [finding.number for finding in done.findings] == [0, 1]


def test_damage_is_the_same_for_the_same_seed() -> None:
    data = bytes(range(256)) * 4
    text = json.dumps({"a": [1, 2, {"b": "c"}], "d": None}).encode()
    for seed in range(50):
        for damage, good in ((mutate, data), (mutate_json, text), (mutate, b"")):
            first, again = (damage(good, random.Random(seed)) for _ in range(2))
            assert first == again
    assert len({mutate(data, random.Random(seed)) for seed in range(50)}) > 40


def readings(*memory_mib: float, descriptors: int = 9) -> list[Reading]:
    return [
        Reading(100 * i, mib, descriptors + (i == len(memory_mib) - 1), 3)
        for i, mib in enumerate(memory_mib)
    ]


def test_growth_is_counted_after_the_warm_up() -> None:
    flat = [500.0] * 8 + [600.0] * (PARTS - 8)
    assert growth_of(readings(*flat)) == 0
    rising = [600.0 + i for i in range(PARTS)]
    # Settled: readings 8 to 39; their first and last three: 609 and 638 in the middle.
    assert growth_of(readings(*rising)) == pytest.approx(638 / 609 - 1)
    said = problems(readings(*rising))
    assert said == ["memory grew by 4.8%", "descriptors grew from 9 to 10"]


def test_a_refusal_without_a_sentence_is_a_finding(tmp_path: Path) -> None:
    def mute(_path: Path) -> None:
        raise UserError(" ")

    seeds = tmp_path / "seeds"
    seeds.mkdir()
    target = Target("mute", _one_seed, mute)
    ended, _ = run_case(target, _one_seed(seeds), 1, tmp_path / "case")
    assert ended == "unexpected"
    assert os.getcwd()  # noqa: PTH109 - nobody took it away
