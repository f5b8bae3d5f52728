"""Names for screen readers, where no label that is seen tells what something is."""

from PySide6.QtWidgets import QLabel, QWidget


def call(control: QWidget, name: str) -> None:
    """Name a control that stands in its place already.

    On Linux Qt takes what is chosen in a list for its name, and tells what it is for
    by the label beside it only: so there is one, of no size.
    """
    control.setAccessibleName(name)
    label = QLabel(name, control.parentWidget())
    label.setBuddy(control)
    label.setFixedSize(0, 0)
