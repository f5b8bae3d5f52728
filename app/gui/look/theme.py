"""Colours, dark and light, and the style sheet made of them.

Every pair of text and background that the window uses is a pair here, so that a
test can compute its contrast.
"""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication


@dataclass(frozen=True, slots=True)
class Ink:
    """Text on its background, as "#rrggbb"."""

    text: str
    paper: str


@dataclass(frozen=True, slots=True)
class Theme:
    """All colours of the window, but the video's: that is dark in both.

    Attributes:
        is_dark: which of the two.
        window: text on panels and bars.
        muted: less important text there.
        base: text in fields and lists.
        muted_base: less important text there.
        accent: text on what is chosen.
        border: lines between things; carries no text.
        hover: behind a button under the mouse.
        disabled: text that says nothing to do here.
        info: a badge or a notice, as the next four.
        warning: what should be known.
        error: what went wrong.
        good: what is as it was asked for.
        alarm: that a recording runs.
    """

    is_dark: bool
    window: Ink
    muted: Ink
    base: Ink
    muted_base: Ink
    accent: Ink
    border: str
    hover: str
    disabled: str
    info: Ink
    warning: Ink
    error: Ink
    good: Ink
    alarm: Ink = Ink("#ffffff", "#c92a2a")

    def inks(self) -> dict[str, Ink]:
        """Every pair, by name."""
        names = self.__dataclass_fields__
        values = {name: getattr(self, name) for name in names}
        return {name: ink for name, ink in values.items() if isinstance(ink, Ink)}

    def palette(self) -> QPalette:
        """The same for Qt's own widgets."""
        role, group = QPalette.ColorRole, QPalette.ColorGroup
        palette = QPalette()
        for name, color in {
            role.Window: self.window.paper,
            role.WindowText: self.window.text,
            role.Base: self.base.paper,
            role.AlternateBase: self.window.paper,
            role.Text: self.base.text,
            role.PlaceholderText: self.muted_base.text,
            role.Button: self.hover,
            role.ButtonText: self.window.text,
            role.BrightText: self.alarm.text,
            role.ToolTipBase: self.base.paper,
            role.ToolTipText: self.base.text,
            role.Highlight: self.accent.paper,
            role.HighlightedText: self.accent.text,
            role.Accent: self.accent.paper,
            role.Link: self.info.text,
            role.Mid: self.border,
        }.items():
            palette.setColor(name, QColor(color))
        for name in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(group.Disabled, name, QColor(self.disabled))
        return palette


LIGHT = Theme(
    is_dark=False,
    window=Ink("#1d2126", "#f4f5f7"),
    muted=Ink("#565d67", "#f4f5f7"),
    base=Ink("#1d2126", "#ffffff"),
    muted_base=Ink("#5f6670", "#ffffff"),
    accent=Ink("#ffffff", "#1868b7"),
    border="#d5d9df",
    hover="#e6e9ee",
    disabled="#a0a6af",
    info=Ink("#0b3a66", "#dcecfb"),
    warning=Ink("#5c3a00", "#ffedc7"),
    error=Ink("#7a1212", "#fde1e1"),
    good=Ink("#0c4a1c", "#d3f5dc"),
)
DARK = Theme(
    is_dark=True,
    window=Ink("#e6e8eb", "#202327"),
    muted=Ink("#a4abb5", "#202327"),
    base=Ink("#e6e8eb", "#2a2d33"),
    muted_base=Ink("#a9b0ba", "#2a2d33"),
    accent=Ink("#081826", "#5aaef5"),
    border="#3b4048",
    hover="#343941",
    disabled="#6b727c",
    info=Ink("#cfe5fb", "#17334d"),
    warning=Ink("#ffe3ac", "#493609"),
    error=Ink("#ffd5d5", "#571f1f"),
    good=Ink("#c8f1d2", "#16401f"),
)

_SHEET = Path(__file__).with_name("theme.qss")


def current() -> Theme:
    """The one whose palette the application has."""
    window = QApplication.palette().color(QPalette.ColorRole.Window)
    return DARK if window.lightness() < 128 else LIGHT


def contrast(first: str, second: str) -> float:
    """How well one colour is read on the other, from 1 to 21.

    Source: WCAG 2.1, "contrast ratio" and "relative luminance".
    """
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class ThemeKeeper(QObject):
    """Keeps the application in the system's scheme, dark or light."""

    def __init__(self, application: QApplication, *, is_late: bool = False) -> None:
        """Use it from now on, and change with the system.

        Args:
            application: whose widgets look so.
            is_late: without the style sheet, until `dress`.
        """
        super().__init__(application)
        self._application = application
        self._is_late = is_late
        self._was_dark = current().is_dark  # as the platform had it
        application.setStyle("Fusion")  # alike, and themed alike, on every system
        hints = application.styleHints()
        hints.colorSchemeChanged.connect(self._follow)
        self._follow(hints.colorScheme())

    def use(self, theme: Theme) -> None:
        """Show everything in `theme`; windows hear of it as of any palette."""
        # In this order: the sheet gives every widget the palette of that moment.
        self._application.setPalette(theme.palette())
        if not self._is_late:
            self._application.setStyleSheet(_sheet(theme))

    def dress(self) -> None:
        """Use the style sheet, too, from now on.

        Qt matches it anew with all that a widget holds, whenever that is put into
        another: with the sheet, a window takes twice as long to make as without.
        """
        self._is_late = False
        self._application.setStyleSheet(_sheet(current()))

    def _follow(self, scheme: Qt.ColorScheme) -> None:
        is_dark = (
            self._was_dark
            if scheme == Qt.ColorScheme.Unknown
            else scheme == Qt.ColorScheme.Dark
        )
        self.use(DARK if is_dark else LIGHT)


def _sheet(theme: Theme) -> str:
    """The style sheet with "@name" filled in: "@border", "@muted.text"."""
    sheet = _SHEET.read_text(encoding="utf-8")
    names = {"border": theme.border, "hover": theme.hover, "disabled": theme.disabled}
    for name, ink in theme.inks().items():
        names |= {f"{name}.text": ink.text, f"{name}.paper": ink.paper}
    scheme = "dark" if theme.is_dark else "light"
    for name in ("arrow-up", "arrow-down", "check"):  # pictures must be files
        file = _SHEET.with_name(f"{name}-{scheme}.svg")
        names[name] = f'"{file.as_posix()}"'
    for name in sorted(names, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", names[name])
    return sheet


def _luminance(color: str) -> float:
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
