"""A toy ONNX audio tagger of three labels: the louder a window, the more it is an explosion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

LABELS = ("Speech", "Explosion", "Silence")


def write_toy_tagger(
    folder: Path, *, samples: int | None = None, batch: int | None = None, logits: bool = False
) -> Path:
    """Write ``toy.onnx`` and ``labels.csv``: RMS of each window, then one weight and a bias for each label."""
    weights = numpy_helper.from_array(np.array([[0.0, 40.0, -40.0]], np.float32), "weights")
    biases = numpy_helper.from_array(np.array([-1.0, -3.0, 1.0], np.float32), "biases")
    axes = numpy_helper.from_array(np.array([1], np.int64), "axes")
    last = "logits" if logits else "scores"
    nodes = [
        helper.make_node("Mul", ["waveform", "waveform"], ["power"]),
        helper.make_node("ReduceMean", ["power", "axes"], ["mean"], keepdims=1),
        helper.make_node("Sqrt", ["mean"], ["rms"]),
        helper.make_node("MatMul", ["rms", "weights"], ["weighted"]),
        helper.make_node("Add", ["weighted", "biases"], ["logits"]),
        *([] if logits else [helper.make_node("Sigmoid", ["logits"], ["scores"])]),
    ]
    shape = ["windows" if batch is None else batch, "samples" if samples is None else samples]
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, [shape[0], 3])],
        [weights, biases, axes],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    save(model, folder / "toy.onnx")
    rows = [f'{k},/m/{k},"{label}"' for k, label in enumerate(LABELS)]
    (folder / "labels.csv").write_text("\n".join(["index,mid,display_name", *rows]) + "\n", encoding="utf-8")
    return folder / "toy.onnx"
