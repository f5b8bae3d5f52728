"""What runs the network: one small interface over ONNX Runtime, OpenVINO, or others."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

# Our own models' names.
INPUT, OUTPUTS = "images", ("boxes", "scores")

# In what ONNX Runtime says of a failed call, between a C++ signature and a host name.
_OF_NVIDIA = re.compile(r"\b((?:CUDA|CUDNN|CUBLAS|CUFFT|CURAND) failure \d+: [^;\n]+)")

# An array for each of the model's outputs, in the order of `Engine.outputs`.
Answer = tuple[NDArray[Any], ...]


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output of a model.

    Attributes:
        name: in the file.
        shape: None where a side may have any length.
        kind: NumPy's name, such as "float32".
    """

    name: str
    shape: tuple[int | None, ...]
    kind: str


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
    """A model on a device; used by one thread at a time, unless it is opened as shared.

    Attributes:
        facts: what really runs.
        metadata: what the model file says of itself.
        inputs: what it takes; the first of three or four dimensions is the picture.
        outputs: what it answers; our own boxes (1, A, 4) and scores (1, A, C).
        fixed: what other inputs get, the same for every picture; set before the first.
    """

    facts: EngineFacts
    metadata: Mapping[str, str]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    fixed: Mapping[str, NDArray[Any]]

    def run(self, images: NDArray[Any]) -> Answer:
        """What the model answers to its picture input, e.g. (1, H, W, 3) uint8.

        It holds until the next run: a device may write to the same memory again.
        """
        ...

    def begin(self, images: NDArray[Any]) -> Callable[[], Answer]:
        """The same, as a call that waits for it, to be asked for in this order.

        At most `facts.depth` may be begun and not asked for; an answer holds until
        the next is begun.
        """
        ...

    def close(self) -> None:
        """Let go of the device's memory."""
        ...


def picture_among(inputs: Sequence[Tensor]) -> Tensor:
    """The one that is a picture; else the first."""
    pictures = (tensor for tensor in inputs if len(tensor.shape) in (3, 4))
    return next(pictures, inputs[0])


def in_our_order(outputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """As `OUTPUTS`, where the model has just these; else as they are."""
    by_name = {tensor.name: tensor for tensor in outputs}
    if set(by_name) == set(OUTPUTS):
        return tuple(by_name[name] for name in OUTPUTS)
    return tuple(outputs)


def depth_with(lanes: int, *, waiting: int = 4) -> int:
    """`EngineFacts.depth` of so many lanes, each of which finds a picture waiting.

    Four wait, not one: while what was found is suppressed, tracked and written down, a
    lane is done with the next. A file to H.264 on two cores took 0.87 of the time.
    """
    return lanes + waiting if lanes > 1 else 1


def first_line(error: BaseException) -> str:
    """What an error says, without the stack and the signatures around it."""
    if told := _OF_NVIDIA.search(str(error)):
        return told[1].strip()
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
