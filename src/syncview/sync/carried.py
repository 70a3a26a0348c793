"""Whether what two files have in common was carried into them: a song, a broadcast, a voice on two radios.

An electronic copy proves no common place. It is called carried only on positive evidence: one single exact lag, as
sources on several sides or moving ones never have, while other sounds, above the noise in both files, are in the one
and not in the other. Stationary noise disagrees with nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.robust import weighted_mode
from syncview.sync.cells import agreement_cells, block_lags, overlap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.cells import Cells
    from syncview.sync.features import SoundFeatures

__all__ = ["CarriedEvidence", "carried", "same_sound_at_other_lags"]

_BLOCK_S = 2.0
_LEAST_Z = 5.5  # of a peak at the common lag
_ELSEWHERE_Z = 6.5  # of a peak anywhere else: there are many more places for chance
_ONE_LAG_S = 0.0008
_SEARCH_S = 0.003  # the densest lag; a line through it finds the drift
_POINTS_AT_MOST = 200  # 20,000 pairs
_STEEPEST = 3e-4  # of clocks; a walk slides a lag ten times faster
_FRAMES_PER_BLOCK = 20  # cells of 0.32 s
_FIRST_BAND = 2  # 350 Hz: wind and handling are below
_LOUD_DB = 3.0
_STANDS_OUT_DB = 4.0  # over the block's floor; the unsteadiest noise of phones seldom does
_SURE_COHERENCE = 0.45
_SURE_CELLS = 15
_BAND_CELLS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedEvidence:
    """What shows that the common sound of two files is carried.

    `blocks` stretches of 2 s hold the common sound at the lag `lag_s` to `scatter_s`, `elsewhere` others have one at
    another lag. `own_a` and `own_b` count cells in which a (or b) has a sound of its own that would be heard in the
    other if it were common, `own_share` is their part of all such loud cells. `inserted` says that the common sound is
    electronic in both, as a song laid over in the edit is; else it was heard by microphones (a radio in a room).
    """

    lag_s: float
    scatter_s: float
    drift_ppm: float
    blocks: int
    elsewhere: int
    own_a: int
    own_b: int
    own_share: float
    inserted: bool

    @property
    def words(self) -> str:
        """The evidence in a sentence, for the list that a result carries."""
        kind = "edited-in sound" if self.inserted else "carried sound (song, broadcast, loudspeaker or radio)"
        return (
            f"{kind}: {self.blocks} stretches agree at one lag to {self.scatter_s * 1e3:.1f} ms, while "
            f"{self.own_share:.0%} of the loud sounds of one file are not in the other"
        )


# Of each file: cells with a sound of its own, and cells loud enough to tell.
_OwnCells = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _OneLag:
    lag_s: float
    scatter_s: float
    drift_ppm: float
    blocks: int
    elsewhere: int


def carried(
    a: SoundFeatures, b: SoundFeatures, lag_s: float, *, reach_s: float = 1.5, settings: SyncSettings
) -> CarriedEvidence | None:
    """Decide whether the sound that two files share at a lag was carried into them.

    Ask `same_recording` first: a copy of a recording is one exact lag as well.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    lag_s : float
        Their likely lag ``r_a - r_b``, right to `reach_s`.
    reach_s : float
        How far sound's travel may move the lag of other common sounds, D / c.
    settings : SyncSettings
        What is asked for.

    Returns
    -------
    CarriedEvidence or None
        None without positive evidence: the common sound is then taken as acoustic.
    """
    one = _one_lag(a, b, lag_s, reach_s, settings)
    if one is None or one.blocks < settings.carried_least_blocks:
        return None
    if one.elsewhere > settings.carried_elsewhere_share * one.blocks:
        return None
    cells = agreement_cells(a, b, one.lag_s, settings=settings, frames_per_block=_FRAMES_PER_BLOCK)
    if cells is None:
        return None
    inserted = _electronic(cells, one, settings)
    own = _own_sounds(cells, settings.inserted_unlike_coherence if inserted else settings.carried_unlike_coherence)
    if not (_unlike_inserted(own, settings) if inserted else _unlike_heard(own, one, settings)):
        return None
    (own_a, loud_a), (own_b, loud_b) = own
    return CarriedEvidence(
        lag_s=one.lag_s,
        scatter_s=one.scatter_s,
        drift_ppm=one.drift_ppm,
        blocks=one.blocks,
        elsewhere=one.elsewhere,
        own_a=own_a,
        own_b=own_b,
        own_share=(own_a + own_b) / max(1, loud_a + loud_b),
        inserted=inserted,
    )


def _unlike_inserted(own: _OwnCells, settings: SyncSettings) -> bool:
    """Whether other sounds disagree with one that is electronic in both; of such, one file's alone are enough."""
    (own_a, loud_a), (own_b, loud_b) = own
    share = (own_a + own_b) / max(1, loud_a + loud_b)
    return own_a + own_b >= settings.inserted_least_own and share >= settings.inserted_least_share


