"""Everything that a person can do in the window: one row each, and nowhere else.

Buttons, menus, the sheet of keys, icons and what is greyed out are read from here; of
what one does in a file, the rows are in `app.gui.seeking.rows`.
"""

from PySide6.QtGui import QKeySequence

from app.gui.action_row import (
    HELP,
    OPEN,
    PLAY,
    TOOLS,
    VIEW,
    ActionRow,
    Face,
)
from app.gui.languages.marking import QT_TRANSLATE_NOOP
from app.gui.seeking.rows import IN_FILE_ROWS
from app.gui.state import WindowState

STANDARD = QKeySequence.StandardKey

# Of these the toolbar has buttons.
TOOLBAR = ("pause", "record", "snapshot")

PAUSE = Face(QT_TRANSLATE_NOOP("Actions", "Pause"), "pause")
PLAY_ON = Face(QT_TRANSLATE_NOOP("Actions", "Play"), "play")
RESUME = Face(QT_TRANSLATE_NOOP("Actions", "Resume"), "play")
RECORD = Face(QT_TRANSLATE_NOOP("Actions", "Record"), "record")
STOP = Face(QT_TRANSLATE_NOOP("Actions", "Stop recording"), "stop")


def _pause_now(state: WindowState) -> Face:
    if not state.is_paused:
        return PAUSE
    return PLAY_ON if state.is_file else RESUME


def _record_now(state: WindowState) -> Face:
    return STOP if state.is_recording else RECORD


