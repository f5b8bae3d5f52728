"""What engines.session promises, with ONNX Runtime faked where no GPU is."""

# ruff: noqa: ANN401 - fakes of an untyped module
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from app.detection.devices.choices import COREML, CPU, CUDA, DIRECTML, TENSORRT
from app.detection.devices.machine import CUDNN
from app.detection.engines import ort_engine
from app.detection.engines.engine import Answer, Engine, Tensor
from app.detection.engines.ort_engine import BoundEngine, probe_every_node
from app.detection.engines.session import UnavailableError, Wish, open_engine
from app.detection.onnx_detector import OnnxDetector
from app.errors import ModelError
from tests.detection.conftest import Install, MakeModel
from tests.detection.fake_machine import FakeMachine

ZEROS = np.zeros((1, 6, 8, 3), np.uint8)


def opened(path: Path, device: str, machine: FakeMachine, **wish: Any) -> Engine:
    return open_engine(path, Wish(device, **wish), machine)[0]


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_cuda_is_used_where_it_works(
    install: Install, make_model: MakeModel, device: str
) -> None:
    install(CUDA)
    path = make_model(variant="fp16")
    engine, problem, _ = open_engine(path, Wish(device), FakeMachine())
    assert engine.facts.provider == CUDA
    assert (engine.facts.precision, engine.facts.device_share) == ("fp16", 1.0)
    assert engine.facts.threads is None
    assert problem is None


def test_on_cuda_bytes_go_up_to_fixed_places_and_the_kernels_are_recorded(
    install: Install, make_model: MakeModel
) -> None:
    runtime = install(CUDA)
    engine = opened(make_model(), "cuda", FakeMachine())
    assert isinstance(engine, BoundEngine)
    assert engine.facts.has_graph
    (session,) = runtime.sessions
    assert session.asked[CUDA] == {
        "cudnn_conv_algo_search": "HEURISTIC",
        "arena_extend_strategy": "kSameAsRequested",
        "use_tf32": "0",
        "enable_cuda_graph": "1",
    }
    assert session.bound_runs == 1  # the one that records
    assert engine._input.array.dtype == np.uint8
    assert {v.device for v in (engine._input, *engine._values)} == {"cuda"}
    first = engine.run(np.full_like(ZEROS, 51))[1]
    second = engine.run(np.full_like(ZEROS, 102))[1]
    np.testing.assert_allclose(first, 51 / 255, rtol=1e-6)
    np.testing.assert_allclose(second, 102 / 255, rtol=1e-6)
    engine.close()


def test_a_graph_is_recorded_on_the_thread_that_uses_it(
    install: Install, make_model: MakeModel
) -> None:
    runtime = install(CUDA)
    detector = OnnxDetector(make_model(), device="cuda", machine=FakeMachine())
    detector.open()
    runs = runtime.sessions[0].bound_runs
    detector.settle()
    assert runtime.sessions[0].bound_runs == runs + 2  # one settles, one records
    detector.close()


def test_without_a_graph_no_thread_has_to_settle(make_model: MakeModel) -> None:
    detector = OnnxDetector(make_model(), device="cpu", machine=FakeMachine())
    detector.settle()  # not open: nothing to do
    detector.open()
    detector.settle()
    detector.close()


