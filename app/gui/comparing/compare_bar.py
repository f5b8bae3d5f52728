"""What is compared, and how it is shown: a line above the picture."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from app.gui.look.turning import SparingRow, TurningRow
from app.gui.panel.section import HANDLE_PX
from app.types import DeviceChoice

SPLIT_STEPS = 1000  # of the slider
# Model files that were chosen before, in the list.
MOST_MODELS = 8


class CompareBar(QFrame):
    """Chooses the other detector, and side by side or parted.

    Signals:
        chosen: the path of a model, and a device.
        split_wanted: one picture, parted.
        split_moved: the slider stands at that share.
        closed: no more of it.
    """

    chosen = Signal(object, str)
    split_wanted = Signal(bool)
    split_moved = Signal(float)
    closed = Signal()

    def __init__(self, keep_test: QAction, parent: QWidget | None = None) -> None:
        """Nothing is chosen; `keep_test` is the window's own action."""
        super().__init__(parent)
        self.setObjectName("compare-bar")
        self.setAccessibleName(self.tr("Compare"))
        self._paths: list[Path] = []
        self.model = self._combo(self.tr("The other model"))
        self.model.activated.connect(self._on_model)
        self.device = self._combo(self.tr("Where the other one runs"))
        self.device.activated.connect(self._on_device)
        self.view = self._combo(self.tr("How both are shown"))
        self.view.addItems([self.tr("Side by side"), self.tr("Split")])
        # No names of files: it can be as wide as its words, "Nebeneinander" for one.
        self.view.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        policy = QSizePolicy.Policy
        self.view.setSizePolicy(policy.Minimum, policy.Fixed)
        self.view.activated.connect(self._on_view)
        self.split = QSlider(Qt.Orientation.Horizontal)
        self.split.setRange(0, SPLIT_STEPS)
        self.split.setValue(SPLIT_STEPS // 2)
        self.split.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.split.setAccessibleName(self.tr("Where the picture is parted"))
        self.split.setToolTip(self.tr("Or drag the line in the picture"))
        self.split.setMaximumWidth(160)
        self.split.setMinimumHeight(HANDLE_PX)
        self.split.valueChanged.connect(
            lambda value: self.split_moved.emit(value / SPLIT_STEPS)
        )
        self.split.hide()
        self.test = QPushButton(keep_test.text())
        self.test.setToolTip(keep_test.toolTip())
        self.test.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.test.clicked.connect(keep_test.trigger)
        self.test.setEnabled(keep_test.isEnabled())
        keep_test.enabledChanged.connect(self.test.setEnabled)
        close = QToolButton()
        close.setText("\N{MULTIPLICATION SIGN}")
        close.setAutoRaise(True)
        close.setAccessibleName(self.tr("Compare no more"))
        close.setToolTip(self.tr("Compare no more"))
        close.clicked.connect(self.closed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 8, 6)
        layout.setSpacing(8)
        name = QLabel(self.tr("Beside it (B):"))
        both = (self.model, self.device)
        other = SparingRow(8, name, *both, spare=(name,), stretched=self.model)
        other.want(name, is_wanted=True)
        # One drags the line in the picture, and T keeps a test.
        spare = (self.split, self.test)
        self._shown = SparingRow(8, self.view, *spare, spare=spare)
        self._shown.want(self.test, is_wanted=True)
        self._rows = TurningRow(8)
        self._rows.line.addWidget(other, 1)
        self._rows.line.addWidget(self._shown)
        layout.addWidget(self._rows, 1)
        layout.addWidget(close)
        self.hide()

    @property
    def choice(self) -> tuple[Path, str]:
        """What stands in the lists."""
        return self._paths[self.model.currentIndex()], self.device.currentData()

    def show_choice(self, path: Path, device: str) -> None:
        """Let the lists say so."""
        if path not in self._paths:
            self._paths = [path, *self._paths][:MOST_MODELS]
        with QSignalBlocker(self.model), QSignalBlocker(self.device):
            self.model.clear()
            for row, own in enumerate(self._paths):
                self.model.addItem(own.name)
                self.model.setItemData(row, str(own), Qt.ItemDataRole.ToolTipRole)
            self.model.addItem(self.tr("Another model…"))
            self.model.setCurrentIndex(self._paths.index(path))
            if self.device.findData(device) < 0:
                self.device.addItem(device, device)
            self.device.setCurrentIndex(self.device.findData(device))

    def show_devices(self, choices: Sequence[DeviceChoice]) -> None:
        """List those that can be had."""
        chosen = self.device.currentData()
        with QSignalBlocker(self.device):
            self.device.clear()
            for choice in choices:
                if choice.is_available or choice.device == chosen:
                    self.device.addItem(choice.title, choice.device)
            self.device.setCurrentIndex(max(0, self.device.findData(chosen)))

    def show_split_at(self, share: float) -> None:
        """The divider was moved elsewhere."""
        with QSignalBlocker(self.split):
            self.split.setValue(round(SPLIT_STEPS * share))

    def _combo(self, name: str) -> QComboBox:
        combo = QComboBox()
        combo.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        combo.setAccessibleName(name)
        combo.setToolTip(name)
        combo.setMinimumContentsLength(6)
        combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        return combo

    @Slot(int)
    def _on_model(self, row: int) -> None:
        if row < len(self._paths):
            self.chosen.emit(*self.choice)
            return
        here, device = self._paths[0], self.device.currentData()
        text, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Compare with a model"),
            str(here.parent),
            self.tr("Models ({0})").format("*.onnx"),
        )
        path = Path(text) if text else here
        self.show_choice(path, device)
        if text:
            self.chosen.emit(path, device)

    @Slot(int)
    def _on_device(self, _row: int) -> None:
        self.chosen.emit(*self.choice)

    @Slot(int)
    def _on_view(self, row: int) -> None:
        self._shown.want(self.split, is_wanted=row == 1)
        self.split_wanted.emit(row == 1)
