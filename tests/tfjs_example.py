"""Writes graph models of TensorFlow.js by hand, as small as a test wants them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np


def node(name: str, op: str, *inputs: str, **attributes: Any) -> dict[str, Any]:
    return {"name": name, "op": op, "input": list(inputs), "attr": {k: _said(v) for k, v in attributes.items()}}


def write_graph(
    folder: Path,
    nodes: Sequence[dict[str, Any]],
    constants: Mapping[str, np.ndarray],
    *,
    inputs: Mapping[str, Sequence[int]],
    outputs: Mapping[str, Sequence[int]],
    halved: Sequence[str] = (),
) -> Path:
    """Write ``model.json`` and ``model.bin``; the constants `halved` are stored in half precision."""
    content, weights = b"", []
    for name, array in constants.items():
        said = {"name": name, "shape": list(array.shape), "dtype": str(array.dtype)}
        if name in halved:
            said["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
        weights.append(said)
        content += (array.astype(np.float16) if name in halved else array).tobytes()
    document = {
        "format": "graph-model",
        "signature": {"inputs": _shapes(inputs), "outputs": _shapes(outputs)},
        "modelTopology": {"node": [*(node(name, "Const") for name in constants), *nodes]},
        "weightsManifest": [{"paths": ["model.bin"], "weights": weights}],
    }
    (folder / "model.bin").write_bytes(content)
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    return folder / "model.json"


def _said(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, str):
        return {"s": base64.b64encode(value.encode()).decode()}
    if isinstance(value, float):
        return {"f": value}
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value[0], str):
        return {"list": {"s": [base64.b64encode(each.encode()).decode() for each in value]}}
    return {"list": {"i": [str(each) for each in value]}}


def _shapes(shapes: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    return {
        f"{name}:0": {
            "name": f"{name}:0",
            "dtype": "DT_FLOAT",
            "tensorShape": {"dim": [{"size": str(n)} for n in shape]},
        }
        for name, shape in shapes.items()
    }
