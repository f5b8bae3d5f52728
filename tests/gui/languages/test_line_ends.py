"""What app.gui.languages.line_ends promises."""

import pytest
from PySide6.QtGui import QFont, QTextLayout
from pytestqt.qtbot import QtBot

from app.gui.languages.line_ends import WORD_JOINER, with_whole_endings

pytestmark = pytest.mark.gui


def lines_of(text: str, width_px: float) -> list[str]:
    layout = QTextLayout(text, QFont("DejaVu Sans", 17))
    found = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width_px)
        start = line.textStart()
        found.append(text[start : start + line.textLength()].replace(WORD_JOINER, ""))
    layout.endLayout()
    return found


@pytest.mark.parametrize(
    "text",
    [
        "モデルを作れませんでした",
        "ファイルがありません。",
        "録画を保存しました\N{FULLWIDTH COLON}",
        "ウィンドウを閉じますか\N{FULLWIDTH QUESTION MARK}",
    ],
)
def test_no_syllable_of_an_ending_stands_alone(qtbot: QtBot, text: str) -> None:
    whole = with_whole_endings(text)
    assert whole.replace(WORD_JOINER, "") == text
    for width_px in range(150, 400, 5):
        lines = lines_of(whole, width_px)
        assert "".join(lines) == text
        assert len(lines[-1]) > 4
    alone = [lines_of(text, width_px)[-1] for width_px in range(150, 400, 5)]
    assert min(map(len, alone)) <= 2  # as it was


def test_other_languages_stay_as_they_are() -> None:
    for text in (
        "There is no file.",
        "Es gibt keine Datei.",
        "",
        "車",
        "/videos/あ.mp4",
    ):
        assert with_whole_endings(text) == text
