"""Who enters or leaves the view: tracks that begin or end where the picture ends, or amid it.

The moment is when half of the figure is in the picture. A detector recognises it a little later, so the way over the
still ground is followed back to the border as it lay then: what a turn of the camera brings into view does not enter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.movement_score import Found
from syncview.detect.track_ways import steady_line
from syncview.model.movement import Movement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.detect.track_ways import Camera, Way
    from syncview.model.movement import TrackPoint
    from syncview.settings import MovementSettings

__all__ = ["entering_and_leaving"]

_SIDES = ("left", "top", "right", "bottom")
_NEAR_S = 1.5  # of the track, from which its speed at the border is told
_LEAST_POINTS = 3
_TWO_SIGMA = 1.96
_INSIDE_S = 1.0  # a figure whose lesser part is in the picture is recognised so much earlier at most
_WIDTH_HEIGHTS = 0.08  # half of what its width is uncertain by: arms, bags, a side view or one from ahead
_UNEVEN_SHARE = 0.25  # people and cars change their speed by so much within a second or two
_AMID_BEFORE_S = 1.5  # so long the place must have been in the picture without anybody recognised there
_AMID_S = 1.0  # 95 %: how long after it could be seen a figure is recognised, in runs of misses


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """One end of a way: its points from the end inwards, and the frame that the picture is followed in."""

    way: Way
    order: NDArray[np.int64]
    enters: bool

    @property
    def first(self) -> int:
        return int(self.order[0])

    @property
    def height_px(self) -> float:
        """Of the figure, as it stands in the first frame of this end."""
        return float(self.way.height_px[self.first] * self.way.scale[self.first])

    @property
    def time_s(self) -> float:
        return float(self.way.times_s[self.first])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crossing:
    side: str
    time_s: float
    uncertainty_s: float
    beyond_s: float  # how far from the track's end it lies, 0 where the track itself crosses
    own_speed: float  # heights/s, inwards at a beginning and outwards at an end
    own_share: float


def entering_and_leaving(
    ways: Sequence[Way], camera: Camera, continued: Mapping[str, tuple[bool, bool]], *, settings: MovementSettings
) -> tuple[Found, ...]:
    """Find who enters and who leaves the view.

    Parameters
    ----------
    ways : sequence of Way
        Of one recording.
    camera : Camera
        Of the same.
    continued : mapping of str to (bool, bool)
        By track name: whether it goes on with another that ended before, and whether another goes on with it.
    settings : MovementSettings
        Thresholds.

    Returns
    -------
    tuple of Found
    """
    found = []
    for way in ways:
        before, after = continued.get(way.track.name, (False, False))
        for enters, goes_on, is_cut_off in (
            (True, before, way.track.starts_cut_off),
            (False, after, way.track.ends_cut_off),
        ):
            end = _end_of(way, enters=enters)
            if end is None:
                continue
            one = _at_border(end, camera, settings)
            if is_cut_off or _at_a_break(end, camera, settings):
                one = one if one is not None and dict(one.movement.measures)["beyond_s"] == 0.0 else None
            elif one is None and not goes_on:  # who crossed a border came or went, whoever is there soon after
                one = _amid(end, camera, settings)
            if one is not None:
                found.append(one)
    return tuple(found)


def _end_of(way: Way, *, enters: bool) -> _End | None:
    """The points that were recognised, from one end; None for too few to tell a speed from."""
    order = np.flatnonzero(way.seen)
    if len(order) < _LEAST_POINTS:
        return None
    return _End(way=way, order=order if enters else order[::-1], enters=enters)


def _at_a_break(end: _End, camera: Camera, settings: MovementSettings) -> bool:
    """Whether the recording, or what is known of the camera's motion, begins or ends there as well."""
    row = int(end.way.rows[end.first])
    piece = np.flatnonzero(camera.piece == camera.piece[row])
    edge_s = float(camera.times_s[piece[0] if end.enters else piece[-1]])
    return abs(end.time_s - edge_s) < settings.begins_after_s


