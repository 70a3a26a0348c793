"""An ONNX model in the making: nodes and constants by name, then the bytes of the file.

The messages are filled in one by one, in a fixed order and without the defaults of the `onnx` package, so that the
bytes do not depend on its version (1.17 to 1.23 give the same). Operators are those of opset 13, which OpenCV's dnn
reads as well as onnxruntime.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["OnnxGraph"]

_OPSET = 13
_IR_VERSION = 7  # the first that has opset 13
_TYPES = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.float16): TensorProto.FLOAT16,
    np.dtype(np.int64): TensorProto.INT64,
}
_WORTH_HALVING = 64  # values: smaller constants stay as they are

_Attribute: TypeAlias = "float | int | str | Sequence[int]"


@dataclass(slots=True)
class OnnxGraph:
    """What was added so far."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, TensorProto] = field(default_factory=dict)
    _count: int = 0

    def add(self, op: str, inputs: Sequence[str], **attributes: _Attribute) -> str:
        """Add an operation, and name what it gives."""
        return self._add(op, inputs, ("",), attributes)[0]

    def add_split(self, op: str, inputs: Sequence[str], count: int, **attributes: _Attribute) -> tuple[str, ...]:
        """Add an operation that gives several results, and name them."""
        return self._add(op, inputs, tuple(f"_{k}" for k in range(count)), attributes)

    def _add(
        self, op: str, inputs: Sequence[str], endings: Sequence[str], attributes: Mapping[str, _Attribute]
    ) -> tuple[str, ...]:
        self._count += 1
        name = f"{op.lower()}_{self._count}"
        node = NodeProto(op_type=op, name=name, input=inputs, output=[name + ending for ending in endings])
        node.attribute.extend(_attribute(key, value) for key, value in sorted(attributes.items()))
        self.nodes.append(node)
        return tuple(node.output)

    def name_output(self, inner: str, name: str) -> None:
        """Give a value the name under which it leaves the model."""
        self.nodes.append(NodeProto(op_type="Identity", name=name, input=[inner], output=[name]))

    def constant(self, array: NDArray[Any]) -> str:
        """Add a constant. Large ones that half precision holds without loss are kept so, and widened on loading."""
        self._count += 1
        name = f"constant_{self._count}"
        if array.dtype == np.float32 and array.size >= _WORTH_HALVING:
            with np.errstate(over="ignore"):
                half = array.astype(np.float16)
            if np.array_equal(half.astype(np.float32), array):
                self.constants[name] = _tensor(name, half)
                return self.add("Cast", [name], to=int(TensorProto.FLOAT))
        self.constants[name] = _tensor(name, array)
        return name

    def model(
        self, inputs: Mapping[str, tuple[int | None, ...]], outputs: Mapping[str, tuple[int | None, ...]]
    ) -> bytes:
        """Bytes of the model file, with only what the outputs need; sizes that are None are free."""
        needed, nodes = set(outputs), []
        for node in reversed(self.nodes):
            if needed.intersection(node.output):
                nodes.append(node)
                needed.update(node.input)
        graph = GraphProto(name="graph")
        graph.node.extend(reversed(nodes))
        graph.initializer.extend(tensor for name, tensor in self.constants.items() if name in needed)
        graph.input.extend(_value(name, shape) for name, shape in inputs.items())
        graph.output.extend(_value(name, shape) for name, shape in outputs.items())
        model = ModelProto(ir_version=_IR_VERSION, producer_name="syncview", graph=graph)
        model.opset_import.add(domain="", version=_OPSET)
        return bytes(model.SerializeToString(deterministic=True))


def _attribute(name: str, value: _Attribute) -> AttributeProto:
    if isinstance(value, str):
        return AttributeProto(name=name, type=AttributeProto.STRING, s=value.encode())
    if isinstance(value, float):
        return AttributeProto(name=name, type=AttributeProto.FLOAT, f=value)
    if isinstance(value, int):
        return AttributeProto(name=name, type=AttributeProto.INT, i=value)
    return AttributeProto(name=name, type=AttributeProto.INTS, ints=value)


def _tensor(name: str, array: NDArray[Any]) -> TensorProto:
    content = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    return TensorProto(name=name, data_type=_TYPES[array.dtype], dims=array.shape, raw_data=content)


def _value(name: str, shape: tuple[int | None, ...]) -> ValueInfoProto:
    value = ValueInfoProto(name=name)
    value.type.tensor_type.elem_type = TensorProto.FLOAT
    value.type.tensor_type.shape.SetInParent()
    for size in shape:
        if size is None:
            value.type.tensor_type.shape.dim.add()
        else:
            value.type.tensor_type.shape.dim.add(dim_value=size)
    return value
