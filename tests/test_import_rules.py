"""Each room imports only what the table allows."""

import ast
from pathlib import Path

import pytest

from tests.python import said_by

ROOT = Path(__file__).parents[1]
KERAS = {"keras", "tensorflow", "tf2onnx"}
QT = {"PySide6"}
DEVICES = {"cv2", "av", "onnxruntime"}
FORBIDDEN = {  # room -> import prefixes it may not use
    "app/errors.py": QT | KERAS | DEVICES | {"app", "model"},
    "app/console.py": QT | KERAS | DEVICES | {"app", "model"},
    "app/types.py": QT | KERAS | DEVICES | {"app", "model"},
    "app/style.py": QT | KERAS | DEVICES | {"app", "model"},
    "app/viewport.py": QT
    | KERAS
    | DEVICES
    | {"model", "app.gui", "app.media", "app.detection", "app.pipeline"},
    "app/labels.py": QT | KERAS | DEVICES | {"app", "model"},
    "app/screen.py": QT
    | KERAS
    | {"av", "onnxruntime", "model"}
    | {"app.gui", "app.media", "app.detection", "app.pipeline"},
    "app/settings.py": QT
    | KERAS
    | DEVICES
    | {"model", "app.gui", "app.media", "app.detection", "app.pipeline"},
    "app/overlay.py": QT
    | KERAS
    | {"av", "onnxruntime", "model"}
    | {"app.gui", "app.media", "app.detection", "app.pipeline"},
    "app/headless.py": QT
    | KERAS
    | DEVICES
    | {"model", "app.gui", "app.media", "app.detection"},
    "app/export.py": QT
    | KERAS
    | DEVICES
    | {"model", "app.gui", "app.media", "app.detection"},
    "app/render.py": QT
    | KERAS
    | DEVICES
    | {"model", "app.gui", "app.media", "app.detection"},
    "app/sidecar.py": QT
    | KERAS
    | DEVICES
    | {"model", "app.gui", "app.media", "app.detection", "app.pipeline"},
    "app/pipeline": QT
    | KERAS
    | DEVICES
    | {"model", "app.gui", "app.media", "app.detection", "app.overlay"},
    "app/media": QT
    | KERAS
    | {"onnxruntime", "model", "app.gui", "app.detection", "app.pipeline"},
    "app/detection": QT
    | KERAS
    | {"av", "model", "app.gui", "app.media", "app.pipeline"},
    "app/gui": KERAS
    | DEVICES
    | {"model", "app.media", "app.detection", "app.overlay", "app.screen"},
    "model": QT | {"app"},
}


def imported_modules(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def files(room: str) -> list[Path]:
    path = ROOT / room
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


@pytest.mark.parametrize("room", FORBIDDEN)
def test_room_imports_only_what_it_may(room: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}: {module}"
        for file in files(room)
        for module in imported_modules(file.read_text(encoding="utf-8"))
        if any(module == bad or module.startswith(bad + ".") for bad in FORBIDDEN[room])
    ]
    assert not found
    assert files(room), f"no files under {room}"


def test_only_the_gui_loads_qt_and_nothing_in_the_app_loads_keras() -> None:
    code = (
        "import sys, main, app.headless, app.media.sources, app.overlay\n"
        "import app.detection.onnx_detector\n"
        "print(sorted(m for m in sys.modules if m in "
        "{'PySide6', 'keras', 'tensorflow', 'tf2onnx', 'onnx'}))"
    )
    assert said_by(code).strip() == "[]"