def _at_border(end: _End, camera: Camera, settings: MovementSettings) -> Found | None:
    crossings = [_crossing(end, camera, side, settings) for side in range(len(_SIDES))]
    known = [crossing for crossing in crossings if crossing is not None]
    if not known:
        return None
    best = min(known, key=lambda crossing: (crossing.beyond_s, -crossing.own_speed))
    return Found(movement=_border_movement(end, best), model="border", side=best.side)


def _crossing(end: _End, camera: Camera, side: int, settings: MovementSettings) -> _Crossing | None:
    """When the middle of the figure crosses one border by its own motion; None where it does not."""
    axis, inwards = side % 2, 1.0 if side < 2 else -1.0
    near = end.order[np.abs(end.way.times_s[end.order] - end.time_s) <= _NEAR_S]
    if len(near) < _LEAST_POINTS:
        return None
    edges = _inner_edges(end, camera, near, side)
    usable = np.isfinite(edges) & ~end.way.cut[near, (side + 2) % 4]
    if usable.sum() < _LEAST_POINTS:
        return None
    away_s = np.abs(end.way.times_s[near] - end.time_s)
    speed_px, place_px, spread_px = steady_line(away_s[usable], inwards * edges[usable])
    own_speed = speed_px / end.height_px
    if own_speed < settings.border_least_speed:
        return None
    half_px = 0.5 * _extent_px(end, axis)
    met = _time_met(end, camera, side, (speed_px, inwards * place_px, half_px), settings)
    if met is None:
        return None
    time_s, row = met
    share = _own_share(end, camera, side, row, speed_px)
    if share < settings.border_least_share:
        return None
    beyond_s = max(0.0, (end.time_s - time_s) * (1.0 if end.enters else -1.0))
    return _Crossing(
        side=_SIDES[side],
        time_s=time_s,
        uncertainty_s=_uncertainty_s(camera, beyond_s, spread_px / np.sqrt(usable.sum()) / speed_px, own_speed),
        beyond_s=beyond_s,
        own_speed=own_speed,
        own_share=share,
    )


def _inner_edges(end: _End, camera: Camera, near: NDArray[np.int64], side: int) -> NDArray[np.float64]:
    """Where the edge away from the border would stand in the first frame of the end: it shows in a cut box, too."""
    way, axis = end.way, side % 2
    row = int(way.rows[end.first])
    edges = []
    for k in near:
        box = way.boxes_px[k]
        place = np.array([[0.5 * (box[0] + box[2]), 0.5 * (box[1] + box[3])]])
        place[0, axis] = box[(side + 2) % 4]
        edges.append(float(camera.carried(place, int(way.rows[k]), row)[0, axis]))
    return np.array(edges)


def _extent_px(end: _End, axis: int) -> float:
    """Width or height of the figure when it is not cut, in the first frame of the end."""
    way = end.way
    whole = ~(way.cut[:, axis] | way.cut[:, axis + 2]) & way.seen
    if not whole.any():
        shares = {"person": (0.4, 1.0), "vehicle": (2.0, 1.0)}  # of its height: from ahead, a car from between
        return shares[way.track.kind][axis] * end.height_px
    sizes = (way.boxes_px[:, axis + 2] - way.boxes_px[:, axis]) / way.scale
    return float(np.median(sizes[whole][:25] if end.enters else sizes[whole][-25:]) * way.scale[end.first])


def _depth_px(camera: Camera, side: int, place: NDArray[np.float64], start: int, row: int, half_px: float) -> float:
    """How far inside a border the middle of a figure stands in frame `row`, given its inner edge in frame `start`."""
    axis, inwards = side % 2, 1.0 if side < 2 else -1.0
    border = 0.0 if side < 2 else float(camera.size_px[axis])
    edge = float(camera.carried(place[None], start, row)[0, axis])
    return inwards * (edge - border) - half_px


