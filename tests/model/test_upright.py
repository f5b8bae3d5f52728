"""What model.upright promises, on pictures that Pillow turned."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.dataset import read_dataset
from model.errors import DatasetError
from model.upright import (
    Finds,
    Labels,
    Option,
    agreement,
    choose,
    find_tilt,
    mend_labels,
    quarter_turned,
    show_upright,
    symmetries,
    unseen_ends,
    upright,
)

WIDTH, HEIGHT = 200, 140
# Off the centre both ways, and inside whatever a turn leaves.
BIRD = (110.0, 40.0, 140.0, 60.0)


def scene() -> NDArray[np.uint8]:
    """A light picture with a red bird, orange above."""
    image = np.full((HEIGHT, WIDTH, 3), (200, 190, 150), np.uint8)
    image[::7] = (90, 120, 160)
    x1, y1, x2, y2 = (int(v) for v in BIRD)
    image[y1:y2, x1:x2] = (20, 20, 230)
    image[y1 : y1 + 8, x1:x2] = (20, 100, 230)
    return image


def tilted(image: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Counter-clockwise on its own canvas, by Pillow."""
    turned = Image.fromarray(image).rotate(degrees, Image.Resampling.BILINEAR)
    return np.asarray(turned, np.uint8)


def labels(*boxes: tuple[float, ...], name: str = "bird") -> Labels:
    return Labels(
        np.array(boxes, float).reshape(-1, 4),
        (name,) * len(boxes),
        np.array([0, 0, WIDTH, HEIGHT], float),
    )


def finds(*boxes: tuple[float, ...], score: float = 0.9, name: str = "bird") -> Finds:
    count = len(boxes)
    return Finds(
        np.array(boxes, float).reshape(-1, 4), np.full(count, score), (name,) * count
    )


class RedTeacher:
    """Finds birds that are red, and orange above."""

    class_names = ("cat", "bird")

    def find(
        self, image_bgr: NDArray[np.uint8], *, least_score: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        blue, _, red = (image_bgr[..., k].astype(int) for k in range(3))
        rows, columns = np.nonzero(red - blue > 120)
        is_orange = image_bgr[rows, columns, 1] > 60
        if not len(rows) or rows[is_orange].mean() > rows.mean():
            return np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64)
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return np.array([box], float), np.array([0.9]), np.array([1])


@pytest.mark.parametrize("degrees", [4.0, 33.5, 90.0, 121.0, 160.25])
def test_black_corners_tell_the_angle_up_to_half_a_turn(degrees: float) -> None:
    for turned in (degrees, degrees + 180):
        found = find_tilt(tilted(scene(), turned))
        assert found is not None
        # A pixel at the rim of 120 is half a degree.
        assert found == pytest.approx(degrees, abs=0.6)


def test_an_upright_picture_has_no_tilt() -> None:
    assert find_tilt(scene()) is None


def test_quarter_turns_by_hand() -> None:
    # Centre (100, 70): (110, 40, 140, 60) is (10, -30, 40, -10) from it; a turn takes
    # (x, y) to (y, -x): (-30, -40, -10, -10), on the canvas (70, 30, 90, 60).
    box = np.array([BIRD])
    turned = quarter_turned(box, 1, (WIDTH, HEIGHT))
    np.testing.assert_allclose(turned, [[70, 30, 90, 60]])
    np.testing.assert_allclose(quarter_turned(turned, 3, (WIDTH, HEIGHT)), box)


def test_boxes_turn_as_pillow_turns_pictures() -> None:
    boxes, _, _ = RedTeacher().find(tilted(scene(), 90), least_score=0.1)
    expected = quarter_turned(np.array([BIRD]), 1, (WIDTH, HEIGHT))
    np.testing.assert_allclose(boxes, expected, atol=1)


def test_the_eight_symmetries_and_what_they_leave_in_sight() -> None:
    found = symmetries(labels(BIRD), (WIDTH, HEIGHT))
    assert len({tuple(each.boxes_xyxy[0]) for each in found}) == 8
    np.testing.assert_allclose(found[0].boxes_xyxy, [BIRD])
    np.testing.assert_allclose(found[4].boxes_xyxy, [[60, 40, 90, 60]])  # mirrored
    np.testing.assert_allclose(found[0].seen_xyxy, [0, 0, 200, 140])
    # Turned by a quarter, 200 x 140 shows 140 x 200 of which 140 x 140 stay.
    np.testing.assert_allclose(found[1].seen_xyxy, [30, 0, 170, 140])
    assert unseen_ends(found[0], (WIDTH, HEIGHT)) == []
    assert unseen_ends(found[1], (WIDTH, HEIGHT)) == [
        [0, 0, 30, 140],
        [170, 0, 200, 140],
    ]


def test_agreement_by_hand() -> None:
    # IoU of (0, 0, 10, 10) and (0, 0, 10, 8) is 0.8: (0.8 - 0.3) * 0.9.
    label, find = (0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 10.0, 8.0)
    assert agreement(labels(label), finds(find)) == pytest.approx(0.45)
    assert agreement(labels(label), finds(find, name="cat")) == 0
    assert agreement(labels(label), finds()) == 0
    assert agreement(labels(), finds(find)) == 0


