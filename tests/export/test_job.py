"""What export, render, demo and snapshots promise, on real clips and a tiny model."""

import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import main
from app.cli import places
from app.cli.parts import Parts, RecorderWish
from app.detection.sidecar_detector import SidecarDetector
from app.drawing.overlay import draw
from app.errors import ModelError, RecordingError, SidecarError
from app.export.job import ExportJob, ExportResult
from app.export.render import render
from app.export.run import run_job
from app.media.recording.recorder import Mp4Recorder
from app.media.recording.snapshot import save_picture
from app.pipeline.interfaces import Factories
from app.settings import Settings
from app.sidecar import keep_detections, read_sidecar
from app.types import VideoInfo
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.media.clips import write_video

FRAMES = 40
Pictures = list[NDArray[np.uint8]]


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Forty frames with their numbers; the tiny model sees a red half."""
    return write_video(tmp_path / "in" / "clip.mp4", [i / 25 for i in range(FRAMES)])


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()


def job_of(video: Path, model: Path, **changes: object) -> ExportJob:
    out = video.parent.parent / "out" / "clip.mp4"
    values: dict[str, object] = {"score_threshold": 0.3, "keep_threshold": 0.01}
    values["device"] = "cpu"  # "auto" is what is there: other devices round otherwise
    return ExportJob(str(video), str(out), str(model), **(values | changes))  # type: ignore[arg-type] # by name


def factories(*, overwrite: bool = False) -> Factories:
    """The app's own parts."""
    return Parts(recorder=RecorderWish(overwrite=overwrite)).factories()


def do(job: ExportJob, **options: object) -> ExportResult:
    return run_job(job, factories(overwrite=True), **options)  # type: ignore[arg-type] # by name


def pictures(path: Path) -> Pictures:
    with av.open(str(path)) as container:
        return [
            np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            for frame in container.decode(video=0)
        ]


def test_a_job_round_trips_through_json(video: Path, make_model: MakeModel) -> None:
    job = job_of(video, make_model(), data=("csv", "coco"))
    assert ExportJob.from_json(job.to_json()) == job
    with pytest.raises(ValueError, match="this is no export job"):
        ExportJob.from_json('{"source": "a"}')
    with pytest.raises(ValueError, match="keep_threshold must be at most"):
        job_of(video, make_model(), keep_threshold=0.9)


def test_an_export_has_every_frame_and_all_its_data(
    video: Path, make_model: MakeModel
) -> None:
    job = job_of(video, make_model(), data=("csv", "coco"))
    result = do(job)
    assert (result.state, result.frame_count, result.detected) == ("done", 40, 40)
    assert len(pictures(Path(job.out))) == FRAMES
    header, frames = read_sidecar(job.sidecar)
    assert header.class_names == ("blue", "green", "red")
    assert [frame.index for frame in frames] == list(range(FRAMES))
    names = sorted(p.name for p in Path(job.out).parent.iterdir())
    assert names == ["clip.coco.json", "clip.csv", "clip.jsonl", "clip.mp4"]


def test_a_second_run_skips_and_other_settings_are_refused(
    video: Path, make_model: MakeModel
) -> None:
    job = job_of(video, make_model())
    do(job)
    assert do(job).state == "skipped"
    with pytest.raises(RecordingError, match="was made with other settings"):
        do(job_of(video, make_model(), score_threshold=0.4))
    assert do(job_of(video, make_model(), score_threshold=0.4), overwrite=True).detected


def test_a_file_of_somebody_else_is_left_alone(
    video: Path, make_model: MakeModel
) -> None:
    job = job_of(video, make_model())
    Path(job.out).parent.mkdir()
    Path(job.out).write_text("mine")
    with pytest.raises(RecordingError, match="is not ours"):
        do(job)
    assert Path(job.out).read_text() == "mine"


