"""The few lags of a pair that anything speaks for, and what speaks for each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.sync.correlation import LagCurve, level_curve, waveform_curve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.features import SoundFeatures

__all__ = ["Agreement", "LagCandidate", "common_s", "lag_candidates"]

_STRONGEST_BLOCKS = 2
_LEAST_STEPS = 8
_VALUES_AT_ONCE = 4_000_000  # of a long overlap, so that memory does not grow with length


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far one kind of evidence agrees at a lag, in sigmas of other lags.

    `z` is of the whole overlap; `rest_z` of what is left without its strongest two seconds: one bang agrees with any
    other. `course` is how the agreement is spread over the overlap, shape (n,): the sum over a stretch over the root of
    its number of steps is the stretch's own height.
    """

    lag_s: float
    z: float
    rest_z: float
    course: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LagCandidate:
    """A lag of b against a, and how far three kinds of evidence agree there.

    The courses start at a's recording time `first_s`, where the two begin to have sound in common, and have steps of
    `step_s`.
    """

    lag_s: float
    tones: Agreement
    pattern: Agreement
    white: Agreement
    first_s: float
    step_s: float
    overlap_s: float

    def strength(self) -> float:
        """Height of the kind of evidence that stands out most."""
        return max(self.tones.rest_z, self.pattern.rest_z, self.white.rest_z)

    def course(self) -> NDArray[np.float64]:
        """Agreement of all kinds together along the overlap, shape (n,)."""
        return np.asarray((self.tones.course + self.pattern.course + self.white.course) / math.sqrt(3.0))


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of evidence of a pair: its curve, and what so many equal steps of the overlap add to it at a lag."""

    curve: LagCurve
    sums: Callable[[float, int], NDArray[np.float64]]


def common_s(a: SoundFeatures, b: SoundFeatures, lag_s: float) -> tuple[float, float]:
    """First and last recording time of a that b has in common with it at a lag.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    lag_s : float
        ``r_a - r_b``.

    Returns
    -------
    tuple of float
        The last is before the first where they have nothing in common.
    """
    return max(a.start_s, b.start_s + lag_s), min(a.start_s + a.duration_s, b.start_s + b.duration_s + lag_s)


def lag_candidates(a: SoundFeatures, b: SoundFeatures, *, settings: SyncSettings) -> tuple[LagCandidate, ...]:
    """Find the lags at which the sound of two recordings agrees best.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings. Swapping them negates the lags and changes nothing else.
    settings : SyncSettings
        Numbers of peaks and limits.

    Returns
    -------
    tuple of LagCandidate
        At most `settings.hypotheses_per_pair`, strongest first, and more where a sound repeats and the lags are nearly
        as high; lags within `settings.cluster_width_s` of a stronger one are part of it. Empty when nothing stands out.
    """
    shorter_s = min(a.duration_s, b.duration_s)
    if shorter_s < 2 * settings.window_shortest_s:
        return ()
    kinds = _kinds(a, b, min(settings.least_common_s, 0.5 * shorter_s), settings)
    peaks, repeats = _peaks(kinds, settings)
    found: list[LagCandidate] = []
    for lag_s in sorted(peaks | repeats, key=lambda lag: (-_strength(kinds, lag, settings), lag)):
        if _is_part_of(lag_s, found, settings) or (len(found) >= settings.hypotheses_per_pair and lag_s not in repeats):
            continue
        candidate = _candidate(a, b, kinds, lag_s, settings)
        if candidate is not None and not _is_shadow_of(candidate, found, settings):
            found.append(candidate)
        if len(found) == settings.repeats_at_most:
            break
    return tuple(found)


def _peaks(kinds: Sequence[_Kind], settings: SyncSettings) -> tuple[set[float], set[float]]:
    """The lags that stand highest in each kind of evidence, and all that are far above chance and nearly as high."""
    highest, repeats = set(), set()
    for kind in kinds:
        peaks = kind.curve.peaks(
            keep=settings.repeats_at_most, guard_s=settings.peak_guard_s, least=settings.peak_least_z
        )
        highest |= {lag_s for lag_s, _ in peaks[: settings.peaks_per_kind]}
        if peaks:
            least_z = max(settings.repeat_least_z, settings.repeat_peak_share * peaks[0][1])
            repeats |= {lag_s for lag_s, z in peaks if z >= least_z}
    return highest, repeats


def _is_part_of(lag_s: float, found: Sequence[LagCandidate], settings: SyncSettings) -> bool:
    return any(abs(lag_s - other.lag_s) <= 0.5 * settings.cluster_width_s for other in found)


def _is_shadow_of(candidate: LagCandidate, found: Sequence[LagCandidate], settings: SyncSettings) -> bool:
    """Whether it is part of a lag that is known, or a side lobe of a much stronger one."""
    if _is_part_of(candidate.lag_s, found, settings):
        return True
    return any(
        abs(candidate.lag_s - other.lag_s) <= settings.rival_apart_s
        and candidate.strength() < settings.side_lobe_share * other.strength()
        for other in found
    )


def _kinds(a: SoundFeatures, b: SoundFeatures, least_s: float, settings: SyncSettings) -> tuple[_Kind, _Kind, _Kind]:
    start_difference_s = a.start_s - b.start_s

    def kind(x: NDArray[np.float32], y: NDArray[np.float32], rate_hz: float, curve: LagCurve) -> _Kind:
        def sums(lag_s: float, steps: int) -> NDArray[np.float64]:
            return _step_sums(*_overlapping(x, y, round((lag_s - start_difference_s) * rate_hz)), steps)

        return _Kind(curve, sums)

    def levels(x: NDArray[np.float32], y: NDArray[np.float32], rate_hz: float) -> _Kind:
        curve = level_curve(x, y, rate_hz=rate_hz, start_difference_s=start_difference_s, least_overlap_s=least_s)
        return kind(x, y, rate_hz, curve)

    wave = waveform_curve(a, b, least_overlap_s=least_s, settings=settings)
    return (
        levels(a.tones, b.tones, a.tones_rate_hz),
        levels(a.pattern, b.pattern, a.pattern_rate_hz),
        kind(a.white[None], b.white[None], a.white_rate_hz, wave),
    )


def _step_sums(x: NDArray[np.float32], y: NDArray[np.float32], steps: int) -> NDArray[np.float64]:
    """What each of equal steps adds to the sum of products over all bands, a part of a long overlap at a time."""
    edges = np.linspace(0, x.shape[1], steps + 1).astype(int)
    sums = np.zeros(steps)
    at_once = max(1, steps * _VALUES_AT_ONCE // max(1, x.size))
    for first in range(0, steps, at_once):
        part = edges[first : first + at_once + 1]
        products = np.einsum("bf,bf->f", x[:, part[0] : part[-1]], y[:, part[0] : part[-1]])
        filled = np.flatnonzero(np.diff(part))
        if len(filled):
            sums[first + filled] = np.add.reduceat(products, part[filled] - part[0], dtype=np.float64)
    return sums


def _overlapping(
    a: NDArray[np.float32], b: NDArray[np.float32], lag: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The frames of both that coincide when frame k of b lies on frame k + lag of a."""
    first, last = max(0, lag), min(a.shape[1], b.shape[1] + lag)
    last = max(first, last)
    return a[:, first:last], b[:, first - lag : last - lag]


