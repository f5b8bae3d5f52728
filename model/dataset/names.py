"""Class names, and the files that people keep them in."""

import codecs
from collections.abc import Iterable
from pathlib import Path

from model.errors import BuildError
from model.network.config import COCO_CLASS_NAMES, VOC_CLASS_NAMES

# VOC's words for what COCO calls otherwise.
VOC_NAMES = {
    "airplane": "aeroplane",
    "couch": "sofa",
    "dining table": "diningtable",
    "motorcycle": "motorbike",
    "potted plant": "pottedplant",
    "tv": "tvmonitor",
}
# What others put before the classes; networks here have it by themselves.
_BACKGROUND = {"background", "__background__"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SPELLED = {name.casefold(): name for name in (*COCO_CLASS_NAMES, *VOC_CLASS_NAMES)}


def voc_name(name: str) -> str:
    """`name` as VOC calls it: COCO's "couch" and VOC's "sofa" are one class.

    Blanks around it and, of COCO's and VOC's own names, capitals do not matter.
    """
    plain = name.strip()
    plain = _SPELLED.get(plain.casefold(), plain)
    return VOC_NAMES.get(plain, plain)


def class_key(name: str) -> str:
    """The same for any two spellings of one class."""
    return voc_name(name).casefold()


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Each class once, as it is spelled first."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(class_key(name), voc_name(name))
    return tuple(found.values())


def read_text(path: Path) -> str:
    """A text file's content, UTF-8 unless its first bytes say UTF-16.

    Windows' editors begin files with a byte order mark, which is no part of them.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not text.
    """
    data = path.read_bytes()
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    return data.decode("utf-8")


def read_class_names(path: Path) -> tuple[str, ...]:
    """Names, a line each; a background at the head of the list is left out.

    Raises:
        BuildError: it cannot be read, or does not hold different names.
    """
    try:
        lines = read_text(path).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(
            f"The class names in {path} cannot be read.",
            "Name a text file in UTF-8, a class name a line.",
        ) from error
    names = tuple(line.strip() for line in lines if line.strip())
    if names and names[0].casefold() in _BACKGROUND:
        names = names[1:]
    if not names or len(set(names)) != len(names):
        raise BuildError(
            f"{path} must hold different names, a line each.",
            "Take out what stands there twice, or name another file.",
        )
    return names
