"""Requests and answers of the Open Inference Protocol v2: bytes in, arrays out.

A message is JSON, then the tensors' bytes, little-endian, one after the other (the
binary tensor extension); its header `Inference-Header-Content-Length` says where the
JSON ends. A server without the extension gets and gives numbers in the JSON: for one
picture megabytes of text.

Source: kserve/open-inference-protocol, "REST" and the "Binary data extension".
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.detection.engines.engine import Tensor

JSON_LENGTH = "Inference-Header-Content-Length"
# Of the tokens that the protocol has for types.
_DATATYPES = {
    "BOOL": "bool",
    **{f"UINT{n}": f"uint{n}" for n in (8, 16, 32, 64)},
    **{f"INT{n}": f"int{n}" for n in (8, 16, 32, 64)},
    **{f"FP{n}": f"float{n}" for n in (16, 32, 64)},
}
_TOKENS = {kind: token for token, kind in _DATATYPES.items()}
Arrays = Mapping[str, NDArray[Any]]


class ProtocolError(ValueError):
    """The other side says something that is not the protocol."""


@dataclass(frozen=True, slots=True)
class Message:
    """What travels.

    Attributes:
        body: the JSON, and the tensors' bytes behind it.
        json_length: how long the JSON is; None where nothing is behind it.
    """

    body: bytes
    json_length: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What HTTP has to say of the body."""
        if self.json_length is None:
            return {"Content-Type": "application/json"}
        return {
            "Content-Type": "application/octet-stream",
            JSON_LENGTH: str(self.json_length),
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as the server reads it.

    Attributes:
        inputs: by name.
        outputs: those that are wanted; empty: all.
        is_binary: the answer's tensors may be bytes.
    """

    inputs: Arrays
    outputs: tuple[str, ...] = ()
    is_binary: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """What a server tells of a model.

    Attributes:
        inputs: what it takes.
        outputs: what it answers.
        metadata: texts by name, e.g. those of the model file.
    """

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)


def request_of(inputs: Arrays, outputs: Iterable[str], *, is_binary: bool) -> Message:
    """Ask for `outputs` of `inputs`."""
    wanted = [
        {"name": name, "parameters": {"binary_data": is_binary}} for name in outputs
    ]
    return _message({"outputs": wanted}, "inputs", inputs, is_binary=is_binary)


def answer_of(model: str, outputs: Arrays, *, is_binary: bool) -> Message:
    """The answer with `outputs`."""
    told = {"model_name": model, "model_version": "1"}
    return _message(told, "outputs", outputs, is_binary=is_binary)


def read_request(body: bytes, json_length: int | None) -> Asked:
    """The inverse of `request_of`.

    Raises:
        ProtocolError: it is none.
    """
    told, behind = _split(body, json_length)
    outputs = told.get("outputs") or []
    _check(isinstance(outputs, list), "outputs are a list")
    _check(all(isinstance(o, dict) for o in outputs), "each output is a table")
    names = tuple(str(output.get("name")) for output in outputs)
    wishes = [_table(output.get("parameters")) for output in outputs]
    overall = _table(told.get("parameters")).get("binary_data_output", False)
    is_binary = any(wish.get("binary_data", overall) for wish in wishes) or (
        not wishes and bool(overall)
    )
    return Asked(_tensors_in(told.get("inputs"), behind), names, is_binary)


def read_answer(body: bytes, json_length: int | None) -> Arrays:
    """The inverse of `answer_of`.

    Raises:
        ProtocolError: it is none.
    """
    told, behind = _split(body, json_length)
    return _tensors_in(told.get("outputs"), behind)


def description_of(model: str, described: Described) -> bytes:
    """What a server tells of a model, as JSON."""
    return json.dumps(
        {
            "name": model,
            "versions": ["1"],
            "platform": "onnx",
            "inputs": [_told(tensor) for tensor in described.inputs],
            "outputs": [_told(tensor) for tensor in described.outputs],
            "parameters": dict(described.metadata),
        }
    ).encode()


def read_description(body: bytes) -> Described:
    """The inverse of `description_of`.

    Raises:
        ProtocolError: it is none.
    """
    told = _json(body)
    parameters = _table(told.get("parameters"))  # KServe says null
    metadata = {str(k): v for k, v in parameters.items() if isinstance(v, str)}
    return Described(
        _described(told.get("inputs")), _described(told.get("outputs")), metadata
    )


def _told(tensor: Tensor) -> dict[str, Any]:
    shape = [-1 if side is None else side for side in tensor.shape]
    return {"name": tensor.name, "datatype": _token(tensor.kind), "shape": shape}


def _described(tensors: object) -> tuple[Tensor, ...]:
    _check(isinstance(tensors, list) and bool(tensors), "inputs and outputs are lists")
    assert isinstance(tensors, list)
    try:
        return tuple(
            Tensor(
                str(tensor["name"]),
                tuple(None if int(n) < 0 else int(n) for n in tensor["shape"]),
                _DATATYPES[tensor["datatype"]],
            )
            for tensor in tensors
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"a tensor is not described ({error!r})") from error


def _message(
    told: dict[str, Any], key: str, tensors: Arrays, *, is_binary: bool
) -> Message:
    described, behind = [], []
    for name, array in tensors.items():
        one: dict[str, Any] = {
            "name": name,
            "shape": list(array.shape),
            "datatype": _token(array.dtype.name),
        }
        if is_binary:
            little = array.astype(array.dtype.newbyteorder("<"), copy=False)
            data = np.ascontiguousarray(little).tobytes()
            one["parameters"] = {"binary_data_size": len(data)}
            behind.append(data)
        else:
            one["data"] = array.ravel().tolist()
        described.append(one)
    head = json.dumps({**told, key: described}).encode()
    if not is_binary:
        return Message(head)
    return Message(b"".join([head, *behind]), len(head))


def _token(kind: str) -> str:
    try:
        return _TOKENS[kind]
    except KeyError:
        raise ProtocolError(f"the protocol has no tensors of {kind}") from None


def _split(body: bytes, json_length: int | None) -> tuple[dict[str, Any], bytes]:
    length = len(body) if json_length is None else json_length
    _check(0 < length <= len(body), f"{JSON_LENGTH} fits the message")
    return _json(body[:length]), body[length:]


def _json(text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"it is not JSON ({error})") from error
    _check(isinstance(told, dict), "it is a table")
    assert isinstance(told, dict)
    return told


def _tensors_in(tensors: object, behind: bytes) -> Arrays:
    _check(isinstance(tensors, list) and bool(tensors), "there are tensors")
    assert isinstance(tensors, list)
    arrays, at = {}, 0
    for tensor in tensors:
        try:
            name, kind = str(tensor["name"]), np.dtype(_DATATYPES[tensor["datatype"]])
            shape = tuple(int(side) for side in tensor["shape"])
            size = _table(tensor.get("parameters")).get("binary_data_size")
            if size is None:
                array = np.asarray(tensor["data"], kind)
            else:
                wanted = kind.newbyteorder("<")
                array = np.frombuffer(behind[at : at + int(size)], wanted)
                array = array.astype(kind, copy=False)
                at += int(size)
            _check(min(shape, default=0) >= 0, "no side is negative")
            arrays[name] = array.reshape(shape)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ProtocolError(f"a tensor is not whole ({error})") from error
    return arrays


def _table(parameters: object) -> Mapping[str, Any]:
    _check(parameters is None or isinstance(parameters, dict), "parameters are a table")
    return parameters if isinstance(parameters, dict) else {}


def _check(is_so: bool, law: str) -> None:
    if not is_so:
        raise ProtocolError(f"it must be that {law}")


def bytes_of(tensors: Sequence[Tensor]) -> int | None:
    """How many bytes such tensors have; None where a side may have any length."""
    total = 0
    for tensor in tensors:
        sides = [1 if side is None else side for side in tensor.shape[:1]]
        sides += list(tensor.shape[1:])  # type: ignore[arg-type] # None is looked for
        if None in sides:
            return None
        total += int(np.prod(sides)) * np.dtype(tensor.kind).itemsize
    return total