def test_fixed_buffers_are_what_onnx_runtime_takes(
    monkeypatch: pytest.MonkeyPatch, make_model: MakeModel
) -> None:
    """The true ONNX Runtime; only that the buffers lie in the CPU's memory."""

    def on_cpu(tensor: Tensor) -> Any:
        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            list(tensor.shape), np.dtype(tensor.kind).type, "cpu", 0
        )

    monkeypatch.setattr(ort_engine, "_on_gpu", on_cpu)
    path = make_model()
    session = onnxruntime.InferenceSession(
        str(path),
        # As the engine's own sessions: the share of nodes is asked for.
        ort_engine._options(1),
        providers=[CPU],
    )
    engine = BoundEngine(session, has_graph=False)
    plain = ort_engine.open_ort(path, "cpu", threads=1)
    for seed in (1, 2):  # the second overwrites the first
        picture = np.random.default_rng(seed).integers(0, 256, (1, 6, 8, 3), np.uint8)
        for mine, theirs in zip(engine.run(picture), plain.run(picture), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    engine.close()
    plain.close()


def test_without_a_cuda_graph_where_it_cannot_be_recorded(
    install: Install, make_model: MakeModel
) -> None:
    runtime = install(CUDA)
    runtime.graph_fails = True
    engine = opened(make_model(), "cuda", FakeMachine())
    assert (engine.facts.provider, engine.facts.has_graph) == (CUDA, False)
    assert "enable_cuda_graph" not in runtime.sessions[-1].asked[CUDA]
    np.testing.assert_allclose(engine.run(np.full_like(ZEROS, 51))[1], 0.2, rtol=1e-6)


def test_tensorrt_keeps_its_engines_and_has_cuda_below(
    install: Install, make_model: MakeModel
) -> None:
    runtime = install(TENSORRT, CUDA)
    engine = opened(make_model("tiny.fp16.onnx"), "tensorrt", FakeMachine())
    assert engine.facts.provider == TENSORRT
    asked = runtime.sessions[-1].asked
    assert list(asked) == [TENSORRT, CUDA, CPU]
    # The binding throws for "1": "should be 'True' or 'False'".
    said = {k: v for k, v in asked[TENSORRT].items() if k.endswith("_enable")}
    assert set(said.values()) <= {"True", "False"}
    assert said["trt_fp16_enable"] == said["trt_engine_cache_enable"] == "True"
    assert Path(asked[TENSORRT]["trt_engine_cache_path"]).is_dir()
    assert "enable_cuda_graph" not in asked[CUDA]


def test_a_model_with_other_weights_never_runs_the_engine_of_before(
    install: Install, make_model: MakeModel
) -> None:
    runtime = install(TENSORRT, CUDA)
    opened(make_model(), "tensorrt", FakeMachine()).close()
    opened(make_model(), "tensorrt", FakeMachine()).close()
    opened(make_model(weights_sha256="other"), "tensorrt", FakeMachine()).close()
    once, again, other = (
        session.asked[TENSORRT]["trt_engine_cache_prefix"]
        for session in runtime.sessions
        if TENSORRT in session.asked  # the others look at the metadata
    )
    assert once == again != other


def test_tensorrt_is_not_given_what_it_refuses(
    install: Install, make_model: MakeModel
) -> None:
    install(TENSORRT, CUDA)
    path = make_model("renamed.onnx", variant="int8")
    with pytest.raises(UnavailableError, match="zero points") as caught:
        opened(path, "tensorrt", FakeMachine())
    assert caught.value.remedy == "Choose the float or fp16 copy of the model."


def test_the_probe_asks_as_the_session_that_runs(
    install: Install, make_model: MakeModel
) -> None:
    runtime = install(TENSORRT, CUDA)
    path = make_model()
    opened(path, "tensorrt", FakeMachine()).close()
    probe_every_node(path, "tensorrt")
    _, running, probe = (session.asked for session in runtime.sessions)
    assert list(probe) == [TENSORRT]
    apart = {k for k, v in probe[TENSORRT].items() if running[TENSORRT][k] != v}
    assert apart == {"trt_cuda_graph_enable"}


def test_a_device_that_runs_no_node_is_no_device(
    install: Install, make_model: MakeModel
) -> None:
    install(TENSORRT, CUDA).nodes = {CUDA: 4}
    with pytest.raises(UnavailableError, match="none of this network's nodes"):
        opened(make_model(), "tensorrt", FakeMachine())


def test_strictly_cuda_with_an_int8_copy_names_the_other_copy(
    install: Install, make_model: MakeModel
) -> None:
    install(CUDA).nodes = {CUDA: 90, CPU: 47}
    with pytest.raises(UnavailableError, match="66% of") as caught:
        opened(make_model(variant="int8"), "cuda", FakeMachine(), is_strict=True)
    assert caught.value.remedy == "Choose the float copy of the model."


REAL_CUDA_ERROR = (
    "/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:129 std::conditional"
    "_t<THRW, void, common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const "
    "char*, SUCCTYPE, const char*, const char*, int) [with ERRTYPE = cudaError; bool "
    "THRW = true] CUDA failure 2: out of memory ; GPU=0 ; hostname=lab-7 ; file=/onnx"
    "runtime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; line=282"
    " ; expr=cudaMalloc(&p, size); "
)


def test_an_error_of_cuda_is_said_without_signatures_and_host_names(
    install: Install, make_model: MakeModel
) -> None:
    def fail(_providers: list[Any]) -> None:
        if any(CUDA in provider for provider in _providers):
            raise RuntimeError(REAL_CUDA_ERROR)

    install(CUDA).fails = fail
    with pytest.raises(UnavailableError) as caught:
        opened(make_model(), "cuda", FakeMachine())
    assert caught.value.problem == (
        "NVIDIA GPU (CUDA) cannot be had: CUDA failure 2: out of memory."
    )


def test_sums_of_bytes_may_not_run_over_on_old_processors() -> None:
    """ONNX Runtime's own words: 1 is "slower U8U8 ... with better precision"."""
    options = ort_engine._options(1)
    assert options.get_session_config_entry("session.x64quantprecision") == "1"


def test_directml_gets_what_its_documentation_asks_for(
    install: Install, make_model: MakeModel
) -> None:
    runtime = install(DIRECTML)
    machine = FakeMachine(built=[DIRECTML, CPU])
    assert opened(make_model(), "directml", machine).facts.provider == DIRECTML
    options = runtime.sessions[0].options
    assert not options.enable_mem_pattern
    assert options.execution_mode == onnxruntime.ExecutionMode.ORT_SEQUENTIAL


def test_core_ml_gets_fixed_shapes(install: Install, make_model: MakeModel) -> None:
    runtime = install(COREML)
    machine = FakeMachine(system="darwin", built=[COREML, CPU])
    assert opened(make_model(), "coreml", machine).facts.provider == COREML
    assert runtime.sessions[0].asked[COREML]["RequireStaticInputShapes"] == "1"


def test_cpu_means_cpu_though_a_gpu_is_there(
    install: Install, make_model: MakeModel
) -> None:
    runtime = install(CUDA)
    engine, problem, _ = open_engine(make_model(), Wish("cpu"), FakeMachine())
    assert engine.facts.provider == CPU
    assert list(runtime.sessions[0].asked) == [CPU]
    assert engine.facts.threads == 2  # as the machine says
    assert problem is None


def test_the_cpu_never_spins_between_frames(make_model: MakeModel) -> None:
    engine = opened(make_model(), "cpu", FakeMachine(), threads=1)
    options = engine._session.get_session_options()  # type: ignore[attr-defined]
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert options.intra_op_num_threads == 1 == engine.facts.threads


BROKEN = [
    (FakeMachine(built=[CPU]), "built without CUDA"),
    (FakeMachine(driver=None), "no NVIDIA driver was found"),
    (FakeMachine(missing=["libcublasLt.so.13"]), "libcublasLt.so.13"),
    (FakeMachine(missing=[CUDNN]), "cuDNN is not complete"),
    # All seems well, and yet the session comes out on the CPU.
    (FakeMachine(loader="libcurand.so.10: no such file"), "could not start it (libcur"),
]
IDS = ["CPU build", "no driver", "no cuBLAS", "no cuDNN", "silent fallback"]


@pytest.mark.parametrize(("machine", "reason"), BROKEN, ids=IDS)
def test_auto_without_cuda_takes_the_next_best_and_says_why(
    install: Install, make_model: MakeModel, machine: FakeMachine, reason: str
) -> None:
    install()
    machine.installed.pop("openvino", None)
    engine, problem, _ = open_engine(make_model(), Wish("auto"), machine)
    assert engine.facts.provider == CPU
    assert problem is not None
    assert reason in problem.reason
    assert problem.remedy


@pytest.mark.parametrize(("machine", "reason"), BROKEN, ids=IDS)
def test_cuda_asked_for_and_not_had_is_an_error(
    install: Install, make_model: MakeModel, machine: FakeMachine, reason: str
) -> None:
    install()
    with pytest.raises(UnavailableError) as caught:
        open_engine(make_model(), Wish("cuda"), machine)
    assert reason in caught.value.problem
    assert caught.value.remedy


def test_of_several_reasons_auto_tells_the_one_that_can_be_mended(
    install: Install, make_model: MakeModel
) -> None:
    install()
    machine = FakeMachine(driver=None, openvino=ImportError("libtbb.so.12"))
    problem = open_engine(make_model(), Wish("auto"), machine).problem
    assert problem is not None
    assert "OpenVINO does not start (libtbb.so.12)" in problem.reason


def test_a_gpu_that_fails_in_loading_is_not_blamed_on_the_file(
    install: Install, make_model: MakeModel
) -> None:
    def fail(providers: list[Any]) -> None:
        if providers != [CPU]:
            raise RuntimeError("CUDA failure 2: out of memory\nat file.cc:12")

    install(CUDA).fails = fail
    with pytest.raises(
        UnavailableError, match=r"CUDA failure 2: out of memory\. Choose"
    ):
        open_engine(make_model(), Wish("cuda"), FakeMachine())


def test_a_bad_file_is_not_blamed_on_the_gpu(tmp_path: Path) -> None:
    bad = tmp_path / "text.onnx"
    bad.write_text("this is not a model")
    with pytest.raises(ModelError, match=r"text\.onnx cannot be loaded as an ONNX"):
        open_engine(bad, Wish("openvino"), FakeMachine(openvino=["CPU"]))


def test_strictly_means_every_node(install: Install, make_model: MakeModel) -> None:
    install(CUDA).nodes = {CUDA: 3, CPU: 1}
    path = make_model()
    engine = opened(path, "cuda", FakeMachine())
    assert engine.facts.device_share == 0.75
    with pytest.raises(UnavailableError, match="75% of the network's nodes run there"):
        open_engine(path, Wish("cuda", is_strict=True), FakeMachine())
    with pytest.raises(ModelError, match="Strictly what"):
        open_engine(path, Wish("auto", is_strict=True), FakeMachine())


def test_strictly_is_refused_where_nobody_knows_what_runs_where(
    install: Install, make_model: MakeModel
) -> None:
    install(CUDA).nodes = {CUDA: 0}  # none is listed
    path = make_model()
    assert opened(path, "cuda", FakeMachine()).facts.device_share is None
    with pytest.raises(UnavailableError, match="not all of the network's nodes"):
        open_engine(path, Wish("cuda", is_strict=True), FakeMachine())


def test_a_precision_is_for_openvino_alone(make_model: MakeModel) -> None:
    with pytest.raises(ModelError, match="Only OpenVINO"):
        open_engine(make_model(), Wish("cpu", precision="bf16"), FakeMachine())


def test_a_missing_file_is_reported_before_a_gpu_is_looked_for(
    install: Install, tmp_path: Path
) -> None:
    runtime = install(CUDA)
    with pytest.raises(ModelError, match="There is no model file"):
        open_engine(tmp_path / "none.onnx", Wish("cuda"), FakeMachine())
    assert runtime.sessions == []


def test_the_probe_forbids_the_cpu(install: Install, make_model: MakeModel) -> None:
    runtime = install(CUDA)
    path = make_model()
    assert probe_every_node(path, "cuda") == ""
    option = "session.disable_cpu_ep_fallback"
    assert runtime.sessions[0].options.get_session_config_entry(option) == "1"

    def fail(providers: list[Any]) -> None:
        raise RuntimeError("nodes assigned to the default CPU EP")

    runtime.fails = fail
    assert probe_every_node(path, "cuda") == "nodes assigned to the default CPU EP"


def test_the_probe_finds_this_machine_out(make_model: MakeModel) -> None:
    """No GPU, or one: with the CPU forbidden, only a real one gets through."""
    from app.detection.devices.choices import why_not
    from app.detection.devices.machine import Machine

    runs = why_not("cuda", Machine()) is None
    assert (probe_every_node(make_model(), "cuda") == "") == runs


@pytest.mark.parametrize("device", ["cpu", "openvino"])
@pytest.mark.parametrize(("threads", "lanes"), [(1, 1), (2, 2), (15, 4)])
def test_for_throughput_lanes_share_the_threads(
    make_model: MakeModel, device: str, threads: int, lanes: int
) -> None:
    wish: dict[str, Any] = {"threads": threads, "throughput": True}
    if device == "openvino":
        pytest.importorskip("openvino", reason="requirements-openvino.txt")
        wish["precision"] = "fp32"
    path = make_model()
    one = opened(path, device, FakeMachine(), **(wish | {"throughput": False}))
    assert one.facts.depth == 1
    engine = opened(path, device, FakeMachine(), **wish)
    depth = engine.facts.depth
    assert depth == (lanes + 4 if lanes > 1 else 1)
    values = range(0, 250, 10)
    pictures = [np.full_like(ZEROS, value) for value in values]
    begun: deque[Callable[[], Answer]] = deque()
    scores = []
    for picture in pictures:
        begun.append(engine.begin(picture))
        if len(begun) == depth:
            scores.append(float(begun.popleft()()[1][0, 0, 0]))
    scores += [float(answer()[1][0, 0, 0]) for answer in begun]
    assert scores == pytest.approx([value / 255 for value in values], abs=1e-6)
    assert engine.run(pictures[3])[1][0, 0, 0] == pytest.approx(30 / 255)
    unanswered = [engine.begin(picture) for picture in pictures[:depth]]
    engine.close()  # waits for nobody
    one.close()
    assert len(unanswered) == depth


def test_lanes_leave_the_session_the_threads_they_are_not(
    install: Install, make_model: MakeModel
) -> None:
    runtime = install()
    opened(make_model(), "cpu", FakeMachine(), threads=6, throughput=True).close()
    opened(make_model(), "cpu", FakeMachine(), threads=6).close()
    # Four lanes and the session's two others; its count includes who calls it.
    counts = [s.options.intra_op_num_threads for s in runtime.sessions]
    assert counts == [3, 6]


def test_a_gpu_has_one_lane(install: Install, make_model: MakeModel) -> None:
    install(CUDA)
    engine = opened(make_model(), "cuda", FakeMachine(), throughput=True)
    assert engine.facts.depth == 1
    answer = engine.begin(np.full_like(ZEROS, 51))
    np.testing.assert_allclose(answer()[1], 51 / 255, rtol=1e-6)
    engine.close()
