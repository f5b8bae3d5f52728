"""What one MobileNet-SSD differs in from another, as one checked value."""

import math
from dataclasses import dataclass, replace
from typing import Literal

Family = Literal["caffe-voc", "tf-coco", "keras-voc"]

INPUT_SIZE_WH = (300, 300)

VOC_CLASS_NAMES = (
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
)

# Source: the COCO 2017 annotations' `categories`: names in the order of their ids,
# which run from 1 to 90 with ten gaps.
COCO_CLASS_IDS_AND_NAMES = (
    (1, "person"),
    (2, "bicycle"),
    (3, "car"),
    (4, "motorcycle"),
    (5, "airplane"),
    (6, "bus"),
    (7, "train"),
    (8, "truck"),
    (9, "boat"),
    (10, "traffic light"),
    (11, "fire hydrant"),
    (13, "stop sign"),
    (14, "parking meter"),
    (15, "bench"),
    (16, "bird"),
    (17, "cat"),
    (18, "dog"),
    (19, "horse"),
    (20, "sheep"),
    (21, "cow"),
    (22, "elephant"),
    (23, "bear"),
    (24, "zebra"),
    (25, "giraffe"),
    (27, "backpack"),
    (28, "umbrella"),
    (31, "handbag"),
    (32, "tie"),
    (33, "suitcase"),
    (34, "frisbee"),
    (35, "skis"),
    (36, "snowboard"),
    (37, "sports ball"),
    (38, "kite"),
    (39, "baseball bat"),
    (40, "baseball glove"),
    (41, "skateboard"),
    (42, "surfboard"),
    (43, "tennis racket"),
    (44, "bottle"),
    (46, "wine glass"),
    (47, "cup"),
    (48, "fork"),
    (49, "knife"),
    (50, "spoon"),
    (51, "bowl"),
    (52, "banana"),
    (53, "apple"),
    (54, "sandwich"),
    (55, "orange"),
    (56, "broccoli"),
    (57, "carrot"),
    (58, "hot dog"),
    (59, "pizza"),
    (60, "donut"),
    (61, "cake"),
    (62, "chair"),
    (63, "couch"),
    (64, "potted plant"),
    (65, "bed"),
    (67, "dining table"),
    (70, "toilet"),
    (72, "tv"),
    (73, "laptop"),
    (74, "mouse"),
    (75, "remote"),
    (76, "keyboard"),
    (77, "cell phone"),
    (78, "microwave"),
    (79, "oven"),
    (80, "toaster"),
    (81, "sink"),
    (82, "refrigerator"),
    (84, "book"),
    (85, "clock"),
    (86, "vase"),
    (87, "scissors"),
    (88, "teddy bear"),
    (89, "hair drier"),
    (90, "toothbrush"),
)
COCO_CLASS_NAMES = tuple(name for _, name in COCO_CLASS_IDS_AND_NAMES)


@dataclass(frozen=True, slots=True)
class AnchorLayer:
    """The anchors on one detection layer.

    Attributes:
        feature: the layer whose output the heads look at.
        grid_size: cells along each side of that (square) output.
        sizes_and_ratios: one (size, aspect ratio) per anchor of a cell, in the
            order of the heads' channels. Size s in fractions of the image side
            and ratio r give width s*sqrt(r), height s/sqrt(r).
    """

    feature: str
    grid_size: int
    sizes_and_ratios: tuple[tuple[float, float], ...]

    @property
    def anchors_per_cell(self) -> int:
        """How many anchors share one cell's centre."""
        return len(self.sizes_and_ratios)


_FEATURES_AND_GRIDS = (
    ("conv11", 19),
    ("conv13", 10),
    ("conv14_2", 5),
    ("conv15_2", 3),
    ("conv16_2", 2),
    ("conv17_2", 1),
)


