"""What an .onnx file says of itself, without loading its network."""

from pathlib import Path
from typing import BinaryIO

# Fields of ModelProto and of StringStringEntryProto, and protobuf's wire types.
# Source: onnx/onnx.proto (IR version 10); protobuf.dev/programming-guides/encoding.
_METADATA, _KEY, _VALUE = 14, 1, 2
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# Of one entry; nobody writes more about a model.
_MOST_BYTES = 2**20


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata of a model file, in a few reads; empty where it cannot be read.

    Whoever loads the file says what is wrong with it.
    """
    try:
        with path.open("rb") as file:
            return _entries(file)
    except (OSError, ValueError):
        return {}


def _entries(file: BinaryIO) -> dict[str, str]:
    found: dict[str, str] = {}
    while (tag := _varint(file)) is not None:
        length = _length(file, tag & 7)
        if tag >> 3 == _METADATA and tag & 7 == _BYTES and length < _MOST_BYTES:
            entry = file.tell() + length
            texts = {_KEY: "", _VALUE: ""}
            while file.tell() < entry and (inner := _varint(file)) is not None:
                size = min(_length(file, inner & 7), _MOST_BYTES)
                texts[inner >> 3] = file.read(size).decode("utf-8")
            found[texts[_KEY]] = texts[_VALUE]
        else:
            file.seek(length, 1)
    return found


def _length(file: BinaryIO, wire_type: int) -> int:
    """Bytes of a field's value, which the file stands before then."""
    if wire_type == _VARINT:
        _varint(file)
        return 0
    if wire_type == _BYTES:
        return _varint(file) or 0
    if wire_type in (_FIXED64, _FIXED32):
        return 8 if wire_type == _FIXED64 else 4
    raise ValueError(f"no such wire type: {wire_type}")


def _varint(file: BinaryIO) -> int | None:
    """A number of up to 64 bits; None at the end of the file."""
    number = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            return None
        number |= (byte[0] & 0x7F) << shift
        if not byte[0] & 0x80:
            return number
    raise ValueError("a number of more than 64 bits")
