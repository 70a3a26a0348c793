"""Cuts that no pair shows by itself: where a recording stops to agree with its group, or agrees with it elsewhere.

Two recordings show a jump only when both sides of it are in both. A group shows more: a lag that contradicts the
clocks, in a part of a recording where they are not borne out, is that of another piece of it; and a part in which
nothing agrees, while the others agree with each other, is on no known clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.sync.pieces import Cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.model import LagHypothesis
    from syncview.settings import SyncSettings
    from syncview.sync.groups import Placed

__all__ = ["hidden_cuts", "needless_cuts"]


@dataclass(frozen=True, slots=True)
class _Support:
    """How far pairs bear out one clock of a recording, along it, and how many of them could."""

    agreement: NDArray[np.float64]
    covered: NDArray[np.float64]

    def z(self, part: slice) -> float:
        """Height of a part in sigmas."""
        covered = float(self.covered[part].sum())
        return float(self.agreement[part].sum()) / math.sqrt(covered) if covered else 0.0

    def rate(self, part: slice) -> float:
        """Mean agreement where it could show."""
        covered = float(self.covered[part].sum())
        return float(self.agreement[part].sum()) / covered if covered else 0.0


def hidden_cuts(
    groups: Sequence[Placed],
    lags: Mapping[tuple[str, str], Sequence[LagHypothesis]],
    *,
    travel_s: Callable[[str, str], float],
    settings: SyncSettings,
) -> tuple[Cut, ...]:
    """Find the cuts that only a group shows.

    Parameters
    ----------
    groups : sequence of Placed
        Pieces on their clocks.
    lags : mapping
        Hypotheses of every pair of pieces, by their names in order.
    travel_s : callable
        The time that sound needs between two recordings' cameras at most, in seconds.
    settings : SyncSettings
        What a part must show, or lack.

    Returns
    -------
    tuple of Cut
        At most one for each piece; `jump_s` is None where nothing is known of the other side.
    """
    found = []
    for group in groups:
        if len({piece.recording_id for piece in group.pieces.values()}) > 1:
            for name in sorted(group.pieces):
                cut = _other_clock(name, group, lags, travel_s, settings) or _no_clock(
                    name, group, lags, travel_s, settings
                )
                if cut is not None:
                    found.append(cut)
    return tuple(found)


def _other_clock(
    name: str,
    group: Placed,
    lags: Mapping[tuple[str, str], Sequence[LagHypothesis]],
    travel_s: Callable[[str, str], float],
    settings: SyncSettings,
) -> Cut | None:
    """The cut between the part that bears out the clock and one that agrees with the group at another lag."""
    home = _support(name, group, lags, 0.0, travel_s, settings)
    best: tuple[float, Cut] | None = None
    for other, hypothesis in _of(name, group, lags):
        off_s = group.offsets_s[other] + hypothesis.lag_s - group.offsets_s[name]
        if abs(off_s) <= 2 * travel_s(group.recording_of(name), group.recording_of(other)):
            continue
        away = _support(name, group, lags, off_s, travel_s, settings)
        for first, second, jump_s in ((home, away, off_s), (away, home, -off_s)):
            found = _split(first, second, jump_s, settings)
            if found is not None and (best is None or found[0] > best[0]):
                piece = group.pieces[name]
                cut = Cut(
                    recording_id=piece.recording_id,
                    end_s=piece.start_s + found[1] * settings.support_step_s,
                    start_s=piece.start_s + found[2] * settings.support_step_s,
                    jump_s=jump_s,
                    seen_by=(group.recording_of(other),),
                    only_here=False,
                )
                best = (found[0], cut)
    return None if best is None else best[1]


def _split(first: _Support, second: _Support, jump_s: float, settings: SyncSettings) -> tuple[float, int, int] | None:
    """Where one clock ends and another begins: the gain, and the steps between which the change lies."""
    skipped = max(0, round(-jump_s / settings.support_step_s))
    count = len(first.agreement)
    if skipped >= count:
        return None
    # Pairs share the recording's own noise: their mean, not their sum, says where one clock gives way to the other.
    so_far, from_here = (
        np.concatenate([[0.0], np.cumsum(s.agreement / np.maximum(s.covered, 1.0))]) for s in (first, second)
    )
    gain = so_far[: count + 1 - skipped] + from_here[-1] - from_here[skipped:]
    at = int(np.argmax(gain))
    here, there = slice(0, at), slice(at + skipped, count)
    for support, inside, outside in ((first, here, there), (second, there, here)):
        if support.z(inside) < settings.part_least_z:
            return None
        if support.rate(outside) > settings.part_elsewhere_share * support.rate(inside):
            return None
    doubtful = gain >= gain[at] - settings.cut_log_likelihood / max(0.5 * (first.rate(here) + second.rate(there)), 1e-3)
    until, since = _around(doubtful, at)
    return float(gain[at]), until, since + skipped


def _around(doubtful: NDArray[np.bool_], at: int) -> tuple[int, int]:
    """First and last place of the run of doubtful places that holds `at`."""
    before, after = np.flatnonzero(~doubtful[:at]), np.flatnonzero(~doubtful[at:])
    return int(before[-1]) + 1 if len(before) else 0, at + int(after[0]) - 1 if len(after) else len(doubtful) - 1


def _no_clock(
    name: str,
    group: Placed,
    lags: Mapping[tuple[str, str], Sequence[LagHypothesis]],
    travel_s: Callable[[str, str], float],
    settings: SyncSettings,
) -> Cut | None:
    """The cut before or after which nothing agrees any more, while the others agree with each other."""
    home = _support(name, group, lags, 0.0, travel_s, settings)
    others = _others(name, group, lags, travel_s, settings)
    count = len(home.agreement)
    least = round(settings.lost_least_s / settings.support_step_s)
    best: tuple[float, int] | None = None
    for at in range(least, count - least + 1):
        for lost, kept in ((slice(0, at), slice(at, count)), (slice(at, count), slice(0, at))):
            expected_z = home.rate(kept) * math.sqrt(float(home.covered[lost].sum()))
            if (
                expected_z < settings.lost_expected_z
                or home.z(lost) > settings.lost_most_z
                or home.rate(lost) > settings.lost_most_share * home.rate(kept)
                or others.rate(lost) < settings.lost_others_share * others.rate(slice(0, count))
                or others.z(lost) < settings.part_least_z
            ):
                continue
            if best is None or expected_z - home.z(lost) > best[0]:
                best = (expected_z - home.z(lost), at)
    if best is None:
        return None
    piece, slack = group.pieces[name], settings.lost_slack_s
    at_s = piece.start_s + best[1] * settings.support_step_s
    return Cut(
        recording_id=piece.recording_id,
        end_s=at_s - slack,
        start_s=at_s + slack,
        jump_s=None,
        seen_by=tuple(sorted({group.recording_of(other) for other, _ in _of(name, group, lags)})),
        only_here=False,
    )


def _of(
    name: str, group: Placed, lags: Mapping[tuple[str, str], Sequence[LagHypothesis]]
) -> Iterator[tuple[str, LagHypothesis]]:
    """Every lag of a piece against another of its group: as ``r_other - r_piece``."""
    for other in sorted(group.pieces):
        if group.recording_of(other) == group.recording_of(name):
            continue
        for hypothesis in lags.get((other, name), ()):
            if hypothesis.sound == "acoustic" and hypothesis.agreement:
                yield other, hypothesis
        for hypothesis in lags.get((name, other), ()):
            if hypothesis.sound == "acoustic" and hypothesis.agreement:
                yield other, hypothesis.flipped()


def _support(
    name: str,
    group: Placed,
    lags: Mapping[tuple[str, str], Sequence[LagHypothesis]],
    off_s: float,
    travel_s: Callable[[str, str], float],
    settings: SyncSettings,
) -> _Support:
    """What all pairs say for a clock that is `off_s` ahead of the piece's, along the piece."""
    piece, step_s = group.pieces[name], settings.support_step_s
    count = max(1, round((piece.end_s - piece.start_s) / step_s))
    agreement, covered = np.zeros(count), np.zeros(count)
    for other, hypothesis in _of(name, group, lags):
        wanted_s = group.offsets_s[name] + off_s - group.offsets_s[other]
        if abs(hypothesis.lag_s - wanted_s) <= travel_s(group.recording_of(name), group.recording_of(other)):
            _add(hypothesis, piece.start_s, agreement, covered, settings)
    return _Support(agreement, covered)


def _add(
    hypothesis: LagHypothesis,
    start_s: float,
    agreement: NDArray[np.float64],
    covered: NDArray[np.float64],
    settings: SyncSettings,
) -> None:
    """Lay a hypothesis' agreement along its second recording; its steps are sums of unit deviation."""
    step_s = settings.support_step_s
    values = np.minimum(np.asarray(hypothesis.agreement), settings.support_cap)
    first_s = (hypothesis.agreement_from_s or 0.0) - hypothesis.lag_s - start_s
    length_s = hypothesis.agreement_step_s or step_s
    place = np.floor((np.arange(len(agreement)) * step_s + 0.5 * step_s - first_s) / length_s).astype(int)
    inside = (place >= 0) & (place < len(values))
    # A coarse step spreads its sum over the finer ones that it holds.
    agreement[inside] += values[place[inside]] * math.sqrt(min(1.0, step_s / length_s))
    covered[inside] += 1.0


def _others(
    name: str,
    group: Placed,
    lags: Mapping[tuple[str, str], Sequence[LagHypothesis]],
    travel_s: Callable[[str, str], float],
    settings: SyncSettings,
) -> _Support:
    """What the others of a group have in common with each other, along the piece's time as its clock has it."""
    piece = group.pieces[name]
    count = max(1, round((piece.end_s - piece.start_s) / settings.support_step_s))
    agreement, covered = np.zeros(count), np.zeros(count)
    for other in sorted(group.pieces):
        if group.recording_of(other) == piece.recording_id:
            continue
        for third, hypothesis in _of(other, group, lags):
            if third < other or group.recording_of(third) == piece.recording_id:
                continue
            wanted_s = group.offsets_s[other] - group.offsets_s[third]
            if abs(hypothesis.lag_s - wanted_s) <= travel_s(group.recording_of(other), group.recording_of(third)):
                shift_s = group.offsets_s[name] - group.offsets_s[other]
                _add(hypothesis, piece.start_s + shift_s, agreement, covered, settings)
    return _Support(agreement, covered)


