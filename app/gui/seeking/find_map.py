"""Where in a file what was found: as a strip of colours, and as places to go to."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from app.drawing.style import class_color_rgb

COLUMNS, ROWS = 1024, 5
# Where nothing was found, and where nobody looked.
NOTHING_BGRA, UNSEEN_BGRA = (128, 128, 128, 70), (0, 0, 0, 0)

Picture = NDArray[
    np.uint8
]  # (ROWS, at most COLUMNS, 4) uint8, blue, green, red, opacity


class FindMap:
    """Places are values of the bar's slider: milliseconds, or photos."""

    def __init__(
        self, class_count: int, last: int, *, gap: int, frames: int = COLUMNS
    ) -> None:
        """Nobody has looked anywhere yet.

        Args:
            class_count: of the model.
            last: the last place.
            gap: a class that is gone for longer is found anew.
            frames: about so many there are; no column shows less than one.
        """
        self._columns = min(max(frames, 1), COLUMNS)
        self._last = max(1, last)
        self._gap = gap
        self._looked = np.zeros(self._columns, bool)
        self._has = np.zeros((self._columns, class_count), bool)
        self._known: dict[int, set[int]] = {}  # classes by place
        self._places: list[list[int]] = [[] for _ in range(class_count)]

    def add(self, place: int, class_ids: Collection[int]) -> int | None:
        """What was found in one frame; the column that shows it now, if it is news."""
        news = set(class_ids) - self._known.get(place, set())
        if place in self._known and not news:
            return None
        self._known.setdefault(place, set()).update(news)
        column = self._column(place)
        self._looked[column] = True
        for class_id in news:
            self._has[column, class_id] = True
            self._places[class_id].append(place)
        return column

    def add_all(
        self,
        looked: NDArray[np.int64],
        places: NDArray[np.int64],
        class_ids: NDArray[np.int64],
    ) -> None:
        """Many at once: (N,) places of frames; (M,) places and classes of finds."""
        every = set(range(len(self._places)))  # nothing more is found there
        self._known.update(dict.fromkeys(looked.tolist(), every))
        self._looked[self._columns_of(looked)] = True
        self._has[self._columns_of(places), class_ids] = True
        for class_id in np.unique(class_ids).tolist():
            self._places[class_id] += places[class_ids == class_id].tolist()

    def after(self, place: int, class_ids: Collection[int]) -> int | None:
        """Where one of them is found next; None: nowhere that is known."""
        later = [begin for begin in self._begins(class_ids) if begin > place]
        return min(later, default=None)

    def before(self, place: int, class_ids: Collection[int]) -> int | None:
        """Where one of them was found last, before that place."""
        earlier = [begin for begin in self._begins(class_ids) if begin < place]
        return max(earlier, default=None)

    def classes_at(self, place: int, class_ids: Collection[int]) -> list[int]:
        """Of those, the ones that are found from there on."""
        return [c for c in class_ids if place in self._begins([c])]

    def picture(self, class_ids: Collection[int]) -> Picture:
        """Those classes, each in its colour; of several, one above the other."""
        picture = np.empty((ROWS, self._columns, 4), np.uint8)
        self.paint(picture, class_ids, slice(None))
        return picture

    def paint(self, picture: Picture, class_ids: Collection[int], part: slice) -> None:
        """Bring some columns of `picture` up to date."""
        ids = np.array(sorted(class_ids), np.int64)
        has = self._has[part][:, ids]
        looked = self._looked[part]
        picture[:, part] = np.where(looked[:, None], NOTHING_BGRA, UNSEEN_BGRA)
        found = np.flatnonzero(has.any(axis=1))
        if not len(found):
            return
        first = np.argsort(~has[found], axis=1, kind="stable")[:, :ROWS]
        counts = np.minimum(has[found].sum(axis=1), ROWS)
        colors = np.array(
            [(*class_color_rgb(int(c))[::-1], 255) for c in ids], np.uint8
        )
        columns = np.arange(self._columns)[part][found]
        for row in range(ROWS):
            own = first[np.arange(len(found)), row * counts // ROWS]
            picture[row, columns] = colors[own]

    def _begins(self, class_ids: Collection[int]) -> list[int]:
        begins: list[int] = []
        for class_id in class_ids:
            places = np.unique(np.array(self._places[class_id], np.int64))
            if len(places):
                is_new = np.diff(places) > self._gap
                begins += places[np.concatenate([[True], is_new])].tolist()
        return begins

    def _column(self, place: int) -> int:
        column = place * self._columns // (self._last + 1)
        return min(max(column, 0), self._columns - 1)

    def _columns_of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        each = places * self._columns // (self._last + 1)
        return np.clip(each, 0, self._columns - 1)
