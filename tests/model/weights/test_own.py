"""What model.weights.own promises: our files come back, and nobody's code runs."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from model.errors import WeightsError
from model.network.config import SsdConfig, caffe_voc, tf_coco
from model.network.network import build_network, fold_batch_norms
from model.weights.own import load_own, save_own
from model.weights.read import read_weights
from model.weights.values import load_into
from tests.model.network.test_network import randomize

RNG = np.random.default_rng(31)
SUFFIXES = ["net.keras", "net.weights.h5"]


def small(config: SsdConfig) -> SsdConfig:
    return replace(config, alpha=0.125, class_names=("person", "car"))


@pytest.mark.parametrize("name", SUFFIXES)
@pytest.mark.parametrize(
    "config",
    [
        small(caffe_voc()),
        small(tf_coco()),
        replace(
            small(caffe_voc()),
            activation="relu6",
            last_layer="global-average-pooling",
            separable_neck=True,
        ),
    ],
    ids=["caffe", "tf", "pooled"],
)
def test_a_network_comes_back_as_it_was(
    tmp_path: Path, config: SsdConfig, name: str
) -> None:
    network = randomize(build_network(config))
    save_own(network, config, tmp_path / name)
    again, its_config = load_own(tmp_path / name)
    assert its_config == config
    weights = read_weights(tmp_path / name)
    assert weights.config == config
    folded = build_network(config, folded=True)
    load_into(folded, weights)
    pixels = RNG.uniform(0, 255, (1, 300, 300, 3)).astype(np.float32)
    first = keras.ops.convert_to_numpy(network(pixels, training=False)["logits"])
    same = keras.ops.convert_to_numpy(again(pixels, training=False)["logits"])
    near = keras.ops.convert_to_numpy(folded(pixels)["logits"])
    assert first.shape == (1, 1917, config.logit_count)
    assert np.array_equal(first, same)
    assert np.abs(first - near).max() < 1e-4


@pytest.mark.parametrize("name", SUFFIXES)
def test_a_folded_network_comes_back_too(tmp_path: Path, name: str) -> None:
    config = small(tf_coco())
    network = fold_batch_norms(randomize(build_network(config)), config)
    save_own(network, config, tmp_path / name)
    again, _ = load_own(tmp_path / name)
    for one, other in zip(network.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_a_keras_file_with_code_in_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lambda.keras"
    evil = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x * 2)])
    evil.save(path)
    with pytest.raises(WeightsError, match="has a Lambda layer, which is code"):
        read_weights(path)


def test_a_keras_file_that_says_it_is_ours_still_runs_no_code(tmp_path: Path) -> None:
    """The description inside is not what the network is built from."""
    config = small(caffe_voc())
    path = tmp_path / "evil.keras"
    save_own(build_network(config), config, path)
    changed = tmp_path / "changed.keras"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if member == "config.json":
                data = json.dumps({"class_name": "Lambda", "module": "os"}).encode()
            new.writestr(member, data)
    _, its_config = load_own(changed)
    assert its_config == config


def test_broken_files_are_said(tmp_path: Path) -> None:
    config = small(caffe_voc())
    whole = tmp_path / "net.keras"
    save_own(build_network(config), config, whole)
    text = tmp_path / "text.keras"
    text.write_text("this is not a zip")
    cut = tmp_path / "cut.keras"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    other = tmp_path / "other.keras"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("mobilenet_ssd.json", '{"alpha": "wide"}')
    for path in (text, cut, other):
        with pytest.raises(WeightsError, match="is damaged, or not ours"):
            read_weights(path)
    with pytest.raises(WeightsError, match="is not a name for weights"):
        save_own(build_network(config), config, tmp_path / "net.pkl")


def test_weights_of_another_network_are_said(tmp_path: Path) -> None:
    path = tmp_path / "net.weights.h5"
    save_own(build_network(small(caffe_voc())), small(caffe_voc()), path)
    with h5py.File(path, "a") as file:
        described = json.loads(file.attrs["mobilenet_ssd.json"])
        file.attrs["mobilenet_ssd.json"] = json.dumps(described | {"alpha": 0.5})
    with pytest.raises(WeightsError, match="does not hold the weights it says"):
        read_weights(path)


def test_class_names_are_the_files_own(tmp_path: Path) -> None:
    config = small(caffe_voc())
    save_own(build_network(config), config, tmp_path / "net.keras")
    with pytest.raises(WeightsError, match="names its own classes: person, car"):
        read_weights(tmp_path / "net.keras", ("a", "b"))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(tmp_path: Path, value: float) -> None:
    """What is left of a training that ran away; whichever file it is in."""
    config = tf_coco(class_names=("cat",), alpha=0.1)
    network = build_network(config, folded=True)
    kernel, bias = network.get_layer("conv7").get_weights()
    kernel[0, 0, 3, 2] = value
    network.get_layer("conv7").set_weights([kernel, bias])
    save_own(network, config, tmp_path / "x.keras")
    with pytest.raises(WeightsError, match="layer conv7 holds what is no number"):
        read_weights(tmp_path / "x.keras")
