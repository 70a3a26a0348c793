"""Converts a graph model of TensorFlow.js to ONNX: the operations of NanoDet and CenterNet, no others.

TensorFlow keeps the channels last, ONNX second. A change of the order of axes is therefore noted, not made: a `Value`
says in which order its axes are seen. Where the orders cancel out, as they nearly always do, nothing remains of them.
Shapes are known throughout, so that paddings and scales are written as numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from scripts.weights.onnx_graph import OnnxGraph
from scripts.weights.tfjs_graph import ConversionError, Graph, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["convert"]

_CHANNELS_FIRST = (0, 3, 1, 2)
_CHANNELS_LAST = (0, 2, 3, 1)
_LOWEST = float(np.finfo(np.float32).min)


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of the ONNX graph: `shape` as it is there; axis k of what the model means is axis ``order[k]`` of it."""

    name: str
    shape: tuple[int, ...]
    order: tuple[int, ...]

    @property
    def seen_shape(self) -> tuple[int, ...]:
        """Shape in the order of axes that the model means."""
        return tuple(self.shape[axis] for axis in self.order)

    def turned(self, perm: Sequence[int]) -> Value:
        """The same, transposed."""
        return Value(self.name, self.shape, tuple(self.order[axis] for axis in perm))


Operand: TypeAlias = "Value | NDArray[Any]"


@dataclass(slots=True)
class _Padded:
    """What a tensor was padded from, so that an operation that pads by itself can take that instead."""

    source: Value
    pads: tuple[int, ...]
    value: float


@dataclass(slots=True)
class _Conversion:
    graph: Graph
    onnx: OnnxGraph = field(default_factory=OnnxGraph)
    done: dict[tuple[str, int], Operand] = field(default_factory=dict)
    padded: dict[str, _Padded] = field(default_factory=dict)


def convert(graph: Graph, outputs: Sequence[str], *, free_axes: Sequence[int] = ()) -> bytes:
    """Convert a model.

    Parameters
    ----------
    graph : Graph
        From `read_graph`.
    outputs : sequence of str
        Names of the outputs to keep, in their order; what only others need is left out.
    free_axes : sequence of int, optional
        Axes of the inputs, such as height and width, that may be of another size than the model was exported with, as
        long as the model can halve it as often. Shapes of the outputs are then not stated.

    Returns
    -------
    bytes
        An ONNX model, opset 13. The same for the same input.

    Raises
    ------
    ConversionError
        It has an operation, or one used in a way, that is not known here.
    """
    work = _Conversion(graph)
    for name in _order(graph, outputs):
        node = graph.nodes[name]
        if node.op not in _OPERATIONS:
            message = f"{node.name}: operation {node.op} is not known; known are {', '.join(sorted(_OPERATIONS))}"
            raise ConversionError(message)
        results = _OPERATIONS[node.op](work, node)
        work.done.update({(name, k): result for k, result in enumerate(results)})
    shapes: dict[str, tuple[int | None, ...]] = {}
    for name in outputs:
        value = _tensor(work.done[name, 0], name)
        onnx_name = name.replace("/", "_")
        work.onnx.name_output(_stored(work, value).name, onnx_name)
        shapes[onnx_name] = (None,) * len(value.shape) if free_axes else value.seen_shape
    inputs = {
        name: tuple(None if axis in free_axes else size for axis, size in enumerate(shape))
        for name, shape in graph.input_shapes.items()
    }
    return work.onnx.model(inputs, shapes)


