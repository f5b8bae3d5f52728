"""What app.media.sound.output promises, on devices that are pretended."""

from typing import Any, ClassVar

import numpy as np
import pytest

from app.errors import UserError
from app.media.sound.output import SystemOutput
from app.media.sound.samples import RATE_HZ, Samples

miniaudio = pytest.importorskip("miniaudio", reason="miniaudio is not installed")


class FakeDevice:
    """miniaudio's, of a backend; it asks once when it is started."""

    backend, error = "PulseAudio", ""
    made: ClassVar[list["FakeDevice"]] = []  # of each test its own

    def __init__(self, **wish: Any) -> None:  # noqa: ANN401 - whatever it is given
        if self.error == "made":
            raise miniaudio.MiniaudioError("no device")
        self.wish, self.is_closed = wish, False
        self.heard: Any = None
        self.made.append(self)

    def start(self, asked: Any) -> None:  # noqa: ANN401 - a generator
        if self.error == "started":
            raise miniaudio.MiniaudioError("it is busy")
        self.heard = asked.send(240)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> type[FakeDevice]:
    class Device(FakeDevice):
        made: ClassVar[list[FakeDevice]] = []

    monkeypatch.setattr(miniaudio, "PlaybackDevice", Device)
    return Device


def test_what_is_pulled_is_what_the_device_is_given(device: type[FakeDevice]) -> None:
    asked: list[tuple[int, float]] = []

    def pull(count: int, latency_s: float) -> Samples:
        asked.append((count, latency_s))
        return np.full((count, 2), 0.25, np.float32)

    output = SystemOutput()
    output.start(pull)
    (made,) = device.made
    assert asked == [(240, 0.04)]  # two periods of 20 ms until heard
    assert made.heard.shape == (240, made.wish["nchannels"])
    assert made.wish["sample_rate"] == RATE_HZ
    output.close()
    output.close()  # twice does no harm
    assert made.is_closed


@pytest.mark.parametrize("error", ["made", "started", "nobody hears"])
def test_a_device_that_cannot_be_had_is_a_sentence_and_is_let_go(
    error: str, device: type[FakeDevice]
) -> None:
    """Where no system's sound answers, miniaudio takes one that nobody hears."""
    device.error = error
    if error == "nobody hears":
        device.backend = "Null"
    output = SystemOutput()
    with pytest.raises(UserError, match="No sound device can be opened"):
        output.start(lambda count, _: np.zeros((count, 2), np.float32))
    output.close()
    assert all(made.is_closed for made in device.made)
    assert len(device.made) == (error != "made")
