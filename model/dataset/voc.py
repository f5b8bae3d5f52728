"""VOC folders: an XML file a photo, and lists of photos."""

from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from model.dataset.coco import PICTURES, find_picture, picture_size_wh
from model.dataset.names import class_key, distinct, read_text
from model.dataset.photo import Photo, flags
from model.errors import DatasetError
from model.network.config import VOC_CLASS_NAMES

_PICTURE_FOLDERS = ("JPEGImages", "images", "Annotations")


class VocLabels:
    """The labels of one VOC folder.

    Attributes:
        class_names: those that its labels name: VOC's in VOC's order, then others by
            the alphabet.
        notes: what was not taken as it was written.
    """

    def __init__(self, folder: Path, split: str) -> None:
        """Read the list and the labels, and no picture.

        Args:
            folder: with Annotations/, JPEGImages/ and ImageSets/Main/; without lists,
                all of it is read.
            split: which list.

        Raises:
            DatasetError: the list or labels are missing or damaged.
        """
        self._folder = folder
        self.notes: list[str] = []
        self._roots = {name: self._parse(name) for name in self._listed(split)}
        found = distinct(
            _text(item, "name")
            for root in self._roots.values()
            for item in root.iter("object")
        )
        order = {class_key(name): k for k, name in enumerate(VOC_CLASS_NAMES)}
        self.class_names = sorted(
            found, key=lambda name: (order.get(class_key(name), len(order)), name)
        )

    def read(self, ids: dict[str, int]) -> list[Photo]:
        """Its photos, with the labels of the classes in `ids`, by class key.

        Raises:
            DatasetError: labels are damaged.
        """
        photos = []
        for name, root in self._roots.items():
            try:
                photos.append(self._photo(name, root, ids))
            except (ValueError, TypeError) as error:
                raise self._damaged(name) from error
        return photos

    def _listed(self, split: str) -> list[str]:
        lists = self._folder / "ImageSets" / "Main"
        annotations = self._folder / "Annotations"
        if not lists.is_dir():
            self.notes.append(f"{self._folder} has no lists: all of it is read.")
            return sorted(path.stem for path in annotations.glob("*.xml"))
        path = lists / f"{split}.txt"
        try:
            lines = [line.strip() for line in read_text(path).splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise DatasetError(
                f"{self._folder} has no list {path.relative_to(self._folder)}.",
                "Name another with: --split",
            ) from error
        return list(dict.fromkeys(self._name(line) for line in lines if line))

    def _name(self, line: str) -> str:
        """The photo of a line: names have blanks, and lists of a class a sign."""
        shorter = (line, Path(line).stem, line.rsplit(maxsplit=1)[0])
        for name in shorter:
            if (self._folder / "Annotations" / f"{name}.xml").is_file():
                return name
        return line

    def _parse(self, name: str) -> ElementTree.Element:
        path = self._folder / "Annotations" / f"{name}.xml"
        try:
            # Files of the user's own; expat refuses what would blow up.
            return ElementTree.parse(path).getroot()
        except (OSError, ElementTree.ParseError, ValueError) as error:
            raise self._damaged(name) from error

    def _damaged(self, name: str) -> DatasetError:
        path = self._folder / "Annotations" / f"{name}.xml"
        return DatasetError(
            f"The labels {path} are missing or damaged.", "Mend the dataset."
        )

    def _photo(
        self, name: str, root: ElementTree.Element, ids: dict[str, int]
    ) -> Photo:
        objects = [
            (item, ids[class_key(_text(item, "name"))])
            for item in root.iter("object")
            if class_key(_text(item, "name")) in ids
        ]
        # Pixels count from 1 and the last one belongs to the box.
        boxes = np.array(
            [
                [
                    _number(item, "bndbox/xmin") - 1,
                    _number(item, "bndbox/ymin") - 1,
                    _number(item, "bndbox/xmax"),
                    _number(item, "bndbox/ymax"),
                ]
                for item, _ in objects
            ],
            np.float32,
        ).reshape(-1, 4)
        path = self._picture(name, _text(root, "filename"))
        return Photo(
            path=path,
            size_wh=_size_wh(root) or picture_size_wh(path),
            boxes_xyxy=boxes,
            class_ids=np.array([class_id for _, class_id in objects], np.int64),
            areas=np.prod(boxes[:, 2:] - boxes[:, :2], axis=-1),
            scores=np.ones(len(boxes), np.float32),
            is_difficult=np.array(
                [_text(item, "difficult") == "1" for item, _ in objects], bool
            ),
            is_ignored=np.zeros(len(boxes), bool),
            # Of what none of its labels names, nobody said that it was looked for.
            is_known=flags(self.class_names, ids),
        )

    def _picture(self, name: str, written: str) -> Path:
        """The picture of the labels in `name`.xml.

        Its own name comes first: photos are renamed, and `<filename>` is forgotten.
        """
        own = self._by_stem.get(name, [])
        if len(own) > 1:
            named = [path for path in own if path.name == written]
            return (named or own)[0]
        if own:
            return own[0]
        folder = self._folder / "JPEGImages"
        found = find_picture(folder, written) if written else folder / f"{name}.jpg"
        if not found.is_file():
            stem = Path(written.replace("\\", "/")).stem
            return self._by_stem.get(stem, [found])[0]
        return found

    @cached_property
    def _by_stem(self) -> dict[str, list[Path]]:
        """The pictures of the folder, by their names without suffix."""
        found: dict[str, list[Path]] = {}
        paths = [
            path
            for name in _PICTURE_FOLDERS
            for path in sorted((self._folder / name).glob("*"))
            if path.suffix.lower() in PICTURES
        ]
        for path in sorted(paths, key=lambda p: PICTURES.index(p.suffix.lower())):
            found.setdefault(path.stem, []).append(path)
        return found


def _text(element: ElementTree.Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _number(element: ElementTree.Element, path: str) -> float:
    return float(_text(element, path) or "missing")


def _size_wh(root: ElementTree.Element) -> tuple[int, int] | None:
    """As the labels say; some tools leave it out, or write zeros."""
    if root.find("size") is None:
        return None
    size = int(_number(root, "size/width")), int(_number(root, "size/height"))
    return size if min(size) > 0 else None
