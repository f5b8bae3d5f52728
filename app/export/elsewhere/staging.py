"""A job whose video or outputs are elsewhere: fetched, done here, and brought there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.errors import RecordingError, UserError
from app.export.elsewhere.addresses import (
    RemoteFile,
    beside,
    is_address,
    name_of,
    public,
)
from app.export.elsewhere.scratch import own_scratch
from app.export.job import ExportJob, ExportResult, Progress
from app.export.run import run_job
from app.pipeline.interfaces import Factories, VideoSource


def run_anywhere(
    job: ExportJob,
    factories: Factories,
    *,
    overwrite: bool = False,
    on_progress: Progress = lambda _done, _total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> ExportResult:
    """As `run_job`, wherever the job's files are.

    What is elsewhere is fetched into a folder of the job's own, and what was made is
    brought there: the sidecar last, so where it is, all the rest is too. Finds of a
    job that was cancelled are brought, too; whoever does it again goes on from them.

    Raises:
        UserError: as `run_job`, or an address cannot be read or written.
    """
    with own_scratch() as scratch:
        stage = _Stage(job, scratch)
        staged = replace(factories, make_source=stage.source_with(factories))
        try:
            stage.bring_here()
            result = run_job(
                stage.job,
                staged,
                overwrite=overwrite,
                on_progress=on_progress,
                is_cancelled=is_cancelled,
            )
        except UserError as error:
            stage.keep_finds()
            raise type(error)(stage.named(error.problem), error.remedy) from error
        if result.state == "done":
            stage.bring_there()
        elif result.state == "skipped":
            stage.tidy_there()
        elif result.state == "cancelled":
            return stage.cancelled(result)
        return replace(result, out=job.told, message=stage.named(result.message))


class _Stage:
    """The files of one job, here and there.

    Attributes:
        job: the same, its outputs here.
    """

    def __init__(self, job: ExportJob, scratch: Path) -> None:
        self._asked = job
        self._scratch = scratch
        self.job = job
        if is_address(job.out):
            self.job = replace(job, out=str(scratch / "out" / name_of(job.out)))
        self._known: dict[Path, tuple[int, int]] = {}

    def source_with(self, factories: Factories) -> Callable[[str], VideoSource]:
        """What opens the job's video; one elsewhere is fetched then, and no sooner."""

        def make_source(text: str) -> VideoSource:
            if not is_address(text):
                return factories.make_source(text)
            local = self._scratch / "in" / name_of(text)
            local.parent.mkdir(exist_ok=True)
            RemoteFile(text).fetch(local)
            return factories.make_source(str(local))

        return make_source

    def bring_here(self) -> None:
        """What there is of the outputs; of the video, only that it is there."""
        if not is_address(self._asked.out):
            return
        self.job.part.parent.mkdir()
        for file in (*self.job.files, self.job.part, self.job.whole):
            there = self._there(file)
            if is_address(self._asked.source):
                self._check_not_source(there, file)
            if not there.exists():
                continue
            if file == Path(self.job.out):
                file.touch()
            else:
                there.fetch(file)
            self._known[file] = _state(file)

    def bring_there(self) -> None:
        """What was made, the sidecar last.

        It comes first as `whole`, too: should we die between two files, whoever does
        the job again knows by it that those that are there are ours.
        """
        if not is_address(self._asked.out):
            return
        last = self.job.sidecar
        changed = [file for file in self.job.files if self._is_new(file)]
        if last in changed:
            self._there(self.job.whole).put(last)
        for file in sorted(changed, key=lambda file: file == last):
            self._there(file).put(file)
        for file in (self.job.part, self.job.whole):
            self._there(file).remove()

    def tidy_there(self) -> None:
        """Take away what somebody left who died when all was done."""
        for file in (self.job.part, self.job.whole):
            if file in self._known:
                self._there(file).remove()

    def keep_finds(self) -> None:
        """What was found until now, for whoever goes on."""
        part = self.job.part
        if is_address(self._asked.out) and part.exists() and self._is_new(part):
            self._there(part).put(part)

    def cancelled(self, result: ExportResult) -> ExportResult:
        """How it is told."""
        if not is_address(self._asked.out):
            return result
        self.keep_finds()
        name = public(self._asked.out)
        return replace(result, out="", message=f"Cancelled; {name} goes on later")

    def named(self, text: str) -> str:
        """`text` with the outputs' names as they are there."""
        if not is_address(self._asked.out):
            return text
        here, there = Path(self.job.out).parent, public(beside(self._asked.out, ""))
        return text.replace(f"{here}/", there).replace(f"{here}\\", there)

    def _is_new(self, file: Path) -> bool:
        return _state(file) != self._known.get(file)

    def _there(self, file: Path) -> RemoteFile:
        return RemoteFile(beside(self._asked.out, file.name))

    def _check_not_source(self, there: RemoteFile, file: Path) -> None:
        if there.is_same(RemoteFile(self._asked.source)):
            raise RecordingError(
                f"{file} is the video itself, and was left alone.",
                "Choose another folder or another name.",
            )


def _state(file: Path) -> tuple[int, int]:
    stat = file.stat()
    return stat.st_size, stat.st_mtime_ns