def test_a_cancelled_export_leaves_what_plays_and_goes_on_from_there(
    video: Path, make_model: MakeModel, tmp_path: Path
) -> None:
    job = job_of(video, make_model())
    stop = threading.Event()

    def cancel_at_15(done: int, _total: int) -> None:
        if done == 15:
            stop.set()

    result = do(job, on_progress=cancel_at_15, is_cancelled=stop.is_set)
    assert result.state == "cancelled"
    # One more may have been on its way to the recorder.
    assert 15 <= result.frame_count <= 16
    assert len(pictures(Path(result.out))) == result.frame_count
    assert not Path(job.out).exists()
    mount = tmp_path / "mount"  # of another machine, say
    mount.mkdir()
    again = do(replace(job, source=str(shutil.copy(video, mount))))
    assert (again.state, again.frame_count) == ("done", FRAMES)
    # What was found is not looked for again; the detector was ahead by a few.
    assert FRAMES - 20 <= again.detected <= FRAMES - 15
    # Nor does anybody get another number by it.
    straight = replace(job, out=str(tmp_path / "straight.mp4"))
    do(straight)
    for one, other in zip(
        *(read_sidecar(j.sidecar)[1] for j in (job, straight)), strict=True
    ):
        ids, expected = one.detections.track_ids, other.detections.track_ids
        assert ids is not None
        assert expected is not None
        assert ids.tolist() == expected.tolist()
    assert len(pictures(Path(job.out))) == FRAMES


def test_rendering_the_sidecar_equals_exporting_with_that_threshold(
    video: Path, make_model: MakeModel, tmp_path: Path
) -> None:
    job = job_of(video, make_model())
    do(job)
    direct_out = str(tmp_path / "direct.mp4")
    higher = ExportJob(str(video), direct_out, job.model, "cpu", 0.4, 0.01)
    do(higher)
    rendered = tmp_path / "rendered.mp4"
    render(
        job.sidecar,
        rendered,
        make_source=factories().make_source,
        make_recorder=Mp4Recorder,
        draw=draw,
        score_threshold=0.4,
    )
    direct, again = pictures(Path(higher.out)), pictures(rendered)
    assert len(direct) == len(again) == FRAMES
    assert all(np.array_equal(a, b) for a, b in zip(direct, again, strict=True))
    shown = pictures(Path(job.out))
    assert not all(np.array_equal(a, b) for a, b in zip(direct, shown, strict=True))


def test_a_sidecar_plays_without_a_model_and_follows_the_threshold(
    video: Path, make_model: MakeModel, tmp_path: Path
) -> None:
    model = make_model()
    job = job_of(video, model)
    do(job)
    model.unlink()
    source = factories().make_source(str(video))
    detector = SidecarDetector(job.sidecar)
    info = detector.open()
    assert info.class_names == ("blue", "green", "red")
    assert info.device == "Sidecar"
    source.open()
    _, known = read_sidecar(job.sidecar)
    for frame in source.frames():
        threshold = 0.35 if frame.index < 20 else 0.02
        found, _ = detector.detect(frame.image_bgr, Settings(score_threshold=threshold))
        expected = keep_detections(
            known[frame.index].detections, score_threshold=threshold
        )
        assert np.array_equal(found.scores, expected.scores)
        assert np.array_equal(found.boxes_xyxy, expected.boxes_xyxy)
    with pytest.raises(ModelError, match="was made from another video"):
        detector.detect(frame.image_bgr, Settings())  # one frame too many
    for index in (30, 3, 4, 4, FRAMES - 1):  # as a slider is dragged
        detector.follow(known[index].timestamp_s)
        found, _ = detector.detect(frame.image_bgr, Settings(score_threshold=0.35))
        expected = keep_detections(known[index].detections, score_threshold=0.35)
        assert np.array_equal(found.boxes_xyxy, expected.boxes_xyxy)
    source.close()
    arguments = ["--sidecar", str(job.sidecar), "--headless"]
    assert main.main([*arguments, "--record", str(tmp_path / "again.mp4")]) == 0
    assert len(pictures(tmp_path / "again.mp4")) == FRAMES
    assert main.main(["--sidecar", str(video), "--headless"]) == 2  # not a sidecar


