"""How tight the strikes lie that could be located."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from syncview.timeline.findings import CentreEntry, ClusterEntry
from syncview.timeline.ground import east_north_m, from_east_north
from syncview.timeline.intervals import in_order

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from syncview.model import Location, MapPlace
    from syncview.timeline.parts import TimelineParts

__all__ = ["cluster_of_strikes"]

_SEED = 20180501
_HALVINGS = 10
_SHARES = 2.5, 97.5
_RADIUS_TO_SIGMA = 2.447747  # radius that holds 95 % of a normal error in the plane


def cluster_of_strikes(parts: TimelineParts) -> ClusterEntry | None:
    """Find the centre of the located strikes and how far from it they lie.

    Parameters
    ----------
    parts : TimelineParts
        The run's results.

    Returns
    -------
    ClusterEntry or None
        None without strikes; null with the reason where fewer than two are located.

    Notes
    -----
    Errors of places make a cluster look wider than it is. The lower end is the radius of the found pattern, shrunk,
    whose draws reach the found radius in 2.5 of 100 cases (0 where errors alone do), the upper end that which the draws
    around the found places stay below in 97.5. Errors are drawn independently: what all places share moves the centre,
    not the radius, and so stands in the centre's uncertainty only. Where several places of a strike fit, each is drawn
    as often.
    """
    import numpy as np

    strikes = in_order(parts)
    located = [strike.location for strike in strikes if strike.location is not None]
    if not strikes:
        return None
    said = f"of the strikes that could be located: {len(located)} of {len(strikes)}"
    if len(located) < 2:
        why = "no strike could be located" if not located else "only one strike could be located"
        return ClusterEntry(
            radius_m=None, interval_m=None, located=len(located), strikes=len(strikes), statement=said, reason=why
        )
    places_m = np.array([east_north_m(located[0], place) for place in located])
    radius_m = float(_radii_m(places_m[None])[0])
    least_m, most_m = _interval_m(located, places_m, radius_m, parts.place_settings.cluster_draws)
    lat, lon = from_east_north(located[0], (float(places_m[:, 0].mean()), float(places_m[:, 1].mean())))
    return ClusterEntry(
        radius_m=radius_m,
        interval_m=(least_m, most_m),
        centre=CentreEntry(lat=lat, lon=lon, uncertainty_m=sum(map(_off_m, located)) / len(located)),
        located=len(located),
        strikes=len(strikes),
        statement=said,
        assumptions=tuple(dict.fromkeys(text for place in located for text in place.assumptions)),
    )


def _off_m(location: Location) -> float:
    """How far off the place a strike may have been."""
    others = (math.hypot(*east_north_m(location, other)) + other.uncertainty_m for other in location.alternatives)
    return max((location.uncertainty_m, *others))


def _radii_m(places_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest distances from the mean; places are (draws, strikes, 2)."""
    import numpy as np

    apart: NDArray[np.float64] = np.linalg.norm(places_m - places_m.mean(axis=1, keepdims=True), axis=2).max(axis=1)
    return apart


def _interval_m(
    located: list[Location], places_m: NDArray[np.float64], radius_m: float, draws: int
) -> tuple[float, float]:
    """Least and largest radius, in metres."""
    import numpy as np

    rng = np.random.default_rng(_SEED)
    errors_m = np.empty((draws, len(located), 2))
    centres_m = np.empty((draws, len(located), 2))
    for k, location in enumerate(located):
        options = (location, *location.alternatives)
        which = rng.integers(len(options), size=draws)
        spreads = np.array([_spread_m(place) for place in options])
        centres_m[:, k] = np.array([east_north_m(located[0], place) for place in options])[which]
        errors_m[:, k] = np.einsum("nij,nj->ni", spreads[which], rng.standard_normal((draws, 2)))
    low_m, high_m = np.percentile(_radii_m(centres_m + errors_m), _SHARES)
    least_m = _shrunk(places_m - places_m.mean(axis=0), errors_m, radius_m) * radius_m
    return min(radius_m, least_m, float(low_m)), max(radius_m, float(high_m))


def _shrunk(pattern_m: NDArray[np.float64], errors_m: NDArray[np.float64], radius_m: float) -> float:
    """Smallest share of a pattern that errors still make look as wide as it was found."""
    import numpy as np

    def reaches(share: float) -> bool:
        return bool(np.percentile(_radii_m(share * pattern_m + errors_m), _SHARES[1]) >= radius_m)

    if reaches(0.0):
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return low


def _spread_m(place: MapPlace) -> NDArray[np.float64]:
    """Matrix that turns two standard normal numbers into an error east and north."""
    import numpy as np

    if place.ellipse is None:
        return np.eye(2) * (place.uncertainty_m / _RADIUS_TO_SIGMA)
    turn = np.radians(place.ellipse.azimuth_deg)
    along = np.array([np.sin(turn), np.cos(turn)]) * place.ellipse.major_m
    across = np.array([np.cos(turn), -np.sin(turn)]) * place.ellipse.minor_m
    return np.stack([along, across], axis=1) / _RADIUS_TO_SIGMA
