"""Row 1: figures and tracks of two detectors against hand-made boxes and a published truth."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.movement_labels import CAMPUS
from benchmarks.movement_scores import HEIGHTS_PX, DetectionScore, score_tracks
from benchmarks.movement_watch import TILED, WHOLE, frames_at, nanodet, pictures_of, tell, watch_file, with_finder
from benchmarks.running import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from benchmarks.movement_labels import Clip, LabelledFrame, PublishedTruth
    from benchmarks.movement_watch import Finder, Found

    Seen = list[tuple[str, LabelledFrame, Found]]

SCORES = (0.25, 0.40)  # that continues a track, that begins one
_ROOT = Path(__file__).resolve().parents[1]


def finders() -> dict[str, Finder]:
    """The detectors, by name."""
    from benchmarks.centernet import CENTERNET_FOLDER, open_centernet

    second = open_centernet(_ROOT / CENTERNET_FOLDER)
    low = replace(WHOLE, least_score=0.1)

    def centernet(picture: NDArray[np.uint8]) -> Found:
        found = second(picture, low)
        return found.boxes_px, found.scores, found.vehicle

    return {
        "NanoDet": nanodet(low),
        "NanoDet tiled": nanodet(replace(TILED, least_score=0.1)),
        "CenterNet": centernet,
    }


def report_figures(clips: Sequence[Clip], truth: PublishedTruth | None) -> None:
    """Precision and recall, by clip and by height, at the two scores that the program uses."""
    for name, finder in finders().items():
        seen = [(clip.short, frame, found) for clip in clips for frame, found in _looked(clip, clip.frames, finder)]
        print(f"\n{name}, hand-made boxes, IoU >= 0.5 (near: centres within half a height)")
        table(_by_clip(seen))
        table(_by_height(seen))
        _report_best(seen)
        if truth is not None:
            campus = next(clip for clip in clips if clip.file == CAMPUS)
            every = [("published", frame, found) for frame, found in _looked(campus, tuple(truth.labelled()), finder)]
            print(f"{name}, published truth of people, {len(every)} frames")
            table(_by_clip(every, kinds=(False,)))
            table(_by_height(every, kinds=(False,)))


def _looked(clip: Clip, frames: Sequence[LabelledFrame], finder: Finder) -> Iterable[tuple[LabelledFrame, Found]]:
    wanted = {frame.frame: frame for frame in frames}
    if not wanted:
        return
    for number, picture in frames_at(clip.path, wanted):
        yield wanted[number], finder(picture)


def _scored(seen: Seen, least: float, kinds: Sequence[bool] = (False, True)) -> DetectionScore:
    score = DetectionScore()
    for _, frame, (boxes, scores, vehicle) in seen:
        for kind in kinds:
            told = boxes[(scores >= least) & (vehicle == kind)]
            own = frame.vehicle == kind
            score.add(told, frame.boxes_px[own & ~frame.ignored], frame.boxes_px[own & frame.ignored])
    return score


def _by_clip(seen: Seen, kinds: Sequence[bool] = (False, True)) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for clip in [*dict.fromkeys(clip for clip, _, _ in seen), "all"]:
        part = [one for one in seen if clip in (one[0], "all")]
        for kind in kinds:
            at = [_scored(part, least, (kind,)) for least in SCORES]
            if not at[0].true.sum() and not at[0].told:
                continue
            row: dict[str, object] = {
                "clip": clip,
                "kind": "vehicles" if kind else "people",
                "true": int(at[0].true.sum()),
            }
            for least, score in zip(SCORES, at, strict=True):
                row[f"recall {least:.2f}"] = f"{score.recall:.2f}"
                row[f"near {least:.2f}"] = f"{score.near_recall:.2f}"
                row[f"precision {least:.2f}"] = f"{score.precision:.2f}"
                row[f"false {least:.2f}"] = score.false
            rows.append(row)
    return rows


def _by_height(seen: Seen, kinds: Sequence[bool] = (False,)) -> list[dict[str, object]]:
    """People only: what a vehicle is tall says little of how small it looks."""
    rows: list[dict[str, object]] = []
    at = {least: _scored(seen, least, kinds) for least in SCORES}
    for k, (low, high) in enumerate(pairwise(HEIGHTS_PX)):
        true = int(at[SCORES[0]].true[k])
        if true:
            rows.append(
                {
                    "people, height px": f"{low}-{high}" if high < 10_000 else f"from {low}",
                    "true": true,
                    **{f"recall {least:.2f}": f"{at[least].found[k] / true:.2f}" for least in SCORES},
                }
            )
    return rows


def _report_best(seen: Seen) -> None:
    """The same where each detector is at its best: their scores do not mean the same."""
    steps = np.arange(0.15, 0.75, 0.025)
    at = [_scored(seen, float(least)) for least in steps]
    values = [2 * s.precision * s.recall / max(s.precision + s.recall, 1e-9) if s.told else 0.0 for s in at]
    best = int(np.argmax(values))
    print(
        f"best F1 {values[best]:.3f} at score {steps[best]:.3f}: "
        f"precision {at[best].precision:.2f}, recall {at[best].recall:.2f}"
    )


def report_tracks(clips: Sequence[Clip], truth: PublishedTruth | None, keep: Path | None = None) -> None:
    """Tracks of people against the published truth, for each detector with the same tracker."""
    if truth is None:
        print("\nno published truth given (--truth FILE): tracks are not scored")
        return
    campus = next(clip for clip in clips if clip.file == CAMPUS)
    whole = watch_file(campus.path, WHOLE, keep)
    from benchmarks.centernet import CENTERNET_FOLDER, open_centernet

    second = open_centernet(_ROOT / CENTERNET_FOLDER)
    others = {
        "NanoDet tiled": nanodet(TILED),
        "CenterNet": lambda picture: tuple(second(picture, WHOLE)),
    }
    rows = []
    for name in ("NanoDet", *others):
        seen = whole if name == "NanoDet" else with_finder(whole, pictures_of(campus.path, WHOLE), others[name])
        told: dict[int, dict[int, tuple[float, float, float, float]]] = {}
        for number, track in enumerate(tell(seen, (), WHOLE).tracks):
            if track.kind == "person":
                for point in track.points:
                    told.setdefault(point.index, {})[number] = point.box_px
        score = score_tracks(truth.boxes_px, told)
        rows.append(
            {
                "detector": name,
                "IDF1": f"{score.idf1:.3f}",
                "MOTA": f"{score.mota:.3f}",
                "true boxes": score.truths,
                "misses": score.misses,
                "false": score.false,
                "switches": score.switches,
                "fragments": score.fragments,
                "tracks": score.tracks,
                "people": score.identities,
            }
        )
    print(f"\ntracks of people against the published truth, {len(truth.frames)} frames, IoU >= 0.5, the same tracker")
    table(rows)
