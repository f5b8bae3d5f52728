"""What is chosen in the dialog of exports."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.gui.exporting.dialog import ExportDialog, Phase

pytestmark = pytest.mark.gui
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(qtbot: QtBot) -> ExportDialog:
    dialog = ExportDialog(None, suffixes=[".avi", ".mp4"])  # type: ignore[arg-type] # a window of its own
    qtbot.addWidget(dialog)
    dialog.folder.setText("/out")
    dialog.show()
    return dialog


def listed(dialog: ExportDialog) -> list[str]:
    return list(dialog.chosen_files)  # a call: mypy believes properties never change


def select(dialog: ExportDialog, row: int) -> None:
    item = dialog.files.topLevelItem(row)
    assert item is not None
    at = dialog.files.visualItemRect(item).center()
    QTest.mouseClick(dialog.files.viewport(), LEFT, pos=at)


def test_files_and_folders_are_listed_each_once_and_taken_off(
    dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[object] = []

    def files(*asked: object, **_: object) -> tuple[list[str], str]:
        said.append(asked[2:])
        return ["/v/a.mp4", "/v/b.mp4"], ""

    folders = iter(["/w/more", "", "/elsewhere", ""])
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", files)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: next(folders))
    assert not dialog.start.isEnabled()
    QTest.mouseClick(dialog.add, LEFT)
    QTest.mouseClick(dialog.add, LEFT)
    assert said[1] == (str(Path("/v")), "Videos (*.avi *.mp4);;All files (*)")
    QTest.mouseClick(dialog.add_folder, LEFT)
    QTest.mouseClick(dialog.add_folder, LEFT)  # nothing chosen
    assert listed(dialog) == ["/v/a.mp4", "/v/b.mp4", "/w/more"]
    assert dialog.start.isEnabled()

    assert not dialog.remove.isEnabled()
    select(dialog, 1)
    QTest.mouseClick(dialog.remove, LEFT)
    assert listed(dialog) == ["/v/a.mp4", "/w/more"]
    select(dialog, 0)
    dialog.files.setFocus()
    QTest.keyClick(dialog.files, Qt.Key.Key_Delete)
    assert listed(dialog) == ["/w/more"]

    QTest.mouseClick(dialog.choose, LEFT)
    assert dialog.folder.text() == "/elsewhere"
    QTest.mouseClick(dialog.choose, LEFT)  # nothing chosen
    assert dialog.folder.text() == "/elsewhere"
    QTest.keyClick(dialog.folder, Qt.Key.Key_Delete)  # a key of the text there
    assert listed(dialog) == ["/w/more"]
    dialog.folder.setText("  ")
    assert not dialog.start.isEnabled()


def test_nothing_is_taken_off_the_list_while_it_is_done(dialog: ExportDialog) -> None:
    dialog.show_jobs([("/v/a.mp4", "Waits")])
    select(dialog, 0)
    dialog.show_phase(Phase.RUNNING)
    dialog.files.setFocus()
    QTest.keyClick(dialog.files, Qt.Key.Key_Delete)
    assert listed(dialog) == ["/v/a.mp4"]
    assert not dialog.remove.isEnabled()


def test_what_is_added_to_a_list_that_is_done_is_another_export(
    dialog: ExportDialog,
) -> None:
    dialog.show_jobs([("/v/a.mp4", "Waits"), ("/v/b.mp4", "Waits")])
    dialog.show_state(0, "Done: a.mp4")
    dialog.add_files(["/v/c.mp4"])
    assert listed(dialog) == ["/v/c.mp4"]
    assert dialog.states == [""]


def test_who_marks_a_part_wants_that_one_unless_he_says_no(
    dialog: ExportDialog,
) -> None:
    dialog.show_part("Of a.mp4, only 0:01 to 0:02")
    assert dialog.part.isVisible()
    assert dialog.part.isChecked()
    dialog.part.click()
    dialog.show_part("Of a.mp4, only 0:01 to 0:03")  # moved, and still not wanted
    assert not dialog.part.isChecked()
    dialog.show_part("")
    assert not dialog.part.isVisible()


def test_counts_are_offered_where_there_is_a_line(dialog: ExportDialog) -> None:
    dialog.show_rules(has_rules=False)
    assert not dialog.counts.isEnabled()
    assert "Draw a line" in dialog.counts.toolTip()
    dialog.show_rules(has_rules=True)
    assert dialog.counts.isEnabled()
    assert dialog.counts.isChecked()
    assert not dialog.counts.toolTip()
    dialog.counts.click()
    dialog.show_rules(has_rules=True)  # the same lines: what was chosen stays
    assert not dialog.counts.isChecked()
