"""The stages of a run in their order: probe, listen, match, place, join, timeline. No maths of its own."""

from __future__ import annotations

from syncview.pipeline.run import Analysis, Progress, analyze
from syncview.pipeline.triage import Survey, survey

__all__ = ["Analysis", "Progress", "Survey", "analyze", "survey"]
