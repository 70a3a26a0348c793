"""From the lags of all pairs and what people know to groups, their clocks, and a word on every pair and refusal."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from syncview.pipeline.findings import unsupported_findings
from syncview.pipeline.matching import lags_in_use
from syncview.pipeline.outcomes import misplaced_sounds, pairs_of, unplaced
from syncview.pipeline.triage import first_of_twins
from syncview.reconstruct.borne_out import borne_out
from syncview.reconstruct.clocks import Extent, clocks_of_group, reference_of
from syncview.reconstruct.refining import with_strike_lags
from syncview.reconstruct.strikes import join_strikes
from syncview.sync.drift import with_drifts
from syncview.sync.groups import place
from syncview.sync.likelihood import PairEvidence, Piece, PinnedLag, gather
from syncview.sync.pieces import at_home
from syncview.timebase import pace_of, round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import Duplicate, Event, Finding, Group, Pair, Recording, Unplaced
    from syncview.pipeline.copies import Copies
    from syncview.pipeline.failures import Failure
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard
    from syncview.pipeline.matching import Matched
    from syncview.pipeline.speed_ties import SpeedTie
    from syncview.reconstruct.borne_out import Unsupported
    from syncview.settings import Settings
    from syncview.sync.groups import Placed, Placement
    from syncview.sync.likelihood import Evidence
    from syncview.sync.support import PairLags

__all__ = ["Joint", "place_pieces", "place_recordings", "sound_clocks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Groups with ids still empty and the reference at 0, what is to be said of pairs and refusals, and findings.

    `strikes` are joined on the clocks that sound gives; `speeds` says which recordings are placed at another speed,
    `failures` which comparisons failed.
    """

    groups: tuple[Group, ...]
    unplaced: tuple[Unplaced, ...]
    pairs: tuple[Pair, ...]
    findings: tuple[Finding, ...]
    strikes: tuple[Event, ...]
    speeds: tuple[SpeedTie, ...] = ()
    failures: tuple[Failure, ...] = ()


