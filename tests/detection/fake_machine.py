"""A machine that is not here."""

from dataclasses import dataclass, field

from app.detection.devices.machine import Machine

GPU_WHEEL = [
    "TensorrtExecutionProvider",
    "CUDAExecutionProvider",
    "CPUExecutionProvider",
]


@dataclass
class FakeMachine(Machine):
    """Everything is well, unless said otherwise; a PC with an NVIDIA GPU."""

    system: str = "linux"
    installed: dict[str, str] = field(
        default_factory=lambda: {"onnxruntime-gpu": "1.31.1", "openvino": "2026.4.1"}
    )
    built: list[str] = field(default_factory=lambda: list(GPU_WHEEL))
    built_cuda: tuple[int, int] = (13, 0)
    driver: tuple[int, int] | None = (13, 1)
    missing: list[str] = field(default_factory=list)
    tensorrt: bool = True
    loader: str = ""
    openvino: list[str] | Exception = field(default_factory=lambda: ["CPU", "GPU"])

    def packages(self) -> dict[str, str]:
        return self.installed

    def providers(self) -> list[str]:
        return self.built

    def built_for_cuda(self) -> tuple[int, int]:
        return self.built_cuda

    def driver_cuda(self) -> tuple[int, int] | None:
        return self.driver

    def missing_cuda_libraries(self) -> list[str]:
        return self.missing

    def loader_says(self, device: str) -> str:
        return self.loader

    def has_tensorrt(self) -> bool:
        return self.tensorrt

    def has_openvino(self) -> bool:
        return "openvino" in self.installed

    def openvino_devices(self) -> list[str]:
        if isinstance(self.openvino, Exception):
            raise self.openvino
        return self.openvino

    def threads(self) -> int:
        return 2
