"""OpenVINO's package, without what the app has no use for."""

import sys
import threading
from typing import Any

# Its converter of other frameworks' models: more than half of what the import takes
# (numpy.ma, absl, six frontends), and it tells Intel that it was imported, where the
# package openvino-telemetry is installed. The package does without it by itself.
_CONVERTER = "openvino.tools.ovc"
_lock = threading.Lock()


def load_openvino() -> Any:  # noqa: ANN401 - openvino is untyped
    """The package; whoever imports its converter by name still gets it.

    Raises:
        ImportError: it is not installed, or broken.
    """
    with _lock:
        if "openvino" in sys.modules or _CONVERTER in sys.modules:
            import openvino

            return openvino
        sys.modules[_CONVERTER] = None  # type: ignore[assignment] # as import wants it
        try:
            import openvino

            return openvino
        finally:
            del sys.modules[_CONVERTER]
