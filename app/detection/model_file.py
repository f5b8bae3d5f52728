"""The contract of a model file: what it must say of itself to be run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import ModelError

FORMAT = "mobilenet-ssd/1"
REMEDY = "Make one from your weights with: python build_model.py convert WEIGHTS"


@dataclass(frozen=True, slots=True)
class ModelContract:
    """What `build_model.py` wrote into the metadata of a .onnx file.

    Attributes:
        class_names: foreground classes; index is the column of `scores`.
        input_size_wh: width and height the picture is stretched to.
        weights_id: what copies of one model have in common; empty if it does not say.
    """

    class_names: tuple[str, ...]
    input_size_wh: tuple[int, int]
    weights_id: str = ""


def read_contract(name: str, metadata: Mapping[str, str]) -> ModelContract:
    """Check the metadata of the model file called `name`.

    Raises:
        ModelError: the model is of another kind, or its metadata is damaged.
    """
    written = metadata.get("format")
    if written is None:
        raise ModelError(
            f"{name} is an ONNX file, but not a MobileNet-SSD of ours.", REMEDY
        )
    if written != FORMAT:
        raise ModelError(
            f"{name} has format {written!r}, but this version reads {FORMAT!r}.", REMEDY
        )
    if (order := metadata.get("color_order")) != "BGR":
        raise ModelError(f"{name} wants {order!r} pictures, not 'BGR'.", REMEDY)
    try:
        class_names = json.loads(metadata["class_names"])
        width, height = (int(n) for n in metadata["input_size_wh"].split(","))
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"The metadata of {name} is damaged ({error!r}).", REMEDY
        ) from error
    is_list = isinstance(class_names, list) and class_names
    if not is_list or not all(isinstance(n, str) for n in class_names):
        raise ModelError(f"The class names in {name} are damaged.", REMEDY)
    if not (0 < width <= 4096 and 0 < height <= 4096):
        raise ModelError(f"{name} has an input size of {width} x {height}.", REMEDY)
    weights_id = metadata.get("weights_sha256", "")
    return ModelContract(tuple(class_names), (width, height), weights_id)
