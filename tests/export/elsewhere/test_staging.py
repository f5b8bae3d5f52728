"""What app.export.elsewhere.staging promises, on memory, files and a real S3."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.export import _factories
from app.errors import RecordingError, SourceError
from app.export.elsewhere.addresses import RemoteFile, public
from app.export.elsewhere.staging import run_anywhere
from app.export.job import ExportJob, ExportResult
from app.export.plan import plan
from app.sidecar import read_sidecar
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.export.parts import FRAMES
from tests.media.clips import write_video
from tests.python import ROOT

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A real S3 server on loopback, with one bucket."""
    server_module = pytest.importorskip("moto.server", reason="moto is not installed")
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patched:
        for name, value in KEYS.items():
            patched.setenv(name, value)
        patched.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        fsspec.filesystem("s3", skip_instance_cache=True).mkdir("videos")
        yield "s3://videos"
    server.stop()


@pytest.fixture(params=["memory", "file", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty folder."""
    if request.param == "s3":
        bucket = request.getfixturevalue("s3")
        return f"{bucket}/{tmp_path.name}"
    if request.param == "file":
        return f"file://{tmp_path}/place"
    return f"memory://{tmp_path.name}"


@pytest.fixture
def video(tmp_path: Path, place: str) -> str:
    """Forty frames, elsewhere."""
    local = write_video(tmp_path / "clip.mp4", [i / 25 for i in range(FRAMES)])
    address = f"{place}/in/clip.mp4"
    RemoteFile(address).put(local)
    return address


@pytest.fixture
def model(make_model: MakeModel) -> Path:
    return make_model()


def job_of(video: str, place: str, model: Path, **changes: object) -> ExportJob:
    values: dict[str, object] = {"device": "cpu", "data": ("csv",)} | changes
    return ExportJob(video, f"{place}/out/clip.mp4", str(model), **values)  # type: ignore[arg-type] # by name


def do(job: ExportJob, **options: object) -> ExportResult:
    return run_anywhere(job, _factories(job), **options)  # type: ignore[arg-type] # by name


def names_in(place: str) -> list[str]:
    system, path = fsspec.url_to_fs(f"{place}/out")
    system.invalidate_cache()
    if not system.exists(path):
        return []
    return sorted(name.rpartition("/")[2] for name in system.find(path))


def put_text(address: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text(text)
    RemoteFile(address).put(file)


def test_a_job_is_done_elsewhere_and_once(
    video: str, place: str, model: Path, tmp_path: Path
) -> None:
    job = job_of(video, place, model)
    done = do(job)
    assert (done.state, done.out, done.frame_count) == ("done", job.out, FRAMES)
    assert names_in(place) == ["clip.csv", "clip.jsonl", "clip.mp4"]
    RemoteFile(f"{place}/out/clip.jsonl").fetch(tmp_path / "clip.jsonl")
    header, frames = read_sidecar(tmp_path / "clip.jsonl")
    assert (header.source, len(frames)) == (public(video), FRAMES)
    assert do(job).state == "skipped"


def test_what_is_done_is_not_fetched_again(
    video: str, place: str, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(video, place, model)
    do(job)
    fetched: list[str] = []
    fetch = RemoteFile.fetch

    def watched(self: RemoteFile, to: Path) -> None:
        fetched.append(to.name)
        fetch(self, to)

    monkeypatch.setattr(RemoteFile, "fetch", watched)
    do(job)
    assert "clip.mp4" not in fetched


def test_finds_of_a_cancelled_job_are_gone_on_with_by_whoever_comes_next(
    video: str, place: str, model: Path
) -> None:
    job = job_of(video, place, model)
    counted: list[int] = []
    cancelled = do(
        job,
        on_progress=lambda done, _total: counted.append(done),
        is_cancelled=lambda: len(counted) > 15,
    )
    assert cancelled.state == "cancelled"
    assert "goes on later" in cancelled.message
    assert names_in(place) == [".clip.jsonl.part"]
    again = do(job)  # in another folder of its own, as on another machine
    assert again.frame_count == FRAMES
    assert again.detected <= FRAMES - 12
    assert names_in(place) == ["clip.csv", "clip.jsonl", "clip.mp4"]


@pytest.mark.parametrize("name", ["clip.mp4", "clip.jsonl", "clip.csv"])
def test_a_file_of_somebody_else_is_left_alone_there_too(
    video: str, place: str, model: Path, tmp_path: Path, name: str
) -> None:
    put_text(f"{place}/out/{name}", "mine\n", tmp_path)
    with pytest.raises(RecordingError, match=f"{place}/out/{name} is there already"):
        do(job_of(video, place, model))
    assert names_in(place) == [name]
    RemoteFile(f"{place}/out/{name}").fetch(tmp_path / "again")
    assert (tmp_path / "again").read_text() == "mine\n"


def test_the_video_itself_is_never_written_over(
    video: str, place: str, model: Path, tmp_path: Path
) -> None:
    job = ExportJob(video, video, str(model), device="cpu")
    with pytest.raises(RecordingError, match="is the video itself"):
        do(job, overwrite=True)
    RemoteFile(video).fetch(tmp_path / "again.mp4")
    assert (tmp_path / "again.mp4").read_bytes() == (tmp_path / "clip.mp4").read_bytes()


def test_what_is_not_there_is_a_sentence(place: str, model: Path) -> None:
    with pytest.raises(SourceError, match=r"in/none.mp4 cannot be read"):
        do(job_of(f"{place}/in/none.mp4", place, model))


def test_a_folder_elsewhere_is_planned(place: str, tmp_path: Path) -> None:
    for name in ("a.mp4", "sub/b.mkv", "notes.txt"):
        put_text(f"{place}/in/{name}", "x", tmp_path)
    found = plan(
        [f"{place}/in"],
        f"{place}/out/",
        lambda source, out: ExportJob(source, out, "m.onnx"),
        is_video=lambda path: path.suffix in (".mp4", ".mkv"),
    )
    assert [job.out for job in found.jobs] == [
        *(f"{place}/out/a.mp4", f"{place}/out/sub/b.mp4")
    ]
    assert all(job.source.endswith(("in/a.mp4", "in/sub/b.mkv")) for job in found.jobs)
    assert "notes.txt (1)" in found.passed_over[0]


def test_a_password_in_an_address_reaches_no_sidecar() -> None:
    assert public("ftp://me:secret@host/a.mp4?key=x") == "ftp://host/a.mp4"


def test_the_command_exports_from_bucket_to_bucket(
    s3: str, tmp_path: Path, make_model: MakeModel
) -> None:
    for name in ("a", "b"):
        local = write_video(tmp_path / f"{name}.mp4", [i / 25 for i in range(10)])
        RemoteFile(f"{s3}/command/in/{name}.mp4").put(local)
    told = subprocess.run(
        [
            *(sys.executable, "main.py", "export", f"{s3}/command/in", "--jobs", "2"),
            *("--out", f"{s3}/command/out", "--model", str(make_model())),
        ],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    assert f"Wrote {s3}/command/out/a.mp4 (10 frames)" in told
    assert names_in(f"{s3}/command") == ["a.jsonl", "a.mp4", "b.jsonl", "b.mp4"]
