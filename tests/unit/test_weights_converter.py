"""The converter of weights, on graphs made by hand: what onnxruntime makes of them equals numpy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from scripts.weights.convert import convert
from scripts.weights.tfjs_graph import ConversionError, read_graph
from tfjs_example import node, write_graph

ONE = (1, 1, 1, 1)


def run(model: bytes, image: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: image})


def convolved(image: np.ndarray, kernel: np.ndarray, stride: int, *, deep: bool = False) -> np.ndarray:
    """A convolution without padding, channels last, by its definition."""
    high, wide = kernel.shape[:2]
    rows, columns = ((size - reach) // stride + 1 for size, reach in zip(image.shape[1:3], (high, wide), strict=True))
    found = np.zeros((1, rows, columns, kernel.shape[2] * kernel.shape[3] if deep else kernel.shape[3]))
    for row in range(rows):
        for column in range(columns):
            part = image[0, row * stride : row * stride + high, column * stride : column * stride + wide]
            by = "ijc,ijcm->cm" if deep else "ijc,ijcm->m"
            found[0, row, column] = np.einsum(by, part, kernel).ravel()
    return found


def padded(image: np.ndarray, before: int, after: int, value: float = 0.0) -> np.ndarray:
    side = (before, after)
    return np.pad(image, ((0, 0), side, side, (0, 0)), constant_values=value)


def test_pad_convolution_bias_and_activation_with_channels_first(tmp_path):
    """As NanoDet has it: channels first outside, turned for each convolution and back."""
    rng = np.random.default_rng(1)
    kernel = rng.normal(size=(3, 3, 2, 8)).astype(np.float16).astype(np.float32)
    bias = rng.normal(size=(1, 1, 1, 8)).astype(np.float32)
    constants = {
        "pads": np.array([[0, 0], [0, 0], [1, 1], [1, 1]], np.int32),
        "last": np.array([0, 2, 3, 1], np.int32),
        "first": np.array([0, 3, 1, 2], np.int32),
        "kernel": kernel,
        "bias": bias,
    }
    nodes = [
        node("x", "Placeholder"),
        node("pad", "Pad", "x", "pads"),
        node("turned", "Transpose", "pad", "last"),
        node("conv", "Conv2D", "turned", "kernel", strides=(1, 2, 2, 1), padding="VALID", dilations=ONE),
        node("sum", "Add", "conv", "bias"),
        node("back", "Transpose", "sum", "first"),
        node("y", "LeakyRelu", "back", alpha=0.1),
    ]
    path = write_graph(
        tmp_path, nodes, constants, inputs={"x": (1, 2, 9, 7)}, outputs={"y": (1, 8, 5, 4)}, halved=["kernel"]
    )
    model = convert(read_graph(path), ["y"])
    image = rng.normal(size=(1, 2, 9, 7)).astype(np.float32)
    expected = convolved(padded(image.transpose(0, 2, 3, 1), 1, 1), kernel, 2) + bias
    expected = np.where(expected > 0, expected, 0.1 * expected).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(run(model, image)[0], expected, atol=1e-5)
    ops = [each.op_type for each in onnx.load_from_string(model).graph.node]
    assert ops == ["Cast", "Conv", "Add", "LeakyRelu", "Identity"]  # no axes are turned, nothing is padded apart


def test_depthwise_same_padding_and_fused_activation(tmp_path):
    rng = np.random.default_rng(2)
    deep, bias = rng.normal(size=(3, 3, 4, 1)).astype(np.float32), rng.normal(size=4).astype(np.float32)
    fused = {"fused_ops": ("BiasAdd", "Relu6"), "strides": (1, 2, 2, 1), "padding": "SAME", "dilations": ONE}
    nodes = [node("x", "Placeholder"), node("y", "FusedDepthwiseConv2dNative", "x", "deep", "bias", **fused)]
    path = write_graph(
        tmp_path, nodes, {"deep": deep, "bias": bias}, inputs={"x": (1, 8, 8, 4)}, outputs={"y": (1, 4, 4, 4)}
    )
    image = 3 * rng.normal(size=(1, 8, 8, 4)).astype(np.float32)
    expected = np.clip(convolved(padded(image, 0, 1), deep, 2, deep=True) + bias, 0, 6)  # an odd pad goes to the end
    np.testing.assert_allclose(run(convert(read_graph(path), ["y"]), image)[0], expected, atol=1e-5)


def test_pool_resize_concat_split_mean_and_reshape(tmp_path):
    constants = {
        "pads": np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32),
        "low": np.array(-np.inf, np.float32),
        "size": np.array([8, 12], np.int32),
        "three": np.array(3, np.int32),
        "parts": np.array([1, 3], np.int32),
        "hw": np.array([1, 2], np.int32),
        "flat": np.array([1, -1, 3], np.int32),
    }
    nodes = [
        node("x", "Placeholder"),
        node("pad", "PadV2", "x", "pads", "low"),
        node("pool", "MaxPool", "pad", ksize=(1, 3, 3, 1), strides=(1, 2, 2, 1), padding="VALID"),
        node("large", "ResizeBilinear", "pool", "size", align_corners=False, half_pixel_centers=True),
        node("both", "ConcatV2", "x", "large", "three"),
        node("split", "SplitV", "both", "parts", "three", num_split=2),
        node("mean", "Mean", "split:1", "hw", keep_dims=True),
        node("scaled", "Mul", "split:1", "mean"),
        node("flattened", "Reshape", "scaled", "flat"),
        node("y", "Sigmoid", "flattened"),
    ]
    path = write_graph(tmp_path, nodes, constants, inputs={"x": (1, 8, 12, 2)}, outputs={"y": (1, 96, 3)})
    image = np.random.default_rng(3).normal(size=(1, 8, 12, 2)).astype(np.float32)
    wide = padded(image, 1, 1, -np.inf)
    pool = np.array([[wide[0, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3].max((0, 1)) for j in range(6)] for i in range(4)])
    part = np.concatenate([image[0], doubled(pool)], axis=2)[..., 1:]
    expected = 1 / (1 + np.exp(-(part * part.mean((0, 1))).reshape(1, 96, 3)))
    (got,) = run(convert(read_graph(path), ["y"]), image)
    np.testing.assert_allclose(got, expected, atol=1e-6)


def doubled(image: np.ndarray) -> np.ndarray:
    """Twice as high and wide, linear between the middles of pixels."""
    for axis in (0, 1):
        size = image.shape[axis]
        at = np.clip((np.arange(2 * size) + 0.5) / 2 - 0.5, 0, size - 1)
        low = np.minimum(at.astype(int), size - 2)
        share = (at - low).reshape([-1 if k == axis else 1 for k in range(3)])
        image = np.take(image, low, axis) * (1 - share) + np.take(image, low + 1, axis) * share
    return image


def test_the_same_graph_gives_the_same_bytes_and_only_what_the_outputs_need(tmp_path):
    constants = {"two": np.array(2.0, np.float32), "unused": np.ones(100, np.float32)}
    nodes = [node("x", "Placeholder"), node("y", "Mul", "x", "two"), node("z", "Add", "x", "unused")]
    path = write_graph(tmp_path, nodes, constants, inputs={"x": (1, 100)}, outputs={"y": (1, 100), "z": (1, 100)})
    model = convert(read_graph(path), ["y"])
    assert model == convert(read_graph(path), ["y"])
    loaded = onnx.load_from_string(model)
    onnx.checker.check_model(loaded, full_check=True)
    assert len(loaded.graph.initializer) == 1
    assert [each.name for each in loaded.graph.output] == ["y"]


def test_free_height_and_width_take_another_picture(tmp_path):
    """Exported for 8 x 8; the places of a 4 x 12 picture are counted all the same."""
    constants = {"flat": np.array([1, 64, 2], np.int32), "two": np.array(2.0, np.float32)}
    nodes = [node("x", "Placeholder"), node("flattened", "Reshape", "x", "flat"), node("y", "Mul", "flattened", "two")]
    path = write_graph(tmp_path, nodes, constants, inputs={"x": (1, 8, 8, 2)}, outputs={"y": (1, 64, 2)})
    image = np.random.default_rng(5).normal(size=(1, 4, 12, 2)).astype(np.float32)
    (got,) = run(convert(read_graph(path), ["y"], free_axes=(1, 2)), image)
    np.testing.assert_array_equal(got, 2 * image.reshape(1, 48, 2))


def test_what_half_precision_does_not_hold_stays_single(tmp_path):
    exact, inexact = np.full(100, 0.5, np.float32), np.full(100, 0.1, np.float32)
    nodes = [node("x", "Placeholder"), node("a", "Mul", "x", "exact"), node("y", "Add", "a", "inexact")]
    path = write_graph(
        tmp_path, nodes, {"exact": exact, "inexact": inexact}, inputs={"x": (1, 100)}, outputs={"y": (1, 100)}
    )
    model = convert(read_graph(path), ["y"])
    types = sorted(each.data_type for each in onnx.load_from_string(model).graph.initializer)
    assert types == [onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16]
    np.testing.assert_array_equal(run(model, np.ones((1, 100), np.float32))[0], np.float32([0.5 + inexact]))


def test_what_it_does_not_know_is_named(tmp_path):
    nodes = [node("x", "Placeholder"), node("odd", "Tanh", "x"), node("y", "Identity", "odd")]
    path = write_graph(tmp_path, nodes, {}, inputs={"x": (1, 4)}, outputs={"y": (1, 4)})
    with pytest.raises(ConversionError, match="odd: operation Tanh is not known"):
        convert(read_graph(path), ["y"])
    with pytest.raises(ConversionError, match="no node 'nothing'"):
        convert(read_graph(path), ["nothing"])


def test_weights_that_end_early_and_other_formats_are_refused(tmp_path):
    constants = {"bias": np.ones(4, np.float32)}
    nodes = [node("x", "Placeholder"), node("y", "Add", "x", "bias")]
    path = write_graph(tmp_path, nodes, constants, inputs={"x": (1, 4)}, outputs={"y": (1, 4)})
    (tmp_path / "model.bin").write_bytes(b"\0" * 15)
    with pytest.raises(ConversionError, match="bias: the weights end before it"):
        read_graph(path)
    path.write_text(json.dumps({"format": "layers-model"}), encoding="utf-8")
    with pytest.raises(ConversionError, match="graph-model, got 'layers-model'"):
        read_graph(path)


def test_the_lock_names_one_package_by_its_hash_and_no_host():
    root = Path(__file__).resolve().parents[2]
    text = (root / "package-lock.json").read_text(encoding="utf-8")
    lock = json.loads(text)
    named = json.loads((root / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert set(lock["packages"]) == {""} | {f"node_modules/{name}" for name in named}
    assert lock["packages"][""]["dependencies"] == named
    assert all(each["integrity"].startswith("sha512-") for key, each in lock["packages"].items() if key)
    assert "://" not in text
