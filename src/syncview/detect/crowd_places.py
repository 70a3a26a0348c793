"""Places of the still ground at which people stand together, and for how long; counted whichever tracks they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from syncview.detect.track_ways import Camera, Way
    from syncview.settings import MovementSettings

__all__ = ["Crowd", "Standing", "Stay", "crowds_of", "standing_people"]

_FOCAL_SHARE = 0.8  # of the picture's longer side: lenses of 55 to 75 degrees have 0.65 to 0.96
_EVERY_S = 1.0  # places are looked for so often
_CARRIED_S = 20.0  # a place of the still ground is trusted so long: errors of the camera's motion add up
_ANOTHER_HEIGHTS = 0.5  # a place nearer to one that is known tells nothing new
_BEGIN_TOGETHER_S = 4.0  # it forms at several places a step apart, one after the other
_SMOOTHED_S = 2.2  # over which most moments must show a crowd: people overlooked for a second do not end one


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """People in a stretch in which the camera's motion is known, a row for each and each frame, ordered by frame.

    `frames` (int64, shape (n,)) are looked-at frames, `who` (int64, shape (n,)) rows of the ways; `places` (float64,
    shape (n, 3)) the middle of the lower edge and the height, as they would stand in frame `first`. `times_s` are those
    of frames `first` to `first + len(times_s) - 1`. `focal_px` is a likely focal length.
    """

    first: int
    times_s: NDArray[np.float64]
    frames: NDArray[np.int64]
    who: NDArray[np.int64]
    places: NDArray[np.float64]
    focal_px: float

    @property
    def rate_hz(self) -> float:
        """Looked-at frames a second."""
        return 1.0 / float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 5.0

    def within(self, place: NDArray[np.float64], reach: float, settings: MovementSettings) -> NDArray[np.bool_]:
        """Which rows stand within `reach` heights of a place, shape (3,): across the picture, and by their height."""
        return near(self.places, place, reach, self.focal_px, settings)

    def count(self, inside: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of some rows there are in each frame."""
        return np.bincount(self.frames[inside] - self.first, minlength=len(self.times_s))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stay:
    """Enough people for a crowd at a `place` (shape (3,)) from frame `start` to frame `end`."""

    start: int
    end: int
    place: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crowd:
    """Stays next to each other without a pause, ordered by their start."""

    stays: tuple[Stay, ...]

    @property
    def frames(self) -> int:
        """How many frames it lasts."""
        return max(stay.end for stay in self.stays) - min(stay.start for stay in self.stays)

    def begun(self, rate_hz: float) -> Stay:
        """Of the stays that begin with it, within some seconds, the longest: the place where they come to stay."""
        first = min(stay.start for stay in self.stays)
        return max(
            (stay for stay in self.stays if stay.start <= first + _BEGIN_TOGETHER_S * rate_hz),
            key=lambda stay: stay.end - stay.start,
        )

    def ended(self, rate_hz: float) -> Stay:
        """Of the stays that end with it, within some seconds, the longest."""
        last = max(stay.end for stay in self.stays)
        return max(
            (stay for stay in self.stays if stay.end >= last - _BEGIN_TOGETHER_S * rate_hz),
            key=lambda stay: stay.end - stay.start,
        )


