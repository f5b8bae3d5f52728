"""The build's command line: `main`, and a file a command.

A command is a module with `add_parser(commands)`, which sets `run`; a new one wants a
file here and its name in `_COMMANDS`.
"""

import argparse
import os
import sys

from app.cli.console import complain, use_terminal
from app.errors import UserError
from model.cli import convert, dataset, evaluate, fetch, summary, train
from model.errors import BuildError

_COMMANDS = (convert, fetch, evaluate, dataset, train, summary)
# What `requirements-train.txt` brings, and the app does without.
_OF_TRAINING = {
    *("tensorflow", "keras", "tf2onnx", "onnx", "h5py", "google"),
    *("pycocotools", "matplotlib", "tensorboard"),
}
# What is meant where nothing is said.
_DEFAULT = "convert"

_EXAMPLES = """\
examples:
  python build_model.py                       the bundled weights, where there are any
  python build_model.py convert ssd_mobilenet_v1.tflite
                                              weights you have, for python main.py
  python build_model.py convert mobilenet_iter_73000.caffemodel -o voc.onnx
  python build_model.py fetch voc0712         chuanqi305's weights, from the web
  python build_model.py convert ssd.tflite --int8 --fp16
                                              and copies for CPUs and for GPUs
  python build_model.py summary --alpha 0.5   what a network costs
  python build_model.py evaluate mine.onnx photos/
                                              AP on photos/images and
                                              photos/instances.json (COCO format)
  python build_model.py dataset check photos/ what is wrong with labelled photos
  python build_model.py train photos/ --val more/ --classes cat,dog --out run/
                                              learn your own classes, from the
                                              bundled weights; then convert
                                              run/best.keras
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code (2: something the user can mend)."""
    arguments = sys.argv[1:] if argv is None else argv
    options = _parser().parse_args(arguments or [_DEFAULT])
    # TensorFlow reads it when it is imported, which happens below this line only.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        code: int = options.run(options)
    except (BuildError, UserError) as error:
        complain(str(error))
        return 2
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _OF_TRAINING:
            raise
        print(
            f"error: {missing} is not installed; the app runs without, models are "
            "not made without. Install it: pip install -r requirements.txt (or, "
            "installed: pip install 'mobilenet-ssd-live[train]').",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        return 130
    return code


def run_as_script() -> None:
    """Run, and end the process: for build_model.py, and for what is put on PATH."""
    use_terminal()
    sys.exit(main())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_model.py",
        description="Make the model that main.py runs, or measure one.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser
