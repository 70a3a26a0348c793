"""How far the pairs of a group bear out a clock, along one of its recordings.

Every other recording of the group that was running at the time may bear a clock out, each once: of the lags of a pair
that agree with the clock the likeliest counts, and copies of one recording say nothing of each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.model import LagHypothesis
    from syncview.settings import SyncSettings
    from syncview.sync.groups import Placed

__all__ = ["PairLags", "PairSupport", "Support", "lags_of", "support_of", "supports_of", "supports_of_others"]

_IMPOSSIBLE = 9.0  # no step of unit deviation lies so low: such an agreement tells nothing of its parts


@dataclass(frozen=True, kw_only=True)
class PairLags:
    """What is known of all pairs: their lags by the names of pieces in order, how far sound's travel may move a lag.

    `witness_of` names the one witness of recordings that are copies of each other; others are their own.
    """

    lags: Mapping[tuple[str, str], Sequence[LagHypothesis]]
    travel_s: Callable[[str, str], float]
    witness_of: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_piece(self) -> Mapping[str, tuple[tuple[str, LagHypothesis], ...]]:
        """Every lag of sound through air that shows where it agrees, seen from each piece: the other, and the lag."""
        found: dict[str, list[tuple[str, LagHypothesis]]] = {}
        for (a, b), lags in sorted(self.lags.items()):
            for lag in lags:
                if lag.sound == "acoustic" and lag.agreement:
                    found.setdefault(b, []).append((a, lag))
                    found.setdefault(a, []).append((b, lag.flipped()))
        return {name: tuple(sorted(own, key=lambda each: each[0])) for name, own in found.items()}

    def same_witness(self, a: str, b: str) -> bool:
        """Whether two recordings are one, or copies of one."""
        return self.witness_of.get(a, a) == self.witness_of.get(b, b)


@dataclass(frozen=True, slots=True)
class Support:
    """How far pairs bear out one clock of a recording, along it, and how many of them could: arrays of shape (n,)."""

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


@dataclass(frozen=True, slots=True)
class PairSupport(Support):
    """The same of one other piece."""

    other: str


def lags_of(name: str, group: Placed, known: PairLags) -> Iterator[tuple[str, LagHypothesis]]:
    """Every lag of a piece against another of its group, as ``r_other - r_piece``.

    Parameters
    ----------
    name : str
        The piece.
    group : Placed
        Its group.
    known : PairLags
        The lags.

    Yields
    ------
    tuple of str and LagHypothesis
        The other piece, of another witness, and a lag with its agreement along the pair.
    """
    own = group.recording_of(name)
    for other, lag in known.by_piece.get(name, ()):
        if other in group.pieces and not known.same_witness(group.recording_of(other), own):
            yield other, lag


def supports_of(
    name: str,
    group: Placed,
    known: PairLags,
    *,
    off_s: float = 0.0,
    among: Collection[str] | None = None,
    settings: SyncSettings,
) -> tuple[PairSupport, ...]:
    """What each pair says for a clock that is `off_s` ahead of a piece's, along the piece.

    Parameters
    ----------
    name : str
        The piece.
    group : Placed
        Its group.
    known : PairLags
        What all pairs say.
    off_s : float
        How far the clock in question is ahead of the piece's own.
    among : collection of str, optional
        The other pieces that are asked; all of them by default.
    settings : SyncSettings
        Steps along the piece.

    Returns
    -------
    tuple of PairSupport
        By the other piece; only pairs with a lag that agrees with the clock, as far as sound's travel allows.
    """
    best: dict[str, LagHypothesis] = {}
    for other, hypothesis in lags_of(name, group, known):
        if among is not None and other not in among:
            continue
        wanted_s = group.offsets_s[name] + off_s - group.offsets_s[other]
        if abs(hypothesis.lag_s - wanted_s) > known.travel_s(group.recording_of(name), group.recording_of(other)):
            continue
        if other not in best or hypothesis.probability > best[other].probability:
            best[other] = hypothesis
    piece, count = group.pieces[name], _steps(name, group, settings)
    found = []
    for other in sorted(best):
        laid = _laid(best[other], piece.start_s, count, settings)
        if laid is not None:
            found.append(PairSupport(*laid, other=other))
    return tuple(found)


def support_of(pairs: Sequence[Support], count: int) -> Support:
    """All pairs together.

    Parameters
    ----------
    pairs : sequence of Support
        Each of `count` steps.
    count : int
        Number of steps, for no pairs at all.

    Returns
    -------
    Support
        Their sums.
    """
    agreement, covered = np.zeros(count), np.zeros(count)
    for pair in pairs:
        agreement += pair.agreement
        covered += pair.covered
    return Support(agreement, covered)


def supports_of_others(name: str, group: Placed, known: PairLags, *, settings: SyncSettings) -> Support:
    """What the others of a group have in common with each other, along a piece's time as its clock has it.

    Parameters
    ----------
    name : str
        The piece.
    group : Placed
        Its group.
    known : PairLags
        What all pairs say.
    settings : SyncSettings
        Steps along the piece.

    Returns
    -------
    Support
        Of all pairs of others together.
    """
    piece, count = group.pieces[name], _steps(name, group, settings)
    found = []
    for other in sorted(group.pieces):
        if known.same_witness(group.recording_of(other), piece.recording_id):
            continue
        best: dict[str, LagHypothesis] = {}
        for third, hypothesis in lags_of(other, group, known):
            if third < other or known.same_witness(group.recording_of(third), piece.recording_id):
                continue
            wanted_s = group.offsets_s[other] - group.offsets_s[third]
            reach_s = known.travel_s(group.recording_of(other), group.recording_of(third))
            if abs(hypothesis.lag_s - wanted_s) <= reach_s and (
                third not in best or hypothesis.probability > best[third].probability
            ):
                best[third] = hypothesis
        shift_s = group.offsets_s[name] - group.offsets_s[other]
        laid = (_laid(best[third], piece.start_s + shift_s, count, settings) for third in sorted(best))
        found += [Support(*each) for each in laid if each is not None]
    return support_of(found, count)


def _steps(name: str, group: Placed, settings: SyncSettings) -> int:
    piece = group.pieces[name]
    return max(1, round((piece.end_s - piece.start_s) / settings.support_step_s))


def _laid(
    hypothesis: LagHypothesis, start_s: float, count: int, settings: SyncSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """A hypothesis' agreement along its second recording, and where there is any; its steps are of unit deviation.

    None where the steps cannot be of unit deviation: loud moments of both signs that cancel tell nothing.
    """
    step_s, values = settings.support_step_s, np.asarray(hypothesis.agreement)
    if values.min() < -_IMPOSSIBLE:
        return None
    values = np.clip(values, -settings.support_cap, settings.support_cap)
    first_s = (hypothesis.agreement_from_s or 0.0) - hypothesis.lag_s - start_s
    length_s = hypothesis.agreement_step_s or step_s
    place = np.floor((np.arange(count) * step_s + 0.5 * step_s - first_s) / length_s).astype(int)
    inside = (place >= 0) & (place < len(values))
    # A coarse step spreads its sum over the finer ones that it holds.
    spread = math.sqrt(min(1.0, step_s / length_s))
    return np.where(inside, values[np.clip(place, 0, len(values) - 1)] * spread, 0.0), inside.astype(float)
