"""benchmarks/gpu.py, where no GPU is: that it measures what it says."""

from pathlib import Path

import pytest

from app.detection.devices.choices import CUDA
from app.detection.engines.engine import Engine
from benchmarks import gpu, gpu_steps
from benchmarks.gpu_steps import Wanted
from tests.detection.conftest import Install, MakeModel


def test_each_model_with_and_without_a_graph(
    install: Install, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = install(CUDA)
    monkeypatch.setattr(gpu_steps, "FRAMES", 40)
    half = make_model("tiny.fp16.onnx", variant="fp16")
    told = gpu_steps.speed(Wanted("cuda", (make_model(), half)))
    assert [
        f"{name}, {graph}"
        for name in ("tiny.onnx", "tiny.fp16.onnx")
        for graph in ("no graph", "graph")
    ] == list(told)
    bound = [session.bound_runs for session in runtime.sessions if session.bound_runs]
    assert bound == [1 + 1 + 40] * 4  # to record, to be the first, to be timed


def test_what_answers_something_else_than_the_cpu_is_seen(
    install: Install, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(CUDA)
    monkeypatch.setattr(gpu_steps, "PHOTOS", 3)
    wanted = Wanted("cuda", (make_model(),))
    told = gpu_steps.equality(wanted)
    assert told["tiny.onnx, graph"].startswith("scores differ by 0.00000")

    opened = gpu_steps._engine

    def worse(wanted: Wanted, path: Path, *, with_graph: bool) -> Engine:
        engine = opened(wanted, path, with_graph=with_graph)
        run = engine.run
        monkeypatch.setattr(
            engine, "run", lambda picture: tuple(x + 0.25 for x in run(picture))
        )
        return engine

    monkeypatch.setattr(gpu_steps, "_engine", worse)
    told = gpu_steps.equality(wanted)
    assert told["tiny.onnx, graph"].startswith("scores differ by 0.25000")


def test_on_the_cpu_the_script_itself_can_be_tried(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str]
) -> None:
    """In processes of their own, as on a GPU; one ends in the middle of its work."""
    steps = ["versions", "hidden", "leaving"]
    assert gpu.main(["--device", "cpu", str(make_model()), "--only", *steps]) == 0
    told = capsys.readouterr().out
    assert all(f"== {step}\n" in told for step in steps)
    assert "left out: it needs a GPU" in told
    assert "busy: True" in told


def test_without_a_gpu_it_says_so(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.detection.devices.choices import why_not
    from app.detection.devices.machine import Machine

    if why_not("cuda", Machine()) is None:
        pytest.skip("there is a GPU")
    assert gpu.main([str(make_model())]) == 2
    assert capsys.readouterr().err.strip()
