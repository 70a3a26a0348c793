"""A second look at one recording where a strike that other cameras heard should have arrived.

Over a few tenths of a second a weaker rise means something that it would not mean over an hour. How much is measured
in the recording itself: in which share of its other stretches of that length does the sound rise as much?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.echoes import possible_echoes
from syncview.detect.measures import measures_by_samples, onset_measures
from syncview.detect.novelty import Trigger, novelty_db
from syncview.detect.pick import pick_onset
from syncview.detect.reasons import reasons_in_words
from syncview.detect.score import blast_model, kind_probabilities, label_in_words, local_share
from syncview.model import Detection
from syncview.signal.routines import maximum_filter1d
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.detect.novelty import Levels
    from syncview.detect.pick import Pick
    from syncview.model import AudioClip
    from syncview.settings import DetectSettings

__all__ = ["Expected", "second_look"]

_PEAK_S = 0.1  # of the sound after a rise, what the walk back starts from
_LEAST_ELSEWHERE = 20  # stretches; of fewer no share can be told


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Where a strike's sound should arrive in one recording: recording time and half the length of the stretch.

    `most_chance` is the largest share of other stretches that may rise as much; the settings' when None.
    """

    time_s: float
    half_s: float
    most_chance: float | None = None


def second_look(
    clip: AudioClip,
    expected: Sequence[Expected],
    *,
    known_s: Sequence[float],
    levels: Levels,
    settings: DetectSettings,
) -> tuple[Detection, ...]:
    """Find the weaker sounds that lie where other cameras' arrivals point to.

    In each stretch the largest rise of most bands over the last moment is taken, if hardly any other stretch of the
    recording has one as large. Its onset is picked and measured as any other's; `chance_share` says how often as much
    is found elsewhere, `searched_s` how long the stretch was.

    Parameters
    ----------
    clip : AudioClip
        The sound.
    expected : sequence of Expected
        Stretches to look at.
    known_s : sequence of float
        Recording times of what the first pass found; nothing is reported again beside it.
    levels : Levels
        What `syncview.detect.blasts.clip_levels` gives for the clip.
    settings : DetectSettings
        Windows, and the largest share of other stretches that may rise as much.

    Returns
    -------
    tuple of Detection
        In order of time, one for each stretch at most.
    """
    if not len(levels.db):
        return ()
    shared = {"gap_s": settings.novelty_gap_s, "ahead_s": settings.novelty_ahead_s}
    fresh_s = settings.fresh_window_s
    short_db = novelty_db(levels, window_s=fresh_s, context_s=0.8 * fresh_s, **shared)
    long_db = novelty_db(levels, window_s=settings.novelty_window_s, context_s=settings.context_s, **shared)
    curve = _Curve(levels=levels, rise_db=np.sort(short_db, axis=1)[:, 1:].mean(axis=1), long_db=long_db)
    frames = [round((time_s - clip.start_s) / levels.hop_s) for time_s in known_s]
    found: list[Detection] = []
    for each in sorted(expected, key=lambda e: (e.time_s, e.half_s)):
        detection = _look(clip, each, curve, frames, settings)
        apart_s = settings.dead_time_s
        if detection is not None and all(
            abs(detection.time_s - t) > apart_s for t in (*known_s, *(d.time_s for d in found))
        ):
            found.append(detection)
    return tuple(sorted(found, key=lambda d: d.time_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curve:
    """The rise over the last moment, frame by frame, beside what the first pass looks at."""

    levels: Levels
    rise_db: NDArray[np.floating]
    long_db: NDArray[np.float32]

    def chance(self, begin: int, end: int) -> float | None:
        """In which share of stretches as long, beside this one, the sound rises as much; None when there are few."""
        length = end - begin
        highest = maximum_filter1d(self.rise_db, length, mode="nearest")
        middles = np.arange(length // 2, len(highest) - length // 2, max(1, length // 2))
        middles = middles[(np.abs(middles - (begin + end) // 2) > length) & self.levels.heard[middles]]
        if len(middles) < _LEAST_ELSEWHERE:
            return None
        # Counted with this one itself, so that no share is 0.
        reached = np.count_nonzero(highest[middles] >= self.rise_db[begin:end].max())
        return float((reached + 1) / (len(middles) + 1))


def _look(
    clip: AudioClip, expected: Expected, curve: _Curve, known: Sequence[int], settings: DetectSettings
) -> Detection | None:
    levels = curve.levels
    middle = round((expected.time_s - clip.start_s) / levels.hop_s)
    half = max(1, round(expected.half_s / levels.hop_s))
    begin, end = max(0, middle - half), min(len(levels.db), middle + half + 1)
    if end - begin < half or not levels.heard[begin:end].all():
        return None
    chance = curve.chance(begin, end)
    most_chance = settings.second_look_chance if expected.most_chance is None else expected.most_chance
    if chance is None or chance > most_chance:
        return None
    frame = begin + int(np.argmax(curve.rise_db[begin:end]))
    onset = _picked(clip, curve, frame, settings)
    if onset is None or not begin * levels.hop_s <= onset[1] / clip.rate_hz <= end * levels.hop_s:
        return None
    return _detection(clip, expected, curve, onset, chance, known, settings)


def _picked(clip: AudioClip, curve: _Curve, frame: int, settings: DetectSettings) -> tuple[Pick, int, Trigger] | None:
    """Onset of a rise: the pick, its sample in the recording, and the rise as a trigger; None at the very edges."""
    levels = curve.levels
    moment = levels.db[frame : frame + max(1, round(settings.novelty_ahead_s / levels.hop_s))].mean(axis=1)
    crossing = frame + int(np.argmax(moment - moment[0] >= 0.5 * (moment.max() - moment[0])))
    hop = max(1, round(levels.hop_s * clip.rate_hz))
    first = max(0, crossing - round(settings.pick_before_s / levels.hop_s))
    stretch = np.asarray(clip.samples[first * hop : crossing * hop + round(_PEAK_S * clip.rate_hz)], np.float64)
    if crossing - first < round(0.5 * settings.pick_before_s / levels.hop_s) or not levels.heard[first:crossing].all():
        return None
    pick = pick_onset(stretch, clip.rate_hz, trigger_sample=(crossing - first) * hop, settings=settings)
    trigger = Trigger(
        frame=crossing,
        novelty_db=tuple(float(x) for x in curve.long_db[frame]),
        fresh_db=float(curve.rise_db[frame]),
        in_tail=True,
    )
    return pick, first * hop + pick.sample, trigger


def _detection(
    clip: AudioClip,
    expected: Expected,
    curve: _Curve,
    onset: tuple[Pick, int, Trigger],
    chance: float,
    known: Sequence[int],
    settings: DetectSettings,
) -> Detection:
    pick, sample, trigger = onset
    levels, rate_hz = curve.levels, clip.rate_hz
    at = min(round(sample / rate_hz / levels.hop_s), len(levels.db) - 1)
    measures = onset_measures(
        levels,
        trigger,
        onset_frame=at,
        other_frames=np.asarray([k for k in known if 0 <= k < len(levels.db)], np.intp),
        by_samples=measures_by_samples(clip.samples, rate_hz, sample),
    )
    chances = kind_probabilities(measures, blast_model())
    measures |= {"local_share": local_share(chances), "gunshot_share": chances["gunshot"]}
    measures |= {"chance_share": chance, "searched_s": 2.0 * expected.half_s}
    before = [k for k in sorted(known) if 0 <= k < at]
    echo = possible_echoes(levels, [*before, at], settings=settings)[-1]
    echo_of_s = None if echo is None else clip.start_s + before[echo.of] * levels.hop_s
    if echo is not None:
        measures["weaker_than_first_db"] = echo.weaker_db
    said = (
        f"found by a second look within {expected.half_s:.2f} s of where the other cameras' arrivals point to; "
        f"as strong a rise lies in {100.0 * chance:.0f} % of other stretches so long"
    )
    return Detection(
        recording_id=clip.recording_id,
        kind="blast",
        time_s=round_s(clip.start_s + sample / rate_hz),
        uncertainty_s=round_s(pick.uncertainty_s),
        score=round(chances["explosion"], 6),
        label=label_in_words(chances),
        measures=tuple((name, round(value, 4)) for name, value in measures.items()),
        reasons=(said, *reasons_in_words(measures, pick, echo_of_s=echo_of_s)),
        possible_echo_of_s=None if echo_of_s is None else round_s(echo_of_s),
    )
