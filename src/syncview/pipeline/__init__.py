"""The stages of a run in their order: probe, listen, match, place, join, timeline. No maths of its own."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncview.pipeline.run import Analysis, Progress, analyze
    from syncview.pipeline.triage import Survey, survey

__all__ = ["Analysis", "Progress", "Survey", "analyze", "survey"]

_HOMES = {"Analysis": "run", "Progress": "run", "Survey": "triage", "analyze": "run", "survey": "triage"}


def __getattr__(name: str) -> Any:
    """Import a name when it is used: a worker that needs one stage must not pay for all."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
