"""Thresholds of the detector, in force from the next frame on."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QSpinBox

from app.gui.panel.resetting import Reset
from app.gui.panel.section import Further, Rows, Section, give_air, muted_label
from app.gui.panel.settings_history import SettingsHistory
from app.settings import AUTO_BUDGET_MS, AUTO_DETAIL, DETAILS, Settings
from app.thresholds import Thresholds

MOST_BOXES = 1000
IOU_SLIDER_PX = 56  # its name is the longest
_SETTINGS = (
    *("score_threshold", "threshold_chosen", "iou_threshold", "max_detections"),
    *("detail", "detail_budget_ms"),
)


class DetectionSection(Section):
    """Score and how closely to look; under More, overlap and number of boxes."""

    def __init__(self, history: SettingsHistory) -> None:
        """Change settings through `history`."""
        super().__init__()
        self._history = history
        self._thresholds: Thresholds | None = None
        self._settings = Settings()
        self._reset = Reset(self, history, _SETTINGS, self.usual)
        self.set_title(self.tr("Detection"))
        rows = Rows()
        self.score = rows.add_slider(
            self.tr("Minimum confidence"),
            (1, 99),
            show=_percent,
            changed=self._choose,
            usual=self._own_score,
            tip=self.tr("Boxes that the detector is less sure of are not shown"),
        )
        self.expected = muted_label()
        rows.addWidget(self.expected, rows.rowCount(), 0, 1, 3)
        self.further, rare = Further(), Rows()
        self.iou = rare.add_slider(
            self.tr("Merge overlapping boxes"),
            (0, 100),
            show=_percent,
            changed=lambda v: history.change(
                self.tr("merging of boxes"), iou_threshold=v / 100
            ),
            usual=lambda: round(100 * Settings().iou_threshold),
            tip=self.tr(
                "Of two boxes of one class that share more of their area (IoU), "
                "only the better one stays"
            ),
        )
        self.most = QSpinBox()
        give_air(self.most)
        self.most.setRange(1, MOST_BOXES)
        self.most.setKeyboardTracking(False)
        self.most.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.most.setToolTip(self.tr("The best so many of a frame are shown"))
        self.most.valueChanged.connect(
            lambda v: history.change(self.tr("most boxes"), max_detections=v)
        )
        self.most.setSuffix(self.tr(" boxes"))
        # Each with a grid of its own: behind the slider's long name, the box would
        # make the panel wider than it is.
        self.iou.setMinimumWidth(IOU_SLIDER_PX)
        fewer = Rows()
        fewer.add(self.tr("At most"), self.most)
        self.further.body.addLayout(rare)
        self.further.body.addLayout(fewer)
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
        self.add_further(self.further)
        self._say_expected()

    def usual(self) -> Settings:
        """What is in force where nobody chose, with the model that runs."""
        told, settings = self._thresholds, self._settings
        if told is None and not settings.threshold_chosen:  # the last model's, maybe
            return replace(Settings(), score_threshold=settings.score_threshold)
        return Settings().for_model(told.best if told else None)

    def _own_score(self) -> int:
        """In hundredths, what the model that runs asks for."""
        return round(100 * self.usual().score_threshold)

    def _choose(self, hundredths: int) -> None:
        self._history.change(
            self.tr("minimum confidence"),
            score_threshold=hundredths / 100,
            # Back at the model's own, it is the model's again.
            threshold_chosen=hundredths != self._own_score(),
        )

    def show_thresholds(self, thresholds: Thresholds | None) -> None:
        """What to expect of the model that runs from a score on, where it says so."""
        self._thresholds = thresholds
        self._reset.look()
        self.expected.setToolTip(
            self.tr(
                "Of the boxes so many are right, and of all objects so many are found: "
                "measured on {0} labelled photos; yours may be easier or harder"
            ).format(thresholds.photos)
            if thresholds
            else ""
        )
        self._say_expected()

    def _say_expected(self) -> None:
        self.expected.setVisible(self._thresholds is not None)
        if self._thresholds is None:
            return
        precision, recall = self._thresholds.expected(self.score.value() / 100)
        self.expected.setText(
            self.tr("About {0} % right, {1} % of all found").format(
                round(100 * precision), round(100 * recall)
            )
        )

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self._settings = settings
        self._reset.show_settings(settings)
        self.score.show_value(round(100 * settings.score_threshold))
        self._say_expected()
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


def _percent(value: int) -> str:
    return f"{value} %"