def near(
    places: NDArray[np.float64],
    place: NDArray[np.float64],
    reach: float,
    focal_px: float,
    settings: MovementSettings,
) -> NDArray[np.bool_]:
    """Which places lie within reach of one.

    Parameters
    ----------
    places : ndarray of float64, shape (n, 3)
        Middle of the lower edge and height, in pixels.
    place : ndarray of float64, shape (3,)
        The same of one.
    reach : float
        In body heights.
    focal_px : float
        Distances from the camera are that over the height, in body heights.
    settings : MovementSettings
        `crowd_like_height`: heights so alike are about as far off, for people differ in height and boxes waver.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    tall = 0.5 * (places[:, 2] + place[2])
    across = np.hypot(places[:, 0] - place[0], places[:, 1] - place[1]) <= reach * tall
    share = np.minimum(places[:, 2], place[2]) / np.maximum(places[:, 2], place[2])
    behind = focal_px * np.abs(1 / places[:, 2] - 1 / place[2])
    return np.asarray(across & ((behind <= reach) | (share >= settings.crowd_like_height)))


def standing_people(people: Sequence[Way], camera: Camera, *, settings: MovementSettings) -> Iterator[Standing]:
    """Put people onto the still ground, stretch by stretch.

    Parameters
    ----------
    people : sequence of Way
        Of one recording.
    camera : Camera
        Of the same.
    settings : MovementSettings
        `crowd_hidden_s`, `crowd_hidden_heights`.

    Yields
    ------
    Standing
    """
    frames = np.concatenate([way.rows for way in people])
    who = np.repeat(np.arange(len(people)), [len(way.rows) for way in people])
    boxes = np.concatenate([way.boxes_px for way in people])
    tall = np.concatenate([way.height_px * way.scale for way in people])
    order = np.lexsort((who, frames))
    frames, who, boxes, tall = frames[order], who[order], boxes[order], tall[order]
    feet = np.column_stack([0.5 * (boxes[:, 0] + boxes[:, 2]), boxes[:, 3], np.ones(len(boxes))])
    for piece in np.unique(camera.piece[frames]).tolist():
        span = np.flatnonzero(camera.piece == piece)
        first = int(span[0])
        rows = np.flatnonzero(camera.piece[frames] == piece)
        back = np.stack([_inverse(camera, first, int(k)) for k in span])[frames[rows] - first]
        still = np.einsum("nab,nb->na", back, feet[rows])
        height = tall[rows] * np.sqrt(np.abs(np.linalg.det(back[:, :, :2])))
        standing = Standing(
            first=first,
            times_s=camera.times_s[span],
            frames=frames[rows],
            who=who[rows],
            places=np.column_stack([still, height]),
            focal_px=_FOCAL_SHARE * max(camera.size_px),
        )
        yield _with_hidden(standing, settings)


def _with_hidden(standing: Standing, settings: MovementSettings) -> Standing:
    """Fill in who is lost and found again at the same place: others hid him. Nobody is counted twice by that."""
    ends = np.array([np.flatnonzero(standing.who == one)[[0, -1]] for one in np.unique(standing.who)])
    pauses = standing.frames[ends[None, :, 0]] - standing.frames[ends[:, None, 1]]
    old, new = np.nonzero((pauses > 1) & (pauses <= settings.crowd_hidden_s * standing.rate_hz))
    lost, found = standing.places[ends[old, 1]], standing.places[ends[new, 0]]
    apart = np.hypot(*(lost - found)[:, :2].T) / (0.5 * (lost[:, 2] + found[:, 2]))
    frames, who, places = [standing.frames], [standing.who], [standing.places]
    gone: set[int] = set()
    back: set[int] = set()
    for pair in np.argsort(apart, kind="stable").tolist():
        a, b = int(old[pair]), int(new[pair])
        if apart[pair] > settings.crowd_hidden_heights or a in gone or b in back:
            continue
        gone.add(a)
        back.add(b)
        first, last = ends[a, 1], ends[b, 0]
        between = np.arange(standing.frames[first] + 1, standing.frames[last])
        share = (between - standing.frames[first])[:, None] / (standing.frames[last] - standing.frames[first])
        frames.append(between)
        who.append(np.full(len(between), standing.who[first]))
        places.append((1 - share) * standing.places[first] + share * standing.places[last])
    every = np.concatenate(frames)
    order = np.argsort(every, kind="stable")
    return replace(standing, frames=every[order], who=np.concatenate(who)[order], places=np.concatenate(places)[order])


def _inverse(camera: Camera, first: int, k: int) -> NDArray[np.float64]:
    matrix = camera.carrying(k, first)
    return np.eye(3)[:2] if matrix is None else matrix


def crowds_of(standing: Standing, *, settings: MovementSettings) -> tuple[Crowd, ...]:
    """Find crowds: places that hold enough people for long enough, those of one crowd together.

    Parameters
    ----------
    standing : Standing
        People of a stretch.
    settings : MovementSettings
        `crowd_people`, `crowd_apart_heights`, `crowd_for_s`, `crowd_pause_s`, `crowd_like_height`.

    Returns
    -------
    tuple of Crowd
        Ordered by their beginning.
    """
    crowds: list[list[Stay]] = []
    closed: list[list[Stay]] = []
    pause = settings.crowd_pause_s * standing.rate_hz
    for stay in sorted(_every_stay(standing, settings), key=lambda one: (one.start, one.end)):
        closed += [crowd for crowd in crowds if max(one.end for one in crowd) + pause < stay.start]
        crowds = [crowd for crowd in crowds if max(one.end for one in crowd) + pause >= stay.start]
        same = [crowd for crowd in crowds if _adjoins(stay, crowd, pause, standing.focal_px, settings)]
        crowds = [crowd for crowd in crowds if crowd not in same]
        crowds.append([*(one for crowd in same for one in crowd), stay])
    crowds += closed
    return tuple(Crowd(stays=tuple(crowd)) for crowd in sorted(crowds, key=lambda crowd: crowd[0].start))


def _every_stay(standing: Standing, settings: MovementSettings) -> list[Stay]:
    """Stays at all places, looked for about every second."""
    found: list[Stay] = []
    current: list[Stay] = []
    step = max(1, round(_EVERY_S * standing.rate_hz))
    for k in range(standing.first, standing.first + len(standing.times_s), step):
        current = [stay for stay in current if stay.end >= k]
        for place in _candidates(standing, k, settings):
            known = np.array([stay.place for stay in current if stay.start <= k]).reshape(-1, 3)
            if not near(known, place, _ANOTHER_HEIGHTS, standing.focal_px, settings).any():
                new = _stays(standing, place, k, settings)
                found += new
                current += new
    return found


def _adjoins(stay: Stay, crowd: Sequence[Stay], pause: float, focal_px: float, settings: MovementSettings) -> bool:
    soon = [one.place for one in crowd if stay.start - one.end <= pause]
    apart = settings.crowd_apart_heights
    return bool(soon) and bool(near(np.array(soon), stay.place, apart, focal_px, settings).any())


def _candidates(standing: Standing, k: int, settings: MovementSettings) -> list[NDArray[np.float64]]:
    """Middles of people of one frame who stand near each other."""
    here = standing.places[np.searchsorted(standing.frames, k) : np.searchsorted(standing.frames, k + 1)]
    found = []
    for one in here:
        reach = here[near(here, one, settings.crowd_apart_heights, standing.focal_px, settings)]
        if len(reach) >= settings.crowd_people:
            apart = np.hypot(reach[:, 0] - one[0], reach[:, 1] - one[1])
            nearest = reach[np.argsort(apart, kind="stable")[: settings.crowd_people]]
            found.append(np.asarray(0.5 * (nearest.min(axis=0) + nearest.max(axis=0))))
    return found


def _stays(standing: Standing, place: NDArray[np.float64], k: int, settings: MovementSettings) -> list[Stay]:
    """When there are enough at a place, about frame `k`."""
    rate = standing.rate_hz
    half = round(0.5 * _SMOOTHED_S * rate)
    about = round(_CARRIED_S * rate) + half
    rows = slice(*np.searchsorted(standing.frames, (k - about, k + about + 1)).tolist())
    inside = near(standing.places[rows], place, 0.5 * settings.crowd_apart_heights, standing.focal_px, settings)
    count = np.bincount(standing.frames[rows][inside] - standing.first, minlength=len(standing.times_s))
    enough = np.concatenate([np.zeros(half), (count >= settings.crowd_people).astype(float), np.zeros(half)])
    shares = np.convolve(enough, np.ones(2 * half + 1) / (2 * half + 1), "valid")
    at = np.flatnonzero(shares > 0.5)
    at = at[np.abs(at + standing.first - k) <= _CARRIED_S * rate]
    if not len(at):
        return []
    parts = np.split(at, np.flatnonzero(np.diff(at) > settings.crowd_pause_s * rate) + 1)
    long = [p for p in parts if (p[-1] - p[0]) / rate > settings.crowd_for_s]
    return [Stay(start=int(p[0]) + standing.first, end=int(p[-1]) + standing.first, place=place) for p in long]
