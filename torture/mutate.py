"""Damage to bytes and to JSON, the same for the same seed."""

import json
import random
from collections.abc import Callable
from typing import Any

# Where sizes and counts go wrong: edges of their types, and just beyond.
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**31, 2**63, 1e308, -0.0, float("nan"), float("inf")),
    *("", "a" * 5000, "\x00", "../../up", "\ud800", [], {}, [[]], [None]),
)


def mutate(data: bytes, chance: random.Random) -> bytes:
    """One to four pieces of damage."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(_DAMAGE)(data, chance)
    return data


def mutate_json(data: bytes, chance: random.Random) -> bytes:
    """Damage to what JSON says, or now and then to its bytes."""
    if chance.random() < 0.3:
        return mutate(data, chance)
    lines = data.splitlines()
    if not lines:
        return data
    number = chance.randrange(len(lines)) if len(lines) > 1 else 0
    try:  # one document, or a line each
        whole = [data] if lines[0].strip() in (b"{", b"[") else lines
        number = min(number, len(whole) - 1)
        values = json.loads(whole[number])
    except ValueError:
        return mutate(data, chance)
    text = json.dumps(_changed(values, chance))
    changed: bytes = text.encode("utf-8", "surrogatepass")
    return b"\n".join([*whole[:number], changed, *whole[number + 1 :]]) + b"\n"


def _changed(values: Any, chance: random.Random) -> Any:  # noqa: ANN401 - JSON
    """`values` with one part of it, somewhere, replaced, left out or doubled."""
    if isinstance(values, dict) and values and chance.random() < 0.9:
        key = chance.choice(list(values))
        if chance.random() < 0.2:
            return {k: v for k, v in values.items() if k != key}
        return {**values, key: _changed(values[key], chance)}
    if isinstance(values, list) and values and chance.random() < 0.8:
        at = chance.randrange(len(values))
        if chance.random() < 0.2:
            return [*values[:at], *values[at + 1 :], values[at], values[at]]
        return [*values[:at], _changed(values[at], chance), *values[at + 1 :]]
    return chance.choice(ODD_VALUES)


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _flip_at_start(data: bytes, chance: random.Random) -> bytes:
    # Headers are where readers decide.
    return _flip(data[:256], chance) + data[256:]


def _number(data: bytes, chance: random.Random) -> bytes:
    size = chance.choice((1, 2, 4, 8))
    value = chance.choice(NUMBERS) & ((1 << 8 * size) - 1)
    at = chance.randrange(max(1, len(data)))
    number = value.to_bytes(size, "little" if chance.random() < 0.5 else "big")
    return data[:at] + number + data[at + size :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _leave_out(data: bytes, chance: random.Random) -> bytes:
    at, size = _piece(data, chance)
    return data[:at] + data[at + size :]


def _double(data: bytes, chance: random.Random) -> bytes:
    at, size = _piece(data, chance)
    return data[: at + size] + data[at:]


def _zero(data: bytes, chance: random.Random) -> bytes:
    at, size = _piece(data, chance)
    return data[:at] + bytes(min(size, len(data) - at)) + data[at + size :]


def _noise(data: bytes, chance: random.Random) -> bytes:
    at, size = _piece(data, chance)
    return data[:at] + chance.randbytes(size) + data[at + size :]


def _piece(data: bytes, chance: random.Random) -> tuple[int, int]:
    at = chance.randrange(max(1, len(data)))
    return at, min(len(data) - at, chance.choice((1, 4, 16, 256, 4096)))


_DAMAGE: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip, _flip_at_start, _flip_at_start, _number, _number),
    *(_cut, _leave_out, _double, _zero, _noise),
)
