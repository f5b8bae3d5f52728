"""What app.export.outputs promises: nobody's file is lost, and done means done."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import main
from app.errors import RecordingError
from app.export.job import DATA_FORMATS, ExportJob
from app.export.outputs import Outputs
from app.sidecar import read_sidecar
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.export.parts import FRAMES, do, job_of
from tests.media.clips import write_video

IN_THE_MAKING = ["clip.unfinished.mp4", ".clip.jsonl.part"]
TIMES = [i / 25 for i in range(FRAMES)]


@pytest.fixture
def video(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return write_video(tmp_path / "in" / "clip.mp4", TIMES)


@pytest.fixture
def model(make_model: MakeModel) -> Path:
    return make_model()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def by_name(video: Path, out: Path) -> Path:
    return video


def by_link(video: Path, out: Path) -> Path:
    (out / video.name).symlink_to(video)
    return out / video.name


def by_second_name(video: Path, out: Path) -> Path:
    (out / video.name).hardlink_to(video)
    return out / video.name


@pytest.mark.parametrize("another_name", [by_name, by_link, by_second_name])
@pytest.mark.parametrize("flags", [[], ["--overwrite"]])
def test_the_source_is_never_written_over(
    video: Path,
    model: Path,
    out: Path,
    another_name: Callable[[Path, Path], Path],
    flags: list[str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    before = video.read_bytes()
    target = another_name(video, out)
    command = ["export", str(video), "--out", str(target.parent), "--model", str(model)]
    assert main.main([*command, *flags]) == 2
    told = capfd.readouterr().out
    assert f"{target} is the video itself, and was left alone." in told
    assert "--overwrite" not in told
    assert video.read_bytes() == before
    assert target.samefile(video)


@pytest.mark.parametrize(
    "name", ["clip.unfinished.mp4", "clip.csv", ".clip.jsonl.part"]
)
def test_nor_by_anything_else_that_a_job_writes(
    video: Path, model: Path, tmp_path: Path, name: str
) -> None:
    source = video.rename(video.with_name(name))
    job = ExportJob(str(source), str(source.parent / "clip.mp4"), str(model))
    before = source.read_bytes()
    with pytest.raises(RecordingError, match="is the video itself"):
        do(ExportJob(job.source, job.out, job.model, data=("csv",)), overwrite=True)
    assert source.read_bytes() == before


STRANGERS = ["clip.mp4", "clip.jsonl", "clip.csv", "clip.coco.json"]


@pytest.mark.parametrize("name", [*STRANGERS, *IN_THE_MAKING])
def test_a_file_of_somebody_else_is_left_alone(
    video: Path, model: Path, out: Path, name: str
) -> None:
    (out / name).write_text("mine\n")
    job = job_of(video, model, out, data=("csv", "coco"))
    with pytest.raises(
        RecordingError, match="is there already and is not ours"
    ) as told:
        do(job)
    assert name in told.value.problem
    assert [path.name for path in out.iterdir()] == [name]
    assert (out / name).read_text() == "mine\n"
    assert do(job, overwrite=True).state == "done"


def test_video_and_sidecar_of_somebody_else_are_not_taken_for_done(
    video: Path, model: Path, out: Path
) -> None:
    for name in ("clip.mp4", "clip.jsonl"):
        (out / name).write_text("mine\n")
    with pytest.raises(RecordingError, match=r"clip.jsonl is there already"):
        do(job_of(video, model, out))


def test_more_data_is_written_when_it_is_asked_for(
    video: Path, model: Path, out: Path
) -> None:
    do(job_of(video, model, out))
    job = job_of(video, model, out, data=("csv", "coco"))
    again = do(job)
    assert (again.state, again.detected) == ("done", 0)
    assert again.message.endswith("clip.coco.json")
    with (out / "clip.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    _, frames = read_sidecar(job.sidecar)
    assert len(rows) == sum(len(frame.detections) for frame in frames) > 0
    assert len(json.loads((out / "clip.coco.json").read_text())["images"]) == FRAMES
    assert do(job).state == "skipped"


def test_data_of_somebody_else_is_not_taken_for_done(
    video: Path, model: Path, out: Path
) -> None:
    do(job_of(video, model, out))
    (out / "clip.csv").write_text("mine")
    with pytest.raises(RecordingError, match=r"clip.csv is there already"):
        do(job_of(video, model, out, data=("csv",)))
    assert (out / "clip.csv").read_text() == "mine"
    assert sorted(p.name for p in out.iterdir()) == [
        "clip.csv",
        "clip.jsonl",
        "clip.mp4",
    ]


def test_another_video_of_the_same_name_and_size_is_not_done(
    video: Path, model: Path, out: Path
) -> None:
    job = job_of(video, model, out)
    do(job)
    stat = video.stat()
    content = bytearray(video.read_bytes())
    content[len(content) // 2] ^= 1  # in the picture, say
    video.write_bytes(content)
    os.utime(video, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(RecordingError, match="made from another video of that name"):
        do(job)
    assert do(job, overwrite=True).state == "done"


@pytest.mark.parametrize("at", [0, 2_000_000, -1])
def test_a_large_video_is_known_from_its_start_to_its_end(
    model: Path, out: Path, tmp_path: Path, at: int
) -> None:
    """Sixteen pieces of it are looked at, the last up to its last byte."""
    video = tmp_path / "large.mp4"
    content = bytearray(2**22 + 2**16)
    video.write_bytes(content)
    before = Outputs(job_of(video, model, out)).recipe
    content[at] ^= 1
    video.write_bytes(content)
    assert Outputs(job_of(video, model, out)).recipe != before


def test_the_same_video_on_another_mount_is_done(
    video: Path, model: Path, out: Path, tmp_path: Path
) -> None:
    do(job_of(video, model, out))
    copy = tmp_path / "mount" / video.name
    copy.parent.mkdir()
    copy.write_bytes(video.read_bytes())
    assert do(job_of(copy, model, out)).state == "skipped"


@pytest.mark.parametrize(
    "change",
    [
        {"iou_threshold": 0.6},
        {"score_threshold": 0.4},
        {"keep_threshold": 0.02},
        {"max_detections": 5},
    ],
)
def test_other_settings_are_not_done(
    video: Path, model: Path, out: Path, change: dict[str, object]
) -> None:
    do(job_of(video, model, out))
    with pytest.raises(RecordingError, match="was made with other settings"):
        do(job_of(video, model, out, **change))


def test_another_model_is_not_done(
    video: Path, model: Path, out: Path, make_model: MakeModel
) -> None:
    do(job_of(video, model, out))
    other = make_model("other.onnx", class_names='["a", "b", "c"]')
    with pytest.raises(RecordingError, match="was made with other settings"):
        do(job_of(video, other, out))


def test_finds_of_other_settings_are_not_thrown_away(
    video: Path, model: Path, out: Path
) -> None:
    job = job_of(video, model, out)
    counted: list[int] = []
    do(
        job,
        on_progress=lambda done, _total: counted.append(done),
        is_cancelled=lambda: len(counted) > 9,
    )
    part = out / ".clip.jsonl.part"
    found = part.read_bytes()
    assert found.count(b"\n") > 5
    with pytest.raises(RecordingError, match="was made with other settings"):
        do(job_of(video, model, out, iou_threshold=0.6))
    assert part.read_bytes() == found
    assert do(job).detected <= FRAMES - 8


def test_what_only_lost_its_video_is_not_detected_again(
    video: Path, model: Path, out: Path
) -> None:
    job = job_of(video, model, out)
    do(job)
    (out / "clip.mp4").unlink()
    again = do(job)
    assert (again.state, again.frame_count, again.detected) == ("done", FRAMES, 0)
    assert sorted(path.name for path in out.iterdir()) == ["clip.jsonl", "clip.mp4"]


@pytest.mark.parametrize("step", range(1, 4))
def test_a_kill_between_the_last_steps_is_made_good(
    video: Path, model: Path, out: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Part to whole, video to its name, sidecar to its name: cut off before each."""
    job = job_of(video, model, out, data=("csv",))
    steps = 0
    replace = os.replace

    def dies(source: object, target: object) -> None:
        nonlocal steps
        names = (".clip.jsonl.whole", "clip.mp4", "clip.jsonl")
        steps += Path(str(target)).name in names
        if steps == step:
            raise KeyboardInterrupt
        replace(source, target)  # type: ignore[arg-type] # as given

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            do(job)
    # The sidecar comes last: where it is, all the rest is too.
    assert (out / "clip.csv").exists() == (step == 3)
    again = do(job)
    assert (again.state, again.detected) == ("done", 0)
    names = sorted(path.name for path in out.iterdir())
    assert names == ["clip.csv", "clip.jsonl", "clip.mp4"]


