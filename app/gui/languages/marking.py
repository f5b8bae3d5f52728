"""Marks texts that are translated where they are shown, not where they stand."""


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """`text`, which lupdate finds by this name; Qt's own says it is an object."""
    del context
    return text
