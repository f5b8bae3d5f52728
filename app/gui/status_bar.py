"""The line below everything: what plays, how fast, and what is recorded."""

from PySide6.QtWidgets import QLabel, QStatusBar

from app.pipeline.stats import StatsSnapshot


class StatusBar(QStatusBar):
    """Labels that change a few times a second."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        self.source = QLabel()
        self.recording = QLabel()
        self.recording.setStyleSheet(
            "color: white; background: #c92a2a; border-radius: 4px; padding: 1px 8px;"
        )
        self.recording.hide()
        self.rates = QLabel()
        self.addWidget(self.source, 1)
        self.addPermanentWidget(self.recording)
        self.addPermanentWidget(self.rates)

    def show_source(self, name: str, size_wh: tuple[int, int]) -> None:
        """Say what plays, and how large its pictures are."""
        self.source.setText(f"{name}  {size_wh[0]} x {size_wh[1]}")

    def show_rates(
        self, stats: StatsSnapshot | None, *, latency_ms: float | None, is_live: bool
    ) -> None:
        """Show how the pipeline does; nothing where none runs."""
        self.rates.setVisible(stats is not None)
        if stats is None:
            return
        parts = [
            self.tr("source {0:.0f} fps").format(stats.capture_fps),
            self.tr("detector {0:.0f} fps").format(stats.inference_fps),
        ]
        if latency_ms is not None:
            parts.append(self.tr("latency {0:.0f} ms").format(latency_ms))
        if is_live:
            parts.append(self.tr("dropped {0}").format(stats.dropped))
        self.rates.setText("   ".join(parts))

    def show_recording(self, elapsed: str, *, lost: int) -> None:
        """Show that a recording runs; an empty `elapsed`: that none does."""
        self.recording.setVisible(bool(elapsed))
        text = f"● {elapsed}" + (self.tr("  {0} lost").format(lost) if lost else "")
        self.recording.setText(text)
