"""The network in OpenVINO: Intel's and AMD's CPUs, and Intel's GPUs."""

import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from app.detection.devices.openvino_package import load_openvino
from app.detection.engines.channel_order import turn_weights
from app.detection.engines.compiled_models import CompiledModels, usual_folder
from app.detection.engines.engine import (
    Answer,
    EngineFacts,
    Tensor,
    depth_with,
    first_line,
    in_our_order,
    picture_among,
)
from app.detection.onnx_metadata import read_metadata

log = logging.getLogger(__name__)

# Its names for what we call fp32 ...
_HINTS = {"fp32": "f32", "fp16": "f16", "bf16": "bf16"}
_PRECISIONS = {"f32": "fp32", "f16": "fp16", "bf16": "bf16", "i8": "int8", "u8": "int8"}
# Which of our ways to change a network before it is compiled.
_OURS = "channels in the weights"


class OpenVinoEngine:
    """A compiled model on one device, and a request for each picture at a time.

    Shared, `begin` is for any thread, as often as they like: each picture has a request
    of its own until it is answered, and the answer is a copy.
    """

    def __init__(
        self,
        path: Path,
        hardware: str,
        *,
        threads: int,
        lanes: int = 1,
        precision: str | None = None,
        is_shared: bool = False,
    ) -> None:
        """Load and compile.

        Args:
            path: the .onnx file.
            hardware: "CPU" or "GPU".
            threads: of the CPU.
            lanes: of the CPU: how many pictures at a time share the threads.
            precision: "fp32", "bf16" or "fp16"; None for what the device is best
                at. An int8 model stays int8.
            is_shared: among several threads.

        Raises:
            Exception: OpenVINO is not there, or cannot load it.
        """
        _check_onnx(path)
        config: dict[str, str | int | bool] = {"PERFORMANCE_HINT": "LATENCY"}
        if hardware == "CPU":
            config["INFERENCE_NUM_THREADS"] = threads
            # Bound to cores, they would push the decoder off them.
            config["ENABLE_CPU_PINNING"] = False
            if lanes > 1:
                config |= {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": lanes}
        else:
            lanes = 1  # what a GPU would gain has not been measured
        if precision is not None:
            config["INFERENCE_PRECISION_HINT"] = _HINTS[precision]
        self.metadata: Mapping[str, str] = read_metadata(path)
        compiled = _compiled(path, hardware, config)
        devices = compiled.get_property("EXECUTION_DEVICES")
        self.facts = EngineFacts(
            provider=f"OpenVINO {'+'.join(devices)}",
            precision=_precision(compiled.get_runtime_model()),
            device_share=1.0 if len(devices) == 1 else None,
            threads=compiled.get_property("INFERENCE_NUM_THREADS")
            if hardware == "CPU"
            else None,
            depth=depth_with(lanes),
        )
        self._is_shared = is_shared
        self._make_request: Callable[[], Any] = compiled.create_infer_request
        self._requests = [self._make_request() for _ in range(self.facts.depth)]
        self._free = deque(self._requests)  # the one used last comes last
        self.inputs = _tensors(compiled.inputs)
        self.outputs = in_our_order(_tensors(compiled.outputs))
        self.fixed: Mapping[str, NDArray[Any]] = {}
        self._picture = picture_among(self.inputs).name
        self._outputs = [compiled.output(tensor.name) for tensor in self.outputs]

    def run(self, images: NDArray[Any]) -> Answer:
        """See `Engine.run`."""
        request = self._take()
        # Without copies: the picture stays ours, its answer holds until the next.
        request.infer(self._told(images), share_inputs=True, share_outputs=True)
        return self._give_back(request)

    def begin(self, images: NDArray[Any]) -> Callable[[], Answer]:
        """See `Engine.begin`."""
        if self.facts.depth == 1:
            return partial(self.run, images)
        request = self._take()
        request.start_async(self._told(images), share_inputs=True)

        def answer() -> Answer:
            request.wait()
            return self._give_back(request)

        return answer

    def _take(self) -> Any:  # noqa: ANN401 - openvino is untyped
        try:
            return self._free.popleft()
        except IndexError:  # shared: somebody is slow to ask, and nobody waits for it
            request = self._make_request()
            self._requests.append(request)
            return request

    def _give_back(self, request: Any) -> Answer:  # noqa: ANN401 - openvino is untyped
        answer = tuple(request.get_tensor(output).data for output in self._outputs)
        if self._is_shared:  # another thread may take the request at once
            answer = tuple(array.copy() for array in answer)
        self._free.append(request)
        return answer

    def _told(self, images: NDArray[Any]) -> dict[str, NDArray[Any]]:
        return {self._picture: images, **self.fixed}

    def close(self) -> None:
        """Let go of the compiled model."""
        for request in self._requests:
            request.cancel()
        self._requests, self._outputs = [], []
        self._free.clear()
        self._make_request = _closed


def _closed() -> None:
    raise ValueError("the engine is closed")


def _compiled(path: Path, hardware: str, config: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """The network of `path`; of what was compiled before, where that is kept."""
    openvino = load_openvino()
    core = openvino.Core()
    kept, key = CompiledModels(usual_folder()), None
    if hardware == "CPU":  # what a GPU's driver makes of it has not been tried
        processor = core.get_property(hardware, "FULL_DEVICE_NAME")
        abilities = core.get_property(hardware, "OPTIMIZATION_CAPABILITIES")
        facts = {"openvino": openvino.__version__, "processor": processor, **config}
        facts["ours"] = _OURS
        key = kept.key_of(path.read_bytes(), {**facts, "can": sorted(abilities)})
    if key is not None and (network := kept.find(key)) is not None:
        try:
            return core.import_model(network, hardware, config)
        except Exception as error:  # noqa: BLE001 - then it is compiled
            log.info("a compiled model cannot be used: %s", first_line(error))
    model = core.read_model(str(path))
    _fix_batch(model)
    turn_weights(model)
    compiled = core.compile_model(model, hardware, config)
    if key is not None:
        kept.keep(key, compiled.export_model().getvalue())
    return compiled


def _fix_batch(model: Any) -> None:  # noqa: ANN401 - openvino is untyped
    """One picture, where the file takes any number: else nothing can be planned."""
    shapes = {}
    for tensor in model.inputs:
        shape = tensor.partial_shape
        if shape.rank.is_static and len(shape) and shape[0].is_dynamic:
            if len(shape) in (2, 4):  # a picture, or its size
                shape[0] = 1
            shapes[tensor] = shape
    if shapes:
        model.reshape(shapes)


_KINDS = {"f32": "float32", "f16": "float16", "u8": "uint8", "i64": "int64"}


def _tensors(nodes: Sequence[Any]) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(
            node.get_any_name(),
            tuple(
                side.get_length() if side.is_static else None
                for side in node.partial_shape
            ),
            _KINDS.get(name := node.get_element_type().get_type_name(), name),
        )
        for node in nodes
    )


def _check_onnx(path: Path) -> None:
    # OpenVINO would try every format it knows, and complain on stderr in each.
    with path.open("rb") as file:
        if file.read(1) != b"\x08":  # protobuf: field 1, the IR version
            raise ValueError("this is no ONNX file")


def _precision(runtime_model: Any) -> str:  # noqa: ANN401 - openvino is untyped
    kinds: Counter[str] = Counter()
    for node in runtime_model.get_ops():
        facts = node.get_rt_info()
        if facts["layerType"].astype(str) == "Convolution":
            kinds[facts["runtimePrecision"].astype(str)] += 1
    if not kinds:
        return ""
    kind = kinds.most_common(1)[0][0]
    return _PRECISIONS.get(kind, kind)
