"""One clock for a file whose own starts anew.

Joined files, VOBs and HLS streams with discontinuities do so. Whatever a player
shows in four seconds lasts four seconds here, too.
"""

import math
from fractions import Fraction
from typing import Any, TypeAlias

from av.container import InputContainer
from av.format import Flags
from av.packet import Packet as AnyPacket

Packet: TypeAlias = "AnyPacket[Any]"  # generic in the stubs only

# As FFmpeg has it (-dts_delta_threshold, and its tenth of a second for slips).
BACK_S = 0.1
AHEAD_S = 10.0
# A packet of sound is shorter than this.
_LONG_S = 0.1


def starts_anew(container: InputContainer) -> bool:
    """Whether the clock of such a file may leap; elsewhere a long gap is a gap."""
    return bool(Flags(container.format.flags) & Flags.ts_discont)


class SteadyClock:
    """Moves the packets of pictures, so that their time goes on where it leaps.

    Law: what goes in with `dts` that grow by less than `AHEAD_S` comes out as it was.

    Attributes:
        offsets_s: what was added to the file's times, one for each run of its clock.
    """

    def __init__(self, *, leaps_ahead: bool, interval_s: float) -> None:
        """Begin with the file's own times.

        Args:
            leaps_ahead: a gap of more than `AHEAD_S` is none (see `starts_anew`).
            interval_s: how long a picture stays that does not say so.
        """
        self._leaps_ahead = leaps_ahead
        self._interval_s = interval_s
        self.offsets_s = [0.0]
        self._last_s: float | None = None
        self._next_s = 0.0

    @property
    def now_s(self) -> float | None:
        """When the last picture is decoded; None before the first."""
        return self._last_s

    @property
    def has_leapt(self) -> bool:
        """Whether there was more than one run."""
        return len(self.offsets_s) > 1

    def steady(self, packet: Packet) -> None:
        """Move `packet`, the next of the pictures in the order of the file."""
        if packet.dts is not None:
            dts_s = float(packet.dts * packet.time_base)
            at_s = dts_s + self.offsets_s[-1]
            if self._last_s is not None and (
                at_s < self._last_s - BACK_S
                or (self._leaps_ahead and at_s > self._next_s + AHEAD_S)
            ):
                self.offsets_s.append(self._next_s - dts_s)
                at_s = self._next_s
            self._last_s = at_s
            stays_s = float((packet.duration or 0) * packet.time_base)
            self._next_s = at_s + (stays_s or self._interval_s)
        move(packet, self.offsets_s[-1])

    def forget_last(self) -> None:
        """The next packet comes from elsewhere in the file."""
        self._last_s = None


class SoundClock:
    """The same for one stream of sound, beside the pictures of its file.

    Attributes:
        slips: packets whose time could not be true.
    """

    def __init__(self, pictures: SteadyClock, *, leaps_ahead: bool) -> None:
        """Follow `pictures`, which sees the packets of the same walk."""
        self._pictures = pictures
        self._leaps_ahead = leaps_ahead
        self._last_ticks: int | None = None
        self._next_s: float | None = None
        self.slips = 0

    def steady(self, packet: Packet) -> None:
        """Move `packet`, the next of this sound; its `dts` always grows.

        It is placed by the run of the pictures' clock where it goes on best. What
        fits none (the clock of the sound alone fell back) follows what was before.
        """
        base = packet.time_base
        assert base is not None
        assert packet.dts is not None
        dts_s = float(packet.dts * base)
        now_s, next_s = self._pictures.now_s, self._next_s
        due_s = now_s if next_s is None else next_s
        offset_s = self._pictures.offsets_s[-1]
        if due_s is not None and now_s is not None:
            offset_s = min(
                self._pictures.offsets_s[-2:],
                key=lambda offset_s: abs(dts_s + offset_s - due_s),
            )
            at_s = dts_s + offset_s
            is_far = min(abs(at_s - due_s), abs(at_s - now_s)) > AHEAD_S
            is_back = at_s < due_s - BACK_S - _LONG_S
            # The first one is where it says: sound may come long after its picture.
            if next_s is not None and (is_back or (is_far and self._leaps_ahead)):
                self.slips += 1
                offset_s = due_s - dts_s
        move(packet, offset_s)
        if self._last_ticks is not None:
            # Far enough apart for any rate of sound.
            least = self._last_ticks + math.ceil(Fraction(1, 8000) / base)
            move(packet, float(max(0, least - packet.dts) * base))
        self._last_ticks = packet.dts
        stays = packet.dts + (packet.duration or 0)
        self._next_s = float(stays * base)


def move(packet: Packet, offset_s: float) -> None:
    """Add `offset_s` to the times of `packet`, as near as its ticks allow."""
    if not offset_s:
        return
    ticks = round(Fraction(offset_s) / packet.time_base)
    if packet.pts is not None:
        packet.pts += ticks
    if packet.dts is not None:
        packet.dts += ticks
