"""Take from groups what they cannot be sure of: ties through files that may be cut, and ends that nothing bears out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncview.pipeline.findings import unsupported_findings, untied_findings, untied_reason
from syncview.pipeline.matching import lags_in_use
from syncview.reconstruct.borne_out import borne_out
from syncview.reconstruct.either_cut import without_either_cut
from syncview.reconstruct.open_ties import without_open_ties
from syncview.sync.pieces import at_home

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Finding, Recording
    from syncview.pipeline.copies import Copies
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.matching import Matched
    from syncview.reconstruct.open_ties import Untied
    from syncview.settings import Settings
    from syncview.sync.groups import Placement
    from syncview.sync.likelihood import Evidence

__all__ = ["certain_groups"]


def certain_groups(
    placement: Placement,
    evidence: Evidence,
    matched: Matched,
    copies: Copies,
    knowledge: Knowledge,
    recordings: Sequence[Recording],
    settings: Settings,
) -> tuple[Placement, tuple[Finding, ...]]:
    """Give every recording one group, and put on no clock what may be on a wrong one.

    Parameters
    ----------
    placement : Placement
        Groups of pieces.
    evidence : Evidence
        What was placed; pairs that a person rejected deny nothing.
    matched : Matched
        What the sound of every pair says, and the cuts.
    copies : Copies
        Which recordings are one witness.
    knowledge : Knowledge
        How far sound's travel may move a lag.
    recordings : sequence of Recording
        Their names.
    settings : Settings
        Thresholds.

    Returns
    -------
    Placement and tuple of Finding
        Groups with what is certain, with the refusals that follow; and what a person must know of it.
    """
    known = lags_in_use(matched, copies, knowledge)
    reconstruct, sync = settings.reconstruct, settings.sync
    homes = at_home(placement.groups, matched.wholes)
    told, either = without_either_cut(homes, matched.cuts, known, settings=reconstruct, sync=sync)
    parts, untied, beyond = without_open_ties(told, matched.cuts, known, settings=reconstruct, sync=sync)
    kept = [borne_out(placed, known, settings=reconstruct, sync=sync) for placed in at_home(parts, matched.wholes)]
    lost = (*either, *beyond, *(end for _, taken in kept for end in taken))
    return (
        replace(
            placement,
            groups=tuple(placed for placed, _ in kept),
            refusals=_refusals(placement, evidence, untied),
        ),
        (*unsupported_findings(lost, recordings), *untied_findings(untied, placement.groups, recordings)),
    )


def _refusals(placement: Placement, evidence: Evidence, untied: Sequence[Untied]) -> dict[str, tuple[str, ...]]:
    """Why pieces are alone: that a single file ties a recording says more than what other pieces of it lack."""
    owner = {name: piece.recording_id for name, piece in evidence.pieces.items()}
    tied = {name: (untied_reason(replace(each, by_id=owner[each.by_id])),) for each in untied for name in each.names}
    owners = {owner[name] for name in tied}
    return {name: why for name, why in placement.refusals.items() if owner[name] not in owners} | tied
