"""What app.hiding.file promises: nobody is left out, and what is left is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from app.errors import ModelError, RecordingError, SourceError
from app.hiding.file import Hidden, HideJob, hide_in_file
from app.hiding.look import Cancelled
from app.media.recording.recorder import Mp4Recorder
from app.media.sources.file_source import FileSource
from app.settings import Settings
from app.types import Detections, ImageBgr, StageTimes
from tests.hiding.parts import RedDetector, frames_with_red, red_pixels, walk

FRAMES = 40


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return walk(tmp_path / "street.mp4", FRAMES)


def job_of(video: Path, **changes: Any) -> HideJob:  # noqa: ANN401 - of any field
    job = HideJob(
        str(video), video.parent / "hidden" / video.name, ("person",), Settings()
    )
    return replace(job, **changes)


def hide(
    job: HideJob,
    detector: RedDetector | None = None,
    judge: RedDetector | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Hidden:
    return hide_in_file(
        job,
        make_source=lambda text: FileSource(Path(text)),
        make_recorder=lambda path: Mp4Recorder(path, overwrite=True, quality=10),
        detector=detector or RedDetector(),
        judge=judge,
        is_cancelled=is_cancelled,
    )


def report_of(job: HideJob) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(job.report.read_text(encoding="utf-8"))
    return report


@pytest.mark.parametrize("mode", ["solid", "pixel", "outline"])
def test_somebody_who_is_missed_for_a_while_is_hidden_all_the_same(
    video: Path, mode: str
) -> None:
    """Half a second of misses, again and again; in pixels a few are reddish."""
    job = job_of(video, settings=Settings(cover_mode=mode))
    misses = [*range(3), *range(8, 13), 20, 21, 25, *range(36, 40)]
    assert len(frames_with_red(video)) == FRAMES
    hidden = hide(job, RedDetector(misses=misses))
    if mode != "pixel":
        assert frames_with_red(job.out) == []
        assert hidden.leaks == 0
    with av.open(str(job.out)) as container:
        pictures = [f.to_ndarray(format="bgr24") for f in container.decode(video=0)]
    assert len(pictures) == FRAMES
    # And the street is still there: most of it is as it was.
    assert all((abs(p.astype(int) - 110) < 12).all(2).mean() > 0.6 for p in pictures)


def test_half_a_second_before_the_first_sight_and_no_more(video: Path) -> None:
    """Seen from 2.0 s to 2.5 s, so covered from 1.5 s to 3.0 s."""
    others = [i for i in range(FRAMES) if not 20 <= i <= 25]
    job = job_of(video)
    hide(job, RedDetector(misses=others))
    assert frames_with_red(job.out) == [*range(15), *range(31, FRAMES)]


def test_the_weak_are_hidden_once_they_are_followed(video: Path) -> None:
    class Fading(RedDetector):
        def detect(
            self, image_bgr: ImageBgr, settings: Settings
        ) -> tuple[Detections, StageTimes]:
            self._score = 0.9 if self.looks % FRAMES in (18, 19, 20, 21) else 0.15
            return super().detect(image_bgr, settings)

    job = job_of(video)
    hide(job, Fading())
    assert frames_with_red(job.out) == []


def test_the_proof_tells_who_is_still_found_and_shows_it(video: Path) -> None:
    others = [i for i in range(FRAMES) if not 20 <= i <= 25]
    job = job_of(video)
    hidden = hide(job, RedDetector(misses=others), judge=RedDetector(score=0.4))
    assert hidden.leaks == 24
    report = report_of(job)
    found = {row["model"]: row for row in report["found"]}
    assert len(report["found"]) == 2
    assert found["red.onnx"]["original_frames"] == {"0.3": FRAMES, "0.5": 0}
    assert found["red.onnx"]["result_frames"] == {"0.3": 24, "0.5": 0}
    assert "still finds a person in 24 of 40 frames at 0.3 and in 0 at 0.5" in (
        hidden.sentence
    )
    assert report["sentence"] == hidden.sentence
    pictures = [job.out.parent / worst["picture"] for worst in report["worst"]]
    assert len(pictures) == 5
    assert all(picture.stat().st_size > 500 for picture in pictures)


def test_the_judge_measures_how_many_the_detector_missed(video: Path) -> None:
    """It found 20 of 40 by itself; holding and filling covers all of them."""
    job = job_of(video)
    hidden = hide(job, RedDetector(misses=range(1, 40, 2)), judge=RedDetector())
    recall = report_of(job)["recall"]
    assert (recall["seen_by_judge"], recall["found_by_detector"]) == (40, 20)
    assert recall["covered"] == 40
    assert "found 50.0% by itself, and 100.0% are covered" in hidden.sentence


def test_without_a_judge_it_says_that_nobody_measured(video: Path) -> None:
    hidden = hide(job_of(video))
    assert "missed in the original was not measured" in hidden.sentence


def test_what_the_source_tells_of_itself_is_not_taken_along(video: Path) -> None:
    told = video.with_name("told.mp4")
    with av.open(str(video)) as one, av.open(str(told), "w") as other:
        other.metadata.update(
            {"title": "secret", "location": "+52.5+013.4/", "comment": "secret"}
        )
        stream = other.add_stream_from_template(one.streams.video[0])
        for packet in one.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                other.mux(packet)
    job = job_of(told)
    hide(job)
    with av.open(str(told)) as container:
        assert container.metadata["title"] == "secret"
    with av.open(str(job.out)) as container:
        assert not {"title", "comment", "location"} & set(container.metadata)
    assert b"secret" not in job.out.read_bytes()
    assert str(video.parent) not in job.report.read_text(encoding="utf-8")


@pytest.mark.parametrize(("keeps_sound", "streams"), [(True, 1), (False, 0)])
def test_sound_is_kept_or_dropped(video: Path, keeps_sound: bool, streams: int) -> None:
    loud = video.with_name("loud.mp4")
    with av.open(str(video)) as one, av.open(str(loud), "w") as other:
        stream = other.add_stream_from_template(one.streams.video[0])
        sound = other.add_stream("aac", rate=16_000, layout="mono")
        for packet in one.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                other.mux(packet)
        tone = np.sin(np.arange(4 * 16_000) / 9)[None].astype(np.float32)
        frame = av.AudioFrame.from_ndarray(tone, "fltp", "mono")
        frame.sample_rate = 16_000
        other.mux(sound.encode(frame))
        other.mux(sound.encode(None))
    job = job_of(loud, keeps_sound=keeps_sound)
    hide(job)
    with av.open(str(job.out)) as container:
        assert len(container.streams.audio) == streams


@pytest.mark.parametrize("kind", ["name", "link", "second name"])
def test_the_video_itself_is_never_written_over(video: Path, kind: str) -> None:
    before, out = video.read_bytes(), video
    if kind != "name":
        out = video.with_name("other.mp4")
        (out.symlink_to if kind == "link" else out.hardlink_to)(video)
    with pytest.raises(RecordingError, match="is the video itself"):
        hide(job_of(video, out=out, overwrite=True))
    assert video.read_bytes() == before


def test_what_is_there_is_left_alone_unless_told_otherwise(video: Path) -> None:
    job = job_of(video)
    job.out.parent.mkdir()
    job.out.write_text("mine")
    with pytest.raises(RecordingError, match="is there already"):
        hide(job)
    assert job.out.read_text() == "mine"
    hide(replace(job, overwrite=True))
    assert job.out.stat().st_size > 1000


@pytest.mark.parametrize("after", [5, 50, 90])
def test_cancelled_in_whichever_step_it_leaves_nothing(video: Path, after: int) -> None:
    asked = 0

    def is_cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > after

    job, detector = job_of(video), RedDetector()
    with pytest.raises(Cancelled):
        hide(job, detector, is_cancelled=is_cancelled)
    assert list(job.out.parent.iterdir()) == []
    assert detector.closed == 1


def test_a_model_that_does_not_know_whom_to_hide_is_refused(video: Path) -> None:
    job = job_of(video, class_names=("face",))
    with pytest.raises(ModelError, match=r"red.onnx has no class face to look for"):
        hide(job)
    assert list(job.out.parent.iterdir()) == []


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no video")
    with pytest.raises(SourceError):
        hide(job_of(text))
    assert list((tmp_path / "hidden").iterdir()) == []


def test_the_judge_looks_at_the_original_and_then_at_what_was_written(
    video: Path,
) -> None:
    class Looking(RedDetector):
        def detect(
            self, image_bgr: ImageBgr, settings: Settings
        ) -> tuple[Detections, StageTimes]:
            saw_red.append(red_pixels(image_bgr) > 0)
            return super().detect(image_bgr, settings)

    saw_red: list[bool] = []
    hide(job_of(video), judge=Looking())
    assert saw_red == [True] * FRAMES + [False] * FRAMES
