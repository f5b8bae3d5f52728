"""Icons in the colour of the text around them, so that dark and light both work."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

RED = QColor(224, 49, 49)

_SHAPES = {  # 24 x 24
    "screen": '<path d="M3 4h18a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-7v2h3v2H7v-2h3v-2H3a2 '
    '2 0 0 1-2-2V6a2 2 0 0 1 2-2zm0 2v10h18V6z" fill-rule="evenodd"/>',
    "camera": '<path d="M3 7h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V9a2 2 0 '
    '0 1 2-2zm13.5 4 5-3.2a1 1 0 0 1 1.5.9v6.6a1 1 0 0 1-1.5.9l-5-3.2z"/>',
    "file": '<path d="M3 5h6l2 2h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V6a1 '
    '1 0 0 1 1-1zm1 5v8h16v-8z" fill-rule="evenodd"/>',
    "play": '<path d="M7 4.5v15a1 1 0 0 0 1.5.9l12-7.5a1 1 0 0 0 0-1.8l-12-7.5A1 1 0 '
    '0 0 7 4.5z"/>',
    "pause": '<rect x="5" y="4" width="5" height="16" rx="1"/><rect x="14" y="4" '
    'width="5" height="16" rx="1"/>',
    "record": '<circle cx="12" cy="12" r="8"/>',
    "snapshot": '<path d="M9 4h6l1.6 2.5H20a2 2 0 0 1 2 2V18a2 2 0 0 1-2 2H4a2 2 0 0 '
    "1-2-2V8.5a2 2 0 0 1 2-2h3.4zM12 8a5 5 0 1 0 0 10 5 5 0 0 0 0-10zm0 2a3 3 0 1 "
    '1 0 6 3 3 0 0 1 0-6z" fill-rule="evenodd"/>',
    "previous": '<rect x="5" y="5" width="3" height="14" rx="1"/><path d="M19 6v12a1 '
    '1 0 0 1-1.6.8l-7.6-6a1 1 0 0 1 0-1.6l7.6-6A1 1 0 0 1 19 6z"/>',
    "next": '<rect x="16" y="5" width="3" height="14" rx="1"/><path d="M5 6v12a1 1 0 '
    '0 0 1.6.8l7.6-6a1 1 0 0 0 0-1.6l-7.6-6A1 1 0 0 0 5 6z"/>',
    "first": '<rect x="3" y="5" width="2.6" height="14" rx="1"/><path d="M13 6v12a1 '
    "1 0 0 1-1.6.8l-5.6-6a1 1 0 0 1 0-1.6l5.6-6A1 1 0 0 1 13 6zm8 0v12a1 1 0 0 "
    '1-1.6.8l-5.6-6a1 1 0 0 1 0-1.6l5.6-6A1 1 0 0 1 21 6z"/>',
    "last": '<rect x="18.4" y="5" width="2.6" height="14" rx="1"/><path d="M11 6v12a1 '
    "1 0 0 0 1.6.8l5.6-6a1 1 0 0 0 0-1.6l-5.6-6A1 1 0 0 0 11 6zM3 6v12a1 1 0 0 0 "
    '1.6.8l5.6-6a1 1 0 0 0 0-1.6l-5.6-6A1 1 0 0 0 3 6z"/>',
    "loop": '<path d="M7 6h10a4 4 0 0 1 4 4v3h-2.2v-3A1.8 1.8 0 0 0 17 8.2H7V11L2.5 7 '
    '7 3zm10 12H7a4 4 0 0 1-4-4v-3h2.2v3A1.8 1.8 0 0 0 7 15.8h10V13l4.5 4-4.5 4z"/>',
    "sound": '<path d="M3 9v6h4l5 4.5v-15L7 9zm12-1.2v8.4a4.6 4.6 0 0 0 0-8.4zm0-'
    '4.3v2.2a6.8 6.8 0 0 1 0 12.6v2.2a9 9 0 0 0 0-17z"/>',
    "muted": '<path d="M3 9v6h4l5 4.5v-15L7 9zm12.6-.6 2.4 2.4 2.4-2.4 1.6 1.6-2.4 2.4 '
    '2.4 2.4-1.6 1.6-2.4-2.4-2.4 2.4-1.6-1.6 2.4-2.4-2.4-2.4z"/>',
    "stop": '<rect x="5" y="5" width="14" height="14" rx="2"/>',
    "folder": '<path d="M3 4h6l2 2h9a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H4a2 2 0 0 '
    '1-2-2V5a1 1 0 0 1 1-1z"/>',
    "link": '<path d="M10.6 13.4a4.5 4.5 0 0 0 6.4 0l3.6-3.6a4.5 4.5 0 0 '
    "0-6.4-6.4l-1.7 1.7 1.5 1.5 1.7-1.7a2.4 2.4 0 0 1 3.4 3.4l-3.6 3.6a2.4 2.4 0 0 "
    "1-3.4 0zm2.8-2.8a4.5 4.5 0 0 0-6.4 0l-3.6 3.6a4.5 4.5 0 0 0 6.4 "
    "6.4l1.7-1.7-1.5-1.5-1.7 1.7a2.4 2.4 0 0 1-3.4-3.4l3.6-3.6a2.4 2.4 0 0 1 3.4 "
    '0z"/>',
    "panel": '<path d="M4 4h16a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V6a2 2 0 '
    '0 1 2-2zm0 2v12h10V6z" fill-rule="evenodd"/>',
    "keyboard": '<path d="M3 5h18a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V7a2 '
    "2 0 0 1 2-2zm1.5 3v2.2h2.2V8zm4 0v2.2h2.2V8zm4 0v2.2h2.2V8zm4 0v2.2h2.8V8zM6 "
    '12v2.2h2.2V12zm4 0v2.2h2.2V12zm4 0v2.2h2.2V12zM8 15.6V17h8v-1.4z" '
    'fill-rule="evenodd"/>',
    "copy": '<path d="M9 2h9a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2V4a2 2 0 0 '
    '1 2-2zm0 2v11h9V4zM4 7v13h11v2H4a2 2 0 0 1-2-2V7z" fill-rule="evenodd"/>',
    "folded": '<path d="M9 6.5v11a1 1 0 0 0 1.6.8l6.4-5.5a1 1 0 0 0 0-1.6l-6.4-5.5A1 '
    '1 0 0 0 9 6.5z"/>',
    "unfolded": '<path d="M6.5 9h11a1 1 0 0 1 .8 1.6L12.8 17a1 1 0 0 1-1.6 '
    '0l-5.5-6.4A1 1 0 0 1 6.5 9z"/>',
    "camera-off": '<path d="M2.7 1.3 22.7 21.3l-1.4 1.4-4.6-4.6H3a2 2 0 0 1-2-2V9a2 2 '
    "0 0 1 2-2h2.6L1.3 2.7zM9.8 7H13a2 2 0 0 1 2 2v3.2zm6.7 4 5-3.2a1 1 0 0 1 "
    '1.5.9v6.6a1 1 0 0 1-1.5.9l-5-3.2z"/>',
    "warning": '<path d="M10.3 3.5a2 2 0 0 1 3.4 0l8.6 15a2 2 0 0 1-1.7 3H3.4a2 2 0 0 '
    '1-1.7-3zM11 9v6h2V9zm0 7.5v2.2h2v-2.2z" fill-rule="evenodd"/>',
    "model": '<path d="M12 1.8 21.5 7v10L12 22.2 2.5 17V7zm0 2.3L5.7 7.5 12 '
    '11l6.3-3.5zM4.5 9.3v6.5l6.5 3.6v-6.5zm15 0L13 12.9v6.5l6.5-3.6z" '
    'fill-rule="evenodd"/>',
}


def icon(name: str, palette: QPalette, *, color: QColor | None = None) -> QIcon:
    """The icon called `name`, for text of `palette`, also when disabled or selected."""
    group, role = QPalette.ColorGroup, QPalette.ColorRole.ButtonText
    text = palette.color(group.Active, role) if color is None else color
    chosen = palette.color(group.Active, QPalette.ColorRole.HighlightedText)
    disabled = palette.color(group.Disabled, role)
    return _made(name, text.name(), disabled.name(), chosen.name())


def plain_icon(pixmap: QPixmap) -> QIcon:
    """A picture as it is, also in a row that is selected, where Qt paints it blue."""
    result = QIcon(pixmap)
    result.addPixmap(pixmap, QIcon.Mode.Selected)
    return result


# A start asks for 67 and there are 30; drawn anew each time, from an SVG of its own
# for each size, they were a third of what it takes to make the window.
@lru_cache(maxsize=256)
def _made(name: str, color: str, disabled_color: str, chosen_color: str) -> QIcon:
    result = QIcon()
    for mode, tint in (
        (QIcon.Mode.Normal, color),
        (QIcon.Mode.Disabled, disabled_color),
        (QIcon.Mode.Selected, chosen_color),
    ):
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 28 28" '
            f'fill="{tint}">{_SHAPES[name]}</svg>'
        )
        renderer = QSvgRenderer(QByteArray(svg.encode()))
        for side in (24, 48, 72):  # 1x, 2x and 3x screens
            result.addPixmap(_rendered(renderer, side), mode)
    return result


def _rendered(renderer: QSvgRenderer, side: int) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap
