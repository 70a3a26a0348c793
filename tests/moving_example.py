"""People and vehicles in the worked incident: what rec-2 shows in its time, and what is told in the group's."""

from dataclasses import replace

import numpy as np

from incident_example import heard, incident, strike
from syncview.model import FigureCount, Figures, Followed, Movement, Track, TrackPoint, Unassessable, Watched
from syncview.pipeline.movements import Filmed, Films

NAME = "rec-2"  # starts at 7.25 s of the group, 20 ppm fast, +- 0.31 s


def point(time_s, left=100.0, top=50.0, *, seen=True):
    """A figure 20 px wide and 60 px high in a frame of a 25 Hz file."""
    box = (left, top, left + 20.0, top + 60.0)
    return TrackPoint(
        time_s=time_s, index=round(25 * time_s), box_px=box, score=0.6, seen=seen, still_px=(left + 10.0, top + 60.0)
    )


def track(name, first_s, last_s, *, kind="person", recording_id=NAME):
    """A figure that walks to the right, looked at five times a second."""
    times_s = np.arange(round(5 * first_s), round(5 * last_s) + 1) / 5
    points = tuple(point(time_s, 100.0 + 10 * k) for k, time_s in enumerate(times_s.tolist()))
    colours = (("light headwear", 0.8),)
    return Track(recording_id=recording_id, name=name, kind=kind, points=points, score=0.6, colours=colours)


def movement(action, time_s, *, subject="person", score=0.8, name="person-1", recording_id=NAME):
    """What one figure does at a moment, with three frames that show it."""
    return Movement(
        recording_id=recording_id,
        action=action,
        subject=subject,
        time_s=time_s,
        uncertainty_s=0.4,
        end_s=time_s + 1.0 if action == "runs" else None,
        score=score,
        label=f"{subject} {action}",
        track_names=(name,),
        evidence=tuple(point(time_s + 0.2 * k) for k in range(3)),
        measures=(("speed_heights_per_s", 0.9),),
        reasons=("crosses the border of the picture",),
    )


def film(movements, *, recording_id=NAME, tracks=(), shown_px=2.0, unassessable=(), bangs_s=()):
    """What a recording shows, as far as the events need it; its movements are known already."""
    none = np.zeros(0, np.float32)
    figures = Figures(
        frame=np.zeros(0, np.int64),
        boxes_px=np.zeros((0, 4), np.float32),
        scores=none,
        vehicle=np.zeros(0, np.bool_),
        light_head=none,
        vivid_head=none,
        vivid_body=none,
    )
    watched = Watched(
        size_px=(640, 360),
        times_s=np.zeros(0),
        indices=np.zeros(0, np.int64),
        motion=np.zeros((0, 2, 3)),
        brightness=none,
        contrast=none,
        sharpness=none,
        strange_motion=none,
        figures=figures,
    )
    return Filmed(
        recording_id=recording_id,
        tracks=tuple(tracks),
        watched=watched,
        unassessable=tuple(unassessable),
        counts=(),
        shown_px=shown_px,
        known={tuple(bangs_s): tuple(movements)},
    )


def films(*every):
    """Of several recordings."""
    return Films(films={each.recording_id: each for each in every})


def followed(**changes):
    """Two figures; the picture is too dark from 10 to 14 s."""
    known = {
        "recording_id": NAME,
        "tracks": (track("person-1", 2.0, 6.0), track("vehicle-1", 15.0, 15.4, kind="vehicle")),
        "unassessable": (Unassessable(start_s=10.0, end_s=14.0, reasons=("too dark to recognise people",)),),
        "counts": (
            FigureCount(start_s=0.0, end_s=10.0, persons=1, persons_most=3, vehicles=0, vehicles_most=0),
            FigureCount(start_s=10.0, end_s=14.0, persons=None, persons_most=None, vehicles=None, vehicles_most=None),
            FigureCount(start_s=14.0, end_s=41.0, persons=0, persons_most=0, vehicles=1, vehicles_most=1),
        ),
    }
    return Followed(**known | changes)


def moved(name, group_s, action="enters", *, subject="person", score=0.8, recording_id=NAME):
    """The event of one movement, for documents."""
    seen = replace(
        heard(recording_id, None, uncertainty_s=None, score=score),
        seen_s=group_s - 7.25,
        frames=tuple(point(group_s - 7.25 + 0.2 * k) for k in range(3)),
        measures=(("speed_heights_per_s", 0.9),),
        reasons=("crosses the border of the picture",),
    )
    known = {
        "kind": "movement",
        "time_basis": f"seen_at:{recording_id}",
        "uncertainty_s": 0.5,
        "confidence": score,
        "calibration": "simulated scenes",
        "label": f"{subject} {action}",
        "min_separable_s": None,
        "action": action,
        "subject": subject,
        "track_ids": (f"{recording_id}/person-1",),
    }
    return strike(name, "group-1", group_s, [seen], **known)


def moving_incident(**changes):
    """The worked incident with people: one comes before the first strike, two after it, one goes after the last."""
    whole = incident()
    events = (
        *whole.events,
        moved("e1", 12.0),
        moved("e2", 20.0),
        moved("e3", 21.0),
        moved("e4", 22.0, "arrives", subject="vehicle"),
        moved("e5", 41.0, "leaves"),
    )
    known = {
        "events": events,
        "candidates": (*whole.candidates, moved("e6", 23.0, "runs", score=0.3)),
        "followed": (followed(), Followed(recording_id="rec-3", unwatched="the detector is not installed")),
    }
    return incident(**known | changes)
