"""``syncview probe``: a first look at any folder."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

import click

from syncview.cli.inputs import exit_code_of_survey, files_argument, opened_pool, tell_survey, workers_option
from syncview.cli.output import result, result_json
from syncview.cli.progress import showing_progress
from syncview.cli.verb import Verb, json_option
from syncview.media.claims import modified_claim
from syncview.pipeline import survey
from syncview.pipeline.triage import day_of
from syncview.settings import Settings
from syncview.timeline.build import TimelineParts, build_timeline
from syncview.timeline.schema import dumps

if TYPE_CHECKING:
    from pathlib import Path

    from syncview.model import Recording
    from syncview.pipeline import Survey

__all__ = ["command"]

_PARTS = ("schema", "version", "tool", "recordings", "ignored", "duplicates")


@click.command("probe", cls=Verb, examples=("syncview probe footage/", "syncview probe cam1.mp4 --json"))
@files_argument(required=True)
@workers_option()
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option()
def command(inputs: tuple[Path, ...], workers: int, quiet: bool, as_json: bool) -> int:
    """List what is in a folder: files, days, devices, sound, clock claims."""
    settings = Settings()
    with opened_pool(workers) as pool, showing_progress(quiet=quiet) as progress:
        found = survey(inputs, settings=settings, pool=pool, progress=progress)
    if as_json:
        parts = TimelineParts(
            settings=settings.as_dict(),
            title=None,
            time_zone=None,
            max_camera_distance_m=500.0,
            sound_speed_mps=343.0,
            recordings=found.recordings,
            ignored=found.ignored,
            duplicates=found.duplicates,
        )
        document = json.loads(dumps(build_timeline(parts)))
        result_json({name: document[name] for name in _PARTS})
    else:
        _print(found)
    tell_survey(found)
    return exit_code_of_survey(found)


def _print(found: Survey) -> None:
    copy_of = {copy: same.recording_ids[0] for same in found.duplicates for copy in same.recording_ids[1:]}
    names = {recording.id: recording.name_display for recording in found.recordings}
    for day, of_day in groupby(sorted(found.recordings, key=_day_and_device), key=day_of):
        result(day or "day unknown")
        for device, files in groupby(of_day, key=lambda r: r.device or ""):
            result(f"  {device or 'device unknown'}")
            for recording in files:
                copy = f"same bytes as {names[copy_of[recording.id]]}" if recording.id in copy_of else ""
                result("    " + "  ".join(filter(None, (*_cells(recording), copy))))
                for claim in (*recording.clock_claims, modified_claim(found.sources[recording.id])):
                    result(f"        {claim.source}: {claim.text} ({_about(claim.utc, claim.local, claim.of)})")
                for warning in recording.warnings:
                    result(f"        note: {warning}")
    for file in found.ignored:
        result(f"ignored: {file.path}: {file.reason}")
    result(
        f"{len(found.recordings)} recordings, {len(found.duplicates)} sets of equal files, {len(found.ignored)} ignored"
    )


def _day_and_device(recording: Recording) -> tuple[str, str, str]:
    return day_of(recording) or "~", recording.device or "", recording.path


def _cells(recording: Recording) -> tuple[str, ...]:
    length = "" if recording.duration_s is None else f"{float(recording.duration_s):.1f} s"
    picture = "" if recording.video is None else f"{recording.video.width_px}x{recording.video.height_px}"
    silent = any(interval.kind == "digital_silence" for interval in recording.intervals)
    sound = "no sound" if recording.audio is None else ("digital silence" if silent else "sound")
    return recording.path, recording.kind, length, picture, sound, recording.generation.value


def _about(utc: str | None, local: str | None, of: str) -> str:
    zone = "UTC" if utc else "local time, zone unknown" if local else "no time"
    return f"{zone}; of its {of}" if of != "unknown" else f"{zone}; of which moment is unknown"
