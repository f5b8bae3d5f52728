"""Where the detector runs: what was asked for, what was had, and why."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.bars.badge import Badge
from app.gui.languages.sentences import in_words, sentence
from app.gui.look.class_words import class_word
from app.gui.look.numbers import decimal
from app.gui.pages.advice import Advice
from app.gui.panel.section import LINE_SPACE, Rows, muted_label, row_of, set_look
from app.gui.panel.settings_history import SettingsHistory
from app.pipeline.events import Difference, Tryout
from app.settings import Settings
from app.types import DetectorInfo, DeviceChoice

TICK_MS = 500


class BackendPart(QWidget):
    """Chooses the device, and says what really runs.

    Signals:
        device_chosen: its key: "auto", "cpu", "cuda"...
        cancelled: stay with what runs.
    """

    device_chosen = Signal(str)
    cancelled = Signal()

    def __init__(self, history: SettingsHistory) -> None:
        """Change settings, but for the device, through `history`."""
        super().__init__()
        self._since_s: float | None = None
        self._choices: dict[str, DeviceChoice] = {}
        self._asked_for = "auto"
        self.device = QComboBox()
        self.device.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        self.device.setToolTip(self.tr("Where the detector should run"))
        self.device.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.device.activated.connect(self._on_device)
        self.badge = Badge(is_brief=True)
        self.details = muted_label()
        self.advice = Advice()
        self.tryout = muted_label()
        self.tryout.hide()
        self.meanwhile = QCheckBox(self.tr("This machine meanwhile"))
        self.meanwhile.setToolTip(
            self.tr("While the server does not answer, detect on this machine")
        )
        self.meanwhile.toggled.connect(
            lambda on: history.change(self.tr("this machine meanwhile"), meanwhile=on)
        )
        self.meanwhile.hide()
        self._build_progress()
        rows = Rows()
        rows.add(self.tr("Runs on"), self.device)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(LINE_SPACE)
        layout.addLayout(rows)
        told = row_of(self.details, self.badge)
        told.setStretch(0, 1)
        layout.addLayout(told)
        for widget in (self.meanwhile, self._progress, self.advice, self.tryout):
            layout.addWidget(widget)

    def _build_progress(self) -> None:
        self._progress = QWidget()
        self.waiting = QLabel(wordWrap=True)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setAccessibleName(self.tr("Loading the detector"))
        self.cancel = QPushButton(self.tr("Keep what runs now"))
        self.cancel.clicked.connect(self.cancelled)
        layout = QVBoxLayout(self._progress)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.waiting)
        layout.addWidget(bar)
        layout.addLayout(row_of(self.cancel, stretch=True))
        self._progress.hide()
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._say_waiting)

    @property
    def chosen(self) -> str:
        """The name of what was asked for."""
        return self.device.currentText()

    def show_devices(self, choices: Sequence[DeviceChoice]) -> None:
        """List them; those that cannot be had say why when they are chosen."""
        self._choices = {choice.device: choice for choice in choices}
        muted = self.palette().color(QPalette.ColorRole.PlaceholderText)
        with QSignalBlocker(self.device):
            self.device.clear()
            for row, choice in enumerate(choices):
                self.device.addItem(choice.title, choice.device)
                if not choice.is_available:
                    role = Qt.ItemDataRole
                    self.device.setItemData(row, muted, role.ForegroundRole)
                    reason = in_words(choice.reason)
                    self.device.setItemData(row, reason, role.ToolTipRole)
            self._show_asked_for()

    def show_state(
        self,
        settings: Settings,
        info: DetectorInfo | None,
        tryout: Tryout | None,
        *,
        is_switching: bool,
    ) -> None:
        """Show what was asked for, what runs, and how the last switch went.

        Args:
            settings: in force.
            info: None while nothing runs.
            tryout: with the detector before; None where there was none.
            is_switching: another one is being loaded.
        """
        self._asked_for = settings.device
        self._show_asked_for()
        self.device.setEnabled(not is_switching)
        self.meanwhile.setVisible(info is not None and info.is_elsewhere)
        with QSignalBlocker(self.meanwhile):
            self.meanwhile.setChecked(settings.meanwhile)
        self.badge.show_detector(
            info, asked_for=settings.device, is_switching=is_switching
        )
        self._show_waiting(is_switching)
        self.details.setText(self._details(info))
        self.details.setVisible(self.details.text() != self.badge.text())
        self._explain(settings, info)
        self._show_tryout(tryout if info is not None and not is_switching else None)

    def _explain(self, settings: Settings, info: DetectorInfo | None) -> None:
        """Why it is not what was asked for; that is no fault where any would do."""
        if info is not None and info.stands_in_for:
            text = self.tr("{0} does not answer; it is asked again all the time.")
            self.advice.say(text.format(info.stands_in_for))
            set_look(self.advice, "notice", "warning")
        elif info is None or not info.note:
            self.advice.say("")
        elif settings.device == "auto":
            text = self.tr("{0}, since {1}.")
            note, remedy = in_words(info.note), in_words(info.remedy)
            self.advice.say(text.format(info.device, note), remedy)
            set_look(self.advice, "notice", "info")
        else:
            text = self.tr("Not {0}: {1}.")
            asked_for = self.device.currentText()
            note, remedy = in_words(info.note), in_words(info.remedy)
            self.advice.say(text.format(asked_for, note), remedy)
            set_look(self.advice, "notice", "warning")

    def _details(self, info: DetectorInfo | None) -> str:
        if info is None:
            return self.tr("Loaded with the first source.")
        parts = [info.device]
        if info.precision:
            parts.append(info.precision)
        if info.threads is not None:
            parts.append(self.tr("threads: {0}").format(info.threads))
        if info.device_share is not None:
            share = round(100 * info.device_share)
            parts.append(self.tr("{0} % of the network").format(share))
        return ", ".join(parts)

    def _show_tryout(self, tryout: Tryout | None) -> None:
        self.tryout.setVisible(tryout is not None)
        if tryout is None:
            return
        text = self.tr("Before {0} ms a frame, now {1} ms.").format(
            decimal(tryout.before_ms), decimal(tryout.after_ms)
        )
        if tryout.agreement is not None:
            share = round(100 * tryout.agreement)
            text += " " + self.tr("{0} % of the boxes agree.").format(share)
        if tryout.differences:
            comma = QCoreApplication.translate("Lists", ", ")
            halves = comma.join(map(self._difference, tryout.differences))
            text += " " + sentence(halves)
        self.tryout.setText(text)

    def _difference(self, found: Difference) -> str:
        scores = [decimal(s, 2) for s in (found.before, found.after) if s is not None]
        if found.before is None:
            text = self.tr("{0} {1} is new")
        elif found.after is None:
            text = self.tr("{0} {1} is gone")
        else:
            text = self.tr("{0} {1} is now {2}")
        return text.format(class_word(found.class_name), *scores)

    def _show_asked_for(self) -> None:
        with QSignalBlocker(self.device):
            if self.device.findData(self._asked_for) < 0:  # not listed yet
                self.device.addItem(_device_in_words(self._asked_for), self._asked_for)
            self.device.setCurrentIndex(self.device.findData(self._asked_for))

    def _show_waiting(self, is_switching: bool) -> None:
        if is_switching == (self._since_s is not None):
            return
        self._since_s = time.monotonic() if is_switching else None
        self._progress.setVisible(is_switching)
        if is_switching:
            self._say_waiting()
            self._tick.start()
        else:
            self._tick.stop()

    @Slot()
    def _say_waiting(self) -> None:
        if self._since_s is not None:
            self.waiting.setText(
                self.tr(
                    "Getting {0} ready, {1:.0f} s. What runs goes on meanwhile."
                ).format(self.device.currentText(), time.monotonic() - self._since_s)
            )

    @Slot(int)
    def _on_device(self, index: int) -> None:
        device = self.device.itemData(index)
        choice = self._choices.get(device)
        if choice is not None and not choice.is_available:
            text = self.tr("{0} is not available: {1}.")
            reason, remedy = in_words(choice.reason), in_words(choice.remedy)
            self.advice.say(text.format(choice.title, reason), remedy)
            set_look(self.advice, "notice", "warning")
            self._show_asked_for()
        else:
            self.device_chosen.emit(device)


def _device_in_words(device: str) -> str:
    """Until the machine has said how its devices are called."""
    return device.capitalize() if device == "auto" else device.upper()
