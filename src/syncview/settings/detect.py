"""Defaults of what is found in sound and light, with their reasons; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AircraftSettings", "DetectSettings", "FlashSettings", "PlumeSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectSettings:
    """Blast onsets in the sound of one recording."""

    frame_s: float = 0.005  # a blast's rise takes 1-5 frames
    novelty_window_s: float = 1.5  # the loudest of this long must be exceeded: several syllables, one gust
    novelty_gap_s: float = 0.03  # keeps the sound's own rise out of the time before
    novelty_ahead_s: float = 0.06  # a far blast takes this long to rise
    trigger_db: float = 2.0  # of two bands together: 0.97 of blasts at 30 dB, 0.70 at 20 dB, 250 onsets an hour
    wake_trigger_db: float = 6.0  # of a low band alone: what so loud a sound may hide is looked for with a short memory
    context_s: float = 0.2  # with less heard before, nothing is claimed: a recorder's own start is no onset
    fresh_window_s: float = 0.12  # memory of the curve that looks into a blast's tail: two 0.3 s apart stay two
    fresh_trigger_db: float = 4.0  # two of like strength 0.3 s apart: found in 82 % of simulated recordings, 5 dB 75 %
    wake_s: float = 3.0  # how long a tail or a pumped gain can hide the next blast
    dead_time_s: float = 0.12  # nearer rises are one sound and its first reflections
    pick_before_s: float = 0.12  # the onset lies at most this long before the level crosses
    pick_soon_s: float = 0.03  # of the sound after the crossing: what is sharp is over by then
    pick_after_s: float = 0.06  # and what swells has begun
    pick_quiet_gap_s: float = 0.04  # of the time before the crossing, the part that is surely noise ends here
    pick_agree_s: float = 0.01  # pickers farther apart than this make the onset emergent
    pick_apart_factor: float = 1.25  # of how far the pickers lie apart, for an interval that holds in 95 of 100
    pick_floor_s: float = 0.005  # codecs smear an onset by about this much
    echo_reach_s: float = 3.0  # walls up to 500 m off; an echo from farther is too weak to trigger
    echo_margin_db: float = 1.0  # clipping makes an echo look as loud as its origin, hardly louder
    separable_weaker_db: float = 12.0  # a second strike 6 dB weaker, for which the gain has fallen by as much again
    wake_weaker_db: float = 12.0  # in the wake of a blast, what is not weaker than this is another, or its echo
    wake_weaker_share: float = 0.8  # of the first one's score, what such a weaker onset has at least
    wake_louder_share: float = 0.5  # and a louder one, which is no echo
    second_look_chance: float = (
        0.1  # of other stretches as long, those that rise as much: 7 in 10 arrivals, 1 in 10 not
    )
    masked_drop_db: float = 6.0  # half the sound pressure: another blast of that loudness would go unnoticed
    masked_least_s: float = 0.2  # shorter dips are pauses
    masked_reach_s: float = 5.0  # the slowest gain controls are back by then
    least_score: float = 0.03  # below, four of five are voices and wind, and none has been a blast heard by others
    least_shot: float = 0.3  # likelihood of a gunshot at which an onset is reported that is hardly an explosion
    shot_share: float = 0.5  # from here on a gunshot is likelier than all else together
    burst_least_gunshot: float = 0.2  # of one bang: that others follow at a steady rate says the rest
    suppressed_depth_db: float = 10.0  # suppressors take away 12 dB and more
    suppressed_fall_s: float = 0.01  # for that depth: surroundings that dry up so fast ring for 60 ms, none do
    suppressed_falls: int = 3  # once or twice is a coincidence
    suppressed_fast_share: float = 0.5  # of falls: ordinary sound has hardly any so fast; others fluctuate into the gap
    suppressed_least_sound_s: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftSettings:
    """Stretches of possible aircraft sound. Chosen on simulated sounds by benchmarks/fit_aircraft.py."""

    least_s: float = 6.0  # words, horns and bangs are shorter
    least_agreement: float = 0.3  # of spectral lines two seconds apart; noise and voices stay below 0.2
    least_lines: int = 3
    least_beat_db: float = 8.5  # of a modulation over those around it; noise and voices stay below 6
    least_comb_db: float = 7.5  # of a moving comb over other delays; noise alone reaches 7 for ten seconds
    droning_share: float = 0.6  # of five seconds
    least_score: float = 0.63  # of a suggestion: two an hour in the fit's 7.5 h without aircraft, a minute's listening
    least_candidate_score: float = 0.09  # of a weaker one that is listed: twenty an hour there
    hidden_db: float = 6.0  # over the recording's quiet moments: an aircraft at their level would go unnoticed
    pause_share: float = 0.25  # of the time within that: in pauses so long a steady sound is heard
    overlap_s: float = 3.0  # two cameras' stretches that have less in common may be two sounds


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashSettings:
    """The light of an explosion, looked for where a bang says that it must be."""

    long_side_px: int = 160  # 0.2 % of the picture is 6 pixels across; 0.05 % is 3
    most_delay_s: float = 5.9  # 2 km: a bomb is heard farther, but over more seconds chance lights up something
    least_delay_s: float = 0.05  # nearer than 17 m nobody films on
    before_s: float = 1.0  # what the picture usually does, before the searched stretch
    after_s: float = 1.6  # decay and smoke, after it
    span_s: float = 20.0  # longer stretches are searched in pieces, for memory's sake
    least_bang_score: float = 0.2  # a bang weaker than this is not searched for light
    most_candidates: int = 3  # of each kind, shown to the reviewer
    most_judged: int = 8  # frames measured in each stretch of window's length
    apart_s: float = 0.2  # rises nearer than this are one light
    reach_px: int = 24  # of the small picture: how far a camera turns from frame to frame
    noise_levels: float = 3.0  # of coded pictures, where nothing moves
    noise_share: float = 0.9  # quantile over time of what a place usually brightens by
    noise_weight: float = 2.0
    outlying_share: float = 0.3  # of strikes, those whose delay is not like that of the one before
    automatic_probability: float = 0.95  # of the light, when other cameras see it too
    agreeing_probability: float = 0.9  # that another camera sees the same light; below, the camera is alone with it
    alone_probability: float = 0.99  # and then it must be beyond doubt
    plume_least_score: float = 0.8  # of its own, for an automatic pick: that two moments agree to 0.5 s says little
    plume_late_s: float = 0.5  # 95 %: roofs and distance let cameras see one plume at different moments
    readout_s: float = 0.03  # rolling shutters take up to this long from the first row to the last


@dataclass(frozen=True, slots=True, kw_only=True)
class PlumeSettings:
    """The plume of an explosion by day, looked for where its flash is. Chosen on the fitting seeds of the benchmark."""

    most_judged: int = 10  # lasting changes measured in each stretch
    least_strength: float = 0.7
    noise_levels: float = 3.0  # of coded pictures, where nothing moves
    noise_share: float = 0.6  # quantile over time of what a place usually changes by; a plume changes it for a while
    noise_weight: float = 1.0
    same_early_s: float = 0.1  # a plume that begins so soon before a flash, or so late after it, in the same place,
    same_late_s: float = 1.5  # is its smoke
    same_place_share: float = 0.1  # of the picture's width between their boxes
    flash_wins_score: float = 0.5  # of a flash, to stand for both
