"""Makes the model file from the bundled weights, in a process of its own."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QTimer, Signal, Slot

KILL_AFTER_MS = 3000
LINES_KEPT = 40


@dataclass(frozen=True, slots=True)
class BuildCommand:
    """How a model is built.

    Attributes:
        program: what to start.
        arguments: with what.
        model: the file it makes.
        shown: the same for a terminal.
        can_run: the weights, and what reads them, are there.
        bundled: the app's own model, where it is there already.
        shown_for_own: what makes one of a person's own weights.
    """

    program: str
    arguments: tuple[str, ...]
    model: Path
    shown: str
    can_run: bool
    bundled: Path | None = None
    shown_for_own: str = ""


class ModelBuilder(QObject):
    """One build at a time.

    Signals:
        said: the last line that the program wrote.
        built: the path of the model.
        failed: what it wrote; empty where it was cancelled.
    """

    said = Signal(str)
    built = Signal(object)
    failed = Signal(str)

    def __init__(self, command: BuildCommand, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.command = command
        self._lines: list[str] = []
        self._is_cancelled = False
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyRead.connect(self._read)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._kill = QTimer(self, interval=KILL_AFTER_MS, singleShot=True)
        self._kill.timeout.connect(self._process.kill)

    @property
    def is_running(self) -> bool:
        """True from `start` until `built` or `failed`."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self) -> None:
        """Begin; does nothing while one runs."""
        if self.is_running:
            return
        self._lines, self._is_cancelled = [], False
        self._process.start(self.command.program, list(self.command.arguments))

    def cancel(self) -> None:
        """End it; `failed` follows."""
        if self.is_running:
            self._is_cancelled = True
            self._process.terminate()
            self._kill.start()

    def shut_down(self) -> None:
        """End it at once, with nobody left to tell."""
        if self.is_running:
            self.blockSignals(True)
            self._process.kill()
            self._process.waitForFinished(KILL_AFTER_MS)

    @Slot()
    def _read(self) -> None:
        text = bytes(self._process.readAll().data()).decode(errors="replace")
        lines = [line.strip() for line in text.replace("\r", "\n").splitlines()]
        if lines := [line for line in lines if line]:
            self._lines = [*self._lines, *lines][-LINES_KEPT:]
            self.said.emit(lines[-1])

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._kill.stop()  # the next build is none of its business
        self._read()
        if self._is_cancelled:
            self.failed.emit("")
        elif code == 0 and status == QProcess.ExitStatus.NormalExit:
            self.built.emit(self.command.model)
        else:
            self.failed.emit("\n".join(self._lines) or f"exit code {code}")

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # `finished` never comes
            self.failed.emit(self._process.errorString())