def test_a_killed_export_goes_on_where_it_was(
    video: Path, make_model: MakeModel, tmp_path: Path
) -> None:
    """Kill -9 in the middle; what was found until then is not looked for again."""
    times = [i / 25 for i in range(1000)]
    long = write_video(tmp_path / "in" / "long.mp4", times)
    model, out = str(make_model()), tmp_path / "out"
    command = ["export", str(long), "--out", str(out), "--model", model]
    part = out / ".long.jsonl.part"
    child = subprocess.Popen(
        [sys.executable, "main.py", *command], cwd=places.checkout()
    )
    waiter = threading.Event()
    for _ in range(3000):
        if part.exists() and part.read_bytes().count(b"\n") > 100:
            break
        assert child.poll() is None, "it ended before it could be killed"
        waiter.wait(0.01)
    child.kill()
    child.wait(10)
    found = part.read_bytes().count(b"\n") - 1
    job = ExportJob(str(long), str(out / "long.mp4"), model)
    again = do(job)
    assert (again.state, again.frame_count) == ("done", 1000)
    assert again.detected == 1000 - found
    assert len(pictures(out / "long.mp4")) == 1000


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_name_that_is_no_text_is_exported_and_told(
    video: Path, make_model: MakeModel, tmp_path: Path
) -> None:
    odd = video.with_name(os.fsdecode(b"caf\xe9.mp4"))  # Latin-1
    video.rename(odd)
    command = ["export", str(odd), "--out", str(tmp_path), "--model", str(make_model())]
    told = subprocess.run(
        [sys.executable, "main.py", *command],
        cwd=places.checkout(),
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},  # as in most locales
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout.decode()
    assert f"caf\\udce9.mp4 ({FRAMES} frames)" in told
    header, frames = read_sidecar(tmp_path / odd.with_suffix(".jsonl").name)
    assert (header.source, len(frames)) == (str(odd), FRAMES)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"score_threshold": 0.001}, "knows scores above 0.01 only"),
        ({"class_names": ["unicorn"]}, "has no class unicorn"),
        ({"source": "other"}, "has pictures of"),
        ({"source": "short"}, "has 5 frames"),
    ],
)
def test_what_cannot_be_rendered_is_said(
    video: Path,
    make_model: MakeModel,
    tmp_path: Path,
    options: dict[str, object],
    sentence: str,
) -> None:
    job = job_of(video, make_model())
    do(job)
    times = [i / 25 for i in range(5)]
    others = {
        "other": write_video(tmp_path / "other.mp4", times, size_wh=(64, 48)),
        "short": write_video(tmp_path / "short.mp4", times),
    }
    if "source" in options:
        options = {"source": str(others[str(options["source"])])}
    with pytest.raises(SidecarError, match=sentence):
        render(
            job.sidecar,
            tmp_path / "out.mp4",
            make_source=factories().make_source,
            make_recorder=Mp4Recorder,
            draw=draw,
            **options,  # type: ignore[arg-type] # by name
        )


def test_the_command_renders_in_another_style(
    video: Path, make_model: MakeModel, tmp_path: Path
) -> None:
    job = job_of(video, make_model())
    do(job)
    plain, styled = tmp_path / "plain.mp4", tmp_path / "styled.mp4"
    assert main.main(["render", str(job.sidecar), str(plain)]) == 0
    options = ["--class", "red", "--line-scale", "3", "--label-scale", "0"]
    assert main.main(["render", str(job.sidecar), str(styled), *options]) == 0
    shown = pictures(Path(job.out))
    again, other = pictures(plain), pictures(styled)
    assert all(np.array_equal(a, b) for a, b in zip(shown, again, strict=True))
    assert not np.array_equal(shown[0], other[0])


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_command_exports_a_folder_and_one_bad_video_stops_no_other(
    video: Path,
    make_model: MakeModel,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    jobs: str,
) -> None:
    (video.parent / "broken.mp4").write_text("no video")
    arguments = ["--out", str(tmp_path / "out"), "--model", str(make_model())]
    arguments += ["--jobs", jobs, "--score-threshold", "0.3"]
    assert main.main(["export", str(video.parent), *arguments]) == 2
    printed = capfd.readouterr().out
    assert "broken.mp4 is not a video" in printed
    assert "(40 frames)" in printed
    (video.parent / "broken.mp4").unlink()
    assert main.main(["export", str(video.parent), *arguments]) == 0
    assert "was done already" in capfd.readouterr().out


