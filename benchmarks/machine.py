"""What the figures were measured on; holds no name of a machine or a person."""

import contextlib
import importlib.metadata
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

PACKAGES = (
    *("onnxruntime-gpu", "onnxruntime", "numpy", "opencv-python", "av", "PySide6"),
    *("tensorflow", "keras", "openvino", "ncnn", "ai-edge-litert", "supervision"),
)
ROOT = Path(__file__).resolve().parents[1]


def core_count() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe() -> dict[str, str]:
    """Date, processor, system and versions, by what they are called in the report."""
    now = datetime.now(UTC)
    return {
        "Date": now.strftime("%Y-%m-%d %H:%M UTC"),
        "Commit": _commit(),
        "Processor": f"{_processor()}, {core_count()} cores",
        "Memory": f"{_memory_gib():.0f} GiB",
        "System": f"{_system()}, Python {platform.python_version()}",
        "Packages": ", ".join(_versions()),
        "Load before": " ".join(f"{load:.1f}" for load in _load())
        + " processes over 1, 5 and 15 minutes",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2] for line in lines if line.startswith("model name")]
    flags = next((line for line in lines if line.startswith("flags")), "")
    wide = [
        name
        for flag, name in (
            ("avx512_vnni", "AVX-512 VNNI"),
            ("avx512_bf16", "AVX-512 BF16"),
            ("amx_int8", "AMX"),
            ("avx2", "AVX2"),
        )
        if f" {flag} " in f"{flags} "
    ]
    name = names[0].strip() if names else platform.machine()
    return f"{name} ({', '.join(wide)})" if wide else name


def _memory_gib() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError, OSError):  # Windows
        return 0.0


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def _versions() -> list[str]:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _load() -> tuple[float, ...]:
    return os.getloadavg() if hasattr(os, "getloadavg") else ()


def _commit() -> str:
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=10"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return said.stdout.strip()


def resident_mib() -> float:
    """Memory of this process."""
    import psutil

    return float(psutil.Process().memory_info().rss / 2**20)


def open_descriptors() -> set[tuple[str, str]]:
    """Number and target of each that this process has; empty where none are told."""
    folder = Path("/proc/self/fd")
    found = set()
    for entry in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(OSError):  # that of the listing itself is closed
            found.add((entry.name, str(entry.readlink())))
    return found


def held() -> tuple[float, int, int]:
    """Megabytes, descriptors and threads, a library's own too, of this process."""
    threads = len(list(Path("/proc/self/task").iterdir()))
    return resident_mib() * 2**20 / 1e6, len(open_descriptors()), threads
