"""Which light belongs to which bang: decided for all strikes and cameras of a group at once.

A camera's candidates are rises in its picture, each with the odds of being the flash of a bang. Lights of several
cameras that fall on one moment of group time are one light, seen more than once: chance does that the more seldom, the
better the clocks are known. Strikes take lights in their order, each at most one; from flash to bang it takes sound
50 ms at least and as long as 2 km at most; and near strikes have nearly the same delay at one camera. First plumes take
part like flashes, but each camera sees them as late as roofs let it, and they are no rivals of a flash that wins. Of
all such assignments of a group the probability of each single choice is summed exactly (forward and backward, as in a
hidden
Markov model), so that a rival assignment counts against both of its choices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from syncview.timebase import group_time_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.model import Clock, Event, LightCandidate
    from syncview.settings import FlashSettings

__all__ = ["AssignedLight", "assign_lights"]

_ODDS_KEPT = 6.0  # log-odds beyond are more than a model fitted on a few hundred scenes can know
_FRAME_SLACK = 1.0
_NEVER = -1e9
_LEAST_CHANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedLight:
    """How likely a light of a recording is that of a strike.

    `together` is the probability with which another witness sees the same light; `with_ids` names the recordings that
    do in the likeliest such case. `automatic` says that it clearly wins; `alone` that no other camera confirms it.
    """

    strike: int
    recording_id: str
    candidate: LightCandidate
    probability: float
    together: float
    with_ids: tuple[str, ...]
    automatic: bool
    alone: bool


class _Sighting(NamedTuple):
    """A candidate on group time."""

    recording_id: str
    witness: str
    candidate: LightCandidate
    group_s: float
    slack_s: float
    odds: float


@dataclass(frozen=True, slots=True)
class _Light:
    """One moment of light, seen by one witness or more."""

    seen: tuple[_Sighting, ...]
    group_s: float
    coincidence: float

    def odds(self, heard: Mapping[str, float], settings: FlashSettings) -> float:
        """Log-odds of being the light of a strike that these recordings heard at these times of their own."""
        total = self.coincidence
        for seen in self.seen:
            sound_s = heard.get(seen.recording_id)
            if sound_s is None or not _in_time(sound_s - seen.candidate.light_s, seen.candidate, settings):
                return _NEVER
            total += seen.odds
        return total


def assign_lights(
    strikes: Sequence[Event],
    lights: Mapping[str, Sequence[LightCandidate]],
    clocks: Mapping[str, Clock],
    *,
    witnesses: Mapping[str, str],
    skews_s: Mapping[str, float],
    sound_speed_mps: float,
    spread_m: float,
    settings: FlashSettings,
) -> tuple[AssignedLight, ...]:
    """Decide jointly which light belongs to which bang.

    Parameters
    ----------
    strikes : sequence of Event
        Of one group, in order of time.
    lights : mapping of str to sequence of LightCandidate
        What each recording shows before its bangs.
    clocks : mapping of str to Clock
        Of the group, by recording. Where a picture has no clock, its lights are not used.
    witnesses : mapping of str to str
        Recordings that are copies of one share a witness, and do not confirm each other.
    skews_s : mapping of str to float
        How much later than its picture each recording's sound lies.
    sound_speed_mps : float
        Metres per second.
    spread_m : float
        How far apart the strikes of an incident lie.
    settings : FlashSettings
        Delays, and what wins clearly.

    Returns
    -------
    tuple of AssignedLight
        For each strike and recording, likeliest first; all that are possible.
    """
    heard = [
        {
            o.recording_id: o.sound_s - skews_s.get(o.recording_id, 0.0)
            for o in event.observations
            if o.sound_s is not None
        }
        for event in strikes
    ]
    spread_s = spread_m / sound_speed_mps
    sightings = _sightings(lights, clocks, witnesses, settings)
    flashes = _decided([s for s in sightings if s.candidate.kind == "flash"], heard, spread_s, settings)
    if all(s.candidate.kind == "flash" for s in sightings):
        return tuple(flashes)
    return tuple(_outranked(flashes, _decided(sightings, heard, spread_s, settings)))


def _decided(
    sightings: Sequence[_Sighting],
    heard: Sequence[Mapping[str, float]],
    spread_s: float,
    settings: FlashSettings,
) -> list[AssignedLight]:
    found = _together(sightings, settings)
    own = np.array([[light.odds(one, settings) for light in found] for one in heard]).reshape(len(heard), len(found))
    found = [light for k, light in enumerate(found) if np.any(own[:, k] > _NEVER)]
    own = own[:, np.any(own > _NEVER, axis=0)] if own.size else own
    if not found:
        return []
    return _assigned(_chances(own, found, heard, spread_s, settings), found, settings)


def _outranked(flashes: Sequence[AssignedLight], every: Sequence[AssignedLight]) -> list[AssignedLight]:
    """What holds where a flash wins without its plumes; elsewhere plumes are its rivals.

    Where another camera's flash has won, a plume is picked only if it is seen together with that.
    """
    won = {(g.strike, g.recording_id) for g in flashes if g.automatic}
    given = [g for g in flashes if (g.strike, g.recording_id) in won]
    for each in every:
        plume = each.candidate.kind == "first plume"
        if (each.strike, each.recording_id) in won:
            given += [replace(each, automatic=False)] if plume else []
            continue
        others = {name for strike, name in won if strike == each.strike}
        agrees = not others or bool(others & set(each.with_ids))
        given.append(each if agrees else replace(each, automatic=False))
    return sorted(given, key=_order)


def _clear(candidate: LightCandidate, settings: FlashSettings) -> bool:
    """Whether a light may be picked when it wins; a plume must look like one by itself."""
    return candidate.kind == "flash" or candidate.score >= settings.plume_least_score


def _order(given: AssignedLight) -> tuple[int, str, bool, float, float]:
    return given.strike, given.recording_id, not given.automatic, -given.probability, given.candidate.time_s


def _in_time(delay_s: float, candidate: LightCandidate, settings: FlashSettings) -> bool:
    slack_s = candidate.uncertainty_s
    return settings.least_delay_s - slack_s <= delay_s <= settings.most_delay_s + slack_s


def _sightings(
    lights: Mapping[str, Sequence[LightCandidate]],
    clocks: Mapping[str, Clock],
    witnesses: Mapping[str, str],
    settings: FlashSettings,
) -> list[_Sighting]:
    found = []
    for name in sorted(lights):
        for candidate in lights[name]:
            group_s = group_time_of(clocks[name], candidate.light_s, of="video") if name in clocks else None
            if group_s is None:
                continue
            p = min(max(candidate.score, 1e-6), 1 - 1e-6)
            found.append(
                _Sighting(
                    recording_id=name,
                    witness=witnesses.get(name, name),
                    candidate=candidate,
                    group_s=group_s,
                    slack_s=math.hypot(
                        clocks[name].uncertainty_s, _FRAME_SLACK * candidate.uncertainty_s, _late_s(candidate, settings)
                    ),
                    odds=float(np.clip(math.log(p / (1 - p)), -_ODDS_KEPT, _ODDS_KEPT)),
                )
            )
    return found


def _late_s(candidate: LightCandidate, settings: FlashSettings) -> float:
    """By how much a light may begin later than its explosion."""
    return settings.plume_late_s if candidate.kind == "first plume" else 0.0


def _together(sightings: Sequence[_Sighting], settings: FlashSettings) -> list[_Light]:
    """Every light alone, and with the best of what other witnesses see at the same moment."""
    found: dict[frozenset[tuple[str, float]], _Light] = {}
    for first in sightings:
        members, gain = [first], 0.0
        lone = _light(members, gain)
        found.setdefault(_key(lone), lone)
        near = [s for s in sightings if s.witness != first.witness and _apart(first, s) <= 1.0]
        near.sort(key=lambda s: (-s.odds, _apart(first, s), s.recording_id))
        for other in near:
            if other.witness in {m.witness for m in members} or any(_apart(m, other) > 1.0 for m in members):
                continue
            members.append(other)
            gain += math.log(max(1.0, settings.most_delay_s / (2 * math.hypot(first.slack_s, other.slack_s))))
            light = _light(members, gain)
            found.setdefault(_key(light), light)
    return sorted(found.values(), key=lambda light: (light.group_s, len(light.seen), _key_text(light)))


def _apart(a: _Sighting, b: _Sighting) -> float:
    """How far apart two lights are, in the 95 % half-width of that difference."""
    return abs(a.group_s - b.group_s) / math.hypot(a.slack_s, b.slack_s)


def _light(members: Sequence[_Sighting], coincidence: float) -> _Light:
    sure = [m.group_s for m in members if m.candidate.kind == "flash"]
    return _Light(tuple(members), float(np.mean(sure or [m.group_s for m in members])), coincidence)


def _key(light: _Light) -> frozenset[tuple[str, float]]:
    return frozenset((m.recording_id, m.candidate.time_s) for m in light.seen)


def _key_text(light: _Light) -> str:
    return str(sorted(_key(light)))


def _chances(
    own: NDArray[np.float64],
    found: Sequence[_Light],
    heard: Sequence[Mapping[str, float]],
    spread_s: float,
    settings: FlashSettings,
) -> NDArray[np.float64]:
    """Probability of each light for each strike, shape (strikes, lights).

    A state is the light that a strike takes, or none together with the last light taken before it.
    """
    count = len(found)
    forward = np.full((len(own), 2 * count + 1), _NEVER)
    steps = []
    start = np.full(2 * count + 1, _NEVER)
    start[-1] = 0.0
    before = start
    for s, odds in enumerate(own):
        step = _step(own[max(0, s - 1)], odds, found, heard, s, spread_s, settings)
        steps.append(step)
        forward[s] = np.logaddexp.reduce(before[:, None] + step, axis=0)
        before = forward[s]
    backward = np.zeros_like(forward)
    for s in range(len(own) - 2, -1, -1):
        backward[s] = np.logaddexp.reduce(steps[s + 1] + backward[s + 1][None], axis=1)
    joint = forward + backward
    joint -= np.logaddexp.reduce(joint, axis=1, keepdims=True)
    return np.asarray(np.exp(joint[:, :count]), np.float64)


def _step(
    odds_before: NDArray[np.float64],
    odds: NDArray[np.float64],
    found: Sequence[_Light],
    heard: Sequence[Mapping[str, float]],
    s: int,
    spread_s: float,
    settings: FlashSettings,
) -> NDArray[np.float64]:
    """Log-weights from each state before a strike to each of its own."""
    count = len(found)
    step = np.full((2 * count + 1, 2 * count + 1), _NEVER)
    times_s = np.array([light.group_s for light in found])
    later = times_s[None] > times_s[:, None] + settings.apart_s / 2
    alike = np.zeros((count, count))
    if s:  # of lights that the two strikes can have; the others have no weight
        for i, j in np.argwhere(later & (odds_before > _NEVER)[:, None] & (odds > _NEVER)):
            alike[i, j] = _alike(found[int(i)], found[int(j)], heard[s - 1], heard[s], spread_s, settings)
    allowed = np.where(later, odds[None], _NEVER)
    step[:count, :count] = allowed + alike
    step[count : 2 * count, :count] = allowed
    step[-1, :count] = odds
    step[np.arange(count), count + np.arange(count)] = 0.0
    step[count + np.arange(count), count + np.arange(count)] = 0.0
    step[-1, -1] = 0.0
    return step


def _alike(
    first: _Light,
    second: _Light,
    heard_first: Mapping[str, float],
    heard_second: Mapping[str, float],
    spread_s: float,
    settings: FlashSettings,
) -> float:
    """Log-likelihood ratio of two strikes' delays at the cameras that saw both, against delays of any length."""
    lit = {m.recording_id: m.candidate for m in first.seen}
    ratios = []
    for m in second.seen:
        name = m.recording_id
        if name in lit and name in heard_first and name in heard_second:
            apart_s = (heard_second[name] - m.candidate.light_s) - (heard_first[name] - lit[name].light_s)
            both = m.candidate, lit[name]
            late_s = [_late_s(each, settings) / 2 for each in both]
            sigma_s = math.hypot(spread_s, *late_s, *(each.uncertainty_s / 2 for each in both))
            near = math.exp(-0.5 * (apart_s / sigma_s) ** 2) / (sigma_s * math.sqrt(2 * math.pi))
            share = settings.outlying_share
            ratios.append(math.log(share + (1 - share) * near * settings.most_delay_s))
    return float(np.mean(ratios)) if ratios else 0.0


