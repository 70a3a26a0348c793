"""Defaults of clocks and strikes, with their reasons; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ReconstructSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconstructSettings:
    """Clocks and strikes."""

    drift_uncertainty_ppm: float = 100.0  # quartz in phones; pairs of 3 and of 273 ppm have been measured
    lag_noise_s: float = 0.02  # 95 % of what echoes and moving sources do to a pair's lag besides sound's travel
    sound_floor_s: float = 0.003  # 95 % of what single windows of one sound scatter by
    # An end of a file that should agree with others and does not: of such in simulated incidents one in four was cut.
    lost_log_likelihood: float = 8.0  # e to the 8th against the clock
    lost_expected_z: float = 8.0  # what it would show, going by the rest of the file
    lost_most_z: float = 2.5  # and what it shows at most, with any other file and with all together
    lost_doubt: float = 4.0  # e to the 4th for the clock: there it holds again
    lost_slack_s: float = 1.5
    usual_least: float = 0.1  # sigmas of half a second: pairs that agree less tell nothing
    usual_most: float = 1.5  # louder is chance, or one loud stretch
    contradicting_probability: float = 0.3  # a lag so likely is right too often to be passed by
    open_tie_s: float = 60.0  # a file that alone ties two parts may meet neither for so long
    suspect_tie_s: float = 5.0  # the same where it is known to be cut, or one part lacks what it should hear
    position_uncertainty_m: float = 50.0  # of a place stated without one: a street corner
    wind_uncertainty_mps: float = 6.0  # 95 %, along the way of sound, where nobody states it
    strike_lag_confidence: float = 0.9  # a strike that moves clocks must be beyond doubt
    strike_lag_uncertainty_s: float = 0.04  # 95 %; an onset that swells for longer says nothing of sound's way
    av_skew_uncertainty_s: float = 0.04  # a camera's own picture-sound skew, where nobody states it
    copied_skew_uncertainty_s: float = 0.06  # each encoding again may add an AAC encoder's 21 to 44 ms
    edited_skew_uncertainty_s: float = 0.2  # what viewers let pass, ITU-R BT.1359: so far may editors be off
    pattern_kernel_s: float = 0.04  # arrivals of strikes some 15 m apart agree this well
    pattern_spread_s: float = 0.04  # 1 sigma within a pattern: strikes within a radius of 30 m
    pattern_prior_s: float = 0.4  # 1 sigma of what is left between cameras that sound has lined up: within 250 m
    pattern_vote_log_odds: float = 4.0  # a clear strike outweighs the preference for small delays
    strike_spread_m: float = 150.0  # between strikes of an incident: they lie 30 to 85 m apart, taken nearly twice
    outlier_share: float = 0.2  # of strikes, those that fall outside the others' radius
    unlike_log_odds: float = 1.5  # a second strike may look like an echo to one camera and not to the next: 1 in 5
    strike_rate_hz: float = 0.02  # one a minute while strikes fall
    explosion_share: float = 0.3  # the shares that the blast score assumes, see detect/blast_score.json
    carried_share: float = 0.4  # shots, thunder, voices, engines, music
    local_share: float = 0.3  # doors, bumps, wind
    further_camera_weight: float = 0.9  # cameras hear one source, yet each its own way: benchmarks/fit_strikes.py
    lone_factor: float = 0.4  # on the odds of what one camera alone heard: a bump that sounds like a blast is one's own
    unheard_factor: float = 0.15  # the same for each camera that was listening, and again, and did not hear it
    second_look_score: float = 0.4  # of a sound that one camera has, or of all: the others are listened to again
    hearing_share: float = 0.5  # of cameras that record, those that hear any one strike, at least
    intruder_score: float = 0.5  # an arrival likelier something else keeps no two parts of a strike apart
    echo_reach_s: float = 3.5  # the longest delay of an echo on one camera, and the pattern's spread
    echo_spread_s: float = 0.1  # delays of a second strike within 20 m differ by less on all sides
    echo_look_score: float = 0.15  # of what one camera has after a strike: the others are listened to again
    echo_look_s: float = 0.06  # half the stretch in which they are
    echo_look_chance: float = 0.35  # of other stretches; what it proves is counted by it
    echo_fewest_cameras: int = 3  # that heard the first: two side by side hear any echo after one delay
    echo_fewest_agreeing: int = 2  # that heard the second after one delay; the third may not tell it from the tail
    second_strike_probability: float = 0.7  # below, it stays a possible echo; of 69 echoes two had more
    most_left_out: int = 14  # files left out in turn; each costs placing all others again, three times matching at 20
    far_camera_m: float = 3000.0  # from so far plumes are filmed: tried where nobody states how far cameras stand
