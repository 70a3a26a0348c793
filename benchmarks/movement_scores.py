"""How well figures, tracks and events agree with what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Boxes = Mapping[int, tuple[float, float, float, float]]

SAME_IOU = 0.5
HEIGHTS_PX = (0, 25, 40, 60, 100, 10_000)  # classes of a figure's height


def overlaps(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """Intersection over union of each box with each: shape (n, m)."""
    if not len(one) or not len(other):
        return np.zeros((len(one), len(other)))
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    common = (high - low).clip(0).prod(axis=2)
    area_one, area_other = ((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (one, other))
    return common / np.maximum(area_one[:, None] + area_other[None] - common, 1e-9)


def nearness(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """1 where centres agree, 0.5 where they lie half the other's height apart; shape (n, m)."""
    if not len(one) or not len(other):
        return np.zeros((len(one), len(other)))
    centres = [(boxes[:, :2] + boxes[:, 2:]) / 2 for boxes in (one, other)]
    apart = np.linalg.norm(centres[0][:, None] - centres[1][None], axis=2)
    return 1 - apart / np.maximum((other[:, 3] - other[:, 1])[None], 1)


def matched(likeness: NDArray[np.floating], least: float = SAME_IOU) -> list[tuple[int, int]]:
    """Pairs (row, column), as many as can be, of them the likest."""
    if not likeness.size:
        return []
    good = likeness >= least
    rows, columns = linear_sum_assignment(np.where(good, -1 - likeness / likeness.size, 0))
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if good[row, column]]


@dataclass
class DetectionScore:
    """Sums over frames; `true` and `found` by class of height."""

    true: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(HEIGHTS_PX) - 1, np.int64))
    found: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(HEIGHTS_PX) - 1, np.int64))
    near: int = 0  # found with a centre within half a height, however the box fits
    told: int = 0
    false: int = 0

    def add(
        self,
        told_px: NDArray[np.floating],
        true_px: NDArray[np.floating],
        ignored_px: NDArray[np.floating],
    ) -> None:
        """Count one frame and kind. What lies mostly on an ignored place counts neither way."""
        pairs = matched(overlaps(told_px, true_px))
        left = [k for k in range(len(told_px)) if k not in {row for row, _ in pairs}]
        inside = _inside(told_px[left], ignored_px)
        classes = np.digitize(true_px[:, 3] - true_px[:, 1], HEIGHTS_PX) - 1
        np.add.at(self.true, classes, 1)
        np.add.at(self.found, classes[[column for _, column in pairs]], 1)
        self.near += len(matched(nearness(told_px, true_px)))
        self.told += len(told_px) - int(inside.sum())
        self.false += len(left) - int(inside.sum())

    @property
    def precision(self) -> float:
        """Share of what is told that is there."""
        return float(1 - self.false / self.told) if self.told else float("nan")

    @property
    def recall(self) -> float:
        """Share of what is there that is told."""
        return float(self.found.sum() / self.true.sum()) if self.true.sum() else float("nan")

    @property
    def near_recall(self) -> float:
        """The same by the distance of the centres."""
        return float(self.near / self.true.sum()) if self.true.sum() else float("nan")


def _inside(boxes_px: NDArray[np.floating], places_px: NDArray[np.floating]) -> NDArray[np.bool_]:
    if not len(boxes_px) or not len(places_px):
        return np.zeros(len(boxes_px), bool)
    low = np.maximum(boxes_px[:, None, :2], places_px[None, :, :2])
    high = np.minimum(boxes_px[:, None, 2:], places_px[None, :, 2:])
    share = (high - low).clip(0).prod(axis=2) / np.maximum(
        (boxes_px[:, 2:] - boxes_px[:, :2]).prod(axis=1), 1e-9
    ).reshape(-1, 1)
    return np.asarray((share >= 0.5).any(axis=1))


