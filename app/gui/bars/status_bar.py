"""The line below everything: what plays, how fast, and what is recorded."""

from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton

from app.gui.look.class_words import class_words
from app.gui.look.elided import ElidedLabel
from app.gui.look.numbers import whole
from app.gui.panel.section import set_look
from app.gui.playing.keeper import RecordingState
from app.pipeline.timeline import Numbers
from app.settings import Settings

SAY_MS = 2500


class StatusBar(QStatusBar):
    """Labels that change a few times a second.

    Attributes:
        compared: what two detectors agree on, while that is looked at.
        exported: how far an export is; it is here at once, so that the bar is as high
            before as then.
    """

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
        self.compared = QLabel()
        self.compared.hide()
        self.exported = QToolButton(autoRaise=True)
        self.exported.hide()
        self.addWidget(self.source, 1)
        self.addPermanentWidget(self.covered)
        self.addPermanentWidget(self.recording)
        self.addPermanentWidget(self.rates)
        self.addPermanentWidget(self.compared)
        self.addPermanentWidget(self.exported)

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
        self.covered.setText(self.tr("Hidden: {0}").format(class_words(names)))
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
        text = self.tr("Live: {0} fps") if is_live else self.tr("File: {0} fps")
        text = text.format(whole(numbers.shown_fps))
        if numbers.latency_p50_ms is not None:
            delay = self.tr("{0} ms delay").format(whole(numbers.latency_p50_ms))
            text = f"{text} \N{MIDDLE DOT} {delay}"
        self.rates.setText(text)
        told = "\n".join(self._details(numbers, is_live=is_live))
        self.rates.setToolTip(told)
        self.rates.setAccessibleDescription(told)

    def _details(self, numbers: Numbers, *, is_live: bool) -> list[str]:
        """What else there is to know, a line each."""
        given = self.tr("The camera gives {0} frames a second")
        if not is_live:
            given = self.tr("The file gives {0} frames a second")
        lines = [
            given.format(whole(numbers.capture_fps)),
            self.tr("The detector finishes {0}").format(whole(numbers.inference_fps)),
            self.tr("The window shows {0}").format(whole(numbers.shown_fps)),
        ]
        if numbers.latency_p50_ms is not None and numbers.latency_p95_ms is not None:
            lines.append(
                self.tr(
                    "From the source to the screen: {0} ms; one in twenty takes "
                    "longer than {1} ms"
                ).format(
                    whole(numbers.latency_p50_ms),
                    whole(numbers.latency_p95_ms),
                )
            )
        if is_live:
            lines.append(
                self.tr("Skipped, since a newer one was there: {0}").format(
                    whole(numbers.dropped)
                )
            )
        return [*lines, self.tr("All of it over time: Plots (P)")]

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
