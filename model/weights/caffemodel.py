"""Reads chuanqi305's MobileNet-SSD from a .caffemodel, in either of its forms.

The train form has BatchNorm and Scale layers behind each convolution; the deploy
form has them folded into the convolution's kernel and bias ("merge_bn").
"""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from model.errors import WeightsError
from model.network.config import SsdConfig, caffe_voc
from model.network.folding import folded_arrays
from model.network.names import CHANNELS_OF_CONV13, convolution_names
from model.weights.caffe_schema import NetParameter
from model.weights.values import Weights, check_class_names

_REMEDY = "Choose a .caffemodel of chuanqi305's MobileNet-SSD."
# conv11_mbox_conf and something behind it.
_RENAMED_HEAD = re.compile(r"(conv[0-9_]+_mbox_(?:loc|conf))[-_.]?\w+")
Blobs = list[NDArray[np.float32]]


def read_caffemodel(path: Path, class_names: tuple[str, ...] | None = None) -> Weights:
    """The weights in `path`; the number of classes and alpha are read from it.

    Args:
        path: the file.
        class_names: foreground classes; VOC's 20 if None.

    Raises:
        WeightsError: not a caffemodel, or a layer is missing, unknown or of
            another shape; it is named.
    """
    found = _with_plain_heads(read_blobs(path))
    config = _config(path, found, class_names)
    layers = {}
    used: set[str] = set()
    for name in convolution_names(config):
        caffe_name = name.replace("_dw", "/dw")
        arrays, parts = _convolution(path, found, caffe_name)
        layers[name] = arrays
        used |= parts
    unknown = sorted(found.keys() - used)
    if unknown:
        raise WeightsError(
            f"{path.name} has layers that MobileNet-SSD has not: {', '.join(unknown)}.",
            _REMEDY,
        )
    return Weights(config, layers, path.name)


def read_blobs(path: Path) -> dict[str, Blobs]:
    """Layer name to its blobs, of every layer that has any.

    Raises:
        WeightsError: not a caffemodel, or a damaged one.
    """
    net = NetParameter()
    try:
        net.ParseFromString(path.read_bytes())
    except DecodeError as error:
        raise WeightsError(
            f"{path.name} is not a caffemodel, or is damaged.", _REMEDY
        ) from error
    found = {}
    for layer in (*net.layer, *net.layers):
        if layer.blobs:
            name = _text(layer.name)
            found[name] = [_blob(path, name, blob) for blob in layer.blobs]
    if not found:
        raise WeightsError(f"{path.name} holds no layer with weights.", _REMEDY)
    return found


def _text(name: str | bytes) -> str:
    """A layer's name; protobuf gives the bytes of one that is no UTF-8."""
    return name if isinstance(name, str) else name.decode("utf-8", "replace")


def _with_plain_heads(found: Mapping[str, Blobs]) -> dict[str, Blobs]:
    """The same with heads by their own names.

    Who trains on from published weights calls them otherwise, so that Caffe does not
    copy them: conv11_mbox_conf_new (chuanqi305/MobileNet-SSD#2, #4, #12).
    """
    own = {
        name: match.group(1) if (match := _RENAMED_HEAD.fullmatch(name)) else name
        for name in found
    }
    claims = Counter(own.values())
    # Of two for one head nobody knows which it is: both stay, and are refused.
    return {
        own[name] if claims[own[name]] == 1 else name: blobs
        for name, blobs in found.items()
    }


def _blob(path: Path, layer: str, blob: Any) -> NDArray[np.float32]:  # noqa: ANN401
    data = np.array(blob.data or blob.double_data, np.float32)
    if blob.HasField("shape"):
        shape = tuple(blob.shape.dim)
    else:
        shape = (blob.num, blob.channels, blob.height, blob.width)
    if int(np.prod(shape)) != data.size:
        raise WeightsError(
            f"{path.name}: layer {layer} has {data.size} numbers for shape {shape}.",
            "The file is damaged; download it again.",
        )
    return data.reshape(shape)


def _convolution(
    path: Path, found: Mapping[str, Blobs], name: str
) -> tuple[tuple[NDArray[np.float32], ...], set[str]]:
    """Kernel and bias of one convolution, and the layers they came from."""
    if name not in found:
        raise WeightsError(f"{path.name} has no layer {name}.", _REMEDY)
    blobs = found[name]
    kernel = blobs[0]
    if kernel.ndim != 4:
        raise WeightsError(
            f"{path.name}: layer {name} has shape {kernel.shape}, not four sides.",
            _REMEDY,
        )
    # (out, in, h, w) to (h, w, in, out); depthwise (in, 1, h, w) to (h, w, in, 1)
    kernel = (
        kernel.transpose(2, 3, 0, 1) if "/dw" in name else kernel.transpose(2, 3, 1, 0)
    )
    bias = (
        blobs[1].reshape(-1) if len(blobs) > 1 else np.zeros(len(blobs[0]), np.float32)
    )
    norm, scale = found.get(f"{name}/bn"), found.get(f"{name}/scale")
    if norm is None and scale is None:
        return (kernel, bias), {name}
    if norm is None or scale is None or len(norm) != 3 or len(scale) != 2:
        raise WeightsError(
            f"{path.name}: {name}/bn and {name}/scale do not go together.", _REMEDY
        )
    # Caffe keeps sums; the third number says of how many (zero: of none).
    count = float(norm[2].reshape(-1)[0])
    factor = 1 / count if count else 0.0
    arrays = folded_arrays(
        kernel,
        bias,
        gamma=scale[0].reshape(-1),
        beta=scale[1].reshape(-1),
        mean=norm[0].reshape(-1) * factor,
        variance=norm[1].reshape(-1) * factor,
        epsilon=caffe_voc().batch_norm_epsilon,
    )
    return arrays, {name, f"{name}/bn", f"{name}/scale"}


def _config(
    path: Path, found: Mapping[str, Blobs], class_names: tuple[str, ...] | None
) -> SsdConfig:
    last, head = found.get("conv13"), found.get("conv11_mbox_conf")
    if last is None or head is None:
        missing = "conv13" if last is None else "conv11_mbox_conf"
        raise WeightsError(f"{path.name} has no layer {missing}.", _REMEDY)
    anchors_per_cell = caffe_voc().anchor_layers[0].anchors_per_cell
    class_count = len(head[0]) // anchors_per_cell - 1  # one is background
    return caffe_voc(
        class_names=check_class_names(path, class_count, class_names),
        alpha=len(last[0]) / CHANNELS_OF_CONV13,
    )
