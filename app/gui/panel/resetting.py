"""Takes all settings of a section back to what they were at first."""

from collections.abc import Callable
from typing import Any

from app.gui.panel.section import Section
from app.gui.panel.settings_history import SettingsHistory
from app.settings import Settings


class Reset:
    """The button in a section's head: there while a setting is not the usual one."""

    def __init__(
        self,
        section: Section,
        history: SettingsHistory,
        names: tuple[str, ...],
        usual: Callable[[], Settings] = Settings,
    ) -> None:
        """Offer it; one step for who undoes.

        Args:
            section: whose button it is.
            history: through which settings are changed.
            names: of the settings that the section shows.
            usual: what they are where nobody chose.
        """
        self._section = section
        self._history = history
        self._names = names
        self._usual = usual
        self._settings = Settings()
        section.reset.clicked.connect(self._reset)

    def show_settings(self, settings: Settings) -> None:
        """What is in force."""
        self._settings = settings
        self.look()

    def look(self) -> None:
        """What is usual may be another thing now."""
        is_usual = self._fields(self._settings) == self._fields(self._usual())
        self._section.reset.setHidden(is_usual)

    def _fields(self, settings: Settings) -> dict[str, Any]:
        return {name: getattr(settings, name) for name in self._names}

    def _reset(self) -> None:
        text = self._section.reset.accessibleName()
        self._history.change(text, **self._fields(self._usual()))
