"""Each room imports only what the table allows."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.python import ROOT, said_by

# Ours, and the libraries heavy enough to belong to one room. Other imports are free.
WATCHED = {
    *("app", "model"),
    *("PySide6", "pyqtgraph", "cv2", "av", "onnxruntime", "openvino"),
    *("keras", "tensorflow", "tf2onnx", "onnx", "miniaudio"),
}
KERAS = {"keras", "tensorflow", "tf2onnx"}
VALUES = {
    "app.thresholds",
    *("app.scene", "app.kept_part", "app.__version__"),
    "app.drawing.lettering",
    *("app.types", "app.errors", "app.settings", "app.sidecar", "app.drawing.style"),
    *("app.whole_file", "app.local_files", "app.interrupts", "app.typed"),
}
GEOMETRY = {"app.drawing.limited_cache", "app.drawing.labels", "app.drawing.viewport"}
# Arithmetic over values and their files: no device, no picture, no thread.
COUNTING = {
    *("app.tracking", "app.export.counting", "app.export.count_files"),
    "app.export.found",
}
MODEL_ROOMS = {
    *("model.errors", "model.network", "model.weights", "model.training"),
    *("model.evaluation", "model.onnx_file", "model.dataset"),
}
BELOW_WEIGHTS = {
    *("model.errors", "model.network.config", "model.network.names"),
    *("model.network.folding", "model.network.network"),
}
# Room -> what of the watched it may import: a package, or one module of it.
ALLOWED: dict[str, set[str]] = {
    "app/errors.py": set(),
    "app/privacy.py": set(),
    "app/types.py": {"app.scene", "app.thresholds"},
    "app/thresholds.py": set(),
    "app/scene.py": set(),
    "app/kept_part.py": set(),
    "app/whole_file.py": set(),
    "app/local_files.py": set(),
    "app/typed.py": set(),
    "app/interrupts.py": set(),
    "app/settings.py": {"app.errors", "app.drawing.style", "app.whole_file"},
    "app/sidecar.py": {"app.errors", "app.types", "app.whole_file", "app.local_files"},
    "app/drawing/style.py": set(),
    "app/drawing/limited_cache.py": set(),
    "app/drawing/lettering.py": {"app.types"},
    "app/drawing/labels.py": {"app.types"},
    "app/drawing/viewport.py": {"app.types"},
    "app/drawing": VALUES | {"app.drawing", "cv2"},
    "app/pipeline": VALUES | {"app.pipeline"},
    "app/testing": VALUES | {"app.testing", "app.pipeline"},
    "app/media": VALUES | {"app.media", "app.drawing", "cv2", "av", "miniaudio"},
    "app/media/sound": VALUES | {"app.media", "av", "miniaudio"},
    "app/detection": VALUES | {"app.detection", "cv2", "onnxruntime", "openvino"},
    "app/tracking": VALUES - {"app.sidecar"} | {"app.tracking"},
    "app/alerts": VALUES
    | {"app.alerts", "app.tracking.rules", "app.pipeline.clip_rule", "cv2"},
    "app/hiding": VALUES
    | {"app.hiding", "app.tracking", "app.pipeline", "app.export.outputs", "cv2"},
    "app/comparing": VALUES
    | {"app.comparing", "app.tracking.matching", "app.drawing", "app.pipeline"}
    | {"app.export.outputs", "cv2"},
    "app/verifying": VALUES
    | {"app.verifying", "app.comparing.pairs", "app.tracking", "app.pipeline"},
    "app/export": VALUES | {"app.export", "app.pipeline", "app.tracking"},
    "app/gui": VALUES
    | GEOMETRY
    | {"app.comparing.pairs", "app.comparing.agreement"}
    | COUNTING
    | {"app.export.job", "app.export.outputs"}  # what an export is told, and finds
    | {"app.gui", "app.pipeline", "PySide6", "pyqtgraph"},
    "app/cli": {"app"},
    "model/errors.py": set(),
    "model/network": {"model.errors", "model.network", "keras"},
    "model/weights": BELOW_WEIGHTS | {"model.weights", "keras", "tensorflow"},
    "model/dataset": {"model.errors", "model.dataset", "model.network.config", "cv2"},
    "model/teachers": {"model.errors", "model.dataset", "model.teachers"}
    | {"model.network.config", "model.network.boxes", "cv2", "onnxruntime"},
    "model/training": MODEL_ROOMS | KERAS | {"cv2"},
    "model/evaluation": MODEL_ROOMS | {"cv2"},
    "model/onnx_file": MODEL_ROOMS | KERAS | {"onnx", "onnxruntime"},
    "model/cli": {"app", "model", "cv2"} | KERAS,
}


def imported_modules(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def files(room: str) -> list[Path]:
    path = ROOT / room
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


@pytest.mark.parametrize("room", ALLOWED)
def test_room_imports_only_what_it_may(room: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}: {module}"
        for file in files(room)
        for module in imported_modules(file.read_text(encoding="utf-8"))
        if module.partition(".")[0] in WATCHED
        and not any(f"{module}.".startswith(f"{good}.") for good in ALLOWED[room])
    ]
    assert not found
    assert files(room), f"no files under {room}"


def test_every_file_has_a_room() -> None:
    known = {file for room in ALLOWED for file in files(room)}
    for package in ("app", "model"):
        outside = set((ROOT / package).rglob("*.py")) - known
        assert {file.name for file in outside} <= {"__init__.py"}


def test_no_files_import_each_other_in_a_circle() -> None:
    """Not even late, in a function: who reads one of them has to read them all."""
    names = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(
            ".__init__"
        ): file
        for package in ("app", "model")
        for file in (ROOT / package).rglob("*.py")
    }
    graph = {
        name: {
            module if module in names else module.rpartition(".")[0]
            for module in imported_modules(file.read_text(encoding="utf-8"))
        }
        for name, file in names.items()
    }
    TopologicalSorter(graph).prepare()  # raises a CycleError that names it


def test_only_the_gui_loads_qt_and_nothing_in_the_app_loads_keras() -> None:
    code = (
        "import sys, main, app.cli.headless, app.media.sources.make\n"
        "import app.detection.onnx_detector, app.drawing.overlay\n"
        "print(sorted(m for m in sys.modules if m in "
        "{'PySide6', 'keras', 'tensorflow', 'tf2onnx', 'onnx'}))"
    )
    assert said_by(code).strip() == "[]"
