"""What runs the network: one small interface over ONNX Runtime, OpenVINO, or others."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

# Our models' names (see `OnnxDetector`).
INPUT, OUTPUTS = "images", ("boxes", "scores")

# In what ONNX Runtime says of a failed call, between a C++ signature and a host name.
_OF_NVIDIA = re.compile(r"\b((?:CUDA|CUDNN|CUBLAS|CUFFT|CURAND) failure \d+: [^;\n]+)")

# Boxes (1, A, 4) and scores (1, A, C).
Answer = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What really runs, asked of what runs; see `app.types.DetectorInfo`.

    Attributes:
        has_graph: all kernels are launched as one, as a CUDA graph.
        depth: how many pictures may be begun before the first is answered.
    """

    provider: str
    precision: str = ""
    device_share: float | None = None
    threads: int | None = None
    has_graph: bool = False
    depth: int = 1


class Engine(Protocol):
    """A model on a device; used by one thread at a time.

    Attributes:
        facts: what really runs.
        metadata: what the model file says of itself.
    """

    facts: EngineFacts
    metadata: Mapping[str, str]

    def run(self, images: NDArray[np.uint8]) -> Answer:
        """Boxes and scores of `images` (1, H, W, 3).

        They hold until the next run: a device may write to the same memory again.
        """
        ...

    def begin(self, images: NDArray[np.uint8]) -> Callable[[], Answer]:
        """The same, as a call that waits for it, to be asked for in this order.

        At most `facts.depth` may be begun and not asked for; an answer holds until
        the next is begun.
        """
        ...

    def close(self) -> None:
        """Let go of the device's memory."""
        ...


def depth_with(lanes: int) -> int:
    """`EngineFacts.depth` of so many lanes, each of which finds a picture waiting."""
    return lanes + 1 if lanes > 1 else 1


def first_line(error: BaseException) -> str:
    """What an error says, without the stack and the signatures around it."""
    if told := _OF_NVIDIA.search(str(error)):
        return told[1].strip()
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