def place_recordings(
    recordings: Sequence[Recording],
    *,
    heard: Mapping[str, Heard],
    matched: Matched,
    same_files: tuple[Duplicate, ...],
    copies: Copies,
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
    matched : Matched
        What the sound of every pair says, and the pieces that cuts leave.
    same_files : sequence of Duplicate
        Files of the same content; only the first of each is placed, the others take its clock.
    copies : Copies
        Files of the same recording: each has its own clock, tied to the other's, and both are one witness.
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
    first_of = first_of_twins(same_files)
    evidence, placement = place_pieces(
        recordings,
        heard=heard,
        matched=matched,
        same_files=same_files,
        copies=copies,
        knowledge=knowledge,
        settings=settings,
    )
    extents = {r.id: _extent(r, heard) for r in recordings}
    twins = {first: [c for c, of in first_of.items() if of == first] for first in set(first_of.values())}
    known = lags_in_use(matched, copies, knowledge)
    homes, unsupported = _borne_out(at_home(placement.groups, matched.wholes), known, settings)
    settled = replace(placement, groups=homes)
    references = [reference_of(placed, extents, preferred) for placed in homes]
    drifting = _drifting(homes, references, settings)

    def groups_of(placed: Sequence[Placed]) -> tuple[Group, ...]:
        return tuple(
            _group(each, reference, extents, twins, knowledge, settings)
            for each, reference in zip(placed, references, strict=True)
        )

    by_sound = tuple(replace(group, id=f"g{n}") for n, group in enumerate(groups_of(drifting), start=1))
    clocks = sound_clocks(by_sound, knowledge)
    strikes, _ = join_strikes(
        [detection for name in sorted(heard) for detection in heard[name].detections],
        clocks,
        geometry=knowledge.geometry,
        settings=settings,
        recordings=recordings,
        duplicates=(*same_files, *copies.duplicates),
    )
    refined = groups_of(_moved(drifting, by_sound, strikes, knowledge, settings))
    groups = tuple(replace(group, loops=old.loops) for group, old in zip(refined, by_sound, strict=True))
    return Joint(
        groups=groups,
        unplaced=unplaced(recordings, settled, evidence, heard, first_of, matched.failed, settings),
        pairs=pairs_of(matched, settled, evidence, settings),
        findings=(*misplaced_sounds(settled, evidence, settings), *unsupported_findings(unsupported, recordings)),
        strikes=strikes,
    )


def _borne_out(
    homes: Sequence[Placed], known: PairLags, settings: Settings
) -> tuple[tuple[Placed, ...], tuple[Unsupported, ...]]:
    """Groups without the ends of files that nothing ties to their clocks, and these ends."""
    found = [borne_out(placed, known, settings=settings.reconstruct, sync=settings.sync) for placed in homes]
    return tuple(placed for placed, _ in found), tuple(itertools.chain.from_iterable(taken for _, taken in found))


def _moved(
    drifting: Sequence[Placed],
    groups: Sequence[Group],
    strikes: Sequence[Event],
    knowledge: Knowledge,
    settings: Settings,
) -> list[Placed]:
    """Groups with what strikes from other sides say of their clocks."""
    return [
        with_strike_lags(
            placed,
            [strike for strike in strikes if strike.group_id == group.id],
            geometry=knowledge.geometry,
            settings=settings,
        )
        for placed, group in zip(drifting, groups, strict=True)
    ]


def _drifting(homes: Sequence[Placed], references: Sequence[str], settings: Settings) -> list[Placed]:
    """Groups with the drift of their clocks."""
    return [
        with_drifts(placed, reference_id=reference, settings=settings.sync)
        for placed, reference in zip(homes, references, strict=True)
    ]


def place_pieces(
    recordings: Sequence[Recording],
    *,
    heard: Mapping[str, Heard],
    matched: Matched,
    same_files: tuple[Duplicate, ...],
    copies: Copies,
    knowledge: Knowledge,
    settings: Settings,
) -> tuple[Evidence, Placement]:
    """Put the pieces of recordings into groups, without drift, strikes or words.

    Parameters
    ----------
    recordings, heard, matched, same_files, copies, knowledge, settings
        As `place_recordings` takes them.

    Returns
    -------
    tuple of Evidence and Placement
        What was to be placed, and where it came to be.
    """
    first_of = first_of_twins(same_files)
    placeable = [r.id for r in recordings if r.kind != "unreadable" and r.id not in first_of]
    evidence = _evidence(placeable, recordings, matched, heard, copies, knowledge, first_of)
    return evidence, place(evidence, settings=settings.sync)


def _evidence(
    names: Sequence[str],
    recordings: Sequence[Recording],
    matched: Matched,
    heard: Mapping[str, Heard],
    copies: Copies,
    knowledge: Knowledge,
    first_of: Mapping[str, str],
) -> Evidence:
    """What is to be placed and what ties it; recordings without sound can be pinned."""
    known = {recording.id: recording for recording in recordings}
    pieces = [
        piece
        for name in names
        for piece in matched.pieces.get(name)
        or (Piece(name=name, recording_id=name, start_s=0.0, end_s=float(known[name].duration_s or 0.0)),)
    ]
    witness_of = {
        piece.name: copies.witness_of[piece.recording_id] for piece in pieces if piece.recording_id in copies.witness_of
    }
    pairs = _pair_evidence(pieces, matched, heard, copies, knowledge, first_of)
    return gather(pieces, pairs, witness_of=witness_of)


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
    sound = heard.get(recording.id)
    return Extent(
        duration_s=round_s(length_s),
        has_audio=recording.audio is not None,
        has_video=recording.video is not None,
        sound_s=(0.0, length_s) if sound is None else (sound.start_s, sound.start_s + sound.duration_s),
    )


def _pair_evidence(
    pieces: Sequence[Piece],
    matched: Matched,
    heard: Mapping[str, Heard],
    copies: Copies,
    knowledge: Knowledge,
    first_of: Mapping[str, str],
) -> list[PairEvidence]:
    """One entry for every pair that sound, a copy or a person says something of, a before b by name."""
    lags = matched.lags
    pins = _copied(copies, first_of, pieces) | _pins(knowledge, first_of, pieces)
    found = []
    for x, y in itertools.combinations(sorted(pieces, key=lambda piece: piece.name), 2):
        key = (x.name, y.name)
        if x.recording_id == y.recording_id or (key not in lags and key not in pins):
            continue
        a, b = x.recording_id, y.recording_id
        length_s = sum(heard[name].duration_s for name in (a, b) if name in heard)
        found.append(
            PairEvidence(
                a_id=x.name,
                b_id=y.name,
                hypotheses=() if {a, b} & copies.muted else lags.get(key, ()),
                tolerance_s=knowledge.geometry.travel_s(a, b),
                range_s=max(length_s, 1.0),
                pin=pins.get(key),
                rejected=frozenset((a, b)) in knowledge.rejects,
            )
        )
    return found


def _pins(
    knowledge: Knowledge, first_of: Mapping[str, str], pieces: Sequence[Piece]
) -> dict[tuple[str, str], PinnedLag]:
    """What people pinned, one lag for each pair: all statements together, wide enough for every one of them."""
    said: dict[tuple[str, str], list[PinnedLag]] = {}
    for stated in knowledge.pins:
        if stated.check:
            continue
        a = _piece_at(first_of.get(stated.a_id, stated.a_id), stated.a_s, pieces)
        b = _piece_at(first_of.get(stated.b_id, stated.b_id), stated.b_s, pieces)
        if a is None or b is None:
            continue
        # People pin what they see; its sound lies later by the skew.
        a_s = stated.a_s + knowledge.skews[stated.a_id].skew_s
        b_s = stated.b_s + knowledge.skews[stated.b_id].skew_s
        pin = replace(stated.pin, lag_s=a_s - b_s, middle_s=(a_s, b_s))
        said.setdefault((a, b) if a < b else (b, a), []).append(pin if a < b else pin.flipped())
    return {pair: _combined(pins) for pair, pins in said.items()}


def _copied(copies: Copies, first_of: Mapping[str, str], pieces: Sequence[Piece]) -> dict[tuple[str, str], PinnedLag]:
    """Lags between copies of one recording, which no travel of sound moves."""
    found: dict[tuple[str, str], PinnedLag] = {}
    for pair in copies.pairs:
        a = _piece_at(first_of.get(pair.a_id, pair.a_id), pair.moment_s[0], pieces)
        b = _piece_at(first_of.get(pair.b_id, pair.b_id), pair.moment_s[1], pieces)
        if a is None or b is None or a == b:
            continue
        pin = PinnedLag(lag_s=pair.lag_s, uncertainty_s=pair.uncertainty_s, middle_s=pair.moment_s, copy=True)
        found[(a, b) if a < b else (b, a)] = pin if a < b else pin.flipped()
    return found


def _piece_at(recording_id: str, time_s: float, pieces: Sequence[Piece]) -> str | None:
    """The piece of a recording that holds a moment, or the nearest; None where nothing of it is to be placed."""
    own = [piece for piece in pieces if piece.recording_id == recording_id]
    if not own:
        return None
    return min(own, key=lambda p: (max(p.start_s - time_s, time_s - p.end_s, 0.0), p.start_s)).name


def _combined(pins: Sequence[PinnedLag]) -> PinnedLag:
    low_s = min(pin.lag_s - pin.uncertainty_s for pin in pins)
    high_s = max(pin.lag_s + pin.uncertainty_s for pin in pins)
    agree_from_s = max(pin.lag_s - pin.uncertainty_s for pin in pins)
    agree_to_s = min(pin.lag_s + pin.uncertainty_s for pin in pins)
    if agree_from_s <= agree_to_s:  # all can be true: the best of them, within what they share
        best = min(pins, key=lambda pin: (pin.uncertainty_s, pin.lag_s))
        return replace(best, lag_s=min(max(best.lag_s, agree_from_s), agree_to_s))
    middle_s = (fmean(pin.middle_s[0] for pin in pins), fmean(pin.middle_s[1] for pin in pins))
    return PinnedLag(lag_s=0.5 * (low_s + high_s), uncertainty_s=0.5 * (high_s - low_s), middle_s=middle_s)


def _group(
    placed: Placed,
    reference_id: str,
    extents: Mapping[str, Extent],
    twins: Mapping[str, Sequence[str]],
    knowledge: Knowledge,
    settings: Settings,
) -> Group:
    group = clocks_of_group(
        placed,
        reference_id=reference_id,
        extents=extents,
        skews=knowledge.skews,
        geometry=knowledge.geometry,
        settings=settings.reconstruct,
    )
    more = [replace(c, recording_id=copy) for c in group.clocks for copy in twins.get(c.recording_id, ())]
    return replace(group, clocks=tuple(sorted((*group.clocks, *more), key=lambda c: c.recording_id)))
