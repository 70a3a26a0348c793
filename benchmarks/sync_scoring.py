"""What a timeline got right of a rendered incident: placements per segment, decoys, copies, cuts, refusals.

A camera is placed when it shares a clock with another camera of its incident. It is placed wrongly when, in any of its
pieces, its clock differs from the group's by more than sound's way between the cameras and 50 ms; where two cameras
never filmed at once, the ways along the chain between them add up. Moments that the timeline puts on no clock are not
judged. A cut that is reported nowhere makes the piece after it wrong; where only that file ties what was filmed before
it to what was filmed after, sound cannot know, and it is counted apart. A decoy is placed when it shares a clock with
any other file.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.sync_reading import (
    ROOM_S,
    Placed,
    Span,
    TrueFile,
    Truth,
    file_names,
    overlap_s,
    placed_files,
    span_at,
    true_lags_s,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CameraScore", "Score", "score_incident"]

LEAST_OVERLAP_S = 15.0
KNOWABLE_S = 5.0  # a piece of a cut file that meets the others for less says nothing of its clock
JUMP_S = 0.02
CUT_TIME_S = 0.5
ROOM_OF_COPY_S = 0.05
_ToldCut = tuple[float, float, float]
_NEAR_CUT_S = 0.5  # moments this near to a true cut are not compared: where it lies is scored apart


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraScore:
    """One camera: whether it could be placed, whether it was, and how far off it is."""

    seed: int
    name: str
    snr_db: float
    partner_snr_db: float | None  # the best among cameras that overlap by LEAST_OVERLAP_S
    nearest_m: float | None  # of those
    expected: bool  # some other camera overlaps by LEAST_OVERLAP_S
    expected_placed: bool  # one of them was placed
    placed: bool
    wrong: bool
    wrong_unknowable: bool  # only where its piece met no other placed camera
    error_s: float | None  # of the piece that is furthest off, where it is wrong
    is_cut: bool
    reasons: tuple[str, ...]
    details: tuple[str, ...] = ()


@dataclass(slots=True)
class Score:
    """One incident, or several added up."""

    cameras: list[CameraScore] = field(default_factory=list)
    decoys: int = 0
    decoys_placed: list[str] = field(default_factory=list)
    copies: int = 0
    copies_found: int = 0
    copies_placed: int = 0
    copies_wrong: int = 0
    false_duplicates: list[str] = field(default_factory=list)
    cuts: int = 0  # in placed files, with enough on both sides
    cuts_found: int = 0
    cuts_all: int = 0
    jump_errors_s: list[float] = field(default_factory=list)
    false_cuts: list[str] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)  # (kind of file, reason without numbers)

    def add(self, other: Score) -> None:
        """Add another incident."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def score_incident(timeline: dict[str, Any], truth: Truth) -> Score:
    """Compare a timeline with the truth of its incident."""
    placed = placed_files(timeline)
    reasons = {file_names(timeline)[u["recording_id"]]: tuple(u["reasons"]) for u in timeline["unplaced"]}
    score = Score()
    wrong = _wrong_files(truth, placed)
    for camera in truth.cameras:
        score.cameras.append(_camera(timeline, truth, camera, placed, wrong, reasons.get(camera.name, ())))
    for file in truth.files.values():
        if file.role == "decoy":
            score.decoys += 1
            if file.name in placed:
                score.decoys_placed.append(f"{truth.seed} {file.name}")
    _score_copies(score, timeline, truth, placed)
    _score_cuts(score, timeline, truth, placed)
    for name, why in reasons.items():
        expected = any(c.name == name and c.expected for c in score.cameras)
        kind = truth.files[name].role if not expected else "camera with overlap"
        score.refusals += [(kind, _without_numbers(reason, truth)) for reason in why]
    return score


def _without_numbers(reason: str, truth: Truth) -> str:
    for name in sorted(truth.files, key=len, reverse=True):
        reason = reason.replace(name, "FILE")
    return re.sub(r"[-+]?\d+(\.\d+)?", "N", reason)


def _witness(file: TrueFile) -> str:
    return file.copy_of or file.name


