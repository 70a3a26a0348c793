"""syncview: footage of one incident on one clock.

The names below are public; everything else may change. They are loaded when used, so that importing the package
costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncview.case import CaseFile, load_case
    from syncview.errors import (
        CaseFileError,
        CaseFolderError,
        DocumentError,
        InputError,
        IntegrityError,
        MediaError,
        SettingError,
        SyncViewError,
    )
    from syncview.settings import Settings
    from syncview.timeline.schema import TimelineDocument, load_document

__version__ = "0.1.0"

__all__ = [
    "CaseFile",
    "CaseFileError",
    "CaseFolderError",
    "DocumentError",
    "InputError",
    "IntegrityError",
    "MediaError",
    "SettingError",
    "Settings",
    "SyncViewError",
    "TimelineDocument",
    "__version__",
    "load_case",
    "load_document",
]

_HOMES = {
    "CaseFile": "syncview.case",
    "load_case": "syncview.case",
    "Settings": "syncview.settings",
    "TimelineDocument": "syncview.timeline.schema",
    "load_document": "syncview.timeline.schema",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(_HOMES.get(name, "syncview.errors")), name)


def __dir__() -> list[str]:
    return __all__
