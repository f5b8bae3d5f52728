"""Where samples are heard: the system's own output, through miniaudio.

Chosen before sounddevice: its wheels hold all that is needed on Linux, too (PortAudio
is the system's there), 0.6 MB, MIT; it speaks PulseAudio, ALSA, JACK, WASAPI and Core
Audio.
"""

from collections.abc import Callable, Generator
from typing import Any, Protocol

from app.errors import UserError
from app.media.sound.samples import CHANNELS, RATE_HZ, Samples

_PERIOD_MS, _PERIODS = 20, 2
_TO_NOBODY = "Null"

# (how many, in how many seconds they are heard) -> that many.
Pull = Callable[[int, float], Samples]


class SoundOutput(Protocol):
    """Asks for samples on a thread of its own, until it is closed."""

    def start(self, pull: Pull) -> None:
        """Begin to ask.

        Raises:
            UserError: nothing can be heard here.
        """
        ...

    def close(self) -> None:
        """Ask no more; afterwards nothing is asked."""
        ...


class SystemOutput:
    """The output that the system has chosen."""

    def __init__(self) -> None:
        self._device: Any = None

    def start(self, pull: Pull) -> None:
        """As `SoundOutput.start`."""
        try:
            import miniaudio
        except ImportError as error:
            raise UserError(
                "Sound is not heard: miniaudio is not installed.",
                "Install it with: pip install -r requirements-sound.txt",
            ) from error
        try:
            self._device = miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.FLOAT32,
                nchannels=CHANNELS,
                sample_rate=RATE_HZ,
                buffersize_msec=_PERIOD_MS,
                callback_periods=_PERIODS,
                app_name="MobileNet-SSD Live",
            )
            asked = _asked(pull, _PERIOD_MS * _PERIODS / 1000)
            next(asked)
            self._device.start(asked)
        except miniaudio.MiniaudioError as error:
            raise _no_device() from error
        if self._device.backend == _TO_NOBODY:
            raise _no_device()

    def close(self) -> None:
        """As `SoundOutput.close`."""
        device, self._device = self._device, None
        if device is not None:
            device.close()


def _no_device() -> UserError:
    return UserError(
        "No sound device can be opened, so nothing is heard.",
        "Plug one in, and open the file again.",
    )


def _asked(pull: Pull, latency_s: float) -> Generator[Samples | bytes, int, None]:
    count = yield b""
    while True:
        count = yield pull(count, latency_s)
