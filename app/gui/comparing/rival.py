"""Another detector, which looks at what is on show, beside the window."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.comparing.agreement import Agreement, by_class
from app.comparing.pairs import Pairs, pair_up, shared_classes
from app.pipeline.errands import Errands
from app.pipeline.interfaces import Detector, Settles
from app.settings import Settings
from app.types import Detections, DetectorInfo, Frame, Result, StageTimes


@dataclass(frozen=True, eq=False, slots=True)
class BothFound:
    """What two detectors found in one frame.

    Attributes:
        frame: the frame.
        found: of A, which plays, and of B, the other.
        class_names: of each.
        pairs: made of them.
        agreement: of all classes that both know.
        ms: what each took, all its stages.
    """

    frame: Frame
    found: tuple[Detections, Detections]
    class_names: tuple[tuple[str, ...], tuple[str, ...]]
    pairs: Pairs
    agreement: Agreement
    ms: tuple[float, float]


class Rival(QObject):
    """Loads a detector, and lets it look at one frame after another.

    It is opened, used and closed on one and the same thread. While it looks, only the
    newest frame waits for it.

    Signals:
        opened: its `DetectorInfo`.
        failed: the exception; nothing looks any more.
        answered: a `BothFound`.
    """

    opened = Signal(object)
    failed = Signal(object)
    answered = Signal(object)

    def __init__(
        self,
        errands: Errands,
        make_detector: Callable[[Path, str], Detector],
        parent: QObject | None = None,
    ) -> None:
        """Nothing is loaded."""
        super().__init__(parent)
        self._errands = errands
        self._make_detector = make_detector
        self._detector: Detector | None = None
        self._info: DetectorInfo | None = None
        self._turn = 0  # of what was chosen; what is of an earlier one is dropped
        self._is_looking = False
        self._next: tuple[Result, Settings] | None = None

    @property
    def info(self) -> DetectorInfo | None:
        """Of the one that looks; None while none does."""
        return self._info

    def use(self, path: Path, device: str) -> None:
        """Load another one; `opened` or `failed` follows."""
        self.leave()
        detector = self._detector = self._make_detector(path, device)

        def load() -> DetectorInfo:
            try:
                info = detector.open()
                if isinstance(detector, Settles):
                    detector.settle()
            except BaseException:
                detector.close()
                raise
            return info

        self._errands.run(
            load,
            then=partial(self._on_opened, self._turn),
            or_else=partial(self._on_failed, self._turn),
        )

    def leave(self) -> None:
        """Let go of it."""
        self._turn += 1
        self._info = self._next = None
        self._is_looking = False
        if self._detector is not None:
            self._errands.run(self._detector.close, or_else=lambda _: None)
            self._detector = None

    def look(self, result: Result, settings: Settings) -> None:
        """Look at that frame, or, where it is busy, at the newest one afterwards."""
        if self._info is None or self._detector is None or result.frame.gap:
            return
        if self._is_looking:
            self._next = result, settings
            return
        detector, frame = self._detector, result.frame
        self._is_looking = self._errands.run(
            lambda: detector.detect(frame.image_bgr, settings),
            then=partial(self._on_found, self._turn, result),
            or_else=partial(self._on_failed, self._turn),
        )

    def _on_opened(self, turn: int, info: DetectorInfo) -> None:
        if turn == self._turn:
            self._info = info
            self.opened.emit(info)

    def _on_failed(self, turn: int, error: Exception) -> None:
        if turn == self._turn:
            self.leave()
            self.failed.emit(error)

    def _on_found(
        self, turn: int, result: Result, answer: tuple[Detections, StageTimes]
    ) -> None:
        if turn != self._turn or self._info is None:
            return
        self._is_looking = False
        found, times = answer
        self.answered.emit(both_found(result, found, times, self._info.class_names))
        if self._next is not None:
            (newest, settings), self._next = self._next, None
            self.look(newest, settings)


def both_found(
    result: Result,
    found: Detections,
    times: StageTimes,
    class_names: tuple[str, ...],
) -> BothFound:
    """What A found, as `result` says, beside what B did."""
    own = result.detections if result.found is None else result.found
    shared = shared_classes(result.class_names, class_names)
    pairs = pair_up(own, found, shared)
    agreement = sum(by_class(pairs, own, found, shared).values(), Agreement())
    its = result.times
    own_ms = its.preprocess_ms + its.inference_ms + its.postprocess_ms
    return BothFound(
        result.frame,
        (own, found),
        (result.class_names, class_names),
        pairs,
        agreement,
        (own_ms, times.latency_ms),
    )
