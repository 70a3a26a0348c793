"""What a picture shows of people and vehicles: figures in frames, their tracks, and what the tracks may mean.

Times are recording time; places are pixels of the displayed picture, the right way up, x to the right and y down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from syncview.model.events import Action, Subject

__all__ = [
    "FigureCount",
    "FigureKind",
    "Figures",
    "Followed",
    "Movement",
    "Track",
    "TrackPoint",
    "TrackSaid",
    "Unassessable",
    "Watched",
]

FigureKind = Literal["person", "vehicle"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """People and vehicles that a detector recognised, one row each, ordered by frame and falling score.

    `frame` (int64, shape (n,)) counts the looked-at frames that they stand in, `boxes_px` (float32, shape (n, 4)) are
    left, top, right, bottom; `scores` (float32, shape (n,)) the detector's own, 0..1; `vehicle` (bool, shape (n,))
    whether it is one. `light_head`, `vivid_head`, `vivid_body` (float32, shape (n,)) are the shares of pixels of the
    head's and the body's part of a person's box that are white-like or of a high-visibility colour; NaN where the
    person is too small to tell.
    """

    frame: NDArray[np.int64]
    boxes_px: NDArray[np.float32]
    scores: NDArray[np.float32]
    vehicle: NDArray[np.bool_]
    light_head: NDArray[np.float32]
    vivid_head: NDArray[np.float32]
    vivid_body: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Watched:
    """What was seen in the looked-at frames of a recording, or of a span of it.

    `times_s` (float64, shape (m,)) are recording times, ascending, `indices` (int64, shape (m,)) the frames' numbers
    in the file, from 0. `motion` (float64, shape (m, 2, 3)) maps a place of the still surroundings in the looked-at
    frame before to the place of the same in this one; NaN where the camera's motion is not known, and for a first
    frame. `brightness` (0..255), `contrast` (0..255) and `sharpness` (0..1) (float32, shape (m,)) describe the picture;
    `strange_motion` (float32, shape (m,)) is the share of the picture that moves against its surroundings although
    no figure was recognised there, NaN where that cannot be told. `size_px` is width and height of the picture.
    """

    size_px: tuple[int, int]
    times_s: NDArray[np.float64]
    indices: NDArray[np.int64]
    motion: NDArray[np.float64]
    brightness: NDArray[np.float32]
    contrast: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    strange_motion: NDArray[np.float32]
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPoint:
    """A track in one looked-at frame.

    `box_px` is left, top, right, bottom. `seen` tells whether the detector recognised it there; else the box is what
    the frames before and after lead to expect. `still_px` is the middle of the box's lower edge as it would stand
    in the first frame of the track, had the camera not moved.
    """

    time_s: float
    index: int
    box_px: tuple[float, float, float, float]
    score: float
    seen: bool
    still_px: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One person or vehicle, followed through a recording. Which person, nobody says.

    `name` is unique within the recording, such as ``"person-12"``. `score` is the mean of what the detector gave.
    `colours` are named shares, 0..1, such as ``("light headwear", 0.8)``: the median over its points of the share of
    pixels. `starts_cut_off` and `ends_cut_off` tell that it begins or ends because the camera's motion was lost or the
    picture was cut, not because the figure came or went.
    """

    recording_id: str
    name: str
    kind: FigureKind
    points: tuple[TrackPoint, ...]
    score: float
    colours: tuple[tuple[str, float], ...] = ()
    starts_cut_off: bool = False
    ends_cut_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassessable:
    """A stretch in which nothing can be said of people: that none is recognised does not mean that none is there.

    `vehicles` tells whether that holds for vehicles as well.
    """

    start_s: float
    end_s: float
    reasons: tuple[str, ...]
    vehicles: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureCount:
    """How many people and vehicles were recognised at once in a stretch; None where that is not assessable.

    Counts are at least: the median and the most of the looked-at frames of the stretch.
    """

    start_s: float
    end_s: float
    persons: int | None
    persons_most: int | None
    vehicles: int | None
    vehicles_most: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSaid:
    """What people say of a track: a name, tags such as "rescuer", other tracks of the same figure, and who says so."""

    label: str | None = None
    tags: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What there is to tell of people and vehicles in one recording.

    `unwatched` says why nothing is known of any of it; None where its picture was looked at.
    """

    recording_id: str
    tracks: tuple[Track, ...] = ()
    unassessable: tuple[Unassessable, ...] = ()
    counts: tuple[FigureCount, ...] = ()
    unwatched: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Something that people or vehicles do in one recording, as the tracks suggest it.

    `time_s` is when it happens or begins, +- `uncertainty_s` (95 % half-width). `score`, 0..1, is how likely it is to
    have happened within a second of that. `label` says it in words that claim no more than was seen; `action` keeps
    the candidate. `evidence` are the frames that show it: the points of the tracks `track_names`, in their order.
    """

    recording_id: str
    action: Action
    subject: Subject
    time_s: float
    uncertainty_s: float
    end_s: float | None
    score: float
    label: str
    track_names: tuple[str, ...]
    evidence: tuple[TrackPoint, ...]
    measures: tuple[tuple[str, float], ...]
    reasons: tuple[str, ...]
