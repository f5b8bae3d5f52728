"""Our own files: a network's weights, and in the same file which network it is.

A `.keras` file is a zip archive, a `.weights.h5` file is HDF5; the configuration
is a member of the one and an attribute of the other. In reading, the network is
built from that configuration by our own code and only numbers are taken from the
file: nothing that a file describes is ever built or run.
"""

import json
import warnings
import zipfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import h5py
import keras

from model.errors import WeightsError
from model.network.config import AnchorLayer, SsdConfig
from model.network.network import build_network, fold_batch_norms
from model.weights.values import Weights

MEMBER = "mobilenet_ssd.json"
_REMEDY = "Choose a file that build_model.py wrote."


def save_own(network: keras.Model, config: SsdConfig, path: Path) -> None:
    """Write `network` to `path`, a `.keras` or a `.weights.h5` file.

    Raises:
        WeightsError: another suffix.
    """
    text = json.dumps(asdict(config))
    if network.compiled:  # with its optimizer, three times the weights
        norms = [x for x in network.layers if x.name.endswith("_bn")]
        plain = build_network(config, folded=not norms)
        plain.set_weights(network.get_weights())
        network = plain
    if path.name.endswith(".weights.h5"):
        network.save_weights(path)
        with h5py.File(path, "a") as file:
            file.attrs[MEMBER] = text
    elif path.suffix == ".keras":
        network.save(path)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(MEMBER, text)
    else:
        raise WeightsError(
            f"{path.name} is not a name for weights.",
            "End it in .keras or .weights.h5.",
        )


def load_own(path: Path) -> tuple[keras.Model, SsdConfig]:
    """The network in `path`, with its batch norms if it has any.

    Raises:
        WeightsError: not one of our files, or a damaged one.
    """
    config = _read_config(path)
    for folded in (False, True):
        network = build_network(config, folded=folded)
        try:
            with warnings.catch_warnings():
                # Keras before 3.15 wrote no groups for lists of layers that stand
                # in the file already; that they are missing says nothing.
                warnings.filterwarnings("ignore", "Skipping nested", UserWarning)
                network.load_weights(path)
        except Exception as error:  # Keras says by many types that they do not fit
            if folded:
                raise WeightsError(
                    f"{path.name} does not hold the weights it says.", _REMEDY
                ) from error
        else:
            return network, config
    raise AssertionError("the second try returned or raised")


def read_own(path: Path, class_names: tuple[str, ...] | None = None) -> Weights:
    """The weights in `path`, with batch norms folded in.

    Raises:
        WeightsError: not one of our files, a damaged one, or other class names.
    """
    network, config = load_own(path)
    if class_names is not None and class_names != config.class_names:
        raise WeightsError(
            f"{path.name} names its own classes: {', '.join(config.class_names)}.",
            "Leave --labels out.",
        )
    folded = fold_batch_norms(network, config)
    layers = {x.name: tuple(x.get_weights()) for x in folded.layers if x.weights}
    return Weights(config, layers, path.name)


def is_own(path: Path) -> bool:
    """True when `path` is HDF5 and says which of our networks it is for."""
    try:
        with h5py.File(path) as file:
            return MEMBER in file.attrs
    except (OSError, RuntimeError, KeyError):  # h5py's words for damage
        return False


def _read_config(path: Path) -> SsdConfig:
    try:
        if path.suffix == ".keras":
            with zipfile.ZipFile(path) as archive:
                if MEMBER not in archive.namelist():
                    reason = _what_else(archive)
                    raise WeightsError(f"{path.name} is not ours{reason}.", _REMEDY)
                values: Any = json.loads(archive.read(MEMBER))
        else:
            with h5py.File(path) as file:
                values = json.loads(file.attrs[MEMBER])
        known = {field.name for field in fields(SsdConfig)}
        chosen = {k: _tuples(v) for k, v in values.items() if k in known}
        chosen["anchor_layers"] = tuple(
            AnchorLayer(**{k: _tuples(v) for k, v in layer.items()})
            for layer in values["anchor_layers"]
        )
        return SsdConfig(**chosen)
    except WeightsError:
        raise
    except Exception as error:  # zipfile, zlib and h5py tell of damage by any type
        raise WeightsError(f"{path.name} is damaged, or not ours.", _REMEDY) from error


def _what_else(archive: zipfile.ZipFile) -> str:
    """Why a Keras file of somebody else is not even looked into."""
    described = (
        archive.read("config.json") if "config.json" in archive.namelist() else b""
    )
    if b'"Lambda"' in described:
        return ", and has a Lambda layer, which is code that would have to be run"
    return ""


def _tuples(value: Any) -> Any:  # noqa: ANN401 - JSON
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value
