"""Movements as the page shows them: a lane for each camera, and small pictures of the frames that show one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.timeline.words import clock_text, event_title, is_stated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.review.lanes import Band, Scale
    from syncview.timeline.events import EventEntry, ObservationEntry
    from syncview.timeline.findings import CoverageEntry
    from syncview.timeline.people import PeopleEntry
    from syncview.timeline.recordings import RecordingEntry

__all__ = ["MovementLane", "StillView", "movement_lane", "stills_of"]

_BARS = 240  # of a lane: what a screen can show
_FULL = 16.0  # height of the highest bar, in pixels of the lane
_STILLS = 3
_INSIDE_S = 0.002  # past a frame's beginning, so that rounding does not show the frame before it
_LOOKS = {"enters": "in", "arrives": "in", "leaves": "out", "departs": "out", "runs": "fast", "takes_cover": "fast"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StillView:
    """A frame of a copy, `at_s` in its own time, and a box in parts of the picture: left, top, width, height."""

    at_s: float
    text: str
    box_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementMark:
    """A movement on its camera's lane; `look` names its shape. `stated` is one that a person added or corrected."""

    x: float
    look: str
    stated: bool
    words: str
    anchor: str
    time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How many people were recognised at once in a stretch; `height` in pixels, `words` say how many."""

    band: Band
    height: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementLane:
    """What one camera shows of people over time. `blind` is where nothing can be said, with the reasons."""

    name: str
    bars: tuple[Bar, ...]
    blind: tuple[tuple[Band, str], ...]
    marks: tuple[MovementMark, ...]
    most_text: str


def movement_lane(
    recording: RecordingEntry,
    people: PeopleEntry | None,
    coverage: CoverageEntry | None,
    events: Sequence[EventEntry],
    scale: Scale,
) -> MovementLane | None:
    """Lay out one camera's lane.

    Parameters
    ----------
    recording : RecordingEntry
        The camera's file.
    people : PeopleEntry or None
        Its counts.
    coverage : CoverageEntry or None
        When people were not assessable.
    events : sequence of EventEntry
        Movements of the group, candidates and those that people state.
    scale : Scale
        Of the group's drawing.

    Returns
    -------
    MovementLane or None
        None where its picture was not looked at, and nobody says anything of people in it.
    """
    blind = () if coverage is None else coverage.people_not_assessable
    own = [event for event in events if any(seen.recording_id == recording.id for seen in event.observations)]
    if people is None and not blind and not own:
        return None
    counts = () if people is None else tuple(each.persons_most for each in people.stretches)
    most = max((count for count in counts if count is not None), default=None)
    return MovementLane(
        name=recording.name_display,
        bars=() if people is None or not most else _bars(people, most, scale),
        blind=tuple((scale.band(part.start_s, part.end_s), "; ".join(part.reasons)) for part in blind),
        marks=tuple(_mark(event, scale) for event in own),
        most_text="not looked for" if people is None else _most_text(most),
    )


def _most_text(most: int | None) -> str:
    """How many at once: a bound from below, as every count is; without any count nobody can say, not even "none"."""
    if most is None:
        return "not assessable"
    return f"at least {most} at once" if most else "none recognised"


def _mark(event: EventEntry, scale: Scale) -> MovementMark:
    time_s, uncertainty_s = event.on_group_clock()
    by = (event.calibration,) if is_stated(event) else ()
    return MovementMark(
        x=scale.x(time_s),
        look=_LOOKS.get(event.action or "", "other"),
        stated=is_stated(event),
        words=", ".join((event.id, event_title(event), clock_text(time_s, uncertainty_s), *by)),
        anchor=f"event-{event.id}",
        time_s=time_s,
    )


def _bars(people: PeopleEntry, most: int, scale: Scale) -> tuple[Bar, ...]:
    """The most at once in each of many equal parts of the lane."""
    step_s = (scale.end_s - scale.start_s) / _BARS
    highest: dict[int, int] = {}
    for each in people.stretches:
        if each.persons_most:
            first, last = (int((at_s - scale.start_s) / step_s) for at_s in (each.start_s, each.end_s - 1e-6))
            for k in range(max(first, 0), min(last, _BARS - 1) + 1):
                highest[k] = max(highest.get(k, 0), each.persons_most)
    return tuple(
        Bar(
            band=scale.band(scale.start_s + k * step_s, scale.start_s + (k + 1) * step_s),
            height=round(_FULL * count / most, 1),
            words=f"at least {count} at once",
        )
        for k, count in sorted(highest.items())
    )


def stills_of(seen: ObservationEntry, recording: RecordingEntry | None) -> tuple[StillView, ...]:
    """Choose the frames that show a movement: the first, the middle one and the last.

    Parameters
    ----------
    seen : ObservationEntry
        One recording's share in a movement.
    recording : RecordingEntry or None
        Its file.

    Returns
    -------
    tuple of StillView
        Three at most.
    """
    if recording is None or recording.video is None or not seen.frames:
        return ()
    video = recording.video
    across = video.width * video.pixel_aspect
    sides = (across, video.height) if video.rotation_deg % 180 == 0 else (video.height, across)
    last = len(seen.frames) - 1
    chosen = sorted({round(last * k / (_STILLS - 1)) for k in range(_STILLS)})
    return tuple(
        StillView(
            at_s=round(frame.pts_s + _INSIDE_S, 6),
            text=f"frame {frame.index}, {clock_text(frame.pts_s, 0.1)}",
            box_text="" if frame.box is None else _parts(frame.box, sides),
        )
        for frame in (seen.frames[k] for k in chosen)
    )


def _parts(box: tuple[float, float, float, float], sides: tuple[float, float]) -> str:
    return " ".join(f"{side / sides[k % 2]:.4f}" for k, side in enumerate(box))
