"""What servers say, byte for byte: asked here, kept in tests/detection/remote/recorded.

python -m tests.foreign_servers.recorded PORT   asks KServe anew, and keeps its answers
"""

import socket
import sys
from pathlib import Path

import numpy as np

from app.detection.remote.protocol import JSON_LENGTH, request_of

RECORDED = Path(__file__).parents[1] / "detection" / "remote" / "recorded"
# What the tiny model is asked: each channel another value.
PICTURE = np.tile(np.array([51, 102, 204], np.uint8), (1, 6, 8, 1))


def requests_for(model: str) -> dict[str, bytes]:
    """By what they ask, as our client puts it; the connection ends behind them."""
    path, host = f"/v2/models/{model}", "Host: localhost\r\nConnection: close\r\n"
    message = request_of({"images": PICTURE}, ["boxes", "scores"], is_binary=True)
    head = (
        f"POST {path}/infer HTTP/1.1\r\n{host}"
        "Content-Type: application/octet-stream\r\n"
        f"{JSON_LENGTH}: {message.json_length}\r\n"
        f"Content-Length: {len(message.body)}\r\n\r\n"
    )
    return {
        "describe": f"GET {path} HTTP/1.1\r\n{host}\r\n".encode(),
        "infer": head.encode() + message.body,
    }


def asked_raw(port: int, request: bytes) -> bytes:
    """All that is answered, head and body.

    Raises:
        OSError: nobody answers.
    """
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        while piece := connection.recv(2**16):
            said += piece
    return said


if __name__ == "__main__":
    for name, request in requests_for("tiny").items():
        answer = asked_raw(int(sys.argv[1]), request)
        (RECORDED / f"kserve-{name}.http").write_bytes(answer)
