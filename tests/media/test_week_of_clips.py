"""A week of a thousand events on a virtual clock: rules, files and a small disk."""

import os
import random
from pathlib import Path

from app.media.clips.event_clip import EVENT
from app.media.clips.folder import STAR, make_room
from app.pipeline.clip_rule import ClipDecider, ClipRule, Decision, Trigger
from app.scene import Happening
from app.sidecar import SidecarHeader, SidecarWriter

WEEK_S = 7 * 86_400.0
MONDAY_S = 1_750_000_000
BYTES_A_SECOND = 250_000
LIMIT = 40 * 10 * BYTES_A_SECOND  # about forty clips of ten seconds
RULE = ClipRule(
    (
        Trigger("cross", rule="Door"),
        Trigger("dwell", rule="Yard", for_s=4.0),
        Trigger("seen", ("dog",), for_s=1.0),
    ),
    cool_down_s=20.0,
)


def a_clip(folder: Path, name: str, began_s: float, ended_s: float) -> Path:
    """As large as its length says, without a byte on the disk."""
    clip = folder / f"{name}.mp4"
    with clip.open("wb") as out:
        out.truncate(round((ended_s - began_s + RULE.pre_s) * BYTES_A_SECOND))
    header = SidecarHeader(str(clip), (64, 48), "m", "", ("person",), {EVENT: name})
    SidecarWriter(clip.with_suffix(".jsonl"), header).close()
    at_s = MONDAY_S + ended_s
    os.utime(clip, (at_s, at_s))
    return clip


def test_a_week_of_a_thousand_events_on_a_small_disk(tmp_path: Path) -> None:
    chance = random.Random(22)
    starts = sorted(chance.uniform(0, WEEK_S - 100) for _ in range(1000))
    decider, began_s, made, starred = ClipDecider(RULE), 0.0, list[Path](), list[Path]()
    is_on, now_s, missed = False, 0.0, 0

    def tick(time_s: float, names: list[str], *happened: Happening) -> None:
        nonlocal is_on, began_s
        decision = decider.update(time_s, names, happened)
        if decision is Decision.BEGIN:
            assert not is_on
            is_on, began_s = True, time_s
        elif decision is Decision.END:
            assert is_on
            is_on = False
            name = f"{len(made):04d} {decider.occasion.trigger.kind}"
            made.append(a_clip(tmp_path, name, began_s, time_s))
            if len(made) % 100 == 7:
                made[-1].with_suffix(STAR).touch()
                starred.append(made[-1])
            make_room(tmp_path, LIMIT)

    for start_s in starts:
        kind, lasts_s = chance.choice(("cross", "dwell", "seen")), chance.uniform(6, 20)
        time_s = max(now_s, start_s)
        clips, was_on = len(made), is_on
        while time_s < start_s + lasts_s:
            since_s = time_s - start_s
            if kind == "seen":
                tick(time_s, ["dog"])
            elif kind == "dwell":
                tick(time_s, [], Happening("inside", "Yard", "car", inside_s=since_s))
            elif since_s < 0.5:
                tick(time_s, [], Happening("cross", "Door", "person", "in"))
            else:
                tick(time_s, [])
            time_s += 0.5
        missed += not (is_on or was_on or len(made) > clips)
        for _ in range(12):  # nobody there: the post-roll runs out
            tick(time_s, [])
            time_s += 0.5
        now_s = time_s
        left = [clip for clip in made if clip.exists()]
        sizes = {clip: clip.stat().st_size for clip in left}
        assert sum(sizes.values()) <= LIMIT
    # Events that overlap share a clip; of the cool-down, few fall into it.
    assert 900 < len(made) <= 1000
    assert missed < 50
    assert all(
        clip.exists() and clip.with_suffix(".jsonl").exists() for clip in starred
    )
    plain = [clip for clip in left if clip not in starred]
    # The newest are there, without a gap; what was before them is not.
    assert plain == [clip for clip in made if clip not in starred][-len(plain) :]
    assert len(plain) > 8
    names = {path.stem for path in tmp_path.iterdir()}
    assert names == {clip.stem for clip in left}
