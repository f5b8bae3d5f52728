"""The panel beside the picture: a section for everything that can be chosen."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.gui.advice import CopyButton
from app.gui.panel.backend import BackendSection
from app.gui.panel.classes import ClassesSection
from app.gui.panel.detection import DetectionSection
from app.gui.panel.model import ModelSection
from app.gui.panel.overlay import OverlaySection
from app.gui.panel.recording import RecordingSection
from app.gui.panel.section import Section
from app.gui.panel.source import SourceSection

WIDTH = 316


@dataclass(frozen=True, slots=True)
class Sections:
    """All of them, from the top."""

    source: SourceSection
    model: ModelSection
    backend: BackendSection
    detection: DetectionSection
    classes: ClassesSection
    overlay: OverlaySection
    recording: RecordingSection

    def by_name(self) -> dict[str, Section]:
        """Each by the name under which its fold is remembered."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


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
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(2)
        for section in sections.by_name().values():
            layout.addWidget(section)
        layout.addStretch(1)
        self.scroller = _Scroll(body)
        self.setWidget(self.scroller)

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
        self.scroller.ensureWidgetVisible(section)

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
