"""The sign over the picture that says what is not shown."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.gui.playing.player import Player
from app.gui.window import MainWindow
from tests.gui.panel.test_panel import finding as finding  # fixtures
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui

CROSS = "  \N{MULTIPLICATION SIGN}"


def test_a_filter_says_so_over_the_picture_and_a_click_takes_it_away(
    finding: MainWindow, player: Player
) -> None:
    finding.sections.classes.search.setText("per")  # only narrows the list
    finding.changes.change("classes", hidden_class_names=("car", "of another model"))
    assert finding.video._marks.filtered == f"Only: person{CROSS}"
    finding.video.grab()  # places it
    (placed,) = finding.video._placed
    middle = placed.box.center() / finding.video.devicePixelRatio()
    QTest.mouseMove(finding.video, middle)
    assert finding.video.cursor().shape() == Qt.CursorShape.PointingHandCursor
    beside = QPoint(placed.box.left() - 20, placed.box.center().y())
    QTest.mouseClick(finding.video, Qt.MouseButton.LeftButton, pos=beside)
    assert player.settings.hidden_class_names
    QTest.mouseClick(finding.video, Qt.MouseButton.LeftButton, pos=middle)
    assert player.settings.hidden_class_names == ("of another model",)
    assert finding.video._marks.filtered == ""
    assert not finding.video.is_on_filter(middle.toPointF())


def test_the_sign_names_what_is_fewer(window: MainWindow) -> None:
    section = window.sections.classes
    section.show_classes(tuple("abcdefgh"))
    for hidden, said in (
        ("", ""),
        ("bcdefgh", f"Only: a{CROSS}"),
        ("ah", f"Not shown: a, h{CROSS}"),
        ("abcd", f"4 of 8 classes{CROSS}"),
        ("abcdefgh", f"No class is shown{CROSS}"),
    ):
        window.changes.change("classes", hidden_class_names=tuple(hidden))
        assert section.filtered == said
