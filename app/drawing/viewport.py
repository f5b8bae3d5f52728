"""Where a picture lies in a view: fitted, zoomed, moved.

Screen pixels are the screen's own ("device" pixels), from the view's top left.
"""

import math
from dataclasses import dataclass, replace

from app.types import Viewport

MAX_ZOOM = 40.0


@dataclass(frozen=True, slots=True)
class Placement:
    """How a picture lies in a view.

    `screen = origin + scale * picture`, in each axis.

    Attributes:
        scale: screen pixels per pixel of the picture.
        fitted_scale: the same, were it not zoomed.
        origin_xy: where the picture's top left corner lies on the screen.
        source_xyxy: the part that is seen: whole pixels of the picture.
        target_xyxy: where that part lies: whole pixels of the screen.
    """

    scale: float
    fitted_scale: float
    origin_xy: tuple[float, float]
    source_xyxy: tuple[int, int, int, int]
    target_xyxy: tuple[int, int, int, int]

    @property
    def target_size_wh(self) -> tuple[int, int]:
        """Width and height of the target."""
        x1, y1, x2, y2 = self.target_xyxy
        return x2 - x1, y2 - y1


def place(viewport: Viewport, picture_wh: tuple[int, int]) -> Placement:
    """Where a picture of that size lies in the view."""
    fitted_scale = _fitted_scale(viewport, picture_wh)
    scale = fitted_scale * viewport.zoom
    center_xy = _clamp(viewport, picture_wh).center_xy
    spans = [
        _span(size, scale, view, center)
        for size, view, center in zip(
            picture_wh, viewport.size_wh, center_xy, strict=True
        )
    ]
    (x, left, right, x1, x2), (y, top, bottom, y1, y2) = spans
    return Placement(
        scale=scale,
        fitted_scale=fitted_scale,
        origin_xy=(x, y),
        source_xyxy=(left, top, right, bottom),
        target_xyxy=(x1, y1, x2, y2),
    )


def zoom_at(
    viewport: Viewport,
    factor: float,
    at_xy: tuple[float, float],
    picture_wh: tuple[int, int],
) -> Viewport:
    """Closer by `factor`; what is under `at_xy` on the screen stays there.

    Nothing is under a point beside the picture, and the edges stay at the view's,
    so there it cannot always hold.
    """
    zoom = min(max(viewport.zoom * factor, 1.0), MAX_ZOOM)
    before = place(viewport, picture_wh)
    scale = before.fitted_scale * zoom
    center_xy = []
    for axis in (0, 1):
        size, view = picture_wh[axis], viewport.size_wh[axis]
        under = (at_xy[axis] - before.origin_xy[axis]) / before.scale
        middle = under + (view / 2 - at_xy[axis]) / scale
        center_xy.append(middle / size)
    return _clamp(
        replace(viewport, zoom=zoom, center_xy=(center_xy[0], center_xy[1])), picture_wh
    )


def pan(
    viewport: Viewport, by_xy: tuple[float, float], picture_wh: tuple[int, int]
) -> Viewport:
    """The picture moved by so many screen pixels, its edges outside the view."""
    scale = place(viewport, picture_wh).scale
    (x, y), (width, height) = viewport.center_xy, picture_wh
    moved = (x - by_xy[0] / scale / width, y - by_xy[1] / scale / height)
    return _clamp(replace(viewport, center_xy=moved), picture_wh)


def _fitted_scale(viewport: Viewport, picture_wh: tuple[int, int]) -> float:
    return min(v / p for v, p in zip(viewport.size_wh, picture_wh, strict=True))


def _clamp(viewport: Viewport, picture_wh: tuple[int, int]) -> Viewport:
    """An axis that fits is centred; one that does not leaves no bar."""
    scale = _fitted_scale(viewport, picture_wh) * viewport.zoom
    center_xy = []
    for size, view, center in zip(
        picture_wh, viewport.size_wh, viewport.center_xy, strict=True
    ):
        half = min(0.5, view / (2 * size * scale))
        center_xy.append(min(max(center, half), 1 - half))
    return replace(viewport, center_xy=(center_xy[0], center_xy[1]))


def _span(
    size: int, scale: float, view: int, center: float
) -> tuple[float, int, int, int, int]:
    """Origin, then source and target, of one axis."""
    origin = view / 2 - center * size * scale
    # Nothing lies between two pixels: whole ones are shown, cut off by the view.
    first = max(0, math.floor(-origin / scale + 1e-6))
    last = min(size, math.ceil((view - origin) / scale - 1e-6))
    start = round(origin + first * scale)
    end = max(start + 1, round(origin + last * scale))
    return origin, first, max(last, first + 1), start, end
