"""The tables of case.toml as frozen, validated documents.

Every uncertainty is a 95 % half-width (a 95 % radius for places). pydantic reads the annotations of this module when
it is imported, so it goes without ``from __future__ import annotations``.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from syncview.case.base import Moment, Pixels, Reference, Seconds, Strict, Table, Text
from syncview.case.movements import MovementFix, TrackNote
from syncview.model import Action, GenerationValue, Subject

__all__ = [
    "AircraftHeard",
    "Anchor",
    "CaseFile",
    "CaseInfo",
    "ExternalEvent",
    "MapPoint",
    "Moment",
    "MovementFix",
    "PersonEvent",
    "Pin",
    "Place",
    "PlacedStrike",
    "Position",
    "RecordingInfo",
    "Reject",
    "Table",
    "TaggerInfo",
    "TrackNote",
]


def _aware_utc(value: object) -> object:
    """Take a moment with its zone, as TOML or as quoted ISO 8601, to UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            message = "should be a time such as 2018-05-01T09:12:33Z"
            raise ValueError(message) from None
    if not isinstance(value, datetime) or value.tzinfo is None:
        message = "needs a date, a time and a zone, such as 2018-05-01T09:12:33Z or 2018-05-01T12:12:33+03:00"
        raise ValueError(message)
    return value.astimezone(UTC)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # what zoneinfo raises for unknown names, odd names and folders
        message = f"{name!r} is no known time zone; use a name such as 'Asia/Damascus'"
        raise ValueError(message) from None
    return name


