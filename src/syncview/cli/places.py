"""Latitudes and longitudes as people type them, and what looks wrong about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from syncview.cli.verb import Verb
from syncview.errors import CaseFileError
from syncview.reconstruct.geometry import Position, distance_m
from syncview.reconstruct.local_plane import MOST_APART_M

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from syncview.case import CaseFile
    from syncview.case import Position as Waypoint

__all__ = ["PlaceVerb", "StatedPlace", "check_place", "places_of", "stated_place"]

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_PLACE = re.compile(rf"\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*")
_MINUS = "−"  # stands for a leading hyphen while click looks for options
_MOST_LAT, _MOST_LON = 90.0, 180.0


@dataclass(frozen=True, slots=True)
class StatedPlace:
    """WGS84 degrees."""

    lat: float
    lon: float

    @property
    def text(self) -> str:
        """As it is written on the command line."""
        return f"{self.lat:.10g},{self.lon:.10g}"


class PlaceVerb(Verb):
    """A verb that is given a place: one south of the equator begins with a hyphen, and is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hide the hyphen of a place from the search for options."""
        args = [_MINUS + arg[1:] if arg.startswith("-") and _PLACE.fullmatch(arg) else arg for arg in args]
        return super().parse_args(ctx, args)


def stated_place(_context: click.Context, _parameter: click.Parameter, value: str) -> StatedPlace:
    """Read ``LAT,LON`` in decimal degrees; a callback for arguments."""
    found = _PLACE.fullmatch(value.replace(_MINUS, "-"))
    if found is None:
        message = f"{value!r} is no place; write LAT,LON in decimal degrees, such as 35.5501,36.6002"
        raise click.BadParameter(message)
    lat, lon = float(found[1]), float(found[2])
    if abs(lat) > _MOST_LAT and abs(lon) <= _MOST_LAT and abs(lat) <= _MOST_LON:
        message = f"latitude {lat:g} lies outside -90 to 90; latitude comes first: did you mean {lon:.10g},{lat:.10g}?"
        raise click.BadParameter(message)
    if abs(lat) > _MOST_LAT or abs(lon) > _MOST_LON:
        message = f"{value!r} is no place on Earth; latitude is -90 to 90, longitude -180 to 180"
        raise click.BadParameter(message)
    return StatedPlace(lat, lon)


def places_of(
    case: CaseFile,
    *,
    but: Callable[[str], bool] = lambda _: False,
    but_waypoint: Callable[[Waypoint], bool] = lambda _: False,
) -> dict[str, Position]:
    """All places that a case file states, by what to call them.

    Parameters
    ----------
    case : CaseFile
        The case.
    but : callable, optional
        Whether a reference means the recording whose place is left out, because it is stated anew.
    but_waypoint : callable, optional
        The same of a ``[[position]]`` table.

    Returns
    -------
    dict of str to Position
    """
    found = {}
    for table in case.recordings:
        if table.lat is not None and table.lon is not None and not but(table.file):
            found[table.file] = _position(table.lat, table.lon)
    for point in case.positions:
        if not but_waypoint(point):
            found[f"{point.of} at {point.time_s:g} s of {point.file}"] = _position(point.lat, point.lon)
    found |= {table.label: _position(table.lat, table.lon) for table in case.places}
    for strike in case.strikes:
        name = f"the strike at {strike.near.time_s:g} s of {strike.near.file}"
        found[name] = _position(strike.lat, strike.lon)
    return found


def _position(lat: float, lon: float) -> Position:
    return Position(lat=lat, lon=lon, uncertainty_m=0.0)


def check_place(place: StatedPlace, others: Mapping[str, Position]) -> None:
    """Refuse a place that cannot belong to the incident.

    Parameters
    ----------
    place : StatedPlace
        Stated now.
    others : mapping of str to Position
        Stated before, by name.

    Raises
    ------
    CaseFileError
        It lies farther from all of them than sound is heard; where latitude and longitude swapped fit, says so.
    """
    here = Position(lat=place.lat, lon=place.lon, uncertainty_m=0.0)
    near_m, name = min(((distance_m(here, other), name) for name, other in others.items()), default=(0.0, ""))
    if near_m <= MOST_APART_M:
        return
    message = f"{place.text} lies {near_m / 1000:.0f} km from the nearest other place of the case, that of {name}"
    hint = "if the other one is wrong, put that right first"
    if abs(place.lon) <= _MOST_LAT:
        swapped = Position(lat=place.lon, lon=place.lat, uncertainty_m=0.0)
        swapped_m = min(distance_m(swapped, other) for other in others.values())
        if swapped_m <= MOST_APART_M:
            hint = f"latitude comes first: did you mean {place.lon:.10g},{place.lat:.10g}?"
    raise CaseFileError(message, hint=hint)
