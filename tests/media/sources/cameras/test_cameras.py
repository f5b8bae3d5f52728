"""What app.media.sources.cameras.listing promises."""

import sys
import zlib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import cv2
import pytest

from app.media.sources.cameras.listing import (
    GUESSED_CAMERAS,
    Camera,
    Remembered,
    cameras_called,
    list_cameras,
    title_of,
)

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


LONG = r"\\?\usb#vid_046d&pid_082d&mi_00#6&38fb1e64&0&0000#{65e8773d}\global"


@pytest.mark.parametrize(
    ("camera", "others", "title"),
    [
        (LOGI, [INTERNAL], "Logi C920"),
        (TWIN, [LOGI, INTERNAL], "Logi C920 [1-2]"),
        (LOGI, [TWIN], "Logi C920 [1-1]"),  # its twin has no serial number
        (LOGI, [moved(LOGI, 3, "1-4")], "Logi C920 [1-1]"),  # all have the same
        (LOGI, [Camera(3, "Logi C920", serial="B7", port="1-4")], "Logi C920 [A1]"),
        # CRC-32 of the whole path, as `zlib` and `cksum -a crc32b` have it.
        (moved(TWIN, 2, LONG), [OTHER_TWIN], "Logi C920 [CRC]"),
    ],
)
def test_a_title_names_one_camera_and_finds_it(
    camera: Camera, others: list[Camera], title: str
) -> None:
    cameras = [*others, camera]
    title = title.replace("CRC", f"{zlib.crc32(LONG.encode()):08x}")
    assert title_of(camera, cameras) == title
    assert cameras_called(title.upper(), cameras) == [camera]
    # The title still names it when the others are gone.
    assert cameras_called(title, [camera]) == [camera]


def test_a_name_that_several_have_names_them_all() -> None:
    assert cameras_called("logi c920", [LOGI, INTERNAL, TWIN]) == [LOGI, TWIN]
    assert cameras_called("Logi", [LOGI, INTERNAL, TWIN]) == []


@pytest.mark.parametrize(
    ("camera", "is_virtual"),
    [
        (LOGI, False),
        (Camera(0, "imx708", port="/sys/devices/platform/soc/csi"), False),
        (Camera(9, "OBS", port="/sys/devices/virtual/v4l/video9"), True),
        (Camera(1, "OBS Virtual Camera", port="{A3FCE0F5}"), True),  # Windows
        (Camera(1, "Camera 1"), False),  # nobody can tell
    ],
)
def test_what_a_program_makes_may_stand_still(camera: Camera, is_virtual: bool) -> None:
    assert camera.is_virtual == is_virtual


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


@pytest.mark.parametrize(
    ("platform", "backend"),
    [("win32", cv2.CAP_DSHOW), ("darwin", cv2.CAP_AVFOUNDATION)],
)
def test_elsewhere_the_system_is_asked_once_and_not_once_a_backend(
    monkeypatch: pytest.MonkeyPatch, platform: str, backend: int
) -> None:
    module = ModuleType("cv2_enumerate_cameras")
    known = {
        backend: [
            SimpleNamespace(index=0, name="Logi", vid=0x46D, pid=0x82D, path="x"),
            SimpleNamespace(index=1, name="OBS", vid=None, pid=None, path=None),
        ]
    }
    module.enumerate_cameras = known.__getitem__  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", module)
    assert list_cameras(platform=platform) == [
        Camera(0, "Logi", "046d:082d", "", "x"),
        Camera(1, "OBS"),
    ]


def test_where_nobody_can_tell_some_numbers_are_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", None)
    numbers = [camera.number for camera in list_cameras(platform="darwin")]
    assert numbers == list(range(GUESSED_CAMERAS))
