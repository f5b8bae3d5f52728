"""Which jobs an export has: the videos named, and where each goes."""

import glob
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from app.errors import UserError
from app.export.elsewhere.addresses import is_address, public, videos_at
from app.export.job import ExportJob

# So many of a kind are named; of more, the number is told.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, and what is not.

    Attributes:
        jobs: a video each.
        refused: what was asked for and cannot be done, a sentence each.
        passed_over: what else lay in the folders, a sentence a kind.
    """

    jobs: list[ExportJob] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def plan(
    inputs: Sequence[str],
    out: str | Path,
    make_job: Callable[[str, str], ExportJob],
    *,
    is_video: Callable[[Path], bool],
) -> Plan:
    """The jobs for files, folders (with all below) and patterns such as "*.mp4".

    The names in `out` follow from the inputs' names alone, so that a second run
    finds what the first one did.

    Args:
        inputs: as typed; addresses are looked up.
        out: the folder that all go into, or its address.
        make_job: from the source's path and the output's.
        is_video: whether a file in a folder is one; a file that was named is tried.
    """
    search = _Search(out, is_video)
    for text in inputs:
        search.add(text)
    jobs: list[ExportJob] = []
    refused = [*search.refused]
    stems = Counter(relative.with_suffix("") for relative in search.found.values())
    taken = dict[str, str]()
    for video, relative in search.found.items():
        stem = relative.with_suffix("")
        # a.mp4 and a.mov: their whole names tell them apart.
        name = relative if stems[stem] > 1 else stem
        target = _joined(out, name.with_name(f"{name.name}.mp4"))
        if target in taken:
            refused.append(
                f"{taken[target]} and {video} would both become {target}. "
                "Export them into different folders."
            )
            continue
        taken[target] = video
        jobs.append(make_job(video, target))
    sources = {_identity(Path(job.source)): job for job in jobs}
    sources.pop(None, None)  # elsewhere: its own job looks after itself
    apart = []
    for job in jobs:
        # Its own source the job looks after itself.
        hit = {sources.get(_identity(file)) for file in job.files} - {None, job}
        if hit:
            refused.append(
                f"{job.out} would replace a video that is exported too. "
                "Choose another folder for --out."
            )
        else:
            apart.append(job)
    return Plan(apart, refused, search.passed_over())


def _joined(out: str | Path, name: PurePath) -> str:
    if is_address(str(out)):
        return f"{str(out).rstrip('/')}/{name.as_posix()}"
    return str(Path(out) / name)


def _identity(file: Path) -> tuple[int, int] | None:
    """The same for every name of a file; None where there is none."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


class _Search:
    """The videos that inputs name, and what else they came across.

    Attributes:
        found: video: its path below the folder for outputs.
        refused: see `Plan`.
    """

    def __init__(self, out: str | Path, is_video: Callable[[Path], bool]) -> None:
        self._out = None if is_address(str(out)) else _resolved(Path(out))
        self._is_video = is_video
        self._others: dict[str, list[str]] = {}
        self._taken = 0
        self.found: dict[str, PurePath] = {}
        self.refused: list[str] = []

    def add(self, text: str) -> None:
        before = self._taken
        try:
            if is_address(text):
                self._add_address(text)
            else:
                self._add(text)
        except UserError as error:
            self.refused.append(str(error))
            return
        except (OSError, ValueError, RuntimeError) as error:  # a name too long, "~x"
            why = getattr(error, "strerror", None) or str(error)
            self.refused.append(f"{text} cannot be read: {why}. Check the name.")
            return
        if self._taken == before:
            self.refused.append(f"There is no video {text}. Check the name.")

    def passed_over(self) -> list[str]:
        """A sentence a kind: the first few by name, and how many there are."""
        sentences = []
        for kind, names in self._others.items():
            shown = ", ".join(names[:_NAMED])
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            sentences.append(f"Passed over, {kind}: {shown}{more} ({len(names)})")
        return sentences

    def _add(self, text: str) -> None:
        path = Path(text).expanduser()
        if path.is_dir():
            self._add_folder(path)
        elif path.is_file():
            self._take(path, Path(path.name))
        elif glob.has_magic(str(path)):
            for match in sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207
                if Path(match).is_file():
                    self._take(Path(match), Path(Path(match).name))
                elif not Path(match).is_dir():
                    self._pass("links that lead nowhere and the like", match)

    def _add_address(self, text: str) -> None:
        for address, relative in videos_at(text).items():
            if self._is_video(Path(relative.name)):
                self._taken += 1
                self.found.setdefault(address, relative)
            else:
                self._pass("no videos", public(address))

    def _add_folder(self, folder: Path) -> None:
        def unreadable(error: OSError) -> None:
            self._pass("folders that may not be read", str(error.filename))

        for root, folders, files in os.walk(folder, onerror=unreadable):
            folders[:] = [name for name in sorted(folders) if self._enters(root, name)]
            for name in sorted(files):
                path = Path(root, name)
                if name.startswith("."):
                    self._pass("hidden", str(path))
                elif not path.is_file():
                    self._pass("links that lead nowhere and the like", str(path))
                elif not self._is_video(path):
                    self._pass("no videos", str(path))
                else:
                    self._take(path, path.relative_to(folder))

    def _enters(self, root: str, name: str) -> bool:
        """Not into what an export wrote, nor what the system hides."""
        path = Path(root, name)
        if path.is_symlink():
            self._pass("folders behind a link", str(path))
            return False
        return _resolved(path) != self._out

    def _take(self, video: Path, relative: Path) -> None:
        self._taken += 1
        self.found.setdefault(str(video.resolve()), relative)

    def _pass(self, kind: str, name: str) -> None:
        self._others.setdefault(kind, []).append(name)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()
