"""What looking closer promises: nothing twice, nothing cut, nothing left out."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detection.formats.layout import Candidates
from app.detection.looks import LONGEST, Look, looks_at, merged
from app.detection.onnx_detector import OnnxDetector
from app.settings import Settings
from tests.detection.conftest import MakeModel

INPUT = (300, 300)


def test_one_look_is_the_whole_picture() -> None:
    assert looks_at((1280, 720), 1) == [Look(0, 0, 1280, 720)]


def test_tiles_of_a_4_by_3_picture() -> None:
    """Two tiles of 0.6: 0 to 240 and 160 to 400; 0 to 180 and 120 to 300."""
    assert looks_at((400, 300), 2) == [
        Look(0, 0, 400, 300),
        Look(0, 0, 240, 180),
        Look(160, 0, 400, 180),
        Look(0, 120, 240, 300),
        Look(160, 120, 400, 300),
    ]


@pytest.mark.parametrize(
    ("size_wh", "detail", "columns", "rows"),
    [
        ((1280, 720), 2, 3, 2),  # 549 x 432; 768 x 432 would be 1.8 to 1
        ((720, 1280), 2, 2, 3),
        ((1280, 720), 3, 4, 3),
        ((400, 300), 3, 3, 3),
        ((300, 300), 2, 2, 2),
        ((480, 100), 2, 8, 2),
    ],
)
def test_a_picture_gets_tiles_that_suit_its_shape(
    size_wh: tuple[int, int], detail: int, columns: int, rows: int
) -> None:
    tiles = looks_at(size_wh, detail)[1:]
    assert len(tiles) == columns * rows
    assert len({tile.left for tile in tiles}) == columns
    assert len({tile.size_wh for tile in tiles}) == 1
    sides = sorted(tiles[0].size_wh)
    assert sides[1] <= LONGEST * sides[0] * 1.02  # rounding


def test_a_strip_does_not_cost_without_end() -> None:
    assert len(looks_at((9000, 100), 2)) == 1 + 8 * 2


@given(
    width=st.integers(40, 4000), height=st.integers(40, 4000), detail=st.integers(2, 3)
)
def test_tiles_cover_the_picture_and_what_is_small_is_whole_in_one(
    width: int, height: int, detail: int
) -> None:
    tiles = looks_at((width, height), detail)[1:]
    for low, high, length in (("left", "right", width), ("top", "bottom", height)):
        spans = sorted({(getattr(t, low), getattr(t, high)) for t in tiles})
        assert spans[0][0] == 0
        assert spans[-1][1] == length
        side = spans[0][1]
        for (_, end), (start, _) in pairwise(spans):
            assert end - start >= side / 3 - 2  # a third, but for rounding


def candidates(*boxes: list[float]) -> Candidates:
    count = len(boxes)
    return Candidates(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.linspace(0.9, 0.8, count, dtype=np.float32),
        np.arange(count, dtype=np.int64),
    )


def kept_in_tile(
    tile: Look, box: list[float], input_size_wh: tuple[int, int] = INPUT
) -> bool:
    looks = [Look(0, 0, 400, 300), tile]
    both = merged([candidates(), candidates(box)], looks, (400, 300), input_size_wh)
    return len(both.scores) == 1


def test_a_tiles_boxes_come_to_their_place() -> None:
    looks = [Look(0, 0, 400, 300), Look(160, 120, 400, 300)]
    whole, tile = candidates([1, 2, 300, 200]), candidates([10, 20, 50, 60])
    both = merged([whole, tile], looks, (400, 300), INPUT)
    assert both.boxes_xyxy.tolist() == [[1, 2, 300, 200], [170, 140, 210, 180]]


@pytest.mark.parametrize(
    ("box", "is_kept"),
    [
        # 240 x 180 pixels for 300: a seam is met within 2 / 300, 1.6 and 1.2 pixels,
        # or a tenth of the box.
        ([1.5, 50, 15, 90], False),  # cut on the left
        ([1.7, 50, 15, 90], True),
        ([5.3, 50, 60, 90], False),  # 54.7 long
        ([5.5, 50, 60, 90], True),
        ([50, 1.1, 90, 12], False),  # above
        ([50, 1.3, 90, 12], True),
        ([50, 5.3, 90, 60], False),
        ([50, 5.5, 90, 60], True),
        ([200, 50, 240, 90], True),  # at the picture's own edge, right
        ([50, 140, 90, 180], True),  # and below
        ([20, 20, 165, 60], False),  # 145 of 240: longer than 0.6
        ([20, 20, 60, 129], False),  # 109 of 180
        ([20, 20, 160, 120], True),
    ],
)
def test_what_a_seam_cuts_or_is_large_is_left_to_others(
    box: list[float], *, is_kept: bool
) -> None:
    assert kept_in_tile(Look(160, 120, 400, 300), box) is is_kept


def test_half_a_person_is_left_to_whoever_sees_the_whole() -> None:
    """Frame 184 of vtest.avi: what YOLOX-nano makes of him in a tile and elsewhere.

    The tile ends at his waist, at 247; his half, at 245.4, scores 0.81.
    """
    looks = [Look(0, 0, 768, 576), Look(220, 0, 549, 247)]
    whole = candidates([329.2, 209.7, 366.0, 291.0])
    half = candidates([110.0, 210.7, 132.6, 245.4])
    both = merged([whole, half], looks, (768, 576), (416, 416))
    assert len(both.scores) == 1


def test_every_seam_counts_and_no_edge_of_the_picture() -> None:
    corner = Look(0, 0, 240, 180)
    assert kept_in_tile(corner, [0, 0, 60, 60])
    assert not kept_in_tile(corner, [200, 50, 240, 90])
    assert not kept_in_tile(corner, [50, 140, 90, 180])


def test_a_seam_is_as_wide_as_the_networks_pixels_are_that_way() -> None:
    """240 x 180 pixels for 100 x 50: two of them are 4.8 across and 7.2 down."""
    middle, wide = Look(80, 60, 320, 240), (100, 50)
    assert kept_in_tile(middle, [6, 60, 40, 90], wide)
    assert not kept_in_tile(middle, [60, 6, 90, 40], wide)
    assert kept_in_tile(middle, [200, 60, 234, 90], wide)
    assert not kept_in_tile(middle, [60, 140, 90, 174], wide)


def test_a_detector_looks_closer(make_model: MakeModel) -> None:
    """The tiny model answers .1 .2 .6 .9 of whatever it sees, which is its blue.

    A box 0.7 of a tile high is left to others; so only the whole picture's is there.
    Without that limit, of 80 x 60, each tile of 48 x 36 would add its own.
    """
    detector = OnnxDetector(make_model(), device="cpu")
    detector.open()
    image = np.full((60, 80, 3), (204, 0, 0), np.uint8)
    found, times = detector.detect(image, Settings(detail=2))
    assert found.boxes_xyxy.tolist() == [pytest.approx([8, 12, 48, 54])]
    assert min(times.preprocess_ms, times.inference_ms, times.postprocess_ms) > 0
    detector.close()


def keep_all_but_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a network of 8 x 6 pixels, two are a quarter, and its boxes are large."""
    monkeypatch.setattr("app.detection.looks.LARGEST", 0.8)
    monkeypatch.setattr("app.detection.looks.SEAM_PX", 0.1)


