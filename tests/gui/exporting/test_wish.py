"""What app.gui.exporting.wish promises."""

from pathlib import Path

from app.export.job import ExportJob
from app.gui.exporting.wish import ExportWish
from app.settings import Settings


def test_a_part_is_of_its_own_file_alone(tmp_path: Path) -> None:
    files = tmp_path / "a.mp4", tmp_path / "b.mp4"
    names = tuple(map(str, files))
    wish = ExportWish(names, tmp_path / "out", part=(names[1], 1.0, 2.5))
    jobs = [ExportJob(name, f"{name}.out.mp4", "m.onnx") for name in names]
    done = [wish.completed(job, Settings(iou_threshold=0.3)) for job in jobs]
    assert [(job.from_s, job.to_s) for job in done] == [(0.0, None), (1.0, 2.5)]
    assert {job.iou_threshold for job in done} == {0.3}


def test_the_command_line_is_told_what_the_window_shows(tmp_path: Path) -> None:
    wish = ExportWish(("-a.mp4",), tmp_path, has_video=False, data=("csv",), detail=2)
    said = wish.planning(Settings(score_threshold=0.7, device="cpu"), Path("m.onnx"))
    assert said[-2:] == ["--", "-a.mp4"]
    assert "--no-video" in said
    options = dict(zip(said[1::2], said[2::2], strict=False))
    assert options["--score-threshold"] == "0.7"
    assert (options["--detail"], options["--data"]) == ("2", "csv")
