"""The process that exports: what it is told, and what it tells."""

import json
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, QTimer, Signal, Slot

# What was found until then is kept, however it ends.
KILL_AFTER_MS = 2000
KILLED_WITHIN_MS = 1000


class ExportProcess(QObject):
    """Runs the command line, one command at a time.

    Signals:
        told: a line of JSON on standard output, as a dict.
        ended: its exit code (-1: it was killed, or could not be started), and the
            lines that it complained with.
    """

    told = Signal(object)
    ended = Signal(int, list)

    def __init__(self, command_line: Sequence[str], parent: QObject) -> None:
        """Nothing runs yet; `command_line` starts it."""
        super().__init__(parent)
        self._command_line = command_line
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._kill = QTimer(self, interval=KILL_AFTER_MS, singleShot=True)
        self._kill.timeout.connect(self._process.kill)

    @property
    def is_running(self) -> bool:
        """True until `ended`."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self, arguments: Sequence[str]) -> None:
        """Run it so."""
        program, *before = self._command_line
        self._process.start(program, [*before, *arguments])

    def cancel(self) -> None:
        """Ask it to end, as `main.py export --for-window` hears it; then kill it."""
        if self.is_running:
            self._process.closeWriteChannel()
            self._kill.start()

    def shut_down(self) -> None:
        """End it at once, with nobody left to tell."""
        if self.is_running:
            self._process.blockSignals(True)
            self._process.kill()
            self._process.waitForFinished(KILLED_WITHIN_MS)

    @Slot()
    def _read(self) -> None:
        while self._process.canReadLine():
            line = bytes(self._process.readLine().data()).decode(errors="replace")
            try:
                told = json.loads(line)
            except ValueError:  # a library that prints
                continue
            if isinstance(told, dict):
                self.told.emit(told)

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._kill.stop()
        self._read()
        said = bytes(self._process.readAllStandardError().data()).decode(
            errors="replace"
        )
        lines = [line.strip() for line in said.replace("\r", "\n").splitlines()]
        is_whole = status == QProcess.ExitStatus.NormalExit
        self.ended.emit(code if is_whole else -1, [line for line in lines if line])

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # `finished` never comes
            self.ended.emit(-1, [self._process.errorString()])
