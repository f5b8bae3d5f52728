"""Every state of the window, and how one comes there."""

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDialog, QMenu

from app.cli.watching.window import event_parts
from app.errors import DeviceError
from app.gui.exporting.dialog import ExportDialog
from app.gui.menus.checkup import CheckupDialog
from app.gui.panel.section import Further
from app.gui.window import MainWindow
from app.pipeline.clip_rule import ClipRule, ClipWish, Trigger
from tools.screenshots.stand_ins import SlowDetector
from tools.screenshots.studio import AT_S, CLIP, Studio

CARS_AT_S = 6.6  # three of them, all found while it plays
CPU = {"provider": "CPUExecutionProvider", "precision": "int8"}


# --- without a picture ------------------------------------------------------------


def first_start(studio: Studio) -> None:
    """What to do."""
    with studio.window() as window:
        studio.until(lambda: len(window.page.buttons) == 6)
        studio.shoot(window, "first-start")


def later_start(studio: Studio) -> None:
    """What was played last."""
    with studio.window(last="rtsp://192.168.1.9/stream") as window:
        studio.until(lambda: len(window.page.buttons) == 7)
        studio.shoot(window, "later-start")


def no_camera(studio: Studio) -> None:
    """None is plugged in."""
    studio.cameras = []
    with studio.window() as window:
        studio.until(lambda: window.watch.has_looked)
        studio.shoot(window, "no-camera")


def opening(studio: Studio) -> None:
    """What takes its time."""
    with studio.window() as window:
        window.situations.show_opening("rtsp://192.168.1.9:8554/entrance/stream1")
        studio.shoot(window, "opening")
    studio.gpu = lambda real: SlowDetector(real, {}, 3.0)
    with studio.window() as window:
        window._player.use_device("cuda")
        window.open_source("Logi C920")
        studio.until(lambda: len(window.page.buttons) == 2)
        studio.shoot(window, "slow-gpu")


def failures(studio: Studio) -> None:
    """What cannot be opened, and what should not happen."""
    with studio.window() as window:
        window.open_source("/videos/holiday.mp4")
        studio.until(lambda: window.page.state.icon == "warning")
        studio.shoot(window, "cannot-open")
        window._on_failed("detector", ZeroDivisionError("division by zero"))
        studio.shoot(window, "unexpected")
        window.situations.show_no_device(
            DeviceError(
                "NVIDIA GPU (CUDA) cannot be had: this ONNX Runtime was built without "
                "CUDA.",
                "pip uninstall -y onnxruntime && pip install onnxruntime-gpu",
            )
        )
        studio.shoot(window, "no-device")


def no_model(studio: Studio) -> None:
    """It is built, or not."""
    studio.model = Path("assets/models/mobilenet_ssd_.onnx")
    with studio.window() as window:
        window.open_source(CLIP)
        studio.until(lambda: bool(window.page.command.text))
        studio.shoot(window, "no-model")
        window.situations.build()
        studio.until(lambda: "exporting" in window.page.text.text())
        studio.shoot(window, "building")
        window.builder.cancel()
        studio.until(lambda: not window.page.state.is_waiting)
        studio.shoot(window, "build-cancelled")


# --- what plays -------------------------------------------------------------------


def playing(studio: Studio) -> None:
    """A file, held."""
    with studio.window() as window:
        studio.play(window)
        studio.shoot(window, "playing")
        window.panel.fold(("classes", "detection", "counting", "recording", "overlay"))
        studio.shoot(window, "playing-more")
        window.actions_.panel.trigger()
        studio.shoot(window, "without-panel")


def further(studio: Studio) -> None:
    """All that is seldom wanted, unfolded."""
    with studio.window() as window:
        studio.play(window)
        for more in window.panel.findChildren(Further):
            more.button.click()
        studio.shoot(window, "further")
        sections = window.sections
        window.panel.reveal(sections.overlay)
        studio.shoot(window, "further-below")


def moving(studio: Studio) -> None:
    """A file, a camera, and a file of several: what the status bar says."""
    with studio.window() as window:
        window.open_source(CLIP)
        studio.until(lambda: window.video.has_image)
        studio.until(lambda: window.video.result.frame.timestamp_s >= CARS_AT_S)
        studio.shoot(window, "moving", settle_s=0.0)
    with studio.window() as window:
        window.open_source("Logi C920")
        studio.until(lambda: window.video.has_image)
        studio.until(lambda: "\N{MIDDLE DOT}" in window.status.rates.text())
        studio.shoot(window, "camera")
    names = ["beach.mp4", "holiday in the mountains.mp4", "street.mp4"]
    for name in names[:2]:
        shutil.copy(CLIP, name)
    with studio.window() as window:
        window.open_source("\n".join(names))
        studio.until(lambda: window.play_list.count == len(names))
        window.actions_.loop.trigger()
        studio.until(lambda: "\N{MIDDLE DOT}" in window.status.rates.text())
        tracks = (("", "deu"), ("Commentary", "eng"))  # of a file that has some
        window.sound_controls.show_tracks(tracks, 0)
        studio.shoot(window, "list-with-sound")


