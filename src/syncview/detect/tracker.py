"""Figures followed through a recording: ByteTrack's two rounds (Zhang et al. 2022), made for few frames a second.

Strong boxes are given first, weak ones then to the tracks that are left; only strong ones begin a track. The camera's
motion is taken out as in BoT-SORT (Aharon et al. 2022), and where it is not known every track ends: nobody is guessed
across such a gap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.association import assigned, covered, nearness, unlikeness
from syncview.detect.kalman import Belief, Physics, begun, carried, corrected, foretold, joined, taken
from syncview.detect.track_points import Line, as_track
from syncview.model.movement import Figures, Watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from syncview.model.movement import Track
    from syncview.settings.movement import MovementSettings

__all__ = ["LONGEST_STEP_S", "join_watched", "stretches_of", "track_figures"]

_SETTLED = 3  # boxes after which a track is more than chance
_UNSETTLED_S = 0.65  # how long one that is less is waited for: three looks
_LATELY_S = 0.65  # what was seen this lately (three looks) may go on with a weak box, or a sudden start
LONGEST_STEP_S = 1.0  # frames further apart than this are not neighbours
_SAME = 0.7  # share of a strong box in one that is followed already: a part of that figure, not another


def track_figures(
    watched: Watched, *, recording_id: str, cuts_s: Sequence[float], settings: MovementSettings
) -> tuple[Track, ...]:
    """Follow people and vehicles through a recording.

    Parameters
    ----------
    watched : Watched
        What was seen in its looked-at frames.
    recording_id : str
        Of the recording.
    cuts_s : sequence of float
        Recording times at which one view ends and another begins.
    settings : MovementSettings
        Of it `least_track_score`, `least_score` and what begins with `track_`.

    Returns
    -------
    tuple of Track
        Ordered by when and where (from the left) they begin. Gaps are filled (`seen` is false there). Those that begin
        or end within three looks of a cut, of lost motion, or of the recording's first or last frame are cut off:
        whether the figure came or went there is not known.

    Notes
    -----
    Zhang, Y. et al. (2022), ByteTrack: multi-object tracking by associating every detection box. Aharon, N. et al.
    (2022), BoT-SORT: robust associations multi-pedestrian tracking.
    """
    lines: list[Line] = []
    for start, stop in stretches_of(watched, cuts_s):
        for vehicle in (False, True):
            lines += _followed(watched, start, stop, vehicle=vehicle, settings=settings)
    lines = [line for line in lines if _tells(line, watched, settings)]
    figures = watched.figures
    lines.sort(key=lambda line: (figures.frame[line.rows[0]], *figures.boxes_px[line.rows[0]].tolist(), line.rows))
    tracks, counts = [], {True: 0, False: 0}
    for line in lines:
        counts[line.vehicle] += 1
        name = f"{'vehicle' if line.vehicle else 'person'}-{counts[line.vehicle]}"
        tracks.append(as_track(line, watched, recording_id=recording_id, name=name, keep_s=_UNSETTLED_S))
    return tuple(tracks)


def stretches_of(watched: Watched, cuts_s: Sequence[float]) -> tuple[tuple[int, int], ...]:
    """First and one after the last of the frames between which tracks can go on.

    Parameters
    ----------
    watched : Watched
        What was seen.
    cuts_s : sequence of float
        Recording times at which one view ends and another begins.

    Returns
    -------
    tuple of (int, int)
    """
    count = len(watched.times_s)
    if not count:
        return ()
    breaks = np.asarray(np.isnan(watched.motion).any(axis=(1, 2)), np.bool_)
    breaks[1:] |= np.diff(watched.times_s) > LONGEST_STEP_S
    after_cut = np.searchsorted(watched.times_s, np.asarray(cuts_s, np.float64), side="left")
    breaks[after_cut[after_cut < count]] = True
    breaks[0] = True
    starts = np.flatnonzero(breaks).tolist()
    return tuple(zip(starts, [*starts[1:], count], strict=True))


def join_watched(spans: Iterable[Watched]) -> Watched:
    """Put spans of one recording together.

    Parameters
    ----------
    spans : iterable of Watched
        In their order, each with its own times and frames counted from its own first; the first motion of a later span
        is that from the last frame of the one before.

    Returns
    -------
    Watched

    Raises
    ------
    ValueError
        If there is none, if they differ in size, or if times do not ascend.
    """
    parts = tuple(spans)
    if not parts:
        msg = "expected at least one span"
        raise ValueError(msg)
    if len({part.size_px for part in parts}) > 1:
        msg = f"expected spans of one size, got {sorted({part.size_px for part in parts})}"
        raise ValueError(msg)
    times_s = np.concatenate([part.times_s for part in parts])
    if (np.diff(times_s) <= 0).any():
        msg = "expected spans whose times ascend from one to the next"
        raise ValueError(msg)
    firsts = np.cumsum([0, *(len(part.times_s) for part in parts[:-1])])
    return Watched(
        size_px=parts[0].size_px,
        times_s=times_s,
        indices=np.concatenate([part.indices for part in parts]),
        motion=np.concatenate([part.motion for part in parts]),
        brightness=np.concatenate([part.brightness for part in parts]),
        contrast=np.concatenate([part.contrast for part in parts]),
        sharpness=np.concatenate([part.sharpness for part in parts]),
        strange_motion=np.concatenate([part.strange_motion for part in parts]),
        figures=_joined_figures([part.figures for part in parts], firsts),
    )


def _joined_figures(parts: list[Figures], firsts: NDArray[np.int64]) -> Figures:
    return Figures(
        frame=np.concatenate([part.frame + first for part, first in zip(parts, firsts, strict=True)]),
        boxes_px=np.concatenate([part.boxes_px for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
        vehicle=np.concatenate([part.vehicle for part in parts]),
        light_head=np.concatenate([part.light_head for part in parts]),
        vivid_head=np.concatenate([part.vivid_head for part in parts]),
        vivid_body=np.concatenate([part.vivid_body for part in parts]),
    )


def _tells(line: Line, watched: Watched, settings: MovementSettings) -> bool:
    """Whether it is enough of a track to be told."""
    rows = list(line.rows)
    frames = watched.figures.frame[rows]
    length_s = float(watched.times_s[frames[-1]] - watched.times_s[frames[0]])
    score = float(watched.figures.scores[rows].mean())
    return (
        len(line.rows) >= settings.track_least_seen
        and length_s >= settings.track_least_s
        and score >= settings.track_mean_score
    )


@dataclass(slots=True, eq=False)
class _State:
    """Tracks that are followed at the moment, a row each: what is believed, boxes so far, when last seen."""

    belief: Belief
    lines: list[list[int]] = field(default_factory=list)
    seen_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


def _followed(watched: Watched, start: int, stop: int, *, vehicle: bool, settings: MovementSettings) -> list[Line]:
    """Follow the figures of a kind through frames in which the camera's motion is known."""
    physics = _physics(settings, vehicle=vehicle)
    figures = watched.figures
    bounds = np.searchsorted(figures.frame, np.arange(start, stop + 1))
    state = _State(belief=begun(np.zeros((0, 4)), physics, vehicle=vehicle))
    ended: list[list[int]] = []
    for frame in range(start, stop):
        rows = np.arange(bounds[frame - start], bounds[frame - start + 1])
        rows = rows[(figures.vehicle[rows] == vehicle) & (figures.scores[rows] >= settings.least_score)]
        now_s = float(watched.times_s[frame])
        if frame > start:
            elapsed_s = now_s - float(watched.times_s[frame - 1])
            belief = foretold(state.belief, elapsed_s, physics, vehicle=vehicle)
            state.belief = carried(belief, watched.motion[frame])
        _matched(state, figures, rows, now_s, physics, vehicle=vehicle, strong=settings.least_track_score)
        ended += _dropped(state, now_s, settings.track_keep_s, watched.size_px)
    ended += state.lines
    return [Line(rows=tuple(rows), vehicle=vehicle, stretch=(start, stop)) for rows in ended]


