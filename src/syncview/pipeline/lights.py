"""Look for the light of every bang, decide which light is which bang's, and say how far away that makes it.

A step of its own after the strikes are known: only the frames that a bang allows are decoded. Each recording's search
is kept in the cache by the stretches that were searched.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from syncview.errors import DocumentError
from syncview.model import LightCandidate, Sight, SightedLight
from syncview.pipeline.per_file import for_each_file
from syncview.reconstruct.flash_distance import flash_distance
from syncview.reconstruct.light_assignment import assign_lights
from syncview.reconstruct.replays import REPLAY_LABEL
from syncview.reconstruct.strikes import ECHO_LABEL
from syncview.reconstruct.witnesses import witness_of
from syncview.store.cache import Cache, cache_key
from syncview.store.records import from_json, to_json
from syncview.timebase import hears_as_usual, round_s, segment_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from syncview.errors import SyncViewError
    from syncview.media.workers import WorkerPool
    from syncview.model import Clock, Event, Observation, Recording
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.look import LookJob
    from syncview.pipeline.run import Progress
    from syncview.reconstruct.light_assignment import AssignedLight
    from syncview.settings import FlashSettings, PlumeSettings, Settings
    from syncview.timeline.parts import TimelineParts

__all__ = ["LightJob", "search_light", "with_lights"]

_LIGHTS = "lights-2"  # raised when the same settings give another result than before
_GRID_S = 0.01  # stretches are widened to it, so that a pick that moves by less is not searched again
_UNSURE = "more than one moment fits, or none stands out: a person must choose among the frames"
_ALONE_PLUME = "the first plume stands out beyond doubt, but no other camera confirms it: look at the frame"
_LAID_ANEW = "edited, or filmed off a screen: its sound may have been laid anew, so flash and bang tell no distance"
_AT_LEAST = "dust and smoke are seen after the explosion, never before: the bang was at least so far away"
_ALONE = "the flash stands out beyond doubt, but no other camera confirms it: look at the frame"


@dataclass(frozen=True, slots=True, kw_only=True)
class LightJob:
    """One recording, and the stretches of it in which a bang's light must lie. `cuts_s` are cuts of its picture."""

    recording_id: str
    path: Path
    sha256: str
    cache_root: Path
    stretches_s: tuple[tuple[float, float], ...]
    cuts_s: tuple[float, ...]
    flash: FlashSettings
    plume: PlumeSettings

    @property
    def key(self) -> str:
        """Name of the result in the cache."""
        parts = {
            "flash": asdict(self.flash),
            "plume": asdict(self.plume),
            "stretches_s": [list(part) for part in self.stretches_s],
            "cuts_s": list(self.cuts_s),
        }
        return cache_key(_LIGHTS, [self.sha256], parts)


def search_light(job: LightJob) -> tuple[LightCandidate, ...]:
    """Look for lights in a recording's stretches; the result goes to the cache as well.

    Parameters
    ----------
    job : LightJob
        The recording.

    Returns
    -------
    tuple of LightCandidate
        In order of time, with the numbers of their frames.

    Raises
    ------
    MediaError
        If the file cannot be opened.
    """
    import numpy as np

    from syncview.detect.plume_search import search_lights
    from syncview.media.frame_times import frame_times_s
    from syncview.media.luma import luma_windows

    settings = job.flash
    times_s = frame_times_s(job.path)
    found: dict[tuple[float, str], LightCandidate] = {}
    for window in luma_windows(
        job.path,
        job.stretches_s,
        long_side_px=settings.long_side_px,
        before_s=settings.before_s,
        after_s=settings.after_s,
    ):
        for light in search_lights(window, flash=settings, settings=job.plume):
            if any(light.before_s - 1e-6 <= cut_s <= light.time_s + 1e-6 for cut_s in job.cuts_s):
                continue  # another place is shown: no light
            near = int(np.argmin(np.abs(times_s - light.time_s))) if len(times_s) else None
            found.setdefault((light.time_s, light.kind), replace(light, index=near))
    lights = tuple(found[key] for key in sorted(found))
    Cache(job.cache_root).store_json(job.key, to_json(lights))
    return lights


def _known(job: LightJob) -> tuple[LightCandidate, ...] | None:
    document = Cache(job.cache_root).load_json(job.key)
    if document is None:
        return None
    try:
        return from_json(tuple[LightCandidate, ...], document)
    except DocumentError:
        return None  # written by something else: look again


