"""The bar above the picture: what is used most, and where the detector runs."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPalette
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from app.gui.action_table import TOOLBAR
from app.gui.actions import Actions
from app.gui.bars.badge import Badge
from app.gui.look.icons import icon


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
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self.badge = _BadgeButton()
        self.badge.clicked.connect(self.badge_clicked)
        self.addWidget(self.badge)
        self.addAction(actions.panel)
        panel = self.widgetForAction(actions.panel)
        if isinstance(panel, QToolButton):
            panel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            panel.setAccessibleName(actions.panel.text())

    def tint(self, palette: QPalette) -> None:
        """Draw its own icons for `palette`."""
        self._camera.setIcon(icon("camera", palette))
        self._open.setIcon(icon("file", palette))

    def _open_menu(self, actions: Actions) -> QMenu:
        menu = QMenu(self)
        menu.addActions([actions.open_file, actions.open_folder, actions.open_address])
        menu.addAction(actions.open_screen)
        menu.addSeparator()
        menu.addAction(actions.open_model)
        menu.addSeparator()
        menu.addAction(actions.close_source)
        return menu

    def _menu_button(self, text: str, menu: QMenu) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setMenu(menu)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button


class _BadgeButton(Badge):
    """A badge that can be clicked.

    Signals:
        clicked: by mouse.
    """

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
