"""A street of one: somebody red walks through, and a detector that sees red."""

from collections.abc import Collection
from pathlib import Path

import av
import cv2
import numpy as np

from app.settings import Settings
from app.types import Detections, DetectorInfo, ImageBgr, StageTimes
from tests.media.clips import write_video

SIZE_WH = (160, 96)
RED_BGR, GREY = (0, 0, 255), 110
WHO_WH = (16, 32)


def street(number: int, size_wh: tuple[int, int] = SIZE_WH) -> ImageBgr:
    """(H, W, 3): grey, with somebody red, 2 pixels further to the right each time."""
    width, height = size_wh
    image_bgr = np.full((height, width, 3), GREY, np.uint8)
    left = 20 + 2 * number
    image_bgr[40 : 40 + WHO_WH[1], left : left + WHO_WH[0]] = RED_BGR
    return image_bgr


def walk(path: Path, frames: int = 40) -> Path:
    """The street as a video, 10 frames a second."""
    times_s = [i / 10 for i in range(frames)]
    return write_video(
        path, times_s, size_wh=SIZE_WH, options={"crf": "10"}, draw=street
    )


def red_pixels(image_bgr: ImageBgr) -> int:
    """How many are more red than anything else."""
    blue, green, red = (image_bgr[..., c].astype(int) for c in range(3))
    return int(((red > 120) & (blue < 90) & (green < 90)).sum())


def frames_with_red(path: Path) -> list[int]:
    """The numbers of the frames of a video in which there is red."""
    with av.open(str(path)) as container:
        pictures = [
            f.to_ndarray(format="bgr24").astype(np.uint8)
            for f in container.decode(video=0)
        ]
    return [i for i, picture in enumerate(pictures) if red_pixels(picture)]


class RedDetector:
    """Finds what is red; of its n-th look it sees nothing where `misses` has n.

    Attributes:
        looks: how often it looked.
        asked: the settings of each look.
    """

    def __init__(
        self,
        *,
        misses: Collection[int] = (),
        score: float = 0.9,
        class_names: tuple[str, ...] = ("car", "person"),
    ) -> None:
        self._misses = misses
        self._score = score
        self._class_names = class_names
        self.looks = 0
        self.asked: list[Settings] = []
        self.closed = 0

    def open(self) -> DetectorInfo:
        return DetectorInfo("red.onnx", self._class_names, (300, 300), "CPU")

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        look, self.looks = self.looks, self.looks + 1
        self.asked.append(settings)
        blue, green, red = cv2.split(image_bgr.astype(int))
        mask = ((red > 120) & (blue < 90) & (green < 90)).astype(np.uint8)
        x, y, width, height = cv2.boundingRect(mask)
        if not width or look in self._misses or self._score <= settings.score_threshold:
            return Detections.empty(), StageTimes()
        found = Detections(
            np.array([[x, y, x + width, y + height]], np.float32),
            np.array([self._score], np.float32),
            np.array([self._class_names.index("person")], np.int64),
        )
        return found, StageTimes()

    def close(self) -> None:
        self.closed += 1
