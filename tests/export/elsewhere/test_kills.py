"""Laws of many machines: whichever dies, and wherever, the same files are made."""

import hashlib
import os
import random
import re
from pathlib import Path

import av
import pytest

from app.export.job import ExportJob, ExportResult
from app.export.outputs import Outputs
from tests.campaign import FACTOR
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.export.elsewhere.fake_cluster import FakeCluster
from tests.media.clips import write_video

pytest.importorskip("fsspec", reason="fsspec is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal"),
]
FRAMES = 8
# Of all the points at which a machine can die, so many a run, others in the next; and
# always just before each file gets its name for good.
POINTS = 3 * FACTOR
# What is left of a small file that was being written: hidden, and nobody's.
_HALF_WRITTEN = re.compile(
    r"\.\.?\w+(\.coco|\.jsonl)?\.\d+-[0-9a-f]{8}\.(csv|json|part)"
)


class Shared:
    """What all machines see: videos, a model, and where the outputs go."""

    def __init__(self, home: Path, model: Path, *, is_address: bool) -> None:
        self.home, self._model = home, model
        self._scheme = "file://" if is_address else ""

    def job(self, name: str, out: str = "out") -> ExportJob:
        video = self.home / f"{name}.mp4"
        if not video.exists():
            count = FRAMES + len(name)
            write_video(video, [i / 25 for i in range(count)])
        return ExportJob(
            f"{self._scheme}{video}",
            f"{self._scheme}{self.home}/{out}/{name}.mp4",
            str(self._model),
            device="cpu",
            data=("csv", "coco"),
        )

    def tree(self, out: str = "out") -> dict[str, bytes]:
        """Each file's name and content; of a video, its pictures and their times."""
        folder = self.home / out
        files = sorted(folder.rglob("*")) if folder.exists() else []
        return {
            file.name: _content(file)
            for file in files
            if file.is_file() and not _HALF_WRITTEN.fullmatch(file.name)
        }


def _content(file: Path) -> bytes:
    if file.suffix != ".mp4" or file.name.startswith("."):
        return file.read_bytes()
    digest = hashlib.sha256()
    with av.open(str(file)) as video:  # the file itself tells when it was made
        for packet in video.demux():
            digest.update(f"{packet.pts} {packet.duration}".encode() + bytes(packet))
    return digest.digest()


@pytest.fixture(params=["folder", "address"])
def shared(
    request: pytest.FixtureRequest, tmp_path: Path, make_model: MakeModel
) -> Shared:
    home = tmp_path / "shared"
    home.mkdir()
    return Shared(home, make_model(), is_address=request.param == "address")


@pytest.fixture
def cluster(shared: Shared, tmp_path: Path) -> FakeCluster:
    return FakeCluster(shared.home, tmp_path / "scratch")


def test_a_machine_killed_at_any_touch_of_a_file_leaves_what_the_next_completes(
    shared: Shared, cluster: FakeCluster
) -> None:
    """And so does the one after that, should the next be killed, too."""
    whole = cluster.do(shared.job("a", "whole"))
    assert whole.result is not None
    expected = shared.tree("whole")
    assert sorted(expected) == ["a.coco.json", "a.csv", "a.jsonl", "a.mp4"]
    seed = random.randrange(2**32)
    points = range(len(whole.touched))
    seeded = random.Random(seed)
    chosen = set(seeded.sample(points, min(POINTS, len(points))))
    for name in ("a.mp4", "a.csv", "a.jsonl"):
        chosen.add(max(i for i in points if whole.touched[i].endswith(f" {name}")))
    for at in sorted(chosen):
        where = f"seed {seed}, killed before {at}: {whole.touched[at]}"
        out = f"out{at}"
        killed = cluster.do(shared.job("a", out), dies_at=at)
        assert killed.result is None
        left = shared.tree(out)
        if "a.jsonl" in left:  # the sidecar is last: where it is, all the rest is
            assert {n: left.get(n) for n in expected} == expected, where
        cluster.do(shared.job("a", out), dies_at=seeded.randrange(len(points)))
        forget_when(cluster.scratch)
        again = cluster.do(shared.job("a", out)).result
        assert list(cluster.scratch.iterdir()) == [], where
        assert again is not None
        assert again.state in ("done", "skipped"), f"{where}: {again.message}"
        assert shared.tree(out) == expected, where


