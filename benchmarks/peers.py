"""One network in every runtime that can run it, each behind the same two calls.

Made in a process of its own (`benchmarks.worker`): called, it runs the network once
on a picture it has; `answer` runs it on yours. All get as many threads as there are
cores. Pictures are (300, 300, 3) uint8 BGR; answers are the graph's own, boxes
(A, 4) in [0, 1] and scores (A, C).
"""

import contextlib
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import core_count
from benchmarks.worker import AbsentError

Image = NDArray[np.uint8]
Answer = tuple[NDArray[np.float32], NDArray[np.float32]]
NAMES = ["boxes", "scores"]


def _noise(side: int = 300) -> Image:
    return np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)


class Network:
    """Runs on noise when called; `answer` is what makes it a peer of others."""

    def __init__(self) -> None:
        self._image = _noise()

    def __call__(self) -> object:
        """Run once."""
        return self.answer(self._image)

    def answer(self, image_bgr: Image) -> Answer:
        """The network's boxes and scores for a picture."""
        raise NotImplementedError


class OnnxRuntime(Network):
    """With all cores; its threads do not spin between frames, as in the app."""

    def __init__(self, model: Path) -> None:
        super().__init__()
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = core_count()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = ort.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )

    def answer(self, image_bgr: Image) -> Answer:
        """See `Network`."""
        boxes, scores = self._session.run(NAMES, {"images": image_bgr[np.newaxis]})
        return boxes[0], scores[0]


class App(Network):
    """What the app chooses for itself on this machine's CPU, with every core."""

    def __init__(self, model: Path) -> None:
        super().__init__()
        from app.detection.devices.machine import Machine
        from app.detection.engines.session import Wish, open_engine

        self._engine = open_engine(model, Wish(threads=core_count()), Machine()).engine

    def provider(self) -> str:
        """What runs it."""
        facts = self._engine.facts
        return f"{facts.provider}, {facts.precision}"

    def answer(self, image_bgr: Image) -> Answer:
        """See `Network`."""
        boxes, scores = self._engine.run(image_bgr[np.newaxis])
        return boxes[0].copy(), scores[0].copy()


class OpenCv(Network):
    """cv2.dnn, with its faster engine."""

    def __init__(self, model: Path) -> None:
        super().__init__()
        import cv2

        cv2.setNumThreads(core_count())
        self._net = cv2.dnn.readNetFromONNX(str(model), cv2.dnn.ENGINE_NEW)

    def answer(self, image_bgr: Image) -> Answer:
        """See `Network`."""
        self._net.setInput(image_bgr[np.newaxis])
        boxes, scores = self._net.forward(NAMES)
        return boxes[0], scores[0]


class OpenVino(Network):
    """OpenVINO's CPU plugin with a precision: "f32" or "bf16"."""

    def __init__(self, model: Path, precision: str) -> None:
        super().__init__()
        import openvino

        core = openvino.Core()
        able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if precision == "bf16" and "BF16" not in able:
            raise AbsentError("this processor has no bfloat16")
        compiled = core.compile_model(
            str(model),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": precision,
                "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_NUM_THREADS": core_count(),
            },
        )
        self._request = compiled.create_infer_request()

    def answer(self, image_bgr: Image) -> Answer:
        """See `Network`."""
        self._request.infer({"images": image_bgr[np.newaxis]})
        boxes, scores = (self._request.get_tensor(name).data[0] for name in NAMES)
        return boxes.copy(), scores.copy()


class Keras(Network):
    """`predict` as most tutorials call it, or `predict_on_batch`."""

    def __init__(self, weights: Path, method: str) -> None:
        super().__init__()
        self._detector = keras_detector(weights)
        self._method = method

    def answer(self, image_bgr: Image) -> Answer:
        """See `Network`."""
        batch = image_bgr[np.newaxis]
        answer = (
            self._detector.predict(batch, verbose=0)
            if self._method == "predict"
            else self._detector.predict_on_batch(batch)
        )
        return answer["boxes"][0], answer["scores"][0]


class LiteRt(Network):
    """LiteRT with its XNNPACK delegate, on a .tflite file made of the same weights."""

    def __init__(self, tflite: Path) -> None:
        super().__init__()
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(str(tflite), num_threads=core_count())
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = self._interpreter.get_output_details()
        outputs.sort(key=lambda output: output["shape"][-1] != 4)  # boxes come first
        self._outputs = [output["index"] for output in outputs]

    def answer(self, image_bgr: Image) -> Answer:
        """See `Network`."""
        self._interpreter.set_tensor(self._input, image_bgr[np.newaxis])
        self._interpreter.invoke()
        boxes, scores = (self._interpreter.get_tensor(i)[0] for i in self._outputs)
        return boxes, scores


