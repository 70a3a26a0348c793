"""The UTC time of a group's zero, from moments whose UTC a person knows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from syncview.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["UtcAnchor", "UtcBound", "UtcZero", "allowed_zeros_s", "bounded_zero", "epoch_s", "from_epoch", "utc_zero"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class UtcAnchor:
    """A moment of group time whose UTC somebody states, with the 95 % half-width of the two together.

    `source` is what the statements share an error by: one camera's overlay read ten times is one clock.
    """

    group_s: float
    utc: datetime
    uncertainty_s: float
    basis: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UtcZero:
    """UTC of group time 0. `conflict_s` is how far the anchors disagree beyond their own uncertainties, 0 if not."""

    utc: datetime
    uncertainty_s: float
    basis: str
    conflict_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UtcBound:
    """A moment of group time that was not after (`is_upper`), or not before, a time that somebody states.

    `uncertainty_s` is that of the moment on the group's clock.
    """

    group_s: float
    utc: datetime
    is_upper: bool
    uncertainty_s: float
    basis: str

    @property
    def zero_s(self) -> float:
        """Seconds since 1970 that the group's zero cannot be beyond."""
        late_s = self.uncertainty_s if self.is_upper else -self.uncertainty_s
        return epoch_s(self.utc) - self.group_s + late_s


def epoch_s(moment: datetime) -> float:
    """Seconds since 1970 of a time with a zone.

    Raises
    ------
    InputError
        If it carries no zone.

    Examples
    --------
    >>> epoch_s(datetime(1970, 1, 2, tzinfo=UTC))
    86400.0
    """
    if moment.tzinfo is None:
        msg = "a time of day carries no zone"
        raise InputError(msg)
    return (moment - _EPOCH).total_seconds()


def from_epoch(seconds: float) -> datetime:
    """UTC of seconds since 1970."""
    return _EPOCH + timedelta(seconds=seconds)


def allowed_zeros_s(bounds: Sequence[UtcBound]) -> tuple[float, float]:
    """Seconds since 1970 that a group's zero is not before, and not after; infinite on a side that nobody bounds.

    The first is the later one where bounds contradict each other.
    """
    least_s = max((bound.zero_s for bound in bounds if not bound.is_upper), default=-math.inf)
    return least_s, min((bound.zero_s for bound in bounds if bound.is_upper), default=math.inf)


def bounded_zero(zero: UtcZero | None, bounds: Sequence[UtcBound], *, most_s: float) -> UtcZero | None:
    """Cut the UTC of a group's zero to what bounds allow.

    Parameters
    ----------
    zero : UtcZero or None
        From anchors.
    bounds : sequence of UtcBound
        What is known of one side.
    most_s : float
        Half-width to which bounds of both sides alone are a UTC, in seconds.

    Returns
    -------
    UtcZero or None
        `zero` where it lies within all bounds; the part of it that does; or `zero` as it is, with the `conflict_s` by
        which it does not, or by which the bounds contradict each other. Without it, the middle of bounds from both
        sides.
    """
    least_s, most_zero_s = allowed_zeros_s(bounds)
    bases = {bound.basis for bound in bounds}
    if zero is None:
        half_s = 0.5 * (most_zero_s - least_s)
        if not 0.0 <= half_s <= most_s:
            return None
        middle = from_epoch(least_s + half_s)
        return UtcZero(utc=middle, uncertainty_s=half_s, basis=", ".join(sorted(bases)), conflict_s=0.0)
    low_s, high_s = epoch_s(zero.utc) - zero.uncertainty_s, epoch_s(zero.utc) + zero.uncertainty_s
    beyond_s = max(least_s - high_s, low_s - most_zero_s)
    if beyond_s >= 0.0 or least_s > most_zero_s:
        return replace(zero, conflict_s=max(zero.conflict_s, beyond_s, least_s - most_zero_s))
    cut_low_s, cut_high_s = max(low_s, least_s), min(high_s, most_zero_s)
    if (cut_low_s, cut_high_s) == (low_s, high_s):
        return zero
    return replace(
        zero,
        utc=from_epoch(0.5 * (cut_low_s + cut_high_s)),
        uncertainty_s=0.5 * (cut_high_s - cut_low_s),
        basis=", ".join(sorted({*zero.basis.split(", "), *bases})),
    )


def utc_zero(anchors: Sequence[UtcAnchor]) -> UtcZero | None:
    """Combine a group's anchors into the UTC of its zero.

    Parameters
    ----------
    anchors : sequence of UtcAnchor
        All anchors of one group.

    Returns
    -------
    UtcZero or None
        The weighted mean; statements of one source do not narrow each other. Where anchors contradict each other the
        uncertainty covers them all. None without anchors.

    Raises
    ------
    InputError
        If a time carries no zone.
    """
    if not anchors:
        return None
    if any(anchor.utc.tzinfo is None for anchor in anchors):
        msg = "an anchor's time carries no zone"
        raise InputError(msg)
    zeros = [(anchor.utc - _EPOCH).total_seconds() - anchor.group_s for anchor in anchors]
    widths = [max(anchor.uncertainty_s, 1e-3) for anchor in anchors]
    sources = [(anchor.source, anchor.basis) for anchor in anchors]
    weights = [1.0 / (width**2 * sources.count(source)) for width, source in zip(widths, sources, strict=True)]
    mean = zeros[0] + sum(w * (z - zeros[0]) for w, z in zip(weights, zeros, strict=True)) / sum(weights)
    beyond = max(abs(z - mean) - width for z, width in zip(zeros, widths, strict=True))
    spread = max(abs(z - mean) + width for z, width in zip(zeros, widths, strict=True))
    best = {s: min(w for w, other in zip(widths, sources, strict=True) if other == s) for s in sources}
    together = sum(width**-2 for width in best.values()) ** -0.5
    uncertainty = spread if beyond > 0 else together
    return UtcZero(
        utc=_EPOCH + timedelta(seconds=mean),
        uncertainty_s=uncertainty,
        basis=", ".join(sorted({anchor.basis for anchor in anchors})),
        conflict_s=max(0.0, beyond),
    )
