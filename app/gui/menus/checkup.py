"""What the doctor says, in a dialog, with commands to copy."""

import json
from typing import Any

from PySide6.QtCore import QProcess, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.gui.languages.sentences import in_words, sentence
from app.gui.look.numbers import decimal
from app.gui.pages.advice import Advice, CopyButton

WIDTH_PX, HEIGHT_PX = 620, 520
END_WITHIN_MS = 2000
WORKS, DOES_NOT = "\N{CHECK MARK}", "\N{EN DASH}"


class CheckupDialog(QDialog):
    """Runs `doctor --json` in a process of its own: a bad driver may end that one."""

    def __init__(self, parent: QWidget, command: tuple[str, ...], model: str) -> None:
        """Begin at once.

        Args:
            parent: the window.
            command: what starts the command line.
            model: the one that the devices are tried with.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("What works here"))
        self.resize(WIDTH_PX, HEIGHT_PX)
        self.verdict = QLabel(self.tr("Every device is tried…"), wordWrap=True)
        self.verdict.setProperty("heading", True)
        self._body = QWidget()
        self._rows = QVBoxLayout(self._body)
        self._rows.setSpacing(8)
        self._rows.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self._body)
        self.copy = CopyButton(self.tr("Copy for a bug report"))
        self.copy.tint(self.palette())
        self.copy.setEnabled(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        for part in (self.verdict, scroll, buttons):
            layout.addWidget(part)
        self._process = QProcess(self)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self.finished.connect(self._end_process)
        self._process.start(
            command[0], [*command[1:], "doctor", "--json", "--model", model]
        )

    def _on_finished(self) -> None:
        output = bytes(self._process.readAllStandardOutput().data()).decode()
        try:
            report = json.loads(output)
        except ValueError:
            said = bytes(self._process.readAllStandardError().data()).decode()
            self._show_failed(said.strip())
            return
        self.copy.text_to_copy = output
        self.copy.setEnabled(True)
        self._show(report)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._show_failed(self._process.errorString())

    def _show_failed(self, reason: str) -> None:
        self.verdict.setText(self.tr("The check itself ended: {0}").format(reason))

    def _show(self, report: dict[str, Any]) -> None:
        self.verdict.setText(
            {
                0: self.tr("All is well."),
                1: self.tr("It works, but something is broken."),
                2: self.tr("It does not work."),
            }[report["exit_code"]]
        )
        if report["model_problem"]:
            self._add_advice("error", report["model_problem"], report["model_remedy"])
        for device in report["devices"]:
            self._add_device(device, is_auto=device["device"] == report["auto"])
        for reason, remedy in report["remarks"]:
            self._add_advice("warning", reason, remedy)

    def _add_device(self, device: dict[str, Any], *, is_auto: bool) -> None:
        works = device["state"] == "works"
        title = QLabel(f"{WORKS if works else DOES_NOT} {device['title']}")
        font = title.font()
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        facts = [device["model"], device["precision"]]
        if device["latency_ms"] is not None:
            facts.insert(
                0, self.tr("{0} ms a picture").format(decimal(device["latency_ms"]))
            )
        if is_auto:
            facts.append(self.tr("taken by Auto"))
        said = ", ".join(fact for fact in facts if fact) if works else ""
        self._add(title)
        if said:
            self._add(QLabel(said, wordWrap=True))
        if device["reason"]:
            look = "error" if device["state"] == "broken" else "info"
            self._add_advice(look, device["reason"], device["remedy"])

    def _add_advice(self, look: str, text: str, remedy: str) -> None:
        advice = Advice(look)
        advice.command.copy.tint(self.palette())
        self._add(advice)
        advice.say(sentence(text), in_words(remedy))

    def _add(self, widget: QWidget) -> None:
        self._rows.insertWidget(self._rows.count() - 1, widget)

    def _end_process(self) -> None:
        """Closed before it was done: nothing of it is to stay. It only looks."""
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.blockSignals(True)
            self._process.kill()
            self._process.waitForFinished(END_WITHIN_MS)
