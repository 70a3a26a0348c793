"""What two recordings say of each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

__all__ = [
    "CopyMatch",
    "Jump",
    "LagHypothesis",
    "MotionProposal",
    "Pair",
    "PairMatch",
    "PictureMatch",
    "PictureSegment",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LagHypothesis:
    """One lag that a pair's sound supports. For the sign see `syncview.timebase`.

    `lag_s` is where the windows agree, or their mean when sources on different sides spread them.

    `lag_spread_s` is the width of the cluster of window lags (sources on different sides); `supports` the number of
    windows that agree, with a gap between each two. `log_odds` weighs it against "nothing in common", `probability`
    also against the pair's lags that contradict it. `sigma_s` is the standard error of `lag_s`, which holds at the
    recording times `middle_s` of the two. `drift_ppm` is b's drift minus a's with its 95 % half-width; None where it
    was not measured. `basis` says what agrees; `reasons` what a person should know of it. `agreement` is how the
    evidence is spread over the overlap, in sigmas of each step of `agreement_step_s` from a's recording time
    `agreement_from_s` on.
    """

    lag_s: float
    lag_spread_s: float
    probability: float
    supports: int
    sound: Literal["acoustic", "carried"] = "acoustic"
    log_odds: float | None = None
    sigma_s: float | None = None
    middle_s: tuple[float, float] | None = None
    drift_ppm: float | None = None
    drift_uncertainty_ppm: float | None = None
    basis: Literal["sound", "blast"] = "sound"
    reasons: tuple[str, ...] = ()
    agreement: tuple[float, ...] = ()
    agreement_from_s: float | None = None
    agreement_step_s: float | None = None

    def flipped(self) -> LagHypothesis:
        """The same seen from the other recording."""
        return replace(
            self,
            lag_s=-self.lag_s,
            middle_s=None if self.middle_s is None else self.middle_s[::-1],
            drift_ppm=None if self.drift_ppm is None else -self.drift_ppm,
            agreement_from_s=None if self.agreement_from_s is None else self.agreement_from_s - self.lag_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """The place where the lag of two recordings changes: one of them was cut, or something was put into one.

    Until `end_s` (recording times of a and b) the lag ``r_a - r_b`` is `before_s`, from `start_s` on it is `after_s`.
    `gain` is how far both together bear out the sound of the pair.
    """

    before_s: float
    after_s: float
    end_s: tuple[float, float]
    start_s: tuple[float, float]
    gain: float = 0.0

    def flipped(self) -> Jump:
        """The same seen from the other recording."""
        return replace(
            self, before_s=-self.before_s, after_s=-self.after_s, end_s=self.end_s[::-1], start_s=self.start_s[::-1]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMatch:
    """A stretch of sound that two files have from one recording, at the lag ``r_a - r_b`` with its 95 % half-width.

    The stretch lies between the recording times `span_a_s` and `span_b_s`; `evidence` says what shows it.
    """

    lag_s: float
    uncertainty_s: float
    span_a_s: tuple[float, float]
    span_b_s: tuple[float, float]
    evidence: str

    def flipped(self) -> CopyMatch:
        """The same seen from the other recording."""
        return replace(self, lag_s=-self.lag_s, span_a_s=self.span_b_s, span_b_s=self.span_a_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMatch:
    """All that the sound of two recordings says of them.

    Competing lags, likeliest first; jumps between lags; and stretches that are copies of one recording.
    """

    hypotheses: tuple[LagHypothesis, ...] = ()
    jumps: tuple[Jump, ...] = ()
    copies: tuple[CopyMatch, ...] = ()

    def flipped(self) -> PairMatch:
        """The same seen from the other recording."""
        return PairMatch(
            hypotheses=tuple(h.flipped() for h in self.hypotheses),
            jumps=tuple(j.flipped() for j in self.jumps),
            copies=tuple(c.flipped() for c in self.copies),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSegment:
    """A stretch that both files show. Times in b plus `lag_s` are times in a; for the sign see `syncview.timebase`.

    `uncertainty_s` is a 95 % half-width of the lag, a frame at least. `structure` and `change` are correlations of
    the pictures laid over each other and of what changes in them.
    """

    lag_s: float
    uncertainty_s: float
    b_start_s: float
    b_end_s: float
    structure: float
    change: float

    @property
    def length_s(self) -> float:
        """Length of the stretch."""
        return self.b_end_s - self.b_start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMatch:
    """Two files that show the same footage in places.

    `lag_s` and `uncertainty_s` are those of the longest segment; `share` is the part of the shorter file that the
    segments cover; `score`, in 0..1, the lower of structure and change there. Segments are in the order of b.
    """

    a_id: str
    b_id: str
    lag_s: float
    uncertainty_s: float
    mirrored: bool
    share: float
    score: float
    segments: tuple[PictureSegment, ...]
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionProposal:
    """A lag at which light or motion of two recordings agree. For the sign see `syncview.timebase`.

    `z` is the height over the scatter at other lags, `score`, in 0..1, how far it stands out of the next best lag: no
    probability. `uncertainty_s` is one step of the grid on which curves were compared, or a frame if that is longer.
    """

    a_id: str
    b_id: str
    lag_s: float
    uncertainty_s: float
    basis: Literal["light", "motion"]
    z: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What the sound of two recordings says of their lag, and what became of it."""

    a_id: str
    b_id: str
    hypotheses: tuple[LagHypothesis, ...]
    lag_s: float | None
    lag_spread_s: float | None
    probability: float | None
    accepted: bool
    overlap_s: float | None
    reasons: tuple[str, ...]
