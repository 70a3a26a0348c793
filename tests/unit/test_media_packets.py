"""Even and uneven frames, from their stamps alone."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from syncview.media.packets import is_variable

MS, PHONE, EXACT = Fraction(1, 1000), Fraction(1, 600), Fraction(1, 90_000)


@pytest.mark.parametrize(
    ("pts", "base", "variable"),
    [
        (3003 * np.arange(300), EXACT, False),
        (np.round(np.arange(300) * 1000 / 29.97), MS, False),
        (np.cumsum([0, *[20] * 44, 21, *[20] * 75]), PHONE, False),
        (np.delete(3003 * np.arange(300), 150), EXACT, True),
        (np.cumsum([0, *[3003] * 100, *[6006] * 100]), EXACT, True),
        (np.cumsum([0, *[9000, 8098, 7199] * 20]), EXACT, True),
        (np.array([0, 10]), MS, None),
    ],
)
def test_variable_rate(pts: np.ndarray, base: Fraction, variable: bool | None) -> None:
    assert is_variable(pts.astype(np.int64), base) is variable
