"""What model.network.config promises."""

from dataclasses import replace

import pytest

from model.network.config import COCO_CLASS_NAMES, VOC_CLASS_NAMES, caffe_voc, tf_coco


def test_the_vocabularies_are_the_datasets() -> None:
    assert len(VOC_CLASS_NAMES) == 20
    assert len(COCO_CLASS_NAMES) == 80
    assert VOC_CLASS_NAMES[14] == COCO_CLASS_NAMES[0] == "person"


def test_softmax_has_a_background_and_sigmoid_has_none() -> None:
    assert caffe_voc().logit_count == 21
    assert tf_coco().logit_count == 80


def test_widths_follow_alpha_but_never_fall_below_16() -> None:
    assert tf_coco(alpha=0.75).depth(1024) == 768
    assert tf_coco(alpha=0.1).depth(32) == 16


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"class_names": ()}, "class_names must not be empty"),
        ({"class_names": ("a", "a")}, "class_names must differ"),
        ({"class_names": ("background", "a")}, "foreground only"),
        ({"alpha": 0.0}, "alpha must be in"),
        ({"activation": "tanh"}, "activation must be one of"),
        ({"padding": "two"}, "padding must be one of"),
        ({"variances": (0.1, 0.1, 0.2, 0.0)}, "variances must be positive"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(caffe_voc(), **change)  # type: ignore[arg-type] # the point of the test
