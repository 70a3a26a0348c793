"""Shots of one recording that belong to one burst: bangs at a steady rate, of like loudness and colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from syncview.detect.series import regular_series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.detect.novelty import Levels

__all__ = ["Burst", "bursts_of"]

_LEAST_COUNT = 3  # two bangs have one interval: nothing to be steady
_WITHIN_SHARE = 0.5  # of the period, what an onset may lie off the place of a shot


class Burst(NamedTuple):
    """A burst: index of its first onset, how many shots at least, how many a second."""

    first: int
    at_least: int
    per_s: float


def bursts_of(
    levels: Levels, onset_frames: Sequence[int], chances: Sequence[Mapping[str, float]], *, least_gunshot: float
) -> tuple[Burst | None, ...]:
    """Say of each onset to which burst of shots it belongs.

    The shots are counted on the band levels, because onsets nearer than the detector's dead time are one onset to it.
    A single bang that resembles a shot is no burst; a steady series that resembles none (a beat, an engine) is not
    either.

    Parameters
    ----------
    levels : Levels
        Band levels.
    onset_frames : sequence of int
        Frames of the onsets, in order of time.
    chances : sequence of mapping of str to float
        Probabilities of the kinds, one mapping per onset.
    least_gunshot : float
        Probability of a gunshot that one of the onsets must have.

    Returns
    -------
    tuple of Burst or None
        One per onset.
    """
    found: list[Burst | None] = [None] * len(onset_frames)
    for index, frame in enumerate(onset_frames):
        if found[index] is not None or chances[index]["gunshot"] < least_gunshot:
            continue
        series = regular_series(levels, frame)
        if series is None or series.bangs < _LEAST_COUNT:
            continue
        period = series.every_s / levels.hop_s
        members = [
            other
            for other, at in enumerate(onset_frames)
            if found[other] is None and abs(at - frame) <= (series.bangs - 1 + _WITHIN_SHARE) * period
        ]
        burst = Burst(members[0], series.bangs, 1.0 / series.every_s)
        for other in members:
            found[other] = burst
    return tuple(found)
