"""What steers the sound in the bar under a file: silence, loudness, which track."""

from collections.abc import Sequence

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QPalette
from PySide6.QtWidgets import QMenu, QSlider, QToolButton, QWidget

from app.gui.look.hover import hang
from app.gui.look.icons import icon
from app.gui.panel.section import HANDLE_PX
from app.gui.seeking.transport_bar import TransportBar
from app.pipeline.transport import SoundTrack
from app.settings import MOST_VOLUME, Settings

VOLUME_PX = 64
STEP = 10


class SoundControls(QWidget):
    """Stand in the bar while what plays can be heard; the widget itself is not seen.

    Signals:
        volume_chosen: in percent (int).
        track_chosen: its number (int), from 0.
    """

    volume_chosen = Signal(int)
    track_chosen = Signal(int)

    def __init__(self, bar: TransportBar, mute: QAction) -> None:
        """Put them into `bar`, hidden; `mute` is the window's own action."""
        super().__init__(bar)
        self.hide()
        self._bar = bar
        self._mute = mute
        self.silence = QToolButton(autoRaise=True)
        self.silence.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.silence.setAccessibleName(mute.text())
        self.silence.setToolTip(mute.toolTip())
        self.silence.clicked.connect(mute.trigger)
        mute.toggled.connect(lambda: self.tint(self.palette()))
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setRange(0, MOST_VOLUME)
        self.volume.setPageStep(STEP)
        self.volume.setFixedWidth(VOLUME_PX)
        self.volume.setMinimumHeight(HANDLE_PX)
        self.volume.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        self.volume.setAccessibleName(self.tr("Volume"))
        self.volume.valueChanged.connect(self.volume_chosen)
        self.tracks = QToolButton(autoRaise=True)
        self.tracks.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tracks.setToolTip(self.tr("Which of its sounds is heard"))
        self.tracks.setAccessibleName(self.tr("Sound track"))
        self.tracks.setText("\N{EIGHTH NOTE}")
        self.tracks.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.tracks)
        self._group = QActionGroup(self._menu)  # what is cleared leaves it
        hang(self._menu, self.tracks)
        bar.add_spare(self.silence, self.volume, self.tracks)
        self.tint(self.palette())

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force; of what is silent, that it is."""
        with QSignalBlocker(self.volume):
            self.volume.setValue(0 if settings.muted else settings.volume)
        self.volume.setToolTip(self.tr("Volume {0} %").format(settings.volume))

    def show_tracks(self, tracks: Sequence[SoundTrack], heard: int) -> None:
        """What there is to hear; nothing: there is no sound."""
        self._bar.want(self.silence, self.volume, is_wanted=bool(tracks))
        self._bar.want(self.tracks, is_wanted=len(tracks) > 1)
        self._menu.clear()
        for number, track in enumerate(tracks):
            action = self._menu.addAction(self._name(number, track))
            action.setCheckable(True)
            action.setChecked(number == heard)
            action.triggered.connect(lambda _, n=number: self.track_chosen.emit(n))
            self._group.addAction(action)

    def tint(self, palette: QPalette) -> None:
        """Draw the icon for `palette`."""
        name = "muted" if self._mute.isChecked() else "sound"
        self.silence.setIcon(icon(name, palette))

    def _name(self, number: int, track: SoundTrack) -> str:
        """Its title, in which language; else its number."""
        title, language = track
        code = QLocale.codeToLanguage(language) if language else None
        known = code not in (None, QLocale.Language.AnyLanguage, QLocale.Language.C)
        world = QLocale.Country.World  # "English", not "American English"
        spoken = QLocale(code, world).nativeLanguageName() if known and code else ""
        words = [word for word in (title, spoken or language) if word]
        text = ", ".join(words) or self.tr("Track {0}").format(number + 1)
        return text.replace("&", "&&")
