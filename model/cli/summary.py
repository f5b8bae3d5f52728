"""`build_model.py summary`: what a network costs, by layer."""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from model.cli.options import FAMILIES, Commands, config_of
from model.cli.quiet import quiet_tensorflow
from model.dataset.names import read_class_names
from model.errors import BuildError

if TYPE_CHECKING:
    from model.network.config import SsdConfig
    from model.network.summary import LayerCost


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    summary = commands.add_parser("summary", help="what a network costs, by layer")
    summary.add_argument("--family", choices=FAMILIES, default="caffe-voc")
    summary.add_argument(
        "--alpha", type=float, default=1.0, metavar="A", help="width multiplier"
    )
    summary.add_argument("--activation", choices=["relu", "relu6"])
    summary.add_argument(
        "--last-layer",
        choices=["convolution", "global-average-pooling"],
        default="convolution",
    )
    summary.add_argument(
        "--labels", type=Path, metavar="FILE", help="class names, a line each"
    )
    summary.add_argument("--json", action="store_true", help="print JSON")
    summary.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the costs, as a table or as JSON."""
    class_names = read_class_names(options.labels) if options.labels else None
    with quiet_tensorflow():
        from model.network.network import build_network
        from model.network.summary import is_backbone, summarize, total
        from model.network.vgg import build_vgg16_ssd300

        config = _config(options, class_names)
        ours = summarize(build_network(config))
        vgg = summarize(build_vgg16_ssd300(len(config.class_names) + 1))
    compared = {
        name: {
            "all": total(costs),
            "backbone": total([cost for cost in costs if is_backbone(cost.name)]),
        }
        for name, costs in (("mobilenet_ssd", ours), ("vgg16_ssd300", vgg))
    }
    if options.json:
        layers = [asdict(cost) for cost in ours]
        print(json.dumps({"layers": layers, "totals": compared}, indent=2))
    else:
        _print_table(ours, compared)
    return 0


def _config(
    options: argparse.Namespace, class_names: tuple[str, ...] | None
) -> "SsdConfig":
    config = config_of(options.family, alpha=options.alpha)
    try:
        if class_names is not None:
            config = replace(config, class_names=class_names)
        config = replace(config, last_layer=options.last_layer)
        if options.activation is not None:
            config = replace(
                config, activation=options.activation, neck_activation=None
            )
    except ValueError as error:
        raise BuildError(
            f"There is no such network: {error}.", "Choose other values for it."
        ) from error
    return config


def _print_table(
    costs: "list[LayerCost]", compared: dict[str, dict[str, dict[str, int]]]
) -> None:
    print(f"{'layer':<20}{'output':>16}{'parameters':>12}{'Mmadds':>9}{'KiB out':>9}")
    for cost in costs:
        shape = " x ".join(str(side) for side in cost.output_shape)
        print(
            f"{cost.name:<20}{shape:>16}{cost.parameters:>12,}"
            f"{cost.multiply_adds / 1e6:>9.1f}{cost.activation_bytes / 1024:>9.0f}"
        )
    print()
    for part in ("backbone", "all"):
        small, big = (compared[n][part] for n in ("mobilenet_ssd", "vgg16_ssd300"))
        print(
            f"{part}: {small['parameters'] / 1e6:.2f} M parameters, "
            f"{small['multiply_adds'] / 1e9:.2f} G multiply-adds, "
            f"{small['activation_bytes'] / 2**20:.1f} MiB of outputs; "
            f"VGG16-SSD300 {big['parameters'] / 1e6:.2f} M, "
            f"{big['multiply_adds'] / 1e9:.2f} G, "
            f"{big['activation_bytes'] / 2**20:.1f} MiB: "
            f"1/{big['multiply_adds'] / small['multiply_adds']:.1f} "
            "of its multiply-adds"
        )
