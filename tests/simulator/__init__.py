"""A physical simulator of incidents filmed by several cameras, with exact truth.

``scene`` says what there is, ``incident`` makes incidents up, ``acoustics`` renders sound, ``picture`` frames, and
``media`` writes files and their truth. What it makes ranks methods and guards against regressions; it is not the field.
"""

from __future__ import annotations

from .acoustics import AUDIBLE_DB, audible_snr_db, band_levels, render, render_copy
from .incident import random_incident
from .scene import (
    Agc,
    Blast,
    Camera,
    Copy,
    Cut,
    Facade,
    FileFormat,
    Incident,
    LocalSound,
    Microphone,
    OwnNoise,
    Source,
)
from .sync_scenes import every_file, sync_incident

__all__ = [
    "AUDIBLE_DB",
    "Agc",
    "Blast",
    "Camera",
    "Copy",
    "Cut",
    "Facade",
    "FileFormat",
    "Incident",
    "LocalSound",
    "Microphone",
    "OwnNoise",
    "Source",
    "audible_snr_db",
    "band_levels",
    "every_file",
    "random_incident",
    "render",
    "render_copy",
    "sync_incident",
]
