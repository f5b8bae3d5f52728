"""What training.start, .stream and .train promise, on small pictures."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partialmethod
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from model.dataset.photo import Dataset
from model.dataset.read import read_dataset
from model.errors import BuildError, DatasetError
from model.network.config import SsdConfig, caffe_voc, keras_voc, tf_coco
from model.network.network import build_detector, build_network, fold_batch_norms
from model.training.augment import Augmentation
from model.training.kept import KeptStream, split_network
from model.training.start import (
    copy_backbone,
    from_imagenet,
    from_scratch,
    from_weights,
)
from model.training.stream import TrainingStream
from model.training.train import Recipe, train
from model.weights.own import load_own, read_own, save_own
from model.weights.values import Weights
from tests.model.network.test_network import randomize
from tests.model.shapes import write_shapes

pytestmark = pytest.mark.timeout(300)

SMALL = caffe_voc(class_names=("disc", "square"), alpha=0.1)


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return read_dataset([write_shapes(tmp_path_factory.mktemp("shapes") / "set", 8)])


# --- where to start -------------------------------------------------------------


@pytest.mark.parametrize("make", [tf_coco, caffe_voc], ids=["sigmoid", "softmax"])
def test_shared_classes_answer_as_before_and_new_ones_rarely(
    make: Callable[..., SsdConfig],
) -> None:
    old = make(class_names=("dog", "tv", "cat"), alpha=0.1)
    network = fold_batch_norms(build_network(old), old)
    layers = {x.name: tuple(x.get_weights()) for x in network.layers if x.weights}
    names = ("tvmonitor", "kite", "Dog")  # COCO's word, a new one, a capital
    begun, new = from_weights(Weights(old, layers, "old"), names)
    assert new.class_names == names
    pixels = np.random.default_rng(0).uniform(0, 255, (1, 300, 300, 3))
    before = np.asarray(network(pixels)["logits"])
    after = begun(pixels)
    skip = old.logit_count - 3  # softmax has the background in front
    np.testing.assert_allclose(
        np.asarray(after["logits"])[..., [skip, skip + 2]],
        before[..., [skip + 1, skip]],
        atol=1e-5,
    )
    np.testing.assert_allclose(
        np.asarray(after["loc"]), np.asarray(network(pixels)["loc"]), atol=1e-5
    )
    kite = np.asarray(after["logits"])[..., skip + 1]
    assert 1 / (1 + np.exp(-kite.max())) < 0.02 or skip


def test_from_scratch_everything_is_rare() -> None:
    network = from_scratch(replace(SMALL, score_function="sigmoid"))
    pixels = np.random.default_rng(0).uniform(0, 255, (1, 300, 300, 3))
    scores = 1 / (1 + np.exp(-np.asarray(network(pixels)["logits"])))
    assert 0.001 < scores.mean() < 0.05


def mobilenet(alpha: float, side: int = 300) -> keras.Model:
    """Keras' own, with weights and statistics that nothing can be mixed up with."""
    theirs = keras.applications.MobileNet(
        input_shape=(side, side, 3), alpha=alpha, include_top=False, weights=None
    )
    return randomize(theirs)


