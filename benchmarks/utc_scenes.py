"""Simulated clocks of cameras and what they write, with every trap that is known, and the truth about each.

How often each trap happens is judgement: nobody has counted the clocks of such footage. No media is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syncview.model import Event, External
from syncview.reconstruct.utc import UtcAnchor, from_epoch
from syncview.reconstruct.utc_claims import Claim
from syncview.reconstruct.utc_groups import GroupStatements

DAY_S = 86_400.0
HOUR_S = 3_600.0
NOON_S = 1_525_165_200.0  # 1 May 2018, 09:00 UTC
ZONES_S = (3 * HOUR_S, 3 * HOUR_S, 2 * HOUR_S, 5.5 * HOUR_S, -5 * HOUR_S, 0.0)


@dataclass(frozen=True)
class Device:
    """A camera: how far its clock is off, and what it writes where."""

    name: str
    clock_s: float
    shift_s: float  # of the container's time: local time as UTC, an hour, another zone
    ends: bool  # the container's time is that of the end
    names: bool  # it also writes local time into file names, of the start
    kind: str  # "phone" or "dashcam"


@dataclass(frozen=True)
class TrueClaim:
    """A claim, and what is wrong with it: so much later than the start, and why."""

    claim: Claim
    off_s: float
    trap: str


@dataclass(frozen=True)
class Scene:
    """Groups with their true zeros (seconds since 1970), what is stated of them, and the truth of each claim."""

    groups: tuple[GroupStatements, ...]
    zeros_s: dict[str, float]
    devices: dict[str, str]
    claims: dict[str, tuple[TrueClaim, ...]]
    witnesses: dict[str, int]


def make_device(rng: np.random.Generator, name: str, zone_s: float, *, traps: float = 1.0) -> Device:
    """A phone in six of seven; one in seven has no network and is off by tens of seconds; `traps` times as many so."""
    kind = "dashcam" if rng.random() < 0.14 * traps else "phone"
    clock_s = rng.normal(0.0, 1.0)
    if kind == "dashcam":
        clock_s = rng.laplace(0.0, 40.0) if rng.random() > 0.1 else rng.uniform(-2 * DAY_S, 2 * DAY_S)
    elif rng.random() < 0.05 * traps:
        clock_s = rng.uniform(-20.0, 20.0)
    shift_s, luck = 0.0, rng.random() / traps
    if luck < 0.10:
        shift_s = zone_s
    elif luck < 0.13:
        shift_s = rng.choice((-HOUR_S, HOUR_S))
    elif luck < 0.14:
        shift_s = 0.5 * HOUR_S * rng.integers(-16, 17)
    return Device(name, clock_s, shift_s, bool(rng.random() < 0.45), bool(rng.random() < 0.5), kind)


def make_claims(
    rng: np.random.Generator, device: Device, zero_s: float, name: str, zone_s: float, *, zone_known: bool
) -> list[TrueClaim]:
    """What one file of a device shows: as the camera wrote it, as nobody knows, or as a messenger passed it on."""
    start_s, length_s = rng.uniform(-60.0, 200.0), rng.uniform(8.0, 150.0)
    half_s = rng.choice((0.0, 0.2, 1.5))
    generation = rng.choice(("original", "unknown", "copy"), p=(0.6, 0.2, 0.2))
    known = {
        "recording_id": name,
        "witness": device.name,
        "zone_s": zone_s if zone_known else None,
        "saved": False,
        "original": generation == "original",
        "start_s": start_s + rng.uniform(-half_s, half_s),
        "uncertainty_s": half_s,
    }
    known["end_s"] = known["start_s"] + length_s
    true_s = zero_s + start_s + device.clock_s + rng.normal(0.0, 0.4)  # clocks are set between files
    found = []
    if generation == "copy":
        if rng.random() < 0.7:
            saved_s = np.floor(zero_s + start_s + length_s + rng.exponential(HOUR_S))
            claim = Claim(
                source="creation_time", claimed_s=saved_s, local=False, of="unknown", **known | {"saved": True}
            )
            found.append(TrueClaim(claim, saved_s - zero_s - start_s, "saved"))
        return found
    end_s = length_s + min(3.0, rng.exponential(0.7)) if device.ends else 0.0
    written_s = np.floor(true_s + end_s + device.shift_s)
    claim = Claim(source="creation_time", claimed_s=written_s, local=False, of="unknown", **known)
    found.append(TrueClaim(claim, written_s - zero_s - start_s, _trap(device, zone_s if zone_known else None)))
    if device.names:
        read_s = np.floor(true_s) if zone_known else np.floor(true_s) + zone_s
        of = "start" if rng.random() < 0.7 else "unknown"
        claim = Claim(source="file_name", claimed_s=read_s, local=True, of=of, **known)
        found.append(TrueClaim(claim, read_s - zero_s - start_s, "none" if abs(device.clock_s) < 2.0 else "clock"))
    return found


def _trap(device: Device, zone_s: float | None) -> str:
    """What is wrong with a container's time; that it is the local one cannot be told where the zone is not known."""
    if abs(device.clock_s) >= 2.0:
        return "clock"
    if device.shift_s != 0.0:
        return "local" if device.shift_s == zone_s else "hour" if abs(device.shift_s) == HOUR_S else "zone"
    return "end" if device.ends else "none"


