"""What the app has to say, as notices: errors, files that were written, waits."""

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from app.errors import UserError
from app.gui.bars.notice import NoticeBar
from app.gui.languages.sentences import in_words, told
from app.gui.playing.clock import clock
from app.types import RecordingInfo

BACK_AGAIN_MS = 4000
# Where a file is, is news for so long; after that it covers the picture.
NEWS_MS = 20_000


class Messages(QObject):
    """Puts what happened into words, and offers the way on.

    Signals:
        play_wanted: a file that was written should be played.
    """

    play_wanted = Signal(str)

    def __init__(self, notice: NoticeBar) -> None:
        """Speak through `notice`."""
        super().__init__(notice)
        self._notice = notice
        self._waiting_text = ""
        self._end_text = self._refused_text = ""
        self._file_text = ""

    def tell_error(
        self, error: Exception, *, on_cpu: Callable[[], None] | None = None
    ) -> None:
        """Say what the user can mend; of what should not be, offer the details.

        Args:
            error: what happened.
            on_cpu: runs it on the CPU instead, where that would help.
        """
        if isinstance(error, UserError):
            self._notice.tell(
                "error",
                told(error),
                action=self.tr("Use the CPU") if on_cpu is not None else "",
                on_action=on_cpu or _nothing,
            )
            return
        details = "".join(traceback.format_exception(error))
        self._notice.tell(
            "error",
            self.tr("Something went wrong that should not have: {0}").format(error),
            action=self.tr("Copy details"),
            on_action=lambda: QGuiApplication.clipboard().setText(details),
        )

    def tell_warning(self, text: str) -> None:
        """Say what is damaged, or is otherwise than one would think."""
        self._notice.tell("warning", in_words(text))

    def tell_interrupted(self, reason: str) -> None:
        """Say why a live source gives no frames."""
        self._waiting_text = self.tr(
            "{0} It goes on by itself when it is back."
        ).format(in_words(reason))
        self._notice.tell("warning", self._waiting_text)

    def tell_resumed(self, after_s: float) -> None:
        """Say that it is back, for a moment, unless there is more to say."""
        if self._notice.text not in ("", self._waiting_text):
            return
        text = self.tr("Back again after {0:.0f} s.").format(after_s)
        self._notice.tell("info", text)
        QTimer.singleShot(BACK_AGAIN_MS, self, lambda: self._dismiss_if(text))

    def tell_snapshot(self, path: Path) -> None:
        """Say where the picture is."""
        self._tell_file(self.tr("Saved {0}").format(path), path)

    def tell_keeping(self, name: str, *, next_s: float | None = None) -> None:
        """Say that a test is being kept: of a camera, for so many seconds."""
        text = self.tr("Keeping {0}…").format(name)
        if next_s is not None:
            text = self.tr("Keeping the next {1:.0f} s as {0}…").format(name, next_s)
        self._notice.tell("info", text)

    def tell_kept(self, folder: Path, told: str) -> None:
        """Say where the test is, and what it expects."""
        self._tell_file(
            self.tr("Kept {0}: {1}").format(folder, told), folder / "expected.json"
        )

    def tell_recorded(self, info: RecordingInfo | None) -> None:
        """Say where the recording is, and what it lacks; None: there is none."""
        if info is None:
            self._file_text = self.tr(
                "Nothing was recorded: no new picture came meanwhile."
            )
            self._notice.tell("warning", self._file_text)
            return
        text = self.tr("Recorded {0} to {1}").format(clock(info.duration_s), info.path)
        if info.dropped:
            text += self.tr(" ({0} frames were dropped)").format(info.dropped)
        path = Path(info.path)
        copy = QGuiApplication.clipboard().setText
        self._tell_file(
            " ".join([text, *map(in_words, info.notes)]),
            path,
            more=(
                (self.tr("Play"), lambda: self.play_wanted.emit(str(path))),
                (self.tr("Copy path"), lambda: copy(str(path))),
            ),
        )

    def tell_exported(self, text: str, folder: Path, *, is_whole: bool) -> None:
        """Say how an export ended, and where it is."""
        self._notice.tell(
            "info" if is_whole else "warning",
            text,
            action=self.tr("Show in folder"),
            on_action=lambda: self.show_folder(folder),
        )

    def tell_replay(self, info: RecordingInfo) -> None:
        """Say where the last seconds are."""
        text = self.tr("Saved the last {0} to {1}").format(
            clock(info.duration_s), info.path
        )
        said = " ".join([text, *map(in_words, info.notes)])
        self._tell_file(said, Path(info.path))

    def tell_again(self, error: Exception, on_again: Callable[[], None]) -> None:
        """Say what went wrong, and offer to try it again."""
        text = told(error) if isinstance(error, UserError) else str(error)
        self._notice.tell(
            "error", text, action=self.tr("Try again"), on_action=on_again
        )

    def tell_nothing_kept(self, seconds: int, on_keep: Callable[[], None]) -> None:
        """Say that the past is gone, and offer to keep what comes."""
        self._notice.tell(
            "info",
            self.tr("Nothing is kept of what was before, so nothing can be saved."),
            action=self.tr("Keep the last {0} s from now on").format(seconds),
            on_action=on_keep,
        )

    def tell_refused(self, sentence: str) -> None:
        """Say why what was typed does nothing, until it does."""
        self._refused_text = sentence
        self._notice.tell("warning", sentence)

    def tell_working(self, text: str) -> None:
        """Say what is being done, until the next notice."""
        self._notice.tell("info", text)

    def tell_end(self, on_again: Callable[[], None]) -> None:
        """Say that it is over, unless there is more to say."""
        if not self._notice.text:
            self._end_text = self.tr("The end.")
            self._notice.tell(
                "info",
                self._end_text,
                action=self.tr("Play again"),
                on_action=on_again,
            )

    def forget_end(self) -> None:
        """It plays again, or elsewhere."""
        for text in (self._end_text, self._refused_text):
            self._dismiss_if(text)

    def forget_files(self) -> None:
        """Another recording begins: the last one is news no more."""
        self._dismiss_if(self._file_text)

    def _tell_file(
        self,
        text: str,
        path: Path,
        more: Sequence[tuple[str, Callable[[], object]]] = (),
    ) -> None:
        self._file_text = text
        self._notice.tell(
            "info",
            text,
            action=self.tr("Show in folder"),
            on_action=lambda: self.show_folder(path.parent, path),
            more=more,
        )
        QTimer.singleShot(NEWS_MS, self, lambda: self._dismiss_if(text))

    def tell_recovered(self, sentences: list[str], folder: Path) -> None:
        """Say what a crash had cut off, and where it is now."""
        self._notice.tell(
            "info",
            " ".join(sentences),
            action=self.tr("Show in folder"),
            on_action=lambda: self.show_folder(folder),
        )

    def tell_weights(self, name: str, command: str) -> None:
        """Say that those are no model yet, and how they become one."""
        text = self.tr(
            "{0} holds weights: a model is made of them first, then opened here."
        )
        self._notice.tell(
            "info",
            text.format(PurePath(name).name),
            action=self.tr("Copy the command"),
            on_action=lambda: QGuiApplication.clipboard().setText(command),
        )

    def show_folder(self, folder: Path, named: Path | None = None) -> None:
        """Open it in the system's own program, or say where it is."""
        if QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            return
        path = named or folder
        self._notice.tell(
            "warning",
            self.tr("No program was found that shows folders. It is {0}").format(path),
            action=self.tr("Copy the path"),
            on_action=lambda: QGuiApplication.clipboard().setText(str(path)),
        )

    def _dismiss_if(self, text: str) -> None:
        if text and self._notice.text == text:
            self._notice.dismiss()


def _nothing() -> None:
    """For a notice without a button."""
