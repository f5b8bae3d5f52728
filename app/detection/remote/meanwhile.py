"""A model elsewhere, and this machine in its place while its server does not answer."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from app.detection.engines.engine import EngineFacts, first_line
from app.detection.onnx_detector import OnnxDetector
from app.detection.remote.client import Patience, RemoteEngine
from app.errors import ModelError
from app.settings import Settings
from app.types import (
    Detections,
    DetectorInfo,
    ImageBgr,
    PendingDetections,
    StageTimes,
)

log = logging.getLogger(__name__)

# With somebody to take its place, nobody waits longer for a server.
SHORT = Patience(seconds=0.0, deadline_s=1.0)
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 8.0
# A server that fails again sooner was not well: it is left alone for longer.
_WELL_AFTER_S = 30.0
# What a server that comes back may say otherwise.
_OF_THE_DEVICE = ("provider", "precision")


class MeanwhileDetector:
    """Asks a server; while that does not answer, detects here, if the settings want so.

    The server is asked again and again, further and further apart, on a thread that
    nobody waits for. It takes over when it answers, if its model is what it was.
    """

    def __init__(
        self,
        there: OnnxDetector,
        here: OnnxDetector,
        *,
        address: str,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is loaded until `open`, and `here` not before it is needed.

        Args:
            there: runs on the server.
            here: the same model, or one that knows the same classes.
            address: of the model on the server.
            patience: what `there` has; shortened while somebody could stand in.
            clock: in seconds.
        """
        self._there, self._here = there, here
        self._address = address
        self._patience, self._usual = patience, replace(patience)
        self._clock = clock
        self._there_info: DetectorInfo | None = None
        self._here_info: DetectorInfo | None = None
        self._why_not_here = ""
        self._is_away = False
        self._was: object = None  # the model on the server, but for its device
        self._move: tuple[DetectorInfo, str] | None = None
        self._asker = ThreadPoolExecutor(1, "remote back")
        self._asked: Future[EngineFacts | None] | None = None
        self._ask_at_s = self._wait_s = 0.0
        self._back_at_s: float | None = None

    def favour_throughput(self) -> None:
        """As both do."""
        self._there.favour_throughput()
        self._here.favour_throughput()

    @property
    def depth(self) -> int:
        """The server's; here pictures wait for each other."""
        return self._there.depth

    def open(self) -> DetectorInfo:
        """Ask the server, which has to be there at first.

        Raises:
            ModelError: it is not, or the model is no good.
        """
        engine = RemoteEngine(self._address)
        self._was = _model_of(engine)
        engine.close()
        self._there_info = self._there.open()
        return self._there_info

    def take_move(self) -> tuple[DetectorInfo, str] | None:
        """See `app.pipeline.stages.inference.Moves`."""
        move, self._move = self._move, None
        return move

    def tell_waits(
        self,
        on_waiting: Callable[[str], None],
        on_back: Callable[[float], None],
        settings: Callable[[], Settings],
    ) -> None:
        """See `app.pipeline.stages.inference.Waits`."""
        self._patience.on_waiting, self._patience.on_back = on_waiting, on_back
        self._patience.gives_up = lambda: self._could_move(settings())

    def _could_move(self, settings: Settings) -> bool:
        return settings.meanwhile and not self._why_not_here

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        """As `OnnxDetector.detect`.

        Raises:
            ModelError: nobody answers.
        """
        return self.begin(image_bgr, settings)()

    def begin(self, image_bgr: ImageBgr, settings: Settings) -> PendingDetections:
        """As `OnnxDetector.begin`."""
        if self._is_away:
            self._look_whether_back(settings)
        if self._is_away:
            return partial(self._here.detect, image_bgr, settings)
        could_move = self._could_move(settings)
        self._patience.become(SHORT if could_move else self._usual)
        pending = self._there.begin(image_bgr, settings)

        def answer() -> tuple[Detections, StageTimes]:
            try:
                return pending()
            except ModelError as error:
                if not (could_move or self._patience.gives_up()):
                    raise
                if not self._is_away:  # else one begun before it has moved already
                    self._move_here(error)
            if self._is_away:
                return self._here.detect(image_bgr, settings)
            self._patience.become(self._usual)
            return self._there.detect(image_bgr, settings)

        return answer

    def close(self) -> None:
        """Let go of both."""
        self._asker.shutdown(cancel_futures=True)
        self._there.close()
        self._here.close()

    @property
    def _host(self) -> str:
        return RemoteEngine.host_of(self._address)

    def _move_here(self, error: ModelError) -> None:
        log.info("%s: %s", self._host, error)
        assert self._there_info is not None
        try:
            info = self._opened_here(self._there_info)
        except ModelError as problem:
            self._why_not_here = problem.problem
            text = f"{self._host} does not answer, and {problem.problem}"
            self._move = self._there_info, text
            return
        self._is_away = True
        now_s = self._clock()
        is_relapse = self._back_at_s is not None and (
            now_s - self._back_at_s < _WELL_AFTER_S
        )
        if not is_relapse:
            self._wait_s = _FIRST_WAIT_S
        self._ask_at_s = now_s + self._wait_s
        self._move = (
            replace(info, stands_in_for=self._host),
            f"{self._host} does not answer. Until it does, {info.device} of this "
            f"machine runs {info.model_name}.",
        )

    def _opened_here(self, there: DetectorInfo) -> DetectorInfo:
        if self._here_info is None:
            info = self._here.open()
            if info.class_names != there.class_names:
                raise ModelError(
                    f"{info.model_name} of this machine knows other classes.",
                    "Name one that knows the same: --meanwhile-model M.onnx.",
                )
            self._here_info = info
        return self._here_info

    def _look_whether_back(self, settings: Settings) -> None:
        if not settings.meanwhile:
            self._move_there(f"{self._host} is waited for.")
        elif self._asked is None:
            if self._clock() >= self._ask_at_s:
                self._asked = self._asker.submit(self._ask)
        elif self._asked.done():
            facts, self._asked = self._asked.result(), None
            if facts is not None and self._there_info is not None:
                self._there_info = replace(
                    self._there_info, provider=facts.provider, precision=facts.precision
                )
                self._move_there(f"{self._host} answers again, and runs the model.")
            self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)
            self._ask_at_s = self._clock() + self._wait_s

    def _move_there(self, text: str) -> None:
        assert self._there_info is not None
        self._is_away = False
        self._asked, self._back_at_s = None, self._clock()
        self._move = self._there_info, text

    def _ask(self) -> EngineFacts | None:
        """What runs there, if it is the model that it was."""
        try:
            engine = RemoteEngine(self._address, patience=replace(SHORT))
        except ModelError as error:
            log.info("%s: %s", self._host, first_line(error))
            return None
        engine.close()
        return engine.facts if _model_of(engine) == self._was else None


def _model_of(engine: RemoteEngine) -> object:
    said = {k: v for k, v in engine.metadata.items() if k not in _OF_THE_DEVICE}
    return said, engine.inputs, engine.outputs
