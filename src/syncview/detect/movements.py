"""What tracks of people and vehicles may mean: who enters, leaves, stops, moves fast, comes together. Candidates only.

The families of rules lie beside this file; here their findings are scored, those of one group joined, and those where
nobody can say left out. Times are recording time; the camera's own motion is taken out throughout.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncview.detect.border_movements import entering_and_leaving
from syncview.detect.fast_motion import fast_stretches
from syncview.detect.figure_counts import count_figures
from syncview.detect.gatherings import gathering_and_dispersing
from syncview.detect.movement_score import scored
from syncview.detect.sudden_motion import sudden_changes
from syncview.detect.together import joined
from syncview.detect.track_links import continued_tracks
from syncview.detect.track_ways import Camera, way_of
from syncview.detect.vehicle_movements import stopping_and_moving_off

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.detect.movement_score import Found
    from syncview.detect.track_ways import Way
    from syncview.model.movement import Movement, Track, Unassessable, Watched
    from syncview.settings import MovementSettings

__all__ = ["candidate_movements", "count_figures", "find_movements"]

_PLAIN_SCORE = 0.5  # of the detector, on average: what it recognises so surely by night or in dust is there
_PLAIN_SHARE = 0.8  # of the frames about the moment in which it recognises it


def find_movements(
    tracks: Sequence[Track],
    watched: Watched,
    unassessable: Sequence[Unassessable],
    *,
    recording_id: str,
    bangs_s: Sequence[float],
    settings: MovementSettings,
) -> tuple[Movement, ...]:
    """Find what people and vehicles do in a recording, as far as their tracks suggest it.

    Parameters
    ----------
    tracks : sequence of Track
        Of the recording.
    watched : Watched
        What was seen, for the camera's motion and the times of the frames.
    unassessable : sequence of Unassessable
        Where nothing can be said of people: only what is plain is told there, with a lower score.
    recording_id : str
        Tracks of others are passed over.
    bangs_s : sequence of float
        Recording times at which the camera heard a strike.
    settings : MovementSettings
        Thresholds.

    Returns
    -------
    tuple of Movement
        By time. `score` is the probability that it has happened within a second of `time_s`, as in the simulated
        scenes that it was fitted on; below `least_movement_score` nothing is told.
    """
    own = [track for track in tracks if track.recording_id == recording_id and track.points]
    found = [scored(one) for one in candidate_movements(own, watched, unassessable, bangs_s=bangs_s, settings=settings)]
    told = [one for one in found if one.movement.score >= settings.least_movement_score]
    movements = [one.movement for one in joined(told, own, settings=settings)]
    return tuple(sorted(movements, key=lambda one: (one.time_s, one.action, one.track_names)))


def candidate_movements(
    tracks: Sequence[Track],
    watched: Watched,
    unassessable: Sequence[Unassessable],
    *,
    bangs_s: Sequence[float],
    settings: MovementSettings,
) -> tuple[Found, ...]:
    """Find the same, not scored and not joined: what the models of the scores are fitted on.

    Parameters
    ----------
    tracks, watched, unassessable, bangs_s, settings
        See `find_movements`.

    Returns
    -------
    tuple of Found
    """
    camera = Camera(watched)
    ways = [way_of(track, camera, border_share=settings.border_share) for track in tracks if len(track.points) > 1]
    continued = continued_tracks(ways, camera, settings=settings)
    vehicles = stopping_and_moving_off(ways, camera, continued, settings=settings)
    beside = {name for one in vehicles for name in one.movement.track_names[1:]}
    borders = entering_and_leaving(ways, camera, continued, settings=settings)
    borders = tuple(one for one in borders if not _gets_out(one, beside))
    found = (
        *borders,
        *vehicles,
        *fast_stretches(ways, camera, settings=settings),
        *sudden_changes(ways, bangs_s, settings=settings),
        *gathering_and_dispersing(ways, camera, settings=settings),
    )
    named = {way.track.name: way for way in ways}
    held = [_where_assessable(one, named, unassessable, settings) for one in found]
    return tuple(one for one in held if one is not None)


def _gets_out(found: Found, beside: set[str]) -> bool:
    """Whether a track that begins amid the picture is told already, as that of somebody beside a vehicle."""
    movement = found.movement
    return found.model == "amid" and movement.action == "enters" and movement.track_names[0] in beside


def _where_assessable(
    found: Found, ways: dict[str, Way], unassessable: Sequence[Unassessable], settings: MovementSettings
) -> Found | None:
    """Nothing is told where people are not assessable, except what is plain."""
    movement = found.movement
    within = [
        one
        for one in unassessable
        if one.start_s <= movement.time_s <= one.end_s and (one.vehicles or movement.subject != "vehicle")
    ]
    if not within:
        return found
    if not all(_is_plain(ways[name], movement.time_s) for name in movement.track_names):
        return None
    why = "; ".join(dict.fromkeys(reason for one in within for reason in one.reasons))
    reason = f"plain to see although people are not assessable here ({why})"
    return replace(
        found, share=settings.less_seen_share, movement=replace(movement, reasons=(*movement.reasons, reason))
    )


def _is_plain(way: Way, time_s: float) -> bool:
    near = way.between(time_s - 1.5, time_s + 1.5)
    return bool(way.track.score >= _PLAIN_SCORE and near.any() and way.seen[near].mean() >= _PLAIN_SHARE)
