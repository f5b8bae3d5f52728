"""Counting in the window: it lets what is drawn, counted and shown hear of each other.

Live, the numbers are the watcher's; of a file that has a sidecar, they are the
sidecar's, for all of it at once, wherever the line is moved.
"""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFileDialog

from app.errors import UserError
from app.export.count_files import write_audit, write_counts
from app.export.counting import Counted, Seen, count_seen, read_seen, seen_box
from app.gui.counting.curves import curves_of
from app.gui.counting.editor import RulesEditor
from app.gui.counting.store import Kept, RulesStore
from app.gui.counting.thumbnails import FilePictures, Request, box_of, thumbnail
from app.gui.counting.tool import DrawingTool
from app.gui.parts import Places, WindowParts
from app.gui.playing.clock import clock
from app.gui.playing.player import Player
from app.pipeline.interfaces import Factories
from app.tracking.books.audit import Audit
from app.tracking.books.ledger import Ledger
from app.tracking.events import Counts, Event
from app.tracking.rules import Line, Rules, Zone, read_rules
from app.tracking.watcher import Watcher
from app.types import Result

LOOK_EVERY_MS = 200
# A picture this long after an event is not of that moment any more.
FRESH_S, FRESH_ONES = 1.0, 16
RULES_FILTER = "JSON (*.json)"


