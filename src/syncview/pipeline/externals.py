"""Events that people state and no file shows, with their lasting ids."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncview.model import Event, External
from syncview.reconstruct.utc import epoch_s
from syncview.store.event_ids import settle_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.case import ExternalEvent
    from syncview.store.ids import Ids

__all__ = ["settled_externals"]


def settled_externals(stated: Sequence[ExternalEvent], ids: Ids) -> tuple[tuple[External, ...], Ids]:
    """Take over what people state, under its lasting ids.

    Parameters
    ----------
    stated : sequence of ExternalEvent
        ``[[external]]`` tables.
    ids : Ids
        What earlier runs have named. An external event keeps its name while its label and its time stay.

    Returns
    -------
    externals : tuple of External
        In the order of the file.
    ids : Ids
        With the new ones.
    """
    found = tuple(_external(table) for table in stated)
    if not found:
        return (), ids
    named, ids = settle_events([_as_event(each) for each in found], (), ids)
    return tuple(replace(each, id=event.id) for each, event in zip(found, named, strict=True)), ids


def _external(table: ExternalEvent) -> External:
    said = table.kind if table.basis is None else f"{table.kind} ({table.basis})"
    return External(
        id="",
        of=table.kind,
        label=table.label or said,
        utc=table.utc,
        uncertainty_s=table.uncertainty_s,
        not_before=table.not_before,
        not_after=table.not_after,
        basis=table.basis,
    )


def _as_event(external: External) -> Event:
    """An event by whose label and time the external one is known again."""
    moment = external.utc or external.not_before or external.not_after
    return Event(
        id="",
        kind="external",
        group_id="",
        time_s=0.0 if moment is None else epoch_s(moment),
        time_basis="utc",
        uncertainty_s=0.0,
        end_s=None,
        confidence=1.0,
        calibration="",
        label=f"{external.of}: {external.label}",
        min_separable_s=None,
        observations=(),
    )
