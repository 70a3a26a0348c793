"""Defaults of times of day, with their reasons; see `syncview.settings`.

Costs are negative log odds against the best: e to the cost is how much rarer something is taken to be. They are
judgement, tried on simulated clocks (benchmarks/utc_claims.py), for nobody has counted the clocks of such footage.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["UtcSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UtcSettings:
    """What is taken for likely of the clocks of cameras, and of what they write."""

    # How far a camera's clock is off, in seconds, and what that costs: phones are set by the network, dashcams are not.
    clock_tiers: tuple[tuple[float, float], ...] = ((2.0, 0.0), (5.0, 1.2), (20.0, 2.0), (120.0, 3.5))
    clock_wrong_cost: float = 6.0  # it may show anything
    local_as_utc_cost: float = 2.0  # cameras that write local time where UTC belongs
    utc_as_local_cost: float = 2.5  # names of files that hold UTC
    hour_cost: float = 3.5  # summer time, or the zone next door
    zone_cost: float = 5.5  # any whole or half hour else, where the case's zone is known
    unknown_zone_cost: float = 0.2  # the same where it is not known, of a local time or one that may be local
    end_cost: float = 0.4  # of writing the end where the start is as usual
    other_moment_cost: float = 3.0  # of writing the other end than its kind of source does
    saved_cost: float = 2.0  # of a time of saving, in a file of which it is not known how often it was copied
    saved_original_cost: float = 4.5  # the same in a file that looks as the camera wrote it
    file_cost: float = 4.0  # of one file that is unlike the device's others
    source_cost: float = 6.0  # of a kind of source that says nothing true at all
    bound_cost: float = 8.0  # of a person's "not before" or "not after"
    lead_cost: float = 2.3  # what is e to that, 10 times, less likely than the best lies outside the 95 %
    lead_cost_alone: float = 3.6  # the same where one device alone says it: nothing checks its clock
    saving_s: float = 3.0  # from the end of a recording to the time that is written
    whole_s: float = 1.0  # times are cut to whole seconds
    least_uncertainty_s: float = 2.0  # of a group's UTC from metadata, however many clocks agree
    most_uncertainty_s: float = 300.0  # known to no better, it is not known
    resync_s: float = 1.0  # how far a device's clock may be set between two of its files
    reference_drift_ppm: float = 100.0  # of the clock on which a group's seconds rest
    link_within_s: float = 86_400.0  # a file is linked to a group of the same day