def _caffe_anchor_layers() -> tuple[AnchorLayer, ...]:
    """Min size, then 1' (between min and max size), then ratios with reciprocals.

    Source: `PriorBox` parameters in chuanqi305/MobileNet-SSD, deploy.prototxt;
    sizes in pixels of the 300 pixel input.
    """
    sizes_px = ((60, None), (105, 150), (150, 195), (195, 240), (240, 285), (285, 300))
    layers = []
    for (feature, grid_size), (min_px, max_px) in zip(
        _FEATURES_AND_GRIDS, sizes_px, strict=True
    ):
        size = min_px / 300
        boxes = [(size, 1.0)]
        if max_px is not None:
            boxes.append((math.sqrt(min_px * max_px) / 300, 1.0))
        boxes += [(size, 2.0), (size, 1 / 2)]
        if max_px is not None:
            boxes += [(size, 3.0), (size, 1 / 3)]
        layers.append(AnchorLayer(feature, grid_size, tuple(boxes)))
    return tuple(layers)


def _tf_anchor_layers() -> tuple[AnchorLayer, ...]:
    """Ratios 1, 2, 1/2, 3, 1/3, then 1' between this size and the next.

    The first layer has a small square instead: 0.1.

    Source: `create_ssd_anchors` of the TensorFlow Object Detection API's
    multiple_grid_anchor_generator, with reduce_boxes_in_lowest_layer.
    """
    sizes = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)
    layers = [
        AnchorLayer(*_FEATURES_AND_GRIDS[0], ((0.1, 1.0), (0.2, 2.0), (0.2, 1 / 2)))
    ]
    for k, (feature, grid_size) in enumerate(_FEATURES_AND_GRIDS[1:], start=1):
        size, next_size = sizes[k], sizes[k + 1]
        boxes = tuple((size, ratio) for ratio in (1.0, 2.0, 1 / 2, 3.0, 1 / 3))
        boxes += ((math.sqrt(size * next_size), 1.0),)
        layers.append(AnchorLayer(feature, grid_size, boxes))
    return tuple(layers)


@dataclass(frozen=True, slots=True, kw_only=True)
class SsdConfig:
    """One MobileNet-SSD 300: everything its graph depends on but the weights.

    Attributes:
        family: whose choices these are; weights only fit their own family.
        class_names: foreground classes; index is the class id.
        alpha: width multiplier of every layer but the heads.
        least_depth: no layer has fewer channels, whatever alpha says.
        color_order: channel order the first convolution expects. The built
            models always take BGR and reorder inside.
        input_scale: the first convolution sees `pixel * input_scale +
            input_offset` for a pixel in 0..255.
        input_offset: see input_scale; one for all channels, or one each in the
            order that the first convolution expects.
        padding: of 3x3 convolutions: "one" pixel on each side (Caffe), or
            TensorFlow's "same", which at stride 2 on even sizes pads only the
            bottom and the right.
        activation: after every convolution but the heads.
        neck_padding: as `padding`, from conv12 on; None: the same.
        neck_activation: as `activation`, from conv11 on; None: the same.
        separable_neck: conv12 and conv13 begin with a depthwise *and* a pointwise
            convolution under one batch norm (Keras' `SeparableConv2D`), where the
            others begin with a depthwise one.
        last_layer: how the 1 x 1 grid comes about: by the "convolution" pair
            conv17, or by "global-average-pooling" of conv16_2.
        batch_norm_epsilon: of the unfolded batch norms.
        score_function: "softmax" over background (first) and the classes, or an
            independent "sigmoid" per class.
        anchor_layers: the detection layers, in the order of the outputs' rows.
        clip_anchors: whether anchors are cut at the image's edge before coding.
        box_code_order: of the loc outputs' last axis: centre x, y, width, height,
            or y, x, height, width.
        variances: divide the codes of centre x, y, width and height.
    """

    family: Family
    class_names: tuple[str, ...]
    alpha: float
    color_order: Literal["BGR", "RGB"]
    input_scale: float
    input_offset: float | tuple[float, float, float]
    padding: Literal["one", "same"]
    activation: Literal["relu", "relu6"]
    batch_norm_epsilon: float
    score_function: Literal["softmax", "sigmoid"]
    anchor_layers: tuple[AnchorLayer, ...]
    clip_anchors: bool = False
    box_code_order: Literal["xywh", "yxhw"]
    variances: tuple[float, float, float, float] = (0.1, 0.1, 0.2, 0.2)
    neck_padding: Literal["one", "same"] | None = None
    neck_activation: Literal["relu", "relu6"] | None = None
    separable_neck: bool = False
    last_layer: Literal["convolution", "global-average-pooling"] = "convolution"
    least_depth: int = 16

    def __post_init__(self) -> None:
        if not self.class_names:
            raise ValueError("class_names must not be empty")
        if len(set(self.class_names)) != len(self.class_names):
            raise ValueError(f"class_names must differ, got {self.class_names}")
        if "background" in self.class_names:
            raise ValueError("class_names are foreground only, got 'background'")
        if not 0 < self.alpha <= 2:
            raise ValueError(f"alpha must be in (0, 2], got {self.alpha}")
        if not all(v > 0 for v in self.variances):
            raise ValueError(f"variances must be positive, got {self.variances}")
        for name, allowed in (
            ("family", ("caffe-voc", "tf-coco", "keras-voc")),
            ("color_order", ("BGR", "RGB")),
            ("padding", ("one", "same")),
            ("activation", ("relu", "relu6")),
            ("score_function", ("softmax", "sigmoid")),
            ("box_code_order", ("xywh", "yxhw")),
            ("neck_padding", ("one", "same", None)),
            ("neck_activation", ("relu", "relu6", None)),
            ("last_layer", ("convolution", "global-average-pooling")),
        ):
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(f"{name} must be one of {allowed}, got {value!r}")

    @property
    def anchor_count(self) -> int:
        """Rows of the outputs: 1917 in both families."""
        return sum(
            layer.grid_size**2 * layer.anchors_per_cell for layer in self.anchor_layers
        )

    @property
    def logit_count(self) -> int:
        """Class logits per anchor: softmax has one more, the background."""
        return len(self.class_names) + (self.score_function == "softmax")

    def depth(self, channels: int) -> int:
        """Channels of a layer that has `channels` at alpha 1.

        Never below 16: `min_depth` of TensorFlow's ssd_mobilenet_v1 configs.
        """
        return max(int(channels * self.alpha), self.least_depth)


