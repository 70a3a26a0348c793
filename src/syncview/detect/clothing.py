"""How much of a person's head and body is white-like or of a high-visibility colour: shares of pixels, no more.

White helmets, white caps, white hair, bandages and a bright wall behind a head all look alike here, and a
high-visibility vest like any vivid orange or yellow garment. The shares are something to search by; they say nothing
of who somebody is, and light that is not white, or too little of it, takes them away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import MovementSettings

__all__ = ["clothing_shares"]

# The corners of EN ISO 20471's fluorescent colours at half and at four fifths of full exposure, in sRGB, lie at hues of
# 27 to 42 (yellow), 2 to 11 (orange-red) and 176 to 3 (red) of 180, saturations of 142 (yellow) and 189 (the others)
# and more, and values of 170 and more, of 255; a tenth less of these, since codecs make small things paler. Skin,
# which has the hues of orange, is saturated up to 165.
_YELLOW = (25, 44)
_RED = (175, 12)  # from, through 0, to
_LEAST_SATURATION = (128, 170)
_LEAST_VALUE = 150
_WHITE_VALUE = 170  # two thirds of full scale: white cloth in open shade
_WHITE_SATURATION = 60  # white in the blue light of open shade or the yellow of evening


def clothing_shares(
    picture_bgr: NDArray[np.uint8],
    boxes_px: NDArray[np.float32],
    vehicle: NDArray[np.bool_],
    *,
    settings: MovementSettings,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Measure shares of colours in each person's box.

    Parameters
    ----------
    picture_bgr : ndarray of uint8, shape (height, width, 3)
        The picture; blue, green, red.
    boxes_px : ndarray of float32, shape (n, 4)
        Left, top, right, bottom.
    vehicle : ndarray of bool, shape (n,)
        Which are vehicles: of those nothing is measured.
    settings : MovementSettings
        `clothing_from_px`, the parts of the box and the colours.

    Returns
    -------
    light_head, vivid_head, vivid_body : ndarray of float32, shape (n,)
        Share of pixels that are white-like in the head's part of the box (light headwear-like), and that have a
        high-visibility colour in the head's and in the body's part. NaN for vehicles and for persons too small to tell.

    Raises
    ------
    InputError
        An array is not of such a shape or type.

    Examples
    --------
    A grey person with a white head:

    >>> import numpy as np
    >>> from syncview.settings import MovementSettings
    >>> picture = np.full((200, 100, 3), 90, np.uint8)
    >>> picture[:40] = 250
    >>> shares = clothing_shares(
    ...     picture, np.array([[0, 0, 100, 200]], np.float32), np.array([False]), settings=MovementSettings()
    ... )
    >>> [round(float(share[0]), 2) for share in shares]
    [1.0, 0.0, 0.0]
    """
    if picture_bgr.ndim != 3 or picture_bgr.shape[2] != 3 or picture_bgr.dtype != np.uint8:
        message = f"expected a picture of shape (height, width, 3), uint8, got {picture_bgr.shape}, {picture_bgr.dtype}"
        raise InputError(message)
    if boxes_px.shape != (len(vehicle), 4):
        message = f"expected boxes of shape ({len(vehicle)}, 4), one for each of `vehicle`, got {boxes_px.shape}"
        raise InputError(message)
    shares = np.full((3, len(vehicle)), np.nan, np.float32)
    tall = boxes_px[:, 3] - boxes_px[:, 1] >= settings.clothing_from_px
    for k in np.flatnonzero(tall & ~vehicle):
        head = _part(picture_bgr, boxes_px[k], settings.head_rows, settings.head_columns)
        body = _part(picture_bgr, boxes_px[k], settings.body_rows, settings.body_columns)
        if head.size and body.size:
            shares[:, k] = _share(_white_like(head)), _share(_vivid(head)), _share(_vivid(body))
    return shares[0], shares[1], shares[2]


def _part(
    picture_bgr: NDArray[np.uint8], box_px: NDArray[np.float32], rows: tuple[float, float], columns: float
) -> NDArray[np.uint8]:
    """Hue (0 to 179, two degrees each), saturation and value (0 to 255) of the middle of some rows of a box."""
    left_px, top_px, right_px, bottom_px = (float(side) for side in box_px)
    height_px, width_px = bottom_px - top_px, right_px - left_px
    margin_px = width_px * (1 - columns) / 2
    first, last = (max(round(top_px + row * height_px), 0) for row in rows)
    left, right = max(round(left_px + margin_px), 0), max(round(right_px - margin_px), 0)
    part = picture_bgr[first:last, left:right]
    if not part.size:
        return np.empty((0, 3), np.uint8)
    import cv2  # slow to import, and needed only where pictures are looked at

    return np.asarray(cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_BGR2HSV), np.uint8).reshape(-1, 3)


def _white_like(hsv: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Bright and nearly without colour."""
    return np.asarray((hsv[:, 2] > _WHITE_VALUE) & (hsv[:, 1] < _WHITE_SATURATION))


def _vivid(hsv: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Fluorescent yellow, orange or red."""
    hue, saturation, value = hsv[:, 0], hsv[:, 1], hsv[:, 2]
    yellow = (hue >= _YELLOW[0]) & (hue <= _YELLOW[1]) & (saturation > _LEAST_SATURATION[0])
    red = ((hue <= _RED[1]) | (hue >= _RED[0])) & (saturation > _LEAST_SATURATION[1])
    return np.asarray((yellow | red) & (value > _LEAST_VALUE))


def _share(pixels: NDArray[np.bool_]) -> float:
    return float(np.mean(pixels))
