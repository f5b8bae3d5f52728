"""Some photos of a COCO file, chosen by a seed: to hold out, or for balance."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from model.dataset.coco import find_picture, instances_of
from model.errors import DatasetError


def pick_count(truth: Any, count: int, *, seed: int) -> list[Any]:  # noqa: ANN401 - JSON
    """Ids of `count` of the images, any as likely as another.

    Raises:
        DatasetError: there are no more than that.
    """
    ids = sorted(image["id"] for image in truth["images"])
    if not 0 < count < len(ids):
        raise DatasetError(
            f"{count} of {len(ids)} photos cannot be picked.", "Name a smaller number."
        )
    return random.Random(seed).sample(ids, count)


def pick_per_class(truth: Any, most: int, *, seed: int) -> list[Any]:  # noqa: ANN401 - JSON
    """Ids of images, so that no class is on far more than `most` of them.

    In an order of the seed's, each is taken that shows a class of which `most` were
    not taken yet. Of rare classes all are, and what else is on those photos comes with
    them.
    """
    shown: dict[Any, set[Any]] = {image["id"]: set() for image in truth["images"]}
    for a in truth["annotations"]:
        # What is ignored, and a teacher's find alone, is no reason.
        if not a.get("iscrowd", 0) and "score" not in a:
            shown[a["image_id"]].add(a["category_id"])
    ids = sorted(shown)
    random.Random(seed).shuffle(ids)
    taken: Counter[Any] = Counter()
    picked = []
    for key in ids:
        if any(taken[kind] < most for kind in shown[key]):
            picked.append(key)
            taken.update(shown[key])
    return picked


def write_picked(source: Path, out: Path, ids: Iterable[Any]) -> int:
    """Write the labels of those images alone, wherever `out` is; how many they are."""
    truth, folder = read_truth(source)
    kept = set(ids)
    images = [image for image in truth["images"] if image["id"] in kept]
    for image in images:
        # Whoever reads the file from elsewhere must find the picture.
        image["file_name"] = str(find_picture(folder, image["file_name"]).resolve())
    labels = [a for a in truth["annotations"] if a["image_id"] in kept]
    picked = truth | {"images": images, "annotations": labels}
    out.write_text(json.dumps(picked), encoding="utf-8")
    return len(images)


def read_truth(source: Path) -> tuple[Any, Path]:
    """COCO labels, of a folder or a .json file, and the folder of their pictures.

    Raises:
        DatasetError: there are none.
    """
    if source.suffix != ".json":
        names: Sequence[str] = ()
        return instances_of(source, names)
    try:
        truth = json.loads(source.read_bytes())
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"The labels {source} cannot be read.", "Name another file."
        ) from error
    inner = source.parent / "images"
    return truth, inner if inner.is_dir() else source.parent
