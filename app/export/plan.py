"""Which jobs an export has: the videos named, and where each goes."""

import glob
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from app.errors import SourceError
from app.export.job import ExportJob

VIDEO_SUFFIXES = (".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4v", ".mpg", ".wmv")


def plan(
    inputs: Sequence[str],
    out: Path,
    make_job: Callable[[str, str], ExportJob],
) -> list[ExportJob]:
    """The jobs for files, folders (with all below) and patterns such as "*.mp4".

    The names in `out` follow from the inputs' names alone, so that a second run
    finds what the first one did.

    Raises:
        SourceError: nothing is there, or two inputs would get one name.
    """
    found: dict[Path, Path] = {}  # video -> its path below `out`, without suffix
    for text in inputs:
        path = Path(text).expanduser()
        if path.is_dir():
            videos = {
                file: file.relative_to(path)
                for file in sorted(path.rglob("*"))
                if file.suffix.lower() in VIDEO_SUFFIXES
                and not file.name.startswith(".")
                and out.resolve() not in file.resolve().parents
            }
        elif path.exists():
            videos = {path: Path(path.name)}
        else:
            matches = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207
            videos = {Path(match): Path(Path(match).name) for match in matches}
        if not videos:
            raise SourceError(f"There is no video {text}.", "Check the name.")
        for video, relative in videos.items():
            found.setdefault(video.resolve(), relative)
    stems = Counter(relative.with_suffix("") for relative in found.values())
    jobs, taken = [], dict[Path, Path]()
    for video, relative in found.items():
        stem = relative.with_suffix("")
        # a.mp4 and a.mov: their whole names tell them apart.
        name = relative if stems[stem] > 1 else stem
        target = out / name.with_name(f"{name.name}.mp4")
        if target in taken:
            raise SourceError(
                f"{taken[target]} and {video} would both become {target}.",
                "Export them into different folders.",
            )
        taken[target] = video
        jobs.append(make_job(str(video), str(target)))
    return jobs