@pytest.mark.parametrize("alpha", [0.25, 0.5])
@pytest.mark.parametrize(
    "make", [tf_coco, caffe_voc, keras_voc], ids=["tf", "caffe", "keras"]
)
def test_keras_own_mobilenet_gives_its_weights_to_every_family(
    make: Callable[..., SsdConfig], alpha: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first convolution sees the same, whatever the family makes of a pixel.

    But at the edges, where some pad with what their scaling turns into zero, and on
    the first row and column: at stride 2 "same" begins one pixel later.
    """
    theirs = mobilenet(alpha)
    monkeypatch.setattr(keras.applications, "MobileNet", lambda **_: theirs)  # offline
    config = make(class_names=("cat",), alpha=alpha)
    ours, used = from_imagenet(config)
    assert used.depth(32) == 32 * alpha
    assert build_network(used).output_shape == ours.output_shape
    features = keras.Model(ours.input, ours.get_layer("conv0_bn").output)
    theirs_0 = keras.Model(theirs.input, theirs.get_layer("conv1_bn").output)
    bgr = np.random.default_rng(0).uniform(0, 255, (1, 300, 300, 3)).astype(np.float32)
    shifted = bgr if config.padding == "same" else np.roll(bgr, -1, axis=(1, 2))
    expected = np.asarray(theirs_0(shifted[..., ::-1] / 127.5 - 1))[0, 2:-2, 2:-2]
    found = np.asarray(features(bgr))[0]
    found = found[2:-2, 2:-2] if config.padding == "same" else found[3:-1, 3:-1]
    assert np.ptp(expected) > 1
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_keras_own_mobilenet_is_ours_up_to_block_3() -> None:
    """The same function; where sides are odd, theirs pads otherwise."""
    config = tf_coco(class_names=("cat",), alpha=0.5)
    theirs, ours = mobilenet(0.5), from_scratch(config)
    copy_backbone(theirs, ours, config)
    features = keras.Model(ours.input, ours.get_layer("conv3_relu6").output)
    theirs_3 = keras.Model(theirs.input, theirs.get_layer("conv_pw_3_relu").output)
    bgr = np.random.default_rng(0).uniform(0, 255, (1, 300, 300, 3)).astype(np.float32)
    expected = theirs_3(bgr[..., ::-1] / 127.5 - 1)
    np.testing.assert_allclose(
        np.asarray(features(bgr)), np.asarray(expected), rtol=1e-3, atol=1e-5
    )
    for name, twin in (("conv_dw_13", "conv13_dw"), ("conv_pw_13_bn", "conv13_bn")):
        one, other = theirs.get_layer(name), ours.get_layer(twin)
        np.testing.assert_array_equal(one.get_weights()[0], other.get_weights()[0])


# --- batches ---------------------------------------------------------------------


def test_a_round_holds_every_photo_once_and_rounds_differ(shapes: Dataset) -> None:
    never = Augmentation(photometric=0, expand=0, crop=0, flip=0)
    stream = TrainingStream(shapes, SMALL, never, seed=1)
    rounds = [
        [stream.example(number).image_bgr.tobytes() for number in range(k, k + 8)]
        for k in (0, 8)
    ]
    assert len(set(rounds[0])) == 8
    assert set(rounds[0]) == set(rounds[1])
    assert rounds[0] != rounds[1]


def test_a_batch_depends_on_the_seed_and_its_number_only(shapes: Dataset) -> None:
    def batch(seed: int, first: int, skip: int) -> tuple[bytes, bytes]:
        stream = TrainingStream(shapes, SMALL, Augmentation(mosaic=0.5), seed=seed)
        batches = iter(stream.batches(4, first_step=first))
        for _ in range(skip):
            next(batches)
        images, targets = next(batches)
        assert images.shape == (4, 300, 300, 3)
        assert targets["loc"].shape == (4, 1917, 5)
        assert targets["logits"].shape == (4, 1917, 4)
        return images.numpy().tobytes(), targets["logits"].numpy().tobytes()

    assert batch(1, 0, 3) == batch(1, 3, 0)
    assert batch(1, 0, 3) != batch(2, 0, 3)


def test_a_broken_photo_is_named(tmp_path: Path) -> None:
    folder = write_shapes(tmp_path / "set", 1)
    (folder / "images" / "0.png").write_text("no picture")
    stream = TrainingStream(read_dataset([folder]), SMALL, Augmentation(), seed=0)
    with pytest.raises(DatasetError, match=r"0\.png cannot be read"):
        stream.example(0)


# --- training --------------------------------------------------------------------


class StoppedError(Exception):
    pass


@pytest.fixture
def _untraced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras runs each step as it stands: tracing one takes 30 s, two steps take 4.

    The traced training is tests/model/cli/test_train_command.py's.
    """
    compile_ = keras.Model.compile
    monkeypatch.setattr(
        keras.Model, "compile", partialmethod(compile_, run_eagerly=True)
    )


untraced = pytest.mark.usefixtures("_untraced")


@untraced
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(
    shapes: Dataset, tmp_path: Path
) -> None:
    recipe = Recipe(
        epochs=2,
        steps_per_epoch=2,
        batch_size=2,
        learning_rate=1e-3,
        ema_momentum=0.5,  # forgetting what was averaged shows
        frozen_blocks=10,  # the others are enough, and half the time
    )

    def begin() -> keras.Model:
        keras.utils.set_random_seed(7)
        return from_scratch(SMALL)

    def stop(epoch: int, _: keras.Model) -> None:
        if epoch == 2:  # before the state of this epoch is kept
            raise StoppedError

    straight = train(begin(), SMALL, shapes, recipe, tmp_path / "a")
    with pytest.raises(StoppedError):
        train(begin(), SMALL, shapes, recipe, tmp_path / "b", on_epoch=stop)
    # Another start must not matter: all comes from the folder.
    keras.utils.set_random_seed(8)
    resumed = train(from_scratch(SMALL), SMALL, shapes, recipe, tmp_path / "b")
    keys = ("loss", "loc_loss", "logits_loss")
    assert len(resumed) == 2
    for one, other in zip(straight, resumed, strict=True):
        assert [other[k] for k in keys] == pytest.approx(
            [one[k] for k in keys], rel=1e-4
        )
    for name in ("best.keras", "last.keras"):
        kept, twins = (read_own(tmp_path / run / name).layers for run in "ab")
        for layer, arrays in kept.items():
            for array, twin in zip(arrays, twins[layer], strict=True):
                np.testing.assert_allclose(array, twin, rtol=1e-2, atol=1e-3)
    # Weights alone, without what the optimizer keeps of each.
    with zipfile.ZipFile(tmp_path / "a" / "best.keras") as archive:
        weights = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights) as file:
        assert list(file) == ["layers", "vars"]
    lines = (tmp_path / "b" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2]