def make_scene(seed: int, *, files: tuple[int, int] = (1, 8), anchored: bool = False, traps: float = 1.0) -> Scene:
    """One group of so many files, least and most; `anchored`: a person knows its UTC; with `traps` times the traps."""
    rng = np.random.default_rng(seed)
    zone_s, zone_known = float(rng.choice(ZONES_S)), bool(rng.random() < 0.7)
    zero_s = NOON_S + rng.uniform(0.0, 300 * DAY_S)
    count = int(rng.integers(files[0], files[1] + 1))
    devices = [make_device(rng, f"device-{k}", zone_s, traps=traps) for k in range(count)]
    if count > 2 and rng.random() < 0.3:
        devices[-1] = devices[0]
    claims = [
        each
        for k, device in enumerate(devices)
        for each in make_claims(rng, device, zero_s, f"rec-{k}", zone_s, zone_known=zone_known)
    ]
    anchors = (make_anchor(rng, zero_s, "rec-0"),) if anchored else ()
    group = GroupStatements(group_id="g1", anchors=anchors, claims=tuple(each.claim for each in claims))
    usable = {each.claim.witness for each in claims if not each.claim.saved}
    return Scene((group,), {"g1": zero_s}, {}, {"g1": tuple(claims)}, {"g1": len(usable)})


def make_anchor(rng: np.random.Generator, zero_s: float, source: str) -> UtcAnchor:
    """A person's reading of a clock, right to its stated half-width in 95 of 100."""
    group_s, half_s = rng.uniform(0.0, 100.0), float(rng.choice((0.5, 1.0, 5.0)))
    utc_s = zero_s + group_s + rng.normal(0.0, half_s / 1.96)
    return UtcAnchor(group_s=group_s, utc=from_epoch(utc_s), uncertainty_s=half_s, basis="overlay", source=source)


def make_tied_scene(seed: int) -> Scene:
    """Three groups without overlap: one device has a file in each, a person knows the UTC of two of them.

    Other cameras are about. The tying device is of any kind; a file of it in the group without anchor is no copy.
    """
    rng = np.random.default_rng(seed)
    zone_s, zone_known = float(rng.choice(ZONES_S)), bool(rng.random() < 0.7)
    start_s = NOON_S + rng.uniform(0.0, 300 * DAY_S)
    zeros_s = {f"g{k}": start_s + (k - 1) * rng.uniform(400.0, 3_000.0) for k in (1, 2, 3)}
    common = make_device(rng, "common", zone_s)
    unanchored = f"g{rng.integers(1, 4)}"
    groups, every, devices, witnesses = [], {}, {}, {}
    for group_id, zero_s in zeros_s.items():
        claims: list[TrueClaim] = []
        while not any(not each.claim.saved for each in claims):
            claims = make_claims(rng, common, zero_s, f"{group_id}-c", zone_s, zone_known=zone_known)
        devices[f"{group_id}-c"] = "common"
        for k in range(int(rng.integers(0, 3))):
            other = make_device(rng, f"{group_id}-d{k}", zone_s)
            claims += make_claims(rng, other, zero_s, f"{group_id}-{k}", zone_s, zone_known=zone_known)
        anchors = () if group_id == unanchored else (make_anchor(rng, zero_s, f"{group_id}-c"),)
        groups.append(GroupStatements(group_id=group_id, anchors=anchors, claims=tuple(c.claim for c in claims)))
        every[group_id] = tuple(claims)
        witnesses[group_id] = len({c.claim.witness for c in claims if not c.claim.saved})
    return Scene(tuple(groups), zeros_s, devices, every, witnesses)


def strikes_of(scene: Scene, rng: np.random.Generator) -> tuple[tuple[Event, ...], dict[str, float]]:
    """One strike of each group, its explosion known to 0.3 s, and the true moments since 1970 by id."""
    events, truth = [], {}
    for k, (group_id, zero_s) in enumerate(scene.zeros_s.items(), start=1):
        at_s = rng.uniform(5.0, 60.0)
        truth[f"e{k}"] = zero_s + at_s
        events.append(
            Event(
                id=f"e{k}",
                kind="strike",
                group_id=group_id,
                time_s=at_s + rng.normal(0.0, 0.3 / 1.96),
                time_basis="explosion",
                uncertainty_s=0.3,
                end_s=None,
                confidence=0.9,
                calibration="simulated",
                label="explosion",
                min_separable_s=None,
                observations=(),
            )
        )
    return tuple(events), truth


def unfilmed_strike(rng: np.random.Generator, first_s: float) -> tuple[External, float]:
    """A strike before all others, known to +- a minute, within a window, or by a post that is later."""
    true_s = first_s - rng.uniform(300.0, 2_400.0)
    how = rng.choice(("log", "window", "post"))
    known: dict[str, object] = {"utc": None, "uncertainty_s": None, "not_before": None, "not_after": None}
    if how == "log":
        known |= {"utc": from_epoch(true_s + rng.normal(0.0, 60.0 / 1.96)), "uncertainty_s": 60.0}
    elif how == "window":
        early_s = rng.uniform(0.0, 300.0)
        known |= {"not_before": from_epoch(true_s - early_s), "not_after": from_epoch(true_s + 300.0 - early_s)}
    else:
        known |= {"not_after": from_epoch(true_s + rng.exponential(120.0))}
    return External(id="e9", of="strike", label=str(how), basis=str(how), **known), true_s  # type: ignore[arg-type]
