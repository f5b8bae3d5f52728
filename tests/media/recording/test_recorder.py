"""What app.media.recording.recorder promises."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.errors import RecordingError
from app.media.recording.recorder import Mp4Recorder
from app.types import RecordingInfo, VideoInfo
from tests.media.clips import numbered_picture, read_number

SIZE_WH = (160, 90)


def info(fps: Fraction | None = Fraction(25)) -> VideoInfo:
    return VideoInfo("clip", SIZE_WH, fps, None, None, is_live=False)


def record(
    path: Path,
    times_s: list[float],
    *,
    fps: Fraction | None = Fraction(25),
    size_wh: tuple[int, int] = SIZE_WH,
) -> RecordingInfo:
    recorder = Mp4Recorder(path)
    recorder.open(info(fps))
    for number, time_s in enumerate(times_s):
        recorder.write(numbered_picture(number, size_wh), time_s)
    recorded = recorder.close()
    assert recorded is not None
    return recorded


def read_back(path: Path) -> tuple[list[int], list[float], float]:
    """Numbers, times and the container's duration, by PyAV alone."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert container.duration is not None
        return (
            [
                read_number(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
                for frame in frames
            ],
            [frame.time or 0.0 for frame in frames],
            container.duration / av.time_base,
        )


@pytest.mark.parametrize(
    ("fps", "times_s"),
    [
        (Fraction(25), [i / 25 for i in range(50)]),
        (Fraction(30_000, 1001), [i * 1001 / 30_000 for i in range(50)]),
        (Fraction(25), [0.0, 0.04, 0.5, 0.52, 1.0, 3.0, 3.01]),
        (None, [i / 7 for i in range(20)]),
        (Fraction(25), [100 + i / 25 for i in range(10)]),
    ],
    ids=["25", "29.97", "variable", "unknown rate", "late start"],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_every_picture_is_there_once_and_when_it_was(
    tmp_path: Path, fps: Fraction | None, times_s: list[float], suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    recorded = record(path, times_s, fps=fps)
    numbers, got_s, duration_s = read_back(path)
    assert numbers == list(range(len(times_s)))
    expected_s = [t - times_s[0] for t in times_s]
    assert got_s == pytest.approx(expected_s, abs=1e-3)  # Matroska: milliseconds
    # There is no file to ask how long the last picture stays: as long as the median,
    # which one long gap does not move.
    whole_s = expected_s[-1] + float(np.median(np.diff(expected_s)))
    assert duration_s == pytest.approx(whole_s, abs=2e-3)
    assert recorded.duration_s == pytest.approx(whole_s, abs=1e-3)
    assert (recorded.frame_count, recorded.path) == (len(times_s), str(path))
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_it_is_h264_that_browsers_play(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    record(path, [i / 25 for i in range(5)])
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
    # The index is in front, so that a browser plays before it has all.
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("size_wh", [(320, 180), (1280, 720)], ids=["SD", "HD"])
def test_colors_come_back(tmp_path: Path, size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    colors = np.array([[(30, 200, 90), (220, 40, 160)], [(10, 20, 240), (128,) * 3]])
    picture = colors.repeat(height // 2, 0).repeat(width // 2, 1).astype(np.uint8)
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    recorder.open(info())
    recorder.write(picture, 0.0)
    recorder.close()
    with av.open(str(tmp_path / "out.mp4")) as container:
        back = next(container.decode(video=0)).to_ndarray(format="bgr24").astype(int)
    for row in (0, 1):
        for column in (0, 1):
            y, x = height // 4 + row * height // 2, width // 4 + column * width // 2
            assert np.abs(back[y, x] - colors[row, column]).max() <= 8


def test_an_odd_size_gains_a_line_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    record(path, [i / 25 for i in range(5)], size_wh=(161, 91))
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == (162, 92)
    assert read_back(path)[0] == list(range(5))


def test_a_picture_of_another_size_is_scaled_to_fit(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    recorder = Mp4Recorder(path)
    recorder.open(info())
    recorder.write(numbered_picture(0, (160, 90)), 0.0)
    recorder.write(numbered_picture(1, (320, 180)), 0.04)
    recorder.close()
    assert read_back(path)[0] == [0, 1]


def test_timestamps_that_stand_still_lose_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    record(path, [0.0, 0.0, 0.0, 0.04])
    assert read_back(path)[0] == [0, 1, 2, 3]


def test_nothing_written_leaves_no_file(tmp_path: Path) -> None:
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    recorder.open(info())
    assert recorder.close() is None
    assert recorder.close() is None
    assert list(tmp_path.iterdir()) == []


def test_until_it_is_finished_it_has_another_name(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    recorder = Mp4Recorder(path)
    recorder.open(info())
    recorder.write(numbered_picture(0, SIZE_WH), 0.0)
    assert not path.exists()
    recorder.close()
    assert path.exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("there.mp4", "is there already and was left alone"),
        ("folder.mp4", "is a folder"),
        ("none/out.mp4", "There is no folder"),
        ("out.txt", r"out\.txt is not a name for a recording"),
        ("out", "is not a name for a recording"),
        ("x" * 260 + ".mp4", "cannot be written"),
    ],
)
def test_a_name_that_will_not_do_is_refused(
    tmp_path: Path, name: str, sentence: str
) -> None:
    (tmp_path / "there.mp4").write_text("mine")
    (tmp_path / "folder.mp4").mkdir()
    before = sorted(tmp_path.iterdir())
    recorder = Mp4Recorder(tmp_path / name)
    with pytest.raises(RecordingError, match=sentence) as caught:
        recorder.open(info())
    assert caught.value.remedy
    recorder.close()
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "there.mp4").read_text() == "mine"


def test_overwriting_is_done_when_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_text("old")
    recorder = Mp4Recorder(path, overwrite=True)
    recorder.open(info())
    recorder.write(numbered_picture(0, SIZE_WH), 0.0)
    assert path.read_text() == "old"  # until the new one is whole
    recorder.close()
    assert read_back(path)[0] == [0]


def test_a_picture_of_another_shape_is_not_distorted(tmp_path: Path) -> None:
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    recorder.open(info())
    recorder.write(np.full((100, 200, 3), 200, np.uint8), 0.0)
    recorder.write(np.full((300, 150, 3), 200, np.uint8), 0.04)  # 50 wide of 200
    recorder.close()
    with av.open(str(tmp_path / "out.mp4")) as container:
        _, second = container.decode(video=0)
        picture = second.to_ndarray(format="bgr24")
    is_bright = picture.mean(axis=2) > 100
    assert np.flatnonzero(is_bright.any(axis=0))[[0, -1]] == pytest.approx(
        [75, 124], abs=2
    )
    assert is_bright[[1, -2], 100].all()
