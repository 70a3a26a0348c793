"""From the lags of all pairs and what people know to groups, their clocks, and a word on every pair and refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.model import Duplicate, Group, Pair, Unplaced
from syncview.reconstruct.clocks import Extent, clocks_of_group, reference_of
from syncview.reconstruct.refining import with_strike_lags
from syncview.reconstruct.strikes import join_strikes
from syncview.sync.groups import place
from syncview.sync.likelihood import PairEvidence, PinnedLag, gather, implied_overlap_s
from syncview.timebase import pace_of, round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import LagHypothesis, Recording
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard
    from syncview.settings import Settings
    from syncview.sync.groups import Placed, Placement

__all__ = ["Joint", "place_recordings", "sound_clocks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Groups with ids still empty and the reference at 0, and what is to be said of pairs and refusals."""

    groups: tuple[Group, ...]
    unplaced: tuple[Unplaced, ...]
    pairs: tuple[Pair, ...]


def place_recordings(
    recordings: Sequence[Recording],
    *,
    heard: Mapping[str, Heard],
    lags: Mapping[tuple[str, str], tuple[LagHypothesis, ...]],
    failed: Mapping[tuple[str, str], str],
    duplicates: tuple[Duplicate, ...],
    knowledge: Knowledge,
    preferred: Sequence[str],
    settings: Settings,
) -> Joint:
    """Put every recording on a clock, its own if need be.

    Sounds place the recordings, strikes are joined on these clocks, and where strikes were heard from other sides
    than the sounds, they move the clocks to the middle.

    Parameters
    ----------
    recordings : sequence of Recording
        All of them.
    heard : mapping
        What was heard, by recording id; recordings without sound are absent.
    lags : mapping
        Hypotheses of every pair with sound, by the two ids.
    failed : mapping
        Why pairs could not be compared, by the two ids.
    duplicates : sequence of Duplicate
        Copies; only the first of each is a witness, the others take its clock.
    knowledge : Knowledge
        Pins, rejections, positions, skews.
    preferred : sequence of str
        References of earlier runs.
    settings : Settings
        Thresholds.

    Returns
    -------
    Joint
        The same for any order of the recordings.
    """
    first_of = {copy: same.recording_ids[0] for same in duplicates for copy in same.recording_ids[1:]}
    placeable = [r for r in recordings if r.kind != "unreadable" and r.id not in first_of]
    evidence = gather(
        {r.id: _extent_of_sound(r, heard) for r in placeable},
        _pair_evidence([r.id for r in placeable], lags, heard, knowledge, first_of),
    )
    placement = place(evidence, settings=settings.sync)
    extents = {r.id: _extent(r, heard) for r in recordings}
    copies = {first: [c for c, of in first_of.items() if of == first] for first in set(first_of.values())}

    def groups_of(placed: Sequence[Placed]) -> tuple[Group, ...]:
        return tuple(_group(each, extents, copies, knowledge, preferred, settings) for each in placed)

    by_sound = tuple(replace(group, id=f"g{n}") for n, group in enumerate(groups_of(placement.groups), start=1))
    strikes, _ = join_strikes(
        [detection for name in sorted(heard) for detection in heard[name].detections],
        sound_clocks(by_sound, knowledge),
        geometry=knowledge.geometry,
        settings=settings,
        recordings=recordings,
        duplicates=duplicates,
    )
    refined = groups_of(
        [
            with_strike_lags(
                placed,
                [strike for strike in strikes if strike.group_id == group.id],
                geometry=knowledge.geometry,
                settings=settings,
            )
            for placed, group in zip(placement.groups, by_sound, strict=True)
        ]
    )
    groups = tuple(replace(group, loops=old.loops) for group, old in zip(refined, by_sound, strict=True))
    return Joint(
        groups=groups,
        unplaced=_unplaced(recordings, placement, heard, first_of, failed, settings),
        pairs=tuple(_pair(pair, placement, evidence.extents_s, failed, settings) for pair in _in_order(evidence.pairs)),
    )


def sound_clocks(groups: Sequence[Group], knowledge: Knowledge) -> tuple[Group, ...]:
    """Clocks for moments that were heard: sound lies at recording time minus the camera's skew.

    Parameters
    ----------
    groups : sequence of Group
        Clocks of the pictures.
    knowledge : Knowledge
        Skews.

    Returns
    -------
    tuple of Group
        The same groups with the clocks of their sound.
    """

    def heard_at(group: Group) -> Group:
        clocks = tuple(
            replace(
                clock,
                segments=tuple(
                    replace(s, offset_s=s.offset_s - knowledge.skews[clock.recording_id].skew_s * pace_of(s))
                    for s in clock.segments
                ),
            )
            for clock in group.clocks
        )
        return replace(group, clocks=clocks)

    return tuple(heard_at(group) for group in groups)


