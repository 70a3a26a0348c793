"""Footage looked at, followed and told of, file by file, as the program does it."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import av
import numpy as np

from benchmarks.movement_scores import Moment
from syncview.detect.movements import find_movements
from syncview.detect.shots import find_boundaries
from syncview.detect.tracker import track_figures
from syncview.detect.unassessable import unassessable
from syncview.media.colour import colour_frames
from syncview.media.frame_times import frame_times_s
from syncview.media.frames import quarter_turns, small_frames
from syncview.model.movement import Figures
from syncview.pipeline.detector import open_detector
from syncview.pipeline.watcher import Watcher
from syncview.settings import MovementSettings, PictureSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from syncview.model.movement import Movement, Track, Unassessable, Watched

    Found = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]
    Finder = Callable[[NDArray[np.uint8]], Found]
    Pictures = Iterable[tuple[float, NDArray[np.uint8]]]

WHOLE = MovementSettings()
TILED = replace(WHOLE, mode="tiles", tiles=(2, 2))
_END_S = 1e6


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told of a recording."""

    watched: Watched
    tracks: tuple[Track, ...]
    blind: tuple[Unassessable, ...]
    movements: tuple[Movement, ...]


def nanodet(settings: MovementSettings) -> Finder:
    """The program's detector, as a function of one picture."""
    from syncview.detect.nanodet import find_figures_in

    run = open_detector(settings).run
    return lambda picture: find_figures_in(picture, run, settings=settings)


def frames_at(path: Path, numbers: Collection[int]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Frames by their number in the file, from 0, in colour and the right way up."""
    wanted = set(numbers)
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                turns = quarter_turns(frame)
                yield number, np.ascontiguousarray(np.rot90(frame.to_ndarray(format="bgr24"), turns))
            if number >= max(wanted):
                return


def pictures_of(path: Path, settings: MovementSettings) -> Pictures:
    """The frames that the program looks at."""
    return colour_frames(path, start_s=0.0, end_s=_END_S, rate_hz=settings.rate_hz, long_side_px=settings.long_side_px)


def watch(pictures: Pictures, all_times_s: NDArray[np.float64], settings: MovementSettings) -> Watched:
    """Look at pictures, one after the other."""
    watcher = Watcher(settings)
    for time_s, picture in pictures:
        watcher.look(time_s, picture, counts=True)
    return watcher.finish(all_times_s)


def watch_file(path: Path, settings: MovementSettings, keep: Path | None = None) -> Watched:
    """Look at a whole file; `keep` names a folder for what was seen, to be emptied when the looking changes."""
    if keep is None:
        return watch(pictures_of(path, settings), frame_times_s(path), settings)
    name = hashlib.sha256(path.read_bytes() + repr(settings.tiles).encode()).hexdigest()
    kept = keep / f"{name}.pickle"
    if not kept.is_file():
        keep.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(watch_file(path, settings)))
    return pickle.loads(kept.read_bytes())


def with_finder(watched: Watched, pictures: Pictures, finder: Finder) -> Watched:
    """The same with the figures of another detector."""
    frame, boxes, scores, vehicle = [], [], [], []
    for number, (_, picture) in enumerate(pictures):
        found = finder(picture)
        frame.append(np.full(len(found[0]), number, np.int64))
        boxes.append(found[0])
        scores.append(found[1])
        vehicle.append(found[2])
    count = sum(map(len, frame))
    unknown = np.full(count, np.nan, np.float32)
    figures = Figures(
        frame=np.concatenate(frame),
        boxes_px=np.concatenate(boxes).astype(np.float32).reshape(-1, 4),
        scores=np.concatenate(scores).astype(np.float32),
        vehicle=np.concatenate(vehicle),
        light_head=unknown,
        vivid_head=unknown,
        vivid_body=unknown,
    )
    return replace(watched, figures=figures)


def cuts_in(path: Path) -> tuple[float, ...]:
    """Recording times of cuts."""
    picture = PictureSettings()
    frames = small_frames(path, width_px=picture.width_px, height_px=picture.height_px)
    return tuple(cut.time_s for cut in find_boundaries(frames, settings=picture))


def tell(watched: Watched, cuts_s: tuple[float, ...], settings: MovementSettings) -> Told:
    """Follow what was seen, and tell what it may mean."""
    tracks = track_figures(watched, recording_id="clip", cuts_s=cuts_s, settings=settings)
    blind = unassessable(watched, tracks, cuts_s=cuts_s, settings=settings)
    movements = find_movements(tracks, watched, blind, recording_id="clip", bangs_s=(), settings=settings)
    return Told(watched=watched, tracks=tracks, blind=blind, movements=movements)


def moments_of(movements: Iterable[Movement], least_score: float) -> list[Moment]:
    """Movements as moments; a group is one for each of its members, spread evenly over the time it takes."""
    moments = []
    for movement in movements:
        if movement.score < least_score:
            continue
        names = movement.track_names if movement.subject == "group" else movement.track_names[:1]
        end_s = movement.time_s if movement.end_s is None or len(names) == 1 else movement.end_s
        moments += [
            Moment(what=f"{movement.action} {name.split('-')[0]}", time_s=float(at_s), half_s=movement.uncertainty_s)
            for name, at_s in zip(names, np.linspace(movement.time_s, end_s, len(names)), strict=True)
        ]
    return moments
