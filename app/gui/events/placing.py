"""Puts what belongs to events into the window."""

from itertools import pairwise

from PySide6.QtCore import Qt

from app.gui.events.events import Events
from app.gui.events.parts import EventParts
from app.gui.events.turns import Turns
from app.gui.parts import WindowParts
from app.gui.playing.player import Player


def place_events(window: WindowParts, player: Player, parts: EventParts) -> Events:
    """Make and place them: the sign beside Record, the rows, and the dock, hidden."""
    events = Events(
        player,
        parts,
        changes=window.changes,
        messages=window.messages,
        folder=window.keeper.folder,
        parent=window,
    )
    sign = window.toolbar.insertWidget(window.actions_.snapshot, events.sign)
    sign.setVisible(False)
    events.sign_shown.connect(sign.setVisible)
    recording, rows = window.sections.recording, events.rows
    recording.further.body.addWidget(rows)
    for before, after in pairwise((recording.megabytes, rows.seconds, rows.megabytes)):
        window.setTabOrder(before, after)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, events.dock)
    events.dock.hide()
    window.full_screen.hide_also(events.dock)
    events.dock.visibilityChanged.connect(
        lambda: window.actions_.events.setChecked(not events.dock.isHidden())
    )
    Turns(window, window.panel, events.dock)
    return events
