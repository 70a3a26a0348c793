"""Where everything stands in the grid: tiles of one size, a caption under each, margins above and below."""

from __future__ import annotations

from dataclasses import dataclass

from syncview.errors import SettingError

__all__ = ["Layout", "Rect", "TileRects", "lay_out"]

_MOST_WIDTH_PX, _MOST_HEIGHT_PX = 1920, 1080
_LEAST_WIDTH_PX = 640  # the margins need it for their words
_ASPECT = 16 / 9
_GAP_PX = 4
_TOP_PX, _BOTTOM_PX = 78, 58
_AS_GOOD = 0.97  # of the largest width: worth less than a place left empty
_MOST_TILES = 36  # more are too small to be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """A rectangle in pixels from the top left."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TileRects:
    """A camera's picture and the words under it. No word stands on a picture: it is evidence."""

    picture: Rect
    caption: Rect


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The whole grid. Width and height are even, as encoders need them."""

    width_px: int
    height_px: int
    font_px: int
    top: Rect
    bottom: Rect
    tiles: tuple[TileRects, ...]


def lay_out(count: int, *, tile_height_px: int = 360) -> Layout:
    """Find the arrangement with the largest tiles; of about equal ones that with the fewest empty places.

    Parameters
    ----------
    count : int
        Number of tiles; 0 leaves the margins and an empty middle.
    tile_height_px : int
        Height of a picture where there is room for it. The whole is never larger than 1920 x 1080.

    Returns
    -------
    Layout

    Raises
    ------
    SettingError
        If there are too many tiles to be read, or the height is not between 90 and 1080.

    Examples
    --------
    >>> grid = lay_out(4)
    >>> (grid.width_px, grid.height_px), [(t.picture.left, t.picture.top) for t in grid.tiles]
    ((1284, 948), [(0, 78), (644, 78), (0, 484), (644, 484)])
    """
    if count > _MOST_TILES:
        msg = f"{count} cameras are too many for one picture, at most {_MOST_TILES} can be read"
        raise SettingError(msg, hint="choose a group with fewer: --group")
    if not 90 <= tile_height_px <= _MOST_HEIGHT_PX:
        msg = f"the height of a tile should be between 90 and {_MOST_HEIGHT_PX} px, got {tile_height_px}"
        raise SettingError(msg)
    columns = _columns(max(1, count), tile_height_px)
    rows = -(-max(1, count) // columns)
    wide, high = _tile_px(columns, rows, tile_height_px)
    font_px = _font_px(wide)
    across = columns * wide + (columns - 1) * _GAP_PX
    width = max(_LEAST_WIDTH_PX, across) + max(_LEAST_WIDTH_PX, across) % 2
    step = high + _caption_px(font_px) + _GAP_PX
    left = (width - across) // 2
    tiles = []
    for number in range(count):
        row, column = divmod(number, columns)
        x, y = left + column * (wide + _GAP_PX), _TOP_PX + row * step
        picture = Rect(left=x, top=y, width=wide, height=high)
        tiles.append(
            TileRects(picture=picture, caption=Rect(left=x, top=y + high, width=wide, height=_caption_px(font_px)))
        )
    bottom_top = _TOP_PX + rows * step
    height = bottom_top + _BOTTOM_PX
    return Layout(
        width_px=width,
        height_px=height + height % 2,
        font_px=font_px,
        top=Rect(left=0, top=0, width=width, height=_TOP_PX),
        bottom=Rect(left=0, top=bottom_top, width=width, height=_BOTTOM_PX),
        tiles=tuple(tiles),
    )


def _columns(count: int, tile_height_px: int) -> int:
    widths = {n: _tile_px(n, -(-count // n), tile_height_px)[0] for n in range(1, count + 1)}
    large = [n for n, width in widths.items() if width >= _AS_GOOD * max(widths.values())]
    return min(large, key=lambda n: (n * -(-count // n) - count, -widths[n], -n))


def _tile_px(columns: int, rows: int, tile_height_px: int) -> tuple[int, int]:
    """Size of a picture's box in an arrangement."""
    most_wide = (_MOST_WIDTH_PX - (columns - 1) * _GAP_PX) // columns
    room = (_MOST_HEIGHT_PX - 1 - _TOP_PX - _BOTTOM_PX) // rows - _GAP_PX
    wide = min(most_wide, round(tile_height_px * _ASPECT))
    while wide > 1 and round(wide / _ASPECT) + _caption_px(_font_px(wide)) > room:
        wide -= 1
    return wide, round(wide / _ASPECT)


def _font_px(tile_width_px: int) -> int:
    return 15 if tile_width_px >= 480 else 13 if tile_width_px >= 300 else 11


def _caption_px(font_px: int) -> int:
    return 2 * (font_px + 5) + 2
