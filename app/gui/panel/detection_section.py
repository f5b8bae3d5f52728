"""Thresholds of the detector, in force from the next frame on."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QSpinBox

from app.gui.panel.section import Rows, Section
from app.gui.panel.settings_history import SettingsHistory
from app.settings import AUTO_BUDGET_MS, AUTO_DETAIL, DETAILS, Settings

MOST_BOXES = 1000


class DetectionSection(Section):
    """Score, overlap and number of boxes; how closely to look."""

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
        self.detail = QComboBox()
        self.detail.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        self.detail.setToolTip(
            self.tr(
                "Closer looks find what is small, and take 5 to 13 times as long; "
                "Auto takes as many as a frame has time for, where something moves"
            )
        )
        self._looks = [(detail, 0.0) for detail in DETAILS]
        self._looks.append((AUTO_DETAIL, AUTO_BUDGET_MS))
        for text in (
            *(self.tr("Whole picture"), self.tr("Closer"), self.tr("Closest")),
            self.tr("Auto"),
        ):
            self.detail.addItem(text)
        self.detail.activated.connect(self._change_detail)
        rows.add(self.tr("Look"), self.detail)
        self.body.addLayout(rows)
        self._history = history

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self.score.show_value(round(100 * settings.score_threshold))
        self.iou.show_value(round(100 * settings.iou_threshold))
        with QSignalBlocker(self.most):
            self.most.setValue(settings.max_detections)
        chosen = settings.detail, settings.detail_budget_ms
        with QSignalBlocker(self.detail):
            if chosen not in self._looks:  # of the command line, or a file
                self._looks.append(chosen)
                self.detail.addItem(self.tr("Auto, {0:.0f} ms").format(chosen[1]))
            self.detail.setCurrentIndex(self._looks.index(chosen))

    def _change_detail(self, index: int) -> None:
        detail, budget_ms = self._looks[index]
        self._history.change(
            self.tr("looks"), detail=detail, detail_budget_ms=budget_ms
        )


def _hundredths(value: int) -> str:
    return f"{value / 100:.2f}"
