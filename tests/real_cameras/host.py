"""`make camera-test`: the app against Linux' own camera drivers, in a virtual machine.

A Debian kernel is fetched once and boots in QEMU (no KVM, no root but for apt-get),
on this machine's own files, read-only: twice at a time, for promises.py and for
app_promises.py. In each, USB cameras of ours are plugged into the kernel's uvcvideo.
"""

import compileall
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from platformdirs import user_cache_path

from tests.detection.tiny_model import tiny_model
from tests.python import ROOT
from tests.real_cameras import pictures

HERE = Path(__file__).parent
CACHE = user_cache_path("mobilenet-ssd-live") / "camera-test"
PROGRAMS = (
    *("qemu-system-x86_64", "busybox", "cpio", "depmod", "v4l2-ctl", "dpkg"),
    *("Xvfb", "openbox", "xdotool"),
)
PACKAGES = "qemu-system-x86 busybox-static cpio kmod v4l-utils xvfb openbox xdotool"
# Each in a guest of its own, at the same time: they mostly wait.
PROMISES = ("promises.py", "app_promises.py")
# pytest's exit code where `ARGS="-k ..."` leaves a guest none.
_NONE_CHOSEN = 5
# What the guest needs to see this machine's files; what each needs comes along.
_DRIVERS = ("virtio_pci", "9pnet_virtio", "9p", "overlay")
# All else that is about neither video nor USB is thrown away.
_UNUSED = ("drivers/net", "drivers/gpu", "drivers/scsi", "drivers/infiniband", "sound")
_LIMIT_S = 1500
# Interrupts that come late at the start are no broken timer; nobody attacks it.
_ON_A_BUSY_MACHINE = "no_timer_check mitigations=off"
_MEMORY = "3G"


def main() -> int:
    """Build what is missing, boot, run, report; the exit code of the guest's pytest."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        print(f"{', '.join(missing)} is missing. Run: apt-get install {PACKAGES}")
        return 2
    kernel = CACHE / "kernel"
    if not (kernel / "ready").exists():
        _fetch_kernel(kernel)
    if not (CACHE / "pictures" / "ready").exists():
        pictures.write_all(CACHE / "pictures")
        (CACHE / "pictures" / "ready").touch()
    # What is not compiled here would be, in the guest, by each process anew.
    for folder in ("app", "tests/real_cameras", "tests/gui/real"):
        compileall.compile_dir(ROOT / folder, quiet=2)
    with tempfile.TemporaryDirectory() as name:
        codes = _run_guests(kernel, Path(name))
    return max(
        0 if code == _NONE_CHOSEN and min(codes) == 0 else code for code in codes
    )


def _run_guests(kernel: Path, folder: Path) -> list[int]:
    """Boot one for each of `PROMISES`, print what they say; their exit codes."""
    initramfs = folder / "initramfs"
    _initramfs(kernel, initramfs)
    begun_s = time.monotonic()
    print(f"{len(PROMISES)} guests run, for some minutes.", flush=True)
    machines: dict[Path, subprocess.Popen[bytes]] = {}
    try:
        for promises in PROMISES:
            shared = folder / promises.removesuffix(".py")
            shared.mkdir()
            _write_job(shared, promises, sys.argv[1:])
            machines[shared] = _boot(kernel, initramfs, shared)
        codes = []
        for shared, machine in machines.items():
            try:
                machine.wait(max(1.0, begun_s + _LIMIT_S - time.monotonic()))
            except subprocess.TimeoutExpired:
                print(f"It was not done in {_LIMIT_S} s.")
            codes.append(_report(shared))
            print(f"That was after {time.monotonic() - begun_s:.0f} s.", flush=True)
        return codes
    finally:
        for machine in machines.values():
            machine.kill()
            machine.wait()


def _report(shared: Path) -> int:
    log, code = shared / "log.txt", shared / "code.txt"
    print(log.read_text(encoding="utf-8") if log.exists() else "It did not boot:")
    if code.exists():
        return int(code.read_text())
    print((shared / "console.txt").read_text(errors="replace")[-3000:])
    return 2


def _fetch_kernel(kernel: Path) -> None:
    """Debian's own, unpacked: 70 MB come, 160 MB stay."""
    shutil.rmtree(kernel, ignore_errors=True)
    kernel.mkdir(parents=True)
    listed = _said("apt-cache", "depends", "linux-image-amd64")
    name = next(line.split()[-1] for line in listed.splitlines() if "Depends:" in line)
    subprocess.run(["apt-get", "download", name], cwd=kernel, check=True, timeout=600)
    package = next(kernel.glob("*.deb"))
    subprocess.run(["dpkg", "-x", package, kernel], check=True, timeout=120)
    package.unlink()
    modules = _modules(kernel)
    for folder in _UNUSED:
        shutil.rmtree(modules / "kernel" / folder, ignore_errors=True)
    subprocess.run(
        ["depmod", "-b", _base(modules), modules.name], check=True, timeout=120
    )
    (kernel / "ready").touch()


