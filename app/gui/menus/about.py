"""What this is, of which version and whose licences; and all of it for a bug report."""

import platform
from importlib.metadata import PackageNotFoundError, version

import PySide6
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from app import __version__
from app.gui.languages.marking import QT_TRANSLATE_NOOP
from app.gui.pages.advice import CopyButton

# Package -> its licence; and what its wheels carry besides.
LICENCES = {
    "PySide6-Essentials": "LGPL-3.0",
    "av": "BSD-3-Clause",
    "opencv-python": "Apache-2.0",
    "onnxruntime-gpu": "MIT",
    "onnxruntime": "MIT",
    "openvino": "Apache-2.0",
    "numpy": "BSD-3-Clause",
    "pyqtgraph": "MIT",
    "pillow": "MIT-CMU",
    "pi-heif": "BSD-3-Clause",
    "mss": "MIT",
    "miniaudio": "MIT",
    "orjson": "Apache-2.0 OR MIT",
}
CARRIED = {
    "av": QT_TRANSLATE_NOOP(
        "AboutDialog",
        "its wheels carry FFmpeg (LGPL) with x264 and x265 (GPL-2.0)",
    ),
    "opencv-python": QT_TRANSLATE_NOOP(
        "AboutDialog", "its wheels carry FFmpeg (LGPL) and Qt (LGPL)"
    ),
    "pi-heif": QT_TRANSLATE_NOOP("AboutDialog", "its wheels carry libheif (LGPL)"),
}


class AboutDialog(QDialog):
    """Versions and licences, to read and to copy."""

    def __init__(self, parent: QWidget, name: str, facts: dict[str, str]) -> None:
        """Show them.

        Args:
            parent: the window.
            name: of the app.
            facts: what else a bug report wants to know: name and value.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("About {0}").format(name))
        title = QLabel(f"{name} {__version__}")
        title.setProperty("heading", True)
        self.said = QLabel(self._sentences(), wordWrap=True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = CopyButton(self.tr("Copy for a bug report"))
        self.copy.text_to_copy = report(name, facts)
        self.copy.tint(self.palette())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(14)
        for part in (title, self.said, buttons):
            layout.addWidget(part)

    def _sentences(self) -> str:
        about = self.tr(
            "Shows what a detector sees, live, and records it. MIT licence. Nothing "
            "leaves this machine but what you open."
        )
        licences = [
            self.tr("{0}: {1}").format(f"{package} {found}", self._licence(package))
            for package, found in installed().items()
        ]
        return "\n".join([about, "", self.tr("It stands on:"), *licences])

    def _licence(self, package: str) -> str:
        if package not in CARRIED:
            return LICENCES[package]
        carried = QCoreApplication.translate("AboutDialog", CARRIED[package])
        return self.tr("{0}; {1}").format(LICENCES[package], carried)


def installed() -> dict[str, str]:
    """The version of each package of `LICENCES` that is installed here."""
    found = {}
    for package in LICENCES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def report(name: str, facts: dict[str, str]) -> str:
    """What somebody who mends a fault would ask first, a line each; no names in it."""
    lines = {
        name: __version__,
        "Python": platform.python_version(),
        "System": platform.platform(),
        "Qt": f"{PySide6.__version__} ({QGuiApplication.platformName()})",
        **installed(),
        **facts,
    }
    return "\n".join(f"{key}: {value}" for key, value in lines.items())
