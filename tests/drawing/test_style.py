"""What stands on a box."""

import pytest

from app.drawing.style import PLAIN, label_text, shown_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("pottedplant", "potted plant"),  # VOC
        ("tvmonitor", "TV"),
        ("diningtable", "dining table"),
        ("aeroplane", "airplane"),
        ("motorbike", "motorbike"),
        ("tv", "TV"),  # COCO
        ("traffic light", "traffic light"),
        ("forklift_truck", "forklift truck"),  # of somebody's own
        ("PCB-defect.v2", "PCB-defect.v2"),
        ("_", "_"),
        ("", ""),
    ],
)
def test_a_class_is_called_as_people_write_it(name: str, shown: str) -> None:
    assert shown_name(name) == shown
    assert shown_name(shown) == shown  # once is enough


def test_a_label_has_that_name_the_track_and_the_score() -> None:
    assert label_text("pottedplant", 0.871, PLAIN, 3) == "potted plant 3 0.87"