def _modules(kernel: Path) -> Path:
    """The folder of its modules, which is called as its version."""
    return next(kernel.glob("**/lib/modules/*/"))


def _base(modules: Path) -> Path:
    return modules.parents[2]


def _said(*program: str | Path) -> str:
    return subprocess.run(
        program, check=True, capture_output=True, text=True, timeout=120
    ).stdout


def _needed(modules: Path) -> list[Path]:
    """The files of `_DRIVERS` and of what they need, in the order to load them."""
    needed: list[Path] = []
    for driver in _DRIVERS:
        listed = _said(
            *("modprobe", "-S", modules.name, "-d", _base(modules)),
            *("--show-depends", driver),
        )
        for line in listed.splitlines():
            kind, _, path = line.partition(" ")
            if kind == "insmod" and Path(path.strip()) not in needed:
                needed.append(Path(path.strip()))
    return needed


def _initramfs(kernel: Path, target: Path) -> None:
    modules = _needed(_modules(kernel))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for folder in ("bin", "modules", "proc", "sys", "dev", "new", "layer", "host"):
            (root / folder).mkdir()
        busybox = shutil.which("busybox")
        assert busybox is not None
        shutil.copy(busybox, root / "bin" / "busybox")
        for module in modules:
            shutil.copy(module, root / "modules")
        script = (HERE / "guest_init.sh").read_text()
        init = root / "init"
        init.write_text(
            script.replace("in @MODULES@", f"in {' '.join(m.name for m in modules)}")
        )
        init.chmod(0o755)
        listed = "\n".join(str(p.relative_to(root)) for p in sorted(root.rglob("*")))
        with target.open("wb") as archive:
            subprocess.run(
                ["cpio", "-o", "-H", "newc", "--quiet"],
                cwd=root,
                input=listed.encode(),
                stdout=archive,
                check=True,
                timeout=120,
            )


def _write_job(shared: Path, promises: str, arguments: list[str]) -> None:
    """What the guest does, and then powers off."""
    modules = _modules(CACHE / "kernel")
    model = tiny_model(shared / "tiny.onnx")
    tests = shlex.join([str(HERE / promises), *arguments])
    (shared / "job.sh").write_text(
        f"""export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root CAMERA_PICTURES={CACHE / "pictures"} PYTHONDONTWRITEBYTECODE=1
export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 CAMERA_MODEL=/mnt/shared/{model.name}
mount --bind {modules.parent} /lib/modules
dmesg -n 1
cd {ROOT}
{sys.executable} -m pytest -c {HERE / "pytest.ini"} {tests} \
  > /mnt/shared/log.txt 2>&1
echo $? > /mnt/shared/code.txt
sync; echo o > /proc/sysrq-trigger; poweroff -f; sleep 9
"""
    )


def _boot(kernel: Path, initramfs: Path, shared: Path) -> "subprocess.Popen[bytes]":
    """A guest that powers itself off when its job is done."""
    share = "local,security_model=passthrough"
    with (shared / "console.txt").open("wb") as console:
        return subprocess.Popen(
            [
                *("qemu-system-x86_64", "-M", "q35", "-cpu", "max", "-smp", "2"),
                *("-accel", "tcg,thread=multi,tb-size=512", "-m", _MEMORY),
                *("-nographic", "-no-reboot", "-nic", "none"),
                *("-kernel", next(kernel.glob("boot/vmlinuz-*")), "-initrd", initramfs),
                *("-append", f"console=ttyS0 quiet panic=-1 {_ON_A_BUSY_MACHINE}"),
                *("-fsdev", f"{share},id=h,path=/,readonly=on,multidevs=remap"),
                *("-device", "virtio-9p-pci,fsdev=h,mount_tag=host"),
                *("-fsdev", f"{share},id=s,path={shared}"),
                *("-device", "virtio-9p-pci,fsdev=s,mount_tag=shared"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
        )


if __name__ == "__main__":
    os.umask(0o022)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # with its guests
    sys.exit(main())