def _unlike_heard(own: _OwnCells, one: _OneLag, settings: SyncSettings) -> bool:
    """Whether both files have sounds of their own beside one that microphones heard.

    One file's alone are what somebody says beside a camera; and rooms make some cells of common sounds disagree.
    """
    (own_a, loud_a), (own_b, loud_b) = own
    least = settings.carried_least_own
    if one.blocks < settings.carried_least_heard_blocks or own_a + own_b < least:
        return False
    if min(own_a / max(1, loud_a), own_b / max(1, loud_b)) < settings.carried_weaker_share:
        return False
    share = (own_a + own_b) / max(1, loud_a + loud_b)
    strongest = max(n / loud if n >= least else 0.0 for n, loud in ((own_a, loud_a or 1), (own_b, loud_b or 1)))
    return share >= settings.carried_least_share or strongest >= settings.carried_strong_share


def _one_lag(
    a: SoundFeatures, b: SoundFeatures, lag_s: float, reach_s: float, settings: SyncSettings
) -> _OneLag | None:
    """The lag on which blocks agree exactly, a drift of the clocks allowed, and how many say another."""
    common = overlap(a, b, lag_s)
    if common is None:
        return None
    middle_s, departure_s, z = block_lags(common, block_s=_BLOCK_S, reach_s=reach_s, exponent=settings.whitening)
    clear = z >= min(_ELSEWHERE_Z, float(z.max()))
    top = weighted_mode(departure_s[clear], np.minimum(z[clear], 20.0), width=_SEARCH_S)
    near = (np.abs(departure_s - top) <= _SEARCH_S) & (z >= _LEAST_Z)
    if not near.any():
        return None
    at_s = middle_s - float(np.mean(middle_s[near]))
    slope = _slope(at_s[near], departure_s[near])
    line = float(np.median(departure_s[near] - slope * at_s[near])) + slope * at_s
    on = near & (np.abs(departure_s - line) <= _ONE_LAG_S)
    # Less far off is the first echo of a room, not another source: phones so near each other share all sounds.
    off = (np.abs(departure_s - line) > _SEARCH_S) & (z >= _ELSEWHERE_Z)
    if not on.any():
        return None
    return _OneLag(
        common.lag_s + float(np.median(line[on])),
        float(np.std((departure_s - line)[on])),
        -slope * 1e6 if slope else 0.0,
        int(np.count_nonzero(on)),
        int(np.count_nonzero(off)),
    )


def _slope(at_s: NDArray[np.float64], departure_s: NDArray[np.float64]) -> float:
    """Median of the slopes between all pairs (Theil 1950, Sen 1968), as far as clocks drift; of many, a sample."""
    if len(at_s) > _POINTS_AT_MOST:
        sample = np.linspace(0, len(at_s) - 1, _POINTS_AT_MOST).round().astype(int)
        at_s, departure_s = at_s[sample], departure_s[sample]
    pairs = list(itertools.combinations(range(len(at_s)), 2))
    if len(at_s) < 3 or not pairs:
        return 0.0
    i, j = np.array(pairs).T
    steps = at_s[j] - at_s[i]
    slope = float(np.median((departure_s[j] - departure_s[i])[steps > 0] / steps[steps > 0]))
    return slope if abs(slope) <= _STEEPEST else 0.0


