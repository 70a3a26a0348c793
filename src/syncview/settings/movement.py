"""Defaults of people and vehicles in pictures, with their reasons; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MovementSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementSettings:
    """How figures are recognised, followed, and what of their tracks is told."""

    rate_hz: float = 5.0  # frames looked at: a runner moves by half his height between two
    span_s: float = 60.0  # looked at in pieces of this length, for the sake of progress, memory and many workers
    least_score: float = 0.25  # of the detector, for a figure that continues a track
    least_track_score: float = 0.40  # for one that begins it: by eye no false person in 6 frames of a campus
    smallest_px: float = 25.0  # height of a person below which the detector misses most
    # The network's looks at a picture (detect/nanodet.py, detect/tiles.py).
    seen_from_input_px: float = 18.0  # height in what the network takes (416 px) from which it misses few persons: of a
    # campus film made smaller 94 % are found, of 10 to 14 px 32 %; COCO calls less than 21 px of it small
    threads: int = 1  # files are looked at side by side, so that more for one of them wins nothing
    same_figure_iou: float = 0.6  # boxes of one look that overlap more are one figure: what NanoDet was evaluated with
    # Looks at parts, besides the whole: so many along the longer side, so many along the shorter. 2 x 2 show persons of
    # little more than half the height, for five times the cost.
    tiles: tuple[int, int] = (1, 1)
    tile_overlap: float = 0.2  # of a tile: figures of up to a ninth of the picture's side stand whole in one of them
    same_in_tiles_iou: float = 0.45  # boxes of two looks; at two scales they fit worse than in one look
    same_in_tiles_part: float = 0.6  # of a figure that a tile's border cut, within another: it is a part of that
    # Colours of clothing (detect/clothing.py); nothing is filtered by them.
    clothing_from_px: float = 60.0  # height of a person; of a smaller one the head is fewer than 12 px high, all edge
    head_rows: tuple[float, float] = (0.02, 0.15)  # of the box: a head is an eighth of the height, and boxes are loose
    body_rows: tuple[float, float] = (0.20, 0.55)  # of the box: shoulders to hips
    head_columns: float = 0.3  # of the box's width, in its middle: a head is 0.09 of the height wide, a box 0.3 to 0.4
    body_columns: float = 0.5  # shoulders are a quarter of the height wide; beside them arms swing