def _camera(
    timeline: dict[str, Any],
    truth: Truth,
    camera: TrueFile,
    placed: dict[str, Placed],
    wrong: dict[str, tuple[float, bool]],
    reasons: tuple[str, ...],
) -> CameraScore:
    partners = [o for o in truth.cameras if o is not camera and overlap_s(camera, o) >= LEAST_OVERLAP_S]
    is_placed = _with_another_witness(truth, camera, placed)
    error_s, knowable = wrong.get(camera.name, (None, True))
    missed = bool(partners) and not is_placed
    off = error_s is not None
    return CameraScore(
        seed=truth.seed,
        name=camera.name,
        snr_db=camera.snr_db if camera.snr_db is not None else -99.0,
        partner_snr_db=max((o.snr_db for o in partners if o.snr_db is not None), default=None),
        nearest_m=min((truth.distance_m(camera, o) for o in partners), default=None),
        expected=bool(partners),
        expected_placed=any(_with_another_witness(truth, o, placed) for o in partners),
        placed=is_placed,
        wrong=off and knowable,
        wrong_unknowable=off and not knowable,
        error_s=error_s,
        is_cut=len(camera.spans) > 1,
        reasons=reasons,
        details=_details(timeline, truth, camera) if missed or off else (),
    )


def _with_another_witness(truth: Truth, file: TrueFile, placed: dict[str, Placed]) -> bool:
    """Whether it shares a clock with a file that is not the same recording once more."""
    if file.name not in placed:
        return False
    group = placed[file.name].group
    return any(p.group == group and _witness(truth.files[n]) != _witness(file) for n, p in placed.items())


def _wrong_files(truth: Truth, placed: dict[str, Placed]) -> dict[str, tuple[float, bool]]:
    """Cameras whose clock is off by more than sound's way and 50 ms: the error, and whether it could be known."""
    found: dict[str, tuple[float, bool]] = {}
    for group in sorted({p.group for p in placed.values()}):
        members = [c for c in truth.cameras if c.name in placed and placed[c.name].group == group]
        if len(members) < 2:
            continue
        slack_s = _slack_s(truth, members)
        judged = {a.name: _off_against(a, members, placed, slack_s) for a in members}
        # The clock that most agree with is taken for the group's; the reference where that decides nothing.
        anchor = min(members, key=lambda a: (len(judged[a.name]), not placed[a.name].is_reference, a.name))
        found |= judged[anchor.name]
    return found


def _slack_s(truth: Truth, members: Sequence[TrueFile]) -> dict[frozenset[str], float]:
    """How far clocks may differ for sound's way, by the names of two files.

    Files that never filmed at once are tied through others: what each link of the chain allows adds up, over the
    shortest chain (Floyd 1962).
    """
    way_s = {
        (a.name, b.name): truth.distance_m(a, b) / truth.sound_speed_mps if overlap_s(a, b) > 0 else math.inf
        for a in members
        for b in members
    }
    names = [m.name for m in members]
    for k, i, j in itertools.product(names, repeat=3):
        way_s[i, j] = min(way_s[i, j], way_s[i, k] + way_s[k, j])
    return {
        frozenset((a.name, b.name)): (
            ROOM_S + way_s[a.name, b.name] if math.isfinite(way_s[a.name, b.name]) else truth.slack_s(a, b)
        )
        for a, b in itertools.product(members, repeat=2)
    }


def _off_against(
    anchor: TrueFile, members: Sequence[TrueFile], placed: dict[str, Placed], slack_s: dict[frozenset[str], float]
) -> dict[str, tuple[float, bool]]:
    """Files that differ from one clock: by how much at most, and whether sound could have told.

    It could not where only a cut file itself ties the one to the other.
    """
    longest = max(anchor.spans, key=lambda s: s.end_s - s.start_s)
    told = span_at(placed[anchor.name].spans, 0.5 * (longest.start_s + longest.end_s))

    def error_s(file: TrueFile, span: Span) -> float:
        errors = [
            claimed.time_s(r) - told.time_s(longest.recording_s(span.time_s(r)))
            for r in _moments(span)
            if (claimed := span_at(placed[file.name].spans, r)).start_s <= r <= claimed.end_s
        ]
        return max(errors, key=abs, default=0.0)

    tied = _tied_to(longest, members)
    found: dict[str, tuple[float, bool]] = {}
    for file in members:
        spans = [s for s in file.spans if not (file is anchor and s is longest)]
        off = {s: e for s in spans if abs(e := error_s(file, s)) > slack_s[frozenset((file.name, anchor.name))]}
        if off:
            found[file.name] = max(off.values(), key=abs), any(s in tied for s in off)
    return found


