"""What is said of every pair of recordings and of every one that stayed alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.model import Finding, Pair, Unplaced
from syncview.sync.carried import same_sound_at_other_lags
from syncview.sync.likelihood import implied_overlap_s
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import LagHypothesis, Recording
    from syncview.pipeline.listen import Heard
    from syncview.pipeline.matching import Matched
    from syncview.settings import Settings
    from syncview.sync.groups import Placement
    from syncview.sync.likelihood import Evidence, PairEvidence
    from syncview.sync.positions import Link

__all__ = ["misplaced_sounds", "pairs_of", "unplaced"]


def pairs_of(matched: Matched, placement: Placement, evidence: Evidence, settings: Settings) -> tuple[Pair, ...]:
    """Say of every pair what its sound supports and what became of it.

    Parameters
    ----------
    matched : Matched
        What the sound of every pair says.
    placement : Placement
        Groups and the links that carry them.
    evidence : Evidence
        What was placed, and what people say of it.
    settings : Settings
        Thresholds.

    Returns
    -------
    tuple of Pair
        By the two ids. Of a pair in pieces, the lag is that of the pieces that share most.
    """
    pieces = evidence.pieces
    tied: dict[tuple[str, str], list[PairEvidence]] = {}
    for key in sorted(evidence.pairs):
        if key[0] < key[1]:
            owners = (pieces[key[0]].recording_id, pieces[key[1]].recording_id)
            tied.setdefault(owners if owners[0] < owners[1] else owners[::-1], []).append(evidence.pairs[key])
    links = {(link.a_id, link.b_id): link for group in placement.groups for link in group.links}
    return tuple(_pair(key, tied[key], matched, links, placement, evidence, settings) for key in sorted(tied))


def _pair(
    key: tuple[str, str],
    parts: Sequence[PairEvidence],
    matched: Matched,
    links: Mapping[tuple[str, str], Link],
    placement: Placement,
    evidence: Evidence,
    settings: Settings,
) -> Pair:
    a, b = key

    def shared_s(part: PairEvidence) -> float:
        lag_s = links[part.a_id, part.b_id].lag_s if (part.a_id, part.b_id) in links else None
        return -1.0 if lag_s is None else _overlap_s(part, lag_s, evidence)

    part = max(parts, key=lambda each: (shared_s(each), each.a_id, each.b_id))
    link = links.get((part.a_id, part.b_id))
    turned = evidence.pieces[part.a_id].recording_id != a
    best = max(part.hypotheses, key=lambda h: (h.probability, -abs(h.lag_s)), default=None)
    if link is not None and not link.pinned:
        best = next(h for h in part.hypotheses if h.lag_s == link.lag_s)
    pin = part.pin
    lag_s = pin.lag_s if pin is not None else (None if best is None else best.lag_s)
    overlap_s = None if lag_s is None else _overlap_s(part, lag_s, evidence)
    whole = matched.pairs.get(key)
    hypotheses = part.hypotheses if whole is None or len(parts) == 1 else whole.hypotheses
    if turned:
        lag_s = None if lag_s is None else -lag_s
        hypotheses = tuple(h.flipped() for h in hypotheses) if len(parts) == 1 else hypotheses
    why = matched.failed.get(key, matched.failed.get(key[::-1]))
    return Pair(
        a_id=a,
        b_id=b,
        hypotheses=hypotheses,
        lag_s=lag_s,
        lag_spread_s=None if best is None or pin else best.lag_spread_s,
        probability=None if best is None or pin else best.probability,
        accepted=link is not None,
        overlap_s=overlap_s,
        reasons=(f"could not be compared: {why}",)
        if why is not None
        else _pair_reasons(part, best, placement, accepted=link is not None, settings=settings),
    )


def _overlap_s(part: PairEvidence, lag_s: float, evidence: Evidence) -> float:
    return implied_overlap_s(evidence.extent_s(part.a_id), evidence.extent_s(part.b_id), lag_s)


def _pair_reasons(
    pair: PairEvidence, best: LagHypothesis | None, placement: Placement, *, accepted: bool, settings: Settings
) -> tuple[str, ...]:
    if pair.pin is not None and pair.pin.copy:
        return ("both are copies of one recording: no second witness",)
    if pair.pin is not None:
        return ("pinned by a person",)
    if pair.rejected:
        return ("rejected by a person",)
    if best is None:
        return ("no common sound stands out",)
    if best.sound == "carried":
        return ("its common sound proves no common place", *best.reasons)
    offsets_s = next((g.offsets_s for g in placement.groups if {pair.a_id, pair.b_id} <= set(g.offsets_s)), None)
    if accepted:
        return (f"{best.supports} separate windows agree", *best.reasons)
    if offsets_s is not None:
        off_s = abs(best.lag_s - (offsets_s[pair.b_id] - offsets_s[pair.a_id]))
        if off_s > pair.tolerance_s:
            return (f"its best lag contradicts the group by {off_s:.1f} s",)
        return (f"too weak to count: probability {best.probability:.2f}",)
    reasons = [f"not strong enough to tie the two: probability {best.probability:.2f}"]
    if best.supports < settings.sync.least_supports:
        reasons.append("only one coincidence supports it")
    return tuple(reasons)


def misplaced_sounds(placement: Placement, evidence: Evidence, settings: Settings) -> tuple[Finding, ...]:
    """Name the pairs whose strongest common sound stands elsewhere than their clocks, which others carry, allow.

    Parameters
    ----------
    placement : Placement
        Groups; a lag that contradicts its group does not carry it.
    evidence : Evidence
        What the sound of every pair says.
    settings : Settings
        How sure a lag must be to be named.

    Returns
    -------
    tuple of Finding
        Of kind "carried_sound", one for a pair of recordings at most, by their ids.
    """
    found: dict[tuple[str, str], tuple[LagHypothesis, float]] = {}
    for pair in evidence.pairs.values():
        key = evidence.pieces[pair.a_id].recording_id, evidence.pieces[pair.b_id].recording_id
        misplaced = _misplaced(pair, placement, settings) if key[0] < key[1] else None
        if misplaced is not None and (key not in found or found[key][0].probability < misplaced[0].probability):
            found[key] = misplaced
    return tuple(
        Finding(
            kind="carried_sound",
            recording_ids=key,
            group_id=None,
            time_s=None,
            value=round_s(best.lag_s),
            unit="s",
            message=f"a sound in both stands {abs(off_s):.1f} s off where their clocks, which rest on others, put it: "
            "it was carried there (song, broadcast, loudspeaker or radio), or it repeats; it ties no clocks",
        )
        for key, (best, off_s) in sorted(found.items())
    )


def _misplaced(pair: PairEvidence, placement: Placement, settings: Settings) -> tuple[LagHypothesis, float] | None:
    """The lag of a pair that sound alone leaves no doubt of, if its clocks deny it, and by how much."""
    offsets_s = next((g.offsets_s for g in placement.groups if {pair.a_id, pair.b_id} <= set(g.offsets_s)), None)
    sure = [
        h
        for h in pair.hypotheses
        if h.sound == "acoustic"
        and h.probability >= settings.sync.settled_probability
        and h.supports >= settings.sync.least_supports
    ]
    if offsets_s is None or not sure or pair.pin is not None or pair.rejected:
        return None
    # Sound's travel may have moved the clocks as well as the lag.
    lags_s, tolerance_s = {(pair.a_id, pair.b_id): sure[0].lag_s}, 2.0 * pair.tolerance_s
    if not same_sound_at_other_lags(lags_s, offsets_s, tolerance_s=tolerance_s):
        return None
    return sure[0], sure[0].lag_s - (offsets_s[pair.b_id] - offsets_s[pair.a_id])


def unplaced(
    recordings: Sequence[Recording],
    placement: Placement,
    evidence: Evidence,
    heard: Mapping[str, Heard],
    first_of: Mapping[str, str],
    failed: Mapping[tuple[str, str], str],
    settings: Settings,
) -> tuple[Unplaced, ...]:
    """Say of every recording that stands alone why; a run on one recording asks for no reason.

    Parameters
    ----------
    recordings : sequence of Recording
        All of them.
    placement : Placement
        Groups, every recording in one of them, and why pieces stayed alone.
    evidence : Evidence
        What was placed.
    heard : mapping of str to Heard
        What was heard.
    first_of : mapping of str to str
        For copies, the recording that they are copies of.
    failed : mapping
        Why pairs could not be compared.
    settings : Settings
        Thresholds.

    Returns
    -------
    tuple of Unplaced
        In the order of the recordings.
    """
    names = {r.id: r.name_display for r in recordings}
    refusals = _refusals(placement, evidence)
    found = []
    for recording in recordings:
        first = first_of.get(recording.id, recording.id)
        if recording.kind == "unreadable":
            found.append(Unplaced(recording_id=recording.id, reasons=recording.warnings or ("it could not be read",)))
        elif first in refusals and len(placement.groups) > 1:
            reasons = _own_reasons(recording, heard.get(first), settings) or refusals[first]
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


def _refusals(placement: Placement, evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Why recordings stayed alone; one in pieces is alone when none of its pieces found another."""
    alone = {
        piece.recording_id
        for group in placement.groups
        if len({p.recording_id for p in group.pieces.values()}) == 1
        for piece in group.pieces.values()
    }
    found: dict[str, tuple[str, ...]] = {}
    pieces = evidence.pieces
    for name in sorted(placement.refusals, key=lambda n: (pieces[n].start_s - pieces[n].end_s, n)):
        if pieces[name].recording_id in alone:
            found.setdefault(pieces[name].recording_id, placement.refusals[name])
    for recording_id in sorted(alone - set(found)):
        found[recording_id] = ("it fits only a part of a recording whose other parts are on another clock",)
    return found
