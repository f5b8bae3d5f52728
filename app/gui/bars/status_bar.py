"""The line below everything: what plays, how fast, and what is recorded."""

from PySide6.QtWidgets import QLabel, QStatusBar

from app.gui.look.elided import ElidedLabel
from app.gui.panel.section import set_look
from app.gui.playing.keeper import RecordingState
from app.pipeline.timeline import Numbers
from app.settings import Settings

SAY_MS = 2500


class StatusBar(QStatusBar):
    """Labels that change a few times a second."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        self.source = ElidedLabel()
        self.recording = QLabel()
        self.recording.setObjectName("recording")
        self.recording.hide()
        self.rates = QLabel()
        self.covered = QLabel()
        self.covered.setObjectName("covered")
        self.covered.hide()
        self.addWidget(self.source, 1)
        self.addPermanentWidget(self.covered)
        self.addPermanentWidget(self.recording)
        self.addPermanentWidget(self.rates)

    def say(self, text: str) -> None:
        """Say it for a moment, in place of the rest."""
        self.showMessage(text, SAY_MS)

    def show_source(self, name: str, size_wh: tuple[int, int]) -> None:
        """Say what plays, and how large its pictures are."""
        self.source.setText(f"{name}  {size_wh[0]} x {size_wh[1]}")

    def show_settings(self, settings: Settings) -> None:
        """Say for as long as it lasts which classes nobody gets to see."""
        names = settings.covered_class_names
        self.covered.setVisible(bool(names))
        self.covered.setText(self.tr("Hidden: {0}").format(", ".join(names)))
        self.covered.setToolTip(
            self.tr("In the window, in recordings and in snapshots (panel, Hiding)")
        )

    def show_nothing(self) -> None:
        """Nothing plays."""
        self.source.setText("")

    def show_numbers(self, numbers: Numbers | None, *, is_live: bool) -> None:
        """Show how it does; nothing where nothing plays."""
        self.rates.setVisible(numbers is not None)
        if numbers is None:
            return
        parts = [
            (self.tr("live {0:.0f} fps") if is_live else self.tr("file {0:.0f} fps")),
            self.tr("inference {1:.0f} fps"),
            self.tr("shown {2:.0f} fps"),
        ]
        if numbers.latency_p50_ms is not None:
            parts.append(self.tr("latency {3:.0f} ms, p95 {4:.0f} ms"))
        if is_live:
            parts.append(self.tr("dropped {5}"))
        text = "   ".join(parts).format(
            numbers.capture_fps,
            numbers.inference_fps,
            numbers.shown_fps,
            numbers.latency_p50_ms,
            numbers.latency_p95_ms,
            numbers.dropped,
        )
        self.rates.setText(text)

    def show_recording(self, state: RecordingState | None) -> None:
        """Show how the running recording does; None: that none runs."""
        self.recording.setVisible(state is not None)
        if state is None:
            return
        lost = self.tr("  {0} lost").format(state.dropped) if state.dropped else ""
        sign = "❚❚" if state.is_held else "●"
        self.recording.setText(f"{sign} {state.elapsed}{lost}")
        self.recording.setToolTip(
            self.tr("Nothing is recorded while what plays stands still.")
            if state.is_held
            else self.tr("As long as the file is")
        )
        set_look(self.recording, "held", "true" if state.is_held else "false")
