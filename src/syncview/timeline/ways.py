"""Where a team, a vehicle or a camera was at a moment, from the moments at which somebody saw where it was."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.timeline.ground import Spot, between, moved, spot_of
from syncview.timeline.moments import Moment, on_clock

if TYPE_CHECKING:
    from syncview.model import Way, Waypoint
    from syncview.timeline.parts import TimelineParts

__all__ = ["Whereabouts", "place_before", "whereabouts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where something was at group time `at_s`, the recordings that show it, and what must hold."""

    spot: Spot
    at_s: float
    recording_ids: tuple[str, ...]
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """A waypoint on the clock of the strike."""

    point: Waypoint
    moment: Moment


def whereabouts(way: Way, moment: Moment, group_id: str, parts: TimelineParts) -> Whereabouts | str:
    """Tell where something was at a moment.

    Parameters
    ----------
    way : Way
        Its waypoints.
    moment : Moment
        Group time.
    group_id : str
        The group whose clock that is.
    parts : TimelineParts
        UTC of the groups, and how fast things move at most.

    Returns
    -------
    Whereabouts or str
        Between two waypoints the point on the straight way, and all that could be reached from the one and leaves time
        to reach the other; before the first and after the last, all that could be reached. Words where that is wider
        than `most_unknown_m`, or where no waypoint can be put on that clock.

    Notes
    -----
    What moves at most at v and was seen at distance D, t1 before and t2 after, lies where two circles of radius v t1
    and v t2 overlap. With w = D / (t1 + t2), no point of the overlap is farther than ``sqrt(t1 t2 (v^2 - w^2))`` from
    that on the straight way, or, where one circle lies in the other, than ``(v + w) min(t1, t2)``.
    """
    seen = _on_clock(way, group_id, parts)
    if not seen:
        return f"no moment at which {way.of} was seen can be put on this clock: it needs the UTC of both"
    speed_mps, assumption = _speed(way, parts)
    earlier = [each for each in seen if each.moment.time_s <= moment.time_s]
    later = [each for each in seen if each.moment.time_s > moment.time_s]
    shown = [*earlier[-1:], *later[:1]]
    alone = len(shown) == 1
    found = _from(shown[0], moment, speed_mps) if alone else _on_the_way(shown[0], shown[1], moment, speed_mps)
    if found is None:
        return (
            f"{way.of} would have had to move faster than {speed_mps:g} m/s between the places where it was seen: a "
            "place, a time or what moved is stated wrongly"
        )
    if found.reach_m > parts.place_settings.most_unknown_m:
        apart_s = min(abs(each.moment.time_s - moment.time_s) for each in seen)
        return (
            f"{way.of} was not seen within {apart_s:.0f} s of it, and may have moved {found.reach_m:.0f} m meanwhile "
            f"(at {speed_mps:g} m/s at most)"
        )
    return Whereabouts(
        spot=found,
        at_s=moment.time_s,
        recording_ids=tuple(dict.fromkeys(each.point.recording_id for each in shown)),
        assumptions=(assumption,) if found.reach_m > 0.0 else (),
    )


def place_before(way: Way, moment: Moment, group_id: str, parts: TimelineParts) -> Whereabouts | str:
    """Tell where something was seen last before it came to where it was at a moment.

    Parameters
    ----------
    way, moment, group_id, parts
        As for `whereabouts`.

    Returns
    -------
    Whereabouts or str
        The last waypoint before the moment that lies elsewhere than where it stayed: a team that was seen twice at one
        place stayed there. For what was under way, the waypoint that it came from. Words when there is none.
    """
    seen = _on_clock(way, group_id, parts)
    earlier = [each for each in seen if each.moment.time_s <= moment.time_s]
    later = [each for each in seen if each.moment.time_s > moment.time_s]
    if not earlier:
        return f"{way.of} was not seen before it"
    under_way = bool(later) and not _same_place(earlier[-1], later[0])
    if under_way:
        before = earlier[-1]
    else:
        elsewhere = [each for each in earlier if not _same_place(each, earlier[-1])]
        if not elsewhere:
            return f"{way.of} was seen at no other place before it"
        before = elsewhere[-1]
    return Whereabouts(
        spot=spot_of(before.point), at_s=before.moment.time_s, recording_ids=(before.point.recording_id,)
    )