class CountingDesk(QObject):
    """Rules, numbers and events of what plays."""

    def __init__(
        self, parts: WindowParts, player: Player, factories: Factories, places: Places
    ) -> None:
        """Nothing plays yet.

        Args:
            parts: of the window.
            player: what plays.
            factories: read a file a second time, and know its sidecar.
            places: where rules are kept, and where events go.
        """
        super().__init__(parts)
        self._parts = parts
        self._player = player
        self._factories = factories
        self._folder = places.recordings
        self._errands = player.chores.counting
        self._store = RulesStore(
            places.settings.with_name("counting.json"), redact=factories.redact
        )
        self._section = parts.sections.counting
        self.editor = RulesEditor(parts.changes, self)
        self.tool = DrawingTool(parts.video, self.editor)
        # A disk that is slow to give pictures holds no count up.
        self._pictures = FilePictures(factories.make_source, player.chores.clips, self)
        self._source = ""
        self._watcher: Watcher | None = None
        self._ledger = Ledger()
        self._seen: Seen | None = None  # of its sidecar
        self._sidecar: Path | None = None
        self._counted: Counted | None = None
        self._is_counting = self._is_stale = False
        self._audit = Audit()
        self._next_look = QTimer(self, interval=LOOK_EVERY_MS, singleShot=True)
        self._next_look.timeout.connect(self._look)
        self._connect()
        self._errands.run(self._store.load, then=self._on_loaded, or_else=_ignore)

    @property
    def rules(self) -> Rules:
        """What is counted."""
        return self.editor.rules

    @property
    def events(self) -> tuple[Event, ...]:
        """What was counted."""
        if self._counted is not None:
            return self._counted.events
        return self._ledger.events(self.editor.rules)

    @property
    def counts(self) -> Counts:
        """What it comes to."""
        if self._counted is not None:
            return self._counted.counts
        return self._ledger.counts(self.editor.rules)

    def _connect(self) -> None:
        section, editor, player = self._section, self.editor, self._player
        player.watching.connect(self.begin)
        player.finished.connect(self._look)
        self._parts.video.painted.connect(self._on_painted)
        editor.changed.connect(self._on_rules)
        editor.selected.connect(lambda _: self._show())
        editor.kept.connect(self._keep_rules)
        self.tool.drawing.connect(section.show_drawing)
        section.draw_wanted.connect(self._draw)
        section.rule_chosen.connect(editor.select)
        section.rule_changed.connect(self._change)
        section.turn_wanted.connect(editor.turn)
        section.remove_wanted.connect(editor.remove)
        section.open_wanted.connect(self._open_rules)
        section.save_wanted.connect(self._save_rules)
        section.export_wanted.connect(self._export)
        section.events.chosen.connect(self._go_to)
        section.events.judged.connect(self._judge)
        section.events.model.picture_wanted.connect(self._want_picture)
        # What is still being read then finds nobody to be shown to.
        self._parts.closing.closed.connect(lambda: self._pictures.begin(""))
        self._pictures.read.connect(
            lambda event, image: self._show_picture(event, QPixmap.fromImage(image))
        )

    # --- what plays ----------------------------------------------------------

    @Slot(object)
    def begin(self, watcher: object) -> None:
        """A run begins, and has not read a frame yet."""
        text = self._player.source_text
        self._watcher = watcher if isinstance(watcher, Watcher) else None
        if text != self._source or not self.editor.rules:
            self._source = text
            self._seen = self._sidecar = self._counted = None
            kept = self._store.of(text)
            given = self._watcher.rules if self._watcher else Rules()
            self._audit = kept.audit
            self._section.events.model.forget_pictures()
            self._pictures.begin(text if self._parts.opener.is_file(text) else "")
            self.tool.begin("")
            self._look_for_sidecar(text)
            self.editor.show(text, given or kept.rules)
        self._ledger = Ledger()
        self._give_rules()
        self._show()

    def _on_loaded(self, _: None) -> None:
        """What was kept is known now; something may play already."""
        if self._source and not self.editor.rules:
            kept = self._store.of(self._source)
            self._audit = kept.audit
            self.editor.show(self._source, kept.rules)

    def _look_for_sidecar(self, text: str) -> None:
        find = self._factories.find_sidecar

        def look() -> tuple[Path, Seen] | None:
            path = find(text)
            return None if path is None else (path, read_seen(path))

        if self._parts.opener.is_file(text):
            self._errands.run(
                look, then=lambda found: self._on_sidecar(text, found), or_else=_ignore
            )

    def _on_sidecar(self, text: str, found: tuple[Path, Seen] | None) -> None:
        if text == self._source and found is not None:
            self._sidecar, self._seen = found
            self._recount()

    # --- counting ------------------------------------------------------------

    @Slot()
    def _on_rules(self) -> None:
        self._give_rules()
        self._recount()
        self._show()

    def _give_rules(self) -> None:
        if self._watcher is not None and self._watcher.rules != self.editor.rules:
            self._watcher.rules = self.editor.rules

    def _recount(self) -> None:
        """From the sidecar, beside the window; the newest rules win."""
        seen, rules = self._seen, self.editor.rules
        if seen is None:
            return
        self._is_stale = self._is_counting
        if not self._is_counting:
            self._is_counting = self._errands.run(
                lambda: count_seen(seen, rules),
                then=lambda counted: self._on_counted(seen, rules, counted),
                or_else=self._on_not_counted,
            )

    def _on_counted(self, seen: Seen, rules: Rules, counted: Counted) -> None:
        self._is_counting = False
        if seen is self._seen:
            if rules == self.editor.rules:
                self._counted = counted
                self._show()
            else:
                self._is_stale = True
        if self._is_stale:
            self._recount()

    def _on_not_counted(self, error: Exception) -> None:
        self._is_counting = False
        self._parts.messages.tell_error(error)

    @Slot(object)
    def _on_painted(self, _: Result) -> None:
        if not self._next_look.isActive():
            self._next_look.start()

    @Slot()
    def _look(self) -> None:
        """How far the watcher has come."""
        if self._watcher is None:
            return
        self._ledger.look(self._watcher.stint)
        if (result := self._parts.video.result) is not None:
            for event in self.events[-FRESH_ONES:]:
                self._take_picture(event, result)
        self._show()

    # --- what is shown -------------------------------------------------------

    def _show(self) -> None:
        section, rules, counts = self._section, self.editor.rules, self.counts
        if self._parts.video.result is not None:
            section.show_classes(self._parts.video.result.class_names)
        section.show_rules(rules, self.editor.selection, counts)
        section.show_source(self._where_from() if rules else "")
        section.events.show_events(self.events)
        section.events.show_audit(self._audit)
        self._parts.plots.show_curves(curves_of(rules, self.events))
        if counts != self.tool.counts:
            self.tool.counts = counts
            self._parts.video.update()

    def _where_from(self) -> str:
        if self._counted is not None and self._sidecar is not None:
            return self.tr("All {0} of it, from {1}").format(
                clock(self._counted.duration_s), self._sidecar.name
            )
        if self._watcher is None:
            return ""
        stint = self._watcher.stint
        if not stint.number:
            return ""
        if self._ledger.is_patchwork:
            return self.tr("What was played of it, each moment once")
        return self.tr("From {0} to {1}").format(
            clock(stint.since_s), clock(stint.until_s)
        )

    def _take_picture(self, event: Event, result: Result) -> None:
        model = self._section.events.model
        is_now = 0 <= result.frame.timestamp_s - event.time_s <= FRESH_S
        if is_now and not model.has_picture(event):
            box = box_of(event, result.detections)
            image = thumbnail(result.frame.image_bgr, event, box)
            self._show_picture(event, QPixmap.fromImage(image))

    def _show_picture(self, event: Event, picture: QPixmap) -> None:
        self._section.events.model.show_picture(event, picture)

    @Slot(object)
    def _want_picture(self, event: Event) -> None:
        if self._player.settings.covered_class_names:
            return  # nobody covers people in the file itself
        box = seen_box(self._seen, event) if self._seen is not None else None
        self._pictures.want(Request(event, box))

    # --- what the user does --------------------------------------------------

    @Slot(str)
    def _draw(self, kind: str) -> None:
        if kind and not self._parts.video.has_image:
            self._parts.notice.tell(
                "info", self.tr("Open a video or a camera first, then draw on it.")
            )
            kind = ""
        self.tool.begin(kind)

    @Slot(object)
    def _change(self, rule: Line | Zone) -> None:
        try:
            self.editor.replace(self.editor.selection, rule)
        except ValueError as error:
            self._parts.notice.tell("warning", self.tr("No: {0}.").format(error))
            self._section.show_rules(self.editor.rules, "", self.counts)
        self._show()

    @Slot(object)
    def _go_to(self, event: Event) -> None:
        self._parts.steering.show_moment(event.time_s)

    @Slot(object, bool)
    def _judge(self, event: Event, is_right: bool) -> None:
        self._audit = self._audit.with_verdict(event, is_right)
        self._section.events.show_audit(self._audit)
        self._keep()

    @Slot(str, object)
    def _keep_rules(self, source: str, rules: Rules) -> None:
        audit = self._audit if source == self._source else self._store.of(source).audit
        self._store.keep(source, Kept(rules, audit))
        self._errands.run(self._store.save, or_else=_ignore)

    def _keep(self) -> None:
        self._store.keep(self._source, Kept(self.editor.rules, self._audit))
        self._errands.run(self._store.save, or_else=_ignore)

    @Slot()
    def _open_rules(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._parts, self.tr("Open rules"), "", RULES_FILTER
        )
        if path:
            self._errands.run(
                lambda: read_rules(Path(path)),
                then=lambda rules: self.editor.put(self.tr("rules"), rules),
                or_else=self._parts.messages.tell_error,
            )

    @Slot()
    def _save_rules(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self._parts, self.tr("Save rules"), "rules.json", RULES_FILTER
        )
        if path:
            text = self.editor.rules.to_json()
            self._write(Path(path), lambda: Path(path).write_text(text, "utf-8"))

    @Slot()
    def _export(self) -> None:
        name = Path(self._source.splitlines()[0]).stem or "counts"
        path, _ = QFileDialog.getSaveFileName(
            self._parts,
            self.tr("Export events"),
            str(self._folder / f"{name}.events.jsonl"),
            "JSON lines (*.events.jsonl)",
        )
        if not path:
            return
        base = Path(path.removesuffix(".jsonl").removesuffix(".events") + ".jsonl")
        events, counts, rules = self.events, self.counts, self.editor.rules
        audit = self._audit

        def write() -> None:
            base.parent.mkdir(parents=True, exist_ok=True)
            write_counts(base, events, counts, rules)
            if audit.verdicts:
                write_audit(base, audit, events)

        self._write(base.with_suffix(".events.jsonl"), write)

    def _write(self, path: Path, write: object) -> None:
        assert callable(write)

        def safely() -> None:
            try:
                write()
            except OSError as error:
                raise UserError(
                    f"{path} cannot be written ({error.strerror}).",
                    "Choose another folder.",
                ) from error

        self._errands.run(
            safely,
            then=lambda _: self._parts.messages.tell_snapshot(path),
            or_else=self._parts.messages.tell_error,
        )


def _ignore(_: Exception) -> None:
    """A file that cannot be had costs what it held, never the evening."""
