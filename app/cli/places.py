"""Where the things are that come with the app, and where new ones go."""

from pathlib import Path

_NAME = "mobilenet-ssd-live"
_CHECKOUT = Path(__file__).resolve().parents[2]


def checkout() -> Path:
    """The folder that `main.py` lies in; names shown to users are below it."""
    return _CHECKOUT


def bundled_clip() -> Path:
    """The street clip, for whoever has no camera."""
    return checkout() / "assets" / "bikes.mp4"


def bundled_weights() -> Path:
    """The folder of the weights that a model can be built from."""
    return checkout() / "assets" / "weights"


def default_model() -> Path:
    """The model that runs where none is named, and the one that is built."""
    return checkout() / "assets" / "models" / "mobilenet_ssd.onnx"


def build_script() -> Path:
    """What builds a model."""
    return checkout() / "build_model.py"


def headless_recordings() -> Path:
    """Where recordings go that nobody named and no window shows."""
    return checkout() / "recordings"


def window_recordings() -> Path:
    """Where the window's recordings and pictures go."""
    from platformdirs import user_videos_path

    return user_videos_path() / "MobileNet-SSD Live"


def settings_file() -> Path:
    """What the window remembers."""
    from platformdirs import user_config_path

    return user_config_path(_NAME) / "settings.json"


def downloads() -> Path:
    """Where fetched weights are kept."""
    from platformdirs import user_cache_path

    return user_cache_path(_NAME) / "weights"
