"""How large a stored picture is when it is shown: its pixels may not be square, and it may lie on its side."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["shown_size"]


def shown_size(width_px: int, height_px: int, *, pixel_aspect: Fraction, turns: int) -> tuple[int, int]:
    """Size of a picture as players show it, in square pixels.

    Parameters
    ----------
    width_px, height_px : int
        As stored.
    pixel_aspect : Fraction
        Width of a stored pixel over its height. The stored height stays, as in most players.
    turns : int
        Quarter turns that show the picture the right way up.

    Returns
    -------
    width_px, height_px : int
        The right way up.

    Examples
    --------
    >>> from fractions import Fraction
    >>> shown_size(720, 576, pixel_aspect=Fraction(16, 15), turns=0)
    (768, 576)
    >>> shown_size(1920, 1080, pixel_aspect=Fraction(1), turns=1)
    (1080, 1920)
    """
    across, down = max(1, round(width_px * pixel_aspect)), height_px
    return (down, across) if turns % 2 else (across, down)
