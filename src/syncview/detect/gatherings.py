"""A crowd gathers, a crowd disperses: three people or more at a place three body heights across for over five seconds.

People are counted at a place of the still ground, moment by moment, whichever tracks they are: those who stand together
hide each other, and a track seldom outlasts that. Who walks on crosses such a place in less than five seconds. How far
off people stand is told by how tall they are in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.crowd_places import crowds_of, standing_people
from syncview.detect.movement_score import Found
from syncview.model.movement import Movement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.detect.crowd_places import Crowd, Standing
    from syncview.detect.track_ways import Camera, Way
    from syncview.settings import MovementSettings

__all__ = ["gathering_and_dispersing"]

_SEARCHED_S = 5.0  # the moment lies within that of where the smoothed count says
_BEFORE_S = 3.0  # in which there must have been fewer
_ABOUT_S = 5.0  # before, or after, in which somebody is seen to come, or to go
_ARRIVED_S = 2.0  # after which those who come have come, and only those who walk on are still walking
_OUTSIDE = 4 / 3  # of the reach: who was there is no longer, though boxes waver
_SHOWN_SHARE = 0.8  # of the moments about it, in which its place is in the picture and no vehicle stands before it
_FITS = 0.5  # of the moments before and after
_MEMBER_ROWS = 3  # frames in which somebody is counted who belongs
_AS_GOOD = 2.0  # moments that fit as well but for so many counts may be it as well


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Change:
    """When a crowd becomes one or, `way` -1, ceases to be; `place` is where, `members` rows of people."""

    way: int
    frame: int
    place: NDArray[np.float64]
    members: tuple[int, ...]
    measures: tuple[tuple[str, float], ...]


def gathering_and_dispersing(ways: Sequence[Way], camera: Camera, *, settings: MovementSettings) -> tuple[Found, ...]:
    """Find when people have come together, and when fewer than a crowd of them are left.

    Parameters
    ----------
    ways : sequence of Way
        Of one recording.
    camera : Camera
        Of the same.
    settings : MovementSettings
        Thresholds, those that begin with `crowd_`.

    Returns
    -------
    tuple of Found
        A crowd gathers when the third has come who stays, and disperses when fewer than three are left. Neither has a
        sharp moment: the score is how likely it is to have happened within the uncertainty told, which is at least
        `crowd_least_off_s`, more than the second of other movements. A crowd that comes into view does not gather
        there, one that the camera loses or a vehicle hides does not disperse, and people who walk on together do
        neither.
    """
    people = [way for way in ways if way.track.kind == "person"]
    if len(people) < settings.crowd_people:
        return ()
    vehicles = [way for way in ways if way.track.kind == "vehicle"]
    found = []
    for standing in standing_people(people, camera, settings=settings):
        for crowd in crowds_of(standing, settings=settings):
            for way in (1, -1):
                change = _change(standing, crowd, way, settings)
                if change is not None and _shown(change, standing, vehicles, camera):
                    found.append(_movement(change, people, camera, settings))
    return tuple(found)


def _change(standing: Standing, crowd: Crowd, way: int, settings: MovementSettings) -> _Change | None:
    """Find the moment at which too few before, and enough after it, fit best; `way` -1 looks at time run backwards."""
    rate, reach = standing.rate_hz, 0.5 * settings.crowd_apart_heights
    stay = crowd.begun(rate) if way == 1 else crowd.ended(rate)
    edge = stay.start if way == 1 else stay.end
    since_s = way * (standing.frames - edge) / rate
    there = standing.within(stay.place, reach, settings) & (since_s >= 0) & (since_s <= settings.crowd_for_s)
    if not there.any():
        return None
    place = np.median(standing.places[there], axis=0)
    inside = standing.within(place, reach, settings)
    count = standing.count(inside)[::way]
    row = edge - standing.first
    found = _step(count >= settings.crowd_people, row if way == 1 else len(count) - 1 - row, rate, settings)
    if found is None:
        return None
    k, off_s = found
    frame = standing.first + (k if way == 1 else len(count) - 1 - k)
    since_s = way * (standing.frames - frame) / rate
    after = inside & (since_s >= 0) & (since_s <= settings.crowd_for_s)
    outside = ~standing.within(place, _OUTSIDE * reach, settings) & (since_s < 0) & (since_s >= -_ABOUT_S)
    walked = np.intersect1d(standing.who[after], standing.who[outside])
    drift = _drift(standing, after & (since_s >= _ARRIVED_S), settings.crowd_people)
    number, rows = np.unique(standing.who[after], return_counts=True)
    if drift > settings.crowd_walks_speed or not (rows >= _MEMBER_ROWS).any():
        return None
    measures = (
        ("together_s", float(crowd.frames / rate)),
        *_counted(count, k, rate, settings),
        ("walked", float(len(walked))),
        ("appeared", float(_appeared(standing, inside, since_s))),
        ("drift_heights_per_s", drift),
        ("height_px", float(place[2])),
        ("off_s", off_s),
    )
    members = (*number[rows >= _MEMBER_ROWS].tolist(), *walked.tolist())
    return _Change(way=way, frame=frame, place=place, members=members, measures=measures)


def _counted(
    count: NDArray[np.int64], k: int, rate_hz: float, settings: MovementSettings
) -> tuple[tuple[str, float], ...]:
    """How many there are before and after a moment, and for which share of it enough for a crowd."""
    before = count[max(0, k - round(_BEFORE_S * rate_hz)) : k]
    after = count[k : k + round(settings.crowd_for_s * rate_hz)]
    return (
        ("people", float(np.mean(after))),
        ("people_before", float(np.mean(before))),
        ("enough_share", float(np.mean(after >= settings.crowd_people))),
        ("enough_before_share", float(np.mean(before >= settings.crowd_people))),
    )


def _step(
    enough: NDArray[np.bool_], about: int, rate_hz: float, settings: MovementSettings
) -> tuple[int, float] | None:
    """Where too few turn to enough, and how far either way the moment may lie, in seconds."""
    before, after = round(_BEFORE_S * rate_hz), round(settings.crowd_for_s * rate_hz)
    reach = round(_SEARCHED_S * rate_hz)
    if not before <= about < len(enough) - after:
        return None
    moments = np.arange(max(before, about - reach), min(len(enough) - after, about + reach) + 1)
    total = np.concatenate([[0], np.cumsum(enough)])
    fits = before - (total[moments] - total[moments - before]) + (total[moments + after] - total[moments])
    if fits.max() < _FITS * (before + after):
        return None
    as_good = moments[fits >= fits.max() - _AS_GOOD]
    best = int(np.round(np.mean(moments[fits == fits.max()])))
    return best, float(max(best - as_good[0], as_good[-1] - best) / rate_hz)


def _appeared(standing: Standing, inside: NDArray[np.bool_], since_s: NDArray[np.float64]) -> int:
    """How many tracks begin there about the moment: somebody who was hidden, not somebody who comes."""
    begins = np.full(int(standing.who.max()) + 1, np.inf)
    np.minimum.at(begins, standing.who, since_s)
    first = inside & (since_s == begins[standing.who])
    return int((first & (since_s >= -_BEFORE_S) & (since_s <= _ABOUT_S)).sum())


def _drift(standing: Standing, rows: NDArray[np.bool_], people: int) -> float:
    """The speed of the slowest, of all but one of as many as make a crowd, in heights a second over the still ground.

    Of people who walk on together nobody stands; of a crowd those do who were there before the last.
    """
    speeds = []
    for one in np.unique(standing.who[rows]).tolist():
        own = rows & (standing.who == one)
        took_s = float(np.ptp(standing.frames[own])) / standing.rate_hz
        if took_s >= 1.0:
            places = standing.places[own]
            speeds.append(float(np.hypot(*(places[-1] - places[0])[:2])) / float(np.median(places[:, 2])) / took_s)
    return sorted(speeds)[min(people - 1, len(speeds)) - 1] if speeds else 0.0


def _shown(change: _Change, standing: Standing, vehicles: Sequence[Way], camera: Camera) -> bool:
    """Whether the place stands in the picture before and after, and no vehicle before it."""
    about = round(_BEFORE_S * standing.rate_hz)
    frames = np.arange(change.frame - about, change.frame + about + 1)
    frames = frames[(frames >= standing.first) & (frames < standing.first + len(standing.times_s))]
    wide, tall = camera.size_px
    shown = []
    for k in frames.tolist():
        x, y = camera.carried(change.place[None, :2], standing.first, k)[0]
        h = change.place[2]
        inside = 0 <= x <= wide and 0 <= y <= tall + 0.5 * h
        shown.append(inside and not any(_hides(vehicle, k, x, y, h) for vehicle in vehicles))
    return float(np.mean(shown)) >= _SHOWN_SHARE


def _hides(vehicle: Way, k: int, x: float, y: float, h: float) -> bool:
    """Whether a vehicle stands before a place in a frame: its lower edge lower, its box across it."""
    at = int(np.searchsorted(vehicle.rows, k))
    if at >= len(vehicle.rows) or vehicle.rows[at] != k:
        return False
    left, top, right, bottom = vehicle.boxes_px[at]
    return bool(left <= x <= right and bottom > y + 0.1 * h and top <= y - 0.3 * h)


def _movement(change: _Change, people: Sequence[Way], camera: Camera, settings: MovementSettings) -> Found:
    gathers = change.way == 1
    half_frame_s = 0.5 * float(np.median(np.diff(camera.times_s)))
    time_s = float(camera.times_s[change.frame]) - half_frame_s * change.way
    ordered = sorted(set(change.members), key=lambda one: people[one].track.name)
    evidence = tuple(people[one].at(time_s + apart_s) for one in ordered for apart_s in (-2.0, 0.0, 2.0))
    measures = dict(change.measures)
    movement = Movement(
        recording_id=people[ordered[0]].track.recording_id,
        action="gathers" if gathers else "disperses",
        subject="group",
        time_s=time_s,
        uncertainty_s=max(settings.crowd_least_off_s, measures["off_s"]),
        end_s=None,
        score=0.0,
        label="people come together" if gathers else "people part",
        track_names=tuple(people[one].track.name for one in ordered),
        evidence=evidence,
        measures=change.measures,
        reasons=(
            (
                f"{settings.crowd_people} people or more at a place {settings.crowd_apart_heights:g} of their heights "
                f"across, for {measures['together_s']:.0f} s in all: {measures['people']:.1f} on average "
                f"{'after' if gathers else 'before'} the moment and {measures['people_before']:.1f} "
                f"{'before' if gathers else 'after'} it"
            ),
            f"{measures['walked']:.0f} of them are seen to {'come' if gathers else 'go'} about the moment",
        ),
    )
    return Found(movement=movement, model="crowd")