@untraced
def test_the_best_by_validation_is_kept(shapes: Dataset, tmp_path: Path) -> None:
    recipe = Recipe(
        epochs=3,
        steps_per_epoch=2,
        batch_size=2,
        warmup_epochs=1.0,
        validate_every=2,
        frozen_blocks=10,  # half the time
    )
    scores, seen = iter([0.9, 0.4]), []
    rates: list[float] = []

    def validate(network: keras.Model) -> tuple[float, dict[str, float]]:
        seen.append(network.get_layer("conv12").get_weights()[0])
        return next(scores), {"ap": 0.0}

    history = train(
        from_scratch(SMALL),
        SMALL,
        shapes,
        recipe,
        tmp_path / "run",
        validate=validate,
        on_epoch=lambda _, it: rates.append(float(it.optimizer.learning_rate)),
    )
    # Every second one, and the last.
    assert [row.get("score") for row in history] == [None, 0.9, 0.4]
    best, _ = load_own(tmp_path / "run" / "best.keras")
    np.testing.assert_array_equal(best.get_layer("conv12").get_weights()[0], seen[0])
    # Up in one epoch, then down a cosine in two, to a hundredth.
    assert rates == pytest.approx([1e-3, 5.05e-4, 1e-5], rel=1e-3)


@untraced
def test_frozen_blocks_stay_and_others_learn(shapes: Dataset, tmp_path: Path) -> None:
    recipe = Recipe(epochs=1, steps_per_epoch=2, batch_size=2, frozen_blocks=3)
    network = from_scratch(SMALL)
    names = ("conv0", "conv3_dw", "conv3", "conv4")
    before = {name: network.get_layer(name).get_weights()[0] for name in names}
    train(network, SMALL, shapes, recipe, tmp_path / "run")
    changed = {
        name: not np.array_equal(network.get_layer(name).get_weights()[0], kernel)
        for name, kernel in before.items()
    }
    assert changed == {"conv0": False, "conv3_dw": False, "conv3": False, "conv4": True}


