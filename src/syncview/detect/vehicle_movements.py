"""Vehicles that stop and that move off, and people who appear beside one that has stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.movement_score import Found
from syncview.detect.track_ways import camera_speed, steady_line
from syncview.model.movement import Movement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.detect.track_ways import Camera, Way
    from syncview.model.movement import TrackPoint
    from syncview.settings import MovementSettings

__all__ = ["stopping_and_moving_off"]

_NEAR_HEIGHTS, _FAR_HEIGHTS = 0.2, 3.0  # of the way before the stop that its moment is told from
_BEFORE_S = 5.0
_KINDLY_S = 0.3  # 68 %: nobody brakes evenly to the last; sets of hand labels differ by as much
_TWO_SIGMA = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stop:
    """In the time of the arrays, which runs backwards for one that moves off."""

    time_s: float
    uncertainty_s: float
    stands_s: float
    before_heights: float
    before_speed: float
    spread_heights: float
    moves_from_s: float


def stopping_and_moving_off(
    ways: Sequence[Way], camera: Camera, continued: Mapping[str, tuple[bool, bool]], *, settings: MovementSettings
) -> tuple[Found, ...]:
    """Find vehicles that were moving and stand, and those that stood and move.

    Parameters
    ----------
    ways : sequence of Way
        Of one recording, people among them.
    camera : Camera
        Of the same.
    continued : mapping of str to (bool, bool)
        From `syncview.detect.track_links.continued_tracks`.
    settings : MovementSettings
        Thresholds.

    Returns
    -------
    tuple of Found
        A stop beside which people appear names their tracks as well.
    """
    people = [way for way in ways if way.track.kind == "person" and not continued.get(way.track.name, (False,))[0]]
    found = []
    for way in ways:
        if way.track.kind != "vehicle":
            continue
        places = _places(way)
        usable = way.whole
        if usable.sum() < settings.rate_hz * settings.stands_for_s:
            continue
        times, places = way.times_s[usable], places[usable]
        found += [_stop_movement(way, stop, people, camera, settings) for stop in _stops(times, places, settings)]
        found += [_start_movement(way, stop, camera) for stop in _stops(-times[::-1], places[::-1], settings)]
    return tuple(found)


def _places(way: Way) -> NDArray[np.float64]:
    """Where a vehicle is in its heights, shape (n, 3): across, down, and how much it has grown.

    One that comes straight on hardly moves over the picture, but the upper edge of its box moves against the lower.
    """
    return np.column_stack([way.in_heights(), np.log(way.height_px / way.height_px[0])])


def _stops(times: NDArray[np.float64], places: NDArray[np.float64], settings: MovementSettings) -> list[_Stop]:
    """Where a way that was moving stands for long enough."""
    smooth = _smoothed(places)
    found = [_stop_at(times, smooth, *stretch, settings) for stretch in _stretches(times, smooth, settings)]
    return [stop for stop in found if stop is not None]


def _stretches(
    times: NDArray[np.float64], places: NDArray[np.float64], settings: MovementSettings
) -> list[tuple[int, int]]:
    """First and last points of standing; where it did not go away in between, a wavering box has broken one stretch."""
    stretches: list[tuple[int, int]] = []
    for k in np.flatnonzero(_standing(times, places, settings)).tolist():
        if stretches:
            first, last = stretches[-1]
            stood = np.median(places[first : last + 1], axis=0)
            between = np.linalg.norm(places[last : k + 1] - stood, axis=1)
            if k == last + 1 or between.max() < settings.drives_heights:
                stretches[-1] = (first, k)
                continue
        stretches.append((k, k))
    return stretches


def _smoothed(places: NDArray[np.float64]) -> NDArray[np.float64]:
    padded = np.concatenate([places[:1], places, places[-1:]])
    return np.asarray(np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0))


def _standing(times: NDArray[np.float64], places: NDArray[np.float64], settings: MovementSettings) -> NDArray[np.bool_]:
    """From which points on the next seconds stay within what a standing box wavers by."""
    reach = settings.stands_speed * settings.stands_for_s
    stands = np.zeros(len(times), bool)
    for k, time in enumerate(times):
        after = (times >= time - 1e-9) & (times <= time + settings.stands_for_s + 1e-9)
        if (
            times[-1] < time + settings.stands_for_s - 1e-6
            or after.sum() < settings.rate_hz * settings.stands_for_s / 2
        ):
            continue
        apart = np.linalg.norm(places[after] - np.median(places[after], axis=0), axis=1)
        stands[k] = np.quantile(apart, 0.9) <= reach
    return stands


def _stop_at(
    times: NDArray[np.float64], places: NDArray[np.float64], first: int, last: int, settings: MovementSettings
) -> _Stop | None:
    """The moment of a stop whose standing begins about point `first`; None if nothing moved before.

    A vehicle that brakes evenly has a way left that falls as the square of the time left, so the root of the way left
    falls straight to zero at the stop (a line through medians over pairs).
    """
    settled = (times >= times[first] + 0.5) & (times <= times[first] + 0.5 + settings.stands_for_s)
    place = np.median(places[settled], axis=0)
    left = np.linalg.norm(places - place, axis=1)
    before = (times < times[first] + 0.5) & (times >= times[first] - _BEFORE_S)
    if not before.any() or left[before].max() < settings.drives_heights:
        return None
    used = before & (left > _NEAR_HEIGHTS) & (left < _FAR_HEIGHTS)
    used &= times > times[before & (left >= _FAR_HEIGHTS)].max(initial=-np.inf)
    if used.sum() < 3:
        return None
    slope, root, spread = steady_line(times[used], np.sqrt(left[used]))
    if slope >= 0.0:
        return None
    latest = float(times[used].max())
    time_s = float(np.clip(-root / slope, latest, latest + 2.0))
    took_s = float(times[used].max() - times[used].min())
    speed = float(np.ptp(left[used])) / max(took_s, 0.2)
    if speed < settings.drives_speed:
        return None
    step_s = float(np.median(np.diff(times)))
    line_s = spread / abs(slope) / np.sqrt(used.sum())
    return _Stop(
        time_s=time_s,
        uncertainty_s=_TWO_SIGMA * float(np.sqrt(step_s**2 / 12.0 + line_s**2 + _KINDLY_S**2)),
        stands_s=float(times[last] + settings.stands_for_s - time_s),
        before_heights=float(left[before].max()),
        before_speed=speed,
        spread_heights=float(np.median(np.linalg.norm(places[settled] - place, axis=1))),
        moves_from_s=float(times[used].min()),
    )


def _stop_movement(way: Way, stop: _Stop, people: Sequence[Way], camera: Camera, settings: MovementSettings) -> Found:
    beside = [other for other in people if _appears_beside(other, way, stop.time_s, camera, settings)]
    beside = sorted(beside, key=lambda other: (float(other.times_s[0]), other.track.name))
    reasons = [
        (
            f"moves by {stop.before_heights:.1f} of its heights at up to {stop.before_speed:.1f} a second, then stands "
            f"for {stop.stands_s:.0f} s at least, the camera's motion taken out"
        )
    ]
    if beside:
        after_s = float(beside[0].times_s[0]) - stop.time_s
        reasons.append(
            f"{len(beside)} {'person appears' if len(beside) == 1 else 'people appear'} within "
            f"{settings.near_vehicle_widths:g} of its widths, from {after_s:.1f} s after the stop"
        )
    movement = _vehicle_movement(way, stop, camera, stop.time_s, reasons)
    movement = replace(
        movement,
        action="arrives",
        label="vehicle stops, people near vehicle" if beside else "vehicle stops",
        track_names=(way.track.name, *(other.track.name for other in beside)),
        evidence=(*movement.evidence, *(other.track.points[0] for other in beside)),
        measures=(*movement.measures, ("people_near", float(len(beside)))),
    )
    return Found(movement=movement, model="stops")


def _start_movement(way: Way, stop: _Stop, camera: Camera) -> Found:
    reasons = [
        (
            f"stands for {stop.stands_s:.0f} s at least, then moves by {stop.before_heights:.1f} of its heights at "
            f"up to {stop.before_speed:.1f} a second, the camera's motion taken out"
        )
    ]
    return Found(movement=_vehicle_movement(way, stop, camera, -stop.time_s, reasons), model="stops")


def _vehicle_movement(way: Way, stop: _Stop, camera: Camera, time_s: float, reasons: Sequence[str]) -> Movement:
    moving_s = stop.moves_from_s if time_s == stop.time_s else -stop.moves_from_s
    by_camera = camera_speed(way, min(moving_s, time_s), max(moving_s, time_s), camera)
    if by_camera > stop.before_speed:
        reasons = (*reasons, "the camera turns faster than that: what is left of its motion may be part of it")
    return Movement(
        recording_id=way.track.recording_id,
        action="departs",
        subject="vehicle",
        time_s=time_s,
        uncertainty_s=stop.uncertainty_s,
        end_s=None,
        score=0.0,
        label="vehicle moves off",
        track_names=(way.track.name,),
        evidence=_evidence(way, time_s),
        measures=(
            ("stands_s", stop.stands_s),
            ("way_heights", stop.before_heights),
            ("speed_heights_per_s", stop.before_speed),
            ("wavers_heights", stop.spread_heights),
            ("camera_heights_per_s", by_camera),
            ("height_px", float(np.median(way.height_px))),
            ("detector_score", way.track.score),
        ),
        reasons=tuple(reasons),
    )


def _evidence(way: Way, time_s: float) -> tuple[TrackPoint, ...]:
    """Two seconds before, the moment, two seconds after."""
    points = {point.index: point for point in (way.at(time_s + apart_s) for apart_s in (-2.0, 0.0, 2.0))}
    return tuple(points[index] for index in sorted(points))


def _appears_beside(other: Way, vehicle: Way, stop_s: float, camera: Camera, settings: MovementSettings) -> bool:
    """Whether a person's track begins beside the vehicle that has stopped, not at the border of the picture."""
    begin_s = float(other.times_s[0])
    if not stop_s - 1.0 <= begin_s <= stop_s + settings.near_vehicle_s or other.cut[0, [0, 2]].any():
        return False
    k = int(np.argmin(np.abs(vehicle.times_s - begin_s)))
    corners = vehicle.boxes_px[k].reshape(2, 2)
    left_top, right_bottom = camera.carried(corners, int(vehicle.rows[k]), int(other.rows[0]))
    width, height = right_bottom - left_top
    box = other.boxes_px[0]
    foot_x, foot_y = 0.5 * (box[0] + box[2]), box[3]
    reach = settings.near_vehicle_widths * width
    beside = left_top[0] - reach <= foot_x <= right_bottom[0] + reach
    return bool(beside and left_top[1] - 0.5 * height <= foot_y <= right_bottom[1] + height)
