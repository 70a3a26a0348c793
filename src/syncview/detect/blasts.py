"""Blast onsets in the sound of one recording: curve, trigger, pick, measures, score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.echoes import Echo, possible_echoes, separable_after_s
from syncview.detect.measures import clipped_seconds, onset_measures, tonality_db
from syncview.detect.novelty import BANDS_HZ, Levels, Trigger, band_levels, find_triggers
from syncview.detect.pick import Pick, pick_onset
from syncview.detect.reasons import reasons_in_words
from syncview.detect.score import blast_model, kind_probabilities, label_in_words, with_score
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
    """Find what may be blasts in the sound of one recording.

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
    onsets = find_onsets(clip.samples, clip.rate_hz, settings=settings, levels=levels)
    chances = [kind_probabilities(onset.measures, blast_model()) for onset in onsets]
    scores = [own["explosion"] for own in chances]
    found = []
    for index, onset in enumerate(onsets):
        score = _score_in_wake(index, onsets, scores, clip.rate_hz, settings)
        if score >= settings.least_score:
            echo_of_s = None if onset.echo is None else clip.start_s + onsets[onset.echo.of].sample / clip.rate_hz
            found.append(_detection(clip, onset, chances[index], score, echo_of_s))
    return tuple(found)


def _detection(
    clip: AudioClip, onset: Onset, alone: Mapping[str, float], score: float, echo_of_s: float | None
) -> Detection:
    chances = with_score(alone, score)
    # A camera's own surroundings are no witness that others share; joining cameras asks for this.
    measures = onset.measures | {"local_share": chances["contact"] + chances["wind"]}
    if score > alone["explosion"]:
        measures["score_by_itself"] = alone["explosion"]
    return Detection(
        recording_id=clip.recording_id,
        kind="blast",
        time_s=round_s(clip.start_s + onset.sample / clip.rate_hz),
        uncertainty_s=round_s(onset.uncertainty_s),
        score=round(chances["explosion"], 6),
        label=label_in_words(chances),
        measures=tuple((name, round(value, 4)) for name, value in measures.items()),
        reasons=reasons_in_words(measures, onset.pick, echo_of_s=echo_of_s),
        possible_echo_of_s=None if echo_of_s is None else round_s(echo_of_s),
    )


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
    frames = np.array([sample // hop for _, _, sample, _ in picked], dtype=np.intp)
    echoes = possible_echoes(levels, frames.tolist(), settings=settings)
    onsets = []
    for index, (trigger, pick, sample, uncertainty_s) in enumerate(picked):
        after = np.asarray(samples[sample : sample + round(0.4 * rate_hz)], np.float64)
        measures = onset_measures(
            levels,
            trigger,
            onset_frame=int(frames[index]),
            other_frames=np.delete(frames, index),
            clipped_s=clipped_seconds(after[: round(0.3 * rate_hz)], rate_hz),
            tone_db=tonality_db(after, rate_hz),
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
