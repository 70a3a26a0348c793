"""Every default, with its reason. A run echoes all of them into its result.

Rooms take the part that is theirs (``Settings.sync`` and so on), so that an array-level test needs nothing else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from syncview.flash_settings import FlashSettings

__all__ = [
    "AircraftSettings",
    "AudioSettings",
    "DetectSettings",
    "FlashSettings",
    "MediaSettings",
    "PictureSettings",
    "ReconstructSettings",
    "Settings",
    "SyncSettings",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSettings:
    """How sound is brought onto one axis."""

    rate_hz: int = 16_000  # blasts and shots are told apart up to 7 kHz; more only costs
    silence_level: float = 1e-6  # -120 dB full scale: what decoders leave of coded zeros, below any microphone's noise
    listen_s: float = 60.0  # how far to listen for a first sound; a working microphone hisses at once
    digital_silence_s: float = 0.1  # shorter stretches of zeros occur inside real sound
    clip_level: float = 0.99  # peaks this near to full scale; encoders lower or overshoot a clipped top by 1 %
    clip_run_samples: int = 3  # one or two samples at the top are a peak, more are a flat top
    clip_join_s: float = 0.05  # flat tops of one loud sound are one interval
    max_gap_s: float = 600.0  # a longer jump of time stamps is a fault of the stamps, not a pause in the recording


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """Limits of the processes that open files from strangers."""

    probe_timeout_s: float = 60.0  # a healthy header reads in milliseconds; a hostile one may loop
    decode_timeout_per_media_s: float = 1.0  # seconds allowed per second of media; sound decodes 400 x faster
    decode_timeout_floor_s: float = 120.0  # slow disks and short files
    look_timeout_per_media_s: float = 5.0  # 4K at 60 frames a second decodes at half its speed
    proxy_timeout_per_media_s: float = 10.0  # 4K at 60 frames a second is copied at a fifth of its speed
    match_timeout_s: float = 600.0  # two hours of sound against two hours take a minute
    memory_limit_mib: int = 4096  # a decoder that wants more is broken or attacked
    probe_timeout_per_gib_s: float = 120.0  # hashing at 10 MB a second, a slow USB stick


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """Lag hypotheses of pairs and their joint choice. Measured on simulated pairs."""

    pattern_rate_hz: float = 100.0  # 10 ms frames find the place; the waveform gives the milliseconds
    pattern_window_s: float = 0.064  # resolves the pitch of a voice
    pattern_bands: int = 24
    pattern_low_hz: float = 150.0  # wind and handling live below
    pattern_high_hz: float = 3600.0  # messengers cut above
    pattern_surroundings_s: float = 1.0  # slower changes are gain control and traffic
    pattern_clip: float = 2.5  # one bang weighs no more than a syllable
    pattern_floor: float = 0.5  # in local deviations: what lies below is noise and tells nothing
    pattern_common_share: float = 0.5
    tones_rate_hz: float = 50.0
    tones_window_s: float = (
        0.256  # tells the harmonics of a voice apart: 0.98 of true lags stand highest, 0.87 with 64 ms
    )
    tones_bands: int = 64
    tones_surroundings_s: float = 2.0
    tones_floor: float = 0.3
    tones_common_share: float = 1.0  # what all bands share at this speed is loudness, which repeats by chance
    levels_pooling: int = 4  # 25 levels a second: a syllable has several
    waveform_rate_hz: int = 8_000
    waveform_low_hz: float = 150.0
    waveform_high_hz: float = 3400.0
    waveform_level_s: float = 0.4  # a bang weighs as much as a word
    whitening: float = 0.6  # between plain correlation (0) and PHAT (1), which reverberation ruins
    window_shortest_s: float = 0.5
    windows_at_most: int = 240  # 6 minutes in full; sampled in longer recordings, so that cost grows linearly
    evidence_cap: float = 6.0  # no window counts for more, however loud its bang
    cluster_width_s: float = 0.5  # sources on different sides of two cameras 85 m apart
    lag_kernel_s: float = 0.003  # window lags that agree this closely are one sound on one path
    hypotheses_per_pair: int = 6
    stretch_s: float = 30.0  # coherent to 3 ms at 100 ppm
    stretches_at_most: int = 8  # of long recordings a sample; the levels look at all of them
    least_common_s: float = 2.0  # less in common agrees with anything
    peaks_per_kind: int = 6  # of each kind of evidence, the lags that are looked at
    peak_guard_s: float = 0.1  # nearer peaks are flanks of one
    peak_least_z: float = 3.5  # what the highest of some thousand lags reaches by chance
    # Of a lag's strength: of weaker lags within 1 to 2.5 s of a stronger one, none of those measured was right.
    side_lobe_share: float = 0.4
    same_lag_s: float = 0.15  # kinds of evidence this near speak of one lag: sources on several sides, slow tones
    course_cap: float = 1.5  # sigmas of a step: twice what ordinary agreement reaches
    course_step_s: float = 0.05  # how finely agreement is followed along an overlap
    block_longest_s: float = 1.0  # the strongest two blocks of an overlap must not decide: a bang, a shout
    block_shortest_s: float = 0.2
    support_z: float = 2.5  # a block that agrees this well by itself is a coincidence of its own
    merge_log_odds: float = 4.6  # 99 to 1: a wrong clock destroys a story, a missing one costs a look
    tentative_log_odds: float = 0.0  # groups are tried at even odds; each member must then reach the above
    # Files of one incident share their sounds: what resembles one by chance resembles all, so that many weak lags that
    # agree prove less than they seem to. One must be likelier than not by itself.
    strongest_log_odds: float = 0.0
    merge_lead_log_odds: float = 3.0  # 20 to 1 over the next offset: repeated sounds stay undecided
    least_supports: int = 2  # one bang is a coincidence
    link_probability: float = 0.05  # a weak lag counts where others confirm it
    least_lag_sigma_s: float = 0.004  # moving sources and echoes, within windows
    silence_log_odds: float = 1.0  # far cameras that share nothing which stands out: 3 in 10
    silence_overlap_s: float = 15.0
    geometry_scale_s: float = 0.05  # cameras 17 m apart
    agreement_scale_s: float = 0.2  # how near lags of one incident agree: cameras some 70 m apart
    least_probability: float = 0.02  # what a lag without any evidence gets: not worth listing
    # Fitted by benchmarks/fit_lag_probability.py: a constant; what tones, pattern, waveform and length add.
    log_odds: tuple[float, ...] = (-7.6, 2.3, 0.48, 0.88, -0.9)
    waveform_clear_z: float = 7.0  # of 36,000 wrong lags the highest reached 7.1, over 8 s and more 5.0
    waveform_clear_log_odds: float = 3.0  # for each sigma beyond: half of what a normal tail would give
    least_log_odds: float = -4.6  # of the lags that stand highest by chance, one in a hundred is right
    short_overlap_log_odds: tuple[float, float] = (2.0, 0.6)  # and for each second: few seconds resemble few others
    short_overlap_discount: float = 4.0  # taken off beyond it at most, so that the clearest lag stays the likeliest
    rival_apart_s: float = 2.5  # lags nearer than this can both be right: sources on two sides of cameras 425 m apart
    align_least_log_odds: float = -2.0  # a lag this likely is looked at closely
    burst_z: float = 4.0  # what a second with a common bang shows in the waveform
    burst_longest_s: float = 5.0  # a bang and what streets make of it; a song or a voice goes on
    burst_most_share: float = 0.35  # of the overlap
    burst_least_share: float = 0.5  # of the agreement; the rest is chance
    bursts_at_most: int = 3  # more at one exact lag are words or drums of a loudspeaker: bangs fall here and there
    settled_probability: float = 0.9  # above it, bangs are not asked
    copy_least_white_z: float = 12.0  # what a copy, or a sound that was carried, shows at least in the waveform
    align_reach_s: float = 0.15  # sources on several sides of cameras 50 m apart; a pattern is right to 0.02 s
    align_window_s: float = 1.0  # a walking source moves a lag by 4 ms a second
    align_together: int = 8  # windows of a source at rest: 4.5 s, in which 300 ppm move a lag by 1.4 ms
    still_least_z: float = 7.0  # of the whole overlap at once
    align_least_z: float = 5.0  # the highest of 2,400 lags reaches 4 by chance
    one_path_share: float = 0.6  # of the windows' weight on one line: sources at rest
    least_window_sigma_s: float = 0.0001  # a sample
    pattern_lag_sigma_s: float = 0.01
    greatest_drift_ppm: float = 400.0  # phones differ by up to 300
    drift_least_span_s: float = 10.0
    drift_least_windows: int = 8
    drift_significance: float = 1.5  # times its 95 % half-width: three sigmas
    drift_prior_sigma_ppm: float = 100.0  # phones: 3 and 273 ppm have been measured
    least_drift_sigma_ppm: float = 1.0  # echoes that come and go tilt a line by this much
    jump_log_odds: float = -1.0  # a lag that may be one side of a cut: what it lacks there lies on the other side
    # Less likely places of a cut are left out: e to the 4th, times the five steps over which agreement is smeared.
    cut_log_likelihood: float = 20.0
    support_step_s: float = 0.5  # how finely a group's agreement is followed along a recording
    support_steps_at_most: int = 2000
    support_cap: float = 3.0  # sigmas of such a step: one bang agrees with any other
    lost_least_s: float = 5.0  # a part on no clock is at least so long
    lost_expected_z: float = 12.0  # what it would show if its clock held
    lost_most_z: float = 2.0  # and what it shows
    lost_most_share: float = 0.15
    lost_others_share: float = 0.4  # meanwhile the others agree with each other as they do elsewhere
    lost_slack_s: float = 1.5
    part_least_z: float = 6.0  # what each side of a cut must show by itself
    part_least_s: float = 5.0  # a shorter part tells nothing of its place
    part_elsewhere_share: float = 0.35  # of its strength, what a lag may show on the other side of a cut
    same_cut_s: float = 1.0  # jumps that several pairs see so near each other are one
    cut_rounds: int = 3  # cuts of different recordings hide each other: the clearest first
    same_jump_s: float = 0.25  # and of the same length, sound's travel allowed
    # Copies of one recording. Measured by benchmarks/sound_copies.py.
    copy_search_s: float = 0.3  # how far a pair's lag may be off the copy's
    copy_cell_agreement: float = 0.5  # after 24 kbit/s 98 % of cells agree to 0.75, after AMR to 0.5; noise to 0.3
    copy_level_match_db: float = 2.5  # music 2 dB weaker than the scene still leaves 2.1 dB and 0.75 of agreement
    copy_quiet_quantile: float = 0.25  # pauses of speech take more than a quarter of the time
    copy_least_cells_a_second: int = 12  # of 72
    copy_second_share: float = 0.75
    copy_unlike_share: float = 0.3  # of the cells of unrelated seconds 1 % agree
    copy_halfway_share: float = 0.2  # more seconds that agree by half: a common sound over two scenes
    copy_least_s: float = 3.0
    copy_least_quiet_cells: int = 40
    copy_least_share: float = 0.8
    copy_least_quiet_share: float = 0.78  # phones side by side: 0.1, in a free field with loud sources 0.1 to 0.8
    copy_clear_quiet_agreement: float = 0.75  # median; 24 kbit/s leave 0.83, noise of two microphones 15 dB down 0.7
    copy_largest_phase_rad: float = 0.15  # codecs leave 0.02, AMR 0.13; two microphones differ by 0.04 to 1.9
    copy_quiet_depth_db: float = 8.0  # a sound that never falls hides what noise there is
    copy_largest_slide_s: float = 0.00004  # over the common stretch, a third of a sample: one clock
    copy_steady_drift_ppm: float = 1.0  # two phones differ by more, as a rule
    # Carried sound. Measured by benchmarks/sound_copies.py.
    carried_named_probability: float = 0.5  # of a carried sound that is a finding
    carried_least_blocks: int = 3  # of 2 s at one exact lag; pairs of cameras with moving sources have 2 at most
    carried_least_heard_blocks: int = 4
    carried_elsewhere_share: float = 0.25
    carried_unlike_coherence: float = 0.2  # common sounds keep 0.3 in the worst rooms, noise has 0.1
    carried_least_own: int = 6
    carried_least_share: float = 0.2  # pairs at one place have 0.02, with reverberation 0.15
    carried_weaker_share: float = 0.1  # of the other file's: with a companion beside one camera 0.05
    carried_strong_share: float = 0.3  # of one file's loud cells
    inserted_largest_phase_rad: float = 0.08  # rooms and microphones make 0.1 to 2
    inserted_drift_ppm: float = 3.0
    inserted_unlike_coherence: float = 0.45  # without a room, what is common and loud keeps 0.6
    inserted_least_own: int = 8
    inserted_least_share: float = 0.09  # pairs that differ by noise alone have 0.06 at most
    # Replays inside one file. Measured by benchmarks/sound_copies.py.
    replay_least_s: float = 1.2  # of the passage at its own speed
    replay_least_gap_s: float = 1.4  # nearer, vowels and motors repeat themselves
    replay_reach_s: float = 240.0  # farther apart is not looked for, so that cost grows linearly
    replay_least_z: float = 5.5  # of a lag in a minute against a minute
    replay_lags: int = 8  # that are checked, of a minute against a minute and a speed
    replay_least_quiet_cells: int = 12
    blast_onsets_at_most: int = 40  # the likeliest of a recording: lags to try grow with the square
    blast_lags_at_most: int = 8  # more alternatives than this are no answer
    blast_lags_apart_s: float = 0.15  # blasts on different sides of two cameras give one lag, not several
    # Fitted by benchmarks/blast_pairs.py on simulated pairs that share bangs only.
    blast_log_odds_constant: float = -0.2
    blast_log_odds_per_pattern: float = 1.0
    blast_log_odds_per_trials: float = -1.0
    blast_log_odds_per_missing: float = 1.5
    blast_log_odds_per_likeness: float = 2.0
    speed_probability: float = 0.99  # a clock at a wrong speed makes every interval wrong
    speed_alone_at_most: int = 12  # sixteen trials a pair: with more, hours
    speed_partners_at_most: int = 6  # of each recording that stands alone
    speed_thinning: int = 2  # every second frame finds a speed, at half the cost, fifteen times over
    speed_same_log_odds: float = 7.0  # above it at speed 1 no other speed but 1001/1000 is tried
    speed_least_supports: int = 3
    # Log odds. Fitted by benchmarks/speeds.py, one file in six of those left over at one of the speeds: 2.8, from 2.0
    # to 3.8 by incidents drawn again; taken above the middle, as a wrong speed is worse than none.
    speed_rarity: float = 3.4
    speed_slope_sigma_ppm: float = 150.0  # less sure slopes cannot tell 1000 ppm from drift
    speed_slow_share: float = 0.02  # of overlapping pairs, those of 30 against 29.97 frames a second
    speed_moving_share: float = 0.05  # of slopes, those that a source or a camera on the move makes
    speed_drift_ppm: float = 100.0  # quartz; up to 300 is left to drift
    # Sounds that repeat: lags that are nearly equal. See sync/repeats.py.
    repeats_at_most: int = 24  # lags of a pair; a loop of 2 s in a minute has more, and is as little decided by 24
    repeat_least_z: float = 8.0  # a peak that chance does not make
    repeat_peak_share: float = 0.6  # of the highest; waveforms of equal repeats differ by a quarter, their pieces more
    repeat_log_odds: float = 2.0  # by itself, what has something in common beyond doubt
    repeat_share: float = 0.93  # of the likeliest's agreement of levels; below it, something did not repeat


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
    """Stretches of possible aircraft sound. Chosen on simulated sounds by benchmarks/aircraft.py."""

    least_s: float = 6.0  # words, horns and bangs are shorter
    least_agreement: float = 0.3  # of spectral lines two seconds apart; noise and voices stay below 0.2
    least_lines: int = 3
    least_beat_db: float = 8.5  # of a modulation over those around it; noise and voices stay below 6
    droning_share: float = 0.6  # of five seconds
    least_score: float = 0.6  # of a suggestion; the lorries and thunder of the fit reach 0.7, most passages exceed it
    least_candidate_score: float = 0.15  # below, four of five are engines on the ground, rain and traffic
    hidden_db: float = 6.0  # over the recording's quiet moments: an aircraft at their level would go unnoticed
    pause_share: float = 0.25  # of the time within that: in pauses so long a steady sound is heard
    overlap_s: float = 3.0  # two cameras' stretches that have less in common may be two sounds


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
    strike_lag_confidence: float = 0.9  # a strike that moves clocks must be beyond doubt
    strike_lag_uncertainty_s: float = 0.04  # 95 %; an onset that swells for longer says nothing of sound's way
    av_skew_uncertainty_s: float = 0.04  # a camera's own picture-sound skew, where nobody states it
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
    echo_spread_s: float = 0.04  # delays of a second strike within 30 m differ by less, an echo's by more
    echo_agreeing_share: float = 0.6  # of the first's cameras; the rest may have missed it or picked another arrival
    echo_weaker_db: float = 3.5  # a wall returns less than half, and its way is longer
    pumped_db: float = 13.0  # how far a gain control of a phone falls at a blast
    pumped_s: float = 0.9  # and how soon it is back


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSettings:
    """Shots, copies and motion in the pictures of recordings."""

    width_px: int = 64  # 20 x 20 pixels of 720p are one: grain and coding noise are gone, people and cars are not
    height_px: int = 36
    cut_least_change: float = 0.08  # half the squared distance of normalised pictures; a hand's shake stays below
    cut_change_ratio: float = 1.5  # over the changes around it: a cut stands alone, a pan does not
    cut_around_frames: int = 4
    cut_blank_level: float = 4.0  # grey levels, 1 sigma: black, white and empty pictures belong to no shot
    cut_unlike: float = 0.3  # by chance, pictures of different places are alike up to this at some shift
    cut_alike: float = 0.38  # the same place after a frame, or behind the smoke of an explosion
    cut_steady: float = 0.9  # where both sides stand so still, less likeness than the above is another place already
    cut_reach_s: float = 2.0  # within it the place shows again after a flash or a hand before the lens
    cut_freeze_s: float = 1.0  # a picture that stands longer is a still, shorter a camera that dropped frames
    cut_insert_s: float = 0.4  # shorter inserts between two views of one place are taken for disturbances
    cut_flash_levels: float = 25.0  # a sudden rise of all the picture by so much that fades again is a flash
    thumb_width_px: int = 32  # of the kept pictures, without bars: what is known of a scene's arrangement
    thumb_height_px: int = 18
    thumb_rate_hz: float = 8.0  # means over an eighth of a second: 280 kB a minute, and little is lost between two
    region_columns: int = 4  # mean levels of 12 regions in every frame tell the moment; 43 kB a minute at 30 Hz
    region_rows: int = 3
    bar_level: int = 24  # coded black with noise; brighter borders belong to the picture
    bar_seen_s: float = 20.0  # a dark border that lasts so long is a bar
    copy_rate_hz: float = 25.0  # grid on which curves are compared before they are refined on the frames' own times
    copy_window_s: float = 5.0  # a hand's shake over so long does not come twice
    copy_hop_s: float = 2.5
    copy_windows_at_most: int = 240  # 10 minutes in full; sampled in longer recordings
    copy_slow_s: float = 2.0  # slower changes of a region are light and exposure
    copy_noise_levels: float = 0.7  # what codecs change in a region that stands still
    copy_least_ncc: float = 0.5  # of curves, to look closer; different footage reaches it rarely, cropped copies more
    copy_clusters_at_most: int = 12  # places to look closer at
    # With shake to compare, the hand decides: neighbours reach 0.2 of shake and 0.62 of change, copies 0.9 and more.
    copy_shake_px: float = 0.1  # of a thumb, median per frame: 4 pixels of 720p; people who pass look like less
    copy_least_shake: float = 0.75  # correlation of how the cameras sway
    copy_least_structure: float = 0.88  # of pictures laid over each other; logo, caption and crop cost up to 0.1
    copy_least_change: float = 0.6  # of what changed within 3/8 s
    copy_most_displaced_px: float = 0.3  # of a thumb: near and far things lie otherwise for a neighbour
    # Without it, a neighbour on a tripod sees nearly the same: mostly copies without crop are told from it.
    copy_still_structure: float = 0.985
    copy_still_change: float = 0.84
    copy_still_displaced_px: float = 0.055
    copy_change_lead: float = 0.25  # over the same footage laid over itself at wrong moments: fans, lamps, loops
    copy_change_levels: float = 1.2  # grey levels that a picture must change by to be compared at all
    copy_least_s: float = 2.5  # of such change, in all
    motion_rate_hz: float = 12.5
    motion_slow_s: float = 2.0
    motion_least_overlap_s: float = 8.0  # less has a match by chance
    motion_least_z: float = 5.5  # height over the scatter at other lags
    motion_lead: float = 1.35  # over the next best lag
    motion_guard_s: float = 1.0  # nearer lags are flanks of one
    same_cut_s: float = 0.4  # cuts of picture and of sound so near each other are one: sound finds its own to 0.3 s
    same_lag_s: float = 0.1  # picture and sound of a copy so near each other are in step
    flash_least_levels: float = 8.0  # grey levels from one frame to the next: clouds, cars and exposure are slower
    flash_least_sigmas: float = 10.0  # of the usual change between frames
    flash_least_share: float = 0.75  # of the picture's regions: what passes close by covers fewer
    flash_fade_s: float = 0.6  # by then half is gone; an exposure that has jumped, or a cut, stays
    flash_reach_s: float = 6.0  # between flash and bang: 2 km
    flash_travel_share: float = 0.8  # of the greatest distance: one pair of cameras in a hundred is so far in one line
    flash_slack_s: float = 0.2  # a frame, an onset, what cameras put between picture and sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a run."""

    audio: AudioSettings = field(default_factory=AudioSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    sync: SyncSettings = field(default_factory=SyncSettings)
    detect: DetectSettings = field(default_factory=DetectSettings)
    aircraft: AircraftSettings = field(default_factory=AircraftSettings)
    reconstruct: ReconstructSettings = field(default_factory=ReconstructSettings)
    picture: PictureSettings = field(default_factory=PictureSettings)
    flash: FlashSettings = field(default_factory=FlashSettings)
    strike_threshold: float = 0.5  # an event is called a strike when it is likelier one than not

    def as_dict(self) -> dict[str, object]:
        """All values by name, as the result echoes them.

        Examples
        --------
        >>> Settings().as_dict()["strike_threshold"]
        0.5
        """
        return asdict(self)
