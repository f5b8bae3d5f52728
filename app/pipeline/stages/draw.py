"""Makes of each frame what the others need of it."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from app.pipeline.annotate import annotate
from app.pipeline.interfaces import Draw, ScaleForScreen
from app.pipeline.slot import Slot
from app.pipeline.stages.items import Detected, Shot, Sink
from app.pipeline.stats import FpsMeter
from app.pipeline.transport import Transport
from app.settings import Settings
from app.types import ImageBgr, Result, ScreenPicture, Viewport


class DrawStage:
    """The part that the window shows, and for the sinks the whole with its boxes.

    Attributes:
        frame_count: frames finished so far.
    """

    def __init__(
        self,
        *,
        detected: Slot[Detected],
        shown: Slot[tuple[int, Result]],
        transport: Transport,
        settings: Callable[[], Settings],
        draw: Draw,
        scale: ScaleForScreen | None,
        viewport: Callable[[], Viewport | None],
        sinks: Callable[[], Iterable[Sink]],
        is_held: Callable[[], bool],
        on_end: Callable[[], None],
        on_result: Callable[[], None],
    ) -> None:
        """Wire it.

        Args:
            detected: the frames, and what was found in them.
            shown: where the results go, each with its count of seeks.
            transport: knows what is stale, and is told what is shown.
            settings: asked once per frame.
            draw: the overlay, called where a sink wants pixels with boxes.
            scale: makes frames ready for the viewport.
            viewport: what the window sees of them; None: there is no window.
            sinks: who keeps what is shown; asked once per frame.
            is_held: whether what is on show stays there: a live source is paused.
            on_end: the last frame of the source is shown.
            on_result: `shown` has something new.
        """
        self._detected = detected
        self._shown = shown
        self._transport = transport
        self._settings = settings
        self._draw = draw
        self._scale = scale
        self._viewport = viewport
        self._sinks = sinks
        self._is_held = is_held
        self._on_end = on_end
        self._on_result = on_result
        self._meter = FpsMeter()
        self.frame_count = 0

    def run(self) -> None:
        """Draw until `detected` is closed."""
        for item in self._detected:
            if self._transport.is_stale(item.cue.seek_count):
                continue
            if item.cue.frame is None:
                self._on_end()
                continue
            result = Result(
                item.cue.frame,
                item.detections,
                item.class_names,
                fps=self._rate(),
                screen=self._make_ready(item.cue.frame.image_bgr),
                scene=item.scene,
                found=item.found,
            )
            self.frame_count += 1
            self._keep(item, result)
            if not self._is_held() or item.cue.is_again:
                self._show(item, result)

    def _rate(self) -> float:
        """Frames a second; 0 while it stands still, and of the first after that."""
        if self._transport.is_paused and not self._is_held():
            self._meter = FpsMeter()
            return 0.0
        return self._meter.tick(time.monotonic())

    def _make_ready(self, image_bgr: ImageBgr) -> ScreenPicture | None:
        viewport = self._viewport()
        if viewport is None or self._scale is None:
            return None
        return ScreenPicture(self._scale(image_bgr, viewport), viewport)

    def _keep(self, item: Detected, result: Result) -> None:
        settings = self._settings()
        shot = Shot(item.cue, result, lambda it: annotate(it, self._draw, settings))
        for sink in self._sinks():
            sink.offer(shot)

    def _show(self, item: Detected, result: Result) -> None:
        now_s = time.monotonic()
        times = replace(item.times, draw_ms=1e3 * (now_s - item.finished_at_s))
        result = replace(result, times=times, finished_at_s=now_s)
        self._shown.put((item.cue.seek_count, result))
        self._transport.answer(item.cue.seek_count)
        self._on_result()
