"""What a sidecar knows of when which class was found: no boxes, and soon read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from app.errors import SidecarError
from app.sidecar import SidecarHeader, read_header


@dataclass(frozen=True, eq=False, slots=True)
class FoundClasses:
    """M finds in N frames, in the order of the frames.

    Attributes:
        header: of the sidecar.
        times_s: (N,) float64, of the frames.
        places: (M,) int64, which of the frames, from 0.
        class_ids: (M,) int64.
        scores: (M,) float32.
    """

    header: SidecarHeader
    times_s: NDArray[np.float64]
    places: NDArray[np.int64]
    class_ids: NDArray[np.int64]
    scores: NDArray[np.float32]

    @property
    def lowest_score(self) -> float:
        """What it can be asked for: all finds above it are there."""
        return float(self.header.settings.get("score_threshold", 0.0))


def read_found(path: Path) -> FoundClasses:
    """All finds of a sidecar; of one that is cut off, those before.

    Raises:
        SidecarError: it cannot be read, or is none.
    """
    header = read_header(path)
    times_s: list[float] = []
    rows: list[tuple[int, int, float]] = []
    count = len(header.class_names)
    try:
        with path.open("rb") as file:
            next(file)  # the header
            for place, line in enumerate(file):
                values = orjson.loads(line)
                found = [(d["class_id"], d["score"]) for d in values["detections"]]
                times_s.append(float(values["time_s"]))
                rows += [(place, c, s) for c, s in found if 0 <= c < count]
    except (ValueError, KeyError, TypeError):
        pass  # cut off, or damaged: what was good is good
    except OSError as error:
        raise SidecarError(
            f"The sidecar {path} cannot be read.", "Check the name."
        ) from error
    table = np.array(rows, np.float64).reshape(-1, 3)
    return FoundClasses(
        header,
        np.array(times_s, np.float64),
        table[:, 0].astype(np.int64),
        table[:, 1].astype(np.int64),
        table[:, 2].astype(np.float32),
    )