class Ncnn(Network):
    """ncnn, on what pnnx makes of the .onnx file; float32 like the others.

    pnnx loses slices that go backwards: the colours (made up for here) and the
    order of the box codes, so its scores are right and its boxes are not.
    """

    def __init__(self, model: Path, folder: Path) -> None:
        super().__init__()
        import ncnn

        self._ncnn = ncnn
        param, weights = pnnx(model, folder)
        self._net = ncnn.Net()
        self._net.opt.num_threads = core_count()
        for option in ("use_fp16_storage", "use_fp16_arithmetic", "use_fp16_packed"):
            setattr(self._net.opt, option, False)
        if self._net.load_param(str(param)) or self._net.load_model(str(weights)):
            raise AbsentError("ncnn does not load what pnnx wrote")

    def answer(self, image_bgr: Image) -> Answer:
        """See `Network`."""
        # A Mat only borrows its array, which must live and lie in order.
        pixels = np.ascontiguousarray(image_bgr[..., ::-1], np.float32)
        extractor = self._net.create_extractor()
        extractor.input("in0", self._ncnn.Mat(pixels).clone())
        answers = [np.array(extractor.extract(name)[1]) for name in ("out0", "out1")]
        answers.sort(key=lambda answer: answer.shape[-1] != 4)
        return answers[0], answers[1]


class YoloxNano(Network):
    """What a user might pick instead: another network, 416 x 416, 80 classes."""

    def __init__(self, model: Path) -> None:
        super().__init__()
        from model.teachers.detectors import open_teacher

        self._session = OnnxRuntime(model)._session
        self._input = self._session.get_inputs()[0].name
        self._blob = _noise(416).transpose(2, 0, 1)[np.newaxis].astype(np.float32)
        self._teacher = open_teacher(model)

    def __call__(self) -> object:
        """The network alone."""
        return self._session.run(None, {self._input: self._blob})

    def find(self, image_bgr: Image) -> tuple[Any, Any, Any]:
        """Boxes in pixels, scores and class ids, after NMS."""
        return self._teacher.find(image_bgr, least_score=0.01)


def keras_network(weights: Path) -> tuple[Any, Any]:
    """The Keras network from pixels to codes and logits, and its config."""
    from model.network.network import build_network
    from model.weights.read import read_weights
    from model.weights.values import load_into

    read = read_weights(weights)
    network = build_network(read.config, folded=True)
    load_into(network, read)
    return network, read.config


def keras_detector(weights: Path) -> Any:  # noqa: ANN401 - untyped
    """The Keras model that answers boxes and scores."""
    from model.network.network import build_detector

    return build_detector(*keras_network(weights))


def write_tflite(weights: Path, target: Path) -> None:
    """The detector of `weights` as a float32 .tflite file."""
    import tensorflow as tf

    detector = keras_detector(weights)
    with contextlib.redirect_stdout(io.StringIO()):
        data = tf.lite.TFLiteConverter.from_keras_model(detector).convert()
    target.write_bytes(data)


def pnnx(model: Path, folder: Path) -> tuple[Path, Path]:
    """The two files that ncnn reads, made of a .onnx file by pnnx.

    Its wheel wants PyTorch for its Python half; the program in it does not.
    """
    import importlib.util

    spec = importlib.util.find_spec("pnnx")  # found, not imported: no PyTorch here
    if spec is None or spec.origin is None:
        raise AbsentError("not installed (pnnx)")
    suffix = ".exe" if sys.platform == "win32" else ""
    program = Path(spec.origin).parent / f"pnnx{suffix}"
    copy = folder / "ncnn" / "network.onnx"
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(model, copy)
    done = subprocess.run(
        [str(program), copy.name, "inputshape=[1,300,300,3]u8", "fp16=0"],
        cwd=copy.parent,
        capture_output=True,
        timeout=120,
        check=False,
    )
    param = copy.with_suffix(".ncnn.param")
    if done.returncode or not param.exists():
        raise AbsentError(f"pnnx cannot convert it (exit code {done.returncode})")
    # ncnn has no such layer, and needs none: it is given float32.
    text = re.sub(r"^Tensor\.to\b", "Noop", param.read_text("utf-8"), flags=re.M)
    param.write_text(text, "utf-8")
    return param, copy.with_suffix(".ncnn.bin")
