"""A labelled dataset of two classes, drawn here."""

import json
from pathlib import Path

import cv2
import numpy as np


def write_shapes(folder: Path, count: int, seed: int = 0) -> Path:
    """Photos with one to three discs and squares on a noisy ground."""
    rng = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for number in range(count):
        noise = rng.integers(60, 160, (160, 160, 3)).astype(np.uint8)
        image = cv2.GaussianBlur(noise, (0, 0), 2)
        for place in rng.permutation(4)[: rng.integers(1, 4)]:
            side = int(rng.integers(40, 72))
            x = int(place % 2 * 80 + rng.integers(0, 80 - side))
            y = int(place // 2 * 80 + rng.integers(0, 80 - side))
            kind = int(rng.integers(2))
            colour = rng.choice([20, 235], 3).tolist()
            if kind == 0:
                centre = (x + side // 2, y + side // 2)
                cv2.circle(image, centre, side // 2, colour, -1)
            else:
                cv2.rectangle(image, (x, y), (x + side, y + side), colour, -1)
            annotations.append(
                {
                    "image_id": number,
                    "category_id": kind,
                    "bbox": [x, y, side, side],
                }
            )
        name = f"{number}.png"
        cv2.imwrite(str(folder / "images" / name), image)
        images.append({"id": number, "file_name": name, "width": 160, "height": 160})
    categories = [{"id": 0, "name": "disc"}, {"id": 1, "name": "square"}]
    truth = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(truth))
    return folder
