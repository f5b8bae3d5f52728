"""What app.export.plan promises."""

import os
from pathlib import Path

import pytest

from app.export.job import ExportJob
from app.export.plan import Plan, plan

posix_only = pytest.mark.skipif(os.name != "posix", reason="names and links of POSIX")


def make(source: str, out: str) -> ExportJob:
    return ExportJob(source, out, "m.onnx")


def plan_of(out: Path, *inputs: Path | str) -> Plan:
    return plan(
        [str(text) for text in inputs],
        out,
        make,
        is_video=lambda path: path.suffix in (".mp4", ".mov", ".mkv"),
    )


def names_in(out: Path, planned: Plan) -> set[str]:
    return {Path(job.out).relative_to(out).as_posix() for job in planned.jobs}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    for name in ("a.mp4", "a.mov", "b.mp4", "sub/c.mkv", ".hidden.mp4", "notes.txt"):
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.touch()
    return folder


def test_folders_files_and_patterns_become_jobs(folder: Path) -> None:
    out = folder / "out"
    assert names_in(out, plan_of(out, folder)) == {
        *("a.mp4.mp4", "a.mov.mp4", "b.mp4", "sub/c.mp4")
    }
    (only,) = plan_of(out, folder / "b*.mp4").jobs
    assert only.source.endswith("b.mp4")


def test_what_is_passed_over_is_named_and_counted(folder: Path) -> None:
    for number in range(7):
        (folder / f"{number}.txt").touch()
    (folder / "gone.mp4").symlink_to("nowhere.mp4")
    passed = plan_of(folder / "out", folder).passed_over
    assert len(passed) == 3
    (texts,) = [line for line in passed if "no videos" in line]
    assert "0.txt, " in texts
    assert texts.endswith(" and 3 more (8)")
    assert any("hidden: " in line and ".hidden.mp4 (1)" in line for line in passed)
    assert any("lead nowhere" in line and "gone.mp4" in line for line in passed)


def test_one_that_is_missing_costs_the_others_nothing(folder: Path) -> None:
    out = folder / "out"
    planned = plan_of(out, folder / "gone.mp4", folder / "b.mp4", folder / "x*.mp4")
    assert names_in(out, planned) == {"b.mp4"}
    assert planned.refused == [
        f"There is no video {folder / 'gone.mp4'}. Check the name.",
        f"There is no video {folder / 'x*.mp4'}. Check the name.",
    ]


@posix_only
def test_no_odd_name_ends_anything(folder: Path) -> None:
    (folder / "trip.mov").mkdir()
    (folder / "trip.mov" / "d.mp4").touch()
    (folder / "round.mp4").symlink_to("round.mp4")
    (folder / "loop").symlink_to(folder)
    (folder / "a\nb.mp4").touch()
    os.mkfifo(folder / "pipe.mp4")
    (folder / os.fsdecode(b"caf\xe9.mp4")).touch()
    out = folder / "out"
    planned = plan_of(
        out, folder, folder / "round.mp4", folder / "pipe.mp4", "x" * 5000
    )
    names = names_in(out, planned)
    assert {"trip.mov/d.mp4", "a\nb.mp4", os.fsdecode(b"caf\xe9.mp4"), "b.mp4"} <= names
    assert len(names) == 7
    assert len(planned.refused) == 3
    assert any(
        "behind a link" in line and "loop" in line for line in planned.passed_over
    )


@posix_only
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(folder: Path) -> None:
    (folder / "sub").chmod(0)
    try:
        passed = plan_of(folder / "out", folder).passed_over
    finally:
        (folder / "sub").chmod(0o755)
    assert any("may not be read" in line and "sub" in line for line in passed)


def test_two_that_would_have_one_name_are_said_and_the_first_is_done(
    tmp_path: Path,
) -> None:
    for name in ("x/a.mp4", "y/a.mp4"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    planned = plan_of(tmp_path / "out", tmp_path / "x/a.mp4", tmp_path / "y/a.mp4")
    assert len(planned.jobs) == 1
    assert "would both become" in planned.refused[0]


def test_no_job_writes_over_what_another_one_reads(tmp_path: Path) -> None:
    for name in ("x/b.mp4", "b.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.mp4").symlink_to(tmp_path / "b.mp4")
    (tmp_path / "x" / "a.mp4").touch()
    planned = plan_of(tmp_path / "out", tmp_path / "x" / "a.mp4", tmp_path / "b.mp4")
    assert names_in(tmp_path / "out", planned) == {"b.mp4"}
    assert "would replace a video that is exported too" in planned.refused[0]
    assert "--overwrite" not in planned.refused[0]


def test_the_same_video_by_two_names_is_one_job(folder: Path) -> None:
    (folder / "link.mp4").symlink_to(folder / "b.mp4")
    out = folder / "out"
    inputs = (folder / "b.mp4", folder / "link.mp4", folder / "b.mp4")
    planned = plan_of(out, *inputs)
    assert names_in(out, planned) == {"b.mp4"}
    assert not planned.refused