def forget_when(scratch: Path) -> None:
    """As if all in it were from an hour ago."""
    for file in scratch.rglob("*"):
        os.utime(file, (0, 0))


@pytest.mark.parametrize("shared", ["folder"], indirect=True)
def test_a_cluster_that_loses_machines_makes_the_tree_that_one_makes(
    shared: Shared, cluster: FakeCluster
) -> None:
    """In any order, some at a time, a video twice in the list, and a bad one in it."""
    bad = shared.home / "bad.mp4"
    bad.write_bytes(b"no video")
    names = ["a", "b2", "c", "bad"]
    for name in names:
        cluster.do(shared.job(name, "one"))
    seed = random.randrange(2**32)
    order = random.Random(seed)
    kills = [order.randrange(40) for _ in range(4)]
    jobs = [shared.job(name) for name in (*names, "a")]
    results = cluster.do_all(jobs, kills=kills, machines=2, order=order)
    states = [result.state for result in results]
    assert set(states[:3] + states[4:]) <= {"done", "skipped"}, (
        f"seed {seed}: {results}"
    )
    # That is said once, as a result; nobody tries it again and again.
    assert states[3] == "failed"
    assert "bad.mp4" in results[3].message
    assert shared.tree() == shared.tree("one"), f"seed {seed}"
    before = {file: file.stat() for file in (shared.home / "out").iterdir()}
    assert [cluster.do(job).result for job in jobs[:1]] == [
        ExportResult(jobs[0].out, "skipped")
    ]
    assert {file: file.stat() for file in (shared.home / "out").iterdir()} == before


@pytest.mark.parametrize("shared", ["folder"], indirect=True)
def test_a_job_killed_in_its_last_step_and_then_once_more_is_gone_on_with(
    shared: Shared, cluster: FakeCluster
) -> None:
    job = shared.job("a")
    first = cluster.do(shared.job("a", "other"))
    last = first.touched.index("os.rename .a.jsonl.whole a.jsonl")
    cluster.do(job, dies_at=last)
    assert cluster.do(job, dies_at=first.touched.index("picture 3")).result is None
    done = cluster.do(job).result
    assert done is not None
    assert (done.state, done.detected) == ("done", 0)
    assert shared.tree() == shared.tree("other")


@pytest.mark.parametrize("shared", ["folder"], indirect=True)
def test_a_machine_killed_while_it_compares_what_is_there_leaves_nothing_there(
    shared: Shared, cluster: FakeCluster
) -> None:
    job = shared.job("a")
    cluster.do(job)
    out = shared.home / "out"
    before = sorted(file.name for file in out.iterdir())
    touched = cluster.do(job).touched
    compared = [i for i, what in enumerate(touched) if "csv" in what]
    assert len(compared) > 1
    for at in (*compared, len(touched) - 1):
        killed = cluster.do(job, dies_at=at)
        assert killed.result is None
        assert sorted(file.name for file in out.iterdir()) == before, touched[at]
    forget_when(cluster.scratch)
    cluster.do(job)
    assert list(cluster.scratch.iterdir()) == []


@pytest.mark.parametrize("shared", ["folder"], indirect=True)
def test_a_job_that_another_machine_just_finishes_is_done(
    shared: Shared, cluster: FakeCluster
) -> None:
    """Its last step falls between our two looks at what is there."""
    job = shared.job("a")
    cluster.do(job)
    before = shared.tree()
    job.sidecar.rename(job.whole)
    outputs = Outputs(job)
    assert not outputs.are_done()
    job.whole.rename(job.sidecar)
    outputs.check_free()
    assert outputs.are_done()
    assert shared.tree() == before
