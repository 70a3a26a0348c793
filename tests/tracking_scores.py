"""How well tracks agree with the truth: IDF1 (Ristani et al. 2016), switches of identity, fragments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

__all__ = ["TrackingScore", "score_tracks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingScore:
    """Sums over scenes can be had by adding the counts.

    `switches` counts how often the track that covers a figure changes to another one, `tracks_each` are tracks for each
    figure that is there for at least two seconds, `false_tracks` those that cover no figure in most of their points.
    """

    both: int
    told: int
    true: int
    switches: int
    tracks: int
    figures: int
    false_tracks: int

    @property
    def idf1(self) -> float:
        """Share of points that are told of the right figure, 0..1."""
        return 2 * self.both / max(1, self.told + self.true)


def score_tracks(tracks, truths, times_s, *, least_overlap: float = 0.4, least_s: float = 2.0) -> TrackingScore:
    """Compare tracks with truths; a figure seen for less than `least_s` is left out, and so are points on it."""
    long = [truth for truth in truths if len(truth.frames) and np.ptp(times_s[truth.frames]) >= least_s]
    frames_of = [np.searchsorted(times_s, [point.time_s - 1e-6 for point in track.points]) for track in tracks]
    hits = np.zeros((len(tracks), len(truths)), int)
    cover: list[dict[int, list[int]]] = [{} for _ in truths]
    for number, (track, frames) in enumerate(zip(tracks, frames_of, strict=True)):
        boxes = np.array([point.box_px for point in track.points])
        for whose, truth in enumerate(truths):
            if truth.kind != track.kind:
                continue
            _, here, there = np.intersect1d(frames, truth.frames, return_indices=True)
            good = _overlap(boxes[here], truth.boxes_px[there]) >= least_overlap
            hits[number, whose] = good.sum()
            for frame in frames[here[good]]:
                cover[whose].setdefault(int(frame), []).append(number)
    short = [k for k, truth in enumerate(truths) if truth not in long]
    on_short = hits[:, short].sum() if short else 0
    kept = hits[:, [k for k, truth in enumerate(truths) if truth in long]]
    rows, columns = linear_sum_assignment(-kept)
    owners = [_owners(line) for k, line in enumerate(cover) if k not in short]
    return TrackingScore(
        both=int(kept[rows, columns].sum()),
        told=sum(map(len, frames_of)) - int(on_short),
        true=sum(len(truth.frames) for truth in long),
        switches=sum(int(np.count_nonzero(np.diff(line))) for line in owners),
        tracks=len({owner for line in owners for owner in line}),
        figures=len(long),
        false_tracks=sum(
            int(2 * row.max(initial=0) < len(frames)) for row, frames in zip(hits, frames_of, strict=True)
        ),
    )


def _owners(line: dict[int, list[int]]) -> list[int]:
    """Whose a figure is, frame by frame: the track that had it before, if it still covers it."""
    owners: list[int] = []
    for frame in sorted(line):
        owners.append(owners[-1] if owners and owners[-1] in line[frame] else line[frame][0])
    return owners


def _overlap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    common = (np.minimum(one[:, 2:], other[:, 2:]) - np.maximum(one[:, :2], other[:, :2])).clip(0).prod(axis=1)
    areas = (one[:, 2:] - one[:, :2]).prod(axis=1) + (other[:, 2:] - other[:, :2]).prod(axis=1)
    return common / np.maximum(areas - common, 1e-9)