def test_tiles_find_what_is_theirs(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, but boxes 0.7 of a tile may stay: one in each, .1 .2 .6 .9 of it."""
    keep_all_but_cut(monkeypatch)
    detector = OnnxDetector(make_model(), device="cpu")
    detector.open()
    image = np.full((60, 80, 3), (204, 0, 0), np.uint8)
    found, _ = detector.detect(image, Settings(detail=2, iou_threshold=0.99))
    detector.close()
    # 48 x 36 at (0, 0), (32, 0), (0, 24), (32, 24): 4.8 7.2 28.8 32.4 and so on.
    expected = {(8.0, 12.0, 48.0, 54.0)} | {
        (4.8 + left, 7.2 + top, 28.8 + left, 32.4 + top)
        for left in (0, 32)
        for top in (0, 24)
    }
    boxes = {tuple(round(float(v), 1) for v in box) for box in found.boxes_xyxy}
    assert boxes == expected


def test_with_lanes_it_finds_the_same_whatever_else_is_under_way(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_all_but_cut(monkeypatch)
    alone = OnnxDetector(make_model(), device="cpu")
    several = OnnxDetector(make_model(), device="cpu", threads=2)
    several.favour_throughput()
    alone.open()
    several.open()
    rng = np.random.default_rng(1)
    images = [
        np.repeat(np.repeat(rng.integers(0, 256, (6, 8, 3), np.uint8), 9, 0), 9, 1)
        for _ in range(12)
    ]
    details = [1, 2, 1, 1, 3, 2, 2, 1, 1, 1, 3, 1]
    settings = [Settings(score_threshold=0.3, detail=d) for d in details]
    begun = []
    for image, chosen in zip(images, settings, strict=True):
        begun.append((image, chosen, several.begin(image, chosen)))
        while len(begun) == several.depth:
            done, asked, answer = begun.pop(0)
            found, expected = answer()[0], alone.detect(done, asked)[0]
            assert len(found)
            np.testing.assert_array_equal(found.boxes_xyxy, expected.boxes_xyxy)
            np.testing.assert_array_equal(found.scores, expected.scores)
    alone.close()
    several.close()
