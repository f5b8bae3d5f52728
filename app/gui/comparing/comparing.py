"""Shows another detector beside the one that plays, where somebody wants that."""

import statistics
from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QLabel

from app.comparing.agreement import Agreement
from app.errors import UserError
from app.gui.comparing.compare_bar import CompareBar
from app.gui.comparing.compare_view import CompareView
from app.gui.comparing.rival import BothFound, Rival
from app.gui.picture.scene import Scene
from app.gui.playing.player import Player
from app.pipeline.interfaces import Factories
from app.types import DetectorInfo, Result

# Frames that the status tells of.
RECENT = 100


class Comparing(QObject):
    """Puts the view in the picture's place, and lets the rival look at what is on show.

    Signals:
        changed: it was begun or ended.
    """

    changed = Signal(bool)

    def __init__(
        self,
        player: Player,
        factories: Factories,
        *,
        scene: Scene,
        bar: CompareBar,
        status: QLabel,
        parent: QObject | None = None,
    ) -> None:
        """Nothing is compared yet.

        Args:
            player: A is what it plays with.
            factories: what makes B.
            scene: where the picture is.
            bar: chooses B.
            status: how far they agree, and what each takes.
            parent: whose child it is.
        """
        super().__init__(parent)
        self._player = player
        self._factories = factories
        self._scene = scene
        self.status = status
        self._is_on = False
        self._recent = deque[BothFound](maxlen=RECENT)
        self._newest: Result | None = None
        self.bar = bar
        self.view = CompareView(scene)
        self.view.hide()
        self.rival = Rival(player.chores.comparing, factories.make_detector, self)
        self.rival.opened.connect(self._on_opened)
        self.rival.failed.connect(self._on_failed)
        self.rival.answered.connect(self._on_answered)
        bar.chosen.connect(self.use)
        bar.split_wanted.connect(self.view.show_split)
        bar.split_moved.connect(self.view.part_at)
        self.view.split_moved.connect(bar.show_split_at)
        bar.closed.connect(lambda: self.compare(is_on=False))
        player.starting.connect(self._forget_frames)
        player.detector_opened.connect(self._on_own_detector)

    @property
    def is_on(self) -> bool:
        """True while something is compared."""
        return self._is_on

    def compare(self, *, is_on: bool) -> None:
        """Begin, with what was compared last or the same model elsewhere; or end."""
        if is_on == self._is_on:
            return
        self._is_on = is_on
        self.bar.setVisible(is_on)
        self.status.setVisible(is_on)
        if is_on:
            self._begin()
        else:
            self._scene.show_in_place(None)
            self.rival.leave()
            self._forget_frames()
        self.changed.emit(is_on)

    @Slot(object, str)
    def use(self, path: Path, device: str) -> None:
        """Let B be another model, or run elsewhere."""
        self._recent.clear()
        self.status.setText(self.tr("Loading {0}…").format(path.name))
        self.view.show_text(self.tr("Loading {0}…").format(path.name))
        self.rival.use(path, device)

    def look(self, result: Result) -> None:
        """What the player plays just now."""
        self._newest = result
        if self._is_on:
            self.rival.look(result, self._player.settings)

    def _begin(self) -> None:
        if self.bar.model.count():
            path, device = self.bar.choice
        else:
            path = self._player.model_path
            device = "auto" if self._player.settings.device == "cpu" else "cpu"
            self.bar.show_choice(path, device)
            self._player.chores.looking.run(
                self._factories.list_devices,
                then=self.bar.show_devices,
                or_else=lambda _: None,
            )
        self._scene.show_in_place(self.view)
        self.use(path, device)

    @Slot(object)
    def _on_opened(self, _info: DetectorInfo) -> None:
        self.status.setText(self.tr("Nothing to compare yet"))
        self.view.show_text(self.tr("Waiting for a picture."))
        if self._newest is not None:
            self.look(self._newest)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        remedy = error.remedy if isinstance(error, UserError) else ""
        problem = error.problem if isinstance(error, UserError) else str(error)
        self.view.show_text(f"{problem}\n{remedy}".strip())
        self.status.setText(self.tr("Nothing is compared"))

    @Slot(object)
    def _on_own_detector(self, _info: DetectorInfo) -> None:
        self._recent.clear()

    @Slot()
    def _forget_frames(self) -> None:
        self._newest = None
        self._recent.clear()

    @Slot(object)
    def _on_answered(self, both: BothFound) -> None:
        if not self._is_on or self._newest is None:
            return
        self._recent.append(both)
        self.view.show_both(both)
        a_ms, b_ms = (
            statistics.median(one.ms[which] for one in self._recent) for which in (0, 1)
        )
        a, b = self._player.detector_info, self.rival.info
        if a is None or b is None:
            return
        self.view.show_signs(
            f"A  {a.model_name}, {a.device}  {a_ms:.0f} ms",
            f"B  {b.model_name}, {b.device}  {b_ms:.0f} ms",
        )
        agreement = sum((one.agreement for one in self._recent), Agreement())
        share = agreement.share
        agree = "-" if share is None else f"{100 * share:.0f} %"
        self.status.setText(
            self.tr(
                "agree {0}   only A {1}, only B {2}   A {3:.0f} ms, B {4:.0f} ms"
            ).format(agree, agreement.only_a, agreement.only_b, a_ms, b_ms)
        )
        self.status.setToolTip(
            self.tr(
                "In the last {0} frames. Both run at once here, which slows both; "
                "main.py compare measures each alone."
            ).format(len(self._recent))
        )
