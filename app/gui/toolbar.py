"""The bar above the picture: what is used most, and where the detector runs."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolBar,
    QToolButton,
    QWidget,
)

from app.gui.actions import Actions
from app.gui.icons import icon
from app.settings import Settings
from app.types import DetectorInfo


class ToolBar(QToolBar):
    """Buttons of the window's actions, the device, and the score threshold.

    Signals:
        device_chosen: "auto", "cpu" or "cuda".
        score_chosen: the threshold, in [0, 1].
    """

    device_chosen = Signal(str)
    score_chosen = Signal(float)

    def __init__(self, actions: Actions, camera_menu: QMenu) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Tools"))
        self.setObjectName("tools")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._camera_button = QToolButton()
        self._camera_button.setText(self.tr("Open camera"))
        self._camera_button.setToolTip(self.tr("Open a camera"))
        self._camera_button.setMenu(camera_menu)
        self._camera_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._camera_button.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        )
        self.addWidget(self._camera_button)
        self.addAction(actions.open_file)
        self.addSeparator()
        self.addAction(actions.pause)
        self.addAction(actions.record)
        self.addAction(actions.snapshot)
        self.addSeparator()
        self.addWidget(self._device_box())
        self.addSeparator()
        self.addWidget(self._score_box())
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self.addAction(actions.open_model)

    def tint(self, palette: QPalette) -> None:
        """Draw its own icon for `palette`."""
        self._camera_button.setIcon(icon("camera", palette))

    def show_settings(self, settings: Settings, *, is_switching: bool) -> None:
        """Show what is in force."""
        with QSignalBlocker(self.device):
            self.device.setCurrentIndex(self.device.findData(settings.device))
        self.device.setEnabled(not is_switching)
        with QSignalBlocker(self.score):
            self.score.setValue(round(100 * settings.score_threshold))
        self.score_value.setText(f"{settings.score_threshold:.2f}")

    def show_detector(self, info: DetectorInfo | None, *, is_switching: bool) -> None:
        """Show what runs; None while nothing does."""
        if is_switching:
            text, colors = self.tr("Switching…"), "color: #5c3a00; background: #ffedc7;"
        elif info is None:
            text, colors = self.tr("Idle"), "color: palette(text);"
        elif info.device == "CPU":
            text, colors = self.tr("CPU"), "color: #0b3a66; background: #dcecfb;"
        else:
            text, colors = info.device, "color: #0c4a1c; background: #d3f5dc;"
        self.badge.setText(text)
        self.badge.setStyleSheet(
            f"{colors} border-radius: 4px; padding: 2px 8px; font-weight: 600;"
        )

    def _device_box(self) -> QWidget:
        self.device = QComboBox()
        self.device.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        self.device.setAccessibleName(self.tr("Device"))
        self.device.setToolTip(self.tr("Where the detector should run"))
        self.device.addItem(self.tr("Auto"), "auto")
        self.device.addItem(self.tr("CPU"), "cpu")
        self.device.addItem(self.tr("GPU (CUDA)"), "cuda")
        self.device.activated.connect(self._on_device)
        self.badge = QLabel()
        self.badge.setAccessibleName(self.tr("Where the detector runs"))
        return _row(self.device, self.badge)

    def _score_box(self) -> QWidget:
        self.score = QSlider(Qt.Orientation.Horizontal)
        self.score.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.score.setAccessibleName(self.tr("Score threshold"))
        self.score.setToolTip(self.tr("Boxes with a lower score are not shown"))
        self.score.setRange(1, 99)
        self.score.setFixedWidth(100)
        self.score.valueChanged.connect(lambda v: self.score_chosen.emit(v / 100))
        self.score_value = QLabel()
        self.score_value.setFixedWidth(
            self.fontMetrics().horizontalAdvance("0.000")  # never jumps
        )
        return _row(QLabel(self.tr("Score from")), self.score, self.score_value)

    @Slot(int)
    def _on_device(self, index: int) -> None:
        self.device_chosen.emit(self.device.itemData(index))


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(8, 0, 8, 0)
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget)
    return row