def find_only(degrees: float, *boxes: tuple[float, ...]) -> Callable[[float], Finds]:
    return lambda angle: finds(*boxes) if angle == degrees else finds()


def test_labels_choose_the_turn_and_the_symmetry() -> None:
    mirrored = (60.0, 40.0, 90.0, 60.0)
    option = choose([30, 210], labels(BIRD), (WIDTH, HEIGHT), find_only(210, mirrored))
    assert option is not None
    assert option.degrees == 210
    np.testing.assert_allclose(option.labels.boxes_xyxy, [mirrored])


def test_what_stands_is_left_standing() -> None:
    option = choose([2, 182], labels(BIRD), (WIDTH, HEIGHT), find_only(0, BIRD))
    assert option is not None
    assert option.degrees == 0


def test_nothing_found_decides_nothing() -> None:
    size = (WIDTH, HEIGHT)
    assert choose([30, 210], labels(BIRD), size, find_only(7)) is None


def test_two_places_that_fit_as_well_decide_nothing() -> None:
    mirrored = (60.0, 40.0, 90.0, 60.0)
    find = find_only(30, BIRD, mirrored)
    assert choose([30, 210], labels(BIRD), (WIDTH, HEIGHT), find) is None


def test_what_a_turn_took_away_is_gray() -> None:
    picture, left = show_upright(tilted(scene(), 30), 30)
    assert left[70, 100] == 1
    # The canvas of 200 x 140 turned by 30 degrees ends before its own corners.
    assert left[0, 0] == left[0, -1] == left[-1, 0] == left[-1, -1] == 0
    assert picture[0, 0].tolist() == [128, 128, 128]
    boxes, _, _ = RedTeacher().find(picture, least_score=0.1)
    np.testing.assert_allclose(boxes, [BIRD], atol=2)


def test_labels_of_what_is_gone_go_too() -> None:
    left = np.ones((HEIGHT, WIDTH), np.float32)
    left[:, :100] = 0
    whole, half, gone = (120, 10, 160, 60), (80, 20, 120, 60), (10, 20, 40, 60)
    option = Option(30, labels(whole, half, gone), finds(), 1.0)
    mended = mend_labels(option, left)
    # Of (80, 20, 120, 60) what lies from 100 on is left: half of it, to be ignored.
    np.testing.assert_allclose(mended.boxes_xyxy, [whole, (100, 20, 120, 60)])
    assert mended.is_ignored.tolist() == [False, True]


def test_a_label_that_its_canvas_cut_is_completed_by_a_find() -> None:
    left = np.ones((HEIGHT, WIDTH), np.float32)
    cut, found = (130.0, 20.0, 170.0, 60.0), (132.0, 22.0, 190.0, 58.0)
    seen = Labels(np.array([cut]), ("bird",), np.array([30.0, 0, 170, 140]))
    completed = mend_labels(Option(30, seen, finds(found), 1.0), left)
    np.testing.assert_allclose(completed.boxes_xyxy, [[130, 20, 190, 60]])
    assert completed.is_ignored.tolist() == [False]
    alone = mend_labels(Option(30, seen, finds(), 1.0), left)
    assert alone.is_ignored.tolist() == [True]


def write_dataset(folder: Path) -> None:
    """Upright; turned by 210 degrees under mirrored labels; turned, no labels."""
    (folder / "images").mkdir(parents=True)
    for name, degrees in (("a", 0), ("b", 210), ("c", 50)):
        cv2.imwrite(str(folder / "images" / f"{name}.png"), tilted(scene(), degrees))
    common = {"width": WIDTH, "height": HEIGHT}
    instances = {
        "categories": [{"id": 3, "name": "bird"}],
        "images": [
            {"id": number, "file_name": f"{name}.png", **common}
            for number, name in enumerate("abc", start=7)
        ],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 3, "bbox": [110, 40, 30, 20]},
            {"id": 2, "image_id": 8, "category_id": 3, "bbox": [60, 40, 30, 20]},
        ],
    }
    (folder / "instances.json").write_text(json.dumps(instances))


def test_a_dataset_is_put_right(tmp_path: Path) -> None:
    write_dataset(tmp_path / "in")
    outcome = upright(RedTeacher(), tmp_path / "in", tmp_path / "out")
    assert (outcome.untouched, outcome.mended, outcome.left_out) == (1, 1, 1)
    first, second = read_dataset([tmp_path / "out"]).photos
    assert first.path.read_bytes() == (tmp_path / "in/images/a.png").read_bytes()
    np.testing.assert_allclose(second.boxes_xyxy[~second.is_ignored], [BIRD])
    image = cv2.imread(str(second.path))
    assert image is not None
    boxes, _, _ = RedTeacher().find(np.asarray(image, np.uint8), least_score=0.1)
    np.testing.assert_allclose(boxes, [BIRD], atol=2)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    write_dataset(tmp_path / "in")
    with pytest.raises(DatasetError, match="is there already"):
        upright(RedTeacher(), tmp_path / "in", tmp_path / "in")