@untraced
def test_what_the_frozen_part_said_is_kept_and_the_rest_learns_from_it(
    shapes: Dataset, tmp_path: Path
) -> None:
    config = tf_coco(class_names=("disc", "square"), alpha=0.1)
    network = from_scratch(config)
    for layer in network.layers:  # from scratch, it answers every picture alike
        if isinstance(layer, keras.layers.DepthwiseConv2D | keras.layers.Conv2D):
            kernel, *others = layer.get_weights()
            inputs = kernel.size / max(kernel.shape[2:])
            layer.set_weights([kernel * 2 / (kernel.std() * inputs**0.5), *others])
    before = {x.name: [a.copy() for a in x.get_weights()] for x in network.layers}
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 300, 300, 3))
    trunk, rest = split_network(network, config, 5)
    whole, parts = network(pixels), rest(trunk(pixels))
    for name in ("loc", "logits"):
        np.testing.assert_allclose(parts[name], whole[name], atol=1e-6)

    recipe = Recipe(
        epochs=2,
        steps_per_epoch=2,
        batch_size=3,
        loss="focal",
        frozen_blocks=5,
        kept_copies=2,
        hold=0.5,
    )
    train(network, config, shapes, recipe, tmp_path / "run")
    changed = {
        layer.name
        for layer in network.layers
        for one, other in zip(layer.get_weights(), before[layer.name], strict=True)
        if not np.array_equal(one, other)
    }
    assert "conv6" in changed
    assert not {
        n for n in changed if n.startswith(tuple(f"conv{k}_" for k in "012345"))
    }
    # The file holds the whole network, and a run that is done goes on with nothing.
    last, _ = load_own(tmp_path / "run" / "last.keras")
    np.testing.assert_array_equal(
        last.get_layer("conv3").get_weights()[0], before["conv3"][0]
    )

    # Each picture of two rounds once, as the stream makes them, and asked only once.
    stream = TrainingStream(shapes, config, recipe.augmentation, seed=recipe.seed)
    folder = tmp_path / "run" / "kept"
    kept = KeptStream(stream, trunk, rest, folder, copies=2, seed=recipe.seed)
    count = 2 * len(stream)
    features, loc, wanted = kept.batch(0, count)
    mine = [stream.item(number) for number in range(count)]
    order = [int(np.abs(loc - item[1]).sum(axis=(1, 2)).argmin()) for item in mine]
    assert sorted(order) == list(range(count))
    for item, place in zip(mine, order, strict=True):
        np.testing.assert_allclose(wanted[place, :, :4], item[2], atol=1 / 255)
        answer = trunk(item[0][np.newaxis].astype(np.float32))[0]
        np.testing.assert_allclose(features[place], answer, atol=6 / 255)
    assert features.std(axis=0).max() > 0.1
    assert not np.array_equal(kept.batch(1, count)[0], features)


def test_kept_copies_need_a_frozen_part_before_the_first_head() -> None:
    config = tf_coco(class_names=("disc", "square"), alpha=0.1)
    with pytest.raises(BuildError, match="1 to 10 frozen blocks"):
        split_network(build_network(config), config, 11)
    with pytest.raises(BuildError, match="with relu6"):
        split_network(build_network(SMALL), SMALL, 5)
    with pytest.raises(ValueError, match="kept copies only"):
        Recipe(hold=0.5)


@untraced
def test_all_parts_of_the_articles_neck_can_be_frozen(
    shapes: Dataset, tmp_path: Path
) -> None:
    config = keras_voc(class_names=("disc", "square"), alpha=0.1)
    network = from_scratch(config)
    before = {x.name: [a.copy() for a in x.get_weights()] for x in network.layers}
    recipe = Recipe(epochs=1, steps_per_epoch=2, batch_size=2, frozen_blocks=13)
    train(network, config, shapes, recipe, tmp_path / "run")
    changed = {
        layer.name
        for layer in network.layers
        for one, other in zip(layer.get_weights(), before[layer.name], strict=True)
        if not np.array_equal(one, other)
    }
    frozen = {n for n in before if n.split("_")[0] in {f"conv{k}" for k in range(14)}}
    assert not {n for n in changed & frozen if "mbox" not in n}
    assert "conv14_1" in changed


