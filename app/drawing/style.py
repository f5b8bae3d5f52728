"""How detections look, wherever they are drawn: in a file or in the window."""

import colorsys
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Style:
    """How detections are drawn.

    Attributes:
        line_scale: thickness of the frames; 1 is three pixels in a picture 720 high.
        label_scale: size of the labels; 0 leaves them out.
        with_scores: the score stands behind the class name.
        with_track_ids: the number of its track, where it has one, stands there, too.
        fill_opacity: of the class colour inside the frames, in [0, 1].
    """

    line_scale: float = 1.0
    label_scale: float = 1.0
    with_scores: bool = True
    with_track_ids: bool = True
    fill_opacity: float = 0.0

    def __post_init__(self) -> None:
        for name, most in (
            ("line_scale", 10),
            ("label_scale", 10),
            ("fill_opacity", 1),
        ):
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise ValueError(f"{name} must be in [0, {most}], got {value}")


PLAIN = Style()

# In a picture 720 high.
LINE_PX = 3.0
LETTER_PX = 19.0  # the height of a capital in a label
PAD_PX = 5.0


def picture_scale(size_wh: tuple[int, int]) -> float:
    """How much larger than at 720 things are drawn: 4K reads like VGA."""
    return max(0.35, min(size_wh) / 720)


def line_width(scale: float, style: Style) -> int:
    """Thickness of a frame in pixels, at `picture_scale`."""
    return max(2, round(LINE_PX * scale * style.line_scale))


@lru_cache(maxsize=1000)
def class_color_rgb(class_id: int) -> tuple[int, int, int]:
    """A light, clear colour for the class: the same on every run and model.

    All are light enough for black text on them.
    """
    # Of all steps, this one keeps what streets are full of (people, cars, bicycles,
    # buses, motorbikes), by VOC's list and by COCO's, 34 degrees apart at least, and
    # any two of twenty 17. The golden ratio would paint VOC's people, cars and
    # bicycles in three blues.
    hue = (0.98 + class_id * 0.0953) % 1.0
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.55, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


# VOC writes class names in one word, and some in a way of its own; so does COCO, once.
_SPELLINGS = {
    "aeroplane": "airplane",
    "diningtable": "dining table",
    "pottedplant": "potted plant",
    "tv": "TV",
    "tvmonitor": "TV",
}


def shown_name(class_name: str) -> str:
    """A class name as people write it; data keeps the dataset's.

    Names that we do not know lose their underscores, and nothing else.
    """
    known = _SPELLINGS.get(class_name)
    return known or class_name.replace("_", " ").strip() or class_name


def label_text(class_name: str, score: float, style: Style, track: int = 0) -> str:
    """What stands on a box: "person 3 0.87", its id where it has one, or less."""
    name = shown_name(class_name)
    name = f"{name} {track}" if track and style.with_track_ids else name
    return f"{name} {score:.2f}" if style.with_scores else name
