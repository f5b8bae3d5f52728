"""The strip along the bar: it shows where something was found, and one can go there."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from app.gui.look.class_words import class_word
from app.gui.playing.player import Player
from app.gui.seeking.find_map import COLUMNS, FindMap, Picture
from app.gui.seeking.steering import Steering
from app.gui.seeking.transport_bar import TransportBar
from app.settings import Settings
from app.types import Result

if TYPE_CHECKING:
    from app.export.found import FoundClasses

log = logging.getLogger(__name__)

# What is gone for longer is found anew, when it comes back.
GAP_MS = 1000
PAINT_EVERY_MS = 250


class Finds(QObject):
    """Follows what plays; what an export found in it is known at once.

    Signals:
        told: a sentence on where one is now, or why not elsewhere.
    """

    told = Signal(str)

    def __init__(
        self,
        player: Player,
        transport: TransportBar,
        steering: Steering,
        *,
        find_sidecar: Callable[[str], Path | None],
        chosen_class: Callable[[], str],
    ) -> None:
        """Nothing plays yet.

        Args:
            player: what plays.
            transport: has the strip.
            steering: goes elsewhere.
            find_sidecar: of what is played; asked beside the window.
            chosen_class: in the list of classes; "": any will do.
        """
        super().__init__(transport)
        self._player = player
        self._transport = transport
        self._steering = steering
        self._find_sidecar = find_sidecar
        self._chosen_class = chosen_class
        self._map: FindMap | None = None
        self._names: tuple[str, ...] = ()
        self._shown: tuple[int, ...] = ()  # classes in the strip
        self._known: FoundClasses | None = None  # by its sidecar
        self._settings = player.settings
        self._model = ""
        self._since_s = 0.0  # older pictures were looked at otherwise
        self._picture: Picture | None = None
        self._next_paint = QTimer(self, interval=PAINT_EVERY_MS, singleShot=True)
        self._next_paint.timeout.connect(self._paint)
        player.starting.connect(self._on_starting)
        player.opened.connect(self._look_for_sidecar)
        player.detector_opened.connect(self._on_detector)
        player.settings_changed.connect(self._on_settings)

    def look(self, result: Result) -> None:
        """What was found in the frame on show."""
        info = self._player.info
        if not self._player.can_seek or info is None or info.frame_count == 1:
            return
        if result.class_names != self._names or self._map is None:
            self._names = result.class_names
            self._begin()
        frame = result.frame
        is_older = frame.captured_at_s < self._since_s and not self._player.is_paused
        if self._map is None or is_older:
            return
        place = self._transport.place_of(frame)
        column = self._map.add(place, result.detections.class_ids.tolist())
        if column is not None and self._picture is not None:
            part = slice(column, column + 1)
            self._map.paint(self._picture, self._shown, part)
            if not self._next_paint.isActive():
                self._next_paint.start()

    def go(self, toward: int) -> None:
        """To the next find (1), or the one before (-1)."""
        if self._map is None:
            return
        name = self._chosen_class()
        ids = (self._names.index(name),) if name in self._names else self._shown
        here = self._transport.position.value()
        seek = self._map.after if toward > 0 else self._map.before
        place = seek(here, ids)
        if place is None:
            self.told.emit(self._none(name if name in self._names else "", toward))
            return
        classes = self._map.classes_at(place, ids)
        found = ", ".join(class_word(self._names[c]) for c in classes)
        self._steering.show_moment(self._transport.moment_s(place))
        self.told.emit(f"{found}  {self._transport.moment_text(place)}")

    def show_classes(self) -> None:
        """The class that is chosen in the list is another one now."""
        self._shown = self._wanted()
        if self._map is not None:
            self._picture = self._map.picture(self._shown)
        self._paint()

    def _none(self, name: str, toward: int) -> str:
        if name:
            text = (
                self.tr("No {0} is known after this place.")
                if toward > 0
                else self.tr("No {0} is known before this place.")
            )
        else:
            text = (
                self.tr("Nothing is known after this place.")
                if toward > 0
                else self.tr("Nothing is known before this place.")
            )
        text = text.format(class_word(name))
        if self._is_known_whole:
            return text
        unknown = self.tr("What was not played is not known.")
        return f"{text} {unknown}"

    # --- when it begins anew -------------------------------------------------

    @Slot()
    def _on_starting(self) -> None:
        self._known, self._names = None, ()
        self._forget()

    @Slot(object)
    def _look_for_sidecar(self, _: object) -> None:
        text, info = self._player.source_text, self._player.info
        if info is None or info.is_live or info.is_stills:
            return

        def look() -> "FoundClasses | None":
            from app.export.found import read_found  # beside the window

            path = self._find_sidecar(text)
            return None if path is None else read_found(path)

        self._player.chores.counting.run(
            look,
            then=lambda known: self._on_sidecar(text, known),
            or_else=lambda error: log.debug("no finds are known: %s", error),
        )

    def _on_sidecar(self, text: str, known: "FoundClasses | None") -> None:
        if text == self._player.source_text and known is not None:
            self._known = known
            self._begin()

    @Slot(object)
    def _on_detector(self, _: object) -> None:
        info = self._player.detector_info
        if info is not None and info.model_name != self._model:
            self._model, self._names = info.model_name, info.class_names
            self._begin()

    @Slot(object)
    def _on_settings(self, settings: Settings) -> None:
        before, self._settings = self._settings, settings
        if _looks(before) != _looks(settings):
            self._begin()
        elif before.hidden_class_names != settings.hidden_class_names:
            self.show_classes()

    def _begin(self) -> None:
        """Nobody has looked yet, but for an export."""
        info = self._player.info
        if not self._names or info is None or not self._player.can_seek:
            self._forget()
            return
        self._since_s = time.monotonic()
        self._map = FindMap(
            len(self._names),
            self._transport.position.maximum(),
            gap=0 if info.is_stills else GAP_MS,
            frames=info.frame_count or COLUMNS,
        )
        if (known := self._known) is not None and self._is_known_whole:
            times_ms = np.round(1000 * known.times_s).astype(np.int64)
            kept = known.scores > np.float32(self._settings.score_threshold)
            self._map.add_all(
                times_ms, times_ms[known.places[kept]], known.class_ids[kept]
            )
        self.show_classes()

    @property
    def _is_known_whole(self) -> bool:
        """Whether an export by this model has it all, and says so of this threshold."""
        if (known := self._known) is None:
            return False
        name = known.header.model_name  # a sidecar that is played names itself, too
        return (
            (self._model == name or self._model.endswith(f"({name})"))
            and known.header.class_names == self._names
            and known.lowest_score <= self._settings.score_threshold
        )

    def _forget(self) -> None:
        self._map = self._picture = None
        self._paint()

    # --- what is shown -------------------------------------------------------

    def _wanted(self) -> tuple[int, ...]:
        chosen, hidden = self._chosen_class(), set(self._settings.hidden_class_names)
        if chosen in self._names:
            return (self._names.index(chosen),)
        return tuple(i for i, name in enumerate(self._names) if name not in hidden)

    @Slot()
    def _paint(self) -> None:
        picture = self._picture
        if picture is None:
            self._transport.position.show_strip(None)
            return
        rows, columns = picture.shape[:2]
        image = QImage(
            picture.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32
        )
        self._transport.position.show_strip(image.copy())


def _looks(settings: Settings) -> tuple[object, ...]:
    """What decides what is found."""
    return (
        *(settings.score_threshold, settings.iou_threshold),
        *(settings.max_detections, settings.detail),
    )