def _time_met(
    end: _End, camera: Camera, side: int, line: tuple[float, float, float], settings: MovementSettings
) -> tuple[float, int] | None:
    """When the middle of the figure met the border, and the frame next to it; None if it did not within reach.

    Frames are gone through outwards, from a second inside the track to beyond its end, where it is followed straight
    on; what counts is where the border lay in each of them.
    """
    speed_px, edge_px, half_px = line
    axis, inwards, step = side % 2, 1.0 if side < 2 else -1.0, -1 if end.enters else 1
    start = int(end.way.rows[end.first])
    box = end.way.boxes_px[end.first]
    place = np.array([0.5 * (box[0] + box[2]), 0.5 * (box[1] + box[3])])
    outwards_s = (camera.times_s - end.time_s) * step
    reach = np.flatnonzero((outwards_s >= -_INSIDE_S) & (outwards_s <= settings.border_reach_s))
    before: tuple[float, int] | None = None
    for row in reach[::step]:
        place[axis] = edge_px - inwards * speed_px * outwards_s[row]
        depth = _depth_px(camera, side, place, start, int(row), half_px)
        if not np.isfinite(depth):
            before = None
            continue
        if before is not None and depth <= 0.0:
            share = before[0] / (before[0] - depth)
            here_s, there_s = float(camera.times_s[before[1]]), float(camera.times_s[row])
            return here_s + share * (there_s - here_s), int(row)
        before = (depth, int(row)) if depth > 0.0 else None
    return None


def _own_share(end: _End, camera: Camera, side: int, row: int, speed_px: float) -> float:
    """Share of the figure's own motion in what carries it over the border, over a second about the crossing."""
    axis, inwards = side % 2, 1.0 if side < 2 else -1.0
    near = np.flatnonzero((np.abs(camera.times_s - camera.times_s[row]) <= 0.5) & (camera.piece == camera.piece[row]))
    first, last = int(near[0]), int(near[-1])
    took_s = float(camera.times_s[last] - camera.times_s[first])
    if took_s <= 0.0:
        return 1.0
    box = end.way.boxes_px[end.first]
    place = np.array([[0.5 * (box[0] + box[2]), 0.5 * (box[1] + box[3])]])
    start = int(end.way.rows[end.first])
    moved = float(camera.carried(place, start, last)[0, axis] - camera.carried(place, start, first)[0, axis])
    by_camera = inwards * moved / took_s * (1.0 if end.enters else -1.0)
    return speed_px / (speed_px + max(by_camera, 0.0))


def _uncertainty_s(camera: Camera, beyond_s: float, place_s: float, own_speed: float) -> float:
    """95 % half-width: the sampling, where the edge is, how wide the figure is, how evenly it goes."""
    step_s = float(np.median(np.diff(camera.times_s)))
    width_s = _WIDTH_HEIGHTS / own_speed
    evenly_s = _UNEVEN_SHARE * beyond_s
    return _TWO_SIGMA * float(np.sqrt(step_s**2 / 12.0 + place_s**2 + width_s**2 + evenly_s**2))


def _border_movement(end: _End, crossing: _Crossing) -> Movement:
    way, what = end.way, end.way.track.kind
    verb = "enters" if end.enters else "leaves"
    reasons = [
        (
            f"crosses the {crossing.side} border of the picture at {crossing.own_speed:.1f} of its heights a second, "
            f"the camera's motion taken out"
        ),
    ]
    if crossing.beyond_s > 0.3:
        when = "before it is first" if end.enters else "after it is last"
        reasons.append(f"the crossing lies {crossing.beyond_s:.1f} s {when} recognised: followed straight on")
    if crossing.own_share < 0.7:
        reasons.append(f"the camera turns as well: {100 * crossing.own_share:.0f} % of the crossing is its own motion")
    return Movement(
        recording_id=way.track.recording_id,
        action="enters" if end.enters else "leaves",
        subject=what,
        time_s=crossing.time_s,
        uncertainty_s=crossing.uncertainty_s,
        end_s=None,
        score=0.0,
        label=f"{what} {verb} view",
        track_names=(way.track.name,),
        evidence=_evidence(end),
        measures=(
            ("own_speed_heights_per_s", crossing.own_speed),
            ("own_share", crossing.own_share),
            ("beyond_s", crossing.beyond_s),
            *_common_measures(end),
        ),
        reasons=tuple(reasons),
    )


