"""Shapes and colours of the grid: lamps, events on their strip, the stripes of a camera that does not film.

Nothing blinks: what lights up stays lit for a second, and lights of one lamp that follow each other closely are one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL import ImageDraw

    from syncview.export.grid import GridEvent, Mark
    from syncview.export.grid_layout import Rect

__all__ = [
    "BACK",
    "DIM",
    "LIT_S",
    "ORANGE",
    "PAD_PX",
    "SURROUND",
    "WORDS",
    "Colour",
    "draw_event",
    "draw_lamps",
    "hatch",
    "is_lit",
    "lit_spans_s",
    "mark_colour",
]

Colour = tuple[int, int, int]

# Colours of Okabe and Ito, which colour-blind people tell apart; every meaning has a shape or a word too.
BACK: Colour = (22, 24, 28)
SURROUND: Colour = (40, 42, 46)
_STRIPE: tuple[Colour, Colour] = ((44, 46, 52), (58, 60, 68))
WORDS: Colour = (236, 236, 236)
DIM: Colour = (168, 172, 180)
ORANGE: Colour = (230, 120, 40)
_BLUE: Colour = (86, 180, 233)
_GREEN: Colour = (0, 158, 115)
_PINK: Colour = (204, 121, 167)
_KIND_COLOURS: dict[str, Colour] = {"strike": ORANGE, "shot": _PINK, "aircraft": _BLUE, "movement": _GREEN}
LIT_S = 1.0
PAD_PX = 8
_JOIN_S = 0.5  # lights nearer than this are one: a lamp changes less than twice in a second


def lit_spans_s(moments_s: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """When one lamp is lit for stretches of time.

    Parameters
    ----------
    moments_s : sequence of tuple of float
        Start and end of what it shows, in seconds.

    Returns
    -------
    tuple of tuple of float
        Ascending; each lasts at least a second, and so does the dark between two, or half of it.

    Examples
    --------
    >>> lit_spans_s([(1.0, 1.0), (2.2, 2.2), (9.0, 12.0)])
    ((1.0, 3.2), (9.0, 12.0))
    """
    spans: list[tuple[float, float]] = []
    for start_s, end_s in sorted(moments_s):
        until_s = max(end_s, start_s + LIT_S)
        if spans and start_s - spans[-1][1] < _JOIN_S:
            spans[-1] = (spans[-1][0], max(spans[-1][1], until_s))
        else:
            spans.append((start_s, until_s))
    return tuple(spans)


def is_lit(spans_s: Sequence[tuple[float, float]], time_s: float) -> bool:
    """Whether a moment lies in one of the spans."""
    return any(start_s <= time_s < end_s for start_s, end_s in spans_s)


def mark_colour(marks: Sequence[Mark]) -> Colour:
    """Colour of the words for what a camera hears or sees now: that of light, where it sees one."""
    return _BLUE if any(mark.kind == "sees" for mark in marks) else ORANGE


def draw_lamps(drawing: ImageDraw.ImageDraw, top: int, size: int, lamps: dict[str, bool]) -> None:
    """A square for what is heard, a circle for what is seen."""
    for number, (kind, colour) in enumerate((("hears", ORANGE), ("sees", _BLUE))):
        left = PAD_PX + number * (size + 5)
        box = (left, top, left + size, top + size)
        draw = drawing.rectangle if kind == "hears" else drawing.ellipse
        draw(box, fill=colour if lamps[kind] else None, outline=colour if lamps[kind] else (90, 92, 98))


def draw_event(drawing: ImageDraw.ImageDraw, event: GridEvent, x_of: Callable[[float], float], *, lit: bool) -> None:
    """A shape for each kind, on a bar as long as its error or the event itself."""
    colour = _KIND_COLOURS.get(event.kind, WORDS)
    x, y, r = x_of(event.time_s), 18.0, 8 if lit else 6
    low, high = x_of(event.time_s - event.uncertainty_s), x_of(event.end_s + event.uncertainty_s)
    drawing.line((low, y, high, y), fill=colour, width=3)
    corners = {
        "strike": [(x, y - r), (x + r, y + r - 1), (x - r, y + r - 1)],
        "shot": [(x - r + 1, y - r + 1), (x + r - 1, y - r + 1), (x + r - 1, y + r - 1), (x - r + 1, y + r - 1)],
        "movement": [(x, y - r), (x + r, y), (x, y + r), (x - r, y)],
    }.get(event.kind)
    fill = colour if lit else BACK
    if corners is None:
        drawing.ellipse((x - r, y - r, x + r, y + r), fill=fill, outline=colour, width=2)
    else:
        drawing.polygon(corners, fill=fill, outline=colour, width=2)


def hatch(drawing: ImageDraw.ImageDraw, rect: Rect) -> None:
    """Stripes, so that nobody takes it for a dark picture."""
    drawing.rectangle((0, 0, rect.width, rect.height), fill=_STRIPE[0])
    step = 16
    for left, right in pairwise(range(-rect.height, rect.width + 2 * step, step)):
        if (left // step) % 2:
            continue
        drawing.polygon(
            [(left, rect.height), (right, rect.height), (right + rect.height, 0), (left + rect.height, 0)],
            fill=_STRIPE[1],
        )
