"""Whether a sound that single cameras could not tell from an echo is one, judged from all cameras.

What `syncview.reconstruct.second_sounds` measures is weighed by a logistic model. Its few weights lie beside this file
in ``second_strike.json``, written by ``benchmarks/fit_strikes.py`` from simulated scenes whose echoes come from walls
and hills at places; the number compares a sound with those scenes, it is no chance in the field.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from syncview.reconstruct.second_sounds import MEASURES, second_sound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.reconstruct.arrivals import Arrival, Listeners
    from syncview.reconstruct.second_sounds import SecondSound
    from syncview.settings import ReconstructSettings

__all__ = [
    "EchoOrStrike",
    "SecondStrikeModel",
    "can_be_told",
    "echo_in_words",
    "echoes_or_strikes",
    "mostly_marked",
    "second_strike_model",
    "second_strike_probability",
]

_SAME_S = 0.05  # the stronger sound that a mark names
_UNTOLD = "weaker copy of an earlier sound: echo and second strike cannot be told apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondStrikeModel:
    """Weights of the measures' distance from `middle`, each measure held within `low` and `high`; `fitted_on` what."""

    constant: float
    middle: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    weights: Mapping[str, float]
    fitted_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoOrStrike:
    """Whether a sound must stay a possible echo, how likely it is a second strike, and what that was read from.

    `second` is None for what follows no earlier sound, or was not taken for an echo; `probability` is None where too
    few cameras heard both for it to be told.
    """

    possible_echo: bool
    probability: float | None = None
    second: SecondSound | None = None


@cache
def second_strike_model() -> SecondStrikeModel:
    """Return the model that comes with the package."""
    text = resources.files("syncview.reconstruct").joinpath("second_strike.json").read_text(encoding="utf-8")
    document = json.loads(text)
    rows = {row["name"]: row for row in document["measures"]}
    return SecondStrikeModel(
        constant=document["constant"],
        middle={name: rows[name]["middle"] for name in MEASURES},
        low={name: rows[name]["low"] for name in MEASURES},
        high={name: rows[name]["high"] for name in MEASURES},
        weights={name: rows[name]["weight"] for name in MEASURES},
        fitted_on=document["fitted_on"],
    )


def second_strike_probability(measures: Mapping[str, float], model: SecondStrikeModel) -> float:
    """Probability that a sound after an earlier one is another strike and not its echo.

    Parameters
    ----------
    measures : mapping of str to float
        Of a `syncview.reconstruct.second_sounds.SecondSound`.
    model : SecondStrikeModel
        Usually `second_strike_model()`.

    Returns
    -------
    float
    """
    held = {name: min(max(measures[name], model.low[name]), model.high[name]) for name in MEASURES}
    height = model.constant + sum(model.weights[name] * (held[name] - model.middle[name]) for name in MEASURES)
    return 1.0 / (1.0 + math.exp(-min(max(height, -30.0), 30.0)))


def mostly_marked(part: Sequence[Arrival]) -> bool:
    """Whether at least half the witnesses of a sound could not tell it from an echo."""
    marked = {a.witness for a in part if a.detection.possible_echo_of_s is not None}
    return bool(marked) and 2 * len(marked) >= len({a.witness for a in part})


def echoes_or_strikes(
    parts: Sequence[Sequence[Arrival]], listeners: Listeners, *, settings: ReconstructSettings
) -> tuple[EchoOrStrike, ...]:
    """Judge of each sound whether it must stay a possible echo of an earlier one.

    In order of time, so that a second strike may have echoes of its own.

    Parameters
    ----------
    parts : sequence of sequence of Arrival
        All sounds, in order of time.
    listeners : Listeners
        Which camera could have heard what came before.
    settings : ReconstructSettings
        Spread of delays that a second strike may show, and the least probability of one.

    Returns
    -------
    tuple of EchoOrStrike
        One per sound: no possible echo when most cameras heard it as strong as anything before it, or when enough
        cameras heard it after one delay and a second strike is likely enough.
    """
    firsts = [part for part in parts if not mostly_marked(part)]
    found = []
    for part in parts:
        judged = _judged(part, parts, firsts, listeners, settings)
        if judged.second is not None and not judged.possible_echo:
            firsts.append(part)
        found.append(judged)
    return tuple(found)


def _judged(
    part: Sequence[Arrival],
    parts: Sequence[Sequence[Arrival]],
    firsts: Sequence[Sequence[Arrival]],
    listeners: Listeners,
    settings: ReconstructSettings,
) -> EchoOrStrike:
    if not mostly_marked(part) or _follows_own_sounds(part, firsts, listeners):
        return EchoOrStrike(possible_echo=False)
    second = second_sound(part, parts, firsts, listeners, settings=settings)
    if second is None or not can_be_told(second, settings=settings):
        return EchoOrStrike(possible_echo=True, second=second)
    probability = second_strike_probability(second.measures, second_strike_model())
    return EchoOrStrike(
        possible_echo=probability < settings.second_strike_probability, probability=probability, second=second
    )


def can_be_told(second: SecondSound, *, settings: ReconstructSettings) -> bool:
    """Whether enough cameras heard a sound and the one before it to tell an echo from a second strike."""
    return len(second.first) >= settings.echo_fewest_cameras and len(second.agreeing) >= settings.echo_fewest_agreeing


def echo_in_words(echo: EchoOrStrike) -> tuple[str, ...]:
    """Say what speaks for an echo and what for a second strike, with the numbers.

    Parameters
    ----------
    echo : EchoOrStrike
        From `echoes_or_strikes`.

    Returns
    -------
    tuple of str
    """
    if echo.second is None or echo.probability is None:
        return (_UNTOLD,) if echo.possible_echo else ()
    second, m = echo.second, echo.second.measures
    apart_ms = 1000 * (max(second.delays_s) - min(second.delays_s))
    after = (
        f"{len(second.agreeing)} of {len(second.first)} cameras heard it {second.delay_s:.2f} s after the same sound"
    )
    said = [f"{after}, delays within {apart_ms:.0f} ms, {max(0.0, m['weaker_db']):.0f} dB weaker"]
    for share, what in (("answered_share", "a like sound, as by a wall"), ("unanswered_share", "no such sound")):
        if m[share]:
            count = round(m[share] * len(second.agreeing))
            said.append(f"after another strike from there {count} of these cameras have {what}")
    said.append(_UNTOLD if echo.possible_echo else "hardly an echo")
    return tuple(said)


def _follows_own_sounds(part: Sequence[Arrival], firsts: Sequence[Sequence[Arrival]], listeners: Listeners) -> bool:
    """Whether a camera that was listening heard this sound and no stronger one before it.

    Then what came before was of the other cameras' own surroundings, and this is no echo of it.
    """
    unmarked = {a.witness for a in part if a.detection.possible_echo_of_s is None and not a.by_second_look}
    if not unmarked:
        return False
    for arrival in part:
        if arrival.detection.possible_echo_of_s is None:
            continue
        delay_s = arrival.detection.time_s - arrival.detection.possible_echo_of_s
        origin = [
            first
            for first in firsts
            if any(a.witness == arrival.witness and abs(arrival.time_s - a.time_s - delay_s) < _SAME_S for a in first)
        ]
        shared = any({a.witness for a in first} & unmarked for first in origin)
        listening = any(
            listeners.witness_of[name] in unmarked and listeners.could_hear(name, arrival.time_s - delay_s)
            for name in listeners.clocks
        )
        if shared or not listening:
            return False
    return True
