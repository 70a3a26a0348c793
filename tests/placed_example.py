"""Placed recordings for tests: whole ones, unless pieces are named ``recording#n``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.sync.groups import Placed
from syncview.sync.likelihood import Piece

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.sync.positions import Link


def piece(name: str, start_s: float = 0.0, end_s: float = 60.0) -> Piece:
    return Piece(name=name, recording_id=name.split("#")[0], start_s=start_s, end_s=end_s)


def placed(
    offsets_s: Mapping[str, float], links: Sequence[Link] = (), spans_s: Mapping[str, tuple[float, float]] | None = None
) -> Placed:
    pieces = {name: piece(name, *(spans_s or {}).get(name, (0.0, 60.0))) for name in offsets_s}
    return Placed(offsets_s=offsets_s, links=tuple(links), pieces=pieces)
