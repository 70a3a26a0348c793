"""Runs across the borders of blocks."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.media.levels import RunFinder


@pytest.mark.parametrize("block", [1, 3, 7, 1000])
def test_runs_do_not_depend_on_blocks(block: int) -> None:
    mask = np.zeros(100, dtype=bool)
    mask[0:5] = mask[20:22] = mask[40:60] = mask[95:100] = True
    finder = RunFinder(min_samples=3)
    for start in range(0, 100, block):
        finder.feed(mask[start : start + block])
    assert finder.finish() == ((0, 5), (40, 60), (95, 100))


def test_near_runs_are_joined() -> None:
    finder = RunFinder(min_samples=2, join_samples=5)
    mask = np.zeros(40, dtype=bool)
    mask[3:6] = mask[10:13] = mask[30:33] = True
    finder.feed(mask)
    assert finder.finish() == ((3, 13), (30, 33))


def test_nothing_gives_nothing() -> None:
    assert RunFinder(min_samples=1).finish() == ()
