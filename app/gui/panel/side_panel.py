"""The panel beside the picture: a section for everything that can be chosen."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.gui.actions import Actions
from app.gui.counting.section import CountingSection
from app.gui.pages.advice import CopyButton
from app.gui.panel.backend_part import BackendPart
from app.gui.panel.classes.classes_section import ClassesSection
from app.gui.panel.classes.hiding_section import HidingSection
from app.gui.panel.detection_section import DetectionSection
from app.gui.panel.model_section import ModelSection
from app.gui.panel.overlay_section import OverlaySection
from app.gui.panel.recording_section import RecordingSection
from app.gui.panel.section import Section
from app.gui.panel.settings_history import SettingsHistory
from app.gui.panel.source_section import SourceSection
from app.gui.playing.player import Player
from app.settings import Settings
from app.types import DetectorInfo

WIDTH = 316
# What the bars say, too, or is chosen once; folded they say it in a line.
FOLDED_AT_FIRST = ("hiding", "source", "model")


@dataclass(frozen=True)  # no slots: a signal refers to it weakly
class Sections:
    """All of them, from the top: what is changed while one watches comes first."""

    classes: ClassesSection
    detection: DetectionSection
    counting: CountingSection
    recording: RecordingSection
    hiding: HidingSection
    overlay: OverlaySection
    source: SourceSection
    model: ModelSection
    backend: BackendPart  # of that section

    def by_name(self) -> dict[str, Section]:
        """Each by the name under which its fold is remembered."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {n: value for n, value in values.items() if isinstance(value, Section)}

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self.detection.show_settings(settings)
        self.counting.show_settings(settings)
        self.classes.show_settings(settings)
        self.hiding.show_settings(settings)
        self.overlay.show_settings(settings)
        self.recording.show_settings(settings)

    def show_player(self, player: Player) -> None:
        """Show what plays and what runs."""
        info = self.detector_of(player)
        if info is not None:
            self.hiding.show_classes(info.class_names)
        self.source.show_source(player.info, text=player.source_text)
        self.detection.show_thresholds(info.thresholds if info else None)
        self.model.show_detector(info, file_name=player.model_path.name)
        self.backend.show_state(
            player.settings, info, player.tryout, is_switching=player.is_switching
        )

    def detector_of(self, player: Player) -> DetectorInfo | None:
        """What runs; None while nothing does."""
        return player.detector_info if player.is_running else None


def make_sections(
    actions: Actions,
    changes: SettingsHistory,
    *,
    recent_menu: QMenu,
    build_command: str,
) -> Sections:
    """All of them.

    Args:
        actions: the window's; some are buttons in the panel, too.
        changes: through which settings are changed.
        recent_menu: what was played before.
        build_command: how a model is made.
    """
    backend = BackendPart(changes)
    return Sections(
        classes=ClassesSection(changes),
        detection=DetectionSection(changes),
        counting=CountingSection(changes),
        recording=RecordingSection(
            changes, record=actions.record, show_folder=actions.show_folder
        ),
        hiding=HidingSection(changes),
        overlay=OverlaySection(changes),
        source=SourceSection(actions, recent_menu),
        model=ModelSection(actions.open_model, backend, build_command=build_command),
        backend=backend,
    )


class SidePanel(QDockWidget):
    """Scrolls the sections, and remembers which are folded."""

    def __init__(self, sections: Sections) -> None:
        super().__init__()
        self.sections = sections
        self.setObjectName("panel")
        self.setWindowTitle(self.tr("Side panel"))
        self.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        self.setAllowedAreas(Qt.DockWidgetArea.RightDockWidgetArea)
        self.setTitleBarWidget(QWidget())  # none
        body = QWidget()
        body.setObjectName("panel-body")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(1)
        for section in sections.by_name().values():
            layout.addWidget(section)
        layout.setStretchFactor(sections.classes, 1)  # its list takes what there is
        layout.addStretch(0)
        self.scroller = _Scroll(body)
        self.setWidget(self.scroller)

    @property
    def first_heading(self) -> QWidget:
        """The topmost of what Tab reaches."""
        return next(iter(self.sections.by_name().values())).heading

    @property
    def folded(self) -> list[str]:
        """Names of the sections that are folded."""
        return [n for n, s in self.sections.by_name().items() if s.is_folded]

    def fold(self, names: Iterable[str]) -> None:
        """Fold those, and no others."""
        chosen = set(names)
        for name, section in self.sections.by_name().items():
            section.fold(name in chosen)

    def reveal(self, section: Section) -> None:
        """Show the panel, and that section of it."""
        self.show()
        section.fold(False)
        section.heading.setFocus(Qt.FocusReason.OtherFocusReason)
        # What was folded has its height only when the layout is done.
        QTimer.singleShot(0, section, lambda: self._scroll_to(section))

    def _scroll_to(self, section: Section) -> None:
        """As far as it takes to see all of it, or its beginning where it is longer."""
        self.scroller.ensureWidgetVisible(section)
        self.scroller.ensureWidgetVisible(section.heading)

    def tint(self, palette: QPalette) -> None:
        """Draw every icon in it for `palette`."""
        for section in self.sections.by_name().values():
            section.tint(palette)
        for button in self.findChildren(CopyButton):
            button.tint(palette)


class _Scroll(QScrollArea):
    """As wide as the sections, whatever stands in them."""

    def __init__(self, body: QWidget) -> None:
        super().__init__()
        self.setObjectName("panel-scroll")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(body)
        self.setMinimumWidth(WIDTH)

    def sizeHint(self) -> QSize:
        """Narrow and high."""
        return QSize(WIDTH, 600)
