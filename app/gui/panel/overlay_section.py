"""How boxes and labels look."""

from PySide6.QtCore import QSignalBlocker

from app.gui.look.numbers import decimal
from app.gui.panel.resetting import Reset
from app.gui.panel.section import Further, Rows, Section, check_box, row_of
from app.gui.panel.settings_history import SettingsHistory
from app.settings import Settings

USUAL = Settings()
_SETTINGS = (
    *("line_scale", "label_scale", "fill_opacity"),
    *("draw_scores", "draw_fps", "one_name"),
)


class OverlaySection(Section):
    """Line width, label size, scores and FPS; under More, fill and one name."""

    def __init__(self, history: SettingsHistory) -> None:
        """Change settings through `history`."""
        super().__init__()
        self._reset = Reset(self, history, _SETTINGS)
        self.set_title(self.tr("Overlay"))
        rows = Rows()
        self.line = rows.add_slider(
            self.tr("Lines"),
            (1, 20),
            show=_tenths,
            changed=lambda v: history.change(self.tr("line width"), line_scale=v / 5),
            usual=lambda: round(5 * USUAL.line_scale),
            tip=self.tr("How thick the boxes are"),
        )
        self.label = rows.add_slider(
            self.tr("Labels"),
            (0, 15),
            show=lambda v: _tenths(v) if v else self.tr("none"),
            changed=lambda v: history.change(self.tr("label size"), label_scale=v / 5),
            usual=lambda: round(5 * USUAL.label_scale),
            tip=self.tr("How large class names are; at the far left there are none"),
        )
        self.further, rare = Further(), Rows()
        self.fill = rare.add_slider(
            self.tr("Fill"),
            (0, 20),
            show=lambda v: f"{5 * v} %",
            changed=lambda v: history.change(self.tr("fill"), fill_opacity=v / 20),
            usual=lambda: round(20 * USUAL.fill_opacity),
            tip=self.tr("How much of the class's colour is inside a box"),
        )
        self.body.addLayout(rows)
        self.scores = check_box(
            self.tr("Scores"),
            self.tr("The score behind the class name"),
            lambda on: history.change(self.tr("scores"), draw_scores=on),
        )
        self.fps = check_box(
            self.tr("FPS"),
            self.tr("Frames a second in the corner of the picture"),
            lambda on: history.change(self.tr("FPS"), draw_fps=on),
        )
        self.one_name = check_box(
            self.tr("One name for each object"),
            self.tr("Of two classes on the same box, the better one alone"),
            lambda on: history.change(self.tr("names"), one_name=on),
        )
        self.body.addLayout(row_of(self.scores, self.fps, stretch=True))
        self.further.body.addLayout(rare)
        self.further.body.addWidget(self.one_name)
        self.add_further(self.further)

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self._reset.show_settings(settings)
        self.line.show_value(round(5 * settings.line_scale))
        self.label.show_value(round(5 * settings.label_scale))
        self.fill.show_value(round(20 * settings.fill_opacity))
        for box, is_on in (
            (self.scores, settings.draw_scores),
            (self.fps, settings.draw_fps),
            (self.one_name, settings.one_name),
        ):
            with QSignalBlocker(box):
                box.setChecked(is_on)


def _tenths(value: int) -> str:
    return decimal(value / 5)
