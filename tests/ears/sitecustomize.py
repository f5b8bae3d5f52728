"""Python loads this first where the folder is on its path: it hears what it does.

Every look-up, connection and file opened for writing goes to $EARS, a line each, of
this process and of all that it starts.
"""

import json
import os
import sys

_out = os.open(os.environ["EARS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SENDS = ("socket.connect", "socket.sendto", "socket.sendmsg", "urllib.Request")
_ASKS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_LOADED = ("onnxruntime.capi._pybind_state", "openvino._pyopenvino")


def _hear(event: str, args: tuple[object, ...]) -> None:
    if event == "open" and isinstance(args[2], int) and args[2] & _WRITES:
        _tell("write", args[0])
    elif event in ("os.rename", "os.link", "os.symlink"):
        _tell("write", args[1])
    elif event == "os.mkdir":
        _tell("write", args[0])
    elif event in _ASKS:
        _tell("ask", args[0])
    elif event in _SENDS:
        _tell("send", args[-1])
    elif event == "import" and args[0] in _LOADED:
        _tell("import", args[0])


def _tell(what: str, of: object) -> None:
    if isinstance(of, int):  # a file that is open already
        return
    text = os.fsdecode(of) if isinstance(of, bytes | os.PathLike) else str(of)
    if what == "write":
        text = os.path.abspath(text)  # noqa: PTH100 - says where, follows no link
    os.write(_out, (json.dumps([what, text]) + "\n").encode())


sys.addaudithook(_hear)