def _order(graph: Graph, outputs: Sequence[str]) -> tuple[str, ...]:
    """Names of the nodes that the outputs need, each after those that it needs; always in the same order."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    waiting, met = list(outputs), set(outputs)
    while waiting:
        name = waiting.pop()
        if name not in graph.nodes:
            message = f"there is no node {name!r}"
            raise ConversionError(message)
        before = list(dict.fromkeys(source for source, _ in graph.nodes[name].inputs))
        sorter.add(name, *before)
        waiting += [each for each in before if each not in met]
        met.update(before)
    return tuple(sorter.static_order())


# Operands


def _operand(work: _Conversion, node: Node, index: int) -> Operand:
    return work.done[node.inputs[index]]


def _value(work: _Conversion, node: Node, index: int) -> Value:
    return _tensor(_operand(work, node, index), node.name)


def _array(work: _Conversion, node: Node, index: int) -> NDArray[Any]:
    operand = _operand(work, node, index)
    if isinstance(operand, Value):
        message = f"{node.name}: {node.op} needs a constant as its input {index}"
        raise ConversionError(message)
    return operand


def _tensor(operand: Operand, where: str) -> Value:
    if isinstance(operand, Value):
        return operand
    message = f"{where}: a constant stands where a tensor is expected"
    raise ConversionError(message)


def _plain(name: str, shape: Sequence[int]) -> Value:
    return Value(name, tuple(int(size) for size in shape), tuple(range(len(shape))))


def _stored(work: _Conversion, value: Value) -> Value:
    """The value with its axes as they are seen, transposed in the graph where it must be."""
    if value.order == tuple(range(len(value.order))):
        return value
    name = work.onnx.add("Transpose", [value.name], perm=value.order)
    return _plain(name, value.seen_shape)


def _image(work: _Conversion, node: Node) -> Value:
    """The first input with its channels second, as ONNX wants it."""
    if node.attributes.get("data_format", "NHWC") != "NHWC":
        message = f"{node.name}: only channels last (NHWC) are known"
        raise ConversionError(message)
    return _stored(work, _value(work, node, 0).turned(_CHANNELS_FIRST))


# Operations: each gives its results, in order


def _constant(work: _Conversion, node: Node) -> list[Operand]:
    return [work.graph.constants[node.name]]


def _placeholder(work: _Conversion, node: Node) -> list[Operand]:
    return [_plain(node.name, work.graph.input_shapes[node.name])]


def _identity(work: _Conversion, node: Node) -> list[Operand]:
    return [_operand(work, node, 0)]


def _transpose(work: _Conversion, node: Node) -> list[Operand]:
    return [_value(work, node, 0).turned([int(axis) for axis in _array(work, node, 1)])]


def _each(op: str) -> Callable[[_Conversion, Node], list[Operand]]:
    """An operation on each element, which does not care for the order of axes."""

    def add(work: _Conversion, node: Node) -> list[Operand]:
        value = _value(work, node, 0)
        more = {"alpha": float(node.attributes["alpha"])} if op == "LeakyRelu" else {}
        name = work.onnx.add(op, [value.name], **more)
        return [Value(name, value.shape, value.order)]

    return add


def _relu6(work: _Conversion, node: Node) -> list[Operand]:
    value = _value(work, node, 0)
    return [Value(_activated(work, value.name, "Relu6", node), value.shape, value.order)]


def _activated(work: _Conversion, name: str, activation: str, node: Node) -> str:
    if activation == "Relu":
        return work.onnx.add("Relu", [name])
    if activation == "Relu6":
        limits = [work.onnx.constant(np.array(limit, np.float32)) for limit in (0, 6)]
        return work.onnx.add("Clip", [name, *limits])
    message = f"{node.name}: activation {activation} is not known"
    raise ConversionError(message)


def _binary(op: str, fold: Callable[[Any, Any], Any]) -> Callable[[_Conversion, Node], list[Operand]]:
    def add(work: _Conversion, node: Node) -> list[Operand]:
        first, second = _operand(work, node, 0), _operand(work, node, 1)
        tensors = [each for each in (first, second) if isinstance(each, Value)]
        if not tensors:
            return [np.asarray(fold(first, second))]
        leading = max(tensors, key=lambda each: len(each.shape))  # the other follows its order of axes
        names, shapes = zip(*(_along(work, each, leading) for each in (first, second)), strict=True)
        name = work.onnx.add(op, names)
        return [Value(name, np.broadcast_shapes(*shapes), leading.order)]

    return add


def _along(work: _Conversion, operand: Operand, leading: Value) -> tuple[str, tuple[int, ...]]:
    """Name and shape of an operand brought to another's number and order of axes."""
    rank = len(leading.order)
    back = tuple(leading.order.index(axis) for axis in range(rank))
    if not isinstance(operand, Value):
        array = operand.reshape((1,) * (rank - operand.ndim) + operand.shape).transpose(back)
        return work.onnx.constant(np.asarray(array, np.float32)), array.shape
    if operand.order == leading.order:
        return operand.name, operand.shape
    if len(operand.shape) != rank:
        message = f"{operand.name}: tensors of {len(operand.shape)} and {rank} axes are not combined"
        raise ConversionError(message)
    turned = _stored(work, operand.turned(back))
    return turned.name, turned.shape


