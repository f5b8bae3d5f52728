"""Export in the window: it asks, has it done by another process, and shows how far."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.export.job import ExportJob, read_jobs
from app.gui.exporting.dialog import ExportDialog, Phase
from app.gui.exporting.process import ExportProcess
from app.gui.exporting.question import TakenQuestion
from app.gui.exporting.tally import Tally
from app.gui.exporting.wish import ExportWish, Place, places_of
from app.gui.look.class_words import class_words
from app.gui.opening.opener import quoted
from app.gui.parts import WindowParts
from app.gui.playing.clock import clock
from app.gui.playing.player import Player
from app.tracking.rules import Rules
from app.whole_file import write_whole

# Below the folder of recordings, where nobody chose another.
FOLDER = "Exported"
# A job's video has its name now, or had it before.
_OVER = ("done", "skipped")


class Exporting(QObject):
    """A queue of exports, one at a time, beside what plays.

    What was begun is kept in a file, so that it can be gone on with after a restart,
    too: each job's own files tell how far it is.

    Signals:
        ended: no export runs any more.
    """

    ended = Signal()

    def __init__(
        self, parts: WindowParts, player: Player, *, rules: Callable[[], Rules]
    ) -> None:
        """Nothing is exported yet.

        Args:
            parts: of the window.
            player: what plays, and with which settings.
            rules: what is counted in the window just now.
        """
        super().__init__(parts)
        self._parts = parts
        self._player = player
        self._rules = rules
        self._begun = parts.places.settings.with_name("exporting.jsonl")
        self._errands = player.chores.exporting
        self._process = ExportProcess(parts.places.command_line, self)
        self._process.told.connect(self._on_told)
        self._process.ended.connect(self._on_process_ended)
        self._phase = Phase.IDLE
        self._wish: ExportWish | None = None
        self._planned: list[ExportJob] = []
        self._jobs: list[ExportJob] = []
        self._states: dict[int, str] = {}
        self._tally = Tally(0)
        self._dialog: ExportDialog | None = None
        self.status = parts.status.exported
        self.status.setToolTip(self.tr("Show the export"))
        self.status.clicked.connect(self.show)
        parts.closing.wait_for(self)
        parts.closing.closed.connect(self._process.shut_down)
        player.settings_changed.connect(self._look_at_settings)

    # --- what the window asks of it -------------------------------------------

    @property
    def is_running(self) -> bool:
        """True while files are written."""
        return self._phase in (Phase.RUNNING, Phase.ENDING)

    @property
    def told(self) -> tuple[str, str]:
        """What is cut off where the window closes now, and what to do of it."""
        done = self.tr("An export is running: {0} of {1} videos are done.").format(
            self._tally.ended, len(self._jobs)
        )
        return done, self.tr("Stop here and close? The next start can go on with it.")

    def end(self) -> None:
        """Stop so that it can be gone on with; `ended` follows within seconds."""
        self._process.cancel()

    @Slot()
    def show(self) -> None:
        """Open the dialog, with what plays in it."""
        if self._dialog is None:
            self._dialog = self._make_dialog()
            self._errands.run(self._read_begun, then=self._on_begun, or_else=_ignore)
        dialog = self._dialog
        if not self._is_busy:
            self._show_choices(dialog)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    @property
    def _is_busy(self) -> bool:
        return self._phase not in (Phase.IDLE, Phase.BEGUN)

    @property
    def _part(self) -> tuple[str, float, float] | None:
        """What is marked in the file that is open."""
        info, part_s = self._player.info, self._player.part_s
        if info is None or not info.path or part_s is None:
            return None
        return (info.path, *part_s)

    def _make_dialog(self) -> ExportDialog:
        dialog = ExportDialog(
            self._parts, suffixes=sorted(self._parts.opener.suffixes())
        )
        dialog.folder.setText(str(self._parts.places.recordings / FOLDER))
        dialog.start_wanted.connect(self._start)
        dialog.resume_wanted.connect(self._resume)
        dialog.cancel_wanted.connect(self._cancel)
        dialog.folder_wanted.connect(self._show_folder)
        return dialog

    def _show_choices(self, dialog: ExportDialog) -> None:
        player, info = self._player, self._player.info
        if (
            info is not None
            and info.path
            and not info.is_stills
            and self._parts.opener.is_file(player.source_text)
        ):
            dialog.add_files([info.path])
        part = self._part
        dialog.show_part(
            self.tr("Of {0}, only {1} to {2}").format(
                Path(part[0]).name, clock(part[1]), clock(part[2])
            )
            if part
            else ""
        )
        dialog.show_rules(has_rules=bool(self._rules()))
        self._look_at_settings()

    @Slot()
    def _look_at_settings(self) -> None:
        """An export looks as the window does, but for what it must not show."""
        if (dialog := self._dialog) is None:
            return
        settings, model = self._player.settings, self._player.model_path
        device = self._parts.sections.backend.chosen
        dialog.how.setText(
            self.tr(
                "All that is found is written in any case (.jsonl), as the window "
                "finds it: {0}, {1}, confidence from {2} %."
            ).format(model.name, device, round(100 * settings.score_threshold))
        )
        if not (names := settings.covered_class_names):
            dialog.show_refusal("")
            return
        files = " ".join(map(quoted, dialog.chosen_files)) or "VIDEO"
        classes = " ".join(f"--class {quoted(name)}" for name in names)
        dialog.show_refusal(
            self.tr("{0} is hidden, and an export would show it.").format(
                class_words(names)
            ),
            f"python main.py hide {files} {classes} --out hidden",
        )

    # --- what the user does --------------------------------------------------

    @Slot()
    def _start(self) -> None:
        dialog = self._dialog
        assert dialog is not None
        if self._is_busy:
            return
        self._wish = ExportWish(
            files=dialog.chosen_files,
            folder=dialog.chosen_folder,
            has_video=dialog.video.isChecked(),
            data=dialog.chosen_data,
            detail=dialog.detail.currentData(),
            part=self._part if dialog.part.isChecked() else None,
            rules=self._rules() if dialog.counts.isChecked() else Rules(),
        )
        self._planned = []
        self._enter(Phase.LOOKING)
        dialog.show_progress(0.0, self.tr("Looking what there is to do…"))
        self._process.start(
            self._wish.planning(self._player.settings, self._player.model_path)
        )

    @Slot()
    def _resume(self) -> None:
        if not self._is_busy:
            self._begin(self._jobs)

    @Slot()
    def _cancel(self) -> None:
        if self._phase is Phase.RUNNING:
            self._enter(Phase.ENDING)
        self._wish = None  # whatever is still found to do
        self._process.cancel()

    @Slot()
    def _show_folder(self) -> None:
        if self._dialog is not None:
            folder = self._dialog.chosen_folder
            self._parts.messages.show_folder(folder)

    # --- what there is to do -------------------------------------------------

    def _read_begun(self) -> list[ExportJob]:
        return read_jobs(self._begun) if self._begun.exists() else []

    def _on_begun(self, jobs: list[ExportJob]) -> None:
        """What an earlier start of the app did not finish."""
        if not jobs or self._is_busy or self._jobs or self._dialog is None:
            return
        self._jobs = jobs
        self._enter(Phase.BEGUN)
        self._dialog.show_progress(
            0.0,
            self.tr(
                "An export of {0} files, into {1}, was begun and not finished."
            ).format(len(jobs), Path(jobs[0].out).parent),
        )

    def _on_planned(self, lines: list[str]) -> None:
        """The command line has said which jobs there are, and what has none."""
        refused = [x.removeprefix("error: ") for x in lines if x.startswith("error: ")]
        if not self._planned:
            said = refused or lines[-1:] or [self.tr("Nothing was exported.")]
            self._fail(" ".join(said))
            return
        wish, settings = self._wish, self._player.settings
        assert wish is not None, "`_on_process_ended` has looked"
        jobs = [wish.completed(job, settings) for job in self._planned]
        self._errands.run(
            lambda: places_of(jobs),
            then=lambda places: self._on_places(places, refused),
            or_else=lambda error: self._fail(str(error)),
        )

    def _on_places(self, places: list[Place], refused: list[str]) -> None:
        if self._phase is not Phase.LOOKING or self._dialog is None:
            return
        if self._wish is None:
            self._fail(self.tr("Nothing was exported."))
            return
        for sentence in refused:
            self._parts.notice.tell("warning", sentence)
        if all(place.beside is None for place in places):
            self._begin([place.job for place in places])
            return
        question = TakenQuestion(self._dialog, places)
        question.answered.connect(self._on_answered)
        question.open()

    @Slot(list)
    def _on_answered(self, jobs: list[ExportJob]) -> None:
        if jobs:
            self._begin(jobs)
        else:
            self._fail(self.tr("Nothing was exported."))

    def _begin(self, jobs: list[ExportJob]) -> None:
        self._jobs, self._states = jobs, {}
        self._tally = Tally(len(jobs))
        self._enter(Phase.RUNNING)
        if self._dialog is not None:
            waits = self.tr("Waits")
            self._dialog.show_jobs([(job.source, waits) for job in jobs])
            self._dialog.folder.setText(str(Path(jobs[0].out).parent))
        self._show_tally()
        text = "".join(f"{job.to_json()}\n" for job in jobs)

        def keep() -> None:
            self._begun.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._begun, text)

        self._errands.run(
            keep,
            then=self._on_kept,
            or_else=lambda error: self._fail(
                self.tr("What is to be done cannot be kept: {0}").format(error)
            ),
        )

    def _on_kept(self, _: None) -> None:
        if self._phase is Phase.ENDING:  # cancelled before there was a process
            self._on_process_ended(0, [])
            return
        self._process.start(["export", "--for-window", "--jobs-file", str(self._begun)])

    def _fail(self, reason: str) -> None:
        self._enter(Phase.IDLE)
        if self._dialog is not None:
            self._dialog.show_progress(0.0, reason)
        self.ended.emit()

    # --- what the process tells ----------------------------------------------

    @Slot(object)
    def _on_told(self, told: dict[str, Any]) -> None:
        if self._phase is Phase.LOOKING:
            with suppress(ValueError):  # of another version, replaced meanwhile
                self._planned.append(ExportJob.from_json(json.dumps(told)))
            return
        job, now_s = told["job"], time.monotonic()
        if "state" in told:
            self._states[job] = told["state"]
            self._tally.end(job, told["frame_count"], now_s)
        else:
            self._tally.tell(job, told["done"], told["total"], now_s)
        if self._dialog is not None:
            self._dialog.show_state(job, self._words(told))
        self._show_tally()

    def _words(self, told: dict[str, Any]) -> str:
        """How one does."""
        state = told.get("state", "")
        if not state:
            done, total = told["done"], told["total"]
            if not total:
                return self.tr("{0} frames").format(done)
            return self.tr("{0} %").format(100 * done // total)
        if state == "done":
            name = Path(told["out"]).name
            return told["message"] or self.tr("Done: {0}").format(name)
        if state == "skipped":
            return self.tr("Was done already")
        if state == "cancelled":
            return self.tr("Stopped; can be gone on with")
        return self.tr("Failed: {0}").format(told["message"])

    @Slot(int, list)
    def _on_process_ended(self, code: int, lines: list[str]) -> None:
        if self._phase is Phase.LOOKING:
            if self._wish is None:
                self._fail(self.tr("Nothing was exported."))
            elif code == -1:
                said = [self.tr("Nothing was exported."), *lines[-1:]]
                self._fail(" ".join(said))
            else:
                self._on_planned(lines)
            return
        if not self.is_running:
            return
        was_cancelled = self._phase is Phase.ENDING
        self._name_the_rest(was_cancelled, lines)
        rest = [n for n in range(len(self._jobs)) if self._goes_on(n)]
        self._enter(Phase.BEGUN if rest else Phase.IDLE)
        if not rest:
            self._errands.run(
                lambda: self._begun.unlink(missing_ok=True), or_else=_ignore
            )
        self._tell_end(was_cancelled)
        self.ended.emit()

    def _name_the_rest(self, was_cancelled: bool, lines: list[str]) -> None:
        """Jobs that the process did not come to, or did not tell of."""
        said = self.tr("Stopped; can be gone on with")
        if not was_cancelled and lines:
            said = self.tr("The export ended by itself: {0}").format(lines[-1])
        for job in range(len(self._jobs)):
            if job not in self._states:
                self._states[job] = "cancelled"
                if self._dialog is not None:
                    self._dialog.show_state(job, said)

    def _goes_on(self, job: int) -> bool:
        return self._states.get(job) == "cancelled"

    def _tell_end(self, was_cancelled: bool) -> None:
        states = list(self._states.values())
        done = sum(state in _OVER for state in states)
        failed = states.count("failed")
        text = self.tr("Exported videos: {0} of {1}.").format(done, len(states))
        if failed:
            text += " " + self.tr("{0} failed; the list says why.").format(failed)
        if self._dialog is not None:
            self._dialog.show_progress(1.0, text)
        folder = Path(self._jobs[0].out).parent
        if not was_cancelled and not self._parts.closing.is_closing:
            self._parts.messages.tell_exported(text, folder, is_whole=not failed)

    # --- what is shown -------------------------------------------------------

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self.status.setVisible(self.is_running)
        if self._dialog is not None:
            self._dialog.show_phase(phase)

    def _show_tally(self) -> None:
        tally = self._tally
        said = [self.tr("{0} of {1} videos").format(tally.ended, len(self._jobs))]
        if tally.rate_fps:
            said.append(self.tr("{0:.0f} frames/s").format(tally.rate_fps))
        if tally.left_s is not None:
            said.append(self.tr("{0} left").format(clock(tally.left_s)))
        self.status.setText(self.tr("Exporting {0} %").format(round(100 * tally.share)))
        if self._dialog is not None:
            self._dialog.show_progress(tally.share, " · ".join(said))


def _ignore(_: Exception) -> None:
    """Of what was begun before: without it, nothing is offered."""
