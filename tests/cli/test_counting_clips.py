"""What is counted live, and counted again from the sidecar, on real streets."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

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
from tests.conftest import SHARED_DATA

VIDEOS = SHARED_DATA / "videos"
RULES = Rules(
    lines=(Line("L1", (0.45, 0.0), (0.45, 1.0)), Line("L2", (0.0, 0.6), (1.0, 0.55))),
    zones=(Zone("Z1", ((0.3, 0.2), (0.8, 0.2), (0.8, 0.9), (0.3, 0.9))),),
)
FRAMES = 60


@pytest.mark.parametrize(
    ("video", "first"),
    [
        pytest.param(places.bundled_clip(), 0, id="bikes"),
        pytest.param(VIDEOS / "opencv_vtest.avi", 0, id="vtest"),
        # Nobody comes sooner.
        pytest.param(VIDEOS / "one-by-one-person-detection.mp4", 60, id="one-by-one"),
    ],
)
def test_counting_again_from_the_sidecar_is_counting_live(
    video: Path, first: int, tmp_path: Path
) -> None:
    if not video.is_file():
        pytest.skip(f"{video.name} is not here")
    settings = Settings(score_threshold=0.4)
    watcher, tracker = Watcher(RULES), Tracker()
    source = make_source(str(video))
    detector = OnnxDetector(places.default_model(), device="cpu")
    sidecar = tmp_path / "clip.jsonl"
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
                tracked = tracker.update(found, frame.timestamp_s, score_threshold=0.4)
                writer.write(FrameDetections(frame.index, frame.timestamp_s, tracked))
    finally:
        detector.close()
        source.close()
    counted = count_sidecar(sidecar, RULES)
    assert counted.events == watcher.events
    assert counted.counts == watcher.counts
    assert counted.events
