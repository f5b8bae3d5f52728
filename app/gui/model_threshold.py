"""The score from which on boxes are shown, where nobody chose one."""

from PySide6.QtCore import QObject

from app.gui.playing.player import Player
from app.types import DetectorInfo


class ModelThreshold(QObject):
    """Sets it to what the makers of the model that runs found best."""

    def __init__(self, player: Player, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._player = player
        player.detector_opened.connect(self._take_over)

    def _take_over(self, info: DetectorInfo) -> None:
        before = self._player.settings
        after = before.for_model(info.thresholds.best if info.thresholds else None)
        if after != before:
            self._player.update_settings(after)