def test_the_demo_writes_a_gif_and_an_mp4(
    video: Path, make_model: MakeModel, tmp_path: Path
) -> None:
    arguments = [str(video), "--model", str(make_model()), "--out", str(tmp_path / "d")]
    assert main.main(["demo", *arguments]) == 0
    assert len(pictures(tmp_path / "d.mp4")) == FRAMES
    with av.open(str(tmp_path / "d.gif")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "gif"
        assert (stream.width, stream.height) == (480, 270)
        # 1.6 seconds at ten pictures a second
        assert sum(1 for _ in container.decode(stream)) == pytest.approx(16, abs=1)
    # "FPS: n" on white in the corner, as in the article
    corner = pictures(tmp_path / "d.mp4")[20][1:4, 1:4]
    assert corner.min() > 200
    assert main.main(["demo", *arguments]) == 2  # nothing is overwritten


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_snapshots_of_one_second_have_names_of_their_own(
    tmp_path: Path, suffix: str
) -> None:
    folder = tmp_path / "new folder"
    paths = {
        value: save_picture(
            np.full((40, 60, 3), value, np.uint8), folder, suffix=suffix
        )
        for value in (90, 200)
    }
    assert paths[90] != paths[200]
    for value, path in paths.items():
        read = cv2.imread(str(path))
        assert read is not None
        assert abs(int(read.mean()) - value) <= 1


def test_a_snapshot_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    plain = np.zeros((4, 6, 3), np.uint8)
    with pytest.raises(RecordingError, match="cannot be written"):
        save_picture(plain, tmp_path / "file")


def test_sidecars_are_plain_json(video: Path, make_model: MakeModel) -> None:
    job = job_of(video, make_model())
    do(job)
    lines = job.sidecar.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["format"] == "mobilenet-ssd-detections/2"
    assert len(lines) == 1 + FRAMES


def test_video_info_carries_the_path_of_a_file(video: Path) -> None:
    source = factories().make_source(str(video))
    info = source.open()
    source.close()
    assert isinstance(info, VideoInfo)
    assert info.path == str(video)
    assert info.fps == Fraction(25)


def test_an_export_that_cannot_be_recorded_ends_and_says_why(
    video: Path, make_model: MakeModel
) -> None:
    job = job_of(video, make_model())
    parts = replace(
        factories(),
        make_recorder=lambda path, **_: Mp4Recorder(path, min_free_bytes=2**62),
    )
    with pytest.raises(RecordingError, match="The disk is nearly full"):
        run_job(job, parts)
    assert not Path(job.out).exists()
    assert not job.sidecar.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="such names are none elsewhere")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_no_odd_name_ends_an_export_and_none_is_obeyed_by_the_terminal(
    video: Path, make_model: MakeModel, tmp_path: Path, jobs: str
) -> None:
    names = ("a\nb.mp4", "\x1b[2Jc.mp4", " d.mp4", "test", "1@640x480.mp4", "e%04d.mp4")
    for name in names:
        (video.parent / name).write_bytes(video.read_bytes())
    (video.parent / "round.mp4").symlink_to("round.mp4")
    (video.parent / "trip.mov").mkdir()
    command = ["export", str(video.parent), str(video.parent / "test"), "gone.mp4"]
    command += ["--out", str(tmp_path / "out"), "--model", str(make_model())]
    ended = subprocess.run(
        [sys.executable, "main.py", *command, "--jobs", jobs],
        cwd=places.checkout(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout.count(f"({FRAMES} frames)") == len(names) + 1
    assert "error: There is no video gone.mp4. Check the name." in ended.stdout
    assert "round.mp4 (1)" in ended.stdout
    assert "\x1b" not in ended.stdout
    assert "\\x1b[2Jc.mp4" in ended.stdout
    assert all(
        line.startswith(("Wrote", "Passed over", "error: "))
        for line in ended.stdout.splitlines()
    )
