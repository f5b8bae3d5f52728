"""While a server does not answer, this machine detects; where that is wanted."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.detection.onnx_detector import OnnxDetector
from app.detection.remote import meanwhile
from app.detection.remote.client import Patience
from app.detection.remote.meanwhile import MeanwhileDetector
from app.detection.remote.protocol import Message
from app.errors import ModelError
from app.settings import Settings
from tests.detection.conftest import MakeModel
from tests.detection.remote.test_remote import served

PICTURE = np.random.default_rng(4).integers(0, 256, (40, 60, 3), np.uint8)
WANTED = Settings(score_threshold=0.2, meanwhile=True)
REMOTE = "Remote (127.0.0.1, CPUExecutionProvider)"


class Hand:
    """A clock that is put on by hand."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def detector_of(
    address: str,
    here: Path,
    *,
    clock: Callable[[], float] = Hand(),  # noqa: B008 - stands still
    patience_s: float = 15.0,
) -> MeanwhileDetector:
    patience = Patience(seconds=patience_s)
    return MeanwhileDetector(
        OnnxDetector(Path(address), patience=patience),
        OnnxDetector(here, device="cpu"),
        address=address,
        patience=patience,
        clock=clock,
    )


def asked_until_it_moves(
    detector: MeanwhileDetector, clock: Hand, *, times: int = 3
) -> tuple[str, str]:
    """(what runs it, why), once that has changed; so often the server is asked."""
    for _ in range(times):
        clock.now_s += meanwhile._LONGEST_WAIT_S
        detector.detect(PICTURE, WANTED)
        if detector._asked is not None:
            detector._asked.result(10)
        detector.detect(PICTURE, WANTED)
        if (move := detector.take_move()) is not None:
            return move[0].provider, move[1]
    return "", ""


def test_this_machine_takes_over_and_the_server_again_when_it_is_back(
    make_model: MakeModel,
) -> None:
    clock, model = Hand(), make_model()
    with served(model) as first:
        port = first.server_address[1]
        detector = detector_of(first.address, model, clock=clock)
        assert detector.open().provider == REMOTE
        expected, _ = detector.detect(PICTURE, WANTED)
        assert detector.take_move() is None
    found, _ = detector.detect(PICTURE, WANTED)  # at once, and none is lost
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_array_equal(found.boxes_xyxy, expected.boxes_xyxy)
    move = detector.take_move()
    assert move is not None
    assert (move[0].provider, move[0].stands_in_for) == (
        "CPUExecutionProvider",
        "127.0.0.1",
    )
    assert move[1].startswith("127.0.0.1 does not answer. Until it does, CPU of this")
    assert detector.take_move() is None  # said once
    assert asked_until_it_moves(detector, clock) == ("", "")
    with served(model, port=port):
        assert asked_until_it_moves(detector, clock) == (
            REMOTE,
            "127.0.0.1 answers again, and runs the model.",
        )
        found, _ = detector.detect(PICTURE, WANTED)
        np.testing.assert_array_equal(found.scores, expected.scores)
    detector.close()


def test_pictures_that_were_on_the_way_are_answered_here(make_model: MakeModel) -> None:
    model = make_model()
    with served(model) as server:
        detector = detector_of(server.address, model)
        detector.favour_throughput()
        detector.open()
        expected, _ = detector.detect(PICTURE, WANTED)
    begun = [detector.begin(PICTURE, WANTED) for _ in range(detector.depth)]
    for answer in begun:
        np.testing.assert_array_equal(answer()[0].scores, expected.scores)
    detector.close()


def test_nobody_stands_in_where_that_is_not_wanted(make_model: MakeModel) -> None:
    model = make_model()
    with served(model) as server:
        detector = detector_of(server.address, model, patience_s=0.2)
        detector.open()
    with pytest.raises(ModelError, match="has not answered"):
        detector.detect(PICTURE, Settings())
    assert detector.take_move() is None
    detector.close()


def test_it_can_be_wanted_and_no_longer_while_it_runs(make_model: MakeModel) -> None:
    model = make_model()
    with served(model) as server:
        detector = detector_of(server.address, model, patience_s=0.2)
        detector.open()
    assert len(detector.detect(PICTURE, WANTED)[0])
    assert detector.take_move() is not None
    with pytest.raises(ModelError, match="has not answered"):
        detector.detect(PICTURE, Settings())
    move = detector.take_move()
    assert move is not None
    assert move[0].provider == REMOTE
    detector.close()


def test_it_can_be_wanted_while_it_is_already_waited_for(make_model: MakeModel) -> None:
    wanted = [Settings()]

    def want(_: str) -> None:
        wanted[0] = WANTED

    model = make_model()
    with served(model) as server:
        detector = detector_of(server.address, model)
        detector.open()
        detector.tell_waits(want, lambda _: None, lambda: wanted[0])
    assert len(detector.detect(PICTURE, Settings(score_threshold=0.2))[0])
    move = detector.take_move()
    assert move is not None
    assert move[0].stands_in_for == "127.0.0.1"
    detector.close()


def test_a_model_with_other_classes_does_not_stand_in(make_model: MakeModel) -> None:
    other = make_model("other.onnx", class_names='["a", "b", "c"]')
    with served(make_model()) as server:
        detector = detector_of(server.address, other, patience_s=0.2)
        detector.open()
    with pytest.raises(ModelError, match="has not answered"):
        detector.detect(PICTURE, WANTED)
    move = detector.take_move()
    assert move is not None
    assert "other.onnx of this machine knows other classes" in move[1]
    detector.close()


def test_a_server_that_fails_again_at_once_is_left_alone_for_longer(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that it is there, and answers no picture."""

    def broken(_body: bytes, _json_length: int | None) -> Message:
        raise RuntimeError("broken")

    clock, model = Hand(), make_model()
    with served(model) as server:
        detector = detector_of(server.address, model, clock=clock)
        detector.open()
        monkeypatch.setattr(server, "infer", broken)
        waits = []
        for _ in range(6):
            assert len(detector.detect(PICTURE, WANTED)[0])
            assert detector._is_away
            waits.append(detector._wait_s)
            clock.now_s += detector._wait_s
            detector.detect(PICTURE, WANTED)
            assert detector._asked is not None
            detector._asked.result(10)
        detector.close()
    assert waits == [0.5, 1, 2, 4, 8, 8]


def test_a_server_that_comes_back_with_another_model_is_not_taken(
    make_model: MakeModel,
) -> None:
    clock, model = Hand(), make_model()
    with served(model) as first:
        port = first.server_address[1]
        detector = detector_of(first.address, model, clock=clock)
        detector.open()
    detector.detect(PICTURE, WANTED)
    assert detector.take_move() is not None
    other = make_model("other.onnx", class_names='["a", "b", "c"]')
    with served(other, port=port):
        assert asked_until_it_moves(detector, clock) == ("", "")
    detector.close()