def _physics(settings: MovementSettings, *, vehicle: bool) -> Physics:
    return Physics(
        speed_s=settings.track_vehicle_speed_s if vehicle else settings.track_person_speed_s,
        change_s2=settings.track_change_s2,
        box_off=settings.track_box_off,
        box_off_px=settings.track_box_off_px,
    )


def _matched(
    state: _State,
    figures: Figures,
    rows: NDArray[np.int64],
    now_s: float,
    physics: Physics,
    *,
    vehicle: bool,
    strong: float,
) -> None:
    """Give a frame's boxes to tracks: strong ones to settled tracks, then to new ones, then weak ones; begin others."""
    settled = np.array([len(line) >= _SETTLED for line in state.lines], bool)
    lately = now_s - state.seen_s <= _LATELY_S
    is_strong = figures.scores[rows] >= strong
    cost = unlikeness(state.belief, figures.boxes_px[rows], physics, vehicle=vehicle)
    owner = np.full(len(rows), -1, np.int64)
    for tracks, boxes in ((settled, is_strong), (~settled, is_strong), (lately, ~is_strong)):
        free = tracks & ~np.isin(np.arange(len(state.lines)), owner)
        open_cost = np.where(free[:, None] & (boxes & (owner < 0))[None, :], cost, np.inf)
        who, what = assigned(open_cost)
        owner[what] = who
    _seen(state, figures, rows, owner, now_s, physics, vehicle=vehicle)
    _caught(state, figures, rows, owner, now_s, physics, vehicle=vehicle, strong=strong)
    taken_boxes, left = figures.boxes_px[rows[owner >= 0]], rows[(owner < 0) & is_strong]
    new = left[covered(figures.boxes_px[left], taken_boxes) <= _SAME]
    state.belief = joined(state.belief, begun(figures.boxes_px[new], physics, vehicle=vehicle))
    state.lines += [[int(row)] for row in new]
    state.seen_s = np.concatenate([state.seen_s, np.full(len(new), now_s)])


