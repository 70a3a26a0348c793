"""Where an event happened, as timeline.json holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.timeline.events import EllipseEntry, LocationEntry, PlaceEntry

if TYPE_CHECKING:
    from syncview.model import Ellipse, Location, MapPlace

__all__ = ["location_entry"]


def location_entry(location: Location) -> LocationEntry:
    """Write down where an event happened.

    Parameters
    ----------
    location : Location
        The place, what else fits, and what it rests on.

    Returns
    -------
    LocationEntry
    """
    return LocationEntry(
        lat=location.lat,
        lon=location.lon,
        uncertainty_m=location.uncertainty_m,
        ellipse=_ellipse(location.ellipse),
        method=location.method,
        alternatives=tuple(_place(other) for other in location.alternatives),
        residuals_s=dict(sorted(location.residuals_s)),
        assumptions=location.assumptions,
    )


def _place(place: MapPlace) -> PlaceEntry:
    return PlaceEntry(lat=place.lat, lon=place.lon, uncertainty_m=place.uncertainty_m, ellipse=_ellipse(place.ellipse))


def _ellipse(ellipse: Ellipse | None) -> EllipseEntry | None:
    if ellipse is None:
        return None
    return EllipseEntry(major_m=ellipse.major_m, minor_m=ellipse.minor_m, azimuth_deg=ellipse.azimuth_deg)
