"""Defaults of ordinary sounds that several cameras heard, with their reasons; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CommonSoundSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonSoundSettings:
    """Ordinary sounds heard by three cameras or more. Measured by benchmarks/common_sounds.py."""

    block_s: float = 1.0  # of what is correlated at once; a source that walks moves a lag by 4 ms in it
    window_blocks: int = 6  # summed along a slope: what reverberates agrees by chance in one block, not in six
    hop_blocks: int = 2
    least_blocks: int = 4  # of a window, those without a strike
    windows_at_most: int = 150  # five minutes in full; longer groups are sampled, so that cost stays bounded
    greatest_slope: float = 0.012  # of a lag: somebody who walks at 2 m/s from one camera to the other
    slopes: int = 17  # steps of 1.5 ms a second, 9 ms over a window: half a frame
    least_extent_s: float = 1.0  # what a peak is compared with, also where cameras stand close together
    slowest_change_hz: float = 0.3  # of tones' levels; from here on the faster a change, the more it counts: lags are
    fastest_change_hz: float = 6.0  # a third more exact, and half as many again; the tones' frames follow no faster
    clock_slack_s: float = 0.1  # on top of sound's way twice: what echoes and drift do to a clock
    strike_before_s: float = 0.3  # a strike's own sound is left out: it comes as a strike
    strike_after_s: float = 1.5  # a bang and most of its echo
    least_z: float = 6.0  # of the pair that a set begins with, over the scatter of other lags
    join_z: float = 8.0  # of a camera's pairs with the others of a set together
    pair_z: float = 3.5  # of every single pair in a set: a camera that hears another sound has a low one
    missed_z: float = 1.0  # by which a pair may stand higher nearby: there it agrees on something else
    sounds_per_window: int = 2
    cameras_at_most: int = 8  # of a sound: more say little more, and cost grows with the cube
    same_side_s: float = 0.02  # arrivals that differ by less come from the same side: they say nothing new
    sounds_at_most: int = 24  # of a group: the clearest from different sides
    arrival_uncertainty_s: float = 0.022  # 95 % half-width of one arrival: reverberation, sounds that mix; simulated
