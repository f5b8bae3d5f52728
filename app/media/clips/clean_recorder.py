"""A recording of the pictures as they came, with what was found in a file beside it.

It is drawn, counted, blurred or trained on later. Live, its packets are made as those
of a replay are, and may be the very same ones.
"""

from pathlib import Path

from app.errors import RecordingError
from app.media.clips.clean_part import NOTHING, CleanPart
from app.media.clips.kept import Kept
from app.media.recording.part_writer import PartWriter
from app.media.recording.recorder import Mp4Recorder
from app.types import Found, ImageBgr, VideoInfo


class CleanRecorder(Mp4Recorder):
    """Writes clean pictures and their sidecar; see `Mp4Recorder` for all else.

    Law: of a video and its sidecar, `len(pictures) == len(lines)`, whatever ends it.
    """

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        """A picture in which nothing was found; see `write_clean`."""
        self.write_clean(image_bgr, timestamp_s, NOTHING)

    def write_clean(
        self, image_bgr: ImageBgr, timestamp_s: float, found: Found
    ) -> None:
        """Encode `image_bgr`, (H, W, 3) uint8, without boxes, and write what was found.

        Raises:
            RecordingError: the disk is full, or the like.
        """
        self._write(
            lambda part: _clean(part).write_clean(image_bgr, timestamp_s, found),
            timestamp_s=timestamp_s,
        )

    def write_encoded(self, encoded: object) -> None:
        """Write what a replay has encoded, from a key picture on.

        A new file begins with a key picture too, which may be a second late.

        Raises:
            RecordingError: the disk is full, or the like.
        """
        if not isinstance(encoded, Kept):
            raise TypeError(f"encoded must be of a replay, got {type(encoded)}")
        is_key = encoded.picture.is_key
        if self._part is not None and not self._part.count and not is_key:
            return
        self._write(
            lambda part: _clean(part).write_kept(encoded),
            timestamp_s=encoded.timestamp_s,
            may_split=is_key,
        )

    def _check_name(self, info: VideoInfo) -> None:
        super()._check_name(info)
        sidecar = self._path.with_suffix(".jsonl")
        if sidecar.exists() and not self._overwrite:
            raise RecordingError(
                f"{sidecar}, where what is found would go, is there already and was "
                "left alone.",
                "Choose another name, or pass --overwrite.",
            )

    def _new_part(self, path: Path, info: VideoInfo, first_part: str) -> PartWriter:
        return CleanPart(path, info, self._encoder, self._quality, first_part)


def _clean(part: PartWriter) -> CleanPart:
    assert isinstance(part, CleanPart)
    return part