def _extent(recording: Recording, heard: Mapping[str, Heard]) -> Extent:
    length_s = float(recording.duration_s or 0.0)
    if recording.id in heard:
        length_s = max(length_s, heard[recording.id].start_s + heard[recording.id].duration_s)
    return Extent(
        duration_s=round_s(length_s), has_audio=recording.audio is not None, has_video=recording.video is not None
    )


def _extent_of_sound(recording: Recording, heard: Mapping[str, Heard]) -> tuple[float, float]:
    if (sound := heard.get(recording.id)) is not None:
        return sound.start_s, sound.start_s + sound.duration_s
    return 0.0, float(recording.duration_s or 0.0)


def _pair_evidence(
    names: Sequence[str],
    lags: Mapping[tuple[str, str], tuple[LagHypothesis, ...]],
    heard: Mapping[str, Heard],
    knowledge: Knowledge,
    first_of: Mapping[str, str],
) -> list[PairEvidence]:
    """One entry for every pair that sound or a person says something of, a before b by id."""
    pins = _pins(knowledge, first_of)
    known = {tuple(sorted(key)): key for key in lags}
    found = []
    for a, b in sorted({*known, *pins}):
        if a not in names or b not in names:
            continue
        hypotheses: tuple[LagHypothesis, ...] = ()
        if (key := known.get((a, b))) is not None:
            hypotheses = lags[key] if key == (a, b) else tuple(replace(h, lag_s=-h.lag_s) for h in lags[key])
        length_s = sum(heard[name].duration_s for name in (a, b) if name in heard)
        found.append(
            PairEvidence(
                a_id=a,
                b_id=b,
                hypotheses=hypotheses,
                tolerance_s=knowledge.geometry.travel_s(a, b),
                range_s=max(length_s, 1.0),
                pin=pins.get((a, b)),
                rejected=frozenset((a, b)) in knowledge.rejects,
            )
        )
    return found


def _pins(knowledge: Knowledge, first_of: Mapping[str, str]) -> dict[tuple[str, str], PinnedLag]:
    """What people pinned, one lag for each pair: all statements together, wide enough for every one of them."""
    said: dict[tuple[str, str], list[PinnedLag]] = {}
    for stated in knowledge.pins:
        if stated.check:
            continue
        a, b = first_of.get(stated.a_id, stated.a_id), first_of.get(stated.b_id, stated.b_id)
        skew_s = knowledge.skews[stated.b_id].skew_s - knowledge.skews[stated.a_id].skew_s
        heard_s = stated.pin.lag_s - skew_s  # people pin what they see
        pin = replace(stated.pin, lag_s=heard_s if a < b else -heard_s)
        said.setdefault((a, b) if a < b else (b, a), []).append(pin)
    return {pair: _combined(pins) for pair, pins in said.items()}


def _combined(pins: Sequence[PinnedLag]) -> PinnedLag:
    low_s = min(pin.lag_s - pin.uncertainty_s for pin in pins)
    high_s = max(pin.lag_s + pin.uncertainty_s for pin in pins)
    agree_from_s = max(pin.lag_s - pin.uncertainty_s for pin in pins)
    agree_to_s = min(pin.lag_s + pin.uncertainty_s for pin in pins)
    if agree_from_s <= agree_to_s:  # all can be true: the best of them, within what they share
        best = min(pins, key=lambda pin: (pin.uncertainty_s, pin.lag_s))
        return replace(best, lag_s=min(max(best.lag_s, agree_from_s), agree_to_s))
    return PinnedLag(lag_s=0.5 * (low_s + high_s), uncertainty_s=0.5 * (high_s - low_s))


def _in_order(pairs: Mapping[tuple[str, str], PairEvidence]) -> list[PairEvidence]:
    return [pairs[key] for key in sorted(pairs) if key[0] < key[1]]


def _group(
    placed: Placed,
    extents: Mapping[str, Extent],
    copies: Mapping[str, Sequence[str]],
    knowledge: Knowledge,
    preferred: Sequence[str],
    settings: Settings,
) -> Group:
    group = clocks_of_group(
        placed,
        reference_id=reference_of(placed, extents, preferred),
        extents=extents,
        skews=knowledge.skews,
        geometry=knowledge.geometry,
        settings=settings.reconstruct,
    )
    more = [replace(c, recording_id=copy) for c in group.clocks for copy in copies.get(c.recording_id, ())]
    return replace(group, clocks=tuple(sorted((*group.clocks, *more), key=lambda c: c.recording_id)))


