"""Thresholds of the detector, in force from the next frame on."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QSpinBox

from app.gui.panel.section import Rows, Section
from app.gui.panel.settings_history import SettingsHistory
from app.settings import Settings

MOST_BOXES = 1000


class DetectionSection(Section):
    """Score, overlap and number of boxes."""

    def __init__(self, history: SettingsHistory) -> None:
        """Change settings through `history`."""
        super().__init__()
        self.set_title(self.tr("Detection"))
        rows = Rows()
        self.score = rows.add_slider(
            self.tr("Score from"),
            (1, 99),
            show=_hundredths,
            changed=lambda v: history.change(
                self.tr("score threshold"), score_threshold=v / 100
            ),
            tip=self.tr("Boxes with a lower score are not shown"),
        )
        self.iou = rows.add_slider(
            self.tr("Overlap to"),
            (0, 100),
            show=_hundredths,
            changed=lambda v: history.change(
                self.tr("overlap threshold"), iou_threshold=v / 100
            ),
            tip=self.tr(
                "Of two boxes of one class that overlap more (IoU), "
                "only the better one stays"
            ),
        )
        self.most = QSpinBox()
        self.most.setRange(1, MOST_BOXES)
        self.most.setKeyboardTracking(False)
        self.most.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.most.setToolTip(self.tr("The best so many of a frame are shown"))
        self.most.valueChanged.connect(
            lambda v: history.change(self.tr("most boxes"), max_detections=v)
        )
        rows.add(self.tr("Most boxes"), self.most)
        self.body.addLayout(rows)

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self.score.show_value(round(100 * settings.score_threshold))
        self.iou.show_value(round(100 * settings.iou_threshold))
        with QSignalBlocker(self.most):
            self.most.setValue(settings.max_detections)


def _hundredths(value: int) -> str:
    return f"{value / 100:.2f}"
