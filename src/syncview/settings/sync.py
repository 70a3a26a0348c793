"""Defaults of the lining up of sounds, with their reasons; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SyncSettings"]


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
