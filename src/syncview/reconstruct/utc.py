"""The UTC time of a group's zero, from moments whose UTC a person knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from syncview.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["UtcAnchor", "UtcZero", "utc_zero"]

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
