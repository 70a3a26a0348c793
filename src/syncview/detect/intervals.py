"""Stretches of a recording in which its sound cannot be trusted: clipped, masked by a gain, taken away by a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.blasts import clip_levels
from syncview.detect.measures import clipped_samples
from syncview.detect.suppression import suppressed_spans
from syncview.model import Interval
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from syncview.detect.novelty import Levels
    from syncview.model import AudioClip, Detection, IntervalKind
    from syncview.settings import DetectSettings

__all__ = ["sound_intervals"]

_CLIPPED_JOIN_S = 0.02  # the quiet half-waves of a clipped rumble
_CLIPPED_BLOCK_S = 1.0
_HIGH_BANDS = slice(1, 4)  # the lowest band is the blast's own rumble; the background is heard above it


def sound_intervals(
    clip: AudioClip, detections: Sequence[Detection], *, settings: DetectSettings, levels: Levels | None = None
) -> tuple[Interval, ...]:
    """Mark clipped sound, stretches that a gate took away, and the time in which a gain pumped down hides blasts.

    Parameters
    ----------
    clip : AudioClip
        The sound.
    detections : sequence of Detection
        Blasts found in it.
    settings : DetectSettings
        How far and how long the background must sink.
    levels : Levels, optional
        What `clip_levels` gives for the clip, where it is known already.

    Returns
    -------
    tuple of Interval
        Kinds "clipped", "masked" and "suppressed", in order of time; recording time.
    """
    levels = levels or clip_levels(clip.samples, clip.rate_hz, settings=settings)
    masked = [
        span
        for detection in detections
        if (span := _masked_frames(levels, round((detection.time_s - clip.start_s) / levels.hop_s), settings=settings))
    ]
    clipped = _clipped_spans(clip.samples, clip.rate_hz)
    found = [
        *_intervals(clip, _joined(clipped, round(_CLIPPED_JOIN_S * clip.rate_hz)), 1.0 / clip.rate_hz, "clipped"),
        *_intervals(clip, _joined(masked, 0), levels.hop_s, "masked"),
        *_intervals(clip, suppressed_spans(levels, settings=settings), levels.hop_s, "suppressed"),
    ]
    return tuple(sorted(found, key=lambda interval: (interval.start_s, interval.kind)))


def _masked_frames(levels: Levels, onset: int, *, settings: DetectSettings) -> tuple[int, int] | None:
    """First and last frame of the time from an onset until a sunken background has come back; None when it never sank.

    The background is the quiet fifth of each stretch, so that voices do not count as background. The blast's own tail
    lies above it, the gain below.
    """
    hop_s = levels.hop_s
    before = levels.db[max(0, onset - round(2.0 / hop_s)) : max(0, onset - round(0.05 / hop_s)), _HIGH_BANDS]
    after = levels.db[onset : onset + round(settings.masked_reach_s / hop_s), _HIGH_BANDS]
    step = round(0.1 / hop_s)
    steps = len(after) // step
    if len(before) < round(0.3 / hop_s) or not steps:
        return None
    quiet_db = np.quantile(before, 0.2, axis=0)
    ours_db = np.quantile(after[: steps * step].reshape(steps, step, -1), 0.2, axis=1)
    sunk = np.flatnonzero((quiet_db - ours_db).max(axis=1) >= settings.masked_drop_db)
    if len(sunk) * step * hop_s < settings.masked_least_s:
        return None
    return onset, onset + (int(sunk[-1]) + 1) * step


def _clipped_spans(samples: NDArray[np.float32], rate_hz: int) -> list[tuple[int, int]]:
    """First and last sample of each run of clipped samples, read block by block."""
    spans: list[tuple[int, int]] = []
    block = round(_CLIPPED_BLOCK_S * rate_hz)
    for begin in range(0, len(samples), block):
        hit = clipped_samples(np.asarray(samples[begin : begin + block], np.float64))
        if hit.any():
            edges = np.flatnonzero(np.diff(np.concatenate(([0], hit.astype(np.int8), [0]))))
            spans += [(begin + int(a), begin + int(b)) for a, b in edges.reshape(-1, 2)]
    return spans


def _joined(spans: Iterable[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Merge spans that touch or lie within a gap of each other."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin - merged[-1][1] <= gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def _intervals(clip: AudioClip, spans: Sequence[tuple[int, int]], unit_s: float, kind: IntervalKind) -> list[Interval]:
    return [
        Interval(
            start_s=round_s(clip.start_s + begin * unit_s),
            end_s=round_s(min(clip.start_s + end * unit_s, clip.end_s)),
            kind=kind,
        )
        for begin, end in spans
    ]
