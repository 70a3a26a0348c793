"""The case folder: lock, cache, ids, custody chain, atomic writes.

Originals are never written to, moved or renamed; everything else of a case is written whole or not at all.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncview.store.cache import Cache, cache_key
    from syncview.store.custody import Custody, CustodyFile, CustodyLine
    from syncview.store.event_ids import settle_events, time_basis_ids
    from syncview.store.files import hash_of_settings, to_json_text
    from syncview.store.folder import CaseFolder
    from syncview.store.group_ids import preferred_references, settle_groups
    from syncview.store.ids import Ids, KnownDetection, KnownEvent, KnownGroup, ids_to_text, load_ids
__all__ = [
    "Cache",
    "CaseFolder",
    "Custody",
    "CustodyFile",
    "CustodyLine",
    "Ids",
    "KnownDetection",
    "KnownEvent",
    "KnownGroup",
    "cache_key",
    "hash_of_settings",
    "ids_to_text",
    "load_ids",
    "preferred_references",
    "settle_events",
    "settle_groups",
    "time_basis_ids",
    "to_json_text",
]

_HOMES = {
    "Cache": "cache",
    "CaseFolder": "folder",
    "Custody": "custody",
    "CustodyFile": "custody",
    "CustodyLine": "custody",
    "Ids": "ids",
    "KnownDetection": "ids",
    "KnownEvent": "ids",
    "KnownGroup": "ids",
    "cache_key": "cache",
    "hash_of_settings": "files",
    "ids_to_text": "ids",
    "load_ids": "ids",
    "preferred_references": "group_ids",
    "settle_events": "event_ids",
    "settle_groups": "group_ids",
    "time_basis_ids": "event_ids",
    "to_json_text": "files",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is used: a worker that only needs the cache must not pay for all."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