def _tied_to(first: Span, members: Sequence[TrueFile]) -> list[Span]:
    """Pieces that filming at once ties to one, whatever a cut file says of itself."""
    pieces = [(file.name, span) for file in members for span in file.spans]
    tied = [first]
    for here in tied:
        own = next(name for name, span in pieces if span is here)
        tied += [
            span
            for name, span in pieces
            if name != own and all(span is not t for t in tied) and _both_s(here, span) >= KNOWABLE_S
        ]
    return tied


def _both_s(a: Span, b: Span) -> float:
    return min(a.time_s(a.end_s), b.time_s(b.end_s)) - max(a.time_s(a.start_s), b.time_s(b.start_s))


def _moments(span: Span) -> list[float]:
    """Recording times of a piece at which it is judged, a second apart."""
    low_s, high_s = span.start_s + _NEAR_CUT_S, span.end_s - _NEAR_CUT_S
    return [low_s + k * 1.0 for k in range(int(high_s - low_s) + 1)] if high_s > low_s else []


def _met_s(span: Span, others: Sequence[TrueFile]) -> float:
    """How long the best other camera filmed at once with a piece."""
    low_s, high_s = span.time_s(span.start_s), span.time_s(span.end_s)
    return max(
        (sum(max(0.0, min(high_s, h) - max(low_s, low)) for low, h in other.filmed_s) for other in others), default=0.0
    )


def _details(timeline: dict[str, Any], truth: Truth, camera: TrueFile) -> tuple[str, ...]:
    """Per overlapping camera: what the pair has in common, and what was believed of it."""
    names, lines = file_names(timeline), []
    pairs = {frozenset((names[p["a_id"]], names[p["b_id"]])): p for p in timeline["pairs"]}
    for other in sorted(truth.cameras, key=lambda o: -overlap_s(camera, o)):
        if other is camera or overlap_s(camera, other) <= 0:
            continue
        levels = "/".join(
            _db(truth.pair_snr_db.get(key)) for key in ((camera.name, other.name), (other.name, camera.name))
        )
        pair = pairs.get(frozenset((camera.name, other.name)))
        told = _hypotheses(pair, names, truth, camera, other) if pair else "not compared"
        lines.append(
            f"{other.name}: {overlap_s(camera, other):.0f} s, {truth.distance_m(camera, other):.0f} m, "
            f"{levels} dB while both: {told}"
        )
    return tuple(lines)


def _db(value: float | None) -> str:
    return "-" if value is None else f"{value:+.0f}"


def _hypotheses(pair: dict[str, Any], names: dict[str, str], truth: Truth, camera: TrueFile, other: TrueFile) -> str:
    sign = 1.0 if names[pair["a_id"]] == camera.name else -1.0
    told = []
    for h in pair["hypotheses"][:4]:
        off_s = min((sign * h["lag_s"] - lag for lag in true_lags_s(camera, other)), key=abs, default=None)
        right = off_s is not None and abs(off_s) <= truth.slack_s(camera, other)
        mark = "RIGHT " if right else ""
        told.append(f"{mark}p {h['probability']:.2f} x{h['supports']} off {off_s or 0.0:+.2f} s")
    return ("accepted " if pair["accepted"] else "") + ("; ".join(told) or "nothing")


