"""Sentences of `UserError`s in the window's language.

They are made far from Qt, with names and numbers in them, and stand in
`sentence_list` with {0}, {1} in their place. By that a sentence is recognised here,
and what it names is put into its translation. One not listed stays as it is.
"""

import re
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from app.errors import UserError
from app.gui.languages.sentence_list import SENTENCES

_HOLE = re.compile(r"\{\d+\}")


def in_words(sentence: str) -> str:
    """The sentence as the window says it."""
    for pattern, written in _patterns():
        if match := pattern.fullmatch(sentence):
            said = QCoreApplication.translate("Sentences", written)
            return said.format(*map(in_words, match.groups()))
    return sentence


def told(error: UserError) -> str:
    """Both sentences of it."""
    return f"{in_words(error.problem)} {in_words(error.remedy)}".strip()


def sentence(half: str) -> str:
    """Half a sentence that stands alone, as one."""
    said = in_words(half)
    first = said.partition(" ")[0]  # cuDNN is written so
    whole = f"{said[:1].upper()}{said[1:]}" if first.islower() else said
    if whole.endswith((".", "。")):
        return whole
    return QCoreApplication.translate("Sentences", "{0}.").format(whole)


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Those that say most first: what fits "{0} is a folder." may say more."""
    most_first = sorted(SENTENCES, key=lambda text: -len(_HOLE.sub("", text)))
    return [(_pattern(text), text) for text in most_first]


def _pattern(written: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, _HOLE.split(written))), re.DOTALL)
