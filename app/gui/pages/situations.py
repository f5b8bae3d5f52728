"""Which page stands in for the picture, and what can be done from there."""

import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.errors import DeviceError, ModelError, UserError
from app.gui.actions import Actions
from app.gui.languages.sentences import in_words
from app.gui.opening.camera_watch import CameraWatch
from app.gui.opening.opener import Opener, in_menu
from app.gui.pages.model_builder import ModelBuilder
from app.gui.pages.state_page import Choice, State, StatePage

# A device that takes longer than this may well take a minute, the first time.
SLOW_MS = 2000


class Situations(QObject):
    """Puts every state without a picture on the page.

    Signals:
        retried: open the same source again.
        cancelled: do not open it after all.
        cpu_wanted: the device takes too long, or failed; run on the CPU instead.
        model_wanted: run that model file.
    """

    retried = Signal()
    cancelled = Signal()
    cpu_wanted = Signal()
    model_wanted = Signal(object)

    def __init__(
        self,
        page: StatePage,
        *,
        actions: Actions,
        opener: Opener,
        watch: CameraWatch,
        builder: ModelBuilder,
    ) -> None:
        """Nothing is shown yet.

        Args:
            page: where it is.
            actions: the window's; buttons trigger them.
            opener: opens what a button names.
            watch: knows the cameras.
            builder: makes a model where there is none.
        """
        super().__init__(page)
        self._page = page
        self._actions = actions
        self._opener = opener
        self._watch = watch
        self._builder = builder
        self._is_welcome = self._is_building = False
        self._is_slow = QTimer(self, interval=SLOW_MS, singleShot=True)
        self._is_slow.timeout.connect(self._say_slow)
        watch.changed.connect(self._refresh_welcome)
        opener.recent_loaded.connect(self._refresh_welcome)
        builder.said.connect(self._on_said)

    def show_welcome(self) -> None:
        """Nothing is open, and nothing opens unasked: no camera lights up."""
        cameras, last = self._watch.cameras, self._opener.last
        if cameras or last or not self._watch.has_looked:
            icon, title = "camera", self.tr("What do you want to watch?")
            text = self.tr(
                "Drop a video, photos, a folder or an address anywhere on this window."
            )
        else:
            icon, title = "camera-off", self.tr("No camera found")
            text = self.tr(
                "Plug one in and it appears here. Or watch a video: "
                "drop one, or an address, anywhere on this window."
            )
        choices = []
        if last:
            go_on = self.tr("Go on with {0}").format(_brief(last))
            act = partial(self._opener.take_text, last)
            choices.append(Choice(go_on, act, "play", is_primary=True))
        choices += [
            Choice(title, _opens(self._opener, title), "camera", not last and i == 0)
            for i, (_, title) in enumerate(cameras[:4])
            if title != last
        ]
        clip = Choice(
            self.tr("Play the street clip"),
            self._opener.open_clip,
            "play",
            is_primary=not choices,
        )
        self._show(
            State(
                icon,
                title,
                text,
                choices=(*choices, clip, *self._ways_to_open()),
                small_choices=self._small_ways(),
            )
        )
        self._is_welcome = True

    def show_opening(self, text: str) -> None:
        """A source is being opened; `text` names it, and holds no password."""
        lines = text.splitlines() or [""]
        name = lines[0] if "://" in lines[0] else PurePath(lines[0]).name
        self._show(
            State(
                "",
                self.tr("Opening {0}").format(name),
                self.tr("The detector is loaded meanwhile."),
                small_choices=(Choice(self.tr("Cancel"), self.cancelled.emit),),
                is_waiting=True,
            )
        )

    def show_loading(self, device: str) -> None:
        """The source is open, the detector not yet: a GPU's first start is slow.

        Args:
            device: its name; empty for the CPU.
        """
        cancel = Choice(self.tr("Cancel"), self.cancelled.emit)
        use_cpu = Choice(self.tr("Use the CPU instead"), self.cpu_wanted.emit)
        self._show(
            State(
                "model",
                self.tr("Loading the detector"),
                self.tr("{0} is made ready.").format(device) if device else "",
                small_choices=(use_cpu, cancel) if device else (cancel,),
                is_waiting=True,
            )
        )
        self._is_slow.start()

    @Slot()
    def _say_slow(self) -> None:
        if self._page.state.text:
            self._page.text.setText(
                self._page.state.text + self.tr(" The first time can take a minute.")
            )

    def show_failed(self, error: Exception, *, is_file: bool = False) -> None:
        """A source could not be opened, or something broke before a picture came.

        Args:
            error: what happened.
            is_file: it is of a file, which will hardly be better the next time.
        """
        if isinstance(error, UserError):
            title, text, details = in_words(error.problem), in_words(error.remedy), ""
        else:
            title = self.tr("Something went wrong that should not have")
            text = str(error)
            details = "".join(traceback.format_exception(error))
        again = Choice(self.tr("Try again"), self.retried.emit, "loop", not is_file)
        others = self._ways_to_open(is_primary=is_file)
        self._show(
            State(
                "warning",
                title,
                text,
                choices=(*others, again) if is_file else (again, *others),
                small_choices=self._small_ways(),
                details=details,
            )
        )

    def show_no_device(self, error: DeviceError) -> None:
        """The device cannot be had, or failed: the CPU can always."""
        is_sentence = error.remedy.endswith(".")
        use_cpu = Choice(
            self.tr("Use the CPU"), self.cpu_wanted.emit, "model", is_primary=True
        )
        retry = Choice(self.tr("Try again"), self.retried.emit, "loop")
        self._show(
            State(
                "warning",
                in_words(error.problem),
                in_words(error.remedy)
                if is_sentence or not error.remedy
                else self.tr("This may help:"),
                choices=(use_cpu, retry),
                command="" if is_sentence else error.remedy,
            )
        )

    def show_no_model(self, error: ModelError, path: Path) -> None:
        """Nothing can be found without a model: use ours, build one, or choose one.

        Args:
            error: what is wrong.
            path: with which file.
        """
        command = self._builder.command
        if command.bundled is not None and command.bundled != path:
            self._show_other_model(error, command.bundled)
            return
        build = Choice(
            self.tr("Build it from the bundled weights"),
            self.build,
            "model",
            is_primary=True,
        )
        open_model = Choice(
            self.tr("Open model…"), self._actions.open_model.trigger, "file"
        )
        self._show(
            State(
                "model",
                in_words(error.problem),
                self.tr("It takes about a minute, once. Or run this in a terminal:")
                if command.can_run
                else in_words(error.remedy),
                choices=(build, open_model) if command.can_run else (open_model,),
                command=command.shown,
            )
        )

    def _show_other_model(self, error: ModelError, bundled: Path) -> None:
        use_ours = Choice(
            self.tr("Use the bundled model"),
            lambda: self.model_wanted.emit(bundled),
            "model",
            is_primary=True,
        )
        open_model = Choice(
            self.tr("Open model…"), self._actions.open_model.trigger, "file"
        )
        self._show(
            State(
                "model",
                in_words(error.problem),
                in_words(error.remedy),
                choices=(use_ours, open_model),
            )
        )

    @Slot()
    def build(self) -> None:
        """Begin to build the model, and say how far it is."""
        self._builder.start()
        self._show_building(self.tr("Starting…"))

    def show_build_failed(self, details: str) -> None:
        """The build ended without a model; no details where it was cancelled.

        Whoever has turned to something else meanwhile is not torn from it.
        """
        if not self._is_building:
            return
        again = Choice(self.tr("Build again"), self.build, "model", is_primary=True)
        open_model = Choice(
            self.tr("Open model…"), self._actions.open_model.trigger, "file"
        )
        last = details.strip().splitlines()[-1] if details.strip() else ""
        self._show(
            State(
                "model",
                self.tr("The model was not built"),
                last or self.tr("It was cancelled."),
                choices=(again, open_model),
                command=self._builder.command.shown,
                details=details,
            )
        )

    def leave(self) -> None:
        """A picture is shown, so nobody looks at the page."""
        self._is_welcome = self._is_building = False

    def _ways_to_open(self, *, is_primary: bool = False) -> tuple[Choice, ...]:
        action = self._actions.open_file
        return (Choice(action.text(), action.trigger, "file", is_primary),)

    def _small_ways(self) -> tuple[Choice, ...]:
        return tuple(
            Choice(action.text(), action.trigger, name)
            for action, name in (
                (self._actions.open_folder, "folder"),
                (self._actions.open_address, "link"),
            )
        )

    def _show(self, state: State) -> None:
        self._is_welcome = self._is_building = False
        self._is_slow.stop()
        self._page.show_state(state)

    def _show_building(self, line: str) -> None:
        self._show(
            State(
                "model",
                self.tr("Building the model"),
                line,
                small_choices=(Choice(self.tr("Cancel"), self._builder.cancel),),
                is_waiting=True,
            )
        )
        self._is_building = True

    @Slot(str)
    def _on_said(self, line: str) -> None:
        if self._is_building:
            self._page.text.setText(line)

    @Slot()
    def _refresh_welcome(self) -> None:
        if self._is_welcome:
            self.show_welcome()


def _brief(name: str) -> str:
    """A file by its name, the rest as a menu has it."""
    is_path = "://" not in name and len(name.splitlines()) == 1
    return in_menu(PurePath(name).name if is_path else name)


def _opens(opener: Opener, text: str) -> Callable[[], None]:
    return lambda: opener.source_chosen.emit(text)
