"""Correlate two whole recordings at every lag, in sigmas of what other lags give.

Two kinds of evidence that fail in different places. *Levels* (log-mel bands against their surroundings) stand moving
voices, drift and rooms, and are found far below the noise. The *waveform* (partly whitened, between plain correlation
and PHAT: Knapp and Carter 1976; Donohue, Hannemann and Dietz 2007) finds short overlaps of sources at rest and gives
the milliseconds. Both are sums over the whole overlap, so that a second of bang cannot out-vote a minute of voices.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import irfft, next_fast_len, rfft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.features import SoundFeatures

__all__ = ["LagCurve", "level_curve", "waveform_curve"]

_SIGMA_PER_MEDIAN_ABS = 1.4826022185056018  # of a Gaussian
_SIGMA_PER_MEAN_ABS = 1.2533141373155001  # of a zero-mean Gaussian: sqrt(pi / 2)
_VALUES_AT_ONCE = 4_000_000  # of a transform over many bands: some 50 MB
# Few lengths of transforms, so that spectra serve many pairs; blocks of the target fill a part of them.
_SHORTEST_TRANSFORM_S = 15.0
_TARGET_SHARE = 0.4
_SPECTRA_BYTES = 128 * 2**20  # some 15 recordings of 2 minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class LagCurve:
    """How well two recordings agree at each lag: `z` of shape (n,), place k standing for `first_s + k * step_s`.

    Lags are ``r_a - r_b``. Lags that leave too little overlap have the height 0.
    """

    first_s: float
    step_s: float
    z: NDArray[np.float32]

    def lag_s(self, place: float) -> float:
        """Lag of a place, which may lie between two."""
        return self.first_s + place * self.step_s

    def around(self, lag_s: float, reach_s: float) -> float:
        """Greatest height within `reach_s` of a lag; 0 outside the curve."""
        first = round((lag_s - reach_s - self.first_s) / self.step_s)
        last = round((lag_s + reach_s - self.first_s) / self.step_s) + 1
        part = self.z[max(0, first) : max(0, last)]
        return float(part.max()) if len(part) else 0.0

    def peaks(self, *, keep: int, guard_s: float, least: float) -> tuple[tuple[float, float], ...]:
        """Lag and height of the highest places, at least `guard_s` apart, highest first."""
        guard = max(1, round(guard_s / self.step_s))
        if not len(self.z):
            return ()
        tops = np.maximum.reduceat(self.z, np.arange(0, len(self.z), guard))
        picked: list[int] = []
        for cell in np.argsort(-tops, kind="stable")[: 3 * keep].tolist():
            if tops[cell] < least or len(picked) == keep:
                break
            place = cell * guard + int(np.argmax(self.z[cell * guard : (cell + 1) * guard]))
            if all(abs(place - other) > guard for other in picked):
                picked.append(place)
        return tuple((self.lag_s(place + self._beside(place)), float(self.z[place])) for place in picked)

    def _beside(self, place: int) -> float:
        """Fraction of a step by which a peak lies beside its highest place (a parabola through three)."""
        if not 0 < place < len(self.z) - 1:
            return 0.0
        left, middle, right = (float(v) for v in self.z[place - 1 : place + 2])
        bend = left - 2.0 * middle + right
        return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0.0 else 0.0


def level_curve(
    a: NDArray[np.float32], b: NDArray[np.float32], *, rate_hz: float, start_difference_s: float, least_overlap_s: float
) -> LagCurve:
    """Correlate the levels of two recordings over all their bands.

    Parameters
    ----------
    a, b : ndarray of float32, shape (bands, frames)
        Levels against their surroundings.
    rate_hz : float
        Frames a second.
    start_difference_s : float
        Recording time of a's first frame minus that of b's.
    least_overlap_s : float
        Lags that leave less in common have the height 0.

    Returns
    -------
    LagCurve
        Normalised by the energy in the overlap and the root of its length, over the median deviation of all lags.
    """
    length_a, length_b = a.shape[1], b.shape[1]
    lag = np.arange(1 - length_b, length_a)
    first, last = np.maximum(lag, 0), np.minimum(length_a, length_b + lag)
    energy_a, energy_b = _running_energy(a), _running_energy(b)
    energy = (energy_a[last] - energy_a[first]) * (energy_b[last - lag] - energy_b[first - lag])
    enough = (last - first >= max(1.0, least_overlap_s * rate_hz)) & (energy > 0.0)
    height = np.zeros(len(lag))
    product = _summed_correlation(a, b)
    height[enough] = product[enough] * np.sqrt((last - first)[enough] / energy[enough])
    return LagCurve(
        first_s=start_difference_s + (1 - length_b) / rate_hz, step_s=1.0 / rate_hz, z=_in_sigmas(height, enough)
    )


def _running_energy(levels: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.einsum("bf,bf->f", levels, levels), dtype=np.float64)])


def _summed_correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum over the bands of the correlation at every lag, a few bands at a time."""
    length_a, length_b = a.shape[1], b.shape[1]
    n = next_fast_len(length_a + length_b, real=True)
    total = np.zeros(n // 2 + 1, np.complex64)
    bands = max(1, _VALUES_AT_ONCE // n)
    for first in range(0, len(a), bands):
        part = slice(first, first + bands)
        total += np.einsum("bf,bf->f", rfft(a[part], n, axis=1), np.conj(rfft(b[part], n, axis=1)))
    product = irfft(total, n)
    return np.asarray(np.concatenate([product[n - length_b + 1 :], product[:length_a]]), dtype=np.float32)


def _in_sigmas(height: NDArray[np.float64], enough: NDArray[np.bool_]) -> NDArray[np.float32]:
    if not enough.any():
        return np.zeros(len(height), np.float32)
    middle = np.median(height[enough])
    sigma = _SIGMA_PER_MEDIAN_ABS * np.median(np.abs(height[enough] - middle))
    return np.where(enough, (height - middle) / max(float(sigma), 1e-9), 0.0).astype(np.float32)


def waveform_curve(a: SoundFeatures, b: SoundFeatures, *, least_overlap_s: float, settings: SyncSettings) -> LagCurve:
    """Correlate the waveforms of two recordings by partly whitened cross-correlation.

    The shorter one is taken in stretches, so that a drift of 100 ppm smears a lag by a few milliseconds at most; at
    each lag the best stretch counts. In long recordings not every stretch is taken.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    least_overlap_s : float
        Lags that leave less of a stretch in common have the height 0.
    settings : SyncSettings
        Length and number of stretches.

    Returns
    -------
    LagCurve
        Swapping the recordings mirrors it.
    """
    forwards = (len(a.white), a.recording_id) <= (len(b.white), b.recording_id)
    query, target = (a, b) if forwards else (b, a)
    rate = query.white_rate_hz
    z = np.zeros(len(query.white) + len(target.white) - 1, np.float32)
    for start, part in _stretches(query.white, rate, settings):
        found = _stretch_in_sigmas(part, target.white, least_overlap_s * rate, rate)
        inside = z[start : start + len(found)]
        np.maximum(inside, found, out=inside)
    # Place k of z: the query's sample 0 lies k - (len(target) - 1) samples after the target's.
    first_s = query.start_s - target.start_s - (len(target.white) - 1) / rate
    if forwards:
        return LagCurve(first_s=first_s, step_s=1.0 / rate, z=z)
    return LagCurve(first_s=-(first_s + (len(z) - 1) / rate), step_s=1.0 / rate, z=z[::-1])


def _stretches(
    wave: NDArray[np.float32], rate_hz: float, settings: SyncSettings
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """First sample and sound of each stretch, spread evenly where there would be too many."""
    count = max(1, round(len(wave) / (settings.stretch_s * rate_hz)))
    edges = np.linspace(0, len(wave), count + 1).astype(int)
    chosen = np.unique(np.linspace(0, count - 1, min(count, settings.stretches_at_most)).round().astype(int))
    for k in chosen:
        yield int(edges[k]), wave[edges[k] : edges[k + 1]]


def _stretch_in_sigmas(
    query: NDArray[np.float32], target: NDArray[np.float32], least: float, rate_hz: float
) -> NDArray[np.float32]:
    """Height at lags 1 - len(target) .. len(query) - 1 of the query against the target."""
    r = _correlation(query, target, rate_hz)
    least = math.ceil(max(1.0, min(least, 0.5 * len(query))))
    first, last = least - 1, len(r) - least + 1  # places between which the two overlap so far
    if last <= first or least > len(target):
        return np.zeros(len(r), np.float32)
    r[:first] = r[last:] = 0.0
    np.abs(r, out=r)
    # The overlap rises by a sample a place to the length of the shorter one, and falls so at the end.
    shorter = min(len(query), len(target))
    ramp = np.sqrt(np.arange(1, shorter + 1, dtype=np.float32))
    r[:shorter] /= ramp
    r[shorter : len(r) - shorter + 1] /= ramp[-1]
    r[len(r) - shorter + 1 :] /= ramp[-2::-1]
    r /= max(_SIGMA_PER_MEAN_ABS * float(r[first:last].mean()), 1e-12)
    return r


def _correlation(query: NDArray[np.float32], target: NDArray[np.float32], rate_hz: float) -> NDArray[np.float32]:
    """Correlation at lags 1 - len(target) .. len(query) - 1, block by block of the target.

    Blocks bound the memory, and their spectra serve all recordings that this one is compared with.
    """
    n = round(_SHORTEST_TRANSFORM_S * rate_hz)
    while len(query) > (1.0 - _TARGET_SHARE) * n:
        n *= 2
    block = int(_TARGET_SHARE * n)
    ours = _SPECTRA.of(query, n)
    r = np.zeros(len(query) + len(target) - 1, np.float32)
    for first in range(0, len(target), block):
        part = target[first : first + block]
        found = irfft(ours * np.conj(_SPECTRA.of(part, n)), n)
        zero = len(target) - 1 - first  # place at which the query starts with the block
        before = len(part) - 1
        r[zero - before : zero] += found[n - before :] if before else 0.0
        r[zero : zero + len(query)] += found[: len(query)]
    return r


class _Spectra:
    """Spectra of stretches of sound, the last used of them kept.

    Each entry holds the array that it was made of, so that its address names it as long as the entry is there.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[int, int, int], tuple[NDArray[np.float32], NDArray[np.complex64]]] = OrderedDict()

    def of(self, wave: NDArray[np.float32], n: int) -> NDArray[np.complex64]:
        """Spectrum of a waveform with zeros after it."""
        key = (int(wave.__array_interface__["data"][0]), len(wave), n)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][1]
        spectrum = np.asarray(rfft(wave, n), np.complex64)
        self._kept[key] = (wave, spectrum)
        self._bytes += spectrum.nbytes
        while self._bytes > self._most_bytes:
            self._bytes -= self._kept.popitem(last=False)[1][1].nbytes
        return spectrum


_SPECTRA = _Spectra(_SPECTRA_BYTES)
