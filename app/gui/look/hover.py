"""Buttons that look hovered although the mouse has gone."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton


def hang(menu: QMenu, button: QToolButton | QPushButton) -> None:
    """Let `button` open `menu`, and look anew where the mouse is when that closes.

    Qt does not tell a button that the mouse left it while its menu was open.
    """
    button.setMenu(menu)

    def look() -> None:
        is_there = button.rect().contains(button.mapFromGlobal(QCursor.pos()))
        button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, is_there)
        button.update()

    menu.aboutToHide.connect(look)
