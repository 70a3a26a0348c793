"""Long sound in blocks with margins, so that memory does not grow with length."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Block", "padded_blocks"]


class Block(NamedTuple):
    """One stretch of sound.

    `samples` holds the block and, as far as the sound reaches, a margin on both sides; the block proper is
    ``samples[lead : lead + length]`` and starts at `start_samples` of the whole.
    """

    samples: NDArray[np.float32]
    start_samples: int
    lead_samples: int
    length_samples: int


def padded_blocks(samples: NDArray[np.float32], *, block_samples: int, margin_samples: int) -> Iterator[Block]:
    """Cut sound into blocks that know their surroundings.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        The sound, possibly memory-mapped; only one block at a time is read into memory.
    block_samples : int
        Length of the block proper.
    margin_samples : int
        Surroundings wanted on each side; shorter at the ends.

    Yields
    ------
    Block
        In order, without gaps or overlaps of the blocks proper.

    Examples
    --------
    >>> [b.length_samples for b in padded_blocks(np.zeros(5, np.float32), block_samples=2, margin_samples=1)]
    [2, 2, 1]
    """
    total = len(samples)
    for start in range(0, total, block_samples):
        length = min(block_samples, total - start)
        lead = min(margin_samples, start)
        stop = min(total, start + length + margin_samples)
        yield Block(np.asarray(samples[start - lead : stop], dtype=np.float32), start, lead, length)