def _own_sounds(cells: Cells, unlike_coherence: float) -> _OwnCells:
    """Cells in which a has a sound of its own, of all in which it is loud enough to be heard in b; and the same of b.

    Loud means: standing out of the block's own floor, which a gain control lifts as a whole. The sound would be heard
    in b if, at the ratio of levels that the common sound has, it made up all that b has there. Then a common sound
    shows as coherence; without it, it is a's own.
    """
    above_a, above_b = _above(cells.level_a_db), _above(cells.level_b_db)
    difference = cells.level_a_db - cells.level_b_db
    excess = difference - _usual(difference, cells.coherence, (above_a >= _LOUD_DB) & (above_b >= _LOUD_DB))
    unlike = cells.coherence < unlike_coherence
    counts = []
    for above, over in ((above_a, excess), (above_b, -excess)):
        stands_out = _above(above - np.quantile(above, 0.25, axis=0, keepdims=True))
        loud = (stands_out >= _STANDS_OUT_DB) & (above >= _LOUD_DB) & (over >= 0)
        loud[:_FIRST_BAND] = False
        counts.append((int(np.count_nonzero(loud & unlike)), int(np.count_nonzero(loud))))
    return counts[0], counts[1]


def _above(level_db: NDArray[np.floating]) -> NDArray[np.float32]:
    """Level over each band's quieter quarter."""
    return np.asarray(level_db - np.quantile(level_db, 0.2, axis=1, keepdims=True), np.float32)


def _usual(
    difference_db: NDArray[np.float32], coherence: NDArray[np.float32], loud: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How much louder the common sound is in a than in b, per band: shape (bands, 1)."""
    loud = loud.copy()
    loud[:_FIRST_BAND] = False
    # Cells in which the one has another sound beside the common one still agree by half: the best tell the ratio.
    least = float(np.quantile(coherence[loud], 0.75)) if loud.any() else 1.0
    sure = loud & (coherence >= max(_SURE_COHERENCE, least))
    if np.count_nonzero(sure) < _SURE_CELLS:
        sure = coherence >= np.quantile(coherence[_FIRST_BAND:], 0.95)
        sure[:_FIRST_BAND] = False
    overall = float(np.median(difference_db[sure]))
    bands = [
        float(np.median(row[ok])) if np.count_nonzero(ok) >= _BAND_CELLS else overall
        for row, ok in zip(difference_db, sure, strict=True)
    ]
    return np.array(bands)[:, None]


def _electronic(cells: Cells, one: _OneLag, settings: SyncSettings) -> bool:
    """Whether no room and no microphone stands between the two: no phase in any band, no drift, no scatter."""
    turn = 2 * np.pi * cells.centre_hz
    rest_s = float(np.sum(cells.phase_rad * turn) / np.sum(turn**2))
    phase_rad = float(np.median(np.abs(cells.phase_rad - turn * rest_s)))
    return phase_rad <= settings.inserted_largest_phase_rad and abs(one.drift_ppm) <= settings.inserted_drift_ppm


def same_sound_at_other_lags(
    lags_s: Mapping[tuple[str, str], float], offsets_s: Mapping[str, float], *, tolerance_s: float
) -> tuple[tuple[str, str], ...]:
    """Name the pairs whose common sound stands at a lag that no geometry allows.

    Parameters
    ----------
    lags_s : mapping of (str, str) to float
        Lag ``r_a - r_b`` of one sound, or of the strongest, for pairs of recordings.
    offsets_s : mapping of str to float
        Clocks that rest on other evidence than these lags: offset of each recording that has one.
    tolerance_s : float
        How far sound's travel may move a lag, D / c.

    Returns
    -------
    tuple of (str, str)
        Pairs whose lag departs from their clocks by more than the tolerance, and pairs of a triangle that does not
        close within three of them, sorted.

    Examples
    --------
    A jingle ends up at 40 s in one file and at 10 s in the other, while their clocks differ by 3 s:

    >>> same_sound_at_other_lags({("a", "b"): 30.0}, {"a": 0.0, "b": 3.0}, tolerance_s=1.5)
    (('a', 'b'),)
    """
    wrong = {
        (a, b)
        for (a, b), lag_s in lags_s.items()
        if a in offsets_s and b in offsets_s and abs(lag_s - (offsets_s[b] - offsets_s[a])) > tolerance_s
    }
    both_ways = {**{(b, a): -lag_s for (a, b), lag_s in lags_s.items()}, **lags_s}
    names = sorted({name for pair in lags_s for name in pair})
    for x, y, w in itertools.combinations(names, 3):
        sides = ((x, y), (y, w), (w, x))
        if all(side in both_ways for side in sides) and abs(sum(both_ways[s] for s in sides)) > 3 * tolerance_s:
            wrong.update(side if side in lags_s else side[::-1] for side in sides)
    return tuple(sorted(wrong))
