"""Photos, one after another, as if they were a very slow video."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from app.errors import SourceError
from app.media.sources.pictures.photo import SUFFIXES, is_photo, read_photo
from app.types import Frame, ImageBgr, VideoInfo

PHOTO_S = 3  # what a photo gets when they are played
SEQUENCE_FPS = Fraction(25)
_PLACEHOLDER = re.compile(r"%(0?)(\d*)d")


class PhotoSource:
    """Shows photos upright (EXIF), and leaves out those that cannot be read.

    Photo i is frame i, and has its time, whether those before it could be read or
    not.

    Attributes:
        is_stills: True when each holds until stepped on.
    """

    is_live = False

    def __init__(
        self, paths: Sequence[Path], *, name: str, fps: Fraction | None = None
    ) -> None:
        """Remember what to show; nothing is read before `open`.

        Args:
            paths: at least one, in their order.
            name: what the user calls them together.
            fps: play them as a video; without it, each holds until stepped on.
        """
        if not paths:
            raise ValueError("paths must hold at least one path, got none")
        self._paths = tuple(paths)
        self._name = name
        self.is_stills = fps is None
        self._fps = fps or Fraction(1, PHOTO_S)
        self._next = 0
        self._last: tuple[int, ImageBgr] | None = None
        self._unreadable: set[int] = set()
        self._warnings: list[str] = []

    def open(self) -> VideoInfo:
        """Read the first photo that can be read.

        Raises:
            SourceError: none can.
        """
        self._next = 0
        image_bgr = next(
            (i for i in map(self._read, range(len(self._paths))) if i is not None), None
        )
        if image_bgr is None:
            raise SourceError(self._nothing_to_see(), _CHOOSE)
        height, width = image_bgr.shape[:2]
        count = len(self._paths)
        return VideoInfo(
            name=self._name,
            size_wh=(width, height),
            fps=self._fps,
            frame_count=count,
            duration_s=float(count / self._fps),
            is_live=False,
            frame_paths=tuple(str(path) for path in self._paths),
            is_stills=self.is_stills,
        )

    def frames(self) -> Iterator[Frame]:
        """Every photo that can be read, from where the source stands."""
        while self._next < len(self._paths):
            index, self._next = self._next, self._next + 1
            image_bgr = self._read(index)
            if image_bgr is not None:
                yield Frame(
                    *(image_bgr, index, self._time_s(index), time.monotonic()),
                    left_out=frozenset(self._unreadable),
                )

    def seek(
        self,
        timestamp_s: float,
        *,
        is_enough: Callable[[], bool] = lambda: False,  # noqa: ARG002 - always quick
    ) -> None:
        """Let `frames` go on with the photo of that time, or one near it."""
        last = len(self._paths) - 1
        wanted = int(max(0.0, min(timestamp_s, self._time_s(last))) * self._fps)
        # The float product may round either way; the law is `_time_s(i) <= t`.
        while wanted < last and self._time_s(wanted + 1) <= timestamp_s:
            wanted += 1
        while wanted > 0 and self._time_s(wanted) > timestamp_s:
            wanted -= 1
        readable = [*range(wanted, -1, -1), *range(wanted + 1, last + 1)]
        self._next = next(i for i in readable if self._read(i) is not None)

    def take_warnings(self) -> list[str]:
        """Which photos cannot be read; each is named once."""
        warnings, self._warnings = self._warnings, []
        return warnings

    def close(self) -> None:
        """Forget the last photo."""
        self._last = None

    def _time_s(self, index: int) -> float:
        return float(index / self._fps)

    def _read(self, index: int) -> ImageBgr | None:
        if self._last is not None and self._last[0] == index:
            return self._last[1]
        if index in self._unreadable:
            return None
        path = self._paths[index]
        image_bgr = read_photo(path)
        if image_bgr is None:
            self._unreadable.add(index)
            self._warnings.append(f"{path.name} cannot be read and is left out.")
        else:
            self._last = (index, image_bgr)
        return image_bgr

    def _nothing_to_see(self) -> str:
        first = self._paths[0]
        if len(self._paths) > 1:
            return f"None of the {len(self._paths)} photos of {self._name} can be read."
        if not first.exists():
            return f"There is no file {first}."
        return f"{first.name} is not a photo that can be shown, or is damaged."


_CHOOSE = f"Choose others: {', '.join(SUFFIXES)}."


def photos_in(folder: Path) -> list[Path]:
    """The photos right in `folder`, in natural order: 2.jpg before 10.jpg."""
    return natural_order(
        path
        for path in folder.iterdir()
        if is_photo(path) and not path.name.startswith(".") and path.is_file()
    )


def natural_order(paths: Iterable[Path]) -> list[Path]:
    """Sorted by folder and name, numbers in names by their value."""

    def key(path: Path) -> list[tuple[int, int, str]]:
        parts = re.split(r"([0-9]+)", str(path).casefold())
        return [
            (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts
        ]

    return sorted(paths, key=key)


def numbered_files(pattern: Path) -> list[Path]:
    """The files of "img%04d.png", by their numbers; [] where it is no pattern."""
    placeholder = _PLACEHOLDER.search(pattern.name)
    if placeholder is None or not pattern.parent.is_dir():
        return []
    before, after = (
        re.escape(text)
        for text in (
            pattern.name[: placeholder.start()],
            pattern.name[placeholder.end() :],
        )
    )
    zeros, width = placeholder.groups()
    digits = f"([0-9]{{{int(width or 1)},}})" if zeros else "([0-9]+)"
    is_one = re.compile(f"{before}{digits}{after}")
    found = [
        (int(match[1]), path)
        for path in pattern.parent.iterdir()
        if (match := is_one.fullmatch(path.name))
    ]
    return [path for _, path in sorted(found)]
