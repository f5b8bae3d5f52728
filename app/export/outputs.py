"""What is there already where a job wants to write: its own, or somebody else's."""

import filecmp
import hashlib
import json
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.errors import RecordingError, SidecarError
from app.export.count_files import write_counts
from app.export.counting import count_sidecar
from app.export.elsewhere.addresses import RemoteFile, is_address
from app.export.elsewhere.scratch import own_scratch
from app.export.job import DATA_FORMATS, ExportJob
from app.export.part import part_settings
from app.local_files import is_same_file
from app.sidecar import read_header, read_sidecar
from app.tracking.rules import rules_from
from app.whole_file import whole_file

# Of a video, so much is read to know it again: from its start to its end.
_PIECES, _PIECE_BYTES = 16, 2**16
_REMEDY = "Choose another folder, or pass --overwrite."


def check_not_source(source: str, files: Iterable[Path]) -> None:
    """Refuse to write over what is read; an address, or nothing, is no file here.

    Raises:
        RecordingError: one of `files` is `source`, by whatever name.
    """
    if not source or is_address(source):
        return
    for file in files:
        if is_same_file(file, Path(source)):
            raise RecordingError(
                f"{file} is the video itself, and was left alone.",
                "Choose another folder or another name.",
            )


def free_unfinished(out: Path) -> Path:
    """What a video that becomes `out` is called until then; nobody else's file."""
    number, free = 1, out.with_suffix(f".unfinished{out.suffix}")
    while os.path.lexists(free):
        number += 1
        free = out.with_suffix(f".unfinished ({number}){out.suffix}")
    return free


class Outputs:
    """The files of one job: what is there of them, and whose.

    The sidecar grows as `part`. It is called `whole` while the finished files get
    their names, the sidecar last: what is there then is ours.

    Attributes:
        part: the sidecar in the making.
        unfinished: the video in the making, which can be watched.
        recipe: what makes two exports of one video the same.
    """

    def __init__(self, job: ExportJob) -> None:
        """Look at the job's source and model.

        Raises:
            RecordingError: it would write over its own source.
        """
        self._job = job
        self.part, self._whole = job.part, job.whole
        self.unfinished = Path(job.out).with_suffix(".unfinished.mp4")
        check_not_source(
            job.source, (*job.files, self.part, self._whole, self.unfinished)
        )
        self.recipe = _recipe(job)

    def are_done(self) -> bool:
        """Whether video and sidecar are those of this job.

        Raises:
            RecordingError: they are another's.
        """
        job = self._job
        if not job.sidecar.exists() or (job.has_video and not Path(job.out).exists()):
            return False
        self._check_recipe(job.sidecar, job.told)
        return True

    def check_free(self) -> None:
        """See that nothing of somebody else's is in the way, and go on from ours.

        Raises:
            RecordingError: something is; it says what.
        """
        job = self._job
        if self._whole.exists():
            self._check_recipe(self._whole, str(self._whole))
            # Only the last step was missing. It stays until that is done: it says that
            # the video is ours, should we be killed, too.
            self._go_on_from(self._whole)
            return
        if job.sidecar.exists():
            self._check_recipe(job.sidecar, str(job.sidecar))
            if not job.has_video or Path(job.out).exists():
                return  # another machine did the last step just now
            self._go_on_from(job.sidecar)  # ours, but the video is gone
        if self.part.exists():
            self._check_part()
        else:
            _check_missing(self.unfinished)
        ours = {job.sidecar}
        if job.sidecar.exists():  # all was found, and what follows from it is ours
            data = {job.data_path(name): name for name in job.data}
            ours |= {*job.counts, *(f for f in data if self._is_of_it(f, data[f]))}
        for file in job.files:
            if file not in ours:
                _check_missing(file)

    def conclude(self, video: Path | None) -> None:
        """Give all of them their names; None: there is no video.

        Raises:
            OSError: one cannot have its name.
        """
        os.replace(self.part, self._whole)  # noqa: PTH105 - atomic everywhere
        if video is not None:
            os.replace(video, self._job.out)  # noqa: PTH105
        for name in self._job.data:
            DATA_FORMATS[name](self._job.data_path(name), *read_sidecar(self._whole))
        self._count(self._whole)
        # Last: where it is, all the rest is too.
        os.replace(self._whole, self._job.sidecar)  # noqa: PTH105

    def add_data(self) -> list[Path]:
        """Write the data asked for that is not there yet, from the sidecar.

        Counts are written again, as a line may have moved.

        Returns:
            The files that were written.

        Raises:
            RecordingError: something else is there by such a name.
        """
        job, written = self._job, self._count(self._job.sidecar)
        for name in job.data:
            file = job.data_path(name)
            if not file.exists():
                DATA_FORMATS[name](file, *read_sidecar(job.sidecar))
                written.append(file)
                continue
            if not self._is_of_it(file, name):
                raise _not_ours(file)
        return written

    def _is_of_it(self, file: Path, name: str) -> bool:
        """Whether `file` holds what the sidecar does, in the format `name`."""
        if not file.exists():
            return False
        with own_scratch() as folder:  # not beside it: should we be killed, it stays
            fresh = folder / file.name
            DATA_FORMATS[name](fresh, *read_sidecar(self._job.sidecar))
            return filecmp.cmp(fresh, file, shallow=False)

    def _go_on_from(self, sidecar: Path) -> None:
        if not self.part.exists():
            with whole_file(self.part) as own:
                own.write_bytes(sidecar.read_bytes())

    def _count(self, sidecar: Path) -> list[Path]:
        job = self._job
        if not job.rules:
            return []
        rules = rules_from(json.loads(job.rules))
        counted = count_sidecar(sidecar, rules)
        return list(write_counts(Path(job.out), counted.events, counted.counts, rules))

    def _check_part(self) -> None:
        with self.part.open("rb") as file:
            if not file.readline(2**20).endswith(b"\n"):
                return  # killed before its first line was whole
        self._check_recipe(self.part, str(self.part))

    def _check_recipe(self, sidecar: Path, shown: str) -> None:
        try:
            found = read_header(sidecar).settings
        except SidecarError as error:
            raise _not_ours(sidecar) from error
        if found == self.recipe:
            return
        if _without_source(found) == _without_source(self.recipe):
            raise RecordingError(
                f"{shown} was made from another video of that name and was left alone.",
                _REMEDY,
            )
        raise RecordingError(
            f"{shown} was made with other settings and was left alone.", _REMEDY
        )


