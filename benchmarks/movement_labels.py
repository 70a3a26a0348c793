"""What people labelled in real footage: who enters and leaves, and where figures stand; also truths in MOT format."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from syncview.model.events import Action

LABELS = Path(__file__).parent / "labels" / "movement.json"
CAMPUS = "video/vtest.avi"  # the clip that has a published truth


@dataclass(frozen=True, kw_only=True)
class LabelledEvent:
    """A person or vehicle enters or leaves: `frame` is the one at which about half of it is in the picture."""

    frame: int
    time_s: float
    action: Action
    subject: Literal["person", "vehicle"]
    where: str
    confidence: Literal["high", "medium", "low"]
    flags: tuple[str, ...]
    note: str

    @property
    def counts(self) -> bool:
        """Whether it must be found. What the labeller was not sure of may be found, and need not."""
        return self.confidence != "low"


@dataclass(frozen=True, kw_only=True)
class LabelledFrame:
    """Boxes (left, top, right, bottom; shape (n, 4)) of all figures of a frame.

    `ignored` stand where nothing is said: cut by the border to less than half, or too far and dense.
    """

    frame: int
    boxes_px: NDArray[np.float64]
    vehicle: NDArray[np.bool_]
    ignored: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A real recording. `scored` says of which events the labels speak: all, person, left, none."""

    file: str
    path: Path
    scored: Literal["all", "person", "left", "none"]
    count: int  # of frames
    last_s: float
    events: tuple[LabelledEvent, ...]
    frames: tuple[LabelledFrame, ...]

    @property
    def short(self) -> str:
        """Name for a table."""
        folder, name = self.file.rsplit("/", 1)
        return name if folder in ("video", "containers") else f"{folder.rsplit('/', 1)[-1]}/{name}"


def load_clips(data: Path) -> tuple[Clip, ...]:
    """Labelled clips, in the order of the file.

    Raises
    ------
    SystemExit
        A recording is missing or another one: figures of other footage would be taken for these.
    """
    return tuple(_clip(one, data) for one in json.loads(LABELS.read_text(encoding="utf-8"))["clips"])


def _clip(one: dict[str, Any], data: Path) -> Clip:
    path = data / one["file"]
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != one["sha256"]:
        message = f"{path} is not the recording that was labelled"
        raise SystemExit(message)
    return Clip(
        file=one["file"],
        path=path,
        scored=one["scored"],
        count=one["frames"],
        last_s=one["last_s"],
        events=tuple(LabelledEvent(**{**event, "flags": tuple(event["flags"])}) for event in one["events"]),
        frames=tuple(_frame(frame["frame"], frame["figures"]) for frame in one["boxes"]),
    )


def _frame(number: int, figures: Sequence[Sequence[Any]]) -> LabelledFrame:
    return LabelledFrame(
        frame=number,
        boxes_px=np.array([figure[1:5] for figure in figures], float).reshape(-1, 4),
        vehicle=np.array([figure[0] == "vehicle" for figure in figures], bool),
        ignored=np.array([figure[5] == "ignore" for figure in figures], bool),
    )


@dataclass(frozen=True, kw_only=True)
class PublishedTruth:
    """Boxes of people by frame (counted from 0) and identity, as MOTChallenge writes them."""

    boxes_px: dict[int, dict[int, tuple[float, float, float, float]]]

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames it speaks of, ascending."""
        return tuple(sorted(self.boxes_px))

    def labelled(self) -> Iterator[LabelledFrame]:
        """Its frames, as hand-labelled ones are held."""
        for number in self.frames:
            boxes = list(self.boxes_px[number].values())
            yield _frame(number, [["person", *box, ""] for box in boxes])


def read_mot(path: Path) -> PublishedTruth:
    """Read boxes in the format of MOTChallenge 2015: frame (from 1), identity, left, top, width, height, and more.

    Any part of the frames will do.
    """
    boxes: dict[int, dict[int, tuple[float, float, float, float]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        frame, name, left, top, width, height = (float(word) for word in line.split(",")[:6])
        boxes.setdefault(int(frame) - 1, {})[int(name)] = (left, top, left + width, top + height)
    return PublishedTruth(boxes_px=boxes)
