"""What people say of the movements and figures of the worked incident, and what becomes of these."""

from __future__ import annotations

from dataclasses import replace

from incident_example import incident
from syncview.case import parse_case
from syncview.model import Event, Observation, TrackPoint
from syncview.pipeline.corrections import corrected_movements
from syncview.pipeline.knowledge import gather_knowledge
from syncview.pipeline.stated_events import stated_events
from syncview.settings import Settings
from syncview.timebase import group_time_of

PARTS = replace(incident(), recordings=tuple(r for r in incident().recordings if r.id != "rec-8"))  # no twins
GROUPS = tuple(replace(group, id=f"g{k}") for k, group in enumerate(PARTS.groups, start=1))
CLOCKS = {clock.recording_id: (group.id, clock) for group in GROUPS for clock in group.clocks}
NAMES = {recording.id: recording.name_display for recording in PARTS.recordings}
SETTINGS = Settings()


def looked_at(time_s, box_px=(100.0, 100.0, 140.0, 200.0)):
    return TrackPoint(time_s=time_s, index=round(30 * time_s), box_px=box_px, score=0.7, seen=True, still_px=(0.0, 0.0))


def seen_movement(name, seen_s, action="enters", **changes):
    """A movement as the program tells it."""
    group_id, clock = CLOCKS[name]
    box_px = changes.pop("box_px", (100.0, 100.0, 140.0, 200.0))
    known = {
        "id": "",
        "kind": "movement",
        "group_id": group_id,
        "time_s": group_time_of(clock, seen_s, of="video"),
        "time_basis": f"seen_at:{name}",
        "uncertainty_s": 0.6,
        "end_s": None,
        "confidence": 0.62,
        "calibration": "hand-labelled clips",
        "label": "a person comes into view",
        "min_separable_s": None,
        "observations": (
            Observation(
                recording_id=name,
                sound_s=None,
                sound_uncertainty_s=None,
                score=0.62,
                measures=(("height_px", 80.0),),
                reasons=("walks in from the left edge",),
                seen_s=seen_s,
                frames=(looked_at(seen_s, box_px),),
            ),
        ),
        "action": action,
        "subject": "person",
        "track_ids": (f"{name}/person-1",),
    }
    return Event(**known | changes)


def near(name, time_s, more):
    return f'[[movement]]\nnear = {{ file = "{NAMES[name]}", time_s = {time_s} }}\n{more}\n'


def corrected(text, seen, *, doubted=(), tracks=(), unwatched=None):
    case = parse_case(text)
    known = gather_knowledge(case, PARTS.recordings, settings=SETTINGS.reconstruct)
    stated = stated_events(case, PARTS.recordings, GROUPS, (), knowledge=known, settings=SETTINGS.places).events
    return corrected_movements(
        seen, doubted, stated, tracks, case, PARTS.recordings, GROUPS,
        knowledge=known, places=SETTINGS.places, settings=SETTINGS.movement,
        unwatched=unwatched,
    )  # fmt: skip


def figure(name, x_px, y_px, more, time_s=31.0):
    place = f"time_s = {time_s}, x_px = {x_px}, y_px = {y_px}"
    return f'[[track]]\nnear = {{ file = "{NAMES[name]}", {place} }}\n{more}\n'
