"""One recording's share in an event, as timeline.json holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.timeline.events import FlashCandidateEntry, FrameEntry, LightEntry, ObservationEntry

if TYPE_CHECKING:
    from syncview.model import LightCandidate, Observation, SightedLight, TrackPoint

__all__ = ["observation_entry"]


def observation_entry(seen: Observation) -> ObservationEntry:
    """Write down what a recording heard and showed.

    Parameters
    ----------
    seen : Observation
        With the lights before its bang, where they were looked for.

    Returns
    -------
    ObservationEntry
        Light, frame and distance only where one light was picked; the others are candidates.
    """
    sight = seen.sight
    picked = None if sight is None else sight.picked
    light = None if picked is None else picked.candidate
    frames = tuple(_evidence(point) for point in seen.frames)
    return ObservationEntry(
        recording_id=seen.recording_id,
        sound_s=seen.sound_s,
        sound_uncertainty_s=seen.sound_uncertainty_s,
        light=None if light is None else LightEntry(time_s=light.time_s, kind=light.kind),
        flash_s=None if light is None or light.kind != "flash" else light.light_s,
        frame=next(iter(frames), None) if light is None else _frame(light),
        distance_m=None if picked is None else picked.distance_m,
        distance_interval_m=None if picked is None else picked.distance_interval_m,
        distance_budget={} if picked is None else dict(picked.distance_budget),
        score=seen.score,
        measures=dict(sorted(seen.measures)),
        reasons=(*seen.reasons, *(() if sight is None else sight.reasons)),
        flash_candidates=() if sight is None else tuple(_candidate(each) for each in sight.lights),
        stated_s=seen.stated_s,
        seen_s=seen.seen_s,
        frames=frames,
    )


def _frame(light: LightCandidate) -> FrameEntry | None:
    if light.index is None:
        return None
    left, top, width, height = light.box_px
    return FrameEntry(index=light.index, pts_s=light.time_s, box=(float(left), float(top), float(width), float(height)))


def _evidence(point: TrackPoint) -> FrameEntry:
    left, top, right, bottom = (round(side, 1) for side in point.box_px)
    return FrameEntry(
        index=point.index, pts_s=point.time_s, box=(left, top, round(right - left, 1), round(bottom - top, 1))
    )


def _candidate(sighted: SightedLight) -> FlashCandidateEntry:
    light = sighted.candidate
    return FlashCandidateEntry(
        time_s=light.time_s,
        flash_s=light.light_s,
        flash_uncertainty_s=light.uncertainty_s,
        kind=light.kind,
        frame=_frame(light),
        score=light.score,
        probability=sighted.probability,
        with_ids=sighted.with_ids,
        distance_m=sighted.distance_m,
        distance_interval_m=sighted.distance_interval_m,
        measures=dict(light.measures),
        reasons=light.reasons,
    )
