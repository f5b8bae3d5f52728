"""Nothing is sent: what libraries would report to their makers is off.

Measured with the versions of 2026: OpenVINO looks up an analytics host whenever it is
imported and keeps an id in the home folder; ONNX Runtime keeps an id and a store of
events there, and sends them to its maker; Ray reports what its cluster is used for.
"""

import os
import sys


def send_nothing() -> None:
    """Turn it off; must come before either library is imported.

    `app` calls it when it is imported, so every command and every process that one
    starts is quiet, and what they start inherits it.
    """
    # Covers builds for Linux, macOS and Windows; read once, when the library loads.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # OpenVINO then takes the stub that it ships for those who lack the package.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # None: cannot be imported
