"""Random changes of a labelled picture: a network learns from none twice.

Each takes an `Example` and a generator, and gives a new one; what is drawn from
the generator does not depend on what the picture shows.

Source: SSD paper (arXiv 1512.02325), section 2.2 and 3.6, with the ranges of its
Caffe code; mosaic is YOLOv4's (arXiv 2004.10934).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from model.dataset.photo import Photo
from model.network.boxes import pairwise_iou

# What the networks' scaling turns into zero.
GRAY = (128, 128, 128)


@dataclass(frozen=True, eq=False, slots=True)
class Example:
    """A picture on its way to the network.

    Attributes:
        image_bgr: (H, W, 3) uint8.
        boxes_xyxy: (N, 4) float32, in pixels.
        class_ids: (N,) int64.
        scores: (N,) float32: 1 where people labelled, else a teacher's.
        is_ignored: (N,) bool: neither objects nor background.
        regions_xyxy: (R, 4) float32, in pixels: the photos the picture is made of.
        is_known: (R, C) bool: classes labelled completely in each region; beyond
            all regions there is nothing, and that is known.
    """

    image_bgr: NDArray[np.uint8]
    boxes_xyxy: NDArray[np.float32]
    class_ids: NDArray[np.int64]
    scores: NDArray[np.float32]
    is_ignored: NDArray[np.bool_]
    regions_xyxy: NDArray[np.float32]
    is_known: NDArray[np.bool_]

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image_bgr.shape[1], self.image_bgr.shape[0]


def example_of(photo: Photo, image_bgr: NDArray[np.uint8]) -> Example:
    """The photo as it is."""
    height, width = image_bgr.shape[:2]
    # The labels' idea of the size is what their boxes are in.
    scale = np.array([width / photo.size_wh[0], height / photo.size_wh[1]] * 2)
    return Example(
        image_bgr=image_bgr,
        boxes_xyxy=(photo.boxes_xyxy * scale).astype(np.float32),
        class_ids=photo.class_ids,
        scores=photo.scores,
        is_ignored=photo.is_ignored,
        regions_xyxy=np.array([[0, 0, width, height]], np.float32),
        is_known=photo.is_known[np.newaxis],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """How often each change is made, in [0, 1].

    Attributes:
        photometric: brightness, contrast, saturation and hue, a coin each.
        mosaic: four photos in one.
        expand: the photo small on a gray ground.
        expand_limit: at most so many times as wide and high.
        crop: a part of it.
        flip: left and right.
    """

    photometric: float = 1.0
    mosaic: float = 0.0
    expand: float = 0.5
    expand_limit: float = 4.0
    crop: float = 6 / 7
    flip: float = 0.5


def augment(
    examples: Sequence[Example],
    augmentation: Augmentation,
    rng: np.random.Generator,
    *,
    size_wh: tuple[int, int],
) -> Example:
    """One picture of `size_wh` made of the first of `examples`.

    Args:
        examples: four, of which a mosaic takes all.
        augmentation: how often what is done.
        rng: every choice comes from it.
        size_wh: of the network's input; the picture is stretched to it.
    """
    example = examples[0]
    if rng.random() < augmentation.mosaic:
        example = mosaic(examples, rng, size_wh=(2 * size_wh[0], 2 * size_wh[1]))
    if rng.random() < augmentation.photometric:
        example = replace(example, image_bgr=distort(example.image_bgr, rng))
    if rng.random() < augmentation.expand:
        example = expand(example, rng, limit=augmentation.expand_limit)
    if rng.random() < augmentation.crop:
        example = random_crop(example, rng)
    example = resize(example, size_wh)
    if rng.random() < augmentation.flip:
        example = flip(example)
    return example


def distort(
    image_bgr: NDArray[np.uint8], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Other light: each of brightness, contrast, saturation and hue by a coin."""
    coins = rng.random(5) < 0.5
    brightness = rng.uniform(-32, 32) if coins[0] else 0.0
    contrast = rng.uniform(0.5, 1.5) if coins[1] else 1.0
    saturation = rng.uniform(0.5, 1.5) if coins[2] else 1.0
    hue = rng.uniform(-18, 18) if coins[3] else 0.0
    # Contrast comes before or after the colours, by the last coin.
    late_contrast = contrast if coins[4] else 1.0
    early_contrast = 1.0 if coins[4] else contrast
    image = cv2.convertScaleAbs(
        np.maximum(image_bgr.astype(np.float32) * early_contrast + brightness, 0)
    )
    if saturation != 1.0 or hue != 0.0:
        hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
        turns = (np.arange(256) + hue) % 180  # OpenCV halves the degrees
        levels = np.clip(np.arange(256) * saturation, 0, 255)
        table = np.stack([turns, levels, np.arange(256)], axis=-1).astype(np.uint8)
        image = cv2.cvtColor(cv2.LUT(hsv, table[:, np.newaxis]), cv2.COLOR_HSV2BGR)
    if late_contrast != 1.0:
        image = cv2.convertScaleAbs(image, alpha=late_contrast)
    return np.asarray(image, np.uint8)


def expand(example: Example, rng: np.random.Generator, *, limit: float) -> Example:
    """The picture on a ground up to `limit` times as wide and high."""
    width, height = example.size_wh
    ratio = rng.uniform(1, limit)
    left = int(rng.uniform(0, width * (ratio - 1)))
    top = int(rng.uniform(0, height * (ratio - 1)))
    ground = np.full((int(height * ratio), int(width * ratio), 3), GRAY, np.uint8)
    ground[top : top + height, left : left + width] = example.image_bgr
    shift = np.array([left, top, left, top], np.float32)
    return replace(
        example,
        image_bgr=ground,
        boxes_xyxy=example.boxes_xyxy + shift,
        regions_xyxy=example.regions_xyxy + shift,
    )


