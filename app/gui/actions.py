"""The rows of `action_table` as Qt's actions, which buttons and menus share."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QPalette
from PySide6.QtWidgets import QWidget

from app.gui.action_row import GROUPS, IN_FILE, ActionRow, Face, Hands
from app.gui.action_table import ACTIONS
from app.gui.look.icons import RED, icon
from app.gui.state import WindowState

Rows = list[tuple[str, Sequence[str]]]
RED_ICONS = ("record", "stop")


class Actions(QObject):
    """What a person can do, from a button, a menu or by a key alone.

    `actions.pause` is the `QAction` of the row called "pause".
    """

    def __init__(self, window: QWidget) -> None:
        """Make them all; they belong to `window`, so their keys work in it."""
        super().__init__(window)
        self._window = window
        self._made = {row.name: self._make(row) for row in ACTIONS}
        self._state = WindowState()
        self.show_state(self._state)

    def __getattr__(self, name: str) -> QAction:
        try:
            made: dict[str, QAction] = self.__dict__["_made"]
            return made[name]
        except KeyError:
            raise AttributeError(name) from None

    def act_with(self, hands: Hands) -> None:
        """Let `hands` carry them out."""
        for row in ACTIONS:
            self._made[row.name].triggered.connect(
                lambda is_on, row=row: row.act(hands, is_on)
            )

    def named(self, names: Iterable[str]) -> list[QAction]:
        """Some of them, in that order."""
        return [self._made[name] for name in names]

    def show_state(self, state: WindowState) -> None:
        """Grey out what is not possible, and call the others what they are now."""
        self._state = state
        for row in ACTIONS:
            action = self._made[row.name]
            action.setEnabled(row.when(state))
            if row.face_now is not None:
                self._dress(action, row.face_now(state))

    def tint(self, palette: QPalette) -> None:
        """Draw the icons for `palette`."""
        for row in ACTIONS:
            face = row.face if row.face_now is None else row.face_now(self._state)
            self._paint(self._made[row.name], face, palette)

    def sheet(self) -> list[tuple[str, Rows]]:
        """Headings with texts and keys: all there is to know about the keyboard."""
        groups: list[tuple[str, Rows]] = []
        for group in GROUPS:
            rows = [row for row in ACTIONS if row.group == group and row.keys]
            actions = self.named(row.name for row in rows)
            texts_and_keys: Rows = [(a.text(), _names(a)) for a in actions]
            if group == IN_FILE:  # what has the focus may need these itself
                texts_and_keys = [*self._keys_of_the_picture(), *texts_and_keys]
            groups.append((self.tr(group), texts_and_keys))
        return groups

    def _keys_of_the_picture(self) -> Rows:
        return [
            (self.tr("Frame by frame"), [self.tr("Left"), self.tr("Right")]),
            (self.tr("Beginning, end"), [self.tr("Home"), self.tr("End")]),
            (self.tr("Move the zoomed picture"), [self.tr("Shift+arrows")]),
        ]

    def _make(self, row: ActionRow) -> QAction:
        text = self.tr(row.face.text)
        action = QAction(text, self._window)
        action.setObjectName(row.name)
        action.setCheckable(row.is_checkable)
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        names = ", ".join(_names(action))
        action.setToolTip(f"{text} ({names})" if names else text)
        self._window.addAction(action)
        return action

    def _dress(self, action: QAction, face: Face) -> None:
        text = self.tr(face.text)
        if action.text() != text:
            action.setText(text)
            self._paint(action, face, self._window.palette())

    def _paint(self, action: QAction, face: Face, palette: QPalette) -> None:
        if face.icon:
            color = RED if face.icon in RED_ICONS else None
            action.setIcon(icon(face.icon, palette, color=color))


def _names(action: QAction) -> list[str]:
    native = QKeySequence.SequenceFormat.NativeText
    return [key.toString(native) for key in action.shortcuts()]
