"""What a pair's lag hypotheses say of any offset difference, within what sound's travel allows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.sync.positions import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from syncview.model import LagHypothesis
    from syncview.settings import SyncSettings

__all__ = ["Evidence", "PairEvidence", "Piece", "PinnedLag", "gather", "implied_overlap_s"]

_CERTAIN = 1000.0  # log odds of what a person states
_ENOUGH = 40.0  # of what a sound says at most


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedLag:
    """A statement of a pair's lag that stands above what sound says: a person's, or that one file is a copy.

    The lag holds at the recording times `middle_s` of the two: before and after, their clocks may have drifted.
    """

    lag_s: float
    uncertainty_s: float
    middle_s: tuple[float, float]
    copy: bool = False

    def flipped(self) -> PinnedLag:
        """The same seen from the other recording."""
        return replace(self, lag_s=-self.lag_s, middle_s=self.middle_s[::-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of one recording with one clock: all of it, or what lies between two cuts."""

    name: str
    recording_id: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEvidence:
    """All that is known of the lag of b against a. `tolerance_s` is how far sound's travel may move a lag: D/c."""

    a_id: str
    b_id: str
    hypotheses: tuple[LagHypothesis, ...]
    tolerance_s: float
    range_s: float
    pin: PinnedLag | None = None
    rejected: bool = False

    @property
    def usable(self) -> bool:
        """Whether the pair may tie recordings together."""
        return self.pin is not None or not self.rejected

    def lags_s(self) -> tuple[float, ...]:
        """Lags worth trying; only the pinned one when a person has pinned the pair."""
        return (self.pin.lag_s,) if self.pin else tuple(h.lag_s for h in self._acoustic)

    @property
    def _acoustic(self) -> tuple[LagHypothesis, ...]:
        """Lags of sound that came through the air of one place: carried sound places nothing."""
        return tuple(h for h in self.hypotheses if h.sound == "acoustic")

    def log_odds_at(self, lag_s: float) -> float | None:
        """Log odds that the clocks differ by `lag_s`, sound's travel allowed, over having nothing in common.

        None when no hypothesis lies near.
        """
        if self.pin is not None:
            return _CERTAIN if abs(lag_s - self.pin.lag_s) <= self.pin.uncertainty_s + 1e-6 else -_CERTAIN
        return max((odds for _, odds, _ in self._near(lag_s)), default=None)

    def confirming_log_odds_at(self, lag_s: float, settings: SyncSettings) -> float | None:
        """The same when other pairs have named the lag before: to agree with them by chance is unlikely.

        A wrong lag lies anywhere in the range that the recordings' lengths allow; a right one near the lag named,
        nearer the nearer the cameras, at most at the tolerance.
        """
        if self.pin is not None:
            return self.log_odds_at(lag_s)
        scale_s = settings.agreement_scale_s
        floor = math.log(0.1 * scale_s / max(self.tolerance_s, scale_s))
        bonus = math.log(max(self.range_s, 2 * scale_s) / (2 * scale_s))
        # All recordings of a group hear the same bangs: a pattern that fits one of them by chance fits all.
        return max(
            (
                min(odds, 0.0) if blasts else odds + bonus + max(-abs(known_s - lag_s) / scale_s, floor)
                for known_s, odds, blasts in self._near(lag_s)
            ),
            default=None,
        )

    def _near(self, lag_s: float) -> list[tuple[float, float, bool]]:
        """Lag and log odds of each hypothesis within the tolerance, and whether only bangs carry it."""
        nothing = max(1.0 - sum(h.probability for h in self._acoustic), 1e-9)
        return [
            (
                h.lag_s,
                math.log(h.probability / nothing) if h.log_odds is None else min(h.log_odds, _ENOUGH),
                h.basis == "blast",
            )
            for h in self._acoustic
            if self._is_near(h.lag_s, lag_s)
        ]

    def _is_near(self, known_s: float, lag_s: float) -> bool:
        return abs(known_s - lag_s) <= self.tolerance_s

    def supports_at(self, lag_s: float, settings: SyncSettings) -> int:
        """Coincidences that carry this lag; a person's pin counts as enough."""
        if self.pin is not None:
            return settings.least_supports
        return max((h.supports for h in self._acoustic if self._is_near(h.lag_s, lag_s)), default=0)

    def link_at(self, lag_s: float, settings: SyncSettings) -> Link | None:
        """The hypothesis that best fits this offset difference, of those that may count at all."""
        if self.pin is not None:
            return Link(
                a_id=self.a_id,
                b_id=self.b_id,
                lag_s=self.pin.lag_s,
                sigma_s=max(self.pin.uncertainty_s / 2, 1e-4),
                pinned=True,
                copy=self.pin.copy,
                middle_s=self.pin.middle_s,
            )
        near = [
            h for h in self._acoustic if self._is_near(h.lag_s, lag_s) and h.probability >= settings.link_probability
        ]
        if not near:
            return None
        scale_s = settings.agreement_scale_s
        best = max(near, key=lambda h: (math.log(h.probability) - abs(h.lag_s - lag_s) / scale_s, -h.lag_s))
        return Link(
            a_id=self.a_id,
            b_id=self.b_id,
            lag_s=best.lag_s,
            sigma_s=settings.pattern_lag_sigma_s if best.sigma_s is None else best.sigma_s,
            pinned=False,
            blasts=best.basis == "blast",
            spread_s=best.lag_spread_s,
            middle_s=best.middle_s,
            drift_ppm=best.drift_ppm,
            drift_sigma_ppm=None if best.drift_uncertainty_ppm is None else best.drift_uncertainty_ppm / 2,
        )

    def flipped(self) -> PairEvidence:
        """The same evidence with the recordings in the other order."""
        return replace(
            self,
            a_id=self.b_id,
            b_id=self.a_id,
            hypotheses=tuple(h.flipped() for h in self.hypotheses),
            pin=None if self.pin is None else self.pin.flipped(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything the joint choice rests on; made by `gather`.

    `pieces` are what is to be placed, by name; `pairs` holds both orders of every pair of them. `witness_of` names the
    one witness of files that are copies of each other: they say the same, and it counts once.
    """

    pieces: Mapping[str, Piece]
    pairs: Mapping[tuple[str, str], PairEvidence]
    witness_of: Mapping[str, str]

    def extent_s(self, name: str) -> tuple[float, float]:
        """Recording times of first and last sound of a piece."""
        piece = self.pieces[name]
        return piece.start_s, piece.end_s


def gather(
    pieces: Iterable[Piece], pairs: Iterable[PairEvidence], *, witness_of: Mapping[str, str] | None = None
) -> Evidence:
    """Collect the evidence of all pairs, so that each can be asked either way round.

    Parameters
    ----------
    pieces : iterable of Piece
        What is to be placed, each from its first to its last sound.
    pairs : iterable of PairEvidence
        One entry per pair, in either order.
    witness_of : mapping of str to str, optional
        For pieces of copies, the witness that they are; others are their own.

    Returns
    -------
    Evidence
        The same, complete.
    """
    both = {(p.a_id, p.b_id): p for pair in pairs for p in (pair, pair.flipped())}
    return Evidence(pieces={piece.name: piece for piece in pieces}, pairs=both, witness_of=dict(witness_of or {}))


def implied_overlap_s(a: tuple[float, float], b: tuple[float, float], lag_s: float) -> float:
    """Seconds that two recordings share when b starts `lag_s` after a.

    Parameters
    ----------
    a, b : tuple of float
        First and last recording time of each.
    lag_s : float
        Clock difference, as in `syncview.timebase`.

    Returns
    -------
    float
        Seconds, 0 when they do not meet.

    Examples
    --------
    >>> implied_overlap_s((0.0, 60.0), (0.0, 60.0), 45.0)
    15.0
    """
    return max(0.0, min(a[1], b[1] + lag_s) - max(a[0], b[0] + lag_s))
