"""What is kept of a source as a test."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KeptPart:
    """Some seconds of a source, which are kept as a test.

    Attributes:
        folder: of the test, which is made.
        from_s: where they begin, on the source's clock.
        for_s: how many they are at most.
    """

    folder: Path
    from_s: float
    for_s: float
