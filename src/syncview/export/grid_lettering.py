"""Words as pixels: any script, Arabic joined, right-to-left names kept from turning what stands beside them.

Pillow draws. Where the system has FriBiDi, the raqm in its wheels shapes, and all is drawn in Rubik, which has Latin,
Cyrillic, Hebrew and Arabic letters in one file. Elsewhere `grid_shaping` does, and Arabic is drawn in IBM Plex Sans
Arabic, which has the joined forms as characters. Both fonts are under the OFL and come from packages of their own.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from PIL import ImageFont, features

from syncview.errors import DocumentError
from syncview.export.grid_shaping import in_drawing_order

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

__all__ = ["draw_words", "pillow_shapes", "shortened", "width_px"]

_RUBIK = ("fontpkg_rubik", "files/Rubik[wght].ttf")
_PLEX = ("fontpkg_ibm_plex_sans_arabic", "files/IBMPlexSansArabic-{}.ttf")
_REGULAR, _BOLD = 400, 600
_ELLIPSIS = "…"
_TAIL_SHARE = 0.4  # of a shortened name; its end tells the kind of file and often the number


@lru_cache(maxsize=1)
def pillow_shapes() -> bool:
    """Whether Pillow itself joins letters and orders scripts on this machine."""
    return bool(features.check("raqm")) and features.version("fribidi") is not None


def width_px(words: str, size_px: int, *, bold: bool = False, running: bool = False) -> float:
    """Width of words in pixels."""
    font, ready = _set(words, size_px, bold)
    return float(font.getlength(ready, features=_features(running)))


def draw_words(
    drawing: ImageDraw,
    at: tuple[float, float],
    words: str,
    size_px: int,
    *,
    colour: tuple[int, int, int],
    bold: bool = False,
    running: bool = False,
    anchor: str = "ls",
) -> None:
    """Draw one line of words.

    Parameters
    ----------
    drawing : PIL.ImageDraw.ImageDraw
        What to draw on.
    at : tuple of float
        Left end of the base line, or what `anchor` names.
    words : str
        One line. Its direction is that of its first strong letter.
    size_px : int
        Size of the font.
    colour : tuple of int
        Red, green and blue.
    bold : bool
        Heavier strokes.
    running : bool
        Digits of one width, so that a running time does not tremble.
    anchor : str
        As Pillow has it: "ls" left, "rs" right, "ms" middle of the base line.
    """
    font, ready = _set(words, size_px, bold)
    drawing.text(at, ready, font=font, fill=colour, anchor=anchor, features=_features(running))


def shortened(name: str, most_px: float, size_px: int, *, bold: bool = False) -> str:
    """A name with its middle left out, so that it is no wider than `most_px`; the end, with the suffix, stays.

    Examples
    --------
    >>> shortened("VID_20180501_121226_from_the_roof.mp4", 120, 15), shortened("cam1.mp4", 120, 15)
    ('VID_2018…f.mp4', 'cam1.mp4')
    """
    if width_px(name, size_px, bold=bold) <= most_px:
        return name
    low, high = 0, len(name) - 1
    while low < high:
        kept = (low + high + 1) // 2
        if width_px(_cut(name, kept), size_px, bold=bold) <= most_px:
            low = kept
        else:
            high = kept - 1
    return _cut(name, low)


def _cut(name: str, kept: int) -> str:
    """Leave `kept` characters, and no mark without the letter that it belongs to."""
    tail = min(kept, max(round(kept * _TAIL_SHARE), 1))
    head = kept - tail
    while 0 < head < len(name) and unicodedata.combining(name[head]):
        head -= 1
    start = len(name) - tail
    while start < len(name) and unicodedata.combining(name[start]):
        start += 1
    return name[:head] + _ELLIPSIS + name[start:]


def _set(words: str, size_px: int, bold: bool) -> tuple[ImageFont.FreeTypeFont, str]:
    """The font for some words, and what to hand to it."""
    if pillow_shapes():
        return _font(size_px, bold, right_to_left=False), words
    arabic = any(unicodedata.bidirectional(char) == "AL" for char in words)
    return _font(size_px, bold, right_to_left=arabic), in_drawing_order(words)


@lru_cache(maxsize=32)
def _font(size_px: int, bold: bool, *, right_to_left: bool) -> ImageFont.FreeTypeFont:
    package, file = _PLEX if right_to_left else _RUBIK
    place = file.format("SemiBold" if bold else "Regular")
    engine = ImageFont.Layout.RAQM if pillow_shapes() else ImageFont.Layout.BASIC
    try:
        font = ImageFont.truetype(str(files(package) / place), size_px, layout_engine=engine)
    except (ModuleNotFoundError, OSError) as error:
        named = package.replace("_", "-")
        msg = f"the font of {named}, with which the grid's words are drawn, is not there"
        raise DocumentError(msg, hint=f"install it: pip install --force-reinstall {named}") from error
    if not right_to_left:
        font.set_variation_by_axes([_BOLD if bold else _REGULAR])
    return font


def _features(running: bool) -> list[str] | None:
    return ["tnum"] if running and pillow_shapes() else None
