"""A part of a video is exported on the video's own clock."""

import json
from pathlib import Path

import av
import pytest

import main
from app.errors import SourceError
from app.export.part import PartSource
from app.media.sources.file_source import FileSource
from app.sidecar import read_sidecar
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.fakes import FakeFile
from tests.media.clips import write_video

# 29.97 a second: no frame begins at a whole millisecond.
TIMES_S = [i * 1001 / 30000 for i in range(60)]


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "clip.mp4", TIMES_S)


def test_the_frames_of_the_part_keep_their_times(
    video: Path, tmp_path: Path, make_model: MakeModel
) -> None:
    out = tmp_path / "out"
    export = ["export", str(video), "--out", str(out), "--model", str(make_model())]
    options = [*export, "--device", "cpu", "--from", "0:00.5", "--to", "1.2"]
    assert main.main(options) == 0
    header, frames = read_sidecar(out / "clip.jsonl")
    inside = [t for t in TIMES_S if 0.5 <= t < 1.2]
    assert [f.timestamp_s for f in frames] == pytest.approx(inside, abs=1e-4)
    assert (header.settings["from_s"], header.settings["to_s"]) == (0.5, 1.2)
    with av.open(str(out / "clip.mp4")) as made:
        assert sum(1 for _ in made.decode(video=0)) == len(inside)
    again = out / "again.mp4"
    assert main.main(["render", str(out / "clip.jsonl"), str(again)]) == 0
    with av.open(str(again)) as made:
        assert sum(1 for _ in made.decode(video=0)) == len(inside)
    # Another part is another export: it does not pass for this one.
    assert main.main([*options, "--from", "0.6"]) == 2


def test_parts_that_meet_share_no_frame_and_lose_none() -> None:
    """20 / 25 is 0.8 to the last bit: that frame begins the second part."""
    parts = [(0.0, 0.4), (0.4, 0.8), (0.8, None)]
    found: list[list[int]] = []
    for from_s, to_s in parts:
        source = PartSource(FakeFile(50), from_s, to_s)
        source.open()
        found.append([frame.index for frame in source.frames()])
        source.close()
    assert found == [[*range(10)], [*range(10, 20)], [*range(20, 50)]]


def test_a_plan_names_the_part(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["plan", str(video), "--out", str(tmp_path), "--to", "1:02.5"]
    assert main.main(options) == 0
    job = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (job["from_s"], job["to_s"]) == (0.0, 62.5)


@pytest.mark.parametrize(
    ("from_s", "to_s", "said"),
    [
        (5.0, None, "nothing from 5 s: it is 2.00"),
        (3.0, 4.0, "from 3 s to 4 s"),
    ],
)
def test_where_nothing_is_nothing_is_exported(
    video: Path, from_s: float, to_s: float | None, said: str
) -> None:
    source = PartSource(FileSource(video), from_s, to_s)
    with pytest.raises(SourceError, match=said):
        source.open()
    source.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "soon"], "soon is no time like 1:23.5"),
        (["--from", "2", "--to", "1"], "--to is not after --from"),
    ],
)
def test_times_that_make_no_sense_are_refused(
    video: Path, capfd: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    try:
        code = main.main(["export", str(video), "--out", str(video.parent), *options])
    except SystemExit as ended:  # argparse's own way
        code = int(ended.code or 0)
    assert code == 2
    assert said in capfd.readouterr().err
