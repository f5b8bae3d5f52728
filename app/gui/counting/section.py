"""Who is who and how many went by: what is drawn, chosen and counted."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QWidget,
)

from app.gui.counting.event_list import EventList
from app.gui.look.class_words import class_word, class_words
from app.gui.look.hover import hang
from app.gui.panel.resetting import Reset
from app.gui.panel.section import (
    Further,
    Rows,
    Section,
    check_box,
    muted_label,
    row_of,
)
from app.gui.panel.settings_history import SettingsHistory
from app.settings import Settings
from app.tracking.events import Counts
from app.tracking.rules import ANCHORS, USES, Line, Rules, Zone

LINE, ZONE = "line", "zone"  # that can be drawn
MOST_ROWS = 5  # of rules, without scrolling
LONGEST_TRAIL_S = 10
_SETTINGS = ("steady", "draw_track_ids", "trail_s")


class CountingSection(Section):
    """Lines and zones with their numbers, tracks, and the events to look at.

    Signals:
        draw_wanted: "line", "zone", or "" to stop.
        rule_chosen: the name of a rule; empty: none.
        rule_changed: the selected rule, as it should be.
        turn_wanted: *in* is the other way.
        remove_wanted: the selected rule should go.
        open_wanted: rules from a file.
        save_wanted: the rules, as a file.
        export_wanted: the events and counts, as files.
    """

    draw_wanted = Signal(str)
    rule_chosen = Signal(str)
    rule_changed = Signal(object)
    turn_wanted = Signal()
    remove_wanted = Signal()
    open_wanted = Signal()
    save_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, history: SettingsHistory) -> None:
        """Change settings through `history`."""
        super().__init__()
        self._reset = Reset(self, history, _SETTINGS)
        self.set_title(self.tr("Counting"))
        self._rule: Line | Zone | None = None
        self._names: tuple[str, ...] = ()
        self._build_drawing()
        self._build_rules()
        self._build_details()
        self._build_switches(history)
        self.events = EventList()
        self.body.addWidget(self.events)
        self.show_rules(Rules(), "", {})

    # --- what is shown -------------------------------------------------------

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self._reset.show_settings(settings)
        for box, is_on in (
            (self.steady, settings.steady),
            (self.track_ids, settings.draw_track_ids),
        ):
            with QSignalBlocker(box):
                box.setChecked(is_on)
        self.trails.show_value(round(settings.trail_s))

    def show_drawing(self, kind: str) -> None:
        """What is being drawn now, and how that is done."""
        self.line.setChecked(kind == LINE)
        self.zone.setChecked(kind == ZONE)
        words = {
            LINE: self.tr(
                "Drag from one end to the other, or click both; Shift keeps it "
                "straight, Esc cancels."
            ),
            ZONE: self.tr(
                "Click the corners; a click on the first one, Enter or a double "
                "click closes it. Backspace takes one back, Esc cancels."
            ),
        }
        self.hint.setText(words.get(kind, self._usual_hint()))

    def show_source(self, text: str) -> None:
        """What the numbers are made of."""
        self.state.setText(text)
        self.state.setHidden(not text)

    def show_classes(self, names: tuple[str, ...]) -> None:
        """What there is to count."""
        self._names = names

    def show_rules(self, rules: Rules, selection: str, counts: Counts) -> None:
        """All of them with their numbers, and the selected one's choices."""
        names = [rule.name for rule in rules.all()]
        are_others = names != [self._name_at(r) for r in range(self.rules.count())]
        if are_others:
            with QSignalBlocker(self.rules):
                self.rules.clear()
                for name in names:
                    item = QListWidgetItem()
                    item.setData(Qt.ItemDataRole.UserRole, name)
                    self.rules.addItem(item)
        for row, rule in enumerate(rules.all()):
            numbers = self._numbers(rule, counts)
            text = self.tr("{0}:  {1}").format(rule.name, numbers)
            if (item := self.rules.item(row)).text() != text:
                item.setText(text)
        if are_others:  # with their words: Japanese letters are higher than Latin ones
            rows = min(len(names), MOST_ROWS)
            height = self.rules.sizeHintForRow(0) if names else 0
            self.rules.setFixedHeight(rows * (height + 4) + 6)
        chosen = names.index(selection) if selection in names else -1
        if chosen != self.rules.currentRow() or chosen < 0:
            with QSignalBlocker(self.rules):
                self.rules.setCurrentRow(chosen)
                if chosen < 0:
                    self.rules.clearSelection()
        self.rules.setHidden(not names)
        self.save.setEnabled(bool(names))
        self.export.setEnabled(bool(names))
        self.events.setHidden(not rules.counting())
        self._show_rule(rules.all()[chosen] if chosen >= 0 else None)
        if not (self.line.isChecked() or self.zone.isChecked()):
            self.hint.setText(self._usual_hint())
            self.hint.setHidden(bool(names))
        else:
            self.hint.show()

    def _show_rule(self, rule: Line | Zone | None) -> None:
        self.details.setHidden(rule is None)
        if rule is None or rule == self._rule:
            self._rule = rule
            return
        self._rule = rule
        self.name.setText(rule.name)
        self.classes.setText(class_words(rule.classes) or self.tr("all classes"))
        with QSignalBlocker(self.anchor):
            self.anchor.setCurrentIndex(ANCHORS.index(rule.anchor))
        is_zone = isinstance(rule, Zone)
        if isinstance(rule, Zone):
            with QSignalBlocker(self.use):
                self.use.setCurrentIndex(USES.index(rule.use))
        for widget in (self.use, self._use_label):
            widget.setVisible(is_zone)
        self.turn.setVisible(not is_zone)

    def _numbers(self, rule: Line | Zone, counts: Counts) -> str:
        own = counts.get(rule.name, {}).values()
        if isinstance(rule, Line):
            return self.tr("{0} in, {1} out").format(
                sum(one["in"] for one in own), sum(one["out"] for one in own)
            )
        if rule.use == "count":
            return self.tr("{0} inside, {1} entered").format(
                sum(one["inside_at_end"] for one in own),
                sum(one["entered"] for one in own),
            )
        only, ignore = self.tr("look only here"), self.tr("ignored")
        return only if rule.use == "only" else ignore

    def _usual_hint(self) -> str:
        return self.tr("A line counts who crosses it, a zone who is inside.")

    def _name_at(self, row: int) -> str:
        return str(self.rules.item(row).data(Qt.ItemDataRole.UserRole))

    # --- what the user does --------------------------------------------------

    @Slot()
    def _rename(self) -> None:
        name = self.name.text().strip()
        if self._rule is None or name == self._rule.name:
            return
        if not name:
            self.name.setText(self._rule.name)
            return
        self.rule_changed.emit(replace(self._rule, name=name))

    @Slot()
    def _choose_row(self) -> None:
        row = self.rules.currentRow()
        self.rule_chosen.emit(self._name_at(row) if row >= 0 else "")

    @Slot()
    def _fill_classes(self) -> None:
        menu, rule = self.classes.menu(), self._rule
        menu.clear()
        if rule is None:
            return
        every = menu.addAction(self.tr("all classes"))
        every.setCheckable(True)
        every.setChecked(not rule.classes)
        every.triggered.connect(lambda: self._choose_classes(()))
        menu.addSeparator()
        for name in dict.fromkeys((*self._names, *rule.classes)):
            action = menu.addAction(class_word(name).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name in rule.classes)
            action.triggered.connect(lambda on, name=name: self._count_class(name, on))

    def _count_class(self, name: str, is_on: bool) -> None:
        if self._rule is not None:
            others = tuple(own for own in self._rule.classes if own != name)
            self._choose_classes((*others, name) if is_on else others)

    def _choose_classes(self, names: tuple[str, ...]) -> None:
        if self._rule is not None:
            self.rule_changed.emit(replace(self._rule, classes=names))

    def _choose_anchor(self, index: int) -> None:
        if self._rule is not None:
            self.rule_changed.emit(replace(self._rule, anchor=ANCHORS[index]))

    def _choose_use(self, index: int) -> None:
        if isinstance(self._rule, Zone):
            self.rule_changed.emit(replace(self._rule, use=USES[index]))

    # --- building ------------------------------------------------------------

    def _build_drawing(self) -> None:
        self.line = self._tool(self.tr("Line"), self.tr("Draw a line"), LINE)
        self.zone = self._tool(self.tr("Zone"), self.tr("Draw a zone"), ZONE)
        self.more = QPushButton(self.tr("Rules"))
        self.more.setToolTip(self.tr("Open or save lines and zones, export events"))
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(self.more)
        menu.addAction(self.tr("Open rules…")).triggered.connect(
            lambda: self.open_wanted.emit()
        )
        self.save = menu.addAction(self.tr("Save rules…"))
        self.save.triggered.connect(lambda: self.save_wanted.emit())
        self.export = menu.addAction(self.tr("Export events…"))
        self.export.triggered.connect(lambda: self.export_wanted.emit())
        hang(menu, self.more)
        self.body.addLayout(row_of(self.line, self.zone, self.more))
        self.hint = muted_label()
        self.body.addWidget(self.hint)

    def _tool(self, text: str, tip: str, kind: str) -> QPushButton:
        button = QPushButton(text)
        button.setCheckable(True)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda on: self.draw_wanted.emit(kind if on else ""))
        return button

    def _build_rules(self) -> None:
        self.rules = QListWidget()
        self.rules.setAccessibleName(self.tr("Lines and zones"))
        self.rules.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        self.rules.setSpacing(2)
        self.rules.itemSelectionChanged.connect(self._choose_row)
        self.body.addWidget(self.rules)
        self.state = muted_label()
        self.state.hide()
        self.body.addWidget(self.state)

    def _build_details(self) -> None:
        self.details = QWidget()
        rows = Rows()
        self.details.setLayout(rows)
        self.name = QLineEdit()
        self.name.setMaxLength(40)
        self.name.editingFinished.connect(self._rename)
        rows.add(self.tr("Name"), self.name)
        self.classes = QPushButton()
        self.classes.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(self.classes)
        menu.aboutToShow.connect(self._fill_classes)
        hang(menu, self.classes)
        rows.add(self.tr("Counts"), self.classes)
        self.anchor = self._choice(
            (self.tr("bottom of the box"), self.tr("centre of the box")),
            self._choose_anchor,
            self.tr("The point of a box that has to cross, or be inside"),
        )
        rows.add(self.tr("Point"), self.anchor)
        self.use = self._choice(
            (self.tr("count"), self.tr("look only here"), self.tr("ignore")),
            self._choose_use,
            self.tr("Count who is inside, or say where to look at all"),
        )
        self._use_label: QLabel = rows.add(self.tr("Use"), self.use)
        self.turn = QPushButton(self.tr("Turn arrow"))
        self.turn.setToolTip(self.tr("Let 'in' be the other way"))
        self.turn.clicked.connect(lambda: self.turn_wanted.emit())
        self.remove = QPushButton(self.tr("Remove"))
        self.remove.clicked.connect(lambda: self.remove_wanted.emit())
        rows.addLayout(row_of(self.turn, self.remove), rows.rowCount(), 0, 1, 3)
        self.body.addWidget(self.details)

    def _build_switches(self, history: SettingsHistory) -> None:
        self.steady = check_box(
            self.tr("Steady"),
            self.tr(
                "Show what is seen in more than one frame, by what it is in most of "
                "them"
            ),
            lambda on: history.change(self.tr("steady picture"), steady=on),
        )
        self.track_ids = check_box(
            self.tr("Track ids"),
            self.tr("The number of its track behind the class name"),
            lambda on: history.change(self.tr("track ids"), draw_track_ids=on),
        )
        self.body.addLayout(row_of(self.steady, self.track_ids, stretch=True))
        rows = Rows()
        self.trails = rows.add_slider(
            self.tr("Trails"),
            (0, LONGEST_TRAIL_S),
            show=lambda v: f"{v} s" if v else self.tr("none"),
            changed=lambda v: history.change(self.tr("trails"), trail_s=float(v)),
            usual=lambda: round(Settings().trail_s),
            tip=self.tr("How much of its way is drawn behind each"),
        )
        further = Further()
        further.body.addLayout(rows)
        self.add_further(further)

    def _choice(
        self, texts: tuple[str, ...], chosen: Callable[[int], None], tip: str
    ) -> QComboBox:
        box = QComboBox()
        box.addItems(texts)
        box.setToolTip(tip)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.activated.connect(chosen)
        return box
