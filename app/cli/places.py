"""Where the things are that come with the app, and where new ones go.

In a checkout that is the repository's own folders; installed, the assets stand inside
the package `app`, and what is made goes where the system wants a user's files.
"""

import sys
from pathlib import Path

from app.typed import is_installed

_NAME = "mobilenet-ssd-live"
_TITLE = "MobileNet-SSD Live"
_PACKAGE = Path(__file__).resolve().parents[1]
_PACKAGED = _PACKAGE / "assets"
_CHECKOUT = _PACKAGE.parent
_MODEL = "mobilenet_ssd"


def checkout() -> Path:
    """The folder that `main.py` lies in; names shown to users are below it."""
    return _CHECKOUT


def assets() -> Path:
    """What comes with the app."""
    return _PACKAGED if is_installed() else checkout() / "assets"


def bundled_clip() -> Path:
    """The street clip, for whoever has no camera."""
    return assets() / "bikes.mp4"


def bundled_weights() -> Path:
    """The folder of the weights that a model can be built from."""
    return assets() / "weights"


def default_model() -> Path:
    """The model that runs where none is named; either of its copies (decision 14)."""
    return assets() / "models" / _MODEL


def built_model() -> Path:
    """The file that is built where no name for it is given."""
    from platformdirs import user_data_path

    if is_installed():
        return user_data_path(_NAME) / "models" / f"{_MODEL}.onnx"
    return checkout() / "assets" / "models" / f"{_MODEL}.onnx"


def build_command() -> tuple[str, ...]:
    """What builds a model, for the Python that runs this."""
    if is_installed():
        return "-m", "model.cli"
    return (str(checkout() / "build_model.py"),)


def command_line() -> tuple[str, ...]:
    """What starts the command line in a process of its own."""
    if is_installed():
        said = "from app.cli import run_as_script; run_as_script()"
        return sys.executable, "-c", said
    return sys.executable, str(checkout() / "main.py")


def headless_recordings() -> Path:
    """Where recordings go that nobody named and no window shows."""
    return window_recordings() if is_installed() else checkout() / "recordings"


def window_recordings() -> Path:
    """Where the window's recordings and pictures go."""
    from platformdirs import user_videos_path

    return user_videos_path() / _TITLE


def settings_file() -> Path:
    """What the window remembers."""
    from platformdirs import user_config_path

    return user_config_path(_NAME) / "settings.json"


def downloads() -> Path:
    """Where fetched weights are kept."""
    from platformdirs import user_cache_path

    return user_cache_path(_NAME) / "weights"
