"""Options that several commands share, and what is read of what they name."""

import argparse
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from app.cli import places
from model.dataset.names import read_class_names
from model.errors import BuildError, WeightsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.network.config import SsdConfig

# What `add_subparsers` gives, and a command adds its parser to.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

FAMILIES = ("caffe-voc", "tf-coco", "keras-voc")

CLASSES_HELP = "cat,dog or a file with a name a line (default: those the dataset names)"


def add_dataset_options(parser: argparse.ArgumentParser) -> None:
    """`dataset`, one or several, and `--split`."""
    parser.add_argument(
        "dataset",
        type=Path,
        nargs="+",
        help="a folder with images/ and instances.json (COCO), a .json file, or a "
        "VOC folder",
    )
    parser.add_argument(
        "--split",
        default="trainval",
        metavar="NAME",
        help="which list of a VOC folder (default: %(default)s)",
    )


def bundled_weights() -> Path:
    """The weights that come with the repository.

    Raises:
        WeightsError: this copy has none.
    """
    from model.weights.read import READABLE

    files = places.bundled_weights().glob("*")
    found = sorted(path for path in files if path.suffix in READABLE)
    if not found:
        raise WeightsError(
            "This copy carries no weights yet.",
            "Name yours: python build_model.py convert path/to/ssd_mobilenet_v1.tflite",
        )
    return found[0]


def listed_classes(text: str | None) -> tuple[str, ...] | None:
    """The class names in a list, or in the file it names.

    Raises:
        BuildError: as `read_class_names`.
    """
    if text is None:
        return None
    if Path(text).is_file():
        return read_class_names(Path(text))
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names or len(set(names)) != len(names):
        raise BuildError(
            f"--classes must be different names, not {text!r}.",
            "Separate them by commas, or name a file with one a line.",
        )
    return names


def config_of(family: str, **changes: Any) -> "SsdConfig":  # noqa: ANN401 - passed on
    """The network of one of `FAMILIES`, but for `changes`.

    Raises:
        BuildError: there is none like that.
    """
    from model.network.config import caffe_voc, keras_voc, tf_coco

    make = {"caffe-voc": caffe_voc, "tf-coco": tf_coco, "keras-voc": keras_voc}
    try:
        return make[family](**changes)
    except ValueError as error:
        raise BuildError(
            f"There is no such network: {error}.", "Choose other values for it."
        ) from error


def read_photos(folder: Path, *, most: int | None = None) -> list["NDArray[np.uint8]"]:
    """The photos of a folder, (300, 300, 3) BGR each.

    Args:
        folder: of any pictures; also one with images/ in it.
        most: so many of them, from all over the folder.

    Raises:
        BuildError: there are none.
    """
    import cv2

    from model.dataset.coco import PICTURES

    inner = folder / "images"
    paths = sorted(
        path
        for path in (inner if inner.is_dir() else folder).glob("*")
        if path.suffix.lower() in PICTURES
    )
    # Names tell a day, a camera or a class: the first of them are all alike.
    random.Random(0).shuffle(paths)
    found: list[NDArray[np.uint8]] = []
    for path in paths:
        if most is not None and len(found) >= most:
            break
        picture = cv2.imread(str(path))
        if picture is not None:
            found.append(at_input_size(picture))
    if not found:
        raise BuildError(f"There is no photo in {folder}.", "Name another folder.")
    return found


def at_input_size(image_bgr: "NDArray[Any]") -> "NDArray[np.uint8]":
    """The picture as the network sees it."""
    import cv2
    import numpy as np

    return np.asarray(cv2.resize(image_bgr, (300, 300)), np.uint8)
