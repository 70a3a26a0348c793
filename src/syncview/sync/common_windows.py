"""Lags of all pairs of recordings in short windows of group time, near what their clocks say.

Streets reverberate more than they carry straight sound, so that waveforms of one voice at two cameras 100 m apart
have next to nothing in common; the course of its tones has. Their correlations of single seconds are summed along a
slope, since somebody who walks moves a lag by milliseconds each second (as radio astronomers sum along a dispersion).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import irfft, next_fast_len, rfft
from syncview.timebase import group_time_s, recording_time_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from syncview.model import ClockSegment
    from syncview.settings import CommonSoundSettings

__all__ = ["NOWHERE", "Listener", "Window", "windows"]

_SIGMA_PER_MEDIAN_ABS = 1.4826022185056018  # of a Gaussian
NOWHERE = -1e6  # sums with it stay far below every height
_FINER = 2  # lags between the frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A stretch of a recording with one clock, that of its sound.

    `segment_index` is its place in the recording's clock; `tones` are those of `syncview.sync.features`, float32 of
    shape (bands, frames) from recording time `start_s` on, of the whole recording.
    """

    recording_id: str
    segment_index: int
    segment: ClockSegment
    tones: NDArray[np.float32]
    rate_hz: float
    start_s: float

    @property
    def span_s(self) -> tuple[float, float]:
        """First and last moment of group time whose sound there is."""
        first_s = max(self.segment.start_s, self.start_s)
        last_s = min(self.segment.end_s, self.start_s + self.tones.shape[1] / self.rate_hz)
        return group_time_s(self.segment, first_s), group_time_s(self.segment, last_s)

    def frame(self, time_s: float) -> float:
        """Place of a moment of group time among the frames of the tones."""
        return (recording_time_s(self.segment, time_s) - self.start_s) * self.rate_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How well every pair agrees in one window of group time around `middle_s`.

    `heights` is float32 of shape (pairs, slopes, lags), over the scatter of other lags and slopes. Pair (a, b) holds
    places in the list of listeners, a < b. What a hears at the window's middle, b hears a lag later on the group's
    clock, which grows by `slopes` seconds a second; place k of a pair stands for ``first_lag_s[pair] + k * step_s``.
    Lags beyond what the pair can have are `NOWHERE`.
    """

    middle_s: float
    pairs: tuple[tuple[int, int], ...]
    heights: NDArray[np.float32]
    first_lag_s: NDArray[np.float64]
    step_s: float
    slopes: NDArray[np.floating]


def windows(
    listeners: Sequence[Listener],
    *,
    reach_s: Callable[[Listener, Listener], float | None],
    strikes_s: Sequence[float] = (),
    settings: CommonSoundSettings,
) -> Iterator[Window]:
    """Correlate every pair in every window.

    Parameters
    ----------
    listeners : sequence of Listener
        At one rate of the tones.
    reach_s : callable
        How far two listeners' sounds may lie from what the clocks say, in seconds; None when they are not compared.
    strikes_s : sequence of float
        Group times of arrivals of strikes, at any camera.
    settings : CommonSoundSettings
        Lengths and thresholds.

    Yields
    ------
    Window
        In order of time; those in which fewer than three record, or strikes are heard, are left out.
    """
    pairs = {
        (a, b): reach
        for a, b in itertools.combinations(range(len(listeners)), 2)
        if (reach := reach_s(listeners[a], listeners[b])) is not None
    }
    length_s = settings.block_s * settings.window_blocks
    for start_s in _starts(listeners, length_s, settings):
        inside = [
            k for k, each in enumerate(listeners) if each.span_s[0] <= start_s and start_s + length_s <= each.span_s[1]
        ]
        here = {pair: reach for pair, reach in pairs.items() if pair[0] in inside and pair[1] in inside}
        blocks_s = start_s + settings.block_s * np.arange(settings.window_blocks)
        quiet = _quiet(blocks_s, strikes_s, settings)
        if len(inside) < 3 or len(here) < 3 or quiet.sum() < settings.least_blocks:
            continue
        yield _window(listeners, inside, here, blocks_s, quiet, settings)


def _starts(listeners: Sequence[Listener], length_s: float, settings: CommonSoundSettings) -> NDArray[np.float64]:
    """Where windows start while three record; evenly fewer in long groups."""
    spans = [each.span_s for each in listeners]
    first_s, last_s = min(span[0] for span in spans), max(span[1] for span in spans)
    starts = np.arange(first_s, last_s - length_s, settings.hop_blocks * settings.block_s)
    recording = sum((span[0] <= starts) & (starts + length_s <= span[1]) for span in spans)
    starts = starts[np.asarray(recording) >= 3]
    if len(starts) > settings.windows_at_most:
        starts = starts[np.linspace(0, len(starts) - 1, settings.windows_at_most).round().astype(int)]
    return starts


def _quiet(
    blocks_s: NDArray[np.float64], strikes_s: Sequence[float], settings: CommonSoundSettings
) -> NDArray[np.bool_]:
    """The blocks in which no strike is heard: shape (blocks,)."""
    quiet = np.ones(len(blocks_s), bool)
    for at_s in strikes_s:
        after = blocks_s < at_s + settings.strike_after_s
        quiet &= ~(after & (blocks_s + settings.block_s > at_s - settings.strike_before_s))
    return quiet


def _window(
    listeners: Sequence[Listener],
    inside: Sequence[int],
    reaches: dict[tuple[int, int], float],
    blocks_s: NDArray[np.float64],
    quiet: NDArray[np.bool_],
    settings: CommonSoundSettings,
) -> Window:
    rate_hz = listeners[inside[0]].rate_hz
    size = round(settings.block_s * rate_hz)
    reach = int(np.ceil(max(settings.least_extent_s, *reaches.values()) * rate_hz)) + 1
    n = next_fast_len(size + 2 * reach, real=True)
    own, around, rest_s = {}, {}, {}
    for k in inside:
        frames = np.array([listeners[k].frame(time_s) for time_s in blocks_s[quiet]])
        first = np.round(frames).astype(int)
        rest_s[k] = float(np.mean(first - frames)) / rate_hz  # by how much later than meant the frames lie
        tones = listeners[k].tones
        own[k] = np.conj(rfft(_cut(tones, first, size), n, axis=2))
        around[k] = rfft(_cut(tones, first - reach, size + 2 * reach), n, axis=2)
    pairs = tuple(sorted(reaches))
    spectra = np.stack([np.einsum("kbf,kbf->kf", around[b], own[a]) for a, b in pairs])
    # Zeros above the highest rate put lags between the frames.
    rows = irfft(spectra * _emphasis(n, rate_hz, settings), _FINER * n, axis=2)[:, :, : 2 * _FINER * reach + 1]
    step_s = 1.0 / (_FINER * rate_hz)
    middles = np.flatnonzero(quiet) - (settings.window_blocks - 1) / 2
    slopes = np.linspace(-settings.greatest_slope, settings.greatest_slope, settings.slopes)
    heights = _in_sigmas(_along_slopes(rows, slopes, middles * settings.block_s / step_s))
    first_lag_s = np.array([rest_s[b] - rest_s[a] - reach / rate_hz for a, b in pairs])
    for height, pair, first_s in zip(heights, pairs, first_lag_s, strict=True):
        height[:, np.abs(first_s + step_s * np.arange(height.shape[1])) > reaches[pair]] = NOWHERE
    return Window(
        middle_s=float(blocks_s[0] + settings.block_s * settings.window_blocks / 2),
        pairs=pairs,
        heights=heights,
        first_lag_s=first_lag_s,
        step_s=step_s,
        slopes=slopes,
    )


def _emphasis(n: int, rate_hz: float, settings: CommonSoundSettings) -> NDArray[np.float32]:
    """Gain at each rate of change: what changes slowly says little of when, and blurs what does."""
    changes_hz = np.arange(n // 2 + 1) * (rate_hz / n)
    gain = np.clip(changes_hz, settings.slowest_change_hz, settings.fastest_change_hz) / settings.fastest_change_hz
    return np.where(changes_hz > 2.0 * settings.fastest_change_hz, 0.0, gain).astype(np.float32)


def _cut(tones: NDArray[np.float32], starts: NDArray[np.int64], size: int) -> NDArray[np.float32]:
    """Blocks of tones, zeros where there are none: shape (n, bands, size)."""
    blocks = np.zeros((len(starts), len(tones), size), np.float32)
    for block, start in zip(blocks, starts.tolist(), strict=True):
        first, last = max(0, start), min(tones.shape[1], start + size)
        if first < last:
            block[:, first - start : last - start] = tones[:, first:last]
    return blocks


def _along_slopes(
    rows: NDArray[np.float32], slopes: NDArray[np.floating], away: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Sums over blocks of (pairs, blocks, lags) along lines: (pairs, slopes, lags); blocks lie `away` of the middle."""
    most = int(np.ceil(np.abs(slopes).max() * np.abs(away).max())) + 1
    padded = np.pad(rows, ((0, 0), (0, 0), (most, most + 1)))
    lags = rows.shape[2]
    total = np.zeros((len(rows), len(slopes), lags), np.float32)
    for j, slope in enumerate(slopes):
        for m, frames in enumerate(slope * away):
            whole = int(np.floor(frames))
            part, first = np.float32(frames - whole), most + whole
            total[:, j] += (1 - part) * padded[:, m, first : first + lags]
            total[:, j] += part * padded[:, m, first + 1 : first + 1 + lags]
    return total


def _in_sigmas(heights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each pair's heights over their own median and median deviation."""
    heights = heights - np.median(heights, axis=(1, 2), keepdims=True)
    spread = _SIGMA_PER_MEDIAN_ABS * np.median(np.abs(heights), axis=(1, 2), keepdims=True)
    return np.asarray(heights / np.maximum(spread, 1e-9), np.float32)
