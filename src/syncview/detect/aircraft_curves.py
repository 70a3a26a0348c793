"""What a sound does from second to second, as far as aircraft can be told by it: level, beat, lines, their glide.

All curves come from two spectrograms that are made block by block: a fast one (5 ms) whose band levels show the beat
of a rotor, and a fine one (1 s windows) whose lines show engines and blades, and whose ripple shows a reflection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.aircraft_combs import COMB_HZ, comb_path, spectrum_combs
from syncview.errors import InputError
from syncview.signal.blocks import padded_blocks
from syncview.signal.routines import rfft, uniform_filter1d

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["STEP_S", "SoundCurves", "sound_curves"]

STEP_S = 1.0
_BLOCK_S = 32.0
_FAST_S, _FAST_WINDOW_S = 0.005, 0.016  # passes modulations up to 60 Hz
_BANDS_HZ = ((150.0, 500.0), (500.0, 1500.0), (1500.0, 3500.0))
_WIND_HZ = (30.0, 120.0)
_SHORT_S = 0.1  # syllables and gusts are longer
_FINE_S, _FINE_WINDOW_S = 0.5, 1.024  # tells the harmonics of a rotor of 10 blades a second apart
_LINE_HZ = (60.0, 1500.0)
_AROUND_HZ = 40.0  # of a line, the spectrum that it stands over
_GRID = 0.005  # steps of the frequency's logarithm: half a per cent
_COMPARE_STEPS = 2  # seconds; the windows have nothing in common then
_SHIFTS = 12  # grid steps: 6 % in two seconds, what a helicopter makes that passes at 120 m
_LINE_DB = 8.0
_BEAT_HZ = (8.0, 36.0)
_BEAT_WINDOW_S = 3.0
_BEAT_AROUND_HZ = 8.0
_FLOOR = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundCurves:
    """One value per second of sound, each of shape (n,); row i is about the time around ``i + 0.5`` s.

    `level_db` is the quiet third of the tenths of a second around (150-2000 Hz), so that a sound goes on between the
    words of a talker; `spread_db` how far the loud tenths stand over the quiet ones; `short_db`, shape (n, 10), the
    tenths themselves; `slope_db` the level of 150-500 Hz over that of 1500-3500 Hz; `wind_db` that of 30-120 Hz over
    150-2000 Hz. `beat_db` is the strongest modulation of 8-36 Hz over those around it, at `beat_hz`. `agreement` is
    the correlation of the lines of the spectrum with those two seconds before, shifted in pitch by `glide` (a share:
    -0.01 is 1 % lower), `lines` how many lines both have. `comb_db` is how far the ripple of a reflection stands out
    that comes `comb_ms` after the sound. `heard` is False in digital silence.
    """

    short_db: NDArray[np.float64]
    level_db: NDArray[np.float64]
    spread_db: NDArray[np.float64]
    slope_db: NDArray[np.float64]
    wind_db: NDArray[np.float64]
    beat_db: NDArray[np.float64]
    beat_hz: NDArray[np.float64]
    agreement: NDArray[np.float64]
    glide: NDArray[np.float64]
    lines: NDArray[np.int64]
    comb_db: NDArray[np.float64]
    comb_ms: NDArray[np.float64]
    heard: NDArray[np.bool_]


def sound_curves(samples: NDArray[np.float32], rate_hz: int) -> SoundCurves:
    """Measure a sound second by second.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        Mono sound, full scale +-1, possibly memory-mapped.
    rate_hz : int
        Sampling rate, 8 kHz or more.

    Returns
    -------
    SoundCurves
        For the whole seconds of the sound.

    Raises
    ------
    InputError
        When the sound is not one-dimensional or its rate too low.

    Examples
    --------
    >>> beat = 1 + 0.9 * np.cos(2 * np.pi * 17 * np.arange(160_000) / 16_000)
    >>> noise = np.random.default_rng(1).standard_normal(160_000)
    >>> curves = sound_curves((0.05 * beat * noise).astype(np.float32), 16_000)
    >>> round(float(np.median(curves.beat_hz)))
    17
    """
    if samples.ndim != 1:
        message = f"mono sound of shape (n,) expected, got shape {samples.shape}"
        raise InputError(message)
    if rate_hz < 2 * _BANDS_HZ[-1][1]:
        message = f"a rate of {2 * _BANDS_HZ[-1][1]:g} Hz or more expected, got {rate_hz}"
        raise InputError(message)
    steps = int(len(samples) / rate_hz / STEP_S)
    fast = _fast_energies(samples, rate_hz, steps)
    fine, comb_db, comb_ms = _fine_lines(samples, rate_hz, steps)
    short = fast.reshape(steps, round(STEP_S / _SHORT_S), round(_SHORT_S / _FAST_S), fast.shape[1]).mean(axis=2)
    quiet, middle, loud = _quantiles_around(_db(short), (0.3, 0.6, 0.9))
    beat_db, beat_hz = _beats(_db(fast[:, 1:4]), steps)
    agreement, glide, lines = _line_agreement(fine)
    return SoundCurves(
        short_db=_db(short[:, :, 0]),
        level_db=quiet[:, 0],
        spread_db=loud[:, 0] - quiet[:, 0],
        slope_db=quiet[:, 1] - quiet[:, 3],
        wind_db=middle[:, 4] - middle[:, 0],
        beat_db=beat_db,
        beat_hz=beat_hz,
        agreement=agreement,
        glide=glide,
        lines=lines,
        comb_db=comb_db,
        comb_ms=comb_ms,
        heard=np.median(short[:, :, 0], axis=1) > 2 * _FLOOR,
    )


def _db(energy: NDArray[np.float32]) -> NDArray[np.float64]:
    return 10.0 * np.log10(np.maximum(energy, _FLOOR).astype(np.float64))


def _fast_energies(samples: NDArray[np.float32], rate_hz: int, steps: int) -> NDArray[np.float32]:
    """Energies per 5 ms: 150-2000 Hz, the three bands, wind; shape (frames, 5)."""
    hop, window = round(_FAST_S * rate_hz), round(_FAST_WINDOW_S * rate_hz)
    frames = round(steps * STEP_S / _FAST_S)
    hz = np.arange(window // 2 + 1) * rate_hz / window
    bands = ((_BANDS_HZ[0][0], 2000.0), *_BANDS_HZ, (0.5 * rate_hz / window, _WIND_HZ[1]))
    taper = np.hanning(window + 1)[:window].astype(np.float32)
    weights = np.stack([(hz >= low) & (hz < high) for low, high in bands], axis=1).astype(np.float32)
    weights *= np.float32(2.0 / (window * float(np.sum(taper**2))))
    out = np.zeros((frames, len(bands)), np.float32)
    for first, rows in _windows(samples, frames, hop, window, rate_hz):
        out[first : first + len(rows)] = np.square(np.abs(rfft(rows * taper, axis=1))) @ weights
    return out


def _fine_lines(
    samples: NDArray[np.float32], rate_hz: int, steps: int
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """How far the spectrum of each second stands over its surroundings, on a logarithmic grid, and its moving comb.

    Shapes are (steps, grid) for the lines, (steps,) for strength and delay of the comb.
    """
    window, hop = round(_FINE_WINDOW_S * rate_hz), round(_FINE_S * rate_hz)
    frames = round(steps * STEP_S / _FINE_S)
    bin_hz = rate_hz / window
    low, high = int((_LINE_HZ[0] - _AROUND_HZ) / bin_hz), int((_LINE_HZ[1] * 1.05 + _AROUND_HZ) / bin_hz)
    comb = slice(int(COMB_HZ[0] / bin_hz) - low, int(COMB_HZ[1] / bin_hz) - low)
    grid_hz = np.exp(np.arange(np.log(_LINE_HZ[0]), np.log(_LINE_HZ[1]), _GRID))
    at = grid_hz / bin_hz - low
    left = at.astype(np.intp)
    part = (at - left).astype(np.float32)
    taper = np.hanning(window).astype(np.float32)
    out = np.zeros((frames, len(grid_hz)), np.float32)
    combs = [np.zeros((0, 1), np.complex64)]
    for first, rows in _windows(samples, frames, hop, window, rate_hz):
        cells = rfft(rows * taper, axis=1)[:, low : low + comb.stop]
        level = np.log(np.square(np.abs(cells)) + np.float32(1e-9))
        level *= np.float32(10 / np.log(10))
        combs.append(spectrum_combs(level[:, comb], bin_hz))
        level = level[:, : high - low]
        level -= uniform_filter1d(level, round(_AROUND_HZ / bin_hz), axis=1)
        out[first : first + len(rows)] = level[:, left] * (1 - part) + level[:, left + 1] * part
    per_step = round(STEP_S / _FINE_S)
    fine = np.asarray(out.reshape(steps, per_step, len(grid_hz)).mean(axis=1))
    ripple = np.concatenate(combs[1:] or combs).reshape(steps, per_step, -1).mean(axis=1)
    return fine, *comb_path(ripple, comb.stop - comb.start, bin_hz)


def _windows(
    samples: NDArray[np.float32], frames: int, hop: int, window: int, rate_hz: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Frames of sound, block by block: index of the first, and rows of `window` samples centred on each frame."""
    per_block = max(1, round(_BLOCK_S * rate_hz / hop))
    whole = samples[: frames * hop]
    before = (window - hop) // 2
    after = window - hop - before
    for block in padded_blocks(whole, block_samples=per_block * hop, margin_samples=max(before, after, 0) + hop):
        lead, wanted = block.lead_samples, block.length_samples // hop
        padded = np.pad(block.samples, (max(0, before - lead), window))
        begin = max(0, lead - before)
        rows = np.lib.stride_tricks.sliding_window_view(padded[begin:], window)[::hop][:wanted]
        yield block.start_samples // hop, rows


