"""The worked incident with lights before its second strike, things that people know, and things that nobody filmed."""

from dataclasses import replace
from datetime import UTC, datetime

from incident_example import heard, incident, strike
from located_example import located
from syncview.model import External, LightCandidate, Linked, Sight, SightedLight
from syncview.reconstruct.utc import UtcZero

NINE = datetime(2018, 5, 1, 9, 0, tzinfo=UTC)
ZERO = {"group-1": UtcZero(utc=NINE, uncertainty_s=2.0, basis="metadata", conflict_s=0.0)}
UNSURE = "more than one moment fits, or none stands out: a person must choose among the frames"


def light(time_s, *, kind="flash", score=0.9, probability=0.97, away_m=None, interval_m=(0.0, None), with_ids=()):
    """A light at a moment of a file; its frame is the one at 25 frames per second."""
    candidate = LightCandidate(
        time_s=time_s,
        before_s=time_s - 0.04,
        light_s=time_s - 0.02,
        uncertainty_s=0.031,
        kind=kind,
        index=round(time_s * 25),
        box_px=(1, 2, 3, 4),
        score=score,
        measures=(),
        reasons=(f"0.4 % of the picture is a {kind}",),
    )
    return SightedLight(
        candidate=candidate,
        probability=probability,
        with_ids=with_ids,
        distance_m=away_m,
        distance_interval_m=interval_m,
        distance_budget=(),
    )


def sighted(seen, *lights, picked=False, reasons=()):
    """An observation with lights; the first may be the one that was picked."""
    return replace(seen, sight=Sight(lights=lights, picked=lights[0] if picked else None, reasons=reasons))


def lit_strike():
    """Seen with a flash by rec-1, with an untold plume by rec-2, with nothing by rec-3; rec-4 has no picture."""
    flash = light(23.92, away_m=70.0, interval_m=(52.0, 95.0), with_ids=("rec-2",))
    untold = light(16.6, kind="first plume", score=0.6, probability=0.1, interval_m=(171.0, None))
    observations = [
        sighted(heard("rec-1", 24.2), flash, picked=True, reasons=("the flash is seen at the same moment in rec-2",)),
        sighted(heard("rec-2", 17.1496), untold, light(16.9, score=0.2, probability=0.001), reasons=(UNSURE,)),
        heard("rec-3", 28.1),
        heard("rec-4", 12.1),
    ]
    return strike("strike-2", "group-1", 24.2, observations)


def external(name, **changes):
    """What a person says that no file shows."""
    known = {
        "id": name,
        "of": "strike",
        "label": f"said {name}",
        "utc": None,
        "uncertainty_s": None,
        "not_before": None,
        "not_after": None,
        "basis": None,
    }
    return External(**known | changes)


def lit_incident(**changes):
    """One strike located, one lit, one refused a place; a file linked by its own clock; three things nobody filmed."""
    before = located("strike-1", 18.2, (0, 0), 38.2, alternatives=((50, 50),))
    residuals = (("rec-1", 0.0123), ("rec-2", -0.004), ("rec-3", 0.00001))
    placed = replace(before, location=replace(before.location, residuals_s=residuals))
    ring = strike("strike-4", "group-1", 39.7, [heard("rec-1", 39.7)], location_abstained="heard by one camera only")
    known = {
        "events": (placed, lit_strike(), ring),
        "utc": ZERO,
        "linked": (
            Linked(group_id="group-1", recording_id="rec-6", offset_s=600.2, uncertainty_s=3.4, basis="device_clock"),
        ),
        "externals": (
            external("x-3", not_after=NINE.replace(minute=30)),
            external("x-1", utc=NINE.replace(hour=8, second=30), uncertainty_s=12.0),
            external("x-2", not_before=NINE.replace(hour=8, minute=10), not_after=NINE.replace(hour=8, minute=50)),
        ),
    }
    return incident(**known | changes)
