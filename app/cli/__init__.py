"""The command line: `main`, and a file a command.

A command is a module with `add_parser(commands)` and `run(options)`; a new one wants
a file here and its name in `_COMMANDS`.
"""

import argparse
import logging
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import app
from app.cli.console import complain, end_process, log_to_stderr, use_terminal
from app.errors import SourceError, UserError

# Where each is. Only the one that is meant is read, but for --help: to import and
# describe all took a tenth of the time until the window is painted.
_COMMANDS = {
    "watch": "app.cli.watch",
    "export": "app.cli.export",
    "plan": "app.cli.plan",
    "render": "app.cli.render",
    "count": "app.cli.tracking.count",
    "track": "app.cli.tracking.track",
    "hide": "app.cli.hiding.hide",
    "compare": "app.cli.comparing.compare",
    "keep": "app.cli.comparing.keep",
    "verify": "app.cli.comparing.verify",
    "demo": "app.cli.demo",
    "serve": "app.cli.serve",
    "doctor": "app.cli.doctor",
}
# What is meant where no command is named.
_DEFAULT = "watch"

_EXAMPLES = """\
examples:
  python main.py                          the window, which asks what to watch
  python main.py holiday.mp4              a video file
  python main.py 1                        the second camera
  python main.py "Logi C920@1920x1080/30" a camera by its name, and what to ask of it
  python main.py rtsp://user:password@192.168.1.9/stream
  python main.py screen                   what the screen shows
  python main.py holiday.mp4 --record out.mp4 --headless
                                          an annotated file, no window
  python main.py photos/ --record annotated/ --headless
                                          photos: a folder, files, "*.jpg"
  python main.py --model my.onnx --device cuda
                                          your own model, on the GPU or not at all

more commands (each has its own --help):
  python main.py export holidays/ --out annotated/
                                          many files: annotated videos, detections
  python main.py --sidecar annotated/a.jsonl
                                          see it again, without detecting again
  python main.py render annotated/a.jsonl out.mp4 --class person
                                          draw it again, without detecting again
  python main.py count annotated/a.jsonl --rules lines.json
                                          who crossed which line, without the video
  python main.py hide street.mp4 --class person --out hidden/
                                          cover people, and prove it
  python main.py compare a.onnx b.onnx --source street.mp4
                                          two detectors, side by side, and a table
  python main.py keep street.mp4 --from 12; python main.py verify scenes/
                                          what has changed since it was kept
  python main.py demo holiday.mp4         a GIF and an MP4 to show around
  python main.py serve                    the model, for other machines; there:
                                          --model http://HOST:8000/v2/models/NAME
  python main.py doctor                   what works here, what does not, and the fix
"""


def main(argv: list[str] | None = None) -> int:
    """Run the app; returns the exit code (2: something the user can mend)."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        options = _parse(arguments)
        log_to_stderr(logging.DEBUG if options.verbose else logging.WARNING)
        code: int = options.run(options)
    except UserError as error:
        complain(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    return code


def run_as_script() -> None:
    """Run, and end the process: for main.py, and for what is put on PATH."""
    use_terminal()
    try:
        code = main()
    except SystemExit as ended:  # --help, and a wrong option
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:  # noqa: BLE001 - a bug: told as ever
        sys.excepthook(*sys.exc_info())
        code = 1
    end_process(code)


def _parse(arguments: list[str]) -> argparse.Namespace:
    """What is to be done; leaves where `--help` or a wrong option ends it."""
    if arguments and arguments[0] in ("-h", "--help", "--version"):
        return _root().parse_args(arguments[:1])
    name, rest = _command(arguments)
    parser = _parser(name)
    if name == _DEFAULT:
        # Files may stand before, between and behind options; behind -- are but files.
        end = rest.index("--") if "--" in rest else len(rest)
        options = parser.parse_intermixed_args(rest[:end])
        options.sources += rest[end + 1 :]
        return options
    return parser.parse_args(rest)


def _root() -> argparse.ArgumentParser:
    """The parser that tells of all."""
    root, added = _begun(_COMMANDS)
    # What is meant by no command is read by its own parser.
    shown = root.add_argument_group("without a command, or with watch")
    import_module(_COMMANDS[_DEFAULT]).add_options(shown)
    for parser in (shown, *added.values()):
        _add_verbose(parser)
    return root


def _parser(name: str) -> argparse.ArgumentParser:
    """One command's."""
    parser = _begun([name])[1][name]
    _add_verbose(parser)
    return parser


def _begun(
    names: Iterable[str],
) -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The root of those commands, and the parser of each."""
    root = argparse.ArgumentParser(
        prog="main.py",
        usage="main.py [options] [S ...]\n       main.py COMMAND ...",
        description="See what a MobileNet-SSD sees, live, and record it.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument(
        "--version", action="version", version=f"MobileNet-SSD Live {app.__version__}"
    )
    added = root.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", prog=root.prog
    )
    for name in names:
        import_module(_COMMANDS[name]).add_parser(added)
    return root, added.choices


def _add_verbose(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--verbose", action="store_true", help="log what happens")


def _command(arguments: list[str]) -> tuple[str, list[str]]:
    """The command that is meant, and what it is told.

    Raises:
        UserError: it is no command, nor anything else, but looks like one; or it
            stands behind what it does not know.
    """
    if arguments and arguments[0] in _COMMANDS:
        return arguments[0], arguments[1:]
    options, unknown = _parser(_DEFAULT).parse_known_args(arguments)
    words: list[str] = options.sources
    named = next((word for word in words if word in _COMMANDS), None)
    if named is not None and not Path(named).exists():
        if words[0] == named:  # options alone stand before it
            at = arguments.index(named)
            return named, arguments[:at] + arguments[at + 1 :]
        if unknown:
            raise UserError(
                f"The command {named} has to come first.",
                f"Write: main.py {named} ...",
            )
    if words:
        _check_for_typos(words[0], list(_COMMANDS))
    return _DEFAULT, arguments


def _check_for_typos(word: str, commands: list[str]) -> None:
    if Path(word).exists():
        return
    import difflib

    if not (close := difflib.get_close_matches(word, commands, n=1)):
        return
    from app.media.sources.make import make_source  # loads OpenCV

    try:
        make_source(word)
    except SourceError:
        raise UserError(
            f"There is no command, no file and no camera called {word}.",
            f"Did you mean {close[0]}?",
        ) from None
