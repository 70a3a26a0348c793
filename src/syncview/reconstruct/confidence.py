"""How likely a sound heard by some cameras and not by others is an explosion.

Three explanations compete for every set of arrivals: an explosion; another sound that carries (a shot, thunder, a
siren, music); sounds of each camera's own surroundings that fall together by chance. Each arrival brings what its
measures say; each further camera brings the evidence of the coincidence; each camera that should have heard and did
not takes a little away. How levels compare is weighed last.
"""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

from syncview.reconstruct.partition import coincidence_density_hz, is_confirmed
from syncview.reconstruct.strike_odds import level_evidence, strike_odds, with_levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncview.reconstruct.arrivals import Arrival, Listeners
    from syncview.reconstruct.pattern import Pattern
    from syncview.reconstruct.strike_odds import StrikeOdds
    from syncview.settings import ReconstructSettings

__all__ = ["CALIBRATION", "missed", "strike_confidence", "tied_by_this_alone"]

CALIBRATION = "simulated incidents only; not a chance of being an explosion in the field"
_UNKNOWN_LOCAL_SHARE = 0.5  # of what is no explosion, where a detection does not say
_OTHER_TIES = {"sound", "flash", "pin"}
_LEAST = 1e-4  # no measure proves anything by itself


def strike_confidence(
    part: Sequence[Arrival],
    pattern: Pattern,
    listeners: Listeners,
    *,
    settings: ReconstructSettings,
    odds: StrikeOdds | None = None,
) -> float:
    """Confidence that one sound is an explosion, 0 to 1.

    Parameters
    ----------
    part : sequence of Arrival
        The arrivals of one sound.
    pattern : Pattern
        Delays of the recordings.
    listeners : Listeners
        All recordings that could have heard it.
    settings : ReconstructSettings
        Weights.
    odds : StrikeOdds, optional
        What levels weigh; as fitted when not given.

    Returns
    -------
    float
    """
    by_witness: dict[str, Arrival] = {}
    for arrival in part:
        known = by_witness.get(arrival.witness)
        if known is None or (known.by_second_look, -known.score) > (arrival.by_second_look, -arrival.score):
            by_witness[arrival.witness] = arrival
    heard = _from_the_middle(tuple(by_witness.values()), pattern, listeners, settings)
    middle = heard[0]
    explosion, carried, local = (math.log(chance) for chance in _chances(middle))
    for other in heard[1:]:
        coincidence = 0.0
        if not tied_by_this_alone(middle, other, pattern, listeners):
            density_hz = coincidence_density_hz(middle, other, pattern, listeners, settings=settings)
            coincidence = math.log(max(density_hz, _LEAST) / other.rate_hz * settings.hearing_share)
        if other.by_second_look:  # so faint, its measures say nothing of its kind
            explosion, carried = explosion + coincidence, carried + coincidence
            continue
        likely = _chances(other)
        # Cameras hear one source, so what it resembles counts less with each camera; their own bumps are not one.
        shared = settings.further_camera_weight
        explosion += coincidence + shared * math.log(likely[0] / settings.explosion_share)
        carried += coincidence + shared * math.log(likely[1] / settings.carried_share)
        local += math.log(likely[2] / settings.local_share)
    silent = missed(part, by_witness.keys(), pattern, listeners)
    if len(heard) == 1:
        explosion += math.log(settings.lone_factor)
        unheard = silent * math.log(settings.unheard_factor)
    else:
        unheard = silent * math.log(1.0 - settings.hearing_share)
    confidence = _share(explosion + unheard, carried + unheard, local)
    if len(heard) + silent == 1:  # what levels weigh was fitted where several cameras listened
        return confidence
    return with_levels(confidence, level_evidence(heard, silent), odds or strike_odds())


def tied_by_this_alone(ours: Arrival, theirs: Arrival, pattern: Pattern, listeners: Listeners) -> bool:
    """Whether two recordings are on one clock by this sound alone, so that it falls together there whatever it is.

    Parameters
    ----------
    ours, theirs : Arrival
        Arrivals of one sound at two recordings.
    pattern : Pattern
        Which other strikes have the same delay.
    listeners : Listeners
        The clocks.

    Returns
    -------
    bool
        False where a clock rests on other sound, a flash or a person's pin, or where another strike that falls
        together too confirms it.
    """
    clocks = [listeners.clocks[arrival.recording_id] for arrival in (ours, theirs)]
    by_blasts = any("blast" in clock.basis and not _OTHER_TIES & set(clock.basis) for clock in clocks)
    return by_blasts and not is_confirmed(ours, theirs, pattern)


def _from_the_middle(
    heard: Sequence[Arrival], pattern: Pattern, listeners: Listeners, settings: ReconstructSettings
) -> list[Arrival]:
    """Arrivals with the one in front that agrees best with the others: one that is off must not speak against all."""

    def agreement(arrival: Arrival) -> float:
        densities_hz = (coincidence_density_hz(arrival, o, pattern, listeners, settings=settings) for o in heard)
        return sum(math.log(max(density_hz, _LEAST)) for density_hz in densities_hz)

    ordered = sorted(heard, key=lambda a: (a.by_second_look, -a.score, a.recording_id))
    if len(ordered) > 2:
        middle = max((a for a in ordered if not a.by_second_look), key=agreement)
        ordered = [middle, *(a for a in ordered if a is not middle)]
    return ordered


def _chances(arrival: Arrival) -> tuple[float, float, float]:
    """What one arrival says: explosion, other sound that carries, sound of the camera's own surroundings."""
    explosion = min(max(arrival.score, _LEAST), 1.0 - _LEAST)
    share = dict(arrival.detection.measures).get("local_share", _UNKNOWN_LOCAL_SHARE * (1.0 - explosion))
    local = min(max(share, _LEAST), 1.0 - explosion)
    return explosion, max(1.0 - explosion - local, _LEAST), local


def missed(part: Sequence[Arrival], witnesses: Iterable[str], pattern: Pattern, listeners: Listeners) -> int:
    """Count the further witnesses that could have heard a sound and reported nothing.

    Parameters
    ----------
    part : sequence of Arrival
        The sound.
    witnesses : iterable of str
        Who heard it.
    pattern : Pattern
        Delays of the recordings.
    listeners : Listeners
        Who could have heard it.

    Returns
    -------
    int
    """
    heard = set(witnesses)
    time_s = statistics.median(pattern.adjusted_s(a) for a in part)
    silent = {
        listeners.witness_of[name]
        for name in listeners.clocks
        if listeners.could_hear(name, time_s + pattern.delay_s.get(name, 0.0))
    }
    return len(silent - heard)


def _share(explosion: float, carried: float, local: float) -> float:
    top = max(explosion, carried, local)
    weights = [math.exp(x - top) for x in (explosion, carried, local)]
    return weights[0] / sum(weights)
