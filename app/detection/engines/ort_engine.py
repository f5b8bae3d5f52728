"""The network in ONNX Runtime: on the CPU, or on what its wheel was built for."""

import hashlib
import logging
import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from platformdirs import user_cache_path

from app.detection.devices.choices import COREML, CPU, CUDA, DIRECTML, TENSORRT
from app.detection.engines.engine import (
    Answer,
    EngineFacts,
    Tensor,
    depth_with,
    first_line,
    in_our_order,
    picture_among,
)

log = logging.getLogger(__name__)

PROVIDERS = {
    "cpu": CPU,
    "cuda": CUDA,
    "tensorrt": TENSORRT,
    "coreml": COREML,
    "directml": DIRECTML,
}
_FATAL_ONLY, _ERRORS = 4, 3
_X86 = ("x86_64", "AMD64")

# The quick heuristic search is as good as the exhaustive one for sizes that never
# change, and spares seconds at the first frame; the arena grows by what is asked
# for instead of by doubling. TF32 would round a float's 23 bits to 10 on newer GPUs,
# and we say "fp32"; who wants speed takes the fp16 copy.
_CUDA_OPTIONS = {
    "cudnn_conv_algo_search": "HEURISTIC",
    "arena_extend_strategy": "kSameAsRequested",
    "use_tf32": "0",
}
_COREML_OPTIONS = {
    "ModelFormat": "MLProgram",
    "MLComputeUnits": "ALL",
    "RequireStaticInputShapes": "1",
}


class OrtEngine:
    """A session that copies its input and output, as the CPU wants it."""

    def __init__(
        self,
        session: Any,  # noqa: ANN401 - ort is untyped
        *,
        threads: int,
        lanes: int = 1,
    ) -> None:
        self._session = session
        self._lanes = ThreadPoolExecutor(lanes, "lane") if lanes > 1 else None
        self.metadata: Mapping[str, str] = session.get_modelmeta().custom_metadata_map
        self.inputs = _tensors(session.get_inputs())
        self.outputs = in_our_order(_tensors(session.get_outputs()))
        self.fixed: Mapping[str, NDArray[Any]] = {}
        self._picture = picture_among(self.inputs).name
        self._names = [tensor.name for tensor in self.outputs]
        provider = session.get_providers()[0]
        self.facts = EngineFacts(
            provider=provider,
            precision=_precision(provider, self.metadata.get("variant", "fp32")),
            device_share=_share_of_nodes(session, provider),
            threads=threads if provider == CPU else None,
            depth=depth_with(lanes),
        )

    def run(self, images: NDArray[Any]) -> Answer:
        """See `Engine.run`."""
        return self._answer(self._told(images))

    def begin(self, images: NDArray[Any]) -> Callable[[], Answer]:
        """See `Engine.begin`."""
        if self._lanes is None:
            return partial(self.run, images)
        return self._lanes.submit(self._answer, self._told(images)).result

    def _told(self, images: NDArray[Any]) -> dict[str, NDArray[Any]]:
        return {self._picture: images, **self.fixed}

    def _answer(self, told: dict[str, NDArray[Any]]) -> Answer:
        return tuple(self._session.run(self._names, told))

    def close(self) -> None:
        """Let go of the session."""
        if self._lanes is not None:
            self._lanes.shutdown(cancel_futures=True)
        self._session = None


class BoundEngine(OrtEngine):
    """A session on an NVIDIA GPU whose input and outputs stay where they are.

    A picture goes up as bytes, a quarter of what floats would take. With fixed
    addresses and shapes the launches of all kernels can be recorded once and played
    back as one (a CUDA graph).
    """

    def __init__(self, session: Any, *, has_graph: bool) -> None:  # noqa: ANN401
        super().__init__(session, threads=1)
        self.facts = replace(self.facts, has_graph=has_graph)
        self._binding = session.io_binding()
        (picture,) = self.inputs
        self._input = _on_gpu(picture)
        self._binding.bind_ortvalue_input(picture.name, self._input)
        # The binding does not keep them alive.
        self._values = [_on_gpu(output) for output in self.outputs]
        for output, value in zip(self.outputs, self._values, strict=True):
            self._binding.bind_ortvalue_output(output.name, value)

    def run(self, images: NDArray[Any]) -> Answer:
        """See `Engine.run`."""
        self._input.update_inplace(images)
        self._session.run_with_iobinding(self._binding)
        return tuple(self._binding.copy_outputs_to_cpu())

    def close(self) -> None:
        """Let go of the session and the memory on the GPU."""
        self._binding = self._input = None
        self._values = []
        super().close()


def open_ort(
    path: Path, device: str, *, threads: int, lanes: int = 1, with_graph: bool = True
) -> OrtEngine:
    """Load `path`; what it then runs on is in the engine's facts.

    Args:
        path: the .onnx file.
        device: a key of `PROVIDERS`.
        threads: of the CPU.
        lanes: of the CPU: how many pictures at a time share the threads.
        with_graph: on an NVIDIA GPU, try to record a CUDA graph.

    Raises:
        Exception: ONNX Runtime cannot load it, for whatever reason.
    """
    if device == "cpu":
        # Each lane has a thread of its own, and all of them share the session's others.
        session = _load(path, _options(threads - lanes + 1), [CPU])
        return OrtEngine(session, threads=threads, lanes=lanes)
    # Its own errors go unseen: we look at what came out, and say so in words.
    ort.set_default_logger_severity(_FATAL_ONLY)
    try:
        if device in ("cuda", "tensorrt"):
            return _open_nvidia(path, device, with_graph)
        options = _options(1)
        if device == "directml":  # its documentation asks for both
            options.enable_mem_pattern = False
            options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        first = {
            "coreml": (COREML, _COREML_OPTIONS),
            "directml": (DIRECTML, {"device_id": "0"}),
        }[device]
        return OrtEngine(_load(path, options, [first, CPU]), threads=1)
    finally:
        ort.set_default_logger_severity(_ERRORS)


