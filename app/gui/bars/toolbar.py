"""The bar above the picture: what is used most, and where the detector runs."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from app.gui.action_table import PAUSE, PLAY_ON, RESUME, TOOLBAR
from app.gui.actions import Actions
from app.gui.bars.badge import Badge
from app.gui.look.hover import hang
from app.gui.look.icons import icon
from app.gui.menus.more_menu import MoreMenu
from app.gui.playing.keeper import RecordingState

# Around and inside of its buttons, as the style sheet has it.
GAP_PX, PAD_PX = 6, 11
DOTS = "\N{MIDLINE HORIZONTAL ELLIPSIS}"


class ToolBar(QToolBar):
    """Buttons of the window's actions, and the badge.

    Signals:
        badge_clicked: tell more about where the detector runs.
    """

    badge_clicked = Signal()

    def __init__(
        self, actions: Actions, *, camera_menu: QMenu, recent_menu: QMenu
    ) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Tools"))
        self.setObjectName("tools")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._width_with_words = 0
        self._camera = self._menu_button(self.tr("Camera"), camera_menu)
        self._camera.setToolTip(self.tr("Open a camera"))
        self.addWidget(self._camera)
        self._open = self._menu_button(self.tr("Open"), self._open_menu(actions))
        self._open.setToolTip(self.tr("Open a file, a folder or an address"))
        self._open.menu().addSeparator()
        recent = self._open.menu().addMenu(recent_menu)
        recent.setText(self.tr("Recent"))
        self.addWidget(self._open)
        self.addSeparator()
        self.addActions(actions.named(TOOLBAR))
        self._record = actions.record
        self._widest = self._widths(actions)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self.badge = _BadgeButton()
        self.badge.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.badge.clicked.connect(self.badge_clicked)
        self.addWidget(self.badge)
        self.more_menu = MoreMenu(actions, self)
        self._more = self._menu_button(DOTS, self.more_menu)
        self._more.setToolTip(self.tr("More: view, tools, help"))
        self._more.setAccessibleName(self.tr("More"))
        self._more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.addWidget(self._more)
        self.addAction(actions.panel)
        self._panel = self.widgetForAction(actions.panel)
        if isinstance(self._panel, QToolButton):
            self._panel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            self._panel.setAccessibleName(actions.panel.text())
        for action in actions.named((*TOOLBAR, "panel")):
            self.widgetForAction(action).setFocusPolicy(Qt.FocusPolicy.TabFocus)
            action.changed.connect(self._refit)
        self._fit()

    def tint(self, palette: QPalette) -> None:
        """Draw its own icons for `palette`."""
        self._camera.setIcon(icon("camera", palette))
        self._open.setIcon(icon("file", palette))

    def show_recording(self, state: RecordingState | None) -> None:
        """Say in the button itself for how long; None: none runs."""
        text = "" if state is None else self.tr("Stop {0}").format(state.elapsed)
        if self._record.iconText() != (text or self._record.text()):
            self._record.setIconText(text)  # of none it takes its text

    @property
    def stops(self) -> list[QWidget]:
        """Where Tab halts, from the left."""
        buttons = [self.widgetForAction(action) for action in self.actions()]
        return [b for b in buttons if b.focusPolicy() & Qt.FocusPolicy.TabFocus]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words where there is room for them; every button, always."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """As narrow as the icons are: nothing goes where one cannot see it."""
        hint = super().minimumSizeHint()
        return QSize(self._needed(with_words=False), hint.height())

    @Slot()
    def _refit(self) -> None:
        """Words may be longer now; before a window is shown, it has no width yet."""
        if self.window().isVisible():
            self._fit()

    def _fit(self) -> None:
        styles = Qt.ToolButtonStyle
        if self._camera.toolButtonStyle() == styles.ToolButtonTextBesideIcon:
            self._width_with_words = self.sizeHint().width()  # measured, not reckoned
        needed = max(self._width_with_words, self._needed(with_words=True))
        style = (
            styles.ToolButtonTextBesideIcon
            if self.width() >= needed
            else styles.ToolButtonIconOnly
        )
        for button in self._buttons():
            if button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)
        with_words = style == styles.ToolButtonTextBesideIcon
        for changing, width in self._widest.items():  # so that none moves under a hand
            changing.setMinimumWidth(width if with_words else 0)

    def _widths(self, actions: Actions) -> dict[QWidget, int]:
        """Of the buttons whose words change, the width that all of them fit in."""
        longest = self.tr("Stop {0}").format("00:00")
        words = {
            actions.pause: [actions.tr(face.text) for face in (PAUSE, PLAY_ON, RESUME)],
            actions.record: [actions.record.text(), longest],
        }
        advance, more = self.fontMetrics().horizontalAdvance, GAP_PX + 2 * PAD_PX
        return {
            self.widgetForAction(action): self.iconSize().width()
            + more
            + max(map(advance, texts))
            for action, texts in words.items()
        }

    def _buttons(self) -> list[QToolButton]:
        """Those with words."""
        found = [self.widgetForAction(action) for action in self.actions()]
        lone = (self._panel, self._more)
        return [b for b in found if isinstance(b, QToolButton) and b not in lone]

    def _needed(self, *, with_words: bool) -> int:
        """Its width, with words or without; about, and rather too much."""
        width, metrics = 4 * GAP_PX, self.fontMetrics()
        for button in self._buttons():
            width += self.iconSize().width() + GAP_PX + 2 * PAD_PX
            if with_words:
                width += metrics.horizontalAdvance(button.text()) + GAP_PX
        for other in (self.badge, self._more, self._panel):
            width += other.sizeHint().width() + GAP_PX
        return width

    def _open_menu(self, actions: Actions) -> QMenu:
        menu = QMenu(self)
        menu.addActions([actions.open_file, actions.open_folder, actions.open_address])
        menu.addAction(actions.open_screen)
        menu.addSeparator()
        menu.addActions([actions.open_model, actions.compare])
        menu.addSeparator()
        menu.addAction(actions.close_source)
        return menu

    def _menu_button(self, text: str, menu: QMenu) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        hang(menu, button)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button


class _BadgeButton(Badge):
    """A badge that can be clicked.

    Signals:
        clicked: by mouse or key.
    """

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space or Enter do as a click does."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Space is the badge's while it has the focus, and pauses otherwise."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
        ):
            event.accept()
            return True
        return super().event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