def _assigned(chances: NDArray[np.float64], found: Sequence[_Light], settings: FlashSettings) -> list[AssignedLight]:
    given = []
    for strike, row in enumerate(chances):
        sums: dict[tuple[str, float], list[float]] = {}
        best: dict[tuple[str, float], tuple[float, _Light, _Sighting]] = {}
        for chance, light in zip(row, found, strict=True):
            if chance < _LEAST_CHANCE:  # among them lights of recordings that did not hear the strike
                continue
            for seen in light.seen:
                key = seen.recording_id, seen.candidate.time_s
                total = sums.setdefault(key, [0.0, 0.0])
                total[0] += float(chance)
                total[1] += float(chance) * (len(light.seen) > 1)
                if key not in best or float(chance) > best[key][0]:
                    best[key] = float(chance), light, seen
        for key, (one, together) in sums.items():
            _, light, seen = best[key]
            alone = together < settings.agreeing_probability
            least = settings.alone_probability if alone else settings.automatic_probability
            given.append(
                AssignedLight(
                    strike=strike,
                    recording_id=seen.recording_id,
                    candidate=seen.candidate,
                    probability=min(1.0, one),
                    together=min(1.0, together),
                    with_ids=tuple(sorted(m.recording_id for m in light.seen if m is not seen)),
                    automatic=one >= least and _clear(seen.candidate, settings),
                    alone=alone,
                )
            )
    return sorted(given, key=_order)