def _on_clock(way: Way, group_id: str, parts: TimelineParts) -> list[_Seen]:
    """Waypoints that can be put on a clock, by time."""
    found = []
    for point in way.waypoints:
        moment = on_clock(Moment(point.time_s, point.time_uncertainty_s), point.group_id, group_id, parts)
        if moment is not None:
            found.append(_Seen(point, moment))
    return sorted(found, key=lambda each: (each.moment.time_s, each.point.recording_id, each.point.lat, each.point.lon))


def _speed(way: Way, parts: TimelineParts) -> tuple[float, str]:
    settings = parts.place_settings
    if way.mover == "person":
        return settings.person_mps, f"{way.of}, on foot, moved at {settings.person_mps:g} m/s at most"
    if way.mover == "vehicle":
        return settings.vehicle_mps, f"{way.of}, a vehicle, moved at {settings.vehicle_mps:g} m/s at most"
    said = f"{way.of} moved at {settings.vehicle_mps:g} m/s at most (nobody says whether on foot)"
    return settings.vehicle_mps, said


def _same_place(one: _Seen, other: _Seen) -> bool:
    return between(spot_of(one.point), spot_of(other.point)).least_m == 0.0


def _from(seen: _Seen, moment: Moment, speed_mps: float) -> Spot:
    """All that could be reached from where it was seen, or from where it could be reached."""
    apart_s = abs(seen.moment.time_s - moment.time_s) + seen.moment.uncertainty_s + moment.uncertainty_s
    return Spot(
        lat=seen.point.lat,
        lon=seen.point.lon,
        uncertainty_m=seen.point.uncertainty_m,
        ellipse=seen.point.ellipse,
        reach_m=speed_mps * apart_s,
    )


def _on_the_way(before: _Seen, after: _Seen, moment: Moment, speed_mps: float) -> Spot | None:
    """The point on the straight way and how far it may have been from it; None where it would have been too fast."""
    first_s, second_s = moment.time_s - before.moment.time_s, after.moment.time_s - moment.time_s
    total_s = first_s + second_s
    apart = between(spot_of(before.point), spot_of(after.point))
    unsure_s = before.moment.uncertainty_s + after.moment.uncertainty_s
    if apart.least_m > speed_mps * (total_s + unsure_s):
        return None
    share = first_s / total_s
    lat, lon = moved(before.point, after.point, share)
    widths_m = before.point.uncertainty_m, after.point.uncertainty_m
    pace_mps = min(apart.least_m / total_s, speed_mps), min(apart.most_m / total_s, speed_mps)
    clock_s = moment.uncertainty_s + max(before.moment.uncertainty_s, after.moment.uncertainty_s)
    return Spot(
        lat=lat,
        lon=lon,
        uncertainty_m=(1.0 - share) * widths_m[0] + share * widths_m[1],
        reach_m=_off_the_way_m(first_s, second_s, speed_mps, pace_mps) + speed_mps * clock_s,
    )


def _off_the_way_m(first_s: float, second_s: float, speed_mps: float, pace_mps: tuple[float, float]) -> float:
    """Farthest from the straight way over all paces of an interval: the overlap is widest where one circle touches."""
    nearer_s, farther_s = sorted((first_s, second_s))
    touching_mps = speed_mps * (farther_s - nearer_s) / (farther_s + nearer_s)
    worst_mps = min(max(touching_mps, pace_mps[0]), pace_mps[1])
    if worst_mps <= touching_mps:
        return (speed_mps + worst_mps) * nearer_s
    return math.sqrt((speed_mps**2 - worst_mps**2) * nearer_s * farther_s)