def needless_cuts(
    groups: Sequence[Placed],
    cuts: Sequence[Cut],
    *,
    travel_s: Callable[[str, str], float],
) -> tuple[Cut, ...]:
    """Find the cuts on both sides of which a recording turned out to have one clock.

    Parameters
    ----------
    groups : sequence of Placed
        Pieces on their clocks.
    cuts : sequence of Cut
        Where recordings were taken apart.
    travel_s : callable
        The time that sound needs between two recordings' cameras at most, in seconds.

    Returns
    -------
    tuple of Cut
        Those that only sounds from two sides, or a stretch without common sound, had suggested.
    """
    everywhere = [(k, piece) for k, group in enumerate(groups) for piece in group.pieces.values()]
    found = []
    for cut in cuts:
        own = [each for each in everywhere if each[1].recording_id == cut.recording_id]
        before = max((e for e in own if e[1].end_s <= cut.end_s + 1e-6), key=lambda e: e[1].end_s, default=None)
        after = min((e for e in own if e[1].start_s >= cut.start_s - 1e-6), key=lambda e: e[1].start_s, default=None)
        if before is None or after is None or before[0] != after[0]:
            continue
        group = groups[before[0]]
        jump_s = group.offsets_s[after[1].name] - group.offsets_s[before[1].name]
        others = {piece.recording_id for piece in group.pieces.values()} - {cut.recording_id}
        if abs(jump_s) <= max((2.0 * travel_s(cut.recording_id, other) for other in others), default=0.0):
            found.append(cut)
    return tuple(found)