@dataclass(frozen=True, kw_only=True)
class TrackScore:
    """CLEAR-MOT (Bernardin and Stiefelhagen 2008) and IDF1 (Ristani et al. 2016) at IoU 0.5."""

    truths: int
    misses: int
    false: int
    switches: int
    fragments: int
    shared: int  # boxes that the best one-to-one assignment of identities agrees on
    told: int
    tracks: int
    identities: int

    @property
    def mota(self) -> float:
        """1 less the errors for each true box."""
        return 1 - (self.misses + self.false + self.switches) / max(self.truths, 1)

    @property
    def idf1(self) -> float:
        """Share of boxes told of the right one all along."""
        return 2 * self.shared / max(self.truths + self.told, 1)


def score_tracks(truth: Mapping[int, Boxes], told: Mapping[int, Boxes]) -> TrackScore:
    """Compare boxes by frame and identity; frames that only `told` has are passed over.

    As in CLEAR-MOT, whom a track covered in the frame before it covers still, if the boxes agree. `switches` counts
    how often another track covers a person than the last that did; `fragments` how often a person is lost and found.
    """
    misses = false = switches = fragments = told_count = 0
    last: dict[int, int] = {}
    lost: set[int] = set()
    common: dict[tuple[int, int], int] = {}
    for frame in sorted(truth):
        here, given = truth[frame], told.get(frame, {})
        names, tracks = list(here), list(given)
        true_px = np.array([here[name] for name in names], float).reshape(-1, 4)
        told_px = np.array([given[track] for track in tracks], float).reshape(-1, 4)
        likeness = overlaps(true_px, told_px)
        told_count += len(tracks)
        for row, column in zip(*np.nonzero(likeness >= SAME_IOU), strict=True):
            key = names[int(row)], tracks[int(column)]
            common[key] = common.get(key, 0) + 1
        pairs = _continued(likeness, names, tracks, last)
        covered = {names[row] for row, _ in pairs}
        misses += len(names) - len(pairs)
        false += len(tracks) - len(pairs)
        for row, column in pairs:
            name, track = names[row], tracks[column]
            switches += last.get(name, track) != track
            fragments += name in lost
            last[name] = track
        lost = (lost | {name for name in names if name in last}) - covered
    return TrackScore(
        truths=sum(map(len, truth.values())),
        misses=misses,
        false=false,
        switches=switches,
        fragments=fragments,
        shared=_best_shared(common),
        told=told_count,
        tracks=len({track for frame in truth for track in told.get(frame, {})}),
        identities=len({name for frame in truth.values() for name in frame}),
    )


def _continued(
    likeness: NDArray[np.float64], names: Sequence[int], tracks: Sequence[int], last: Mapping[int, int]
) -> list[tuple[int, int]]:
    """Pairs of a frame: those that go on first, then the rest as well as can be."""
    kept = [
        (row, tracks.index(last[name]))
        for row, name in enumerate(names)
        if last.get(name) in tracks and likeness[row, tracks.index(last[name])] >= SAME_IOU
    ]
    kept = [pair for k, pair in enumerate(kept) if pair[1] not in {column for _, column in kept[:k]}]
    rest = likeness.copy()
    rest[[row for row, _ in kept]] = 0
    rest[:, [column for _, column in kept]] = 0
    return kept + matched(rest)


def _best_shared(common: Mapping[tuple[int, int], int]) -> int:
    names, tracks = sorted({name for name, _ in common}), sorted({track for _, track in common})
    table = np.zeros((len(names), len(tracks)), int)
    for (name, track), count in common.items():
        table[names.index(name), tracks.index(track)] = count
    rows, columns = linear_sum_assignment(-table)
    return int(table[rows, columns].sum())


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Something at a time, to be matched one to one with the like of it. `half_s` is a stated 95 % half-width."""

    what: str
    time_s: float
    half_s: float = 0.0
    where: tuple[float, float] | None = None


def pair_moments(told: Sequence[Moment], true: Sequence[Moment], within_s: float) -> list[tuple[int, int]]:
    """Pairs of the same kind within a time: as many as can be, of them the nearest."""
    if not told or not true:
        return []
    apart = np.array([[abs(a.time_s - b.time_s) if a.what == b.what else np.inf for b in true] for a in told])
    return matched(1 - apart / (2 * within_s))


def f1(told: int, true: int, both: int) -> float:
    """Harmonic mean of precision and recall; 1 where there is nothing to tell and nothing is told."""
    return 2 * both / (told + true) if told + true else 1.0
