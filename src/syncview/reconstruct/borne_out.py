"""How far along a recording its clock is borne out: what was placed by one part of it may not hold in another.

Each pair that bears a clock out says how strongly it should agree elsewhere. Where a recording begins or ends with a
stretch in which it could agree, and nothing does, either other sounds were in the air or the file was cut; which of the
two nobody can tell, so that stretch is put on no clock. Likelihoods of a change in mean (Page 1954) say where it ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from syncview.sync.support import lags_of, support_of, supports_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.settings import ReconstructSettings, SyncSettings
    from syncview.sync.groups import Placed
    from syncview.sync.likelihood import Piece
    from syncview.sync.support import PairLags, PairSupport

__all__ = ["Unsupported", "borne_out", "silent_s"]

_ROUNDS = 4
_LEAST_STEPS = 10  # of a pair, in which its usual agreement can be read
_EDGE_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """A stretch of a recording, in its own time, that no sound ties to its clock; `others` could have.

    `why` is "silent" where nothing agrees there; "denied" where `others` agree at another lag than the clock's;
    "open_tie" where what `others` share with it lies beyond a stretch in which it may be cut; "either_cut" where it or
    one of the `others` was cut.
    """

    recording_id: str
    start_s: float
    end_s: float
    others: tuple[str, ...]
    why: Literal["silent", "denied", "open_tie", "either_cut"] = "silent"


def borne_out(
    placed: Placed, known: PairLags, *, settings: ReconstructSettings, sync: SyncSettings
) -> tuple[Placed, tuple[Unsupported, ...]]:
    """Take from the ends of a group's pieces what nothing bears out though it should show.

    Parameters
    ----------
    placed : Placed
        A group with all its clocks.
    known : PairLags
        What every pair of its pieces says.
    settings : ReconstructSettings
        How much silence refutes a clock.
    sync : SyncSettings
        Steps along a recording, the shortest piece worth placing.

    Returns
    -------
    tuple of Placed and tuple of Unsupported
        The group with shorter pieces, and what was taken from them. Pieces that a person pinned are left alone.
    """
    pinned = {end for link in placed.links if link.pinned and not link.copy for end in (link.a_id, link.b_id)}
    pieces, taken = dict(placed.pieces), []
    for name in sorted(set(pieces) - pinned):
        pairs = supports_of(name, placed, known, settings=sync)
        silent = [_lost_s(pairs, pieces[name], placed, last, settings, sync) for last in (False, True)]
        denied = [_contradicted_s(name, placed, known, last, settings, sync) for last in (False, True)]
        ends = [max(lost_s, other[0]) for lost_s, other in zip(silent, denied, strict=True)]
        piece = placed.pieces[name]
        start_s, end_s = piece.start_s + ends[0], piece.end_s - ends[1]
        if piece.end_s - piece.start_s < sync.part_least_s:
            continue
        if end_s - start_s < sync.part_least_s:  # it agrees at one end only, and there for less than can be placed
            if ends[0] >= ends[1]:
                start_s, end_s = piece.end_s - sync.part_least_s, piece.end_s
            else:
                start_s, end_s = piece.start_s, piece.start_s + sync.part_least_s
        pieces[name] = replace(piece, start_s=start_s, end_s=end_s)
        others = tuple(sorted({placed.recording_of(pair.other) for pair in pairs}))
        spans = ((piece.start_s, start_s), (end_s, piece.end_s))
        for (low_s, high_s), lost_s, (denied_s, by) in zip(spans, silent, denied, strict=True):
            said = {"others": others} if lost_s >= denied_s else {"others": (by,), "why": "denied"}
            if high_s > low_s:
                taken.append(Unsupported(recording_id=piece.recording_id, start_s=low_s, end_s=high_s, **said))
    return replace(placed, pieces=pieces), tuple(taken)


def _lost_s(
    pairs: Sequence[PairSupport],
    piece: Piece,
    placed: Placed,
    last: bool,
    settings: ReconstructSettings,
    sync: SyncSettings,
) -> float:
    """How long a stretch at one end of a piece is not borne out."""
    own = [other for other in placed.pieces.values() if other.recording_id == piece.recording_id]
    beside_a_cut = any(
        (other.start_s > piece.start_s + _EDGE_S) if last else (other.start_s < piece.start_s - _EDGE_S)
        for other in own
    )
    # Where a cut is known, how far its doubt reaches is not: there the clock needs no more than to be silent.
    return silent_s(pairs, last=last, cut="known" if beside_a_cut else "unknown", settings=settings, sync=sync)


def silent_s(
    pairs: Sequence[PairSupport],
    *,
    last: bool,
    cut: Literal["known", "suspected", "unknown"],
    settings: ReconstructSettings,
    sync: SyncSettings,
) -> float:
    """Find how long pairs are silent at one end of a piece, with the doubt about where they begin to agree.

    Parameters
    ----------
    pairs : sequence of PairSupport
        What each pair says along the piece.
    last : bool
        Whether its last end is asked, not its first.
    cut : {"known", "suspected", "unknown"}
        Whether there is one. Beside a known cut it need not be clear that they should agree; where one is suspected,
        it must be unlikely that they are silent by chance; else much must be missing.
    settings : ReconstructSettings
        How much silence refutes a clock.
    sync : SyncSettings
        Steps along the piece.

    Returns
    -------
    float
        Seconds; 0 where they agree, or need not.
    """
    turned = [(pair.agreement[::-1], pair.covered[::-1]) if last else (pair.agreement, pair.covered) for pair in pairs]
    if not turned:
        return 0.0
    steps, change = _change(turned, settings)
    if steps == 0 or not _silent(turned, steps, settings):
        return 0.0
    if cut != "known" and change > -settings.lost_log_likelihood:
        return 0.0
    if cut == "unknown" and not _refuted(turned, steps, settings):
        return 0.0
    return (steps + _doubtful(turned, steps, settings)) * sync.support_step_s + settings.lost_slack_s


def _contradicted_s(
    name: str, placed: Placed, known: PairLags, last: bool, settings: ReconstructSettings, sync: SyncSettings
) -> tuple[float, str]:
    """How long a stretch at one end of a piece agrees better with another at a lag that its clock does not have."""
    piece, longest, by = placed.pieces[name], 0, ""
    count = max(1, round((piece.end_s - piece.start_s) / sync.support_step_s))
    home = support_of(supports_of(name, placed, known, settings=sync), count).agreement
    for other, lag in lags_of(name, placed, known):
        off_s = placed.offsets_s[other] + lag.lag_s - placed.offsets_s[name]
        reach_s = known.travel_s(piece.recording_id, placed.recording_of(other))
        if lag.probability < settings.contradicting_probability or abs(off_s) <= 2 * reach_s:
            continue
        away = support_of(supports_of(name, placed, known, off_s=off_s, among=[other], settings=sync), count)
        lead = (away.agreement - home)[::-1] if last else away.agreement - home
        so_far = np.concatenate([[0.0], np.cumsum(lead)])
        steps = int(np.argmax(so_far))
        part = slice(count - steps, None) if last else slice(0, steps)
        if steps < count and away.z(part) >= sync.part_least_z and so_far[steps] > 0.0:
            doubt = sync.cut_log_likelihood / away.rate(part)
            until = int(np.flatnonzero(so_far >= so_far[steps] - doubt)[-1])
            if until > longest:
                longest, by = until, placed.recording_of(other)
    return longest * sync.support_step_s + (settings.lost_slack_s if longest else 0.0), by


def _change(
    turned: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], settings: ReconstructSettings
) -> tuple[int, float]:
    """The first step that is borne out, and how likely the steps before it are, given the clock, over without it."""
    steps, lowest = 0, 0.0
    for _ in range(_ROUNDS):
        so_far = _so_far(turned, steps, settings)
        place = int(np.argmin(so_far))
        lowest = float(so_far[place])
        if place == steps:
            break
        steps = place
    return steps, lowest


def _so_far(
    turned: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], steps: int, settings: ReconstructSettings
) -> NDArray[np.float64]:
    """Log likelihood of the clock over none, summed from the end on: of unit deviation, with each pair's own mean."""
    gain = np.zeros(len(turned[0][0]))
    for agreement, covered in turned:
        mean = _usual(agreement, covered, steps, settings)
        gain += mean * agreement - 0.5 * mean * mean * covered
    return np.concatenate([[0.0], np.cumsum(gain)])


