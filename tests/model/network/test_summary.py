"""What model.network.summary promises, and the article's claim about costs."""

import pytest

from model.network.config import caffe_voc
from model.network.network import build_network
from model.network.summary import is_backbone, summarize, total
from model.network.vgg import build_vgg16_ssd300


def test_layers_cost_what_they_cost_by_hand() -> None:
    """conv0: 150 * 150 outputs of 32 channels, each 3 * 3 * 3 products.

    conv1/dw: 3 * 3 products each; conv1: 32. Parameters: kernel and 4 a channel.
    """
    costs = {cost.name: cost for cost in summarize(build_network(caffe_voc()))}
    conv0, depthwise, conv1 = costs["conv0"], costs["conv1_dw"], costs["conv1"]
    assert conv0.output_shape == (150, 150, 32)
    assert conv0.multiply_adds == 150 * 150 * 32 * 27
    assert conv0.parameters == 27 * 32 + 4 * 32
    assert depthwise.multiply_adds == 150 * 150 * 32 * 9
    assert depthwise.parameters == 9 * 32 + 4 * 32
    assert conv1.multiply_adds == 150 * 150 * 64 * 32
    assert conv1.activation_bytes == 4 * 150 * 150 * 64
    head = costs["conv11_mbox_loc"]
    assert head.parameters == 512 * 12 + 12


def test_the_sums_are_the_published_ones() -> None:
    """MobileNet-SSD 5.8 M parameters and 1.14 G; VGG16-SSD300 about 31 G."""
    network = build_network(caffe_voc())
    mobilenet = total(summarize(network))
    assert mobilenet["parameters"] == network.count_params()
    assert mobilenet["parameters"] == pytest.approx(5.8e6, rel=0.01)
    assert mobilenet["multiply_adds"] == pytest.approx(1.14e9, rel=0.02)
    vgg_network = build_vgg16_ssd300()
    vgg = total(summarize(vgg_network))
    assert vgg["parameters"] == vgg_network.count_params()
    # 26.3 M with 20 classes; 31.4 G multiply-adds: e.g. ssd.pytorch's tables.
    assert vgg["parameters"] == pytest.approx(26.3e6, rel=0.01)
    assert vgg["multiply_adds"] == pytest.approx(31.4e9, rel=0.02)


def test_vgg_has_the_papers_8732_anchors() -> None:
    network = build_vgg16_ssd300()
    assert network.output["loc"].shape == (None, 8732, 4)
    assert network.output["logits"].shape == (None, 8732, 21)


def test_the_backbone_ends_where_the_paper_ends_it() -> None:
    names = [cost.name for cost in summarize(build_network(caffe_voc()))]
    assert [n for n in names if is_backbone(n)][-1] == "conv13"
    assert not is_backbone("conv14_1")
    assert not is_backbone("conv11_mbox_loc")
    assert is_backbone("conv4_3")
    assert is_backbone("fc7")
    assert not is_backbone("conv6_2")
