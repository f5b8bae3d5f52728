"""Covers pictures as they come, before anybody sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.hiding.cover import cover, cover_whole
from app.hiding.follow import FOLLOW_FROM, is_meant, looking
from app.hiding.regions import HOLD_S, SPEED_S, Floats, Seen, in_pixels, regions_now
from app.settings import Settings
from app.tracking.tracker import Tracker
from app.types import Detections, Frame


@dataclass(frozen=True, eq=False, slots=True)
class _Sight:
    time_s: float
    followed: Detections


class LiveHider:
    """Covers the classes of `Settings.covered_class_names`; see `Hider`.

    Unless `Settings.cover_unseen` is off, a frame that nobody looked at is covered
    whole: a stand-in for one that did not come, or any, where the model does not know
    what is to be hidden.
    """

    def __init__(self) -> None:
        self._tracker = Tracker()
        self._sights: list[_Sight] = []

    def restart(self) -> None:
        """The next frame follows none."""
        self._tracker.restart()
        self._sights = []

    def looking(self, settings: Settings) -> Settings:
        """What the detector is to be asked with: for the weak ones, too."""
        return looking(settings)

    def hide(
        self,
        frame: Frame,
        detections: Detections,
        *,
        class_names: Sequence[str],
        settings: Settings,
        is_again: bool,
    ) -> Frame:
        """The frame with all of them covered.

        Args:
            frame: stays as it is.
            detections: what was found with the settings of `looking`.
            class_names: of the model.
            settings: what to cover and how.
            is_again: it is the frame before once more: nothing is learnt from it.
        """
        names, image_bgr = settings.covered_class_names, frame.image_bgr
        is_unseen = bool(frame.gap) or not set(names) <= set(class_names)
        if is_unseen and settings.cover_unseen:
            return replace(frame, image_bgr=cover_whole(image_bgr, settings.cover_mode))
        class_ids = [class_names.index(name) for name in names if name in class_names]
        now_s = frame.timestamp_s
        if frame.gap:  # it shows the last picture, however long ago that was
            now_s, is_again = self._last_s(now_s), True
        boxes = [self._regions(now_s, detections, class_ids, is_again=is_again)]
        if is_again:  # perhaps looked at closer now
            here = detections.where(is_meant(detections, class_ids))
            alone = np.zeros(len(here), np.int64)
            times_s = np.full(len(here), now_s)
            seen = Seen(times_s, here.boxes_xyxy.astype(np.float64), alone)
            boxes.append(regions_now(seen, now_s, since_s=now_s))
        height, width = image_bgr.shape[:2]
        pixels = in_pixels(np.concatenate(boxes), (width, height))
        return replace(frame, image_bgr=cover(image_bgr, pixels, settings.cover_mode))

    def _last_s(self, otherwise_s: float) -> float:
        return self._sights[-1].time_s if self._sights else otherwise_s

    def _regions(
        self,
        now_s: float,
        detections: Detections,
        class_ids: Sequence[int],
        *,
        is_again: bool,
    ) -> Floats:
        sights = self._sights
        is_back = bool(sights) and now_s < sights[-1].time_s
        if is_back and not is_again:  # a clock that fell: nothing holds
            self.restart()
            sights = self._sights
        # At a low rate half a second is no frame at all: the one before always counts.
        held_s = now_s - HOLD_S
        if sights:
            held_s = min(held_s, sights[-1].time_s)
        if not is_again or not sights:
            followed = self._tracker.update(
                detections, now_s, score_threshold=FOLLOW_FROM
            )
            sights.append(_Sight(now_s, followed))
        while sights[0].time_s < held_s - SPEED_S:
            sights.pop(0)
        meant = [
            one.followed.where(is_meant(one.followed, class_ids)) for one in sights
        ]
        seen = Seen(
            np.repeat([one.time_s for one in sights], [len(one) for one in meant]),
            np.concatenate([one.boxes_xyxy for one in meant]).astype(np.float64),
            np.concatenate(
                [
                    np.zeros(0, np.int64) if m.track_ids is None else m.track_ids
                    for m in meant
                ]
            ),
        )
        return regions_now(seen, now_s, since_s=held_s)