def _check_missing(file: Path) -> None:
    if os.path.lexists(file):
        raise _not_ours(file)


def _not_ours(file: Path) -> RecordingError:
    return RecordingError(f"{file} is there already and is not ours.", _REMEDY)


def _without_source(recipe: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in recipe.items() if not k.startswith("source_")}


def _recipe(job: ExportJob) -> dict[str, Any]:
    size, pieces = _fingerprint(job.source)
    return {
        "score_threshold": job.keep_threshold,
        "shown_threshold": job.score_threshold,
        "iou_threshold": job.iou_threshold,
        "max_detections": job.max_detections,
        "detail": job.detail,
        "model_sha256": _model_sha256(Path(job.model)),
        # Of exports of before, as of most, nobody said it.
        **({"kind": job.kind} if job.kind else {}),
        **part_settings(job.from_s, job.to_s),
        "source_bytes": size,
        "source_pieces_sha256": pieces,
    }


def _fingerprint(video: str) -> tuple[int, str]:
    """Size and hash of pieces: whether it is the same video, on whichever machine."""
    digest = hashlib.sha256()
    try:
        where = RemoteFile(video) if is_address(video) else None
        size = where.size() if where else Path(video).stat().st_size
        with where.open() if where else Path(video).open("rb") as file:
            for number in range(_PIECES):
                file.seek(max(0, size - _PIECE_BYTES) * number // (_PIECES - 1))
                digest.update(file.read(_PIECE_BYTES))
    except OSError:  # the parts that open it say it better
        return 0, ""
    return size, digest.hexdigest()


def _model_sha256(model: Path) -> str:
    try:
        stat = model.stat()
        return _sha256(model, stat.st_size, stat.st_mtime_ns)
    except OSError:  # likewise
        return ""


@lru_cache(maxsize=8)  # once, not for each of a thousand videos
def _sha256(file: Path, _size: int, _mtime_ns: int) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
