"""From time stamps to places on the recording-time axis: gaps, overlaps, drift and jitter of a sound track.

A decoder gives samples without holes and frames with time stamps, and the two disagree in many ways: lost packets,
Android's stretched first packet, stamps rounded to milliseconds, a sound clock that runs apart from the stamps, joined
files. The stamps are the truth of where a sound lies; the samples are the truth of how it runs on from one to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AxisPlan", "Piece", "plan_axis"]

_STEP_S = 0.002  # below it, a step of the stamps is rounding or drift
_STEP_PER_JITTER = 12.0  # a step must stand out of the ordinary scatter of the stamps, by its lower quartile
_EDGE_FRAMES = 8  # stamps on each side of a step that must agree on it
_OUTLIER_FRAMES = 2  # as few wrong stamps in a row are a fault of theirs, not a move of the sound
_KNOT_S = 2.0  # drift is followed by one straight piece per this much time
_DRIFT_S = 0.001  # drift within this is left alone: the error is then at most half of it
_DRIFT_PER_SCATTER = 10.0  # drift must stand out of what scatter leaves in the middle of many stamps
_JOIN_BACK_S = 1.0  # stamps that jump back farther belong to another file that was joined on


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Source samples [`source_start`, `source_stop`) lie at output samples [`out_start`, `out_stop`).

    `knots` are (output sample, source sample) pairs of a piece whose stamps drift; None where the two run alike.
    """

    source_start: int
    source_stop: int
    out_start: int
    out_stop: int
    knots: tuple[tuple[float, float], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisPlan:
    """Where every sample goes: output sample i lies at recording time ``start_s + i / rate_hz``."""

    start_s: float
    rate_hz: int
    pieces: tuple[Piece, ...]
    warnings: tuple[str, ...]

    @property
    def sample_count(self) -> int:
        """Number of output samples."""
        return self.pieces[-1].out_stop if self.pieces else 0

    @property
    def gaps_s(self) -> tuple[tuple[float, float], ...]:
        """Stretches of recording time that no piece covers."""
        return tuple(
            (self._time_s(one.out_stop), self._time_s(two.out_start))
            for one, two in pairwise(self.pieces)
            if two.out_start > one.out_stop
        )

    def time_of_s(self, source: float) -> float:
        """Recording time of a source sample.

        Parameters
        ----------
        source : float
            Place in the decoded samples.

        Returns
        -------
        float
            Seconds.
        """
        piece = next((each for each in self.pieces if source < each.source_stop), self.pieces[-1])
        if piece.knots is not None:
            out, inside = np.array(piece.knots).T
            return self._time_s(float(np.interp(source, inside, out)))
        return self._time_s(piece.out_start + max(0.0, source - piece.source_start))

    def _time_s(self, out: float) -> float:
        return self.start_s + out / self.rate_hz


@dataclass(frozen=True, slots=True)
class _Block:
    """Frames [a, b) whose stamps run on from each other."""

    a: int
    b: int


def plan_axis(
    first: NDArray[np.float64], time_s: NDArray[np.float64], *, total: int, rate_hz: int, max_gap_s: float
) -> AxisPlan:
    """Plan where the samples of a sound track go on the recording-time axis.

    Parameters
    ----------
    first : ndarray, shape (frames,), float64
        Place of each frame's first sample in the run of decoded samples, in samples of `rate_hz`.
    time_s : ndarray, shape (frames,), float64
        Recording time of each frame's first sample by its stamp, in seconds; NaN where it has none.
    total : int
        Number of decoded samples.
    rate_hz : int
        Rate of the samples.
    max_gap_s : float
        A longer jump of the stamps is taken as a fault of the stamps.

    Returns
    -------
    AxisPlan
        Stamps are met to 1 ms where they are consistent; where two stretches claim the same time the earlier keeps it.

    Examples
    --------
    A gap of half a second before the third frame of 100 samples:

    >>> plan = plan_axis(
    ...     np.array([0.0, 100.0, 200.0]), np.array([1.0, 1.1, 1.7]), total=300, rate_hz=1000, max_gap_s=60.0
    ... )
    >>> plan.start_s, plan.sample_count, [(round(a, 3), round(b, 3)) for a, b in plan.gaps_s]
    (1.0, 800, [(1.2, 1.7)])
    """
    if not len(first) or not total:
        return AxisPlan(start_s=0.0, rate_hz=rate_hz, pieces=(), warnings=())
    ahead_s = _filled(time_s - first / rate_hz)
    blocks = _blocks(ahead_s)
    bounds = [round(float(first[block.a])) for block in blocks] + [total]
    bounds[0] = 0
    maps = [_offsets_s(first[block.a : block.b], ahead_s[block.a : block.b], rate_hz) for block in blocks]
    return _lay(bounds, maps, rate_hz=rate_hz, max_gap_s=max_gap_s)


def _filled(ahead_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each stamp is ahead of the count of samples; frames without a stamp run on from the one before."""
    known = np.flatnonzero(np.isfinite(ahead_s))
    if not len(known):
        return np.zeros_like(ahead_s)
    last_known = known[np.maximum(np.searchsorted(known, np.arange(len(ahead_s)), side="right") - 1, 0)]
    filled: NDArray[np.float64] = ahead_s[last_known]
    return filled


def _blocks(ahead_s: NDArray[np.float64]) -> list[_Block]:
    """Cut where the stamps make a step that lasts; a lone wrong stamp makes none."""
    moves_s = np.abs(np.diff(ahead_s))
    calm_s = float(np.quantile(moves_s, 0.25, method="lower")) if len(moves_s) else 0.0
    step_s = max(_STEP_S, _STEP_PER_JITTER * calm_s)
    cuts = [0, *(np.flatnonzero(moves_s > step_s) + 1).tolist(), len(ahead_s)]
    kept: list[_Block] = []
    for a, b in pairwise(cuts):
        head_s = float(np.median(ahead_s[a : min(b, a + _EDGE_FRAMES)]))
        if kept and abs(head_s - _tail_s(ahead_s, kept[-1])) <= step_s:
            kept[-1] = _Block(kept[-1].a, b)
        elif len(kept) > 1 and _is_short(kept[-1]) and abs(head_s - _tail_s(ahead_s, kept[-2])) <= step_s:
            kept[-2:] = [_Block(kept[-2].a, b)]
        else:
            kept.append(_Block(a, b))
    return _without_stretched_first(kept, ahead_s)


def _tail_s(ahead_s: NDArray[np.float64], block: _Block) -> float:
    return float(np.median(ahead_s[max(block.a, block.b - _EDGE_FRAMES) : block.b]))


def _is_short(block: _Block) -> bool:
    return block.b - block.a <= _OUTLIER_FRAMES


def _without_stretched_first(blocks: list[_Block], ahead_s: NDArray[np.float64]) -> list[_Block]:
    """Let the first frame lead directly into the second where only its stamp stands apart.

    Android's writer tells of a late start of the sound by stretching the first packet, so that the stamps of all
    packets but the first are right.
    """
    if len(blocks) > 1 and blocks[0].b == 1 and ahead_s[1] > ahead_s[0]:
        return [_Block(0, blocks[1].b), *blocks[2:]]
    return blocks


def _offsets_s(first: NDArray[np.float64], ahead_s: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """Knots of a block, shape (k, 2): source sample, and how far the stamps are ahead there. One knot: no drift."""
    middle = np.array([[first[0], float(np.median(ahead_s))]])
    count = int((first[-1] - first[0]) / rate_hz / _KNOT_S)
    if count < 2:
        return middle
    edges = np.searchsorted(first, np.linspace(first[0], first[-1], count + 1)[1:-1])
    scatter_s = float(np.median(np.abs(np.diff(ahead_s)))) / np.sqrt(len(first) / count)
    knots = np.array(
        [
            (float(np.median(places)), float(np.median(values)))
            for places, values in zip(np.split(first, edges), np.split(ahead_s, edges), strict=True)
            if len(places)
        ]
    )
    return knots if np.ptp(knots[:, 1]) > max(_DRIFT_S, _DRIFT_PER_SCATTER * scatter_s) else middle


def _ahead_at_s(knots: NDArray[np.float64], source: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the stamps are ahead at source samples: straight between knots, and straight on beyond them."""
    if len(knots) == 1:
        return np.full_like(source, knots[0, 1])
    values: NDArray[np.float64] = np.interp(source, knots[:, 0], knots[:, 1])
    for near, far, outside in ((0, 1, source < knots[0, 0]), (-1, -2, source > knots[-1, 0])):
        slope = (knots[near, 1] - knots[far, 1]) / (knots[near, 0] - knots[far, 0])
        values[outside] = knots[near, 1] + slope * (source[outside] - knots[near, 0])
    return values


@dataclass(slots=True)
class _Notes:
    """What is to be said of a track, collected while it is laid out."""

    gaps_s: list[tuple[float, float]]
    overlaps_s: list[tuple[float, float]]
    joins: list[str]
    drift_ppm: list[float]

    def texts(self) -> tuple[str, ...]:
        texts = list(self.joins)
        if self.gaps_s:
            total_s = sum(length for _, length in self.gaps_s)
            texts.append(
                f"{_times(len(self.gaps_s), 'gap')} in the sound, {total_s:.3f} s in all, filled with zeros; "
                f"the first at {self.gaps_s[0][0]:.3f} s"
            )
        if self.overlaps_s:
            total_s = sum(length for _, length in self.overlaps_s)
            texts.append(
                f"{_times(len(self.overlaps_s), 'stretch', 'stretches')} of sound stamped over earlier sound, "
                f"{total_s:.3f} s in all, left out; the first at {self.overlaps_s[0][0]:.3f} s"
            )
        if self.drift_ppm:
            worst = max(self.drift_ppm, key=abs)
            texts.append(f"the sound's time stamps run {worst:+.0f} ppm against its samples; followed")
        return tuple(texts)


def _times(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _lay(bounds: list[int], maps: list[NDArray[np.float64]], *, rate_hz: int, max_gap_s: float) -> AxisPlan:
    """Lay the blocks one after the other on the output grid, whose first sample is the first block's."""
    notes = _Notes([], [], [], [])
    pieces: list[Piece] = []
    start_s = shift_s = 0.0
    cursor = 0
    for index, (a, b, knots) in enumerate(zip(bounds[:-1], bounds[1:], maps, strict=True)):
        ends_s = (np.array([a, b], dtype=float) / rate_hz + _ahead_at_s(knots, np.array([a, b], dtype=float))).tolist()
        if index == 0:
            start_s = ends_s[0]
        place = round((ends_s[0] + shift_s - start_s) * rate_hz)
        jump = place - cursor
        if jump > max_gap_s * rate_hz or jump < -_JOIN_BACK_S * rate_hz:
            shift_s -= jump / rate_hz
            notes.joins.append(_join_text(start_s + cursor / rate_hz, jump / rate_hz))
            place, jump = cursor, 0
        if jump > 0:
            notes.gaps_s.append((start_s + cursor / rate_hz, jump / rate_hz))
        if jump < 0:
            notes.overlaps_s.append((start_s + place / rate_hz, min(b - a, -jump) / rate_hz))
            a, place = a - jump, cursor
        if a >= b:
            continue
        piece = _piece(a, b, place, knots, rate_hz)
        if piece.knots is not None:
            notes.drift_ppm.append(((piece.out_stop - piece.out_start) / (b - a) - 1.0) * 1e6)
        pieces.append(piece)
        cursor = piece.out_stop
    return AxisPlan(start_s=start_s, rate_hz=rate_hz, pieces=tuple(pieces), warnings=notes.texts())


def _join_text(at_s: float, jump_s: float) -> str:
    way = "ahead" if jump_s > 0 else "back"
    return (
        f"the time stamps jump {way} by {abs(jump_s):.1f} s at {at_s:.3f} s (joined files?): "
        "the sound after it is laid directly on, and its true place is not known"
    )


def _piece(a: int, b: int, place: int, knots: NDArray[np.float64], rate_hz: int) -> Piece:
    if len(knots) == 1:
        return Piece(source_start=a, source_stop=b, out_start=place, out_stop=place + b - a)
    inside = knots[(knots[:, 0] > a) & (knots[:, 0] < b), 0]
    source = np.concatenate([[float(a)], inside, [float(b)]])
    out = source + _ahead_at_s(knots, source) * rate_hz
    out += place - out[0]
    pairs = tuple(zip(out.tolist(), source.tolist(), strict=True))
    return Piece(source_start=a, source_stop=b, out_start=place, out_stop=round(pairs[-1][0]), knots=pairs)
