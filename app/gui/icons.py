"""Icons in the colour of the text around them, so that dark and light both work."""

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

RED = QColor(224, 49, 49)

_SHAPES = {  # 24 x 24
    "camera": '<path d="M3 7h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V9a2 2 '
    '0 0 1 2-2zm13.5 4 5-3.2a1 1 0 0 1 1.5.9v6.6a1 1 0 0 1-1.5.9l-5-3.2z"/>',
    "file": '<path d="M3 5h6l2 2h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V6a1 '
    '1 0 0 1 1-1zm1 5v8h16v-8z" fill-rule="evenodd"/>',
    "play": '<path d="M7 4.5v15a1 1 0 0 0 1.5.9l12-7.5a1 1 0 0 0 0-1.8l-12-7.5A1 1 0 '
    '0 0 7 4.5z"/>',
    "pause": '<rect x="5" y="4" width="5" height="16" rx="1"/>'
    '<rect x="14" y="4" width="5" height="16" rx="1"/>',
    "record": '<circle cx="12" cy="12" r="8"/>',
    "snapshot": '<path d="M9 4h6l1.6 2.5H20a2 2 0 0 1 2 2V18a2 2 0 0 1-2 2H4a2 2 0 0 1'
    "-2-2V8.5a2 2 0 0 1 2-2h3.4zM12 8a5 5 0 1 0 0 10 5 5 0 0 0 0-10zm0 2a3 3 0 1 1 0 6 "
    '3 3 0 0 1 0-6z" fill-rule="evenodd"/>',
    "previous": '<rect x="5" y="5" width="3" height="14" rx="1"/>'
    '<path d="M19 6v12a1 1 0 0 1-1.6.8l-7.6-6a1 1 0 0 1 0-1.6l7.6-6A1 1 0 0 1 19 6z"/>',
    "next": '<rect x="16" y="5" width="3" height="14" rx="1"/>'
    '<path d="M5 6v12a1 1 0 0 0 1.6.8l7.6-6a1 1 0 0 0 0-1.6l-7.6-6A1 1 0 0 0 5 6z"/>',
    "loop": '<path d="M7 6h10a4 4 0 0 1 4 4v3h-2.2v-3A1.8 1.8 0 0 0 17 8.2H7V11L2.5 7 '
    '7 3zm10 12H7a4 4 0 0 1-4-4v-3h2.2v3A1.8 1.8 0 0 0 7 15.8h10V13l4.5 4-4.5 4z"/>',
    "stop": '<rect x="5" y="5" width="14" height="14" rx="2"/>',
    "model": '<path d="M12 1.8 21.5 7v10L12 22.2 2.5 17V7zm0 2.3L5.7 7.5 12 11l6.3-3.5z'
    'M4.5 9.3v6.5l6.5 3.6v-6.5zm15 0L13 12.9v6.5l6.5-3.6z" fill-rule="evenodd"/>',
}


def icon(name: str, palette: QPalette, *, color: QColor | None = None) -> QIcon:
    """The icon called `name`, for text of `palette`, also when disabled."""
    group = QPalette.ColorGroup
    result = QIcon()
    for mode, disabled in ((QIcon.Mode.Normal, False), (QIcon.Mode.Disabled, True)):
        text = palette.color(
            group.Disabled if disabled else group.Active, QPalette.ColorRole.ButtonText
        )
        tint = color if color is not None and not disabled else text
        for side in (24, 48, 72):  # 1x, 2x and 3x screens
            result.addPixmap(_render(name, tint, side), mode)
    return result


def _render(name: str, color: QColor, side: int) -> QPixmap:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" '
        f'fill="{color.name()}">{_SHAPES[name]}</svg>'
    )
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap
