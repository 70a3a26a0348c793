"""Places, distances and arrivals in words: no more digits than the uncertainty allows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from syncview.timeline.words import seconds_text, uncertainty_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.timeline.events import PlaceEntry
    from syncview.timeline.findings import ArrivalEntry, ClusterEntry, DistanceEntry, FindingRangeEntry, GapEntry

__all__ = [
    "arrival_text",
    "cluster_text",
    "conditions_text",
    "distance_text",
    "ellipse_text",
    "method_text",
    "metres_text",
    "place_text",
    "range_text",
    "target_text",
    "within_text",
]

_FINE_M = 50.0  # below, a fifth decimal of a degree (1 m) is worth writing
_KINDS = {
    "initial impact": "{} (initial impact)",
    "alternative object": "{} (alternative object)",
    "place": "{}",
    "team now": "{} at that moment",
    "team before": "{} where it was seen before",
    "camera": "camera {}",
    "flash and bang": "camera {}, by flash and bang",
    "strike before": "{} (the located strike before)",
}


def within_text(uncertainty_m: float) -> str:
    """A radius rounded up to one digit, or two where the first is 1; never finer than a metre.

    Examples
    --------
    >>> within_text(38.2), within_text(12.3), within_text(0.2), within_text(310.0)
    ('within 40 m', 'within 13 m', 'within 1 m', 'within 400 m')
    """
    unit_m = _unit_m(uncertainty_m)
    return f"within {max(math.ceil(uncertainty_m / unit_m - 1e-9), 1) * unit_m} m"


def place_text(place: PlaceEntry) -> str:
    """Latitude and longitude, and within what the truth lies 95 times in 100.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> place_text(SimpleNamespace(lat=35.5501234, lon=36.6, uncertainty_m=38.2))
    '35.55012, 36.60000 within 40 m'
    """
    decimals = 5 if place.uncertainty_m < _FINE_M else 4
    return f"{place.lat:.{decimals}f}, {place.lon:.{decimals}f} {within_text(place.uncertainty_m)}"


def ellipse_text(place: PlaceEntry) -> str | None:
    """Which way a place is less well known, where it makes a difference.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> oval = SimpleNamespace(major_m=82.0, minor_m=21.0, azimuth_deg=32.4)
    >>> ellipse_text(SimpleNamespace(ellipse=oval))
    'within 90 m towards 32 degrees from north and back, within 30 m across'
    """
    oval = place.ellipse
    if oval is None or oval.major_m < 1.5 * oval.minor_m:
        return None
    return (
        f"{within_text(oval.major_m)} towards {oval.azimuth_deg % 180.0:.0f} degrees from north and back, "
        f"{within_text(oval.minor_m)} across"
    )


def target_text(entry: DistanceEntry, names: Mapping[str, str]) -> str:
    """What a strike was measured against."""
    return _KINDS[entry.kind].format(names.get(entry.to, entry.to))


def distance_text(entry: DistanceEntry) -> str:
    """A distance with its interval, or why there is none.

    Examples
    --------
    >>> from types import SimpleNamespace as Entry
    >>> distance_text(Entry(distance_m=212.4, interval_m=(171.0, 251.0), reason=None))
    '210 m (170 to 260 m)'
    >>> distance_text(Entry(distance_m=None, interval_m=(171.0, None), reason="seen as a plume"))
    'at least 171 m: seen as a plume'
    """
    why = "" if entry.reason is None else f": {entry.reason}"
    if entry.interval_m is None:
        return f"not known{why}"
    known = entry.distance_m is not None and entry.interval_m[1] is not None
    return f"{metres_text(entry.distance_m, entry.interval_m)}{'' if known else why}"


def metres_text(distance_m: float | None, interval_m: tuple[float, float | None]) -> str:
    """A distance with its 95 % interval; the interval alone where no single distance is known.

    Examples
    --------
    >>> metres_text(112.7, (91.1, 153.9)), metres_text(None, (91.1, 153.9)), metres_text(None, (171.2, None))
    ('110 m (90 to 160 m)', '90 to 160 m', 'at least 171 m')
    """
    least_m, most_m = interval_m
    if most_m is None:
        return f"at least {math.floor(least_m)} m"
    span = _span_text(least_m, most_m)
    if distance_m is None:
        return span
    return f"{_rounded(distance_m, 0.5 * (most_m - least_m))} m ({span})"


def method_text(method: str) -> str:
    """How a place was found, to stand after "by".

    Examples
    --------
    >>> method_text("geolocated"), method_text("flash and arrivals")
    ("a person's geolocation", 'flash and arrivals')
    """
    return "a person's geolocation" if method == "geolocated" else method


def conditions_text(assumptions: Sequence[str]) -> str | None:
    """What must hold; None when nothing is assumed.

    Examples
    --------
    >>> conditions_text(("cameras within 500 m of each other", "20 °C ± 15 °C"))
    'this holds if cameras within 500 m of each other; 20 °C ± 15 °C'
    """
    return f"this holds if {'; '.join(assumptions)}" if assumptions else None


def cluster_text(cluster: ClusterEntry) -> str:
    """How tight the strikes lie, and of how many that holds."""
    if cluster.radius_m is None or cluster.interval_m is None or cluster.centre is None:
        return f"cluster: not known, {cluster.reason} ({cluster.statement})"
    least_m, most_m = cluster.interval_m
    radius = _rounded(cluster.radius_m, 0.5 * (most_m - least_m))
    centre = cluster.centre
    decimals = 5 if centre.uncertainty_m < _FINE_M else 4
    where = f"{centre.lat:.{decimals}f}, {centre.lon:.{decimals}f} (known {within_text(centre.uncertainty_m)})"
    return f"cluster: {radius} m ({_span_text(least_m, most_m)}) around {where}; {cluster.statement}"


def arrival_text(entry: ArrivalEntry) -> str:
    """How long after a strike somebody came or went, and how long before the next.

    Examples
    --------
    >>> from types import SimpleNamespace as Entry
    >>> gap = Entry(strike_id="e1", interval_s=12.96, uncertainty_s=0.61, order_sure=True)
    >>> gaps = {"since_first": None, "since_strike": gap, "until_strike": None}
    >>> arrival_text(Entry(event_id="e5", label="ambulance arrives", reason=None, **gaps))
    'e5 ambulance arrives: 13.0 ± 0.7 s after e1'
    """
    gaps = (
        _gap_text(entry.since_first, "after the first strike,"),
        _gap_text(entry.since_strike, "after"),
        _gap_text(entry.until_strike, "before"),
    )
    said = [text for text in (*gaps, entry.reason) if text]
    return f"{entry.event_id} {entry.label}: {'; '.join(said) if said else 'no strike is known to compare it with'}"


def range_text(entry: FindingRangeEntry, names: Mapping[str, str]) -> str | None:
    """What single files change of a finding; None where none changes it.

    Examples
    --------
    >>> from types import SimpleNamespace as Entry
    >>> range_text(Entry(finding="strike count", value=4, lowest=3, highest=4, lost_without=()), {})
    'strike count: 3 to 4 instead of 4'
    """
    said = []
    if entry.highest - entry.lowest > 1e-3:
        said.append(f"{_short(entry.lowest)} to {_short(entry.highest)} instead of {_short(entry.value)}")
    if entry.lost_without:
        said.append(f"nothing is left of it without {', '.join(names.get(name, name) for name in entry.lost_without)}")
    return f"{entry.finding}: {'; '.join(said)}" if said else None


def _gap_text(gap: GapEntry | None, word: str) -> str | None:
    if gap is None:
        return None
    if gap.interval_s is None or gap.uncertainty_s is None:
        return f"at least {math.floor(gap.at_least_s or 0.0)} s {word} {gap.strike_id}"
    text = f"{seconds_text(gap.interval_s, gap.uncertainty_s)} ± {uncertainty_text(gap.uncertainty_s)} s {word}"
    return f"{text} {gap.strike_id}" + ("" if gap.order_sure else " (either may have come first)")


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100.0 or value == round(value) else f"{value:.3g}"


def _span_text(least_m: float, most_m: float) -> str:
    unit_m = _unit_m(0.5 * (most_m - least_m))
    return f"{math.floor(least_m / unit_m) * unit_m} to {math.ceil(most_m / unit_m - 1e-9) * unit_m} m"


def _rounded(value_m: float, uncertainty_m: float) -> int:
    unit_m = _unit_m(uncertainty_m)
    return round(value_m / unit_m) * unit_m


def _unit_m(uncertainty_m: float) -> int:
    """The last digit that is worth writing, as in `uncertainty_text`."""
    if uncertainty_m < 1.0:
        return 1
    scale = int(10 ** math.floor(math.log10(uncertainty_m)))
    return max(scale // 10 if uncertainty_m < 2 * scale else scale, 1)