def with_lights(
    parts: TimelineParts,
    pool: WorkerPool,
    looks: Mapping[str, LookJob],
    like: Mapping[str, str],
    knowledge: Knowledge,
    *,
    settings: Settings,
    progress: Progress,
) -> TimelineParts:
    """Add to every observation what its recording shows before the bang.

    Parameters
    ----------
    parts : TimelineParts
        With events, candidates, groups and recordings.
    pool : WorkerPool
        Processes that open media.
    looks : mapping of str to LookJob
        The recordings that were seen, by id.
    like : mapping of str to str
        Files of the same bytes, and the one that was looked at.
    knowledge : Knowledge
        Skews, speed of sound, devices.
    settings : Settings
        The parts `flash` and `plume`, and limits.
    progress : Progress
        Told of every file.

    Returns
    -------
    TimelineParts
        Where a picture's clock is withdrawn nothing is looked for; a file that cannot be searched says so in a warning.
    """
    clocks = {clock.recording_id: clock for group in parts.groups for clock in group.clocks}
    bangs = [event for event in (*parts.events, *parts.candidates) if _is_bang(event, settings.flash)]
    jobs = _jobs(bangs, clocks, looks, like, parts.recordings, knowledge, settings)
    found, failed = for_each_file(
        pool,
        search_light,
        jobs,
        {name: known for name, job in jobs.items() if (known := _known(job)) is not None},
        stage="looking for flashes and plumes",
        recordings=parts.recordings,
        seconds_per_media_s=settings.media.look_timeout_per_media_s,
        media=settings.media,
        progress=progress,
    )
    lights = {name: found[first] for name in clocks if (first := like.get(name, name)) in found}
    sights: dict[tuple[str, str], Sight] = {}
    for group in parts.groups:
        own = sorted((event for event in bangs if event.group_id == group.id), key=lambda e: (e.time_s, e.id))
        sights |= _sights(own, lights, clocks, parts, knowledge, settings)
    return replace(
        parts,
        events=tuple(_seen(event, sights) for event in parts.events),
        candidates=tuple(_seen(event, sights) for event in parts.candidates),
        recordings=tuple(_warned(recording, failed) for recording in parts.recordings),
    )


def _is_bang(event: Event, settings: FlashSettings) -> bool:
    if event.label in (REPLAY_LABEL, ECHO_LABEL):
        return False
    return event.kind == "strike" or any(o.score >= settings.least_bang_score for o in event.observations)


def _jobs(
    bangs: Sequence[Event],
    clocks: Mapping[str, Clock],
    looks: Mapping[str, LookJob],
    like: Mapping[str, str],
    recordings: Sequence[Recording],
    knowledge: Knowledge,
    settings: Settings,
) -> dict[str, LightJob]:
    spans: dict[str, list[tuple[float, float]]] = {}
    for event in bangs:
        for seen in event.observations:
            first = like.get(seen.recording_id, seen.recording_id)
            span = _stretch(seen, clocks.get(seen.recording_id), knowledge, settings.flash)
            if first in looks and span is not None:
                spans.setdefault(first, []).append(span)
    cuts = {r.id: tuple(i.start_s for i in r.intervals if i.kind == "shot" and i.start_s > 0) for r in recordings}
    return {
        name: LightJob(
            recording_id=name,
            path=looks[name].path,
            sha256=looks[name].sha256,
            cache_root=looks[name].cache_root,
            stretches_s=_merged(spans[name], settings.flash),
            cuts_s=cuts.get(name, ()),
            flash=settings.flash,
            plume=settings.plume,
        )
        for name in sorted(spans)
    }


def _stretch(
    seen: Observation, clock: Clock | None, knowledge: Knowledge, settings: FlashSettings
) -> tuple[float, float] | None:
    """Where the light of a bang must lie; None where the picture has no clock, or runs at another speed."""
    if seen.sound_s is None or clock is None:
        return None
    skew = knowledge.skews[seen.recording_id]
    heard_s = seen.sound_s - skew.skew_s
    segment = segment_at(clock.segments, heard_s, of="video")
    if segment is None or not hears_as_usual(segment):
        return None
    start_s = max(0.0, segment.start_s, heard_s - settings.most_delay_s - skew.uncertainty_s)
    end_s = heard_s - settings.least_delay_s + skew.uncertainty_s
    start_s, end_s = start_s // _GRID_S * _GRID_S, (end_s // _GRID_S + 1) * _GRID_S
    return (round_s(start_s), round_s(end_s)) if start_s < end_s else None


