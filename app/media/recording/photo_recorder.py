"""Annotated photos into a folder, each under its own name."""

from pathlib import Path

import cv2

from app.errors import RecordingError
from app.media.recording.part_file import free_name
from app.types import ImageBgr, RecordingInfo, VideoInfo

_CHOOSE = "Choose another folder."


class PhotoRecorder:
    """Writes each photo of a source of photos; the originals are never touched."""

    def __init__(self, folder: Path, *, overwrite: bool = False) -> None:
        """Remember what is wanted; `open` checks it.

        Args:
            folder: made where it is missing.
            overwrite: replace files of those names.
        """
        self._folder = folder
        self._overwrite = overwrite
        self._targets: list[Path] = []
        self._fps = 1.0
        self._count = 0

    @property
    def path(self) -> str:
        """The folder."""
        return str(self._folder)

    def open(self, info: VideoInfo) -> None:
        """Make the folder, and see that nothing is in the way.

        Raises:
            RecordingError: the source is no photos, or it is their own folder, or
                a file is there already, or the folder cannot be made.
        """
        if not info.is_stills and self._folder.is_dir():
            raise RecordingError(f"{self._folder} is a folder.", "Name a file in it.")
        if not info.is_stills or info.fps is None:
            raise RecordingError(
                f"{self._folder.name} is not a name for a recording.",
                "Use one that ends in .mp4, .mov, .mkv; a folder is for photos.",
            )
        originals = [Path(path) for path in info.frame_paths]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            own = self._folder.resolve()
            if any(original.resolve().parent == own for original in originals):
                raise RecordingError(f"The photos are in {self._folder}.", _CHOOSE)
            taken = set[str]()
            for original in originals:
                target, number = self._folder / original.name, 1
                while target.name.casefold() in taken:  # from another folder
                    number += 1
                    target = target.with_stem(f"{original.stem} ({number})")
                taken.add(target.name.casefold())
                self._targets.append(target)
                if target.exists() and not self._overwrite:
                    raise RecordingError(
                        f"{target} is there already and was left alone.",
                        "Choose another folder, or pass --overwrite.",
                    )
        except OSError as error:
            raise self._failure(self._folder, error) from error
        self._fps = float(info.fps)

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        """Write `image_bgr`, (H, W, 3) uint8, under the name of the photo of that time.

        Raises:
            RecordingError: the disk is full, or the like.
        """
        target = self._targets[round(timestamp_s * self._fps)]
        options = [cv2.IMWRITE_JPEG_QUALITY, 95]  # others pass it by
        _, data = cv2.imencode(target.suffix, image_bgr, options)
        temporary = free_name(target.with_name(f".{target.name}.part"))
        try:
            # Not cv2.imwrite: on Windows it cannot write to every name.
            temporary.write_bytes(data.tobytes())
            temporary.replace(target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise self._failure(target, error) from error
        self._count += 1

    def jump(self) -> None:
        """Photos have no sound."""

    def close(self) -> RecordingInfo | None:
        """What was written; None where nothing was."""
        count, self._count = self._count, 0
        return RecordingInfo(self.path, count, 0, 0.0) if count else None

    def _failure(self, path: Path, error: OSError) -> RecordingError:
        return RecordingError(f"{path} cannot be written: {error.strerror}.", _CHOOSE)
