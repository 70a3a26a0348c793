"""People who come to stand together, and who part again: at least three within three body heights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.movement_score import Found
from syncview.model.movement import Movement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.detect.track_ways import Camera, Way
    from syncview.settings import MovementSettings

__all__ = ["gathering_and_dispersing"]

_STEP_S = 0.5
_PAUSE_S = 2.0  # a crowd that falls below its number for shorter is still one: somebody is hidden or overlooked
_SEEN_APART_S = 2.0
_UNCERTAIN_S = 1.5  # 95 %: when "within 5 m" is, people who watch the same file tell a second apart or more


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crowd:
    """Tracks that stand together at moments `first` to `last` of the grid; `most` is how many at once."""

    names: frozenset[str]
    first: int
    last: int
    most: int


def gathering_and_dispersing(ways: Sequence[Way], camera: Camera, *, settings: MovementSettings) -> tuple[Found, ...]:
    """Find people who come together, and who part.

    Parameters
    ----------
    ways : sequence of Way
        Of one recording.
    camera : Camera
        Of the same.
    settings : MovementSettings
        Thresholds.

    Returns
    -------
    tuple of Found
        A group that comes into view together does not gather there; one that the camera loses does not disperse.
    """
    people = {way.track.name: way for way in ways if way.track.kind == "person"}
    if len(people) < settings.crowd_people:
        return ()
    grid = np.arange(float(camera.times_s[0]), float(camera.times_s[-1]), _STEP_S)
    places = {name: _on_grid(way, grid) for name, way in people.items()}
    together = [_clusters(places, k, settings) for k in range(len(grid))]
    found = []
    for crowd in _crowds(together, settings):
        found += _movements(crowd, together, people, places, grid, settings)
    return tuple(found)


def _on_grid(way: Way, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Foot and height in the picture at each moment, shape (moments, 3); NaN where the track is not there."""
    rows = np.column_stack(
        [0.5 * (way.boxes_px[:, 0] + way.boxes_px[:, 2]), way.boxes_px[:, 3], way.height_px * way.scale]
    )
    placed = np.column_stack([np.interp(grid, way.times_s, rows[:, k]) for k in range(3)])
    placed[(grid < way.times_s[0] - 1e-9) | (grid > way.times_s[-1] + 1e-9)] = np.nan
    return placed


def _near(places: NDArray[np.float64], settings: MovementSettings) -> NDArray[np.bool_]:
    """Who stands within whose reach: in the picture, and by their heights about as far from the camera."""
    tall = places[:, 2]
    apart = np.linalg.norm(places[:, None, :2] - places[None, :, :2], axis=2)
    within = apart <= settings.crowd_apart_heights * 0.5 * (tall[:, None] + tall[None])
    alike = np.minimum(tall[:, None], tall[None]) >= settings.crowd_like_height * np.maximum(tall[:, None], tall[None])
    return np.asarray(within & alike)


def _clusters(places: dict[str, NDArray[np.float64]], k: int, settings: MovementSettings) -> list[frozenset[str]]:
    """Who stands together at one moment: somebody and all within his reach, the largest first, no one twice."""
    names = [name for name in sorted(places) if np.isfinite(places[name][k]).all()]
    if len(names) < settings.crowd_people:
        return []
    reach = _near(np.stack([places[name][k] for name in names]), settings)
    clusters, taken = [], frozenset[str]()
    for row in np.argsort(-reach.sum(axis=1), kind="stable").tolist():
        left = frozenset(names[other] for other in np.flatnonzero(reach[row])) - taken
        if names[row] not in taken and len(left) >= settings.crowd_people:
            clusters.append(left)
            taken |= left
    return clusters


def _crowds(together: Sequence[Sequence[frozenset[str]]], settings: MovementSettings) -> list[_Crowd]:
    """Follow clusters from moment to moment: two of the same people make it the same crowd."""
    open_crowds: list[_Crowd] = []
    closed: list[_Crowd] = []
    pause = round(_PAUSE_S / _STEP_S)
    for k, clusters in enumerate(together):
        for cluster in clusters:
            known = next((c for c in open_crowds if len(c.names & cluster) >= 2), None)
            if known is not None:
                open_crowds.remove(known)
            first = k if known is None else known.first
            most = max(len(cluster), known.most if known else 0)
            open_crowds.append(_Crowd(names=cluster, first=first, last=k, most=most))
        closed += [c for c in open_crowds if k - c.last > pause]
        open_crowds = [c for c in open_crowds if k - c.last <= pause]
    least = round(settings.crowd_for_s / _STEP_S)
    crowds = [c for c in (*closed, *open_crowds) if c.last - c.first > least]
    return sorted(crowds, key=lambda c: (c.first, sorted(c.names)))


def _movements(
    crowd: _Crowd,
    together: Sequence[Sequence[frozenset[str]]],
    people: dict[str, Way],
    places: dict[str, NDArray[np.float64]],
    grid: NDArray[np.float64],
    settings: MovementSettings,
) -> list[Found]:
    begun = max(together[crowd.first], key=len)
    found = []
    if _were_apart(begun, places, crowd.first, -1, settings):
        found.append(_movement("gathers", crowd, begun, crowd.first, people, grid))
    if _were_apart(crowd.names, places, crowd.last, 1, settings):
        found.append(_movement("disperses", crowd, crowd.names, crowd.last, people, grid))
    return found


def _were_apart(
    names: frozenset[str], places: dict[str, NDArray[np.float64]], k: int, way: int, settings: MovementSettings
) -> bool:
    """Whether fewer than three of them were together two seconds before or after, while three were to be seen."""
    other = k + way * round(_SEEN_APART_S / _STEP_S)
    if not 0 <= other < len(next(iter(places.values()))):
        return False
    seen = {name: places[name] for name in names if np.isfinite(places[name][other]).all()}
    if len(seen) < settings.crowd_people:
        return False
    return not _clusters(seen, other, settings)


def _movement(
    action: str, crowd: _Crowd, names: frozenset[str], k: int, people: dict[str, Way], grid: NDArray[np.float64]
) -> Found:
    gathers = action == "gathers"
    time_s = float(grid[k]) + (-0.5 if gathers else 0.5) * _STEP_S
    ordered = sorted(names)
    lasts_s = float(grid[crowd.last] - grid[crowd.first])
    evidence = tuple(people[name].at(time_s + apart_s) for name in ordered for apart_s in (-2.0, 0.0, 2.0))
    movement = Movement(
        recording_id=people[ordered[0]].track.recording_id,
        action="gathers" if gathers else "disperses",
        subject="group",
        time_s=time_s,
        uncertainty_s=_UNCERTAIN_S,
        end_s=None,
        score=0.0,
        label="people come together" if gathers else "people part",
        track_names=tuple(ordered),
        evidence=evidence,
        measures=(
            ("together_s", lasts_s),
            ("people", float(len(names))),
            ("people_most", float(crowd.most)),
            ("detector_score", float(np.mean([people[name].track.score for name in ordered]))),
        ),
        reasons=(
            (
                f"{len(names)} people within 3 of their heights of one of them for {lasts_s:.0f} s; "
                f"{'before' if gathers else 'after'} they were seen farther apart"
            ),
        ),
    )
    return Found(movement=movement, model="crowd")
