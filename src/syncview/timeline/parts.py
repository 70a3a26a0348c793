"""What the document is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncview.settings import PlaceSettings, ReconstructSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.model import (
        Duplicate,
        Event,
        External,
        Finding,
        Followed,
        Group,
        GroupTie,
        IgnoredFile,
        KnownPlace,
        Linked,
        Pair,
        Recording,
        TrackSaid,
        Unplaced,
        Way,
    )
    from syncview.reconstruct.aircraft import PlacedStretch
    from syncview.reconstruct.geometry import Geometry
    from syncview.reconstruct.ground_places import GroundWay
    from syncview.reconstruct.utc import UtcZero

__all__ = ["TimelineParts", "natural_key"]

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineParts:
    """Everything that a run found, in no particular order.

    `utc` gives, by group id, the UTC of group time 0 where it is known; `ties` the time between groups by the clock of
    a device; `linked` what own clocks say of recordings that nothing places; `externals` what no file shows. `devices`
    has the device of a recording where a person or a serial number says so (recordings of one device are one witness).
    `max_camera_distance_m` bounds the travel of sound where the cameras' places are unknown, `strike_spread_m` that
    between the strikes. `geometry` is what is known of the cameras' places; `places` and `ways` what
    strikes are measured against. `followed` is what pictures show of people and vehicles; `ground_ways` where tracks
    run on the map, by their id in the document; `track_notes` what people say of tracks.
    `ranging_assumptions` are, by recording, what must hold for its distances from flash to bang.
    """

    settings: Mapping[str, object]
    title: str | None
    time_zone: str | None
    max_camera_distance_m: float
    sound_speed_mps: float
    recordings: tuple[Recording, ...] = ()
    ignored: tuple[IgnoredFile, ...] = ()
    groups: tuple[Group, ...] = ()
    utc: Mapping[str, UtcZero] = field(default_factory=dict)
    ties: tuple[GroupTie, ...] = ()
    linked: tuple[Linked, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    pairs: tuple[Pair, ...] = ()
    events: tuple[Event, ...] = ()
    candidates: tuple[Event, ...] = ()
    externals: tuple[External, ...] = ()
    findings: tuple[Finding, ...] = ()
    aircraft: tuple[PlacedStretch, ...] = ()
    devices: Mapping[str, str] = field(default_factory=dict)
    strike_spread_m: float = field(default_factory=lambda: ReconstructSettings().strike_spread_m)
    geometry: Geometry | None = None
    places: tuple[KnownPlace, ...] = ()
    ways: tuple[Way, ...] = ()
    followed: tuple[Followed, ...] = ()
    ground_ways: Mapping[str, GroundWay] = field(default_factory=dict)
    track_notes: Mapping[str, TrackSaid] = field(default_factory=dict)
    ranging_assumptions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place_settings: PlaceSettings = field(default_factory=PlaceSettings)


def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """Key that sorts names by the numbers in them.

    Parameters
    ----------
    name : str
        An id.

    Returns
    -------
    tuple
        Comparable with the key of any other name.

    Examples
    --------
    >>> sorted(["group-10", "group-2"], key=natural_key)
    ['group-2', 'group-10']
    """
    parts = _DIGITS.split(name)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
