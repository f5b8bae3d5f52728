"""The errors a user can cause and mend.

    UserError                 one sentence, and what to do next; exit code 2
    ├── SourceError           a camera, a file, a stream
    ├── ModelError            a model file
    │   └── DeviceError       what it should run on; it may run on another
    ├── RecordingError        what is written
    ├── SettingsError         a file of settings
    ├── SidecarError          a file of detections
    ├── RulesError            a file of lines and zones
    └── KeptTestError         a kept test: a clip and what is expected of it

What the pipeline raises among its own is none of these: `SlotClosedError`, the end of a
mailbox. Anything else that comes out is a bug, and is shown as one.
"""


class UserError(Exception):
    """Something the user can mend: one clear sentence, and what to do next.

    Shown as it stands in the window and on the command line (exit code 2), so
    both parts are whole sentences in the user's words.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}".strip()


class SourceError(UserError):
    """A camera, file or stream cannot be opened or read."""


class ModelError(UserError):
    """A model file, or the device it should run on, cannot be used."""


class DeviceError(ModelError):
    """The device that a model should run on: it may well run on another."""


class RecordingError(UserError):
    """A recording cannot be started, written or finished."""


class SettingsError(UserError):
    """A settings file cannot be read or holds a value out of range."""


class SidecarError(UserError):
    """A file of detections cannot be read, or does not fit its video."""


class RulesError(UserError):
    """A file of lines and zones cannot be read, or does not fit its video."""


class KeptTestError(UserError):
    """A kept test cannot be read, or its clip is another."""