def random_crop(example: Example, rng: np.random.Generator) -> Example:
    """A part that overlaps at least one object well enough; else all of it.

    Well enough is an IoU of at least 0, 0.1, 0.3, 0.5, 0.7 or 0.9, drawn; objects
    whose centre is outside are dropped.
    """
    least_iou = rng.choice([0.0, 0.1, 0.3, 0.5, 0.7, 0.9])
    # All fifty tries at once; the first that does is taken.
    scales = rng.uniform(0.3, 1.0, size=50)
    ratios = rng.uniform(np.maximum(0.5, scales**2), np.minimum(2.0, scales**-2))
    places = rng.random((50, 2))
    sides = np.stack([scales * np.sqrt(ratios), scales / np.sqrt(ratios)], axis=-1)
    sides = np.minimum(sides, 1.0)
    corners = places * (1 - sides)
    crops = np.concatenate([corners, corners + sides], axis=-1)
    crops = np.round(crops * np.array(example.size_wh * 2)).astype(np.float32)
    objects = example.boxes_xyxy[~example.is_ignored]
    if len(objects):
        best_iou = pairwise_iou(crops, objects).max(axis=-1)
        centres = (objects[:, :2] + objects[:, 2:]) / 2
        inside = np.all(
            (centres > crops[:, None, :2]) & (centres < crops[:, None, 2:]), axis=-1
        )
        good = np.flatnonzero((best_iou >= least_iou) & inside.any(axis=-1))
        if not good.size:
            return example
        crop = crops[good[0]]
    else:
        crop = crops[0]
    return cut(example, crop)


def cut(example: Example, crop_xyxy: NDArray[np.float32]) -> Example:
    """The part of the picture in `crop_xyxy`, whole pixels inside it."""
    x1, y1, x2, y2 = (int(v) for v in crop_xyxy)
    x2, y2 = max(x2, x1 + 1), max(y2, y1 + 1)
    shift = np.array([x1, y1, x1, y1], np.float32)
    limit = np.array([x2 - x1, y2 - y1] * 2, np.float32)
    centres = (example.boxes_xyxy[:, :2] + example.boxes_xyxy[:, 2:]) / 2 - shift[:2]
    boxes = np.clip(example.boxes_xyxy - shift, 0, limit)
    # Of what is to be ignored, any part is.
    kept = np.all((centres > 0) & (centres < limit[:2]), axis=-1) | example.is_ignored
    kept &= np.all(boxes[:, 2:] - boxes[:, :2] >= 1, axis=-1)
    return replace(
        example,
        image_bgr=example.image_bgr[y1:y2, x1:x2],
        boxes_xyxy=boxes[kept],
        class_ids=example.class_ids[kept],
        scores=example.scores[kept],
        is_ignored=example.is_ignored[kept],
        regions_xyxy=np.clip(example.regions_xyxy - shift, 0, limit),
    )


def resize(example: Example, size_wh: tuple[int, int]) -> Example:
    """The picture stretched to `size_wh`, as the app does it."""
    width, height = example.size_wh
    image = cv2.resize(example.image_bgr, size_wh, interpolation=cv2.INTER_LINEAR)
    scale = np.array([size_wh[0] / width, size_wh[1] / height] * 2, np.float32)
    return replace(
        example,
        image_bgr=np.asarray(image, np.uint8),
        boxes_xyxy=example.boxes_xyxy * scale,
        regions_xyxy=example.regions_xyxy * scale,
    )


def flip(example: Example) -> Example:
    """Left becomes right."""
    width = np.float32(example.size_wh[0])

    def mirrored(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        x1, y1, x2, y2 = boxes.T
        return np.stack([width - x2, y1, width - x1, y2], axis=-1)

    return replace(
        example,
        image_bgr=np.ascontiguousarray(example.image_bgr[:, ::-1]),
        boxes_xyxy=mirrored(example.boxes_xyxy),
        regions_xyxy=mirrored(example.regions_xyxy),
    )


def mosaic(
    examples: Sequence[Example],
    rng: np.random.Generator,
    *,
    size_wh: tuple[int, int],
) -> Example:
    """Four pictures that meet in one point, each stretched to its part of it."""
    width, height = size_wh
    x, y = (int(v) for v in rng.uniform(0.3, 0.7, size=2) * size_wh)
    tiles = [(0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)]
    image = np.empty((height, width, 3), np.uint8)
    parts = []
    for example, (x1, y1, x2, y2) in zip(examples, tiles, strict=True):
        part = resize(example, (x2 - x1, y2 - y1))
        image[y1:y2, x1:x2] = part.image_bgr
        shift = np.array([x1, y1, x1, y1], np.float32)
        parts.append(
            replace(
                part,
                boxes_xyxy=part.boxes_xyxy + shift,
                regions_xyxy=part.regions_xyxy + shift,
            )
        )
    return Example(
        image,
        np.concatenate([p.boxes_xyxy for p in parts]),
        np.concatenate([p.class_ids for p in parts]),
        np.concatenate([p.scores for p in parts]),
        np.concatenate([p.is_ignored for p in parts]),
        np.concatenate([p.regions_xyxy for p in parts]),
        np.concatenate([p.is_known for p in parts]),
    )