@untraced
def test_half_precision_trains_and_keeps_its_averages(
    shapes: Dataset, tmp_path: Path
) -> None:
    """Its optimizer is wrapped, to scale the loss: the averages are the inner one's."""
    keras.config.set_dtype_policy("mixed_float16")
    try:
        recipe = Recipe(epochs=1, steps_per_epoch=2, batch_size=2)
        train(from_scratch(SMALL), SMALL, shapes, recipe, tmp_path / "run")
        longer = replace(recipe, epochs=2)
        history = train(from_scratch(SMALL), SMALL, shapes, longer, tmp_path / "run")
        detector = build_detector(from_scratch(SMALL), SMALL)
        assert {k: v.dtype for k, v in detector.output.items()} == {
            "boxes": "float32",
            "scores": "float32",
        }
    finally:
        keras.config.set_dtype_policy("float32")
    assert len(history) == 2
    assert np.isfinite(history[-1]["loss"])
    layers = read_own(tmp_path / "run" / "best.keras").layers
    assert all(np.isfinite(a).all() for arrays in layers.values() for a in arrays)


@untraced
def test_the_statistics_of_batch_norms_are_averaged_and_mixed_as_the_weights_are(
    shapes: Dataset, tmp_path: Path
) -> None:
    """Kept whole, the start answers exactly as before, batch norms and all."""
    network = from_scratch(SMALL)
    pixels = np.random.default_rng(0).uniform(0, 255, (1, 300, 300, 3))
    before = np.asarray(network(pixels)["logits"])
    recipe = Recipe(
        epochs=1,
        steps_per_epoch=3,
        batch_size=2,
        learning_rate=1e-2,
        warmup_epochs=0.1,
        keep_start=1.0,
    )
    train(network, SMALL, shapes, recipe, tmp_path / "run")
    kept, _ = load_own(tmp_path / "run" / "best.keras")
    np.testing.assert_allclose(np.asarray(kept(pixels)["logits"]), before, atol=1e-4)
    learned = network.get_layer("conv0_bn").get_weights()[2]
    assert np.abs(learned - kept.get_layer("conv0_bn").get_weights()[2]).max() > 1e-3


@untraced
def test_the_run_of_another_network_is_said(shapes: Dataset, tmp_path: Path) -> None:
    recipe = Recipe(epochs=1, steps_per_epoch=1, batch_size=2)
    train(from_scratch(SMALL), SMALL, shapes, recipe, tmp_path / "run")
    other = replace(SMALL, alpha=0.2)
    with pytest.raises(BuildError, match="damaged, or of another network"):
        train(from_scratch(other), other, shapes, recipe, tmp_path / "run")


def test_a_trained_network_can_be_saved_and_read(tmp_path: Path) -> None:
    network = from_scratch(SMALL)
    save_own(network, SMALL, tmp_path / "x.keras")
    assert read_own(tmp_path / "x.keras").config == SMALL


@untraced
@pytest.mark.parametrize("share", [0.5, 1.0])
def test_the_start_can_keep_a_share(
    shapes: Dataset, tmp_path: Path, share: float
) -> None:
    network = from_scratch(SMALL)
    begun = network.get_layer("conv4").get_weights()[0]
    recipe = Recipe(
        epochs=1,
        steps_per_epoch=4,
        batch_size=2,
        learning_rate=1e-2,
        warmup_epochs=0.25,
        keep_start=share,
        ema_momentum=0.5,
    )
    train(network, SMALL, shapes, recipe, tmp_path / "run")
    kept, _ = load_own(tmp_path / "run" / "best.keras")
    moved = np.abs(kept.get_layer("conv4").get_weights()[0] - begun).max()
    learned = np.abs(network.get_layer("conv4").get_weights()[0] - begun).max()
    # What `fit` leaves in the network is the average without the start.
    assert learned > 1e-3
    assert moved == pytest.approx((1 - share) * learned, rel=0.1, abs=1e-6)
