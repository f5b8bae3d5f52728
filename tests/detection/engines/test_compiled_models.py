"""What app.detection.engines.compiled_models promises, with the true OpenVINO."""

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from app.detection.engines import compiled_models
from app.detection.engines.compiled_models import SUFFIX, CompiledModels, usual_folder
from app.detection.engines.openvino_engine import OpenVinoEngine
from tests.detection.conftest import MakeModel

pytest.importorskip("openvino", reason="pip install -r requirements-openvino.txt")

GREY = np.full((1, 6, 8, 3), 102, np.uint8)  # a score of 0.4 each: 102 / 255


def scores(path: Path) -> list[float]:
    engine = OpenVinoEngine(path, "CPU", threads=1, precision="fp32")
    answer: list[float] = engine.run(GREY)[1].ravel().tolist()
    engine.close()
    return answer


def kept_files() -> list[Path]:
    return sorted(usual_folder().glob(f"*{SUFFIX}"))


def halve_weights(path: Path) -> None:
    """The same network, of the same size, with other weights."""
    model = onnx.load(path)
    weights = next(t for t in model.graph.initializer if t.name == "weights")
    halved = numpy_helper.to_array(weights) / 2
    weights.CopyFrom(numpy_helper.from_array(halved, "weights"))
    onnx.save(model, path)


def test_what_was_compiled_once_is_not_compiled_again(make_model: MakeModel) -> None:
    path = make_model()
    first = OpenVinoEngine(path, "CPU", threads=1)
    (kept,) = kept_files()
    assert kept.stat().st_mode & 0o077 == kept.parent.stat().st_mode & 0o077 == 0
    before = kept.stat().st_ino
    second = OpenVinoEngine(path, "CPU", threads=1)
    assert [file.stat().st_ino for file in kept_files()] == [before]
    assert second.facts == first.facts
    assert (second.inputs, second.outputs) == (first.inputs, first.outputs)
    assert second.metadata == first.metadata
    for one, other in zip(first.run(GREY), second.run(GREY), strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_is_what_was_kept_that_runs(make_model: MakeModel) -> None:
    path = make_model()
    assert scores(path) == pytest.approx([0.4] * 3)
    (kept,) = kept_files()
    halve_weights(path)
    assert scores(path) == pytest.approx([0.2] * 3)  # other bytes, another key
    (halved,) = (file for file in kept_files() if file != kept)
    kept.write_bytes(halved.read_bytes())
    assert scores(make_model()) == pytest.approx([0.2] * 3)


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"cut"])
def test_what_is_damaged_is_made_anew(make_model: MakeModel, damage: bytes) -> None:
    path = make_model()
    scores(path)
    (kept,) = kept_files()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-20] if damage == b"cut" else damage)
    models = CompiledModels(kept.parent)
    assert models.find(kept.stem) is None
    assert scores(path) == pytest.approx([0.4] * 3)
    # Not byte by byte: OpenVINO numbers its nodes through all of a process.
    assert models.find(kept.stem) is not None


def test_what_openvino_cannot_read_is_made_anew(make_model: MakeModel) -> None:
    path = make_model()
    scores(path)
    (kept,) = kept_files()
    CompiledModels(kept.parent).keep(kept.stem, b"no network")
    assert scores(path) == pytest.approx([0.4] * 3)


def test_without_a_place_for_it_a_model_runs_all_the_same(
    make_model: MakeModel,
) -> None:
    usual_folder().parent.mkdir(parents=True)
    usual_folder().write_text("a file where the folder should be")
    assert scores(make_model()) == pytest.approx([0.4] * 3)


def test_weights_in_another_file_are_not_known_by_the_key(
    make_model: MakeModel,
) -> None:
    path = make_model()
    model = onnx.load(path)
    onnx.save(
        *(model, path), save_as_external_data=True, location="w.bin", size_threshold=0
    )
    assert scores(path) == pytest.approx([0.4] * 3)
    assert kept_files() == []


def test_those_that_nobody_uses_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled_models, "MOST_FILES", 3)
    models = CompiledModels(tmp_path)
    for age, name in enumerate("abc"):
        models.keep(name, name.encode())
        _made_ago(tmp_path / f"{name}{SUFFIX}", 100 - age)
    assert models.find("a") == b"a"  # used just now
    models.keep("d", b"d")
    assert [name for name in "abcd" if models.find(name)] == ["a", "c", "d"]
    monkeypatch.setattr(compiled_models, "MOST_BYTES", 40)
    models.keep("e", b"e" * 100)
    assert models.find("e"), "what was just made stays, however large"
    assert len(list(tmp_path.iterdir())) == 1


def _made_ago(path: Path, seconds: float) -> None:
    now = path.stat().st_mtime
    os.utime(path, (now - seconds, now - seconds))
