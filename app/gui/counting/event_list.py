"""What was counted, one by one, with a picture: to be looked at and judged."""

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QListView, QPushButton, QVBoxLayout, QWidget

from app.gui.look.class_words import class_word
from app.gui.look.icons import plain_icon
from app.gui.panel.section import SPACE, muted_label, row_of
from app.gui.playing.clock import clock
from app.tracking.books.audit import Audit
from app.tracking.events import Event

THUMBNAIL_WH = (72, 54)
HEIGHT = 244
MOST_PICTURES = 5000  # of 12 kB
Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


class EventModel(QAbstractListModel):
    """Events as rows; a picture is asked for when its row is seen.

    Signals:
        picture_wanted: an `Event` whose row is seen without one.
    """

    picture_wanted = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.events: tuple[Event, ...] = ()
        self.audit = Audit()
        self._pictures: dict[Event, QIcon] = {}

    def show_events(self, events: tuple[Event, ...]) -> None:
        """These, in the place of those before."""
        old = len(self.events)
        if events[:old] == self.events:
            if len(events) > old:
                self.beginInsertRows(QModelIndex(), old, len(events) - 1)
                self.events = events
                self.endInsertRows()
            return
        self.beginResetModel()
        self.events = events
        self.endResetModel()

    def show_audit(self, audit: Audit) -> None:
        """What was said of them."""
        self.audit = audit
        self._tell_all()

    def show_picture(self, event: Event, picture: QPixmap) -> None:
        """What it looked like."""
        self._pictures[event] = plain_icon(picture)
        while len(self._pictures) > MOST_PICTURES:
            del self._pictures[next(iter(self._pictures))]
        self._tell_all()

    def has_picture(self, event: Event) -> bool:
        """Whether it is known what it looked like."""
        return event in self._pictures

    def forget_pictures(self) -> None:
        """They are of another source."""
        self._pictures = {}

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own
        """One an event."""
        return 0 if parent.isValid() else len(self.events)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:  # noqa: ANN401
        """Words and picture of a row."""
        if not index.isValid():
            return None
        event = self.events[index.row()]
        if role == Role.DisplayRole:
            return self._words(event)
        if role == Role.DecorationRole:
            if event not in self._pictures:
                self.picture_wanted.emit(event)
            return self._pictures.get(event, self._no_picture())
        return None

    def _words(self, event: Event) -> str:
        what = {
            "cross": event.direction,
            "enter": self.tr("entered"),
            "leave": self.tr("left"),
            "appear_inside": self.tr("appeared inside"),
            "lost_inside": self.tr("last seen inside"),
        }[event.kind]
        if event.direction:
            what = self.tr("in") if event.direction == "in" else self.tr("out")
        said = {None: "", True: self.tr("right"), False: self.tr("WRONG")}
        verdict = said[self.audit.of(event)]
        first = f"{clock(event.time_s)}   {event.rule} {what}"
        second = self.tr("{0}, track {1}").format(
            class_word(event.class_name), event.track
        )
        return f"{first}\n{second}" + (f"\n{verdict}" if verdict else "")

    @staticmethod
    def _no_picture() -> QPixmap:
        picture = QPixmap(*THUMBNAIL_WH)
        picture.fill(Qt.GlobalColor.transparent)
        return picture

    def _tell_all(self) -> None:
        if self.events:
            last = self.index(len(self.events) - 1)
            self.dataChanged.emit(self.index(0), last)


class EventView(QListView):
    """A list for the mouse: a click into it leaves the keys to the window."""

    def __init__(self) -> None:
        super().__init__()
        self.setIconSize(QSize(*THUMBNAIL_WH))
        self.setUniformItemSizes(True)
        self.setFixedHeight(HEIGHT)
        self.setSpacing(1)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)


class EventList(QWidget):
    """The events, what was said of them, and two buttons to say it.

    Signals:
        chosen: an `Event` was clicked.
        judged: an `Event`, and whether it was right.
    """

    chosen = Signal(object)
    judged = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self.model = EventModel(self)
        self.view = EventView()
        self.view.setModel(self.model)
        self.view.setAccessibleName(self.tr("Events"))
        self.view.clicked.connect(self._choose)
        self.view.activated.connect(self._choose)
        self.summary = muted_label()
        self.right = self._button(
            self.tr("Right"), self.tr("It happened; go to the next"), True
        )
        self.wrong = self._button(
            self.tr("Wrong"), self.tr("It did not happen; go to the next"), False
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.summary)
        layout.addWidget(self.view)
        layout.addLayout(row_of(self.right, self.wrong))
        self.view.selectionModel().currentChanged.connect(self._show_buttons)
        self.model.modelReset.connect(self._show_buttons)
        self.show_events(())

    def show_events(self, events: tuple[Event, ...]) -> None:
        """These; the newest is in sight, unless somebody looks at another."""
        bar = self.view.verticalScrollBar()
        was_low = bar.value() == bar.maximum()  # in events: a notch is three
        chosen = self._current()
        self.model.show_events(events)
        if chosen is not None and self._current() is None and chosen in events:
            self.view.setCurrentIndex(self.model.index(events.index(chosen)))
        if was_low and not self.view.currentIndex().isValid():
            self.view.scrollToBottom()
        self._sum_up()
        self._show_buttons()

    def show_audit(self, audit: Audit) -> None:
        """What was said of them."""
        self.model.show_audit(audit)
        self._sum_up()

    def _sum_up(self) -> None:
        total, looked, right = self.model.audit.summary(self.model.events)
        if not total:
            text = self.tr("Nothing was counted yet.")
        elif not looked:
            text = self.tr("{0} events; click one to look at it.").format(total)
        else:
            text = self.tr("{0} events, of {1} looked at {2} right.").format(
                total, looked, right
            )
        self.summary.setText(text)

    def _current(self) -> Event | None:
        index = self.view.currentIndex()
        is_there = index.isValid() and index.row() < len(self.model.events)
        return self.model.events[index.row()] if is_there else None

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.model.events[index.row()])

    @Slot()
    def _show_buttons(self) -> None:
        for button in (self.right, self.wrong):
            button.setEnabled(self._current() is not None)

    def _judge(self, is_right: bool) -> None:
        event = self._current()
        if event is None:
            return
        row = self.view.currentIndex().row()
        self.judged.emit(event, is_right)
        if row + 1 < len(self.model.events):
            following = self.model.index(row + 1)
            self.view.setCurrentIndex(following)
            self._choose(following)

    def _button(self, text: str, tip: str, is_right: bool) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._judge(is_right))
        return button