def plots(studio: Studio) -> None:
    """How it did, over time."""
    with studio.window() as window:
        window.open_source(CLIP)
        studio.until(lambda: window.video.has_image)
        window.actions_.plots.trigger()
        studio.wait(6.0)
        studio.shoot(window, "plots")


def full_screen(studio: Studio) -> None:
    """The picture alone."""
    with studio.window() as window:
        studio.play(window)
        window.actions_.full_screen.trigger()
        studio.wait(0.5)
        window.actions_.record.trigger()
        studio.until(lambda: window.keeper.state is not None)
        studio.shoot(window, "full-screen", before=window.fading.wake)


def end(studio: Studio) -> None:
    """Of a file."""
    with studio.window() as window:
        window.open_source(CLIP)
        studio.until(lambda: window.video.has_image)
        window._player.seek(9.6)
        studio.until(lambda: bool(window.notice.text))
        studio.shoot(window, "end")


def part(studio: Studio) -> None:
    """Marked, and a time that is typed."""
    with studio.window() as window:
        studio.play(window, at_s=2.0)
        window.part.set_in()
        window._player.seek(AT_S)
        studio.until(lambda: window.video.result.frame.timestamp_s > AT_S - 0.1)
        window.part.set_out()
        window.messages.tell_refused(
            window.transport.tr(
                "“{0}” is no time: type 1:23.5, 83.5 or, for a frame, #1200."
            ).format("noon")
        )
        studio.shoot(window, "part")


def camera_lost(studio: Studio) -> None:
    """Pulled out."""
    with studio.window() as window:
        window.open_source("test:unplugged")
        studio.until(lambda: bool(window.notice.text))
        studio.shoot(window, "camera-lost")


# --- what is chosen in the panel ----------------------------------------------------


def classes(studio: Studio) -> None:
    """Some are not shown."""
    with studio.window() as window:
        studio.play(window)
        window.changes.change(
            "", hidden_class_names=("car",), fill_opacity=0.25, line_scale=1.6
        )
        studio.wait(0.5)
        studio.shoot(window, "classes")
        window.sections.classes.search.setText("zebra")
        studio.shoot(window, "no-class")


def hiding(studio: Studio) -> None:
    """Nobody gets to see people and cars."""
    with studio.window() as window:
        studio.play(window)
        window.changes.change("", covered_class_names=("person", "car"))
        window.panel.reveal(window.sections.hiding)
        window.scene.setFocus()
        studio.wait(0.5)
        studio.shoot(window, "hiding")


def counting(studio: Studio) -> None:
    """A line, a zone, and what happened there."""
    with studio.window() as window:
        window.open_source(CLIP)
        studio.until(lambda: window.video.has_image)
        corners = ((0.5, 0.3), (0.95, 0.3), (0.95, 0.95), (0.5, 0.95))
        window.counting.editor.add_zone(corners)
        window.counting.editor.add_line((0.4, 0.3), (0.4, 0.95))
        model = window.sections.counting.events.model
        studio.until(lambda: model.rowCount() > 2)
        window._player.pause()
        window.panel.reveal(window.sections.counting)
        window.scene.setFocus()
        studio.wait(0.5)
        studio.shoot(window, "counting")


def switching(studio: Studio) -> None:
    """To a GPU."""
    info = {"provider": "CUDAExecutionProvider", "note": "", "remedy": ""}
    studio.gpu = lambda real: SlowDetector(real, info, 6.0)
    with studio.window() as window:
        studio.play(window)
        window.panel.reveal(window.sections.model)
        window.scene.setFocus()
        window.sections.backend.device_chosen.emit("cuda")
        studio.wait(1.3)
        studio.shoot(window, "switching")
        studio.until(lambda: not window._player.is_switching)
        studio.wait(0.5)
        window.panel.reveal(window.sections.model)
        window.scene.setFocus()
        studio.shoot(window, "switched")


def gpu_refused(studio: Studio) -> None:
    """It cannot be had."""
    note = "the NVIDIA driver supports CUDA 12.4, and this ONNX Runtime needs CUDA 13"
    remedy = "pip install 'onnxruntime-gpu[cuda,cudnn]<1.26'"
    info = {**CPU, "note": note, "remedy": remedy}
    studio.gpu = lambda real: SlowDetector(real, info, 0.0)
    with studio.window() as window:
        studio.play(window)
        window.sections.backend.device_chosen.emit("cuda")
        studio.until(lambda: bool(window.sections.backend.advice.text))
        window.panel.reveal(window.sections.model)
        window.scene.setFocus()
        studio.shoot(window, "gpu-refused")


# --- what is kept -------------------------------------------------------------------


