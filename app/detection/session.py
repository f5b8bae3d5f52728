"""An ONNX Runtime session on the device that was asked for, or the reason why not.

ONNX Runtime falls back to the CPU without an exception when a CUDA library is
missing; only `session.get_providers()` tells what really runs.
"""

import contextlib
import ctypes
import io
import os
import sys
from pathlib import Path
from typing import Any

import onnxruntime as ort

from app.errors import ModelError

CUDA = "CUDAExecutionProvider"
CPU = "CPUExecutionProvider"
_FATAL_ONLY, _ERRORS = 4, 3
NO_MODEL = (
    "Make one with: python build_model.py fetch voc0712 (or convert WEIGHTS), "
    "or choose another."
)


def open_session(path: Path, device: str) -> tuple[Any, str]:
    """Load `path` on `device`.

    Args:
        path: the model file.
        device: "cpu", "cuda", or "auto": CUDA where it works, else the CPU.

    Returns:
        The session, and a note: why "auto" did not give CUDA; else empty.

    Raises:
        ModelError: no such file, not a model, or no CUDA when "cuda" was asked for.
    """
    if path.is_dir():
        raise ModelError(f"{path} is a folder, not a model.", "Choose an .onnx file.")
    if not path.is_file():
        raise ModelError(f"There is no model file {path}.", NO_MODEL)
    if device == "cpu":
        return _load(path, [CPU]), ""
    if device not in ("auto", "cuda"):
        raise ModelError(f"The device {device!r} cannot be had yet.", "Choose CPU.")
    reason = why_no_cuda()
    if not reason:
        # Its own errors go unseen: we look at what came out, and say so in words.
        ort.set_default_logger_severity(_FATAL_ONLY)
        try:
            session = _load(path, [(CUDA, CUDA_OPTIONS), CPU])
        finally:
            ort.set_default_logger_severity(_ERRORS)
        if session.get_providers()[0] == CUDA:
            return session, ""
        reason = (
            "ONNX Runtime could not start CUDA; install its libraries with: "
            "pip install -r requirements-cuda.txt"
        )
    if device == "cuda":
        raise ModelError(f"The model cannot run on the GPU: {reason}.", "Choose CPU.")
    return _load(path, [CPU]), reason


# Frame sizes never change, so the quick heuristic search is as good as the
# exhaustive one and spares seconds at the first frame; the arena grows by what
# is asked for instead of by doubling.
CUDA_OPTIONS = {
    "cudnn_conv_algo_search": "HEURISTIC",
    "arena_extend_strategy": "kSameAsRequested",
}


def why_no_cuda() -> str:
    """What is missing for CUDA, as half a sentence; empty when all seems there."""
    if CUDA not in ort.get_available_providers():
        return (
            "this ONNX Runtime was built without CUDA; "
            "install onnxruntime-gpu instead of onnxruntime"
        )
    if not _has_nvidia_driver():
        return "no NVIDIA driver was found"
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        ort.preload_dlls()
    failed = [line for line in said.getvalue().splitlines() if "Failed to load" in line]
    if failed:
        return (
            f"{failed[0].strip().rstrip('.')}; install the CUDA libraries with: "
            "pip install -r requirements-cuda.txt"
        )
    return ""


def _has_nvidia_driver() -> bool:
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _load(path: Path, providers: list[Any]) -> Any:  # noqa: ANN401 - ort is untyped
    options = ort.SessionOptions()
    options.log_severity_level = _ERRORS
    options.intra_op_num_threads = _physical_cores()
    options.inter_op_num_threads = 1
    # Threads that spin between frames eat the cores that decode and draw.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = ort.InferenceSession(
            str(path), options, providers=providers, enable_fallback=0
        )
    except Exception as error:
        raise ModelError(
            f"{path.name} cannot be loaded as an ONNX model.",
            f"ONNX Runtime says: {str(error).strip().splitlines()[0]}",
        ) from error
    return session


def _physical_cores() -> int:
    # Hyper-threads share one vector unit: a second thread on it gains nothing.
    logical = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    logical = logical or os.cpu_count() or 1
    return logical if logical <= 2 else max(2, logical // 2)
