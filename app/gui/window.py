"""The main window: it lets one part hear of the other."""

import time
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent

from app.errors import DeviceError, ModelError
from app.gui.action_row import Hands
from app.gui.dials import Dials
from app.gui.events.parts import EventParts
from app.gui.events.placing import place_events
from app.gui.hearing.hearing import Hearing
from app.gui.late_parts import LateParts
from app.gui.look.wheel import WheelForFocus
from app.gui.opening.opener import quoted
from app.gui.parts import NAME as NAME
from app.gui.parts import Places
from app.gui.playing.ending import Ending
from app.gui.playing.player import Player
from app.pipeline.interfaces import Factories
from app.types import RecordingInfo, Result, VideoInfo


class MainWindow(LateParts):
    """Shows what the player plays; every action of the user ends here."""

    def __init__(
        self,
        player: Player,
        *,
        factories: Factories,
        places: Places,
        events: EventParts,
        soon: str = "",
    ) -> None:
        """Build the window; nothing plays until `open_source`.

        Args:
            player: what it shows and steers.
            factories: what lists cameras and devices, and hides passwords.
            places: where things are.
            events: what keeps the past, lists events and tells of them.
            soon: what will be opened once it is painted; empty: nothing.
        """
        super().__init__(player, factories, places)
        self._asked_for = self._soon = soon
        self.dials = Dials(self, player)
        self.events = place_events(self, player, events)
        self.events.play_wanted.connect(self.open_source)
        self.hearing = Hearing(
            player,
            factories.make_sound,
            mute=self.actions_.mute,
            controls=self.sound_controls,
            say=self.status.say,
            parent=self,
        )
        self._connect_actions()
        self._connect_panel()
        self._connect_player()
        self.memory.restore(self, self.panel)
        self._check_docks()
        self._wheel = WheelForFocus(self)
        self._wheel.keep(self.panel)
        self._wheel.keep(self.transport)
        self._space.keep(self)
        self.page.filled.connect(lambda: self._space.keep(self.page))
        self.sections.show_settings(player.settings)
        if soon:
            self.afterwards.wait()
            self._show_opening()
        else:
            self._show_welcome()
        self._tint()
        self.afterwards.do(self.watch.start)
        self._order_stops()
        self.scene.setFocus()  # so that keys are for the picture

    # --- who hears of whom ---------------------------------------------------

    def _connect_actions(self) -> None:
        self.actions_.act_with(
            Hands(
                window=self,
                player=self._player,
                opener=self.opener,
                steering=self.steering,
                finds=self.finds,
                part=self.part,
                play_list=self.play_list,
                keeper=self.keeper,
                messages=self.messages,
                changes=self.changes,
                video=self.video,
                full_screen=self.full_screen,
                panel=self.panel,
                plots=self.plots,
                events=self.events,
                compare=lambda is_on: self.comparing.compare(is_on=is_on),
                scene_keeper=self.scene_keeper,
                close_source=self.close_source,
                dialogs=self.dialogs,
                copy_numbers=self.dials.copy_numbers,
                export=lambda: self.exporting.show(),
                hearing=self.hearing,
            )
        )
        for dock in (self.panel, self.plots):
            dock.visibilityChanged.connect(self._check_docks)
        self.opener.source_chosen.connect(self.open_source)
        self.opener.model_chosen.connect(self.use_model)
        self.opener.weights_chosen.connect(self._tell_weights)
        self.keeper.started.connect(self.messages.forget_files)
        self.keeper.started.connect(self.dials.refresh)
        self.messages.play_wanted.connect(self.open_source)
        self.keeper.saved.connect(self.messages.tell_snapshot)
        self.keeper.failed.connect(self.messages.tell_error)
        self.situations.retried.connect(self._try_again)
        self.situations.cancelled.connect(self.close_source)
        self.situations.cpu_wanted.connect(self._use_cpu)
        self.situations.model_wanted.connect(self.use_model)
        self.builder.built.connect(self.use_model)
        self.builder.failed.connect(self.situations.show_build_failed)
        self.steering.changed.connect(self.dials.refresh)
        self.play_list.wanted.connect(self._open_item)
        self.play_list.changed.connect(self.dials.refresh)
        self.full_screen.changed.connect(self._fit_transport)
        self.full_screen.changed.connect(self.dials.refresh_status)
        self.scene.still_waiting.connect(self._show_opening)
        self.video.full_screen_wanted.connect(self.full_screen.toggle)

    def _order_stops(self) -> None:
        """Tab goes as one reads: the bar, the picture, below it, then the panel."""
        panel = self.panel.first_heading
        stops = [*self.toolbar.stops, self.scene, *self.transport.stops, panel]
        for before, after in pairwise(stops):
            self.setTabOrder(before, after)

    @Slot()
    def _check_docks(self) -> None:
        self.actions_.panel.setChecked(not self.panel.isHidden())
        self.actions_.plots.setChecked(not self.plots.isHidden())

    def _connect_panel(self) -> None:
        sections, player = self.sections, self._player
        sections.source.source_chosen.connect(self.open_source)
        sections.source.cameras_wanted.connect(self.watch.look)
        self.watch.changed.connect(self._show_cameras)
        sections.backend.device_chosen.connect(self._choose_device)
        sections.backend.cancelled.connect(self._cancel_switch)
        self.toolbar.badge_clicked.connect(lambda: self.panel.reveal(sections.model))
        self.changes.told.connect(self.status.say)
        self.changes.changed.connect(self.dials.refresh)
        self.afterwards.do(
            lambda: player.chores.looking.run(
                self._factories.list_devices,
                then=sections.backend.show_devices,
                or_else=lambda _: None,
            )
        )

    def _connect_player(self) -> None:
        player = self._player
        self.video.apply(player.settings)
        self.video.painted.connect(self._on_painted)
        self.video.painted.connect(self.afterwards.begin)
        player.settings_changed.connect(self.video.apply)
        player.settings_changed.connect(self.sections.show_settings)
        player.settings_changed.connect(self.status.show_settings)
        self.status.show_settings(player.settings)
        player.set_viewport(self.video.viewport)
        self.video.viewport_changed.connect(player.set_viewport)
        self.video.scaling_wanted.connect(player.rescale)
        player.rescaled.connect(self.video.show_screen)
        player.starting.connect(self._on_starting)
        player.opened.connect(self._on_opened)
        player.warned.connect(self.messages.tell_warning)
        player.interrupted.connect(self.messages.tell_interrupted)
        player.resumed.connect(self.messages.tell_resumed)
        player.ended.connect(self._on_ended)
        player.result_ready.connect(self._on_result)
        player.detector_opened.connect(self.dials.refresh)
        player.detector_failed.connect(self._on_detector_failed)
        player.recording_started.connect(self.dials.refresh)
        player.recording_ended.connect(self._on_recording_ended)
        player.failed.connect(self._on_failed)
        player.finished.connect(self._on_finished)

    # --- what the user does --------------------------------------------------

    @Slot(str)
    def open_source(self, text: str) -> None:
        """Play a camera, an address, or files, one a line, one after another."""
        self.play_list.open(text)

    @Slot(str)
    def _open_item(self, text: str) -> None:
        if not self._soon:  # else it says what has to be known of this start
            self.notice.dismiss()
        self._asked_for, self._soon = text, ""
        self._player.open(text)
        if not self.video.has_image:
            self.scene.wait()
        self.dials.refresh()

    @Slot()
    def close_source(self) -> None:
        """Play nothing any more."""
        self.play_list.forget()
        self.notice.dismiss()
        self._forget_picture()
        self._player.close()
        self._show_welcome()

    @Slot(object)
    def use_model(self, path: Path) -> None:
        """Run another model; what could not be played without it is played now."""
        self.notice.dismiss()
        self._player.use_model(path)
        self._play_what_could_not()

    @Slot(str)
    def _tell_weights(self, name: str) -> None:
        command = self.builder.command.shown_for_own.replace("WEIGHTS", quoted(name))
        self.messages.tell_weights(name, command)

    @Slot()
    def _try_again(self) -> None:
        self._open_item(self._asked_for)

    @Slot(str)
    def _choose_device(self, device: str) -> None:
        self.notice.dismiss()
        self._player.use_device(device)
        self._play_what_could_not()

    def _play_what_could_not(self) -> None:
        """With the model or the device that it failed without."""
        player = self._player
        if not player.is_running and isinstance(player.failure, ModelError):
            self._open_item(self._asked_for)
        self.dials.refresh()

    @Slot()
    def _use_cpu(self) -> None:
        """Instead of a device that takes too long, or failed."""
        self._player.use_device("cpu")
        self._open_item(self._asked_for)

    @Slot()
    def _cancel_switch(self) -> None:
        self._player.cancel_switch()
        self.dials.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steps and jumps, where the widget with the focus has no use for the key."""
        if not self.video.pan_by_key(event) and not self.steering.take_key(event):
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take what can be played or run."""
        if self.opener.text_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Play it, or run it."""
        event.acceptProposedAction()
        self.opener.take(event.mimeData())

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons anew where the system went dark or light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_wheel"):
            self._tint()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close, but ask once where a recording runs."""
        if self.closing.is_closed:
            event.accept()
            return
        if not self.closing.may_close():
            event.ignore()
            return
        self.full_screen.leave()  # so that its size is not what is remembered
        remember = self.memory.look(self, self.panel)
        self._player.chores.saving.run(remember, or_else=lambda _: None)
        self.saver.save()
        self.watch.stop()
        self.builder.shut_down()
        self._player.close()
        event.accept()
        self.closing.say_closed()

    @Slot()
    def close_without_asking(self) -> None:
        """Finish a running recording unseen, then close: for a signal, say."""
        self.closing.close_without_asking()

    # --- what the player tells -----------------------------------------------

    @Slot()
    def _on_starting(self) -> None:
        self._forget_picture()
        self.scene.wait()
        self.dials.refresh()

    @Slot(object)
    def _on_opened(self, _: VideoInfo) -> None:
        # A detector may have failed before the source was open.
        if self._player.ending is None:
            item = self._player.source_text
            self.opener.remember(self.play_list.text or item, item=item)
            if self.scene.is_page:
                self._show_loading()
        self._fit_transport()
        self.dials.refresh()

    @Slot()
    def _on_result(self) -> None:
        result = self._player.take_result()
        if result is None:
            return
        is_first = not self.video.has_image
        self.video.show_result(result)
        self.transport.show_frame(result.frame)
        self.hearing.follow(result)
        self.finds.look(result)
        self.part.look(result)
        self._look_late(result)
        self.scene_keeper.look(result)
        if is_first:
            self.situations.leave()
            self.scene.show_video()
        self.dials.show_result(result, is_first=is_first)

    @Slot(object)
    def _on_painted(self, result: Result) -> None:
        self.history.add(result, time.monotonic())

    @Slot()
    def _on_ended(self) -> None:
        info, many = self._player.info, self.play_list.count > 1
        if info is None or info.is_stills or self.play_list.go_on():
            return
        again = self.play_list.begin_again if many else self.steering.toggle_pause
        self.messages.tell_end(again)
        self.dials.refresh()

    @Slot(object)
    def _on_detector_failed(self, error: Exception) -> None:
        self.messages.tell_error(error)
        self.dials.refresh()

    @Slot(object, object)
    def _on_recording_ended(
        self, info: RecordingInfo | None, error: Exception | None
    ) -> None:
        if error is not None:
            self.messages.tell_error(error)
        else:
            self.messages.tell_recorded(info)
        self.dials.refresh()

    @Slot(str, object)
    def _on_failed(self, _stage: str, error: Exception) -> None:
        if self.play_list.pass_over(error):
            return
        if self.video.has_image:
            on_cpu = self._use_cpu if isinstance(error, DeviceError) else None
            self.messages.tell_error(error, on_cpu=on_cpu)
        else:
            self.notice.dismiss()  # what it says of what was to play
            self._show_failed(error)
            self.scene.show_page()
        self.dials.refresh()

    def _show_failed(self, error: Exception) -> None:
        if isinstance(error, DeviceError):
            self.situations.show_no_device(error)
        elif isinstance(error, ModelError):  # nothing can play without one
            self.situations.show_no_model(error, self._player.model_path)
        else:
            self.situations.show_failed(
                error, is_file=self.opener.is_file(self._asked_for)
            )

    @Slot()
    def _on_finished(self) -> None:
        self.transport.hide()
        is_over = self._player.ending is Ending.PLAYED
        if is_over and not self.closing.is_closing:
            if self.video.has_image:
                self.messages.tell_end(self._try_again)
            else:
                self._show_welcome()
        self.dials.refresh()

    # --- what is shown -------------------------------------------------------

    def _forget_picture(self) -> None:
        self.sections.classes.forget_counts()
        self.history.clear()
        self.transport.hide()
        self.video.show_text("")

    def _show_welcome(self) -> None:
        self.situations.show_welcome()
        self.scene.show_page()

    @Slot()
    def _show_opening(self) -> None:
        if self._player.info is not None:
            self._show_loading()
            return
        self.situations.show_opening(self._factories.redact(self._asked_for))
        self.scene.show_page()

    def _show_loading(self) -> None:
        is_cpu = self._player.settings.device == "cpu"
        self.situations.show_loading("" if is_cpu else self.sections.backend.chosen)
        self.scene.show_page()

    def _fit_transport(self) -> None:
        player = self._player
        self.transport.show_source(player.info, can_seek=player.can_seek)
        self.fading.wake()
        if (result := self.video.result) is not None:
            self.transport.show_frame(result.frame)

    def _tint(self) -> None:
        palette = self.palette()
        for part in (
            self.actions_,
            self.toolbar,
            self.transport,
            self.sound_controls,
            self.panel,
            self.page,
        ):
            part.tint(palette)
        self.dials.refresh()

    @Slot()
    def _show_cameras(self) -> None:
        self.sections.source.show_cameras(self.watch.cameras)
        self.sections.show_player(self._player)