def _concat(work: _Conversion, node: Node) -> list[Operand]:
    values = [_value(work, node, k) for k in range(len(node.inputs) - 1)]
    axis = int(_array(work, node, len(values))) % len(values[0].order)
    if len({each.order for each in values}) > 1:
        values = [_stored(work, each) for each in values]
    inner = values[0].order[axis]
    name = work.onnx.add("Concat", [each.name for each in values], axis=inner)
    shape = list(values[0].shape)
    shape[inner] = sum(each.shape[inner] for each in values)
    return [Value(name, tuple(shape), values[0].order)]


def _split(work: _Conversion, node: Node) -> list[Operand]:
    value, sizes = _value(work, node, 0), _array(work, node, 1).astype(np.int64)
    axis = value.order[int(_array(work, node, 2)) % len(value.order)]
    names = work.onnx.add_split("Split", [value.name, work.onnx.constant(sizes)], len(sizes), axis=axis)
    return [
        Value(name, (*value.shape[:axis], int(size), *value.shape[axis + 1 :]), value.order)
        for name, size in zip(names, sizes, strict=True)
    ]


def _reshape(work: _Conversion, node: Node) -> list[Operand]:
    value = _stored(work, _value(work, node, 0))
    shape = np.empty(value.shape, np.bool_).reshape(_array(work, node, 1).astype(np.int64)).shape
    wanted = np.array(shape, np.int64)
    wanted[np.argmax(shape)] = -1  # what remains: where sizes are free, the longest axis counts the places
    return [_plain(work.onnx.add("Reshape", [value.name, work.onnx.constant(wanted)]), shape)]


def _mean(work: _Conversion, node: Node) -> list[Operand]:
    value = _value(work, node, 0)
    if not node.attributes.get("keep_dims"):
        message = f"{node.name}: a mean that drops axes is not known"
        raise ConversionError(message)
    axes = sorted(value.order[int(axis)] for axis in np.atleast_1d(_array(work, node, 1)))
    name = work.onnx.add("ReduceMean", [value.name], axes=axes, keepdims=1)
    return [Value(name, tuple(1 if k in axes else size for k, size in enumerate(value.shape)), value.order)]


def _sparse_to_dense(work: _Conversion, node: Node) -> list[Operand]:
    """Of constants only: what TensorFlow makes of a reshape's arithmetic."""
    indices, shape, values, default = (_array(work, node, k) for k in range(4))
    dense = np.full(tuple(int(size) for size in shape), default.reshape(()), values.dtype)
    if indices.size:
        dense[tuple(np.reshape(indices, (-1, dense.ndim)).T)] = values
    return [dense]


def _pad(work: _Conversion, node: Node) -> list[Operand]:
    value, amounts = _value(work, node, 0), _array(work, node, 1)
    filling = max(float(_array(work, node, 2)), _LOWEST) if node.op == "PadV2" else 0.0
    inner = np.zeros((len(value.order), 2), np.int64)
    inner[list(value.order)] = amounts
    pads = tuple(int(amount) for amount in inner.T.reshape(-1))
    limits = [work.onnx.constant(np.array(pads, np.int64)), work.onnx.constant(np.array(filling, np.float32))]
    name = work.onnx.add("Pad", [value.name, *limits], mode="constant")
    shape = tuple(size + int(before + after) for size, (before, after) in zip(value.shape, inner, strict=True))
    work.padded[name] = _Padded(Value(value.name, value.shape, tuple(range(len(shape)))), pads, filling)
    return [Value(name, shape, value.order)]


