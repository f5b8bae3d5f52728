"""Writes app/gui/languages/sentence_list.py: the errors that the window may tell.

Run by tools/languages, in the repository's root: python -m tools.sentences
"""

from pathlib import Path

from tests.errors_raised import sentences

LIST = Path("app/gui/languages/sentence_list.py")
HEAD = '''"""Sentences of errors, to be translated; tools/languages writes them."""

from app.gui.languages.marking import QT_TRANSLATE_NOOP

# ruff: noqa: E501 - a sentence a line

SENTENCES = (
'''


def main() -> None:
    """Write it."""
    rows = []
    for text in sentences():
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        rows.append(f'    QT_TRANSLATE_NOOP("Sentences", "{quoted}"),\n')
    LIST.write_text(f"{HEAD}{''.join(rows)})\n", encoding="utf-8")


if __name__ == "__main__":
    main()
