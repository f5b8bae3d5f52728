"""The sound of one file, played after its picture.

The picture is the clock. It already obeys the user, the file and the machine (it is
held, sought, or waits for a detector), and it must not wait for a sound device; sound
that follows it needs one jump in a while, where the device's clock has drifted.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.errors import UserError
from app.media.sound.output import SoundOutput
from app.media.sound.picture_clock import PictureClock
from app.media.sound.reader import SoundReader
from app.media.sound.samples import RATE_HZ, Samples, SampleStore

log = logging.getLogger(__name__)

# Further from the picture than this, sound jumps: half of what people notice.
NEAR = RATE_HZ // 50
# Of the thread that decodes, where nothing is asked for.
REST_S = 0.1


class FileSound:
    """Decodes on a thread of its own, as opening a device may take long.

    Attributes:
        volume: from 0 to 1, heard at once.
    """

    def __init__(
        self,
        path: Path,
        output: SoundOutput,
        *,
        may_play: Callable[[], bool],
        say: Callable[[Exception], object],
        found: Callable[[tuple[tuple[str, str], ...], int], object] = lambda *_: None,
        volume: float = 1.0,
        track: int | None = None,
    ) -> None:
        """Begin; a file without sound is closed again, and nothing is said.

        Args:
            path: the file.
            output: where it is heard; opened, used and closed by the thread.
            may_play: asked on the output's thread: False where it is held.
            say: told once, on the thread, why nothing is heard, if so.
            found: told, on the thread, of all tracks, and which of them is heard.
            volume: see above.
            track: which of them; None: the one that the file names.
        """
        self._path = path
        self._output = output
        self._may_play = may_play
        self._say = say
        self._found = found
        self._track = track
        self.volume = volume
        self._clock = PictureClock()
        self._store = SampleStore()
        self._ended = threading.Event()
        self._next: int | None = None  # the place that follows what was given
        self._gain = 0.0
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
        self._thread.start()

    def follow(self, timestamp_s: float, shown_at_s: float) -> None:
        """The frame of `timestamp_s` is on show from `shown_at_s`, a monotonic time."""
        self._clock.note(timestamp_s, shown_at_s)

    def hold(self) -> None:
        """The picture stands, or goes elsewhere."""
        self._clock.hold()

    def close(self) -> None:
        """End; never waits."""
        self._ended.set()
        self._store.want(0)

    def join(self, timeout_s: float) -> bool:
        """Whether it has ended within `timeout_s` after `close`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- on its thread -------------------------------------------------------

    def _run(self) -> None:
        try:
            reader = SoundReader(self._path, self._track)
        except (OSError, ValueError) as error:
            log.info("no sound of %s: %s", self._path, error)
            return
        try:
            if reader.has_sound and not self._ended.is_set():
                self._play(reader)
        except UserError as error:
            self._say(error)
        except Exception as error:  # the picture goes on without it
            log.warning("the sound of %s ends", self._path, exc_info=error)
        finally:
            reader.close()

    def _play(self, reader: SoundReader) -> None:
        try:
            self._output.start(self._pull)
            self._found(reader.tracks, reader.chosen)
            self._decode(reader)
        finally:
            self._output.close()

    def _decode(self, reader: SoundReader) -> None:
        store = self._store
        blocks = reader.blocks(0)
        while not self._ended.is_set():
            if (place := store.seek_place()) is not None and not store.has(place):
                store.clear()
                blocks = reader.blocks(place)
                first = next(blocks, None)
                # Before the first of it nothing is: silence, which is no reason to
                # look again and again.
                store.put(place, np.zeros((0, 2), np.float32))
                if first is None:
                    store.end()
                else:
                    store.put(*first)
            elif store.is_full():
                store.wait(REST_S)
            elif (block := next(blocks, None)) is not None:
                store.put(*block)
            else:
                store.end()

    # --- on the output's -----------------------------------------------------

    def _pull(self, count: int, latency_s: float) -> Samples:
        """(count, 2) to be heard in `latency_s`: in step with the picture then."""
        wanted_s = None
        if self._may_play():
            wanted_s = self._clock.position_s(time.monotonic() + latency_s)
        else:
            self._clock.hold()
        if wanted_s is not None:
            wanted = max(0, round(wanted_s * RATE_HZ))
            self._store.want(wanted)
            if self._next is None or abs(self._next - wanted) > NEAR:
                self._next, self._gain = wanted, 0.0
        elif self._gain == 0.0 or self._next is None:
            self._next = None
            return np.zeros((count, 2), np.float32)
        at = self._next
        assert at is not None
        samples = self._store.take(at, count)
        self._next = at + count if wanted_s is not None else None
        # Never from one block to the next: that is a click.
        target = self.volume if wanted_s is not None else 0.0
        ramp = np.linspace(self._gain, target, count, dtype=np.float32)
        self._gain = target
        return samples * ramp[:, np.newaxis]
