"""Passages that a recording shows again: an edit that replays a blast, at its speed or slowed down.

A replay repeats the noise as well, to the sample; a siren, a motor or a word said twice does not. So the recording is
correlated with itself, and with itself made two and four times as fast, and each lag that stands out is checked as two
copies of a recording are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.model import Replay
from syncview.signal.routines import irfft, next_fast_len, rfft, uniform_filter1d
from syncview.sync.copies import same_passage
from syncview.sync.features import waveform_levels_db

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.copies import CopyEvidence
    from syncview.sync.features import SoundFeatures

__all__ = ["replays"]

_CHUNK_S = 64.0
_SMOOTH_S = 0.25
_LEAST_LIKENESS = 0.35
_GAP_S = 0.3
_TRIM_S = 0.1
_WHITENING = 0.7
_SAME_LAG_S = 0.003
_STEP_S = 0.05
_SIGMA_PER_MEAN_ABS = 1.2533141373155001  # of a zero-mean Gaussian: sqrt(pi / 2)


@dataclass(frozen=True, slots=True)
class _Match:
    """Samples `first` to `last` of the version made faster, which lie at `first + steps` of the recording."""

    factor: int
    steps: int
    first: int
    last: int


def replays(features: SoundFeatures, *, settings: SyncSettings) -> tuple[Replay, ...]:
    """Find the passages of a recording that repeat another passage of it.

    Parameters
    ----------
    features : SoundFeatures
        The recording.
    settings : SyncSettings
        Least length, and how far apart passages are looked for.

    Returns
    -------
    tuple of Replay
        In order of time. Of two passages at one speed the later is the replay.

    Notes
    -----
    Pitch-kept slowing is not found: it leaves no waveform to compare.
    """
    half = _halved(features.waveform)
    quarter = _halved(half)
    # Each speed: the sound made so much faster, and what is left of it at half the rate, where lags are searched.
    versions = {1: (features.waveform, half), 2: (half, quarter), 4: (quarter, _halved(quarter))}
    found: list[tuple[_Match, CopyEvidence]] = []
    for factor, (fast, low) in versions.items():
        for steps, first, last in _likely(half, low, features.waveform_rate_hz // 2, factor, settings):
            if not _promising(half, low, (steps, first, last), features.waveform_rate_hz // 2, settings):
                continue
            for match in _stretches(fast, factor, 2 * steps, 2 * first, 2 * last, features, settings):
                if any(_same(match, other, features.waveform_rate_hz) for other, _ in found):
                    continue
                evidence = _checked(match, fast, features, settings)
                if evidence is not None:
                    found.append((match, evidence))
    kept = [pair for pair in found if not _periodic(pair[0], [m for m, _ in found])]
    return _without_slower_doubles([_replay(match, evidence, features) for match, evidence in kept])


def _halved(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Half as many samples: a lower rate, or the sound played twice as fast."""
    if len(wave) < 4:
        return wave
    n = 2 * next_fast_len(-(-len(wave) // 2), real=True)
    n += -n % 4
    spectrum = rfft(wave, n)[: n // 4 + 1]
    return np.asarray(irfft(spectrum / 2, n // 2)[: len(wave) // 2], np.float32)


def _likely(
    wave: NDArray[np.float32], fast: NDArray[np.float32], rate: int, factor: int, settings: SyncSettings
) -> Iterator[tuple[int, int, int]]:
    """Steps between a passage of `fast` and the same one of `wave`, with the part of `fast` in which it lies."""
    size = min(round(_CHUNK_S * rate), max(len(wave), 1))
    n = next_fast_len(2 * size, real=True)
    chunks, wholes = -(-len(wave) // size), _Spectra(wave, size, n)
    for row, start in enumerate(range(0, len(fast), size)):
        columns = [k for k in range(chunks) if _within_reach(row * factor, k, factor, settings)]
        if not columns:
            continue
        wholes.keep(columns[0])
        query = np.conj(wholes.of(row) if factor == 1 else _spectrum(fast[start : start + size], n))
        for column in columns:
            r = np.abs(irfft(wholes.of(column) * query, n))
            r /= max(_SIGMA_PER_MEAN_ABS * float(r.mean()), 1e-12)
            if factor == 1 and row == column:  # a sound is like itself; of the two passages the earlier is the original
                r[: n - size] = 0.0
                r[n - round(settings.replay_least_gap_s * rate) :] = 0.0
            for place in _tops(r, settings):
                steps = place if place < n - size else place - n
                yield steps + (column - row) * size, start, min(start + size, len(fast))


class _Spectra:
    """Spectra of the chunks of a sound, made when they are asked for."""

    def __init__(self, wave: NDArray[np.float32], size: int, n: int) -> None:
        self._wave, self._size, self._n = wave, size, n
        self._made: dict[int, NDArray[np.complex64]] = {}

    def of(self, chunk: int) -> NDArray[np.complex64]:
        """Spectrum of a chunk."""
        if chunk not in self._made:
            self._made[chunk] = _spectrum(self._wave[chunk * self._size : (chunk + 1) * self._size], self._n)
        return self._made[chunk]

    def keep(self, first: int) -> None:
        """Forget the chunks before one: memory must not grow with the recording."""
        for chunk in [k for k in self._made if k < first]:
            del self._made[chunk]


def _promising(
    wave: NDArray[np.float32],
    fast: NDArray[np.float32],
    place: tuple[int, int, int],
    rate: int,
    settings: SyncSettings,
) -> bool:
    """Whether the two are alike for long enough anywhere, by a quick look."""
    steps, first, last = place
    lo, hi = max(first, -steps), min(last, len(wave) - steps)
    if hi - lo < settings.replay_least_s * rate:
        return False
    alike = _likeness(fast[lo:hi], wave[lo + steps : hi + steps], rate) >= _LEAST_LIKENESS
    return bool(np.count_nonzero(alike) * _STEP_S >= 0.7 * settings.replay_least_s)


def _within_reach(first_chunk: int, other_chunk: int, factor: int, settings: SyncSettings) -> bool:
    """Whether two chunks lie near enough; at one speed each pair is looked at once, the query being the later."""
    chunks = int(settings.replay_reach_s // _CHUNK_S)
    if factor == 1:
        return 0 <= first_chunk - other_chunk <= chunks
    return first_chunk - chunks <= other_chunk <= first_chunk + factor - 1 + chunks


def _spectrum(part: NDArray[np.float32], n: int) -> NDArray[np.complex64]:
    """Partly whitened, after a smoothed magnitude, so that no single tone stands for the rest."""
    spectrum = rfft(part, n)
    gain = uniform_filter1d(np.abs(spectrum), max(3, n // 4096), mode="nearest")
    np.maximum(gain, 1e-2 * float(gain.mean()) + 1e-12, out=gain)
    np.log(gain, out=gain)  # a power by way of the logarithm takes half the time
    gain *= np.float32(-_WHITENING)
    np.exp(gain, out=gain)
    return np.asarray(spectrum * gain, np.complex64)


def _tops(z: NDArray[np.floating], settings: SyncSettings) -> list[int]:
    """Places of the highest values."""
    places: list[int] = []
    strong = np.flatnonzero(z >= settings.replay_least_z)
    for place in strong[np.argsort(-z[strong], kind="stable")].tolist():
        if all(abs(place - other) > 20 for other in places):
            places.append(place)
        if len(places) == settings.replay_lags:
            break
    return places


def _stretches(
    fast: NDArray[np.float32],
    factor: int,
    steps: int,
    first: int,
    last: int,
    features: SoundFeatures,
    settings: SyncSettings,
) -> list[_Match]:
    """Where the two are alike at about these steps: the exact steps, and stretches that are long enough."""
    wave, rate = features.waveform, features.waveform_rate_hz
    if factor == 1 and abs(steps) < settings.replay_least_gap_s * rate:
        return []
    begin, end = max(first, -steps), min(last, len(wave) - steps, len(fast))
    if end - begin < settings.replay_least_s * rate:
        return []
    lo, hi = max(begin, -steps + 2), min(end, len(wave) - steps - 2)
    exact = max(
        range(steps - 2, steps + 3),
        key=lambda k: float(np.sum(np.maximum(_likeness(fast[lo:hi], wave[lo + k : hi + k], rate), 0.0) ** 2)),
    )
    step = round(_STEP_S * rate)
    alike = _likeness(fast[lo:hi], wave[lo + exact : hi + exact], rate)
    runs = _runs(alike >= _LEAST_LIKENESS, round(_GAP_S / _STEP_S))
    least = settings.replay_least_s - _SMOOTH_S / 2
    return [
        _Match(factor, exact, lo + start * step, lo + stop * step)
        for start, stop in runs
        if (stop - start) * _STEP_S >= least
    ]


def _likeness(x: NDArray[np.float32], y: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Correlation of two waveforms within a quarter of a second, every 50 ms."""
    step = round(_STEP_S * rate)
    count = len(x) // step
    x, y = x[: count * step].reshape(count, step), y[: count * step].reshape(count, step)
    sums = [
        uniform_filter1d(np.einsum("ij,ij->i", u, v).astype(np.float64), round(_SMOOTH_S / _STEP_S), mode="nearest")
        for u, v in ((x, y), (x, x), (y, y))
    ]
    return np.asarray(sums[0] / np.sqrt(np.maximum(sums[1] * sums[2], 1e-12)), np.float64)


def _runs(mark: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    """Stretches of marked samples, gaps up to `gap` closed."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mark.astype(np.int8), [0]])))
    runs: list[tuple[int, int]] = []
    for lo, hi in edges.reshape(-1, 2).tolist():
        if runs and lo - runs[-1][1] <= gap:
            runs[-1] = (runs[-1][0], hi)
        else:
            runs.append((lo, hi))
    return runs


def _same(match: _Match, other: _Match, rate: int) -> bool:
    """Whether two matches are one, found from two chunks or at neighbouring lags."""
    near = match.factor == other.factor and abs(match.steps - other.steps) <= _SAME_LAG_S * rate
    return near and min(match.last, other.last) - max(match.first, other.first) > 0


def _checked(
    match: _Match, fast: NDArray[np.float32], features: SoundFeatures, settings: SyncSettings
) -> CopyEvidence | None:
    """The evidence that the two passages are one recording, as for two files."""
    wave, rate = features.waveform, features.waveform_rate_hz
    trim = round(_TRIM_S * rate)
    lo, hi = match.first + trim, match.last - trim
    strict = replace(
        settings,
        copy_search_s=0.1,
        copy_least_quiet_cells=settings.replay_least_quiet_cells,
    )
    a = _cut(features, wave[lo + match.steps : hi + match.steps], settings)
    b = _cut(features, fast[lo:hi], settings)
    return same_passage(a, b, 0.0, settings=strict)


def _cut(features: SoundFeatures, wave: NDArray[np.float32], settings: SyncSettings) -> SoundFeatures:
    """A stretch as features of its own; its levels are the waveform's, which has the pitch of its version."""
    levels = waveform_levels_db(wave, features.waveform_rate_hz, settings)
    return replace(
        features, start_s=0.0, duration_s=len(wave) / features.waveform_rate_hz, waveform=wave, levels_db=levels
    )


def _periodic(match: _Match, others: Sequence[_Match]) -> bool:
    """Whether the passage lies in a loop of music: sound that overlaps its own original repeats on and on."""
    return any(
        loop.factor == match.factor == 1
        and loop.last - loop.first > abs(loop.steps)
        and min(loop.last, match.last) > max(loop.first, match.first)
        for loop in others
    )


def _replay(match: _Match, evidence: CopyEvidence, features: SoundFeatures) -> Replay:
    rate = features.waveform_rate_hz
    shown = features.start_s + match.first * match.factor / rate, features.start_s + match.last * match.factor / rate
    original = features.start_s + (match.first + match.steps) / rate
    return Replay(
        start_s=shown[0],
        end_s=shown[1],
        original_start_s=original,
        speed=1.0 / match.factor,
        score=evidence.share,
        uncertainty_s=_SMOOTH_S * match.factor,
    )


def _without_slower_doubles(found: Sequence[Replay]) -> tuple[Replay, ...]:
    """In order of time; a passage that repeats several others is listed with the first of them."""
    kept: list[Replay] = []
    for replay in sorted(found, key=lambda r: (r.start_s, r.original_start_s, -r.score)):
        double = any(
            other.speed == replay.speed
            and min(other.end_s, replay.end_s) - max(other.start_s, replay.start_s)
            > 0.5 * (replay.end_s - replay.start_s)
            for other in kept
        )
        if not double:
            kept.append(replay)
    return tuple(kept)
