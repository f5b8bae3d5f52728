"""What to export, where to, and how far it is: one dialog that holds nothing up."""

from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.gui.pages.advice import Advice
from app.gui.panel.section import Rows, muted_label, row_of, set_look
from app.settings import DETAILS

WIDTH_PX, HEIGHT_PX = 620, 470
LIST_HEIGHT_PX = 72  # two files; higher where the screen has room
# Of the bar; more than its pixels.
STEPS = 1000
_PATH = Qt.ItemDataRole.UserRole


class Phase(Enum):
    """What an export is at."""

    IDLE = auto()  # it can be begun
    BEGUN = auto()  # as before, and an earlier one can be gone on with
    LOOKING = auto()  # what there is to do is found out
    RUNNING = auto()
    ENDING = auto()  # somebody has cancelled it


class ExportDialog(QDialog):
    """Asks and shows; `Exporting` does.

    Signals:
        start_wanted: begin with what is chosen here.
        resume_wanted: go on with what was begun.
        cancel_wanted: end what runs, so that it can be gone on with.
        folder_wanted: show where it all is.
    """

    start_wanted = Signal()
    resume_wanted = Signal()
    cancel_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, parent: QWidget, *, suffixes: Sequence[str]) -> None:
        """Nothing is chosen yet; `suffixes` are those of videos."""
        super().__init__(parent)
        self._patterns = " ".join(f"*{suffix}" for suffix in suffixes)
        self._phase = Phase.IDLE
        self._refusal = ""
        self._has_rules = False
        self.setWindowTitle(self.tr("Export"))
        self.resize(WIDTH_PX, HEIGHT_PX)
        self.files = QTreeWidget()
        self._build_files()
        self.add = QPushButton(self.tr("Add files…"))
        self.add.clicked.connect(self._ask_for_files)
        self.add_folder = QPushButton(self.tr("Add folder…"))
        self.add_folder.clicked.connect(self._ask_for_folder)
        self.remove = QPushButton(self.tr("Remove"))
        self.remove.clicked.connect(self._remove)
        self.folder = QLineEdit()
        self.folder.setAccessibleName(self.tr("Folder for what is written"))
        self.folder.textChanged.connect(self._refresh)
        self.choose = QPushButton(self.tr("Choose…"))
        self.choose.clicked.connect(self._ask_where)
        self.video = QCheckBox(self.tr("Video with its boxes (.mp4)"))
        self.video.setChecked(True)
        self.csv = QCheckBox(self.tr("Table of boxes (CSV)"))
        self.coco = QCheckBox(self.tr("Boxes for training (COCO)"))
        self.counts = QCheckBox(self.tr("Counts at the lines and zones"))
        self.part = QCheckBox()
        self.part.hide()
        self.detail = QComboBox()
        for detail, text in zip(
            DETAILS,
            (self.tr("Whole picture"), self.tr("Closer"), self.tr("Closest")),
            strict=True,
        ):
            self.detail.addItem(text, detail)
        self.how = muted_label()
        self.refusal = Advice("warning")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, STEPS)
        self.bar.setAccessibleName(self.tr("How much is done"))
        self.progress = QLabel(wordWrap=True)
        self._build_buttons()
        self._lay_out()
        self.show_phase(Phase.IDLE)

    def _build_files(self) -> None:
        self.files.setHeaderLabels([self.tr("File"), self.tr("State")])
        self.files.setRootIsDecorated(False)
        self.files.setAccessibleName(self.tr("Files to export"))
        self.files.setMinimumHeight(LIST_HEIGHT_PX)
        self.files.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.files.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.files.setAllColumnsShowFocus(True)
        header = self.files.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, WIDTH_PX // 3)
        self.files.itemSelectionChanged.connect(self._refresh)

    def _build_buttons(self) -> None:
        self.buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        # A role of their own: Qt puts a button that comes back behind all of its role.
        self.start = self.buttons.addButton(self.tr("Export"), role.AcceptRole)
        set_look(self.start, "primary", "true")
        self.start.setDefault(True)
        self.start.clicked.connect(self.start_wanted)
        self.resume = self.buttons.addButton(self.tr("Go on with it"), role.AcceptRole)
        self.resume.clicked.connect(self.resume_wanted)
        self.cancel = self.buttons.addButton(self.tr("Cancel export"), role.ActionRole)
        self.cancel.clicked.connect(self.cancel_wanted)
        self.show_folder = self.buttons.addButton(
            self.tr("Show in folder"), role.ActionRole
        )
        self.show_folder.clicked.connect(self.folder_wanted)
        self.close_button = self.buttons.addButton(self.tr("Close"), role.RejectRole)
        self.buttons.rejected.connect(self.close)
        for button in self.buttons.buttons():
            assert isinstance(button, QPushButton)
            button.setAutoDefault(button is self.start)

    def _lay_out(self) -> None:
        rows = Rows()
        where = QWidget()
        where.setLayout(row_of(self.folder, self.choose))
        rows.add(self.tr("Into"), where).setBuddy(self.folder)
        besides = QWidget()
        besides.setLayout(row_of(self.csv, self.coco, stretch=True))
        rows.add(self.tr("Write"), self.video)
        rows.add("", besides)
        rows.add("", self.counts)
        rows.add(self.tr("Look"), self.detail)
        rows.add("", self.part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(self.files, 1)
        layout.addLayout(row_of(self.add, self.add_folder, self.remove, stretch=True))
        layout.addLayout(rows)
        layout.addWidget(self.how)
        layout.addWidget(self.refusal)
        layout.addWidget(self.bar)
        layout.addWidget(self.progress)
        layout.addWidget(self.buttons)

    # --- what is chosen ------------------------------------------------------

    @property
    def chosen_files(self) -> tuple[str, ...]:
        """All that is listed, in its order."""
        return tuple(
            self._item(row).data(0, _PATH)
            for row in range(self.files.topLevelItemCount())
        )

    @property
    def chosen_data(self) -> tuple[str, ...]:
        """Of `app.export.job.DATA_FORMATS`."""
        boxes = {"csv": self.csv, "coco": self.coco}
        return tuple(name for name, box in boxes.items() if box.isChecked())

    @property
    def chosen_folder(self) -> Path:
        """Where all of it goes."""
        return Path(self.folder.text().strip()).expanduser().absolute()

    @property
    def phase(self) -> Phase:
        """What it is at."""
        return self._phase

    def add_files(self, paths: Sequence[str]) -> None:
        """List them too, each once."""
        if any(self.states):
            self.files.clear()  # those are done, and this is another export
        known = set(self.chosen_files)
        for path in paths:
            if path not in known:
                item = QTreeWidgetItem([Path(path).name or path, ""])
                item.setData(0, _PATH, path)
                item.setToolTip(0, path)
                self.files.addTopLevelItem(item)
        self._refresh()

    @property
    def states(self) -> list[str]:
        """What is said of each file; empty while it is only listed."""
        rows = range(self.files.topLevelItemCount())
        return [self._item(row).text(1) for row in rows]

    def _item(self, row: int) -> QTreeWidgetItem:
        item = self.files.topLevelItem(row)
        assert item is not None, "rows are those that there are"
        return item

    # --- what is shown -------------------------------------------------------

    def show_jobs(self, names: Sequence[tuple[str, str]]) -> None:
        """List what is done now: path and state."""
        self.files.clear()
        for path, state in names:
            self.add_row(path, state)

    def add_row(self, path: str, state: str) -> None:
        """One more."""
        item = QTreeWidgetItem([Path(path).name or path, state])
        item.setData(0, _PATH, path)
        item.setToolTip(0, path)
        item.setToolTip(1, state)
        self.files.addTopLevelItem(item)

    def show_state(self, row: int, state: str) -> None:
        """How one of them does."""
        item = self._item(row)
        item.setText(1, state)
        item.setToolTip(1, state)

    def show_phase(self, phase: Phase) -> None:
        """Fit what can be done now."""
        self._phase = phase
        self._refresh()

    def show_rules(self, *, has_rules: bool) -> None:
        """Whether there is anything to count at."""
        if has_rules != self._has_rules:
            self._has_rules = has_rules
            self.counts.setChecked(has_rules)
        self._refresh()
        self.counts.setToolTip(
            "" if has_rules else self.tr("Draw a line or a zone on the picture first")
        )

    def show_part(self, text: str) -> None:
        """A part that is marked, in words; empty: none is."""
        if text and self.part.isHidden():
            self.part.setChecked(True)  # who marks one wants that one
        self.part.setVisible(bool(text))
        self.part.setText(text)

    def show_refusal(self, text: str, remedy: str = "") -> None:
        """Why nothing can be exported; empty: it can."""
        self._refusal = text
        self.refusal.say(text, remedy)
        self._refresh()

    def show_progress(self, share: float, text: str) -> None:
        """How far all of it is, and how it goes."""
        self.bar.setValue(round(STEPS * share))
        self.progress.setText(text)
        self.progress.setVisible(bool(text))

    def _refresh(self) -> None:
        phase = self._phase
        is_free = phase in (Phase.IDLE, Phase.BEGUN)
        parts: tuple[QWidget, ...] = (self.add, self.add_folder, self.folder)
        for part in (
            *parts,
            self.choose,
            self.video,
            self.csv,
            self.coco,
            self.detail,
            self.part,
        ):
            part.setEnabled(is_free)
        self.counts.setEnabled(is_free and self._has_rules)
        self.remove.setEnabled(is_free and bool(self.files.selectedItems()))
        self.start.setVisible(is_free)
        self.start.setEnabled(
            is_free
            and not self._refusal
            and self.files.topLevelItemCount() > 0
            and bool(self.folder.text().strip())
        )
        self.resume.setVisible(phase is Phase.BEGUN)
        self.resume.setEnabled(not self._refusal)
        self.cancel.setVisible(not is_free)
        self.cancel.setEnabled(phase in (Phase.RUNNING, Phase.LOOKING))
        self.bar.setHidden(is_free)
        self.close_button.setToolTip(
            "" if is_free else self.tr("The export goes on; the status bar shows it")
        )

    # --- what the user does --------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes files off the list."""
        if event.key() == Qt.Key.Key_Delete and self.files.hasFocus():
            self._remove()
        else:
            super().keyPressEvent(event)

    def _ask_for_files(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self,
            self.tr("Videos to export"),
            self._beside(),
            self.tr("Videos ({0});;All files (*)").format(self._patterns),
            options=QFileDialog.Option.HideNameFilterDetails,
        )
        self.add_files(paths)

    def _ask_for_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(
            self, self.tr("A folder of videos"), self._beside()
        )
        self.add_files([path] if path else [])

    def _beside(self) -> str:
        files = self.chosen_files
        return str(Path(files[-1]).parent) if files else ""

    def _ask_where(self) -> None:
        path = QFileDialog.getExistingDirectory(
            self, self.tr("Folder for what is written"), self.folder.text()
        )
        if path:
            self.folder.setText(path)

    def _remove(self) -> None:
        if self._phase in (Phase.IDLE, Phase.BEGUN):
            for item in self.files.selectedItems():
                self.files.takeTopLevelItem(self.files.indexOfTopLevelItem(item))
            self._refresh()
