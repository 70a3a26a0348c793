"""How numbers stand in the cells of a table."""

from __future__ import annotations

__all__ = ["number_text"]


def number_text(value: float) -> str:
    """A number to the microsecond, without the zeros at its end.

    Examples
    --------
    >>> number_text(12.5), number_text(-0.0000001), number_text(3)
    ('12.5', '0', '3')
    """
    return f"{round(value, 6) + 0.0:.6f}".rstrip("0").rstrip(".")