def _quantiles_around(short_db: NDArray[np.float64], shares: tuple[float, ...]) -> NDArray[np.float64]:
    """Quantiles of the tenths of each second and its two neighbours; shape (shares, steps, bands)."""
    if not len(short_db):
        return np.zeros((len(shares), 0, short_db.shape[2]))
    padded = np.pad(short_db, ((1, 1), (0, 0), (0, 0)), mode="edge")
    around = np.concatenate([padded[:-2], padded[1:-1], padded[2:]], axis=1)
    return np.asarray(np.quantile(around, shares, axis=1))


def _beats(band_db: NDArray[np.float64], steps: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strongest modulation of each second's surroundings: how far it stands out, and its frequency."""
    window, hop = round(_BEAT_WINDOW_S / _FAST_S), round(STEP_S / _FAST_S)
    band_db = np.maximum(band_db, band_db.max(axis=0, initial=-300.0) - 80.0)
    around = (window - hop) // 2
    padded = np.pad(band_db, ((around, window), (0, 0)), mode="reflect") if len(band_db) > window else None
    if padded is None:
        return np.zeros(steps), np.zeros(steps)
    taper = np.hanning(window)[:, None]
    hz = np.arange(window // 2 + 1) / _BEAT_WINDOW_S
    sought = np.flatnonzero((hz >= _BEAT_HZ[0]) & (hz <= _BEAT_HZ[1]))
    strength, place = np.zeros(steps), np.zeros(steps)
    for step in range(steps):
        own = padded[step * hop : step * hop + window]
        own = own - own.mean(axis=0)
        power = (np.square(np.abs(rfft(own * taper, axis=0))) / np.maximum((own**2).sum(axis=0), 1.0)).sum(axis=1)
        over = power / (uniform_filter1d(power, round(_BEAT_AROUND_HZ * _BEAT_WINDOW_S), mode="nearest") + 1e-12)
        best = sought[int(np.argmax(over[sought]))]
        strength[step], place[step] = 10 * np.log10(over[best] + 1e-12), hz[best]
    return strength, place


def _line_agreement(
    fine: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Correlation with the lines of two seconds before at the best shift, that shift per second, and common lines."""
    steps = len(fine)
    agreement, glide, lines = np.zeros(steps), np.zeros(steps), np.zeros(steps, np.int64)
    core = slice(_SHIFTS, fine.shape[1] - _SHIFTS)
    clipped = np.clip(fine, -6.0, 18.0)
    now = _unit(clipped[:, core])
    scores = np.zeros((2 * _SHIFTS + 1, steps))
    for k in range(-_SHIFTS, _SHIFTS + 1):
        before = _unit(clipped[:, core.start + k : core.stop + k])
        scores[k + _SHIFTS, _COMPARE_STEPS:] = np.einsum("ij,ij->i", now[_COMPARE_STEPS:], before[:-_COMPARE_STEPS])
    best = scores.argmax(axis=0)
    for step in range(_COMPARE_STEPS, steps):
        shift = int(best[step]) - _SHIFTS
        agreement[step] = scores[best[step], step]
        glide[step] = -_GRID * (shift + _peak_offset(scores[:, step], int(best[step]))) / _COMPARE_STEPS
        both = np.minimum(fine[step, core], fine[step - _COMPARE_STEPS, core.start + shift : core.stop + shift])
        tops = (both[1:-1] > both[:-2]) & (both[1:-1] >= both[2:]) & (both[1:-1] > _LINE_DB)
        lines[step] = int(tops.sum())
    return agreement, glide, lines


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6))


def _peak_offset(scores: NDArray[np.float64], best: int) -> float:
    """Place of the top of a parabola through the best and its neighbours."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    before, top, after = scores[best - 1 : best + 2]
    bend = before - 2 * top + after
    return float(0.5 * (before - after) / bend) if bend < 0 else 0.0