def _merged(spans: Sequence[tuple[float, float]], settings: FlashSettings) -> tuple[tuple[float, float], ...]:
    """Stretches without overlap, none longer than a span."""
    merged: list[list[float]] = []
    for start_s, end_s in sorted(spans):
        if merged and start_s <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end_s)
        else:
            merged.append([start_s, end_s])
    found: list[tuple[float, float]] = []
    for start_s, end_s in merged:
        pieces = int((end_s - start_s) // settings.span_s) + 1
        edges = [round_s(start_s + (end_s - start_s) * k / pieces) for k in range(pieces + 1)]
        found += pairwise(edges)
    return tuple(found)


def _sights(
    bangs: Sequence[Event],
    lights: Mapping[str, tuple[LightCandidate, ...]],
    clocks: Mapping[str, Clock],
    parts: TimelineParts,
    knowledge: Knowledge,
    settings: Settings,
) -> dict[tuple[str, str], Sight]:
    """By event and recording, what is shown before the bang."""
    assigned = assign_lights(
        bangs,
        lights,
        clocks,
        witnesses=witness_of(sorted(clocks), [d.recording_ids for d in parts.duplicates], devices=parts.devices),
        skews_s={name: skew.skew_s for name, skew in knowledge.skews.items()},
        sound_speed_mps=knowledge.geometry.sound_speed_mps,
        spread_m=settings.reconstruct.strike_spread_m,
        settings=settings.flash,
    )
    by_place: dict[tuple[int, str], list[AssignedLight]] = {}
    for each in assigned:
        by_place.setdefault((each.strike, each.recording_id), []).append(each)
    found = {}
    for (k, name), own in by_place.items():
        seen = next(o for o in bangs[k].observations if o.recording_id == name)
        found[bangs[k].id, name] = _sight(own, seen, knowledge, settings)
    return found


def _sight(own: Sequence[AssignedLight], seen: Observation, knowledge: Knowledge, settings: Settings) -> Sight:
    shown = tuple(_sighted(each, seen, knowledge) for each in _shown(own, settings.flash))
    if not own[0].automatic:
        return Sight(lights=shown, picked=None, reasons=(_UNSURE,))
    plume = own[0].candidate.kind == "first plume"
    late = (_AT_LEAST,) if plume else ()
    if seen.recording_id not in knowledge.ranging:
        late = (_LAID_ANEW,)
    if own[0].alone:
        return Sight(lights=shown, picked=shown[0], reasons=(_ALONE_PLUME if plume else _ALONE, *late))
    others = ", ".join(own[0].with_ids)
    what = "first plume begins" if plume else "flash is seen"
    return Sight(lights=shown, picked=shown[0], reasons=(f"the {what} at the same moment in {others}", *late))


def _shown(own: Sequence[AssignedLight], settings: FlashSettings) -> list[AssignedLight]:
    """The likeliest of each kind, likeliest first."""
    counts = Counter[str]()
    shown = []
    for each in own:
        counts[each.candidate.kind] += 1
        if counts[each.candidate.kind] <= settings.most_candidates:
            shown.append(each)
    return shown


def _sighted(each: AssignedLight, seen: Observation, knowledge: Knowledge) -> SightedLight:
    skew, geometry, light = knowledge.skews[each.recording_id], knowledge.geometry, each.candidate
    if each.recording_id not in knowledge.ranging:
        return SightedLight(
            candidate=light,
            probability=round(each.probability, 6),
            with_ids=each.with_ids,
            distance_m=None,
            distance_interval_m=(0.0, None),
            distance_budget=(),
        )
    distance = flash_distance(
        delay_s=(seen.sound_s or 0.0) - skew.skew_s - light.light_s,
        sound_uncertainty_s=seen.sound_uncertainty_s or 0.0,
        light_uncertainty_s=light.uncertainty_s,
        skew_uncertainty_s=skew.uncertainty_s,
        sound_speed_mps=geometry.sound_speed_mps,
        slowest_sound_mps=geometry.slowest_sound_mps or geometry.sound_speed_mps,
        wind_uncertainty_mps=knowledge.air.wind_uncertainty_mps,
        most_yield_kg=knowledge.air.most_yield_kg,
        least_yield_kg=knowledge.air.least_yield_kg,
        at_least=light.kind == "first plume",
    )
    return SightedLight(
        candidate=light,
        probability=round(each.probability, 6),
        with_ids=each.with_ids,
        distance_m=distance.distance_m,
        distance_interval_m=distance.interval_m,
        distance_budget=distance.budget,
    )


def _seen(event: Event, sights: Mapping[tuple[str, str], Sight]) -> Event:
    observations = tuple(replace(o, sight=sights.get((event.id, o.recording_id))) for o in event.observations)
    return replace(event, observations=observations)


def _warned(recording: Recording, failed: Mapping[str, SyncViewError]) -> Recording:
    if recording.id not in failed:
        return recording
    warning = f"its picture could not be searched for flashes and plumes ({failed[recording.id]})"
    return replace(recording, warnings=(*recording.warnings, warning))
