"""Pictures of how good a detector is."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from model.evaluation.evaluate import Report

# Classes with fewer objects have steps, not curves.
_LEAST_OBJECTS = 10


def write_precision_recall(report: Report, path: Path) -> None:
    """Precision over recall at IoU 0.5, a line a class, to `path` (.png, .svg)."""
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.add_subplot()
    recall = np.linspace(0, 1, 101)
    shown = {
        name: curve
        for name, curve in report.precision_by_class.items()
        if report.objects_by_class[name] >= _LEAST_OBJECTS
    }
    for name, curve in shown.items():
        ap = report.ap50_by_class[name] or 0.0
        axes.plot(recall, curve, label=f"{name} {100 * ap:.0f}")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    axes.set_title(
        f"IoU 0.5, {report.image_count} photos; classes with at least "
        f"{_LEAST_OBJECTS} objects, and their AP50"
    )
    axes.grid(alpha=0.3)
    if shown:
        axes.legend(fontsize="small")
    figure.savefig(path, dpi=120)
