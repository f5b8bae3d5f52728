"""Loads Qt without what PySide hooks into every later import.

From then on it would read the source of each module that is imported, and keep it, to
see whether that wants its `__feature__` (snake_case names for Qt's); none of ours does.
That was an eighth of the time until the window is painted.
"""

import builtins

_import = builtins.__import__
import PySide6.QtCore  # noqa: E402, F401 - between the two is the point

builtins.__import__ = _import
