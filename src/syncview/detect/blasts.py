"""Blast onsets in the sound of one recording: curve, trigger, pick, measures, score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from syncview.detect.echoes import Echo, possible_echoes, separable_after_s
from syncview.detect.gunfire import Burst, bursts_of
from syncview.detect.measures import measures_by_samples, onset_measures
from syncview.detect.novelty import BANDS_HZ, Levels, Trigger, band_levels, find_triggers
from syncview.detect.pick import Pick, pick_onset
from syncview.detect.reasons import reasons_in_words
from syncview.detect.score import blast_model, kind_probabilities, label_in_words, local_share, with_score
from syncview.errors import InputError
from syncview.model import Detection
from syncview.signal.bands import band_frames
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.model import AudioClip
    from syncview.settings import DetectSettings

__all__ = ["Onset", "clip_levels", "detect_blasts", "find_onsets"]

_LOWEST_RATE_HZ = 8000
_LEAST_SAMPLES = 24  # of a stretch in which an onset can be picked
_SAME_S = 0.05  # two triggers that pick onsets this near have found one sound
_PEAK_S = 0.1  # of the sound after a trigger, what the walk back starts from


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """One onset of any kind: its trigger, its pick, the sample at which it lies, and its measures."""

    trigger: Trigger
    pick: Pick
    sample: int
    uncertainty_s: float
    measures: dict[str, float]
    echo: Echo | None


def detect_blasts(clip: AudioClip, *, settings: DetectSettings, levels: Levels | None = None) -> tuple[Detection, ...]:
    """Find what may be blasts or shots in the sound of one recording.

    Novelty of band levels against the loudest before, a trigger, an onset pick, measures, and a score fitted on
    simulated scenes. The sound is read in blocks. An onset that the recording does not show (it starts inside a bang)
    is not reported.

    Parameters
    ----------
    clip : AudioClip
        Mono sound at 8 kHz or more.
    settings : DetectSettings
        Windows, thresholds and the least score.
    levels : Levels, optional
        What `clip_levels` gives for the clip, where it is known already.

    Returns
    -------
    tuple of Detection
        In order of time; `time_s` is recording time.

    Raises
    ------
    InputError
        When the rate is below 8 kHz or the samples are not finite mono sound.
    """
    if clip.rate_hz < _LOWEST_RATE_HZ:
        message = f"{clip.recording_id}: blasts need sound at 8 kHz or more, got {clip.rate_hz} Hz"
        raise InputError(message, hint="resample it")
    levels = levels or clip_levels(clip.samples, clip.rate_hz, settings=settings)
    onsets = find_onsets(clip.samples, clip.rate_hz, settings=settings, levels=levels)
    chances = [kind_probabilities(onset.measures, blast_model()) for onset in onsets]
    scores = [own["explosion"] for own in chances]
    frames = [round(onset.sample / clip.rate_hz / levels.hop_s) for onset in onsets]
    bursts = bursts_of(levels, frames, chances, least_gunshot=settings.burst_least_gunshot)
    times_s = [clip.start_s + onset.sample / clip.rate_hz for onset in onsets]
    found = []
    for index, onset in enumerate(onsets):
        score = _score_in_wake(index, onsets, scores, clip.rate_hz, settings)
        shown = with_score(chances[index], score)
        if score >= settings.least_score or shown["gunshot"] >= settings.least_shot:
            echo_of_s = None if onset.echo is None else times_s[onset.echo.of]
            known = _Known(alone=chances[index], chances=shown, echo_of_s=echo_of_s, burst=bursts[index])
            found.append(_detection(clip, onset, times_s, index, known, settings))
    return tuple(found)


class _Known(NamedTuple):
    """What is known of an onset: probabilities of the kinds by itself and in its place, its echo, its burst."""

    alone: Mapping[str, float]
    chances: Mapping[str, float]
    echo_of_s: float | None
    burst: Burst | None


def _detection(
    clip: AudioClip, onset: Onset, times_s: Sequence[float], index: int, known: _Known, settings: DetectSettings
) -> Detection:
    chances, echo_of_s = known.chances, known.echo_of_s
    # A camera's own surroundings are no witness that others share; joining cameras asks for this.
    measures = onset.measures | {"local_share": local_share(chances), "gunshot_share": chances["gunshot"]}
    if chances["explosion"] > known.alone["explosion"]:
        measures["score_by_itself"] = known.alone["explosion"]
    label, reasons = label_in_words(chances), reasons_in_words(measures, onset.pick, echo_of_s=echo_of_s)
    if known.burst is not None:
        measures |= {"burst_shots_at_least": float(known.burst.at_least), "burst_shots_per_s": known.burst.per_s}
        shots = chances["gunshot"] >= max(chances.values())
        label, said = _burst_in_words(known.burst, index, times_s, label, shots=shots)
        reasons = (*reasons, said)
    return Detection(
        recording_id=clip.recording_id,
        kind="shot" if chances["gunshot"] >= settings.shot_share else "blast",
        time_s=round_s(times_s[index]),
        uncertainty_s=round_s(onset.uncertainty_s),
        score=round(chances["explosion"], 6),
        label=label,
        measures=tuple((name, round(value, 4)) for name, value in measures.items()),
        reasons=reasons,
        possible_echo_of_s=None if echo_of_s is None else round_s(echo_of_s),
    )


def _burst_in_words(burst: Burst, index: int, times_s: Sequence[float], label: str, *, shots: bool) -> tuple[str, str]:
    """Label and reason of a shot in a burst; the first one stands for all."""
    what = "burst of gunshots" if shots else "steady series of bangs, gunshots or a machine"
    rate = f"at least {burst.at_least} bangs alike, about {burst.per_s:.1f} per second"
    if index == burst.first:
        return (f"{what}: at least {burst.at_least}, about {burst.per_s:.1f} per second", rate)
    return f"{label}; of the burst at {times_s[burst.first]:.3f} s", f"{rate}, from {times_s[burst.first]:.3f} s on"


def _score_in_wake(
    index: int, onsets: Sequence[Onset], scores: Sequence[float], rate_hz: int, settings: DetectSettings
) -> float:
    """Score of an onset, given those before it.

    In the tail of a blast the measures of the next sound are blurred; if it is about as loud, it is likely a blast as
    well, or an echo of the first. Which of the two is for all cameras to say.
    """
    own, score = onsets[index], scores[index]
    if own.echo is not None and own.echo.weaker_db > settings.wake_weaker_db:
        return score
    rises = own.trigger.fresh_db >= settings.fresh_trigger_db
    if not rises and max(own.trigger.novelty_db[:2]) < settings.wake_trigger_db:
        return score  # a faint stir in the tail is neither
    share = settings.wake_louder_share if own.echo is None else settings.wake_weaker_share
    for before in range(index - 1, -1, -1):
        if own.sample - onsets[before].sample > settings.wake_s * rate_hz:
            break
        score = max(score, share * scores[before])
    return score


def clip_levels(samples: NDArray[np.float32], rate_hz: int, *, settings: DetectSettings) -> Levels:
    """Band levels of a whole sound; see `syncview.detect.novelty.band_levels`."""
    return band_levels(band_frames(samples, rate_hz, bands_hz=BANDS_HZ, frame_s=settings.frame_s))


def find_onsets(
    samples: NDArray[np.float32], rate_hz: int, *, settings: DetectSettings, levels: Levels | None = None
) -> tuple[Onset, ...]:
    """Every onset with its measures, before anything is said of its kind.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        Mono sound, possibly memory-mapped.
    rate_hz : int
        Sampling rate.
    settings : DetectSettings
        Windows and thresholds.
    levels : Levels, optional
        What `clip_levels` gives, where it is known already.

    Returns
    -------
    tuple of Onset
        In order of time.
    """
    levels = levels or clip_levels(samples, rate_hz, settings=settings)
    triggers = find_triggers(levels, settings=settings)
    picked = _without_twins(
        [
            (trigger, *found)
            for trigger in triggers
            if (found := _pick(samples, rate_hz, levels, trigger, settings=settings)) is not None
        ],
        round(_SAME_S * rate_hz),
    )
    hop = max(1, round(levels.hop_s * rate_hz))
    last = len(levels.db) - 1  # the samples after the last whole frame have none of their own
    frames = np.array([min(sample // hop, last) for _, _, sample, _ in picked], dtype=np.intp)
    echoes = possible_echoes(levels, frames.tolist(), settings=settings)
    onsets = []
    for index, (trigger, pick, sample, uncertainty_s) in enumerate(picked):
        measures = onset_measures(
            levels,
            trigger,
            onset_frame=int(frames[index]),
            other_frames=np.delete(frames, index),
            by_samples=measures_by_samples(samples, rate_hz, sample),
        )
        apart_s = separable_after_s(levels, int(frames[index]), settings=settings)
        if apart_s is not None:
            measures["separable_after_s"] = apart_s
        if (echo := echoes[index]) is not None:
            measures["weaker_than_first_db"] = echo.weaker_db
        onsets.append(
            Onset(trigger=trigger, pick=pick, sample=sample, uncertainty_s=uncertainty_s, measures=measures, echo=echo)
        )
    return tuple(onsets)


def _pick(
    samples: NDArray[np.float32], rate_hz: int, levels: Levels, trigger: Trigger, *, settings: DetectSettings
) -> tuple[Pick, int, float] | None:
    """Pick one onset: the pick, its sample in the recording, its 95 % half-width; None at the very edges.

    Digital silence before the onset is cut off, since any sound is an onset against it; an onset right at its end may
    have happened anywhere inside the gap.
    """
    hop = max(1, round(levels.hop_s * rate_hz))
    first = max(0, trigger.frame - round(settings.pick_before_s / levels.hop_s))
    mute = np.flatnonzero(~levels.heard[first : trigger.frame])
    sounds_from = first + int(mute[-1]) + 1 if len(mute) else first
    begin = sounds_from * hop
    stretch = np.asarray(samples[begin : trigger.frame * hop + round(_PEAK_S * rate_hz)], np.float64)
    if len(stretch) < _LEAST_SAMPLES:
        return None
    pick = pick_onset(stretch, rate_hz, trigger_sample=trigger.frame * hop - begin, settings=settings)
    if len(mute) and _as_loud(levels, sounds_from, trigger.frame):
        unheard = ~levels.heard[:sounds_from][::-1]
        gap_frames = len(unheard) if unheard.all() else int(np.argmin(unheard))
        return pick, begin, (gap_frames + 1) * levels.hop_s
    return pick, begin + pick.sample, pick.uncertainty_s


def _as_loud(levels: Levels, first: int, second: int) -> bool:
    """Whether sound is nearly as loud at one frame as at another: nothing has begun in between."""
    at_first, at_second = (float(levels.db[frame : frame + 2, :2].max()) for frame in (first, second))
    return at_first > at_second - 6.0


def _without_twins(
    picked: list[tuple[Trigger, Pick, int, float]], apart_samples: int
) -> list[tuple[Trigger, Pick, int, float]]:
    """Keep of onsets that are one sound the one with the larger rise, in order of time."""
    kept: list[tuple[Trigger, Pick, int, float]] = []
    for entry in sorted(picked, key=lambda item: (item[2], item[0].frame)):
        if kept and entry[2] - kept[-1][2] < apart_samples:
            if _strength(entry[0]) > _strength(kept[-1][0]):
                kept[-1] = entry
        else:
            kept.append(entry)
    return kept


def _strength(trigger: Trigger) -> float:
    return max(*trigger.novelty_db[:2], trigger.fresh_db)
