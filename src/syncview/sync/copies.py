"""Whether two files hold one recording: a re-upload, re-encoded, trimmed, made louder, with music over it.

Two microphones at one incident, even a metre apart, each have a noise of their own; a copy repeats the noise. So what
counts are the quiet cells of time and frequency, between the sounds that all microphones share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.robust import weighted_mode
from syncview.signal.routines import uniform_filter1d
from syncview.sync.cells import agreement_cells, block_lags, overlap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.cells import Cells
    from syncview.sync.features import SoundFeatures

__all__ = ["CopyEvidence", "exact_lag", "same_passage", "same_recording"]

_LAG_BLOCK_S = 2.0
_ONE_LAG_S = 0.0005  # departures of blocks that are one lag: four samples
_LEAST_BLOCK_Z = 8.0
_UNCOVERED = 0.9
_NO_PHASE_RAD = 0.05
_FINER_S = 0.0001  # what peaks of correlations may be off: less than a sample
_SECOND_BLOCKS = 6  # of cells: about a second
_SMOOTHING_BLOCKS = 13  # two seconds: faster than that a gain control seldom moves


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyEvidence:
    """What shows that two files hold one recording.

    The common stretch is `start_s` to `end_s` in recording time of a; `lag_s` is ``r_a - r_b`` with its 95 %
    half-width. `share` is the part of the comparable cells that agree, `quiet_share` the same of the quiet ones between
    sounds, `quiet_cells` their number, `compared_share` the part of all cells that could be compared (the rest is
    covered by sound that only one file has). `drift_ppm` is how much faster b runs than a.
    """

    lag_s: float
    lag_uncertainty_s: float
    drift_ppm: float
    start_s: float
    end_s: float
    share: float
    quiet_share: float
    quiet_cells: int
    compared_share: float

    @property
    def words(self) -> str:
        """The evidence in a sentence, for the list that a result carries."""
        covered = f"; {1 - self.compared_share:.0%} is covered by other sound" if self.compared_share < 0.8 else ""
        return (
            f"same recording: over {self.end_s - self.start_s:.1f} s also the noise between sounds agrees "
            f"({self.quiet_share:.0%} of {self.quiet_cells} quiet cells), "
            f"at one lag to {self.lag_uncertainty_s * 1e3:.1f} ms{covered}"
        )


@dataclass(frozen=True, slots=True)
class _ExactLag:
    """A lag and its drift from blocks that agree; `supports` is their number, `share` of all with clear lags."""

    lag_s: float
    uncertainty_s: float
    drift_ppm: float
    supports: int


def same_recording(a: SoundFeatures, b: SoundFeatures, lag_s: float, *, settings: SyncSettings) -> CopyEvidence | None:
    """Decide whether two files hold the same recording at a lag.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    lag_s : float
        A likely lag ``r_a - r_b``, right to `settings.copy_search_s`.
    settings : SyncSettings
        Shares that are asked for.

    Returns
    -------
    CopyEvidence or None
        None when they are not copies, or when the sound does not allow the claim: too short, never quiet, or all of
        it covered by something else.

    Notes
    -----
    Swapping the two negates the lag and leaves the rest, but for rounding. A cut copy has a lag for each part: ask
    with each.
    """
    exact = exact_lag(a, b, lag_s, settings=settings)
    if exact is None:
        return None
    cells = agreement_cells(a, b, exact.lag_s, settings=settings)
    if cells is None:
        return None
    exact, cells = _by_phase(exact, cells)
    comparable = _comparable(cells, settings)
    quiet = _quiet(cells, settings)
    stretch = _agreeing_stretch(cells, comparable, settings)
    if stretch is None:
        return None
    return _evidence(_within(cells, stretch), comparable[:, stretch], quiet[:, stretch], exact, settings)


def same_passage(a: SoundFeatures, b: SoundFeatures, lag_s: float, *, settings: SyncSettings) -> CopyEvidence | None:
    """Decide whether the whole of what two short stretches have in common at a lag is one recording.

    Parameters
    ----------
    a, b : SoundFeatures
        Two stretches, cut so that the passage fills them.
    lag_s : float
        Their lag ``r_a - r_b``, right to `settings.copy_search_s`.
    settings : SyncSettings
        Shares that are asked for.

    Returns
    -------
    CopyEvidence or None
        As of `same_recording`, without the search for the part that agrees.
    """
    exact = exact_lag(a, b, lag_s, settings=settings)
    cells = None if exact is None else agreement_cells(a, b, exact.lag_s, settings=settings)
    if exact is None or cells is None:
        return None
    exact, cells = _by_phase(exact, cells)
    return _evidence(cells, _comparable(cells, settings), _quiet(cells, settings), exact, settings)


def exact_lag(a: SoundFeatures, b: SoundFeatures, lag_s: float, *, settings: SyncSettings) -> _ExactLag | None:
    """Find the one lag, to a fraction of a sample, on which most blocks near `lag_s` agree.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    lag_s : float
        ``r_a - r_b``, right to `settings.copy_search_s`.
    settings : SyncSettings
        Whitening and the reach of the search.

    Returns
    -------
    object with `lag_s`, `uncertainty_s`, `drift_ppm` and `supports`, or None
        None when no block has a clear lag.
    """
    common = overlap(a, b, lag_s)
    if common is None:
        return None
    middle_s, departure_s, z = block_lags(
        common, block_s=_LAG_BLOCK_S, reach_s=settings.copy_search_s, exponent=settings.whitening
    )
    clear = z >= _LEAST_BLOCK_Z
    if not clear.any():
        return None
    top = weighted_mode(departure_s[clear], np.minimum(z[clear], 50.0) ** 2, width=_ONE_LAG_S)
    near = clear & (np.abs(departure_s - top) <= _ONE_LAG_S)
    count = int(np.count_nonzero(near))
    at, lag = middle_s[near], departure_s[near]
    centre_s = float(np.mean(at))
    spread = float(np.sum((at - centre_s) ** 2))
    slope = float(np.sum((at - centre_s) * lag)) / spread if count >= 3 and spread > 0 else 0.0
    middle = float(np.median(lag - slope * (at - centre_s)))
    scatter_s = float(np.std(lag - slope * (at - centre_s))) / max(1.0, np.sqrt(count))
    return _ExactLag(
        common.lag_s + middle, max(2 * scatter_s, 0.25 / common.rate_hz), -slope * 1e6 if slope else 0.0, count
    )


def _by_phase(exact: _ExactLag, cells: Cells) -> tuple[_ExactLag, Cells]:
    """Take from the phase what grows with frequency: that is a rest of the lag, a few hundredths of a sample."""
    turn = 2 * np.pi * cells.centre_hz
    low = np.abs(turn) * _FINER_S < np.pi
    rest_s = -float(np.sum(cells.phase_rad[low] * turn[low]) / np.sum(turn[low] ** 2))
    if abs(rest_s) > _FINER_S:
        return exact, cells
    return replace(exact, lag_s=exact.lag_s + rest_s), replace(cells, phase_rad=cells.phase_rad + turn * rest_s)


def _comparable(cells: Cells, settings: SyncSettings) -> NDArray[np.bool_]:
    """Cells in which both files are as loud as one sound in both would be: nothing else covers either.

    How much louder one file is than the other, in each band and over time, is taken from the cells that agree.
    """
    difference = cells.level_a_db - cells.level_b_db
    sure = cells.agreement >= settings.copy_cell_agreement
    if np.count_nonzero(sure) < settings.copy_least_quiet_cells:
        return np.zeros(sure.shape, bool)
    known = np.where(sure, difference, np.nan)
    overall = float(np.nanmedian(known))
    tilt = np.array([np.median(row[ok]) if ok.any() else overall for row, ok in zip(difference, sure, strict=True)])
    rest = np.where(sure, difference - tilt[:, None], 0.0)
    weight = uniform_filter1d(sure.sum(axis=0).astype(float), _SMOOTHING_BLOCKS, mode="constant")
    drift = uniform_filter1d(rest.sum(axis=0), _SMOOTHING_BLOCKS, mode="constant") / np.maximum(weight, 1e-9)
    return np.asarray(np.abs(difference - tilt[:, None] - drift) <= settings.copy_level_match_db, bool)


def _quiet(cells: Cells, settings: SyncSettings) -> NDArray[np.bool_]:
    """The quietest cells of each band, in either file."""
    marks = [
        level <= np.quantile(level, settings.copy_quiet_quantile, axis=1, keepdims=True)
        for level in (cells.level_a_db, cells.level_b_db)
    ]
    return np.asarray(marks[0] | marks[1], bool)


def _agreeing_stretch(cells: Cells, comparable: NDArray[np.bool_], settings: SyncSettings) -> slice | None:
    """The blocks between which the seconds agree, unless many outside it agree by half, as with a common song."""
    agrees = cells.agreement >= settings.copy_cell_agreement
    seconds = agrees.shape[1] // _SECOND_BLOCKS
    shape = (agrees.shape[0], seconds, _SECOND_BLOCKS)
    cut = seconds * _SECOND_BLOCKS
    compared = comparable[:, :cut].reshape(shape).sum(axis=(0, 2))
    share = (agrees & comparable)[:, :cut].reshape(shape).sum(axis=(0, 2)) / np.maximum(compared, 1)
    known = compared >= settings.copy_least_cells_a_second
    good = known & (share >= settings.copy_second_share)
    first, last = _densest(np.where(known, np.where(good, 1, -1), 0))
    if (last - first) * _SECOND_BLOCKS * cells.block_s < settings.copy_least_s:
        return None
    outside = known.copy()
    outside[first:last] = False
    halfway = outside & (share >= settings.copy_unlike_share) & ~good
    if np.count_nonzero(halfway) > settings.copy_halfway_share * max(int(np.count_nonzero(outside)), last - first):
        return None
    return slice(first * _SECOND_BLOCKS, agrees.shape[1] if last == seconds else last * _SECOND_BLOCKS)


def _densest(steps: NDArray[np.int64]) -> tuple[int, int]:
    """Ends of the stretch with the largest sum (Kadane)."""
    best, sum_, start, ends = 0, 0, 0, (0, 0)
    for i, step in enumerate(steps.tolist()):
        if sum_ <= 0:
            sum_, start = 0, i
        sum_ += step
        if sum_ > best:
            best, ends = sum_, (start, i + 1)
    return ends


def _within(cells: Cells, stretch: slice) -> Cells:
    return replace(
        cells,
        agreement=cells.agreement[:, stretch],
        coherence=cells.coherence[:, stretch],
        level_a_db=cells.level_a_db[:, stretch],
        level_b_db=cells.level_b_db[:, stretch],
        start_s=cells.start_s + stretch.start * cells.block_s,
    )


def _evidence(
    cells: Cells,
    comparable: NDArray[np.bool_],
    quiet: NDArray[np.bool_],
    exact: _ExactLag,
    settings: SyncSettings,
) -> CopyEvidence | None:
    agrees = cells.agreement >= settings.copy_cell_agreement
    quiet_cells = int(np.count_nonzero(quiet & comparable))
    found = CopyEvidence(
        lag_s=exact.lag_s,
        lag_uncertainty_s=exact.uncertainty_s,
        drift_ppm=exact.drift_ppm,
        start_s=cells.start_s,
        end_s=cells.start_s + agrees.shape[1] * cells.block_s,
        share=float(agrees[comparable].mean()) if comparable.any() else 0.0,
        quiet_share=float(agrees[quiet & comparable].mean()) if quiet_cells else 0.0,
        quiet_cells=quiet_cells,
        compared_share=float(comparable.mean()),
    )
    enough = quiet_cells >= settings.copy_least_quiet_cells and found.share >= settings.copy_least_share
    if not enough or found.quiet_share < settings.copy_least_quiet_share:
        return None
    # Where nothing covers it and no speech coder was at work, even the quiet cells agree well, or have own noise.
    clear = found.compared_share >= _UNCOVERED and _phase_rad(cells) <= _NO_PHASE_RAD
    if clear and float(np.median(cells.agreement[quiet & comparable])) < settings.copy_clear_quiet_agreement:
        return None
    return found if _electronic(cells, found, settings) else None


def _phase_rad(cells: Cells) -> float:
    return float(np.median(np.abs(cells.phase_rad)))


def _noise_shows(cells: Cells, settings: SyncSettings) -> bool:
    """Whether the sound falls so far between its loud parts that each microphone's own noise would show."""
    fall_db = [
        np.mean(np.quantile(level, 0.9, axis=1) - np.quantile(level, 0.1, axis=1))
        for level in (cells.level_a_db, cells.level_b_db)
    ]
    return bool(min(fall_db) >= settings.copy_quiet_depth_db)


def _electronic(cells: Cells, found: CopyEvidence, settings: SyncSettings) -> bool:
    """Whether they agree as no two microphones on two clocks do: no phase between them, and no drift.

    A steady sound hides what noise there is, so that phase and drift must decide alone: they must be smaller.
    """
    if _phase_rad(cells) > settings.copy_largest_phase_rad:
        return False
    slide_s = abs(found.drift_ppm) * 1e-6 * (found.end_s - found.start_s)
    return slide_s <= settings.copy_largest_slide_s and (
        _noise_shows(cells, settings) or abs(found.drift_ppm) <= settings.copy_steady_drift_ppm
    )
