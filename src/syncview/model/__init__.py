"""What travels between the rooms: frozen records, tuples, units in names, unknown is None.

The order of a run is the order of this file: a file becomes a `Recording`, its sound an `AudioClip`; pairs of clips
give `LagHypothesis` in a `Pair`, pairs give a `Group` of `Clock`; a clip gives `Detection`, detections on one clock
give an `Event`.
"""

from syncview.model.clocks import Basis, Clock, ClockSegment, Duplicate, Group, Loop, Proposal, Unplaced
from syncview.model.events import (
    Action,
    AircraftState,
    AircraftStretch,
    Detection,
    Event,
    Finding,
    Observation,
    Replay,
    Subject,
)
from syncview.model.light import LightCandidate, LightKind, LumaWindow, Sight, SightedLight
from syncview.model.matching import (
    CopyMatch,
    Jump,
    LagHypothesis,
    MotionProposal,
    Pair,
    PairMatch,
    PictureMatch,
    PictureSegment,
)
from syncview.model.media import (
    AudioClip,
    AudioStream,
    ClockClaim,
    Container,
    Generation,
    GenerationValue,
    IgnoredFile,
    Interval,
    IntervalKind,
    Recording,
    VideoStream,
)
from syncview.model.place import Ellipse, KnownPlace, Location, MapPlace, Mover, PlaceKind, Way, Waypoint

__all__ = [
    "Action",
    "AircraftState",
    "AircraftStretch",
    "AudioClip",
    "AudioStream",
    "Basis",
    "Clock",
    "ClockClaim",
    "ClockSegment",
    "Container",
    "CopyMatch",
    "Detection",
    "Duplicate",
    "Ellipse",
    "Event",
    "Finding",
    "Generation",
    "GenerationValue",
    "Group",
    "IgnoredFile",
    "Interval",
    "IntervalKind",
    "Jump",
    "KnownPlace",
    "LagHypothesis",
    "LightCandidate",
    "LightKind",
    "Location",
    "Loop",
    "LumaWindow",
    "MapPlace",
    "MotionProposal",
    "Mover",
    "Observation",
    "Pair",
    "PairMatch",
    "PictureMatch",
    "PictureSegment",
    "PlaceKind",
    "Proposal",
    "Recording",
    "Replay",
    "Sight",
    "SightedLight",
    "Subject",
    "Unplaced",
    "VideoStream",
    "Way",
    "Waypoint",
]
