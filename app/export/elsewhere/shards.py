"""Which of many jobs are this machine's, without asking the others."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import UserError
from app.export.job import ExportJob

# Who numbers its machines from 0, and where it tells: Kubernetes' indexed jobs, AWS
# Batch's arrays. Slurm's arrays begin where they were told to.
_FROM_0 = ("JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX")
_SLURM = "SLURM_ARRAY_TASK_ID"
_REMEDY = "Write --shard K/N, as 2/10; or --shard 10 where the scheduler tells K."


@dataclass(frozen=True, slots=True)
class Shard:
    """The `number`-th of `count`, from 1."""

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise ValueError(f"number must be in [1, {self.count}], got {self.number}")

    def of(self, jobs: Sequence[ExportJob]) -> list[ExportJob]:
        """Its jobs: every job is in one shard, whatever the order and the others.

        Where a job belongs follows from its output's name alone, so a list that
        grows moves none of those that were there.
        """
        return [job for job in jobs if _place(job) % self.count == self.number - 1]


def shard_from(text: str, environ: Mapping[str, str]) -> Shard:
    """What "K/N" says, or "N" where the scheduler tells K in `environ`.

    Raises:
        UserError: it is neither, or nobody tells K.
    """
    number, slash, count = text.rpartition("/")
    try:
        if slash:
            return Shard(int(number), int(count))
        index = _index(environ)
        if index is None:
            raise UserError(f"Which of {text} shards this is was not said.", _REMEDY)
        return Shard(index + 1, int(count))
    except ValueError as error:
        raise UserError(f"--shard {text} is none: {error}.", _REMEDY) from error


def _index(environ: Mapping[str, str]) -> int | None:
    for name in _FROM_0:
        if name in environ:
            return int(environ[name])
    if _SLURM in environ:
        first = int(environ.get("SLURM_ARRAY_TASK_MIN", "0"))
        step = int(environ.get("SLURM_ARRAY_TASK_STEP", "1"))
        return (int(environ[_SLURM]) - first) // step
    return None


def _place(job: ExportJob) -> int:
    name = job.out.encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.sha256(name).digest()[:8], "big")
