"""Stretches of possible aircraft sound in one recording, and those in which nothing can be said of aircraft.

A suggestion track for people who listen, never a finding: an engine on the ground can sound like one in the air, and a
fast jet is heard late or not at all. Where no stretch lies the sound could be assessed and showed nothing; that is not
a clear sky.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.aircraft_curves import STEP_S, sound_curves
from syncview.detect.aircraft_score import reasons_of, score_of
from syncview.detect.aircraft_stretches import find_stretches, runs_of
from syncview.model import AircraftStretch
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.detect.aircraft_curves import SoundCurves
    from syncview.detect.aircraft_stretches import Stretch
    from syncview.model import AudioClip, Interval
    from syncview.settings import AircraftSettings

__all__ = ["aircraft_sound"]

_AROUND_STEPS = 3  # a second and its two neighbours
_FLOOR_REACH_S = 60.0  # where the quiet moments are looked for, on both sides
_FLOOR_SHARE = 0.1
_WIND_OVER_DB = 0.0  # of 30-120 Hz over 150-2000 Hz, unsteady: wind in the microphone
_UNSTEADY_DB = 3.0  # loud tenths of a second over quiet ones; engines and rain stay below 2
_CLIPPED_S = 0.05  # of a second
_LEAST_MASKED_S = 2.0
_WHY = {
    "no audio": "digital silence",
    "clipped": "the sound is clipped",
    "gain": "the gain is still down after a loud sound",
    "suppressed": "noise suppression took the background away",
    "wind": "wind in the microphone",
    "unsteady": "speech or another unsteady sound is louder, almost without a pause",
    "steady": "a louder steady sound covers it",
    "engine": "an engine or another steady tone: an aircraft could not be told from it",
}


def aircraft_sound(
    clip: AudioClip, intervals: Sequence[Interval], *, settings: AircraftSettings
) -> tuple[AircraftStretch, ...]:
    """Find what may be aircraft, and where nothing can be said.

    Parameters
    ----------
    clip : AudioClip
        The sound.
    intervals : sequence of Interval
        Where it is silent, clipped, suppressed or masked by a gain control.
    settings : AircraftSettings
        Thresholds.

    Returns
    -------
    tuple of AircraftStretch
        States "possible" (all that are worth a look, also those below the score of a suggestion), "masked" and
        "no audio", in order of time. A second of a suggestion is in no other stretch; one of a weaker stretch may be
        masked besides.

    Raises
    ------
    InputError
        When the sound cannot be measured.

    Notes
    -----
    Own rules on known cues: the harmonics and beat of rotors, propeller lines whose pitch falls steadily as the source
    passes (Ferguson and Quinn, JASA 96(2), 1994), noise of jets that comes and goes within tens of seconds while its
    spectrum tilts, and the moving comb of a reflection from the ground (`syncview.detect.aircraft_combs`).
    """
    if clip.duration_s < settings.least_s:
        return _too_short(clip)
    curves = sound_curves(clip.samples, clip.rate_hz)
    steps = len(curves.level_db)
    taken, suggested, drones = (np.zeros(steps, bool) for _ in range(3))
    found = []
    scored = [(score_of(each), each) for each in find_stretches(curves, settings=settings)]
    for score, each in sorted(scored, key=lambda pair: (-pair[0], pair[1].begin)):
        own = slice(each.begin, each.end)
        # What is too weak to suggest does not make up for what covers it: the second stays masked.
        drones[own] |= each.kind == "droning" and score < settings.least_score
        if score >= settings.least_candidate_score and not taken[own].any():
            found.append(_possible(clip, each, score))
            taken[own] = True
            suggested[own] |= score >= settings.least_score
    why = _masked(curves, _of_intervals(clip, intervals, steps), drones, settings)
    found += _unknown(clip, {name: mark & ~suggested for name, mark in why.items()})
    return tuple(sorted(found, key=lambda each: (each.start_s, each.end_s)))


def _too_short(clip: AudioClip) -> tuple[AircraftStretch, ...]:
    if not clip.duration_s:
        return ()
    reason = f"only {clip.duration_s:.1f} s of sound: too short to tell"
    return (_stretch(clip, 0.0, clip.duration_s, "masked", reason),)


def _possible(clip: AudioClip, each: Stretch, score: float) -> AircraftStretch:
    return AircraftStretch(
        recording_id=clip.recording_id,
        start_s=round_s(clip.start_s + each.begin * STEP_S),
        end_s=round_s(min(clip.start_s + each.end * STEP_S, clip.end_s)),
        state="possible",
        score=round(score, 6),
        measures=tuple((name, round(value, 4)) for name, value in each.measures.items()),
        reasons=reasons_of(each),
    )


def _stretch(clip: AudioClip, start_s: float, end_s: float, state: str, reason: str) -> AircraftStretch:
    return AircraftStretch(
        recording_id=clip.recording_id,
        start_s=round_s(clip.start_s + start_s),
        end_s=round_s(clip.start_s + min(end_s, clip.duration_s)),
        state="no audio" if state == "no audio" else "masked",
        reasons=(reason,),
    )


def _of_intervals(clip: AudioClip, intervals: Sequence[Interval], steps: int) -> dict[str, NDArray[np.float64]]:
    """Seconds of each step that lie in intervals, by kind."""
    covered = {kind: np.zeros(steps) for kind in ("digital_silence", "clipped", "masked", "suppressed")}
    for interval in intervals:
        if interval.kind in covered:
            start_s, end_s = interval.start_s - clip.start_s, interval.end_s - clip.start_s
            first, last = max(0, int(start_s / STEP_S)), min(steps, int(end_s / STEP_S) + 1)
            at_s = np.arange(first, last) * STEP_S
            own_s = np.minimum(end_s, at_s + STEP_S) - np.maximum(start_s, at_s)
            covered[interval.kind][first:last] += np.maximum(own_s, 0.0)
    return covered


def _masked(
    curves: SoundCurves,
    covered: Mapping[str, NDArray[np.float64]],
    drones: NDArray[np.bool_],
    settings: AircraftSettings,
) -> dict[str, NDArray[np.bool_]]:
    """Steps in which nothing can be said, by cause; the first cause that holds counts."""
    silent = ~curves.heard | (covered["digital_silence"] >= 0.5 * STEP_S)
    unsteady = curves.spread_db >= _UNSTEADY_DB
    hidden = _pause_share(curves, silent, settings) < settings.pause_share
    windy = (curves.wind_db >= _WIND_OVER_DB) & unsteady
    causes = {
        "no audio": silent,
        "clipped": covered["clipped"] >= _CLIPPED_S,
        "gain": covered["masked"] >= 0.5 * STEP_S,
        "suppressed": covered["suppressed"] >= 0.5 * STEP_S,
        "wind": windy,
        "engine": drones,
        "unsteady": hidden & unsteady,
        "steady": hidden,
    }
    free = np.ones(len(silent), bool)
    first = {}
    for name, mark in causes.items():
        first[name] = mark & free
        free &= ~mark
    return first


def _pause_share(curves: SoundCurves, silent: NDArray[np.bool_], settings: AircraftSettings) -> NDArray[np.float64]:
    """Share of the tenths of a second around each step that are about as quiet as the quiet moments of the minute."""
    steps = len(silent)
    reach = round(_FLOOR_REACH_S / STEP_S)
    share = np.ones(steps)
    for step in np.flatnonzero(~silent):
        around = slice(max(0, step - reach), step + reach + 1)
        known = curves.short_db[around][~silent[around]]
        floor_db = np.quantile(known, _FLOOR_SHARE)
        near = slice(max(0, step - _AROUND_STEPS // 2), step + _AROUND_STEPS // 2 + 1)
        share[step] = np.mean(curves.short_db[near] <= floor_db + settings.hidden_db)
    return share


def _unknown(clip: AudioClip, why: Mapping[str, NDArray[np.bool_]]) -> list[AircraftStretch]:
    """Stretches without an answer, each with all its causes; single seconds count only where sound is absent."""
    silent = why["no audio"]
    masked = np.any([mark for name, mark in why.items() if name != "no audio"], axis=0)
    found = [_stretch(clip, a * STEP_S, b * STEP_S, "no audio", _WHY["no audio"]) for a, b in runs_of(silent)]
    for a, b in runs_of(masked):
        if (b - a) * STEP_S >= _LEAST_MASKED_S:
            causes = sorted((name for name in why if why[name][a:b].any()), key=lambda n: -int(why[n][a:b].sum()))
            found.append(_stretch(clip, a * STEP_S, b * STEP_S, "masked", "; ".join(_WHY[name] for name in causes)))
    return found
