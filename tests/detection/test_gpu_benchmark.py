"""benchmarks/gpu.py, where no GPU is: that it measures what it says."""

import pytest

from app.detection.devices.choices import CUDA
from benchmarks import gpu
from tests.detection.conftest import Install, MakeModel


def test_each_model_with_and_without_a_graph(
    install: Install,
    make_model: MakeModel,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runtime = install(CUDA)
    monkeypatch.setattr(gpu, "why_not", lambda *_: None)
    half = make_model("tiny.fp16.onnx", variant="fp16")
    assert gpu.main(["--frames", "40", str(make_model()), str(half)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [(row[0], row[1]) for row in rows] == [
        ("tiny.onnx", "no"),
        ("tiny.onnx", "yes"),
        ("tiny.fp16.onnx", "no"),
        ("tiny.fp16.onnx", "yes"),
    ]
    assert {row[4] for row in rows} == {"0.00000"}  # the fake computes on the CPU
    bound = [session.bound_runs for session in runtime.sessions if session.bound_runs]
    assert bound == [1 + 8 + 40] * 4


def test_without_a_gpu_it_says_so(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.detection.devices.choices import why_not
    from app.detection.devices.machine import Machine

    if why_not("cuda", Machine()) is None:
        pytest.skip("there is a GPU")
    assert gpu.main([str(make_model())]) == 2
    assert capsys.readouterr().err.strip()