def test_a_model_is_read_once_for_all_jobs(
    video: Path, model: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    real = Path.open

    def watched(self: Path, *args: object, **options: object) -> object:
        opened.append(self)
        return real(self, *args, **options)  # type: ignore[call-overload] # as given

    monkeypatch.setattr(Path, "open", watched)
    recipes = [Outputs(job_of(video, model, out / str(n))).recipe for n in range(3)]
    assert opened.count(model) == 1
    assert recipes[0] == recipes[1] == recipes[2]
    assert len(recipes[0]["model_sha256"]) == 64


def test_a_disk_that_is_full_at_the_last_step_is_a_sentence(
    video: Path, model: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(video, model, out, data=("csv",))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setitem(DATA_FORMATS, "csv", full)
        with pytest.raises(RecordingError, match=r"cannot be written: No space left"):
            do(job)
    assert do(job).detected == 0


def test_what_was_found_can_be_had_alone_and_the_video_later(
    video: Path, model: Path, out: Path
) -> None:
    alone = job_of(video, model, out, has_video=False, data=("csv",))
    assert ExportJob.from_json(alone.to_json()) == alone
    result = do(alone)
    assert (result.state, result.out) == ("done", str(alone.sidecar))
    assert result.frame_count == FRAMES
    assert sorted(file.name for file in out.iterdir()) == ["clip.csv", "clip.jsonl"]
    assert do(alone).state == "skipped"
    both = do(job_of(video, model, out, data=("csv", "coco")))
    assert (both.state, both.frame_count, both.detected) == ("done", FRAMES, 0)
    assert (out / "clip.mp4").exists()
    (out / "clip.mp4").unlink()
    (out / "clip.csv").write_text("somebody's")
    with pytest.raises(RecordingError, match=r"clip\.csv is there already"):
        do(job_of(video, model, out, data=("csv",)))