def _score_copies(score: Score, timeline: dict[str, Any], truth: Truth, placed: dict[str, Placed]) -> None:
    names = file_names(timeline)
    same = [{names[i] for i in d["recording_ids"]} for d in timeline["duplicates"]]
    for copy in (f for f in truth.files.values() if f.copy_of is not None):
        score.copies += 1
        score.copies_found += any({copy.name, copy.copy_of} <= files for files in same)
        mine, original = placed.get(copy.name), placed.get(str(copy.copy_of))
        if mine is not None and original is not None and mine.group == original.group:
            score.copies_placed += 1
            score.copies_wrong += _copy_error_s(copy, truth.files[str(copy.copy_of)], mine, original) > ROOM_OF_COPY_S
    for files in same:
        if len({_witness(truth.files[name]) for name in files}) > 1:
            score.false_duplicates.append(f"{truth.seed} {' = '.join(sorted(files))}")


def _copy_error_s(copy: TrueFile, original: TrueFile, mine: Placed, its: Placed) -> float:
    """Largest difference of group time at which the two show one moment, where both are on a clock."""
    errors = []
    for span in copy.spans:
        for r in _moments(span):
            at_s = span.time_s(r)
            there = min(original.spans, key=lambda s: max(s.time_s(s.start_s) - at_s, at_s - s.time_s(s.end_s), 0.0))
            again = there.recording_s(at_s)
            here, original_here = span_at(mine.spans, r), span_at(its.spans, again)
            if here.start_s <= r <= here.end_s and original_here.start_s <= again <= original_here.end_s:
                errors.append(abs(here.time_s(r) - original_here.time_s(again)))
    return max(errors, default=0.0)


def _score_cuts(score: Score, timeline: dict[str, Any], truth: Truth, placed: dict[str, Placed]) -> None:
    """Cuts are the places where a clock starts a new segment; findings without one count as false."""
    names, told = file_names(timeline), {name: _told_cuts(place) for name, place in placed.items()}
    for file in truth.files.values():
        left = list(told.get(file.name, ()))
        for before, after in itertools.pairwise(file.spans):
            best = min(left, key=lambda cut: abs(cut[0] - after.start_s), default=None)
            if best is not None and abs(best[0] - after.start_s) <= 4 * CUT_TIME_S + 0.5 * best[1]:
                left.remove(best)
            else:
                best = None
            if file.role == "camera":
                _score_cut(score, truth, placed, file, (before, after), best)
        score.false_cuts += [f"{truth.seed} {file.name} at {at:.1f} s, jump {jump:+.3f} s" for at, _, jump in left]
    for finding in timeline["findings"]:
        files = [names[i] for i in finding["recording_ids"]]
        known = any(len(truth.files[name].spans) > 1 or told.get(name) for name in files)
        if finding["kind"] == "cut" and not known:
            score.false_cuts.append(f"{truth.seed} {' '.join(files)}: {finding['message']}")


def _told_cuts(place: Placed) -> list[_ToldCut]:
    """The middle of the stretch on no clock, its length, and the jump, for every change of clock inside a file."""
    return [
        (
            0.5 * (before.end_s + after.start_s),
            after.start_s - before.end_s,
            after.time_s(after.start_s) - before.time_s(after.start_s),
        )
        for before, after in itertools.pairwise(place.spans)
    ]


def _score_cut(
    score: Score,
    truth: Truth,
    placed: dict[str, Placed],
    file: TrueFile,
    sides: tuple[Span, Span],
    told: _ToldCut | None,
) -> None:
    """Count a true cut, where both its sides meet placed cameras long enough to be heard."""
    before, after = sides
    others = [c for c in truth.cameras if c.name in placed and c is not file]
    score.cuts_all += 1
    if file.name not in placed or min(_met_s(before, others), _met_s(after, others)) < LEAST_OVERLAP_S / 2:
        return
    score.cuts += 1
    if told is not None:
        at_s, doubt_s, jump_s = told
        error_s = abs(jump_s - (after.offset_s - before.offset_s))
        score.jump_errors_s.append(error_s)
        way_s = max(truth.distance_m(file, other) for other in others) / truth.sound_speed_mps
        score.cuts_found += error_s <= 2 * way_s + JUMP_S and abs(at_s - after.start_s) <= CUT_TIME_S + 0.5 * doubt_s
