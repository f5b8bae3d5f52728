"""The lines and zones of what plays, changed so that it can be undone."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from app.gui.counting.shapes import added, free_name, replaced
from app.gui.panel.settings_history import SettingsHistory
from app.tracking.rules import Line, Point, Rules, Zone


class _Change(QUndoCommand):
    """The rules of one source, before and after."""

    def __init__(
        self, text: str, apply: Callable[[Rules], None], before: Rules, after: Rules
    ) -> None:
        super().__init__(text)
        self._apply = apply
        self._before = before
        self._after = after

    def undo(self) -> None:
        self._apply(self._before)

    def redo(self) -> None:
        self._apply(self._after)


class RulesEditor(QObject):
    """What is counted now, and which of it is selected.

    Signals:
        changed: the rules are others.
        selected: the name of the selected rule; empty: none.
        kept: the source's text and its new rules, of whatever source they are.
    """

    changed = Signal()
    selected = Signal(str)
    kept = Signal(str, object)

    def __init__(self, history: SettingsHistory, parent: QObject) -> None:
        """Without any; changes can be undone by `history`."""
        super().__init__(parent)
        self._history = history
        self._source = ""
        self.rules = Rules()
        self.selection = ""

    @property
    def rule(self) -> Line | Zone | None:
        """The selected one."""
        for rule in self.rules.all():
            if rule.name == self.selection:
                return rule
        return None

    def show(self, source: str, rules: Rules) -> None:
        """Another source, and what is counted there; not to be undone."""
        self._source = source
        self._use(rules)

    def put(self, text: str, rules: Rules) -> None:
        """Count that instead.

        Args:
            text: what is changed, for "Undo ...".
            rules: all of them.
        """
        before, source = self.rules, self._source
        if rules != before:
            self._history.do(
                _Change(text, lambda own: self._apply(source, own), before, rules)
            )

    def add_line(self, from_xy: Point, to_xy: Point) -> None:
        """One more, selected."""
        line = Line(free_name(self.rules, "L"), from_xy, to_xy)
        self.put(self.tr("line {0}").format(line.name), added(self.rules, line))
        self.select(line.name)

    def add_zone(self, polygon: tuple[Point, ...]) -> None:
        """Likewise.

        Raises:
            ValueError: the corners make no zone.
        """
        zone = Zone(free_name(self.rules, "Z"), polygon)
        self.put(self.tr("zone {0}").format(zone.name), added(self.rules, zone))
        self.select(zone.name)

    def replace(self, name: str, rule: Line | Zone) -> None:
        """Another rule in its place.

        Raises:
            ValueError: its name is another rule's.
        """
        rules = replaced(self.rules, name, rule)
        was_selected = self.selection == name
        self.put(self.tr("change of {0}").format(name), rules)
        if was_selected:
            self.select(rule.name)

    def turn(self) -> None:
        """Let *in* be the other way."""
        if isinstance(rule := self.rule, Line):
            self.replace(
                rule.name, replace(rule, from_xy=rule.to_xy, to_xy=rule.from_xy)
            )

    def remove(self) -> None:
        """Take the selected one away."""
        if self.rule is not None:
            name = self.selection
            self.put(
                self.tr("removal of {0}").format(name),
                replaced(self.rules, name, None),
            )

    def select(self, name: str) -> None:
        """Show the handles of that one."""
        if name != self.selection:
            self.selection = name
            self.selected.emit(name)

    def _apply(self, source: str, rules: Rules) -> None:
        self.kept.emit(source, rules)
        if source == self._source:
            self._use(rules)

    def _use(self, rules: Rules) -> None:
        self.rules = rules
        self.changed.emit()
        if self.rule is None:
            self.select("")