def recording(studio: Studio) -> None:
    """It runs, it is to be cut off, it is done."""
    with studio.window() as window:
        window.open_source("test")
        studio.until(lambda: window.video.has_image)
        window.actions_.record.trigger()
        studio.until(lambda: window.keeper.state is not None)
        studio.until(lambda: window.keeper.state.size_bytes > 0)
        studio.wait(1.2)
        studio.shoot(window, "recording")
        window.close()
        studio.shoot(window, "closing-asks")
        window.findChildren(QDialog)[0].reject()
        window.actions_.record.trigger()
        studio.until(lambda: bool(window.notice.text))
        studio.shoot(window, "recorded")


def events(studio: Studio) -> None:
    """Of a camera: its last seconds, clips, who is told."""
    own = event_parts(studio.parts())
    seen = ClipRule((Trigger("seen", for_s=0.2),), 0.5, 0.5, longest_s=2.5)
    own = replace(own, clips=ClipWish(seen, Path("Videos")))
    with studio.window(own) as window:
        window.changes.change("", replay_s=10)
        window.panel.reveal(window.sections.recording)
        window.actions_.events.trigger()
        window.open_source("Street")
        listed = window.events.dock.list
        studio.until(lambda: listed.count() == 2, within_s=60)
        window.events.save()
        studio.until(lambda: listed.count() > 2)
        studio.until(lambda: not window.events.dock.without_picture())
        listed.setCurrentRow(1)
        window.events.dock.star.click()
        window.scene.setFocus()
        studio.wait(0.6)
        studio.shoot(window, "events")


def exporting(studio: Studio) -> None:
    """Asked for, under way, done; then again, where it is already."""
    with studio.window() as window:
        studio.play(window)
        window.actions_.export.trigger()
        (dialog,) = window.findChildren(ExportDialog)
        studio.shoot(window, "export")
        dialog.csv.setChecked(True)
        dialog.start.click()
        studio.until(lambda: dialog.bar.value() > 0, within_s=60)
        studio.shoot(window, "exporting")
        studio.until(lambda: bool(window.notice.text), within_s=120)
        studio.shoot(window, "exported")
        shutil.copy(CLIP, "beach.mp4")
        (Path("Videos") / "Exported" / "beach.mp4").write_bytes(b"somebody's own")
        dialog.add_files(["beach.mp4"])
        dialog.start.click()
        studio.until(lambda: len(_dialogs(window)) > 1, within_s=60)
        studio.shoot(window, "export-taken")


# --- another detector beside it -----------------------------------------------------


def comparing(studio: Studio) -> None:
    """The model as float32 beside its int8, which plays."""
    with studio.window() as window:
        studio.play(window)
        window.actions_.compare.trigger()
        compared = window.comparing
        other = studio.first_model.with_suffix(".onnx")
        compared.bar.show_choice(other, "cpu")
        compared.use(other, "cpu")
        studio.until(lambda: "%" in compared.status.text())
        studio.shoot(window, "comparing")
        compared.bar.view.setCurrentIndex(1)
        compared.bar.view.activated.emit(1)
        studio.shoot(window, "comparing-split")


# --- over the window ----------------------------------------------------------------


def dialogs(studio: Studio) -> None:
    """Those that are made when they are asked for."""
    with studio.window() as window:
        studio.play(window)
        studio.copy("rtsp://192.168.1.9/stream")
        for action, name in (
            ("keys", "keys"),
            ("open_address", "address"),
            ("palette", "palette"),
            ("about", "about"),
            ("keep_test", "keep-test"),
        ):
            getattr(window.actions_, action).trigger()
            studio.shoot(window, name)
            for dialog in _dialogs(window):
                dialog.close()
            studio.wait(0.2)


def doctor(studio: Studio) -> None:
    """What works here."""
    with studio.window() as window:
        window.actions_.checkup.trigger()
        (dialog,) = window.findChildren(CheckupDialog)
        studio.until(dialog.copy.isEnabled, within_s=120)
        studio.shoot(window, "doctor")


def menus(studio: Studio) -> None:
    """Those of the toolbar, and one below another."""
    with studio.window() as window:
        studio.play(window)
        bar = window.toolbar
        more, opened = bar.more_menu, bar._open.menu()

        def show(menu: QMenu, below: QMenu | None = None) -> None:
            more.hide()
            menu.popup(window.mapToGlobal(QPoint(8, 48)))
            if below is not None:
                menu.setActiveAction(below.menuAction())
                below.popup(menu.mapToGlobal(QPoint(menu.width(), 40)))

        names = ("file", "view", "tools", "help")
        for name, below in zip(names, more.below.values(), strict=True):
            studio.shoot(window, f"menu-{name}", before=partial(show, more, below))
            below.hide()
        studio.shoot(window, "menu-open", before=partial(show, opened))
        opened.hide()


def _dialogs(window: MainWindow) -> list[QDialog]:
    return [d for d in window.findChildren(QDialog) if d.isVisible()]


STATES = (
    *(first_start, later_start, no_camera, opening, failures, no_model),
    *(playing, further, moving, plots, full_screen, end, part, camera_lost),
    *(classes, hiding, counting, switching, gpu_refused),
    *(recording, events, exporting, comparing, dialogs, doctor, menus),
)
