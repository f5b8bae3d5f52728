"""Opens the windows that stand over the main one."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from app.gui.playing.player import Player

if TYPE_CHECKING:
    from app.gui.pages.shortcut_sheet import Group


class Dialogs:
    """Each is imported and made when it is asked for, and gone when it is closed."""

    def __init__(
        self,
        window: QMainWindow,
        player: Player,
        command_line: tuple[str, ...],
        *,
        sheet: "Callable[[], Sequence[Group]]",
    ) -> None:
        """Nothing is opened yet.

        Args:
            window: over which they stand; its actions are what can be done.
            player: what they tell of.
            command_line: what starts the command line in a process of its own.
            sheet: all keys, by group.
        """
        self._window = window
        self._player = player
        self._command_line = command_line
        self._sheet = sheet

    def show_keys(self) -> None:
        """Which key does what."""
        from app.gui.pages.shortcut_sheet import ShortcutSheet

        ShortcutSheet(self._window, self._sheet()).open()

    def show_palette(self) -> None:
        """All that can be done just now, by name."""
        from app.gui.menus.palette import CommandPalette

        CommandPalette(self._window, self._window.actions()).open()

    def show_checkup(self) -> None:
        """What works here, what does not, and the fix."""
        from app.gui.menus.checkup import CheckupDialog

        model = str(self._player.model_path)
        CheckupDialog(self._window, self._command_line, model).open()

    def show_about(self) -> None:
        """Versions and licences."""
        from app.gui.menus.about import AboutDialog

        player = self._player
        info = player.detector_info
        facts = {"Model": player.model_path.name, "Device": player.settings.device}
        if info is not None:
            facts["Runs on"] = f"{info.provider} {info.precision}"
        AboutDialog(self._window, QGuiApplication.applicationName(), facts).open()
