"""What is counted live, and counted again from the sidecar, on real streets."""

import math
from dataclasses import replace
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from app.cli import places
from app.detection.onnx_detector import OnnxDetector
from app.export.counting import count_sidecar
from app.media.sources.make import make_source
from app.settings import Settings
from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter
from app.tracking.rules import Line, Rules, Zone
from app.tracking.tracker import KEEP_S, Tracker
from app.tracking.watcher import Watcher
from benchmarks.crossings import compare, passing, read_truth
from tests.conftest import SHARED_DATA

VIDEOS = SHARED_DATA / "videos"
RULES = Rules(
    lines=(Line("L1", (0.45, 0.0), (0.45, 1.0)), Line("L2", (0.0, 0.6), (1.0, 0.55))),
    zones=(Zone("Z1", ((0.3, 0.2), (0.8, 0.2), (0.8, 0.9), (0.3, 0.9))),),
)
FRAMES = 60


def at_uneven_times(video: Path, to: Path) -> Path:
    """The same pictures, 17 to 63 milliseconds apart where they were 40."""

    def later(ticks: int, of_s: float) -> int:
        time_s = ticks * of_s
        return round((time_s + 0.03 * math.sin(6 * math.pi * time_s)) / of_s)

    with av.open(str(video)) as source, av.open(str(to), "w") as container:
        stream = source.streams.video[0]
        copy = container.add_stream_from_template(stream)
        assert stream.time_base is not None
        for packet in source.demux(stream):
            if packet.pts is None or packet.dts is None:  # the end
                continue
            packet.pts = later(packet.pts, float(stream.time_base))
            packet.dts = later(packet.dts, float(stream.time_base))
            packet.stream = copy
            container.mux(packet)
    return to


@pytest.mark.parametrize(
    ("video", "first"),
    [
        pytest.param(places.bundled_clip(), 0, id="bikes"),
        pytest.param(places.bundled_clip(), 0, id="uneven"),
        pytest.param(VIDEOS / "opencv_vtest.avi", 0, id="vtest"),
        # Nobody comes sooner.
        pytest.param(VIDEOS / "one-by-one-person-detection.mp4", 60, id="one-by-one"),
    ],
)
def test_counting_again_from_the_sidecar_is_counting_live(
    video: Path, first: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not video.is_file():
        pytest.skip(f"{video.name} is not here")
    if "uneven" in request.node.name:
        video = at_uneven_times(video, tmp_path / "uneven.mkv")
    settings = Settings(score_threshold=0.4)
    watcher, tracker = Watcher(RULES), Tracker()
    source = make_source(str(video))
    detector = OnnxDetector(places.default_model(), device="cpu")
    sidecar = tmp_path / "clip.jsonl"
    times_s: list[float] = []
    info = source.open()
    try:
        names = detector.open().class_names
        header = SidecarHeader(
            *(video.name, info.size_wh, "", ""),
            class_names=names,
            settings={},
            tracking={"score_threshold": 0.4, "keep_s": KEEP_S},
        )
        with SidecarWriter(sidecar, header) as writer:
            shown = islice(source.frames(), first, first + FRAMES)
            for number, late in enumerate(shown):
                frame = replace(late, index=number)  # as if the clip began here
                asked = watcher.lowered(settings)
                found, _ = detector.detect(frame.image_bgr, asked)
                watcher.watch(frame, found, settings, names)
                times_s.append(frame.timestamp_s)
                tracked = tracker.update(found, frame.timestamp_s, score_threshold=0.4)
                writer.write(FrameDetections(frame.index, frame.timestamp_s, tracked))
    finally:
        detector.close()
        source.close()
    counted = count_sidecar(sidecar, RULES)
    assert counted.events == watcher.events
    assert counted.counts == watcher.counts
    assert counted.events
    steps_s = np.diff(times_s)
    is_even = steps_s.max() < 1.1 * steps_s.min()
    assert is_even == ("uneven" not in request.node.name)


def test_with_a_good_detector_each_crossing_is_counted_as_by_eye() -> None:
    """14 seconds of vtest.avi: nine people at the line, three of them at once."""
    video, truth = VIDEOS / "opencv_vtest.avi", VIDEOS / "opencv_vtest.counts.json"
    model = SHARED_DATA / "weights" / "yolox_nano.onnx"
    for path in (video, truth, model):
        if not path.is_file():
            pytest.skip(f"{path.name} is not here")
    line, looked_at = read_truth(truth, (768, 576))
    first, end = 660, 795
    watcher = Watcher(Rules(lines=(line,)))
    settings = Settings(score_threshold=0.5)
    source, detector = make_source(str(video)), OnnxDetector(model, device="cpu")
    source.open()
    try:
        names = detector.open().class_names
        for frame in islice(source.frames(), first, end):
            asked = watcher.lowered(settings)
            found, _ = detector.detect(frame.image_bgr, asked)
            watcher.watch(frame, found, settings, names)
    finally:
        detector.close()
        source.close()
    verdict = compare(
        [passing(event) for event in watcher.events],
        [one for one in looked_at if first < one.frame],
    )
    assert len(verdict.right) == 9
    assert (verdict.missed, verdict.made_up) == ([], [])
