"""What an alert says, and what every kind of alert can."""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from app.errors import UserError
from app.types import ImageBgr


class AlertError(UserError):
    """Somebody who should be told of an event could not be."""


class AlertRefusedError(AlertError):
    """To try again would not help."""


@dataclass(frozen=True, eq=False, slots=True)
class Alert:
    """One event that begins, or is over.

    Attributes:
        number: of the event, from 1 in each run.
        title: what happened, in words.
        kind: "seen", "cross", "enter", "dwell", or "test".
        class_name: who did it.
        rule: at which line or in which zone; maybe empty.
        direction: of a crossing.
        is_over: it is.
        goes_on: the same event as the one before; only its clip is another.
        at: when it was told, in ISO 8601 with its zone.
        source: what is watched, without passwords.
        clip: the clip's path; empty: none.
        image_bgr: (H, W, 3) uint8; None: no picture goes along.
    """

    number: int
    title: str
    kind: str
    class_name: str
    rule: str
    direction: str
    is_over: bool
    goes_on: bool
    at: str
    source: str
    clip: str = ""
    image_bgr: ImageBgr | None = None

    @property
    def is_news(self) -> bool:
        """Something begins: worth a noise."""
        return not (self.is_over or self.goes_on)

    def values(self) -> dict[str, Any]:
        """For JSON; nothing of the picture."""
        return {
            "event": self.number,
            "title": self.title,
            "kind": self.kind,
            "class": self.class_name,
            "rule": self.rule or None,
            "direction": self.direction or None,
            "state": "over" if self.is_over else "begins",
            "goes_on": self.goes_on,
            "at": self.at,
            "source": self.source,
            "clip": self.clip or None,
        }

    def to_json(self) -> str:
        """The same as text."""
        return json.dumps(self.values(), ensure_ascii=False)


class Teller(Protocol):
    """Tells somebody: one at a time, on a thread that may wait."""

    @property
    def name(self) -> str:
        """Who is told, without secrets."""
        ...

    def tell(self, alert: Alert) -> None:
        """Tell it; back when it has arrived.

        Raises:
            AlertRefusedError: it has been refused.
            AlertError: it has not arrived; it may if tried again.
        """
        ...

    def close(self) -> None:
        """Nothing more is told."""
        ...


def jpeg_of(image_bgr: ImageBgr) -> bytes:
    """A picture, at most 1280 wide: enough to see who it was."""
    import cv2

    height, width = image_bgr.shape[:2]
    if width > 1280:
        size_wh = (1280, max(1, round(height * 1280 / width)))
        image_bgr = cv2.resize(image_bgr, size_wh, interpolation=cv2.INTER_AREA)  # type: ignore[assignment] # is uint8
    good, data = cv2.imencode(".jpg", image_bgr, [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert good
    return data.tobytes()
