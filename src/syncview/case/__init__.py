"""case.toml: what people know (positions, pins, anchors, ...).

Nothing here joins recordings by itself: it is what a person states, checked and with the line that states it.
"""

from __future__ import annotations

from syncview.case.correcting import with_event, with_movement
from syncview.case.documents import (
    AircraftHeard,
    Anchor,
    CaseFile,
    CaseInfo,
    ExternalEvent,
    MapPoint,
    Moment,
    PersonEvent,
    Pin,
    Place,
    PlacedStrike,
    Position,
    RecordingInfo,
    Reject,
    Table,
    TaggerInfo,
)
from syncview.case.editing import with_pin, with_reject
from syncview.case.movements import MovementFix, Sighting, Spot, TrackNote
from syncview.case.placing import SAME_ARRIVAL_S, with_anchor, with_placed_strike, with_position, with_recording_place
from syncview.case.reading import load_case, parse_case, read_case_text
from syncview.case.references import Nameable, is_named, lasting_reference, resolve

__all__ = [
    "SAME_ARRIVAL_S",
    "AircraftHeard",
    "Anchor",
    "CaseFile",
    "CaseInfo",
    "ExternalEvent",
    "MapPoint",
    "Moment",
    "MovementFix",
    "Nameable",
    "PersonEvent",
    "Pin",
    "Place",
    "PlacedStrike",
    "Position",
    "RecordingInfo",
    "Reject",
    "Sighting",
    "Spot",
    "Table",
    "TaggerInfo",
    "TrackNote",
    "is_named",
    "lasting_reference",
    "load_case",
    "parse_case",
    "read_case_text",
    "resolve",
    "with_anchor",
    "with_event",
    "with_movement",
    "with_pin",
    "with_placed_strike",
    "with_position",
    "with_recording_place",
    "with_reject",
]
