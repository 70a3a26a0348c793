"""Row 3: who enters and who leaves, against hand labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.movement_scores import Moment, pair_moments
from benchmarks.movement_watch import WHOLE, cuts_in, moments_of, tell, watch_file
from benchmarks.running import table, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.movement_labels import Clip, LabelledEvent
    from benchmarks.movement_watch import Told
    from syncview.model.movement import Movement
    from syncview.settings import MovementSettings

WITHIN_S = 1.0
BAR = 0.8


@dataclass(frozen=True, kw_only=True)
class ClipScore:
    """What one clip gave: `must` are labels that count, `found` those of them that were told within a second."""

    clip: Clip
    must: int
    found: int
    told: int
    false: int
    errors_s: tuple[float, ...]
    held: tuple[bool, ...]
    missed: tuple[LabelledEvent, ...]
    wrong: tuple[Moment, ...]
    candidates: int  # of `must`, found at any score
    border: tuple[int, int]  # must and found without those that the camera brings, the recording skips, or are hidden
    refused: int  # of `must`, not found where the program says that nothing can be said of people


def look_and_tell(clip: Clip, keep: Path | None = None, settings: MovementSettings = WHOLE) -> Told:
    """Look at a clip, and tell what moves there."""
    return tell(watch_file(clip.path, settings, keep), cuts_in(clip.path), settings)


def score_clip(clip: Clip, told: Told, settings: MovementSettings = WHOLE) -> ClipScore:
    """Compare what is told of a clip with its labels."""
    moments = [one for one in moments_of(_spoken_of(clip, told), settings.threshold) if _is_labelled(clip, one)]
    low = [one for one in moments_of(_spoken_of(clip, told), 0.0) if _is_labelled(clip, one)]
    true = [Moment(what=f"{event.action} {event.subject}", time_s=event.time_s) for event in clip.events]
    pairs = pair_moments(moments, true, WITHIN_S)
    hit = {column for _, column in pairs}
    must = [k for k, event in enumerate(clip.events) if event.counts]
    plain = [k for k in must if not clip.events[k].flags]
    any_score = {column for _, column in pair_moments(low, true, WITHIN_S)}
    blind = [k for k in must if k not in hit and _refuses(told, clip.events[k])]
    apart = [(moments[row].time_s - true[column].time_s, moments[row].half_s) for row, column in pairs]
    return ClipScore(
        clip=clip,
        must=len(must),
        found=len(hit & set(must)),
        told=len(moments),
        false=len(moments) - len(pairs),
        errors_s=tuple(error_s for error_s, _ in apart),
        held=tuple(abs(error_s) <= half_s for error_s, half_s in apart),
        missed=tuple(clip.events[k] for k in must if k not in hit),
        wrong=tuple(one for row, one in enumerate(moments) if row not in {r for r, _ in pairs}),
        candidates=len(any_score & set(must)),
        border=(len(plain), len(hit & set(plain))),
        refused=len(blind),
    )


def _refuses(told: Told, event: LabelledEvent) -> bool:
    """Whether nothing is told then of such figures; where only people are not assessable, vehicles are told."""
    return any(
        part.start_s <= event.time_s <= part.end_s and (part.vehicles or event.subject != "vehicle")
        for part in told.blind
    )


def _spoken_of(clip: Clip, told: Told) -> list[Movement]:
    """Movements in the part of the picture that is labelled."""
    if clip.scored == "none":
        return []
    if clip.scored != "left":
        return list(told.movements)
    middle_px = told.watched.size_px[0] / 2
    return [one for one in told.movements if one.evidence and _middle_px(one) <= middle_px]


def _middle_px(movement: Movement) -> float:
    return float(np.mean([(point.box_px[0] + point.box_px[2]) / 2 for point in movement.evidence]))


def _is_labelled(clip: Clip, one: Moment) -> bool:
    """Gatherings were not labelled; runs and arrivals were looked for, and there are none."""
    action, subject = one.what.split(" ")
    return action not in ("gathers", "disperses", "other") and (clip.scored != "person" or subject == "person")


def report_events(clips: Sequence[Clip], keep: Path | None = None) -> bool:
    """Print the table of all clips; whether the bar is met."""
    scores = [score_clip(clip, look_and_tell(clip, keep)) for clip in clips]
    rows = [_row(score) for score in scores if score.must or score.told or score.clip.scored != "all"]
    print("\nwho enters and leaves, within 1 s of the hand labels (a group counts for each of its members)")
    table(rows)
    quiet = sum(not score.clip.events and score.clip.scored == "all" for score in scores)
    print(f"{quiet} clips of people who neither come nor go: {sum(s.false for s in scores if not s.clip.events)} false")
    _print_missed(scores)
    return _verdicts(scores)


def _row(score: ClipScore) -> dict[str, object]:
    return {
        "clip": score.clip.short,
        "scored": score.clip.scored,
        "labelled": score.must,
        "found": score.found,
        "found at any score": score.candidates,
        "refused": score.refused,
        "told": score.told,
        "false": score.false,
        "median error s": f"{np.median(np.abs(score.errors_s)):.2f}" if score.errors_s else "",
        "within +-": f"{sum(score.held)}/{len(score.held)}" if score.held else "",
    }


def _print_missed(scores: Sequence[ClipScore]) -> None:
    for score in scores:
        for event in score.missed:
            what = f"{event.action} {event.subject} at {event.time_s:.2f} s, {event.where}"
            print(f"  missed  {score.clip.short}: {what} ({event.note}) {' '.join(event.flags)}")
        for one in score.wrong:
            print(f"  false   {score.clip.short}: {one.what} at {one.time_s:.2f} s +-{one.half_s:.2f}")


def _verdicts(scores: Sequence[ClipScore]) -> bool:
    must, found = sum(s.must for s in scores), sum(s.found for s in scores)
    told, false = sum(s.told for s in scores), sum(s.false for s in scores)
    plain, plain_found = sum(s.border[0] for s in scores), sum(s.border[1] for s in scores)
    errors = np.array([error for s in scores for error in s.errors_s])
    held = [one for s in scores for one in s.held]
    share = found / max(must, 1)
    passed = verdict(
        "3", "labelled entering and leaving found", f"{found}/{must} = {share:.2f}", ">= 0.8", passed=share >= BAR
    )
    said = must - sum(s.refused for s in scores)
    print(f"      where the program does not refuse to tell: {found}/{said} = {found / max(said, 1):.2f}")
    print(f"      of those over a border in plain view: {plain_found}/{plain}; false: {false} of {told} told")
    if len(errors):
        print(
            f"      told minus labelled: median {np.median(errors):+.2f} s, 95 % within "
            f"{np.quantile(np.abs(errors), 0.95):.2f} s; the +- holds the label in {sum(held)}/{len(held)}"
        )
    return passed