def _window(
    work: _Conversion, node: Node, kernel: tuple[int, int], filling: float
) -> tuple[Value, dict[str, Sequence[int]], tuple[int, int]]:
    """What a window slides over, the attributes that say how, and the height and width of what it gives."""
    image, extra = _image(work, node), np.zeros(4, np.int64)  # top, left, bottom, right
    if (before := work.padded.get(image.name)) is not None and before.value == filling:
        pads = np.reshape(before.pads, (2, 4))
        if not pads[:, :2].any():  # only height and width: the operation can do it by itself
            image, extra = before.source, pads[:, 2:].reshape(-1)
    strides = tuple(node.attributes["strides"][1:3])
    dilations = tuple(node.attributes.get("dilations") or (1, 1, 1, 1))[1:3]
    reach = (np.array(kernel) - 1) * dilations + 1
    room = np.array(image.shape[2:]) + extra[:2] + extra[2:]
    if node.attributes["padding"] == "SAME":  # as many steps as the strides allow; what lacks is added evenly
        steps = -(-room // strides)
        lacking = np.maximum((steps - 1) * strides + reach - room, 0)
        extra = extra + np.concatenate((lacking // 2, lacking - lacking // 2))
    elif node.attributes["padding"] == "VALID":
        steps = (room - reach) // strides + 1
    else:
        message = f"{node.name}: padding {node.attributes['padding']} is not known"
        raise ConversionError(message)
    said = {"kernel_shape": kernel, "strides": strides, "pads": tuple(int(each) for each in extra)}
    return image, said | ({} if dilations == (1, 1) else {"dilations": dilations}), (int(steps[0]), int(steps[1]))


def _convolution(work: _Conversion, node: Node) -> list[Operand]:
    kernel, deep = _array(work, node, 1), "Depthwise" in node.op
    image, said, size = _window(work, node, kernel.shape[:2], 0.0)
    if deep:
        weights, groups = kernel.transpose(2, 3, 0, 1).reshape(-1, 1, *kernel.shape[:2]), kernel.shape[2]
    else:
        weights, groups = kernel.transpose(3, 2, 0, 1), 1
    fused = tuple(node.attributes.get("fused_ops") or ())
    biases = [work.onnx.constant(_array(work, node, 2).reshape(-1))] if "BiasAdd" in fused else []
    name = work.onnx.add("Conv", [image.name, work.onnx.constant(weights), *biases], group=groups, **said)
    for activation in fused:
        if activation != "BiasAdd":
            name = _activated(work, name, activation, node)
    return [_plain(name, (image.shape[0], len(weights), *size)).turned(_CHANNELS_LAST)]


def _max_pool(work: _Conversion, node: Node) -> list[Operand]:
    image, said, size = _window(work, node, tuple(node.attributes["ksize"][1:3]), _LOWEST)
    name = work.onnx.add("MaxPool", [image.name], **said)
    return [_plain(name, (*image.shape[:2], *size)).turned(_CHANNELS_LAST)]


def _resize(work: _Conversion, node: Node) -> list[Operand]:
    image, wanted = _image(work, node), _array(work, node, 1)
    scales = np.array([1, 1, *(wanted / np.array(image.shape[2:]))], np.float32)
    if node.attributes.get("align_corners"):
        mode = "align_corners"
    else:
        mode = "half_pixel" if node.attributes.get("half_pixel_centers") else "asymmetric"
    inputs = [image.name, "", work.onnx.constant(scales)]  # by scales: OpenCV's dnn refuses sizes
    name = work.onnx.add("Resize", inputs, mode="linear", coordinate_transformation_mode=mode)
    return [_plain(name, (*image.shape[:2], *wanted)).turned(_CHANNELS_LAST)]


_OPERATIONS: dict[str, Callable[[_Conversion, Node], list[Operand]]] = {
    "Add": _binary("Add", np.add),
    "AddV2": _binary("Add", np.add),
    "ConcatV2": _concat,
    "Const": _constant,
    "Conv2D": _convolution,
    "DepthwiseConv2dNative": _convolution,
    "FusedDepthwiseConv2dNative": _convolution,
    "Identity": _identity,
    "LeakyRelu": _each("LeakyRelu"),
    "MaxPool": _max_pool,
    "Mean": _mean,
    "Mul": _binary("Mul", np.multiply),
    "Pad": _pad,
    "PadV2": _pad,
    "Placeholder": _placeholder,
    "Relu": _each("Relu"),
    "Relu6": _relu6,
    "Reshape": _reshape,
    "ResizeBilinear": _resize,
    "Sigmoid": _each("Sigmoid"),
    "SparseToDense": _sparse_to_dense,
    "SplitV": _split,
    "Transpose": _transpose,
    "_FusedConv2D": _convolution,
}