def _strength(kinds: tuple[_Kind, ...], lag_s: float, settings: SyncSettings) -> float:
    """Which of several lags to look at first."""
    return sum(math.log1p(max(0.0, kind.curve.around(lag_s, settings.same_lag_s))) for kind in kinds)


def _candidate(
    a: SoundFeatures, b: SoundFeatures, kinds: tuple[_Kind, _Kind, _Kind], lag_s: float, settings: SyncSettings
) -> LagCandidate | None:
    first_s, last_s = common_s(a, b, lag_s)
    overlap_s = last_s - first_s
    if overlap_s <= 0.0:
        return None
    steps = max(_LEAST_STEPS, round(overlap_s / settings.course_step_s))
    tones, pattern, white = (_agreement(kind, lag_s, steps, overlap_s, settings) for kind in kinds)
    best = max((tones, pattern, white), key=lambda kind: kind.rest_z)
    first_s, last_s = common_s(a, b, best.lag_s)
    if last_s <= first_s:
        return None
    return LagCandidate(
        lag_s=best.lag_s,
        tones=tones,
        pattern=pattern,
        white=white,
        first_s=first_s,
        step_s=(last_s - first_s) / steps,
        overlap_s=last_s - first_s,
    )


def _agreement(kind: _Kind, lag_s: float, steps: int, overlap_s: float, settings: SyncSettings) -> Agreement:
    """Where near a lag one kind of evidence is highest, and how it is spread over the overlap."""
    curve = kind.curve
    first = max(0, round((lag_s - settings.same_lag_s - curve.first_s) / curve.step_s))
    last = min(len(curve.z), round((lag_s + settings.same_lag_s - curve.first_s) / curve.step_s) + 1)
    nothing = Agreement(lag_s=lag_s, z=0.0, rest_z=0.0, course=np.zeros(steps))
    if last <= first:
        return nothing
    place = first + int(np.argmax(curve.z[first:last]))
    z, at_s = float(curve.z[place]), curve.lag_s(place)
    sums = kind.sums(at_s, steps)
    total = float(sums.sum())
    if z <= 0.0 or total == 0.0:
        return nothing
    course = sums * (z * math.sqrt(steps) / total)
    block_s = min(settings.block_longest_s, max(settings.block_shortest_s, overlap_s / 10))
    strongest = _STRONGEST_BLOCKS * max(1, round(block_s / overlap_s * steps))
    if strongest >= steps:
        return Agreement(lag_s=at_s, z=z, rest_z=0.0, course=course)
    running = np.concatenate([[0.0], np.cumsum(course)])
    loudest = float(np.max(running[strongest:] - running[:-strongest]))
    rest_z = (float(course.sum()) - loudest) / math.sqrt(steps - strongest)
    return Agreement(lag_s=at_s, z=z, rest_z=rest_z, course=course)