def _seen(
    state: _State,
    figures: Figures,
    rows: NDArray[np.int64],
    owner: NDArray[np.int64],
    now_s: float,
    physics: Physics,
    *,
    vehicle: bool,
) -> None:
    """Correct the tracks that own a box by it."""
    what = np.flatnonzero(owner >= 0)
    who = owner[what]
    if not len(who):
        return
    better = corrected(taken(state.belief, who), figures.boxes_px[rows[what]], physics, vehicle=vehicle)
    state.belief.mean[who], state.belief.covariance[who] = better.mean, better.covariance
    _append(state, who, rows[what], now_s)


def _caught(
    state: _State,
    figures: Figures,
    rows: NDArray[np.int64],
    owner: NDArray[np.int64],
    now_s: float,
    physics: Physics,
    *,
    vehicle: bool,
    strong: float,
) -> None:
    """Give strong boxes that are left to settled tracks just lost near them, whose speed is then unknown anew."""
    waited_s = now_s - state.seen_s
    lost = (waited_s > 0) & (waited_s <= _LATELY_S) & np.array([len(line) >= _SETTLED for line in state.lines], bool)
    left = (owner < 0) & (figures.scores[rows] >= strong)
    if not (lost.any() and left.any()):
        return
    cost = nearness(state.belief, figures.boxes_px[rows], waited_s, vehicle=vehicle)
    who, what = assigned(np.where(lost[:, None] & left[None, :], cost, np.inf))
    owner[what] = who
    anew = begun(figures.boxes_px[rows[what]], physics, vehicle=vehicle)
    state.belief.mean[who], state.belief.covariance[who] = anew.mean, anew.covariance
    _append(state, who, rows[what], now_s)


def _append(state: _State, who: NDArray[np.int64], rows: NDArray[np.int64], now_s: float) -> None:
    """Note which boxes the tracks have been given, and when."""
    state.seen_s[who] = now_s
    for track, row in zip(who.tolist(), rows.tolist(), strict=True):
        state.lines[track].append(row)


def _dropped(state: _State, now_s: float, keep_s: float, size_px: tuple[int, int]) -> list[list[int]]:
    """Take out, and give back, the tracks that were not seen for too long.

    One that is expected across a border of the picture has left it, or will before long: it is waited for less, or the
    next who comes in there would be taken for it.
    """
    limit_s = np.array([keep_s if len(line) >= _SETTLED else _UNSETTLED_S for line in state.lines], np.float64)
    middle, height = state.belief.mean[:, :2], state.belief.mean[:, 3]
    half = 0.5 * np.column_stack([state.belief.mean[:, 2] * height, height])
    across = ((middle - half < 0) | (middle + half > np.array(size_px))).any(axis=1)
    gone = now_s - state.seen_s > np.where(across, np.minimum(limit_s, _UNSETTLED_S), limit_s)
    if not gone.any():
        return []
    ended = [line for line, over in zip(state.lines, gone, strict=True) if over]
    state.lines = [line for line, over in zip(state.lines, gone, strict=True) if not over]
    state.belief = taken(state.belief, np.flatnonzero(~gone))
    state.seen_s = state.seen_s[~gone]
    return ended
