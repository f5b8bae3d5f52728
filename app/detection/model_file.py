"""The contract of a model file: what it says of itself, and which copy is run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.detection.engines.engine import INPUT, OUTPUTS, Tensor
from app.detection.formats.class_names import names_beside, usual_names
from app.detection.onnx_metadata import read_metadata
from app.errors import ModelError
from app.thresholds import Thresholds

FORMAT = "mobilenet-ssd/1"
SUFFIX = ".onnx"
# The copy made for CPUs, by `build_model.py convert --int8`.
INT8_SUFFIX = ".int8.onnx"
ON_A_CPU = ("cpu", "openvino")
REMEDY = "Make one from your weights with: python build_model.py convert WEIGHTS"


@dataclass(frozen=True, slots=True)
class ModelContract:
    """What `build_model.py` wrote into the metadata of a .onnx file.

    Attributes:
        class_names: foreground classes; index is the column of `scores`.
        input_size_wh: width and height the picture is stretched to.
        weights_id: what copies of one model have in common; empty if it does not say.
        thresholds: from which score on its finds are worth showing; None likewise.
    """

    class_names: tuple[str, ...]
    input_size_wh: tuple[int, int]
    weights_id: str = ""
    thresholds: Thresholds | None = None


def copies_of(model: Path) -> list[Path]:
    """The files that `model` stands for: itself, or where its suffix is left out, all.

    The int8 copy comes first, and only what exists is listed; a name that stands for
    nothing is given back, so that whoever opens it can say so.
    """
    if model.suffix.lower() == SUFFIX or model.is_file():
        return [model]
    named = (model.with_name(model.name + end) for end in (INT8_SUFFIX, SUFFIX))
    return [path for path in named if path.is_file()] or [model]


def copy_for(model: Path, device: str) -> Path:
    """The one of `copies_of(model)` that suits `device`: int8 on a CPU, else float.

    On GPUs the int8 copy is slower, and a part of it runs on the CPU (docs/adr/0014).
    """
    copies = copies_of(model)
    return copies[0] if device in ON_A_CPU else copies[-1]


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
    return ModelContract(
        tuple(class_names), (width, height), weights_id, _thresholds(name, metadata)
    )


def metadata_of_ours(
    name: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
) -> dict[str, str]:
    """What a model of ours says of itself, from its tensors alone; of others, nothing.

    For servers that keep a file's metadata to themselves, as Triton and KServe do. Its
    class names are in NAME.names where the app was started, else the usual ones.

    Args:
        name: of the model.
        inputs: what it takes.
        outputs: what it answers, in our order.
    """
    if [t.name for t in inputs] != [INPUT] or [t.name for t in outputs] != [*OUTPUTS]:
        return {}
    takes, (boxes, scores) = inputs[0], outputs
    if takes.kind != "uint8" or len(takes.shape) != 4 or takes.shape[3] != 3:
        return {}
    height, width = takes.shape[1:3]
    if len(boxes.shape) != 3 or boxes.shape[2] != 4 or len(scores.shape) != 3:
        return {}
    count = scores.shape[2]
    if not (height and width and count):
        return {}
    class_names = names_beside(Path(name)) or usual_names(count)
    return {
        "format": FORMAT,
        "color_order": "BGR",
        "input_size_wh": f"{width},{height}",
        "class_names": json.dumps(class_names),
    }


def own_threshold(model: Path) -> float | None:
    """From which score on finds of `model` are worth showing; None if it is silent.

    Nothing is loaded, and nothing is said of a file that is missing or damaged.
    """
    metadata = read_metadata(copies_of(model)[0])
    try:
        told = _thresholds(model.name, metadata)
    except ModelError:
        return None
    return told.best if told else None


def _thresholds(name: str, metadata: Mapping[str, str]) -> Thresholds | None:
    told = metadata.get("thresholds")
    if told is None:
        return None
    try:
        values = json.loads(told)
        rows = tuple((float(t), float(p), float(r)) for t, p, r in values["rows"])
        return Thresholds(float(values["best"]), int(values["photos"]), rows)
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise ModelError(
            f"What {name} says of score thresholds is damaged ({error}).", REMEDY
        ) from error