def _usual(
    agreement: NDArray[np.float64], covered: NDArray[np.float64], steps: int, settings: ReconstructSettings
) -> float:
    """How strongly a pair agrees in the part that is borne out, 0 where it hardly does."""
    count = float(covered[steps:].sum())
    if count < _LEAST_STEPS:
        return 0.0
    mean = float(agreement[steps:].sum()) / count
    return min(mean, settings.usual_most) if mean > settings.usual_least else 0.0


def _refuted(
    turned: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
    steps: int,
    settings: ReconstructSettings,
) -> bool:
    """Whether much should show in the steps before the change."""
    count = sum(float(covered[:steps].sum()) for _, covered in turned)
    expected = sum(
        max(0.0, float(agreement[steps:].sum()) / float(covered[steps:].sum())) * float(covered[:steps].sum())
        for agreement, covered in turned
        if covered[steps:].sum() >= _LEAST_STEPS
    )
    return expected >= settings.lost_expected_z * math.sqrt(count)


def _silent(
    turned: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], steps: int, settings: ReconstructSettings
) -> bool:
    """Whether neither one pair nor all together show anything in the steps before the change."""
    seen = [(float(x[:steps].sum()), float(c[:steps].sum())) for x, c in turned]
    seen.append((sum(x for x, _ in seen), sum(c for _, c in seen)))
    return all(x <= settings.lost_most_z * math.sqrt(c) for x, c in seen)


def _doubtful(
    turned: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], steps: int, settings: ReconstructSettings
) -> int:
    """Steps after the change that may lie before it."""
    after = _so_far(turned, steps, settings)[steps:]
    sure = after > after[0] + settings.lost_doubt
    return int(np.argmax(sure)) if sure.any() else 0
