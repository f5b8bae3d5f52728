"""What app.detection.engines.pool promises: one model, and nobody sees another's."""

import threading
from pathlib import Path

import numpy as np
import pytest

from app.detection.devices.machine import Machine
from app.detection.engines.engine import Engine
from app.detection.engines.pool import EnginePool
from app.detection.engines.session import Opened, Wish, open_engine
from app.detection.onnx_detector import OnnxDetector
from app.errors import ModelError
from app.settings import Settings
from tests.detection.conftest import MakeModel

WAIT_S = 20.0


def picture(value: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((1, 6, 8, 3), value, np.uint8)


def score(answer: tuple[np.ndarray, ...]) -> float:
    return float(answer[1][0, 0, 0])


def opened(pool: EnginePool, path: Path, device: str, threads: int = 2) -> Engine:
    if device == "openvino":
        pytest.importorskip("openvino", reason="requirements-openvino.txt")
    return pool.open(path, Wish(device, threads=threads), Machine()).engine


@pytest.mark.parametrize("device", ["cpu", "openvino"])
def test_seats_answer_as_engines_of_their_own_would_whoever_is_slow_to_ask(
    make_model: MakeModel, device: str
) -> None:
    """More are begun than there are lanes, and asked for in another order."""
    pool, path = EnginePool(), make_model()
    seats = [opened(pool, path, device) for _ in range(9)]
    begun = [seat.begin(picture(30 * i)) for i, seat in enumerate(seats)]
    late = begun[0]
    answers = {i: answer() for i, answer in enumerate(begun) if i}
    again = [seats[1].begin(picture(255))() for _ in range(8)]  # takes all requests
    assert [score(answer) for answer in again] == pytest.approx([1.0] * 8, abs=0.01)
    for i, answer in answers.items():
        assert score(answer) == pytest.approx(30 * i / 255, abs=0.01)
    assert score(late()) == pytest.approx(0.0, abs=0.01)
    for seat in seats:
        seat.close()


@pytest.mark.parametrize(
    ("device", "threads"), [("cpu", 2), ("cpu", 1), ("openvino", 2), ("openvino", 1)]
)
def test_threads_at_the_same_time_get_their_own_answers(
    make_model: MakeModel, device: str, threads: int
) -> None:
    pool, path = EnginePool(), make_model()
    wrong: list[tuple[int, float]] = []

    def use(value: int) -> None:
        seat = opened(pool, path, device, threads)
        for _ in range(50):
            got = score(seat.run(picture(value)))
            if abs(got - value / 255) > 0.01:
                wrong.append((value, got))
        seat.close()
        seat.close()  # twice is once

    users = [threading.Thread(target=use, args=(40 * i,)) for i in range(6)]
    for thread in users:
        thread.start()
    for thread in users:
        thread.join(WAIT_S)
        assert not thread.is_alive()
    assert wrong == []


def test_it_is_loaded_once_and_closed_behind_the_last(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Path] = []
    closed: list[Path] = []

    def counted(path: Path, wish: Wish, machine: Machine) -> Opened:
        result = open_engine(path, wish, machine)
        loaded.append(path)
        true_close = result.engine.close

        def close() -> None:
            closed.append(path)
            true_close()

        monkeypatch.setattr(result.engine, "close", close)
        return result

    monkeypatch.setattr("app.detection.engines.pool.open_engine", counted)
    pool, path = EnginePool(), make_model()
    detectors = [
        OnnxDetector(path, device="cpu", threads=2, open_engine=pool.open)
        for _ in range(3)
    ]
    for detector in detectors:
        assert detector.open().class_names == ("blue", "green", "red")
    assert (len(loaded), closed) == (1, [])
    image_bgr = np.full((12, 16, 3), 204, np.uint8)
    detectors[0].close()
    found, _ = detectors[1].detect(image_bgr, Settings())  # others go on
    assert found.scores.tolist() == pytest.approx([0.8] * 3, abs=0.01)
    detectors[1].close()
    assert closed == []
    detectors[2].close()
    assert closed == loaded
    assert detectors[0].open().class_names == ("blue", "green", "red")
    assert len(loaded) == 2  # anew
    detectors[0].close()


def test_what_cannot_be_opened_leaves_nothing_behind(
    make_model: MakeModel, tmp_path: Path
) -> None:
    pool, path = EnginePool(), tmp_path / "later.onnx"
    with pytest.raises(ModelError, match="There is no model file"):
        pool.open(path, Wish("cpu", threads=1), Machine())
    make_model("later.onnx")
    pool.open(path, Wish("cpu", threads=1), Machine()).engine.close()
