"""`main.py serve`: this machine's model for others, by the Open Inference Protocol."""

import argparse
import os
from pathlib import Path

import app
from app.cli.console import say
from app.cli.options import Commands, add_model_option
from app.errors import ModelError, UserError
from app.settings import DEVICES

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    serve = commands.add_parser(
        "serve",
        help="run the model for other machines",
        description="Answers the Open Inference Protocol (v2) over HTTP, so that "
        "another machine watches with --model http://HOST:PORT/v2/models/NAME. "
        "Whoever asks has to know the token in the variable SSD_LIVE_TOKEN, where "
        "there is one; nothing is encrypted.",
    )
    serve.set_defaults(run=run)
    add_model_option(serve)
    serve.add_argument("--device", choices=DEVICES, default="auto")
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help="where to listen; 0.0.0.0: for the network (default: this machine alone)",
    )
    serve.add_argument("--port", type=int, default=8000, metavar="N")


def run(options: argparse.Namespace) -> int:
    """Serve until it is told to stop."""
    from app.detection.devices.machine import Machine
    from app.detection.engines.session import Wish, open_engine
    from app.detection.remote.client import TOKEN_VARIABLE, address_of, token_in
    from app.detection.remote.server import ModelServer

    if address_of(options.model):
        raise ModelError(
            "A model elsewhere cannot be served from here.", "Choose a file."
        )
    token = token_in(os.environ)
    engine, _, model = open_engine(options.model, Wish(options.device), Machine())
    try:
        name = _name_of(model)
        try:
            server = ModelServer(
                engine,
                name,
                host=options.host,
                port=options.port,
                token=token,
                version=app.__version__,
            )
        except (OSError, OverflowError) as error:
            raise UserError(
                f"Nothing can listen on {options.host}, port {options.port} ({error}).",
                "Choose another --port, or --host.",
            ) from error
        with server:
            say(f"Serving {model.name} on {engine.facts.provider}: {server.address}")
            if options.host not in LOOPBACK and not token:
                say(f"Anybody in the network may ask; {TOKEN_VARIABLE} is not set.")
            server.serve_forever(poll_interval=0.1)
    finally:
        engine.close()
    return 0


def _name_of(model: Path) -> str:
    """What it is called in the address: letters and digits, whatever the file has."""
    name = model.name.removesuffix(".onnx")
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in name) or "model"
