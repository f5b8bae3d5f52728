"""Options that several commands share, and what is read of what they name."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from app.cli import places
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


def read_class_names(path: Path | None) -> tuple[str, ...] | None:
    """The class names in a file, a line each; None for no file.

    Raises:
        BuildError: it cannot be read, or holds a name twice.
    """
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(f"The class names in {path} cannot be read.") from error
    names = tuple(line.strip() for line in lines if line.strip())
    if names[:1] == ("background",):
        names = names[1:]
    if not names or len(set(names)) != len(names):
        raise BuildError(f"{path} must hold different names, a line each.")
    return names


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
        raise BuildError(f"--classes must be different names, not {text!r}.")
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
        raise BuildError(f"There is no such network: {error}.") from error


def read_photos(folder: Path) -> list["NDArray[np.uint8]"]:
    """The photos of a folder, (300, 300, 3) BGR each.

    Raises:
        BuildError: there are none.
    """
    import cv2

    pictures = [cv2.imread(str(path)) for path in sorted(folder.glob("*.jpg"))]
    found = [at_input_size(picture) for picture in pictures if picture is not None]
    if not found:
        raise BuildError(f"There is no .jpg photo in {folder}.", "Name another folder.")
    return found


def at_input_size(image_bgr: "NDArray[Any]") -> "NDArray[np.uint8]":
    """The picture as the network sees it."""
    import cv2
    import numpy as np

    return np.asarray(cv2.resize(image_bgr, (300, 300)), np.uint8)