def _amid(end: _End, camera: Camera, settings: MovementSettings) -> Found | None:
    """A track that begins or ends inside the picture: out of a door, from behind a wall, or overlooked before."""
    way, what = end.way, end.way.track.kind
    stays_s = float(way.times_s[-1] - way.times_s[0])
    small = what == "person" and end.height_px < settings.appears_taller * settings.smallest_px
    if small or stays_s < settings.appears_for_s or not _was_in_view(end, camera):
        return None
    verb, when = ("comes into", "before") if end.enters else ("goes out of", "after")
    step_s = float(np.median(np.diff(way.times_s)))
    movement = Movement(
        recording_id=way.track.recording_id,
        action="enters" if end.enters else "leaves",
        subject=what,
        time_s=end.time_s - (0.5 if end.enters else -0.5) * step_s,
        uncertainty_s=_AMID_S,
        end_s=None,
        score=0.0,
        label=f"{what} {verb} view",
        track_names=(way.track.name,),
        evidence=_evidence(end),
        measures=(("own_speed_heights_per_s", _speed(end)), *_common_measures(end)),
        reasons=(
            (
                f"amid the picture, not at its border: not recognised {when}; "
                "a door, a corner or something in front may be the reason, or the detector overlooked it"
            ),
        ),
    )
    return Found(movement=movement, model="amid")


def _was_in_view(end: _End, camera: Camera) -> bool:
    """Whether the place where a track begins or ends lay well inside the picture in the seconds beyond."""
    outwards_s = (camera.times_s - end.time_s) * (-1.0 if end.enters else 1.0)
    start = int(end.way.rows[end.first])
    box = end.way.boxes_px[end.first].reshape(2, 2)
    spare = 0.5 * float(box[1, 0] - box[0, 0])
    for row in np.flatnonzero((outwards_s >= -1e-9) & (outwards_s <= _AMID_BEFORE_S)):
        (left, top), (right, bottom) = camera.carried(box, start, int(row))
        inside = left >= spare and right <= camera.size_px[0] - spare
        if not (inside and top >= 0.0 and bottom <= 0.99 * camera.size_px[1]):
            return False
    return True


def _common_measures(end: _End) -> tuple[tuple[str, float], ...]:
    way = end.way
    near = way.between(*sorted((end.time_s, end.time_s + (2.0 if end.enters else -2.0))))
    return (
        ("recognised_s", float(way.times_s[-1] - way.times_s[0])),
        ("recognised_share", float(way.seen[near].mean())),
        ("height_px", end.height_px),
        ("detector_score", float(np.mean([way.track.points[k].score for k in end.order[:10]]))),
    )


def _speed(end: _End) -> float:
    """Heights a second over the still ground, over the first 1.5 s from the end."""
    near = np.abs(end.way.times_s - end.time_s) <= _NEAR_S
    places, times = end.way.in_heights()[near], end.way.times_s[near]
    if len(times) < _LEAST_POINTS:
        return 0.0
    return float(np.hypot(steady_line(times, places[:, 0])[0], steady_line(times, places[:, 1])[0]))


def _evidence(end: _End) -> tuple[TrackPoint, ...]:
    """The first and the last recognised point at this end, and the one a second on: where it is, and that it moves."""
    further = end.way.at(end.time_s + (1.0 if end.enters else -1.0))
    points = {point.index: point for point in (end.way.track.points[end.first], further)}
    return tuple(points[index] for index in sorted(points))