def probe_every_node(path: Path, device: str) -> str:
    """Why not every node fits on `device`; empty when all do.

    A probe only: with the CPU forbidden, a session fails that would run well. It is
    told what a session that runs is told, so TensorRT finds the engine in its cache.
    """
    options = _options(1)
    options.log_severity_level = _FATAL_ONLY
    options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    first, *_ = _PROVIDERS_OF[device](path, False)
    try:
        _load(path, options, [first])
    except Exception as error:  # noqa: BLE001 - that is the answer
        return first_line(error)
    return ""


def _open_nvidia(path: Path, device: str, with_graph: bool) -> OrtEngine:
    if with_graph:
        try:
            return _open_bound(path, device, has_graph=True)
        except Exception as error:  # noqa: BLE001 - tried again, without
            log.info("%s without a CUDA graph: %s", path.name, error)
    return _open_bound(path, device, has_graph=False)


def _open_bound(path: Path, device: str, *, has_graph: bool) -> OrtEngine:
    # One thread: the GPU computes, and a pool would only wait.
    session = _load(path, _options(1), _PROVIDERS_OF[device](path, has_graph))
    if session.get_providers()[0] != PROVIDERS[device]:
        return OrtEngine(session, threads=1)  # it fell back
    if not _is_fixed(session):
        if has_graph:
            raise ValueError("shapes are not fixed")
        return OrtEngine(session, threads=1)
    engine = BoundEngine(session, has_graph=has_graph)
    (picture,) = engine.inputs
    engine.run(np.zeros(_sides(picture), picture.kind))  # records the graph
    return engine


def _is_fixed(session: Any) -> bool:  # noqa: ANN401 - ort is untyped
    """One input, and no side of anything may vary: memory can be set aside once."""
    tensors = _tensors([*session.get_inputs(), *session.get_outputs()])
    has_one = len(session.get_inputs()) == 1
    return has_one and all(None not in tensor.shape for tensor in tensors)


_KINDS = {"tensor(float)": "float32", "tensor(float16)": "float16"}


def _tensors(nodes: Sequence[Any]) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(
            node.name,
            tuple(side if isinstance(side, int) else None for side in node.shape),
            _KINDS.get(node.type, node.type.removeprefix("tensor(").removesuffix(")")),
        )
        for node in nodes
    )


def _cuda_providers(_path: Path, with_graph: bool) -> list[Any]:
    graph = {"enable_cuda_graph": "1"} if with_graph else {}
    return [(CUDA, _CUDA_OPTIONS | graph), CPU]


def _tensorrt_providers(path: Path, with_graph: bool) -> list[Any]:
    # Building an engine takes minutes, so it is kept. It names itself by the GPU, the
    # version and the graph, but not by the weights (onnxruntime#6455): that is ours to
    # do, else a model trained on runs with the weights it had before. Booleans are
    # words here, and numbers for CUDA: each parser refuses the other's.
    cache = user_cache_path("mobilenet-ssd-live", ensure_exists=True) / "tensorrt"
    cache.mkdir(exist_ok=True)
    options = {
        "trt_engine_cache_enable": "True",
        "trt_engine_cache_path": str(cache),
        "trt_engine_cache_prefix": hashlib.sha256(path.read_bytes()).hexdigest()[:16],
        "trt_timing_cache_enable": "True",
        "trt_timing_cache_path": str(cache),
        "trt_fp16_enable": str(path.name.endswith(".fp16.onnx")),
        "trt_cuda_graph_enable": str(with_graph),
    }
    return [(TENSORRT, options), *_cuda_providers(path, False)]


_PROVIDERS_OF = {"cuda": _cuda_providers, "tensorrt": _tensorrt_providers}


def _options(threads: int) -> Any:  # noqa: ANN401 - ort is untyped
    options = ort.SessionOptions()
    options.log_severity_level = _ERRORS
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin between frames eat the cores that decode and draw.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Without VNNI, two products of unsigned and signed bytes are added in 16 bits, and
    # run over: AP50 of the int8 copy was 0.476 instead of 0.510.
    options.add_session_config_entry("session.x64quantprecision", "1")
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    return options


def _load(path: Path, options: Any, providers: list[Any]) -> Any:  # noqa: ANN401
    return ort.InferenceSession(
        str(path), options, providers=providers, enable_fallback=0
    )


def _precision(provider: str, variant: str) -> str:
    # The file's, unless there are no such convolutions on this device: those of 8 bit
    # are then computed as floats, and halves are widened.
    if provider == CUDA and variant == "int8":
        return "fp32"
    if provider == CPU and variant == "fp16" and platform.machine() in _X86:
        return "fp32"
    return variant


def _share_of_nodes(session: Any, provider: str) -> float | None:  # noqa: ANN401
    counts: dict[str, int] = {}
    for part in session.get_provider_graph_assignment_info():
        counts[part.ep_name] = counts.get(part.ep_name, 0) + len(part.get_nodes())
    total = sum(counts.values())
    return counts.get(provider, 0) / total if total else None


def _sides(tensor: Tensor) -> list[int]:
    return [side for side in tensor.shape if side is not None]


def _on_gpu(tensor: Tensor) -> Any:  # noqa: ANN401 - ort is untyped
    kind = np.dtype(tensor.kind).type
    return ort.OrtValue.ortvalue_from_shape_and_type(_sides(tensor), kind, "cuda", 0)
