"""Where lines of Japanese end: no last syllable stands in a line of its own."""

import re

WORD_JOINER = "\N{WORD JOINER}"  # is not seen; no line ends beside it
# A verb's ending, and what closes the sentence: Hiragana, six of them at most.
_ENDING = re.compile(r"[\u3041-\u3096]{2,6}[\u3002\uff1f\uff01]?(?=$|\s|\uff1a)")


def with_whole_endings(text: str) -> str:
    """The same, whose last syllables stay together where it takes several lines.

    Japanese has no spaces, so that Qt ends a line after any syllable.
    """
    return _ENDING.sub(lambda found: WORD_JOINER.join(found.group()), text)
