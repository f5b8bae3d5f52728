"""Two short tones, by what the system plays sounds with.

Qt's own sound is not in PySide6-Essentials, and without a window there is no Qt.
"""

import io
import math
import shutil
import struct
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

from app.alerts.alert import Alert, AlertError

RATE = 22_050
TONES_HZ = (880.0, 1174.7)  # a fourth: A5, D6
TONE_S = 0.12
TIMEOUT_S = 5.0
# The first that is there; each is given the file's name.
PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",))


def chime() -> bytes:
    """The two tones as a WAV file: mono, 16 bit."""
    count = round(RATE * TONE_S)
    samples = []
    for hertz in TONES_HZ:
        for index in range(count):
            fade = min(1.0, index / 200, (count - index) / 1000)  # no click
            samples.append(
                round(9000 * fade * math.sin(2 * math.pi * hertz * index / RATE))
            )
    data = io.BytesIO()
    with wave.open(data, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return data.getvalue()


class Sound:
    """Plays it when an event begins."""

    name = "The sound"

    def __init__(self, *, or_else: Callable[[], bool] = lambda: False) -> None:
        """Silent yet.

        Args:
            or_else: makes a noise where there is no player; false: it cannot.
        """
        self._or_else = or_else
        self._file: Path | None = None

    def tell(self, alert: Alert) -> None:
        """Play it; see `Teller`. Only what begins makes a noise."""
        if not alert.is_news:
            return
        if sys.platform == "win32":
            import winsound

            winsound.PlaySound(chime(), winsound.SND_MEMORY)
            return
        player = next((one for one in PLAYERS if shutil.which(one[0])), None)
        if player is not None and self._play(player):
            return
        if not self._or_else():
            names = ", ".join(one[0] for one in PLAYERS[:3])
            raise AlertError(
                "The sound cannot be played: there is no player, or no sound card.",
                f"Install one of {names}, or leave the sound out.",
            )

    def close(self) -> None:
        """Remove the file that was played."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _play(self, player: tuple[str, ...]) -> bool:
        if self._file is None:
            with tempfile.NamedTemporaryFile(suffix=".wav", delete=False) as out:
                out.write(chime())
                self._file = Path(out.name)
        try:
            done = subprocess.run(
                [*player, str(self._file)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0
