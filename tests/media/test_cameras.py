"""What app.media.cameras promises."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from app.media.cameras import GUESSED_CAMERAS, Camera, Remembered, list_cameras

LOGI = Camera(0, "Logi C920", "046d:082d", "A1", "1-1")
TWIN = Camera(2, "Logi C920", "046d:082d", "", "1-2")
OTHER_TWIN = Camera(4, "Logi C920", "046d:082d", "", "1-3")
INTERNAL = Camera(6, "Integrated Camera", "04f2:b5ce", "", "1-8")


def moved(camera: Camera, number: int, port: str) -> Camera:
    return Camera(number, camera.name, camera.usb_id, camera.serial, port)


@pytest.mark.parametrize(
    ("before", "wanted", "now", "found"),
    [
        # Numbers change, the port stays.
        ([LOGI, TWIN], TWIN, [moved(TWIN, 9, "1-2"), moved(LOGI, 2, "1-1")], 9),
        # Into another port: known by its serial number, or alone of its kind.
        ([LOGI, TWIN], LOGI, [moved(LOGI, 7, "2-1"), TWIN], 7),
        ([INTERNAL, TWIN], TWIN, [INTERNAL, moved(TWIN, 7, "2-1")], 7),
        # Pulled out, it is not its twin...
        ([TWIN, OTHER_TWIN], TWIN, [OTHER_TWIN], None),
        # ... but may be where neither was.
        ([TWIN, OTHER_TWIN], TWIN, [OTHER_TWIN, moved(TWIN, 8, "2-1")], 8),
        # Two came where one was: nobody can tell which.
        ([TWIN], TWIN, [moved(TWIN, 1, "2-1"), moved(TWIN, 3, "2-2")], None),
        # Another camera took its number and its port.
        ([LOGI], LOGI, [moved(INTERNAL, 0, "1-1")], None),
        ([LOGI], LOGI, [], None),
    ],
)
def test_a_camera_is_found_again_and_never_mistaken(
    before: list[Camera], wanted: Camera, now: list[Camera], found: int | None
) -> None:
    camera = Remembered(wanted, before).find(now)
    assert (camera.number if camera else None) == found


def test_what_tells_nothing_of_itself_goes_by_its_number() -> None:
    camera = Camera(1, "Camera 1")
    assert Remembered(camera, []).find([]) == camera


def test_linux_cameras_are_listed_without_opening(tmp_path: Path) -> None:
    usb = tmp_path / "devices" / "1-2"
    (usb / "1-2:1.0").mkdir(parents=True)
    for part, text in (("idVendor", "046d"), ("idProduct", "082d"), ("serial", "A1")):
        (usb / part).write_text(f"{text}\n")
    sysfs = tmp_path / "video4linux"
    for node, index, name in (
        ("video2", "0", "Logi C920"),
        ("video3", "1", "Logi C920"),  # its metadata, not a camera
        ("video0", "0", "Integrated Camera"),
    ):
        (sysfs / node).mkdir(parents=True)
        (sysfs / node / "index").write_text(f"{index}\n")
        (sysfs / node / "name").write_text(f"{name}\n")
    (sysfs / "video2" / "device").symlink_to(usb / "1-2:1.0")
    (sysfs / "video9").mkdir()  # unplugged just now
    integrated, logi = list_cameras(platform="linux", sysfs=sysfs)
    assert (integrated.number, integrated.name) == (0, "Integrated Camera")
    assert (integrated.usb_id, integrated.serial) == ("", "")
    assert logi == Camera(
        2, "Logi C920", "046d:082d", "A1", str((usb / "1-2:1.0").resolve())
    )
    assert list_cameras(platform="linux", sysfs=tmp_path / "none") == []


def test_elsewhere_the_system_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("cv2_enumerate_cameras")
    found = SimpleNamespace(index=1, name="Logi", vid=0x46D, pid=0x82D, path="x")
    module.enumerate_cameras = lambda: [found]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", module)
    assert list_cameras(platform="win32") == [
        Camera(1, "Logi", "046d:082d", "", "x"),
    ]


def test_where_nobody_can_tell_some_numbers_are_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", None)
    numbers = [camera.number for camera in list_cameras(platform="darwin")]
    assert numbers == list(range(GUESSED_CAMERAS))
