"""What app.export.elsewhere.shards promises: many machines do what one would."""

import heapq
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import main
from app.errors import UserError
from app.export.elsewhere.shards import Shard, _place, shard_from
from app.export.job import ExportJob, read_jobs
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.media.clips import write_video
from tests.python import ROOT


def jobs_to(*names: str) -> list[ExportJob]:
    return [ExportJob("a.mp4", f"out/{name}.mp4", "m.onnx") for name in names]


@given(names=st.sets(st.text(max_size=9), max_size=40), count=st.integers(1, 9))
def test_every_job_is_in_one_shard(names: set[str], count: int) -> None:
    jobs = jobs_to(*sorted(names))
    parts = [Shard(number, count).of(jobs) for number in range(1, count + 1)]
    outs = [job.out for part in parts for job in part]
    assert sorted(outs) == sorted(job.out for job in jobs)


def test_a_list_that_grows_moves_no_job() -> None:
    few = jobs_to(*map(str, range(50)))
    more = jobs_to(*map(str, range(100)))
    assert set(Shard(2, 7).of(few)) <= set(Shard(2, 7).of(more))


def test_a_place_is_the_same_on_every_machine_and_for_ever() -> None:
    """Worked out by hand: sha256("out/a.mp4") begins with these eight bytes."""
    digest = subprocess.run(
        ["sha256sum"], input=b"out/a.mp4", capture_output=True, check=True
    ).stdout
    place = int(digest[:16], 16)
    (job,) = jobs_to("a")
    assert Shard(place % 1000 + 1, 1000).of([job]) == [job]


def test_the_simulation_in_the_docs_is_what_these_shards_come_to() -> None:
    """20,000 videos of half an hour, at the rate that stands there."""
    told = (ROOT / "docs" / "many-machines.md").read_text(encoding="utf-8")
    rate = re.search(r"([\d.]+) ms each", told)
    assert rate is not None
    hours = 25 * 1800 * float(rate[1]) / 1000 / 3600
    jobs = [ExportJob("a", f"/mnt/annotated/{i:05}.mp4", "m") for i in range(20_000)]
    places = [_place(job) for job in jobs]
    fullest = max(Counter(place % 100 for place in places).values())
    free_at = [0.0] * 100  # of each machine
    for _, videos in sorted(Counter(place % 1000 for place in places).items()):
        heapq.heapreplace(free_at, free_at[0] + videos * hours)
    assert f"| one machine | {20_000 * hours:,.0f} |" in told
    assert f"| 100 machines that share evenly | {200 * hours:.1f} |" in told
    assert f"fullest has {fullest} videos | {fullest * hours:.1f} |" in told
    assert f"on 100 machines | {max(free_at):.1f} |" in told


@pytest.mark.parametrize(
    ("text", "environ", "number", "count"),
    [
        ("2/5", {}, 2, 5),
        ("2/5", {"JOB_COMPLETION_INDEX": "4"}, 2, 5),
        ("5", {"JOB_COMPLETION_INDEX": "0"}, 1, 5),
        ("5", {"AWS_BATCH_JOB_ARRAY_INDEX": "4"}, 5, 5),
        ("5", {"SLURM_ARRAY_TASK_ID": "3"}, 4, 5),
        ("5", {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MIN": "1"}, 3, 5),
        (
            "3",
            {
                "SLURM_ARRAY_TASK_ID": "20",
                "SLURM_ARRAY_TASK_MIN": "10",
                "SLURM_ARRAY_TASK_STEP": "5",
            },
            3,
            3,
        ),
    ],
)
def test_which_shard_is_said_or_told_by_the_scheduler(
    text: str, environ: dict[str, str], number: int, count: int
) -> None:
    assert shard_from(text, environ) == Shard(number, count)


@pytest.mark.parametrize("text", ["0/5", "6/5", "a/5", "5/", "/5", "x", "5", "1/2/3"])
def test_a_shard_that_is_none_is_said(text: str) -> None:
    with pytest.raises(UserError, match=r"Write --shard K/N"):
        shard_from(text, {})


@pytest.mark.parametrize(
    "line",
    [
        *("{", "[1]", '"a"', "{}", "[" * 10**5),
        '{"source": "a", "out": 1, "model": "m"}',
        '{"source": "a", "out": "b", "model": "m", "threads": true}',
        '{"source": "a", "out": "b", "model": "m", "other": 1}',
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "jobs.jsonl"
    good = jobs_to("a")[0].to_json()
    path.write_text(f"{good}\n\n{line}\n")
    with pytest.raises(UserError, match=r"Line 3 of .*jobs.jsonl is bad"):
        read_jobs(path)


def tree(folder: Path) -> dict[str, bytes | list[object]]:
    """Every file's name and content; of a video, whose file tells when, its size."""
    found: dict[str, bytes | list[object]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file():
            found[name] = (
                path.read_bytes() if path.suffix != ".mp4" else [path.stat().st_size]
            )
    return found


def test_two_processes_with_half_each_make_the_tree_that_one_makes(
    make_model: MakeModel, tmp_path: Path
) -> None:
    videos = tmp_path / "in"
    for name in ("a", "sub/b", "c", "sub/d", "e"):
        path = videos / f"{name}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_video(path, [i / 25 for i in range(10)])
    model = ["--model", str(make_model()), "--device", "cpu", "--data", "csv"]

    def plan_to(out: Path) -> Path:
        command = [sys.executable, "main.py", "plan", str(videos), "--out", str(out)]
        lines = subprocess.run(
            [*command, *model], cwd=ROOT, capture_output=True, check=True, timeout=120
        ).stdout
        jobs = tmp_path / f"{out.name}.jsonl"
        jobs.write_bytes(lines)
        return jobs

    assert main.main(["export", "--jobs-file", str(plan_to(tmp_path / "one"))]) == 0
    two = plan_to(tmp_path / "two")
    halves = [
        subprocess.Popen(
            [
                sys.executable,
                "main.py",
                "export",
                "--jobs-file",
                str(two),
                "--shard",
                s,
            ],
            cwd=ROOT,
        )
        for s in ("1/2", "2/2")
    ]
    assert [half.wait(120) for half in halves] == [0, 0]
    assert tree(tmp_path / "two") == tree(tmp_path / "one")
    assert len(tree(tmp_path / "two")) == 15
    # And once more, by one: nothing is left to do.
    assert main.main(["export", "--jobs-file", str(two)]) == 0


def test_a_plan_says_on_stderr_what_it_leaves_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_video(tmp_path / "a.mp4", [0.0, 0.04])
    (tmp_path / "notes.txt").touch()
    out = str(tmp_path / "out")
    assert main.main(["plan", str(tmp_path), "gone.mp4", "--out", out]) == 2
    told = capfd.readouterr()
    (line,) = told.out.splitlines()
    assert json.loads(line)["source"] == str(tmp_path / "a.mp4")
    assert "There is no video gone.mp4" in told.err
    assert "notes.txt" in told.err


@pytest.mark.parametrize(
    "command",
    [["export"], ["export", "a.mp4", "--jobs-file", "x"], ["export", "a.mp4"]],
)
def test_what_to_export_is_said_once(
    command: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main.main(command) == 2
    assert "was not said" in capfd.readouterr().err
