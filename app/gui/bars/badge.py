"""What the detector runs on, in a word; from the session, never from a wish."""

from PySide6.QtWidgets import QLabel, QSizePolicy

from app.gui.panel.section import set_look
from app.types import DetectorInfo

MOST_LETTERS = 48


class Badge(QLabel):
    """Says "CPU", "CUDA"..., that it is switching, or that nothing runs."""

    def __init__(self, *, is_brief: bool = False) -> None:
        """Say it at length, or where the rest stands beside it, briefly."""
        super().__init__()
        self._is_brief = is_brief
        self.setAccessibleName(self.tr("Where the detector runs"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_detector(None, is_switching=False)

    def show_detector(
        self, info: DetectorInfo | None, *, asked_for: str = "", is_switching: bool
    ) -> None:
        """Show what runs; None while nothing does.

        Args:
            info: from the session.
            asked_for: a device, "auto" or "": it stands out if that was refused.
            is_switching: another one is being loaded.
        """
        if is_switching:
            text, look = self.tr("Switching…"), "warning"
        elif info is None:
            text, look = self.tr("Idle"), "idle"
        elif info.note and asked_for not in ("auto", ""):
            text, look = info.device, "warning"
        elif info.stands_in_for:
            text = info.device if self._is_brief else self.tr("{0} meanwhile")
            text, look = text.format(info.device), "warning"
        elif info.is_elsewhere:
            text = self.tr("Remote") if self._is_brief else info.device
            text, look = _shortened(text), "good"
        else:
            text, look = info.device, "info" if info.device == "CPU" else "good"
        self.setText(text)
        self.setToolTip(info.provider if info is not None else "")
        set_look(self, "badge", look)


def _shortened(text: str) -> str:
    """A host may have a long name; what the badge says first is worth most."""
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