Metres = Annotated[float, Field(ge=0.0)]
Latitude = Annotated[float, Field(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Field(ge=-180.0, le=180.0)]
Utc = Annotated[datetime, BeforeValidator(_aware_utc)]


class _Window(Table):
    """A moment in UTC, known to +- `uncertainty_s`, or only bounded."""

    utc: Utc | None = None
    uncertainty_s: Seconds | None = None
    not_before: Utc | None = None
    not_after: Utc | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        bounded = self.not_before is not None or self.not_after is not None
        if (self.utc is not None) == bounded:
            message = "give either utc with uncertainty_s, or not_before and / or not_after"
            raise ValueError(message)
        if (self.utc is None) != (self.uncertainty_s is None):
            message = "utc and uncertainty_s (95 % half-width) go together"
            raise ValueError(message)
        if self.not_before is not None and self.not_after is not None and self.not_after < self.not_before:
            message = "not_after lies before not_before"
            raise ValueError(message)
        return self


class CaseInfo(Table):
    """``[case]``: what holds for the whole incident."""

    title: str | None = None
    time_zone: str | None = None
    temperature_c: Annotated[float, Field(ge=-60.0, le=60.0)] = 20.0
    temperature_uncertainty_c: Annotated[float, Field(ge=0.0, le=60.0)] = 15.0  # a day of unknown season
    wind_speed_mps: Annotated[float, Field(ge=0.0, le=100.0)] | None = None
    max_camera_distance_m: Annotated[float, Field(gt=0.0, le=50_000.0)] = 500.0  # a prior; its use is printed
    yield_kg: tuple[Annotated[float, Field(ge=0.0)], Annotated[float, Field(ge=0.0)]] = (0.0, 250.0)

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return None if value is None else _known_zone(value)

    @field_validator("yield_kg")
    @classmethod
    def _ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        if value[1] < value[0]:
            message = "should be [least, most]"
            raise ValueError(message)
        return value


class RecordingInfo(Table):
    """``[[recording]]``: what people know of one file."""

    file: Reference
    name: Text | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    position_uncertainty_m: Metres | None = None
    heading_deg: Annotated[float, Field(ge=0.0, le=360.0)] | None = None
    av_skew_s: Annotated[float, Field(ge=-10.0, le=10.0)] | None = None
    av_skew_uncertainty_s: Seconds | None = None
    device: Text | None = None
    generation: GenerationValue | None = None
    source: Text | None = None
    received_utc: Utc | None = None
    received_via: Text | None = None
    permission: Text | None = None
    risk_note: Text | None = None
    withhold: bool = False
    use: bool = True

    @model_validator(mode="after")
    def _whole_position(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            message = "lat and lon go together"
            raise ValueError(message)
        if self.lat is None and self.position_uncertainty_m is not None:
            message = "position_uncertainty_m needs lat and lon"
            raise ValueError(message)
        return self


class MapPoint(Table):
    """``[[map_point]]``: one point of the ground, in a picture and on the map."""

    file: Reference
    time_s: Seconds
    x_px: Pixels
    y_px: Pixels
    lat: Latitude
    lon: Longitude


class Position(Table):
    """``[[position]]``: where a camera, a team or a vehicle was at a moment."""

    of: Text
    mover: Literal["person", "vehicle"] | None = None  # how fast it can have been
    file: Reference
    time_s: Seconds
    lat: Latitude
    lon: Longitude
    position_uncertainty_m: Metres | None = None
    basis: Text | None = None


class Place(Table):
    """``[[place]]``: what strikes are measured against."""

    label: Text
    kind: Literal["initial impact", "alternative object"] | None = None
    lat: Latitude
    lon: Longitude
    position_uncertainty_m: Metres | None = None


class ExternalEvent(_Window):
    """``[[external]]``: something no file shows."""

    kind: Literal["strike", "shot", "aircraft", "movement", "note"]
    label: Text | None = None
    basis: Text | None = None


class Pin(Table):
    """``[[pin]]``: a person's statement that two moments are the same.

    With `check` it is not used in the solution; its residual is reported.
    """

    a: Moment
    b: Moment
    uncertainty_s: Seconds = 0.04  # a frame at 25 fps: what a person can line up by eye
    check: bool = False

    @model_validator(mode="after")
    def _two_files(self) -> Self:
        if self.a.file == self.b.file:
            message = "a and b name the same file"
            raise ValueError(message)
        return self


class Reject(Table):
    """``[[reject]]``: a person contests the machine's match of two recordings."""

    a: Reference
    b: Reference

    @model_validator(mode="after")
    def _two_files(self) -> Self:
        if self.a == self.b:
            message = "a and b name the same file"
            raise ValueError(message)
        return self


class Anchor(_Window):
    """``[[anchor]]``: the UTC of a moment."""

    file: Reference
    time_s: Seconds
    basis: Literal["metadata", "overlay", "shadow", "post", "log"] | None = None


class PlacedStrike(Table):
    """``[[strike]]``: a person's geolocation of the strike heard at a moment."""

    near: Moment
    lat: Latitude
    lon: Longitude
    position_uncertainty_m: Metres | None = None


class PersonEvent(Table):
    """``[[event]]``: what a person saw."""

    kind: Literal["strike", "shot", "aircraft", "movement", "note"]
    action: Action | None = None
    subject: Subject | None = None
    label: Text | None = None
    file: Reference
    time_s: Seconds
    end_s: Seconds | None = None
    tags: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end_s is not None and self.end_s < self.time_s:
            message = "end_s lies before time_s"
            raise ValueError(message)
        return self


class AircraftHeard(Table):
    """``[[aircraft]]``: who listened to a stretch of a recording for aircraft, and whether one was heard."""

    file: Reference
    start_s: Seconds
    end_s: Seconds
    heard: bool
    by: Text

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end_s <= self.start_s:
            message = "end_s does not lie after start_s"
            raise ValueError(message)
        return self


class TaggerInfo(Table):
    """``[tagger]``: an audio tagger of the user's own; paths are taken from the folder of case.toml."""

    path: Text  # ONNX: waveforms (windows, samples) in, scores 0 to 1 (windows, labels) out
    labels: Text  # CSV, in the order of its outputs
    rate_hz: Annotated[int, Field(ge=4_000, le=48_000)]
    window_s: Annotated[float, Field(ge=0.1, le=30.0)]


class CaseFile(Strict):
    """Everything people know of a case. Made by `syncview.case.load_case`; without a file, all defaults.

    The tables carry their TOML names in the singular: ``[[pin]]`` is `pins`.
    """

    info: CaseInfo = Field(default_factory=CaseInfo, alias="case")
    recordings: tuple[RecordingInfo, ...] = Field(default=(), alias="recording")
    map_points: tuple[MapPoint, ...] = Field(default=(), alias="map_point")
    positions: tuple[Position, ...] = Field(default=(), alias="position")
    places: tuple[Place, ...] = Field(default=(), alias="place")
    externals: tuple[ExternalEvent, ...] = Field(default=(), alias="external")
    pins: tuple[Pin, ...] = Field(default=(), alias="pin")
    rejects: tuple[Reject, ...] = Field(default=(), alias="reject")
    anchors: tuple[Anchor, ...] = Field(default=(), alias="anchor")
    strikes: tuple[PlacedStrike, ...] = Field(default=(), alias="strike")
    events: tuple[PersonEvent, ...] = Field(default=(), alias="event")
    movements: tuple[MovementFix, ...] = Field(default=(), alias="movement")
    tracks: tuple[TrackNote, ...] = Field(default=(), alias="track")
    aircraft: tuple[AircraftHeard, ...] = Field(default=(), alias="aircraft")
    tagger: TaggerInfo | None = None
    _name: str = PrivateAttr(default="case.toml")
    _lines: dict[tuple[str | int, ...], int] = PrivateAttr(default_factory=dict)

    def path_of(self, stated: str) -> Path:
        """Where a file lies that the case file names: relative paths are taken from its folder.

        Parameters
        ----------
        stated : str
            As it is written.

        Returns
        -------
        Path
        """
        return Path(self._name).parent / Path(stated).expanduser()

    def where(self, table: str, index: int | None = None) -> str:
        """Say where a table stands, for messages about it.

        Parameters
        ----------
        table : str
            Its TOML name, such as ``"pin"``.
        index : int, optional
            Its place among the tables of that name, where there can be several.

        Returns
        -------
        str
            Such as ``"case.toml, line 12"``.
        """
        line = self._lines.get((table,) if index is None else (table, index))
        name = Path(self._name).name  # results say where a table stands: the folder is nobody's business there
        return name if line is None else f"{name}, line {line}"
