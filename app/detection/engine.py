"""What runs the network: one small interface over ONNX Runtime, OpenVINO, or others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

# Our models' names (see `OnnxDetector`).
INPUT, OUTPUTS = "images", ("boxes", "scores")


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What really runs, asked of what runs; see `app.types.DetectorInfo`.

    Attributes:
        has_graph: all kernels are launched as one, as a CUDA graph.
    """

    provider: str
    precision: str = ""
    device_share: float | None = None
    threads: int | None = None
    has_graph: bool = False


class Engine(Protocol):
    """A model on a device; used by one thread at a time.

    Attributes:
        facts: what really runs.
        metadata: what the model file says of itself.
    """

    facts: EngineFacts
    metadata: Mapping[str, str]

    def run(
        self, images: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Boxes (1, A, 4) and scores (1, A, C) of `images` (1, H, W, 3).

        They hold until the next run: a device may write to the same memory again.
        """
        ...

    def close(self) -> None:
        """Let go of the device's memory."""
        ...


def first_line(error: BaseException) -> str:
    """What an error says, without the stack that some libraries put behind it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
