"""Every default, with its reason. A run echoes all of them into its result.

Rooms take the part that is theirs (``Settings.sync`` and so on), so that an array-level test needs nothing else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

__all__ = ["AudioSettings", "DetectSettings", "MediaSettings", "ReconstructSettings", "Settings", "SyncSettings"]


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
    levels_pooling: int = 4  # 25 levels a second: a syllable has several
    waveform_rate_hz: int = 8_000
    waveform_low_hz: float = 150.0
    waveform_high_hz: float = 3400.0
    waveform_level_s: float = 0.4  # a bang weighs as much as a word
    whitening: float = 0.6  # between plain correlation (0) and PHAT (1), which reverberation ruins
    pattern_window_longest_s: float = 6.0  # shorter windows of speech repeat by chance
    waveform_window_longest_s: float = 4.0  # a walking source moves a lag by 4 ms a second
    window_shortest_s: float = 0.5
    pattern_hop_share: float = 0.25  # windows every quarter of their length
    windows_at_most: int = 240  # 6 minutes in full; sampled in longer recordings, so that cost grows linearly
    pattern_guard_s: float = 0.2  # nearer peaks are flanks of one
    waveform_guard_s: float = 0.02
    pattern_least_z: float = 4.5  # below, every window has peaks by chance
    waveform_least_z: float = 5.0
    peaks_per_window: int = 4  # the right lag may be the second highest
    pattern_zero_z: float = 5.5  # height that a window reaches by chance: worth no evidence
    waveform_zero_z: float = 5.5
    evidence_cap: float = 6.0  # no window counts for more, however loud its bang
    cluster_width_s: float = 0.5  # sources on different sides of two cameras 85 m apart
    cluster_margin_s: float = 0.05
    lag_kernel_s: float = 0.003  # window lags that agree this closely are one sound on one path
    one_path_tight_score: float = 4.0  # below: sources on several sides, whose mean is nearer to the true clocks
    hypotheses_per_pair: int = 6
    merge_log_odds: float = 4.6  # 99 to 1: a wrong clock destroys a story, a missing one costs a look
    tentative_log_odds: float = 0.0  # groups are tried at even odds; each member must then reach the above
    merge_lead_log_odds: float = 3.0  # 20 to 1 over the next offset: repeated sounds stay undecided
    support_gap_share: float = 0.25  # of a window: two windows so far apart share no sound of a second or two
    least_supports: int = 2  # one bang is a coincidence
    link_probability: float = 0.05  # a weak lag counts where others confirm it
    least_lag_sigma_s: float = 0.004  # moving sources and echoes, within windows
    silence_log_odds: float = 1.0  # far cameras that share nothing which stands out: 3 in 10
    silence_overlap_s: float = 15.0
    geometry_scale_s: float = 0.05  # cameras 17 m apart
    agreement_scale_s: float = 0.2  # how near lags of one incident agree: cameras some 70 m apart
    least_probability: float = 0.02  # what a lag without any evidence gets: not worth listing
    # Fitted by benchmarks/fit_lag_probability.py on simulated incidents, whole clips and cuts of 2 to 20 s.
    log_odds_constant: float = -4.3
    log_odds_per_log_pattern: float = 2.8
    log_odds_per_log_waveform: float = 0.0  # one bang fits any other: it adds nothing to the place
    log_odds_per_tight: float = 0.8  # of 2,000 wrong lags none passed 5
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectSettings:
    """Blast onsets in the sound of one recording."""

    frame_s: float = 0.005  # a blast's rise takes 1-5 frames
    novelty_window_s: float = 1.5  # the loudest of this long must be exceeded: several syllables, one gust
    novelty_gap_s: float = 0.03  # keeps the sound's own rise out of the time before
    novelty_ahead_s: float = 0.06  # a far blast takes this long to rise
    trigger_db: float = 6.0  # recall 0.94 at 30 dB against 0.76 at 10 dB
    context_s: float = 0.1  # with less heard before, nothing is claimed
    fresh_window_s: float = 0.12  # memory of the curve that looks into a blast's tail: two 0.3 s apart stay two
    fresh_trigger_db: float = 4.0  # two of like strength 0.3 s apart: found in 82 % of simulated recordings, 5 dB 75 %
    wake_s: float = 3.0  # how long a tail or a pumped gain can hide the next blast
    dead_time_s: float = 0.12  # nearer rises are one sound and its first reflections
    pick_before_s: float = 0.12  # the onset lies at most this long before the level crosses
    pick_after_s: float = 0.06
    pick_quiet_gap_s: float = 0.04  # of the time before the crossing, the part that is surely noise ends here
    pick_agree_s: float = 0.01  # pickers farther apart than this make the onset emergent
    pick_floor_s: float = 0.004  # codecs smear an onset by about this much
    echo_reach_s: float = 3.0  # walls up to 500 m off; an echo from farther is too weak to trigger
    echo_margin_db: float = 1.0  # clipping makes an echo look as loud as its origin, hardly louder
    wake_weaker_db: float = 12.0  # in the wake of a blast, what is not weaker than this is another, or its echo
    wake_weaker_share: float = 0.8  # of the first one's score, what such a weaker onset has at least
    wake_louder_share: float = 0.5  # and a louder one, which is no echo
    masked_drop_db: float = 6.0  # half the sound pressure: another blast of that loudness would go unnoticed
    masked_least_s: float = 0.2  # shorter dips are pauses
    masked_reach_s: float = 5.0  # the slowest gain controls are back by then
    least_score: float = 0.03  # below, four of five are voices and wind, and none has been a blast heard by others


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconstructSettings:
    """Clocks and strikes."""

    drift_uncertainty_ppm: float = 100.0  # quartz in phones; pairs of 3 and of 273 ppm have been measured
    lag_noise_s: float = 0.02  # 95 % of what echoes and moving sources do to a pair's lag besides sound's travel
    position_uncertainty_m: float = 50.0  # of a place stated without one: a street corner
    strike_lag_confidence: float = 0.9  # a strike that moves clocks must be beyond doubt
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
    further_camera_weight: float = 0.5  # cameras hear one source: what it resembles is half known from the first
    lone_factor: float = 0.4  # on the odds of what one camera alone heard: a bump that sounds like a blast is one's own
    hearing_share: float = 0.5  # of cameras that record, those that hear any one strike, at least
    intruder_score: float = 0.5  # an arrival likelier something else keeps no two parts of a strike apart
    echo_reach_s: float = 3.5  # the longest delay of an echo on one camera, and the pattern's spread
    echo_spread_s: float = 0.04  # delays of a second strike within 30 m differ by less, an echo's by more
    echo_agreeing_share: float = 0.6  # of the first's cameras; the rest may have missed it or picked another arrival
    echo_weaker_db: float = 3.5  # a wall returns less than half, and its way is longer
    pumped_db: float = 13.0  # how far a gain control of a phone falls at a blast
    pumped_s: float = 0.9  # and how soon it is back


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a run."""

    audio: AudioSettings = field(default_factory=AudioSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    sync: SyncSettings = field(default_factory=SyncSettings)
    detect: DetectSettings = field(default_factory=DetectSettings)
    reconstruct: ReconstructSettings = field(default_factory=ReconstructSettings)
    strike_threshold: float = 0.5  # an event is called a strike when it is likelier one than not

    def as_dict(self) -> dict[str, object]:
        """All values by name, as the result echoes them.

        Examples
        --------
        >>> Settings().as_dict()["strike_threshold"]
        0.5
        """
        return asdict(self)