def caffe_voc(
    *, class_names: tuple[str, ...] = VOC_CLASS_NAMES, alpha: float = 1.0
) -> SsdConfig:
    """The choices of chuanqi305/MobileNet-SSD, trained on VOC0712."""
    return SsdConfig(
        family="caffe-voc",
        class_names=class_names,
        alpha=alpha,
        color_order="BGR",
        input_scale=0.007843,
        input_offset=-127.5 * 0.007843,
        padding="one",
        activation="relu",
        batch_norm_epsilon=1e-5,
        score_function="softmax",
        anchor_layers=_caffe_anchor_layers(),
        box_code_order="xywh",
    )


def keras_voc(
    *, class_names: tuple[str, ...] = VOC_CLASS_NAMES, alpha: float = 1.0
) -> SsdConfig:
    """The choices of the article: tanakataiki/ssd_kerasV2, early 2018.

    Keras' own MobileNet (2.1.3 to 2.1.6: ReLU6, one pixel of padding) up to its
    eleventh depthwise convolution, then layers with ReLU and "same" padding. Its
    demo subtracts ImageNet's mean colour, blue first, and clips the anchors.

    Source: model/ssd300MobileNet.py at 52e0667, testing_utils/videotest.py,
    keras.applications.imagenet_utils.preprocess_input in its default mode.
    """
    return replace(
        caffe_voc(class_names=class_names, alpha=alpha),
        family="keras-voc",
        input_scale=1.0,
        input_offset=(-103.939, -116.779, -123.68),
        activation="relu6",
        neck_activation="relu",
        neck_padding="same",
        separable_neck=True,
        batch_norm_epsilon=1e-3,
        clip_anchors=True,
    )


def tf_coco(
    *, class_names: tuple[str, ...] = COCO_CLASS_NAMES, alpha: float = 1.0
) -> SsdConfig:
    """The choices of TensorFlow's ssd_mobilenet_v1, trained on COCO."""
    return SsdConfig(
        family="tf-coco",
        class_names=class_names,
        alpha=alpha,
        color_order="RGB",
        input_scale=1 / 127.5,
        input_offset=-1.0,
        padding="same",
        activation="relu6",
        batch_norm_epsilon=1e-3,
        score_function="sigmoid",
        anchor_layers=_tf_anchor_layers(),
        box_code_order="yxhw",
    )
