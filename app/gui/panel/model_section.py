"""The model that runs, on what and how fast, and how to come by another."""

from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QPushButton

from app.gui.look.elided import ElidedLabel
from app.gui.look.numbers import whole
from app.gui.pages.advice import Advice
from app.gui.panel.backend_part import BackendPart
from app.gui.panel.section import Section, muted_label, row_of
from app.types import DetectorInfo


class ModelSection(Section):
    """Name, input size and number of classes; folded, all in a line."""

    def __init__(
        self, open_model: QAction, backend: BackendPart, *, build_command: str
    ) -> None:
        """Offer to open another.

        Args:
            open_model: the window's own action.
            backend: where it runs; shown here, too.
            build_command: how one is made; shown on demand.
        """
        super().__init__()
        self.set_title(self.tr("Model"))
        self._facts: tuple[str, ...] = ()
        self._detect_ms: float | None = None
        self.name = ElidedLabel()
        self.details = muted_label()
        self._open_action = open_model
        self.open = QPushButton(self.tr("Open…"))
        self.open.setAccessibleName(open_model.text())
        self.open.setToolTip(open_model.toolTip())
        self.open.clicked.connect(open_model.trigger)
        open_model.enabledChanged.connect(self.open.setEnabled)
        self.make = QPushButton(self.tr("Make one…"))
        self.make.setToolTip(self.tr("How a model is made from weights"))
        self.make.clicked.connect(self._show_how)
        self.advice = Advice("info")
        self._build_command = build_command
        self.body.addWidget(self.name)
        self.body.addWidget(self.details)
        self.body.addLayout(row_of(self.open, self.make))
        self.body.addWidget(self.advice)
        self.body.addWidget(backend)

    def show_detector(self, info: DetectorInfo | None, *, file_name: str) -> None:
        """Show what runs, or the file that will."""
        self._facts = (file_name,)
        if info is not None:
            self._facts = (_briefly(info), info.device.removesuffix(" CPU"))
        self._say_briefly()
        if info is None:
            self.name.setText(file_name)
            self.details.setText(self.tr("Not loaded."))
            return
        width, height = info.input_size_wh
        self.name.setText(info.model_name)
        facts = self.tr("Sees {0} x {1} pixels, knows {2} classes").format(
            width, height, len(info.class_names)
        )
        self.details.setText(f"{info.kind}\n{facts}" if info.kind else facts)

    def show_speed(self, detect_ms: float | None) -> None:
        """So long a frame takes just now; None: nothing runs."""
        self._detect_ms = detect_ms
        self._say_briefly()

    def _say_briefly(self) -> None:
        facts = self._facts
        if self._detect_ms is not None:
            facts = (*facts, self.tr("{0} ms").format(whole(self._detect_ms)))
        self.summarize(" \N{MIDDLE DOT} ".join(facts), says_itself=len(facts) > 1)

    def tint(self, palette: QPalette) -> None:
        """Draw its icons for `palette`."""
        super().tint(palette)
        if hasattr(self, "advice"):
            self.advice.command.copy.tint(palette)

    def _show_how(self) -> None:
        if self.advice.text:
            self.advice.say("")
        else:
            self.advice.say(
                self.tr(
                    "This makes one from your own weights (.caffemodel, .tflite, .pb, "
                    ".h5, .keras). Then open it here, or drop it on the window."
                ),
                self._build_command,
            )


def _briefly(info: DetectorInfo) -> str:
    """The model's name without what every name has, and its precision once."""
    name = info.model_name.removesuffix(".onnx")
    known = name.replace(".", " ").replace("_", " ").replace("-", " ").split()
    return name if info.precision in known else f"{name} {info.precision}".strip()
