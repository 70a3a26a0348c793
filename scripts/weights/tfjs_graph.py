"""Reads a graph model of TensorFlow.js: ``model.json`` and the weights beside it.

The format is that of ``tensorflowjs_converter --output_format=tfjs_graph_model``: a TensorFlow GraphDef as JSON, and a
manifest of where in which file each constant's bytes lie
(https://github.com/tensorflow/tfjs/blob/master/tfjs-converter/README.md).
"""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["ConversionError", "Graph", "Node", "read_graph"]

_DTYPES: dict[str, type[np.generic]] = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}
_STORED: dict[str, type[np.generic]] = {"float16": np.float16, "uint8": np.uint8, "uint16": np.uint16}


class ConversionError(Exception):
    """A model that the converter does not know how to convert; the message says what in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One operation: `inputs` are names of nodes and which of their outputs is meant."""

    name: str
    op: str
    inputs: tuple[tuple[str, int], ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A model's operations by name, its constants, and the shapes of what goes in and comes out."""

    nodes: Mapping[str, Node]
    constants: Mapping[str, NDArray[Any]]
    input_shapes: Mapping[str, tuple[int, ...]]
    output_shapes: Mapping[str, tuple[int, ...]]


def read_graph(path: Path) -> Graph:
    """Read a model.

    Parameters
    ----------
    path : Path
        Its JSON; the weights are beside it.

    Raises
    ------
    ConversionError
        It is no graph model, or its weights are shorter than it says.
    """
    document = json.loads(path.read_bytes())
    if document.get("format") != "graph-model":
        message = f"{path.name}: expected a TensorFlow.js graph-model, got {document.get('format')!r}"
        raise ConversionError(message)
    signature = document["signature"]
    return Graph(
        nodes={each["name"]: _node(each) for each in document["modelTopology"]["node"]},
        constants=_constants(document["weightsManifest"], path.parent),
        input_shapes=_shapes(signature["inputs"]),
        output_shapes=_shapes(signature["outputs"]),
    )


def _node(said: Mapping[str, Any]) -> Node:
    inputs = []
    for each in said.get("input", ()):
        if each.startswith("^"):
            continue  # only says what must run before; nothing here has side effects
        name, _, output = each.partition(":")
        inputs.append((name, int(output or 0)))
    attributes = {key: _attribute(value) for key, value in said.get("attr", {}).items()}
    return Node(name=said["name"], op=said["op"], inputs=tuple(inputs), attributes=attributes)


def _attribute(value: Mapping[str, Any]) -> Any:
    """An AttrValue of TensorFlow as JSON: text is in base64, integers are text."""
    if not value:
        return None
    kind, content = next(iter(value.items()))
    if kind == "s":
        return base64.b64decode(content).decode()
    if kind == "i":
        return int(content)
    if kind == "f":
        return float(content)
    if kind == "list":
        return tuple(_attribute({each: item}) for each, items in content.items() for item in items)
    return content


def _shapes(signature: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    return {
        name.partition(":")[0]: tuple(int(each["size"]) for each in said["tensorShape"].get("dim", ()))
        for name, said in signature.items()
    }


def _constants(manifest: list[dict[str, Any]], folder: Path) -> dict[str, NDArray[Any]]:
    constants = {}
    for group in manifest:
        content, start = b"".join((folder / name).read_bytes() for name in group["paths"]), 0
        for said in group["weights"]:
            quantization = said.get("quantization")
            stored = np.dtype(
                _known(_STORED, quantization["dtype"]) if quantization else _known(_DTYPES, said["dtype"])
            )
            count = math.prod(said["shape"])
            if start + count * stored.itemsize > len(content):
                message = f"{said['name']}: the weights end before it"
                raise ConversionError(message)
            values = np.frombuffer(content, stored.newbyteorder("<"), count, start)
            start += count * stored.itemsize
            if quantization and "scale" in quantization:
                values = values.astype(np.float32) * np.float32(quantization["scale"]) + np.float32(quantization["min"])
            constants[said["name"]] = values.astype(_known(_DTYPES, said["dtype"])).reshape(said["shape"])
    return constants


def _known(types: Mapping[str, type[np.generic]], name: str) -> type[np.generic]:
    if name not in types:
        message = f"weights of type {name!r}: only {', '.join(types)} can be read"
        raise ConversionError(message)
    return types[name]
