"""The list of events and replays, and who is told of events."""

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.look.class_words import class_words
from app.gui.look.icons import plain_icon
from app.gui.look.turning import TurningRow
from app.gui.panel.section import SPACE, muted_label, row_of
from app.gui.playing.clock import clock
from app.types import ImageBgr, KeptClip

THUMBNAIL = QSize(112, 63)
WIDTH = 300


class EventDock(QDockWidget):
    """Shows clips, newest first; what is done with one is the owner's.

    Signals:
        play_wanted: the path of a clip.
        star_wanted: a path, and whether it shall stay.
        folder_wanted: a path.
        copy_wanted: likewise: its annotated copy.
        try_wanted: the name of an alert.
        opened: it is seen now, so it should be up to date.
    """

    play_wanted = Signal(object)
    star_wanted = Signal(object, bool)
    folder_wanted = Signal(object)
    copy_wanted = Signal(object)
    try_wanted = Signal(str)
    opened = Signal()

    def __init__(self, alerts: Sequence[str]) -> None:
        """Empty yet; `alerts` names who is told."""
        super().__init__()
        self.setObjectName("events")
        self.setWindowTitle(self.tr("Events"))
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Events and replays"))
        self.list.setIconSize(THUMBNAIL)
        self.list.setWordWrap(True)
        self.list.itemSelectionChanged.connect(self._follow_selection)
        self.list.itemActivated.connect(lambda _: self._ask(self.play_wanted))
        self.empty = muted_label(
            self.tr(
                "Nothing yet. What B saves is listed here, and what happens where "
                "the rules say so (--rules, --clips)."
            )
        )
        self.play = self._button(self.tr("Play"), self.play_wanted)
        self.star = QPushButton(self.tr("Star"))
        self.star.setToolTip(self.tr("Starred clips are never removed by themselves"))
        self.star.clicked.connect(self._toggle_star)
        self.folder = self._button(self.tr("Show in folder"), self.folder_wanted)
        self.copy = self._button(self.tr("Annotated copy"), self.copy_wanted)
        self.copy.setToolTip(self.tr("A copy with boxes; the clip stays as it is"))
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(SPACE)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.empty, 1)  # one of them is seen, and has the height
        layout.addWidget(self.list, 1)
        layout.addLayout(row_of(self.play, self.star))
        far = TurningRow(SPACE)
        far.line.addWidget(self.folder)
        far.line.addWidget(self.copy)
        layout.addWidget(far)
        self.tries: dict[str, QPushButton] = {}
        self.said = muted_label()
        self.said.hide()
        self._add_alerts(layout, alerts)
        body.setMinimumWidth(WIDTH)
        self.setWidget(body)
        self.visibilityChanged.connect(self._on_visibility)
        self.show_clips([])

    @property
    def chosen(self) -> KeptClip | None:
        """The clip that is selected."""
        items = self.list.selectedItems()
        clip = items[0].data(Qt.ItemDataRole.UserRole) if items else None
        return clip if isinstance(clip, KeptClip) else None

    def show_clips(self, clips: Sequence[KeptClip]) -> None:
        """List those; what was selected stays so, and pictures that are there."""
        chosen = self.chosen
        icons = {clip.path: item.icon() for clip, item in self._items()}
        self.list.clear()
        for clip in clips:
            item = QListWidgetItem(self._text(clip))
            item.setData(Qt.ItemDataRole.UserRole, clip)
            item.setToolTip(str(clip.path))
            item.setIcon(icons.get(clip.path, QIcon()))
            self.list.addItem(item)
            if chosen is not None and clip.path == chosen.path:
                self.list.setCurrentItem(item)
        self.empty.setVisible(not clips)
        self.list.setVisible(bool(clips))
        self._follow_selection()

    def without_picture(self) -> list[Path]:
        """Clips that are listed, but not seen yet."""
        return [clip.path for clip, item in self._items() if item.icon().isNull()]

    def show_thumbnail(self, path: Path, image_bgr: ImageBgr) -> None:
        """Show (H, W, 3) uint8 beside the clip."""
        height, width = image_bgr.shape[:2]
        image = QImage(
            image_bgr.tobytes(), width, height, 3 * width, QImage.Format.Format_BGR888
        )
        pixmap = QPixmap.fromImage(image)  # copies
        for clip, item in self._items():
            if clip.path == path:
                item.setIcon(plain_icon(pixmap))

    def say(self, text: str) -> None:
        """How a test of an alert went."""
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def _add_alerts(self, layout: QVBoxLayout, alerts: Sequence[str]) -> None:
        heading = QLabel(self.tr("Who is told"))
        layout.addWidget(heading)
        words = {
            "sound": self.tr("Sound"),
            "desktop": self.tr("Notification"),
            "webhook": self.tr("Webhook"),
            "mqtt": self.tr("MQTT"),
        }
        for name in alerts:
            button = QPushButton(self.tr("Try it"))
            named = self.tr("{0}: {1}").format(words.get(name, name), button.text())
            button.setAccessibleName(named)
            button.clicked.connect(lambda _, name=name: self.try_wanted.emit(name))
            self.tries[name] = button
            layout.addLayout(row_of(QLabel(words.get(name, name)), button))
        if not alerts:
            layout.addWidget(
                muted_label(self.tr("Nobody. The rules can say who: docs/watching.md."))
            )
        layout.addWidget(self.said)

    def _button(self, text: str, signal: SignalInstance) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda: self._ask(signal))
        return button

    def _ask(self, signal: SignalInstance) -> None:
        if (clip := self.chosen) is not None:
            signal.emit(clip.path)

    def _toggle_star(self) -> None:
        if (clip := self.chosen) is not None:
            self.star_wanted.emit(clip.path, not clip.is_starred)

    def _follow_selection(self) -> None:
        clip = self.chosen
        for button in (self.play, self.star, self.folder, self.copy):
            button.setEnabled(clip is not None)
        is_starred = clip is not None and clip.is_starred
        self.star.setText(self.tr("Take the star") if is_starred else self.tr("Star"))

    def _on_visibility(self, is_visible: bool) -> None:
        if is_visible:
            self.opened.emit()

    def _items(self) -> list[tuple[KeptClip, QListWidgetItem]]:
        items = [self.list.item(row) for row in range(self.list.count())]
        return [(item.data(Qt.ItemDataRole.UserRole), item) for item in items]

    def _text(self, clip: KeptClip) -> str:
        at = time.localtime(clip.ended_at_s - clip.duration_s)
        when = time.strftime("%Y-%m-%d %H:%M:%S", at)
        star = "★ " if clip.is_starred else ""
        names = clip.title.split(", ") if clip.title else ()
        title = class_words(names) or self.tr("Replay")
        return f"{star}{title}\n{when}\n{clock(clip.duration_s)}"