def _pair(
    pair: PairEvidence,
    placement: Placement,
    extents_s: Mapping[str, tuple[float, float]],
    failed: Mapping[tuple[str, str], str],
    settings: Settings,
) -> Pair:
    link = next(
        (k for g in placement.groups for k in g.links if (k.a_id, k.b_id) == (pair.a_id, pair.b_id)),
        None,
    )
    best = max(pair.hypotheses, key=lambda h: (h.probability, -abs(h.lag_s)), default=None)
    if link is not None and not link.pinned:
        best = next(h for h in pair.hypotheses if h.lag_s == link.lag_s)
    lag_s = pair.pin.lag_s if pair.pin else (None if best is None else best.lag_s)
    overlap_s = None if lag_s is None else implied_overlap_s(extents_s[pair.a_id], extents_s[pair.b_id], lag_s)
    return Pair(
        a_id=pair.a_id,
        b_id=pair.b_id,
        hypotheses=pair.hypotheses,
        lag_s=lag_s,
        lag_spread_s=None if best is None or pair.pin else best.lag_spread_s,
        probability=None if best is None or pair.pin else best.probability,
        accepted=link is not None,
        overlap_s=overlap_s,
        reasons=(f"could not be compared: {why}",)
        if (why := _failure(pair.a_id, pair.b_id, failed)) is not None
        else _pair_reasons(pair, best, placement, accepted=link is not None, settings=settings),
    )


def _failure(a: str, b: str, failed: Mapping[tuple[str, str], str]) -> str | None:
    return failed.get((a, b), failed.get((b, a)))


def _pair_reasons(
    pair: PairEvidence, best: LagHypothesis | None, placement: Placement, *, accepted: bool, settings: Settings
) -> tuple[str, ...]:
    if pair.pin is not None:
        return ("pinned by a person",)
    if pair.rejected:
        return ("rejected by a person",)
    if best is None:
        return ("no common sound stands out",)
    offsets_s = next((g.offsets_s for g in placement.groups if {pair.a_id, pair.b_id} <= set(g.offsets_s)), None)
    if accepted:
        return (f"{best.supports} separate windows agree",)
    if offsets_s is not None:
        off_s = abs(best.lag_s - (offsets_s[pair.b_id] - offsets_s[pair.a_id]))
        if off_s > pair.tolerance_s:
            return (f"its best lag contradicts the group by {off_s:.1f} s",)
        return (f"too weak to count: probability {best.probability:.2f}",)
    reasons = [f"not strong enough to tie the two: probability {best.probability:.2f}"]
    if best.supports < settings.sync.least_supports:
        reasons.append("only one coincidence supports it")
    return tuple(reasons)


def _unplaced(
    recordings: Sequence[Recording],
    placement: Placement,
    heard: Mapping[str, Heard],
    first_of: Mapping[str, str],
    failed: Mapping[tuple[str, str], str],
    settings: Settings,
) -> tuple[Unplaced, ...]:
    """Say of every recording that stands alone why; a run on one recording asks for no reason."""
    names = {r.id: r.name_display for r in recordings}
    found = []
    for recording in recordings:
        first = first_of.get(recording.id, recording.id)
        if recording.kind == "unreadable":
            found.append(Unplaced(recording_id=recording.id, reasons=recording.warnings or ("it could not be read",)))
        elif first in placement.refusals and len(placement.groups) > 1:
            reasons = _own_reasons(recording, heard.get(first), settings) or placement.refusals[first]
            lost = sum(first in pair for pair in failed)
            if lost:
                reasons = (*reasons, f"it could not be compared with {lost} of the others (see pairs)")
            found.append(
                Unplaced(recording_id=recording.id, reasons=tuple(_with_names(reason, names) for reason in reasons))
            )
    return tuple(found)


def _own_reasons(recording: Recording, sound: Heard | None, settings: Settings) -> tuple[str, ...]:
    """Reasons that lie in the recording itself, whatever the others hold."""
    if recording.kind == "still":
        return ("a still picture: no sound to place it by; a pin or an anchor can",)
    if recording.audio is None:
        return ("no sound track: nothing to place it by; a pin can",)
    if sound is None:
        return ("its sound could not be decoded; a pin can place it",)
    if sound.duration_s == 0.0:
        return ("its sound track is empty: nothing to place it by; a pin can",)
    if sound.usable_s == 0.0:
        return ("digital silence throughout: nothing to place it by; a pin can",)
    if sound.usable_s < 2 * settings.sync.window_shortest_s:
        return (f"only {sound.usable_s:.2f} s of sound: too short to tell one time from another",)
    return ()


def _with_names(reason: str, names: Mapping[str, str]) -> str:
    """Put file names where the solver knows ids only."""
    for name, display in names.items():
        reason = reason.replace(name, display)
    return reason
