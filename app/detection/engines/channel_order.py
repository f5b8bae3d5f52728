"""Blue, green, red are turned round in the first weights, not in every picture.

Our networks were trained on red, green, blue and are given OpenCV's order, so their
graph begins by turning each picture round. OpenVINO has no fast way to do that: it took
a fifth of an int8 network's time. The weights behind it are turned once instead.
"""

from typing import Any

import numpy as np

from app.detection.devices.openvino_package import load_openvino

# What treats all channels alike, where whatever else it is given is a single number.
_ALIKE = ("Convert", "Multiply", "Add", "Subtract", "Divide", "FakeQuantize")
_CHANNELS_FIRST = [0, 3, 1, 2]


def turn_weights(model: Any) -> bool:  # noqa: ANN401 - openvino is untyped
    """Take out the turn of a picture's channels; whether there was one to take out.

    Law: in int8 the model answers as before, bit for bit; else but for the order in
    which three products are added up.
    """
    openvino = load_openvino()
    for node in model.get_ordered_ops():
        if not _turns_channels(node):
            continue
        convolution = _convolution_behind(node)
        weights = None if convolution is None else _weights_of(convolution)
        if weights is None:
            continue
        turned = np.ascontiguousarray(weights.get_data()[:, ::-1])
        _put_in_place_of(weights, openvino.op.Constant(turned).output(0))
        # It changes no byte. Without it OpenVINO takes the quantisation out that comes
        # next, and answers otherwise: AP of 137 photos fell from 0.320 to 0.308.
        same = openvino.opset13.relu(node.input_value(0))
        _put_in_place_of(node, same.output(0))
        return True
    return False


def _turns_channels(node: Any) -> bool:  # noqa: ANN401
    """Whether it is a slice that gives (1, H, W, 3) backwards along its last axis."""
    if node.get_type_name() != "Slice" or node.get_input_size() != 5:
        return False
    picture, after = node.input_value(0), node.output(0)
    if _shape_of(picture) != _shape_of(after) or _shape_of(after)[-1:] != [3]:
        return False
    steps, axes = (_numbers(node.input_value(index)) for index in (3, 4))
    if steps is None or axes is None or len(_shape_of(after)) != 4:
        return False
    # As large as before, so it is the whole that it turns.
    step_of = {axis % 4: step for axis, step in zip(axes, steps, strict=True)}
    return step_of.pop(3, 1) == -1 and set(step_of.values()) <= {1}


def _convolution_behind(node: Any) -> Any:  # noqa: ANN401
    """Where all that comes of `node` goes, channel by channel; None: elsewhere."""
    is_turned = False
    while (target := _only_target(node)) is not None:
        node = target.get_node()
        kind = node.get_type_name()
        if kind == "Convolution":
            return node if is_turned and target.get_index() == 0 else None
        if kind == "Transpose":
            if is_turned or _numbers(node.input_value(1)) != _CHANNELS_FIRST:
                return None
            is_turned = True
        elif kind not in _ALIKE or not all(
            _is_one_number(other)
            for index, other in enumerate(node.input_values())
            if index != target.get_index()
        ):
            return None
    return None


def _weights_of(convolution: Any) -> Any:  # noqa: ANN401
    """The constant, (O, 3, h, w), that its weights are made of; None: there is none."""
    node = convolution.input_value(1).get_node()
    while node.get_type_name() != "Constant":
        # Scales and zero points are those of an output, (O, 1, 1, 1).
        if node.get_type_name() not in _ALIKE or any(
            _shape_of(other)[1:] not in ([], [1, 1, 1])
            for other in node.input_values()[1:]
        ):
            return None
        node = node.input_value(0).get_node()
    shape = _shape_of(node.output(0))
    is_ours = len(shape) == 4 and shape[1] == 3 and _only_target(node) is not None
    return node if is_ours else None


def _only_target(node: Any) -> Any:  # noqa: ANN401
    """The only one who takes what it gives."""
    targets = list(node.output(0).get_target_inputs())
    return targets[0] if len(targets) == 1 else None


def _put_in_place_of(node: Any, output: Any) -> None:  # noqa: ANN401
    for target in node.output(0).get_target_inputs():
        target.replace_source_output(output)


def _shape_of(output: Any) -> list[int | None]:  # noqa: ANN401
    shape = output.get_partial_shape()
    if shape.rank.is_dynamic:
        return []
    return [side.get_length() if side.is_static else None for side in shape]


def _is_one_number(output: Any) -> bool:  # noqa: ANN401
    shape = output.get_partial_shape()
    return bool(shape.is_static and np.prod(shape.to_shape(), dtype=int) == 1)


def _numbers(output: Any) -> list[int] | None:  # noqa: ANN401
    node = output.get_node()
    if node.get_type_name() != "Constant":
        return None
    numbers: list[int] = np.ravel(node.get_data()).tolist()
    return numbers