ACTIONS = (
    ActionRow(
        "open_file",
        OPEN,
        Face(QT_TRANSLATE_NOOP("Actions", "Open file…"), "file"),
        lambda hands, _: hands.opener.ask_for_files(),
        (STANDARD.Open,),
    ),
    ActionRow(
        "open_folder",
        OPEN,
        Face(QT_TRANSLATE_NOOP("Actions", "Open folder…"), "folder"),
        lambda hands, _: hands.opener.ask_for_folder(),
        ("Ctrl+Shift+O",),
    ),
    ActionRow(
        "open_address",
        OPEN,
        Face(QT_TRANSLATE_NOOP("Actions", "Open address…"), "link"),
        lambda hands, _: hands.opener.ask_for_address(),
        ("Ctrl+L",),
    ),
    ActionRow(
        "open_screen",
        OPEN,
        Face(QT_TRANSLATE_NOOP("Actions", "Watch the screen"), "screen"),
        lambda hands, _: hands.opener.open_screen(),
    ),
    ActionRow(
        "paste",
        OPEN,
        Face(QT_TRANSLATE_NOOP("Actions", "Open what was copied")),
        lambda hands, _: hands.opener.paste(),
        (STANDARD.Paste,),
    ),
    ActionRow(
        "open_model",
        OPEN,
        Face(QT_TRANSLATE_NOOP("Actions", "Open model…"), "model"),
        lambda hands, _: hands.opener.ask_for_model(),
        ("Ctrl+M",),
        when=lambda state: not state.is_switching,
    ),
    ActionRow(
        "close_source",
        OPEN,
        Face(QT_TRANSLATE_NOOP("Actions", "Close source")),
        lambda hands, _: hands.close_source(),
        ("Ctrl+W",),
        when=lambda state: state.is_running,
    ),
    ActionRow(
        "pause",
        PLAY,
        PAUSE,
        lambda hands, _: hands.steering.toggle_pause(),
        ("Space", "K"),
        when=lambda state: state.is_running,
        face_now=_pause_now,
    ),
    ActionRow(
        "loop",
        PLAY,
        Face(QT_TRANSLATE_NOOP("Actions", "Loop"), "loop"),
        lambda hands, is_on: hands.player.set_loops(is_on),
        ("Shift+L",),
        is_checkable=True,
    ),
    ActionRow(
        "mute",
        PLAY,
        Face(QT_TRANSLATE_NOOP("Actions", "Mute")),
        lambda hands, is_on: hands.hearing.mute(is_on=is_on),
        ("M",),
        is_checkable=True,
    ),
    ActionRow(
        "louder",
        PLAY,
        Face(QT_TRANSLATE_NOOP("Actions", "Louder")),
        lambda hands, _: hands.hearing.turn(1),
        ("Ctrl+Up",),
    ),
    ActionRow(
        "quieter",
        PLAY,
        Face(QT_TRANSLATE_NOOP("Actions", "Quieter")),
        lambda hands, _: hands.hearing.turn(-1),
        ("Ctrl+Down",),
    ),
    ActionRow(
        "record",
        PLAY,
        RECORD,
        lambda hands, _: hands.keeper.toggle_recording(),
        ("R",),
        when=lambda state: state.is_open,
        face_now=_record_now,
    ),
    ActionRow(
        "save_replay",
        PLAY,
        Face(QT_TRANSLATE_NOOP("Actions", "Save the last seconds")),
        lambda hands, _: hands.events.save(),
        ("B",),
        when=lambda state: state.is_open,
    ),
    ActionRow(
        "snapshot",
        PLAY,
        Face(QT_TRANSLATE_NOOP("Actions", "Snapshot"), "snapshot"),
        lambda hands, _: hands.keeper.take_snapshot(hands.video.result),
        ("S",),
        when=lambda state: state.has_picture,
    ),
    ActionRow(
        "plain_snapshot",
        PLAY,
        Face(QT_TRANSLATE_NOOP("Actions", "Snapshot without boxes")),
        lambda hands, _: hands.keeper.take_snapshot(
            hands.video.result, with_boxes=False
        ),
        ("Shift+S",),
        when=lambda state: state.has_picture,
    ),
    ActionRow(
        "keep_test",
        PLAY,
        Face(QT_TRANSLATE_NOOP("Actions", "Keep as test…")),
        lambda hands, _: hands.scene_keeper.ask(),
        ("T",),
        when=lambda state: state.has_picture and state.is_open,
    ),
    *IN_FILE_ROWS,
    ActionRow(
        "export",
        PLAY,
        Face(QT_TRANSLATE_NOOP("Actions", "Export…")),
        lambda hands, _: hands.export(),
        ("Ctrl+E",),
    ),
    ActionRow(
        "copy_numbers",
        TOOLS,
        Face(QT_TRANSLATE_NOOP("Actions", "Copy numbers")),
        lambda hands, _: hands.copy_numbers(),
        ("Ctrl+Shift+C",),
    ),
    ActionRow(
        "show_folder",
        TOOLS,
        Face(QT_TRANSLATE_NOOP("Actions", "Show recordings"), "folder"),
        lambda hands, _: hands.messages.show_folder(hands.keeper.folder),
    ),
    ActionRow(
        "panel",
        VIEW,
        Face(QT_TRANSLATE_NOOP("Actions", "Side panel"), "panel"),
        lambda hands, is_on: hands.panel.setVisible(is_on),
        ("F9",),
        is_checkable=True,
    ),
    ActionRow(
        "plots",
        VIEW,
        Face(QT_TRANSLATE_NOOP("Actions", "Plots")),
        lambda hands, is_on: hands.plots.setVisible(is_on),
        ("P",),
        is_checkable=True,
    ),
    ActionRow(
        "events",
        VIEW,
        Face(QT_TRANSLATE_NOOP("Actions", "Events")),
        lambda hands, is_on: hands.events.dock.setVisible(is_on),
        ("E",),
        is_checkable=True,
    ),
    ActionRow(
        "compare",
        VIEW,
        Face(QT_TRANSLATE_NOOP("Actions", "Compare detectors")),
        lambda hands, is_on: hands.compare(is_on),
        ("C",),
        is_checkable=True,
    ),
    ActionRow(
        "zoom_in",
        VIEW,
        Face(QT_TRANSLATE_NOOP("Actions", "Zoom in")),
        lambda hands, _: hands.video.zoom_in(),
        ("+", "="),
    ),
    ActionRow(
        "zoom_out",
        VIEW,
        Face(QT_TRANSLATE_NOOP("Actions", "Zoom out")),
        lambda hands, _: hands.video.zoom_out(),
        ("-",),
    ),
    ActionRow(
        "whole_picture",
        VIEW,
        Face(QT_TRANSLATE_NOOP("Actions", "Whole picture")),
        lambda hands, _: hands.video.reset_zoom(),
        ("0",),
    ),
    ActionRow(
        "full_screen",
        VIEW,
        Face(QT_TRANSLATE_NOOP("Actions", "Full screen")),
        lambda hands, _: hands.full_screen.toggle(),
        ("F", "F11"),
    ),
    ActionRow(
        "leave_full_screen",
        VIEW,
        Face(QT_TRANSLATE_NOOP("Actions", "Leave full screen")),
        lambda hands, _: hands.full_screen.leave(),
        ("Esc",),
    ),
    ActionRow(
        "palette",
        TOOLS,
        Face(QT_TRANSLATE_NOOP("Actions", "Commands…")),
        lambda hands, _: hands.dialogs.show_palette(),
        ("Ctrl+Shift+P",),
    ),
    ActionRow(
        "undo",
        TOOLS,
        Face(QT_TRANSLATE_NOOP("Actions", "Undo a setting")),
        lambda hands, _: hands.changes.undo(),
        (STANDARD.Undo,),
        when=lambda state: state.can_undo,
    ),
    ActionRow(
        "redo",
        TOOLS,
        Face(QT_TRANSLATE_NOOP("Actions", "Redo")),
        lambda hands, _: hands.changes.redo(),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        when=lambda state: state.can_redo,
    ),
    ActionRow(
        "keys",
        HELP,
        Face(QT_TRANSLATE_NOOP("Actions", "Keys"), "keyboard"),
        lambda hands, _: hands.dialogs.show_keys(),
        ("F1", "?"),
    ),
    ActionRow(
        "checkup",
        HELP,
        Face(QT_TRANSLATE_NOOP("Actions", "What works here…")),
        lambda hands, _: hands.dialogs.show_checkup(),
    ),
    ActionRow(
        "about",
        HELP,
        Face(QT_TRANSLATE_NOOP("Actions", "About")),
        lambda hands, _: hands.dialogs.show_about(),
    ),
    ActionRow(
        "quit",
        TOOLS,
        Face(QT_TRANSLATE_NOOP("Actions", "Quit")),
        lambda hands, _: hands.window.close(),
        ("Ctrl+Q",),  # Windows knows no key for it
    ),
)
