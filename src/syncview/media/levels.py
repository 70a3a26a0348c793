"""Stretches of a stream of samples: digital silence and flat tops, found block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RunFinder"]


class RunFinder:
    """Find the runs of True in a stream of masks, across the borders of blocks.

    Parameters
    ----------
    min_samples : int
        Shorter runs are dropped.
    join_samples : int
        Runs that lie no farther apart than this, counted after the short ones are dropped, become one.

    Examples
    --------
    >>> finder = RunFinder(min_samples=2)
    >>> finder.feed(np.array([False, True]))
    >>> finder.feed(np.array([True, True, False, True]))
    >>> finder.finish()
    ((1, 4),)
    """

    def __init__(self, *, min_samples: int, join_samples: int = 0) -> None:
        self._min_samples = min_samples
        self._join_samples = join_samples
        self._runs: list[tuple[int, int]] = []
        self._open_at: int | None = None
        self._seen = 0

    def feed(self, mask: NDArray[np.bool_]) -> None:
        """Take the next block.

        Parameters
        ----------
        mask : ndarray, shape (n,), bool
            True where the property holds.
        """
        if self._open_at is None and not mask.any():  # most sound is neither silent nor clipped
            self._seen += len(mask)
            return
        edges = np.flatnonzero(np.diff(mask, prepend=self._open_at is not None)) + self._seen
        for edge in edges.tolist():
            if self._open_at is None:
                self._open_at = edge
            else:
                self._close(edge)
        self._seen += len(mask)

    def finish(self) -> tuple[tuple[int, int], ...]:
        """End the stream.

        Returns
        -------
        tuple of (int, int)
            First sample and the one after the last of every run, in order.
        """
        if self._open_at is not None:
            self._close(self._seen)
        return tuple(self._runs)

    def _close(self, end: int) -> None:
        start = end if self._open_at is None else self._open_at
        self._open_at = None
        if end - start < self._min_samples:
            return
        if self._runs and start - self._runs[-1][1] <= self._join_samples:
            self._runs[-1] = (self._runs[-1][0], end)
        else:
            self._runs.append((start, end))
