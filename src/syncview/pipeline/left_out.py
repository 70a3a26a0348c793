"""What the analysis becomes without any one file, or if an assumption or a rejection did not hold.

Everything after matching is done again each time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.model import Finding
from syncview.pipeline.assumed import assumed_of_air
from syncview.pipeline.gathered import placed, with_checked_pictures
from syncview.pipeline.happenings import parts_of_strikes, with_what_follows
from syncview.pipeline.joint import sound_clocks
from syncview.pipeline.solution import with_solutions
from syncview.timebase import group_time_s, recording_time_s, segment_at
from syncview.timeline.analysis import analyse
from syncview.timeline.stability import assumption_finding, changed, findings_of, stated_of
from syncview.timeline.words import STATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncview.case import CaseFile
    from syncview.model import Event, Group, Sight
    from syncview.pipeline.gathered import Gathered
    from syncview.pipeline.run import Progress
    from syncview.settings import Settings
    from syncview.store.ids import Ids
    from syncview.sync.common_sounds import CommonSound
    from syncview.timeline.findings import AnalysisEntry
    from syncview.timeline.parts import TimelineParts
    from syncview.timeline.stability import Stated

__all__ = ["Told", "analyses_without", "assumption_findings", "untried_findings"]

_FEWEST = 2
_MOST_TOLD = 6
_SAME = 5e-4  # differences that no reader sees


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A result, as far as telling it again with other files or assumptions needs it.

    `parts` are the events: what was seen is taken from them. `nominal` are the groups on the clocks that sound gives,
    `sounds` the ordinary sounds that several cameras heard, on these clocks; with `ids` events keep their names.
    """

    gathered: Gathered
    parts: TimelineParts
    nominal: Sequence[Group]
    sounds: Sequence[CommonSound]
    ids: Ids
    case: CaseFile
    settings: Settings

    @property
    def may_change(self) -> bool:
        """Whether numbers are stated that could change: none is of movements that nobody confirmed."""
        return any(event.kind != "movement" or event.calibration.startswith(STATED) for event in self.parts.events)

    def again(self, gathered: Gathered) -> AnalysisEntry:
        """The analysis of other material, from its placing on.

        Parameters
        ----------
        gathered : Gathered
            Some of the files, or the same with other knowledge.

        Returns
        -------
        AnalysisEntry
        """
        settings, knowledge = self.settings, gathered.knowledge
        joint = with_checked_pictures(placed(gathered, settings), gathered, settings)
        parts, ids = parts_of_strikes(joint, gathered, self.ids, self.case, settings)
        sights = _sights((*self.parts.events, *self.parts.candidates))
        parts = replace(
            parts,
            events=tuple(_seen(event, sights) for event in parts.events),
            candidates=tuple(_seen(event, sights) for event in parts.candidates),
        )
        before = sound_clocks(self.nominal, self.gathered.knowledge)
        moved = _on_clocks(self.sounds, before, sound_clocks(parts.groups, knowledge))
        parts = with_solutions(parts, moved, knowledge, assumptions=assumed_of_air(self.case), settings=settings)
        parts, _ = with_what_follows(parts, joint, gathered, ids, self.case, settings)
        return analyse(parts)


def analyses_without(told: Told, progress: Progress) -> dict[str, AnalysisEntry]:
    """Analyse the incident without each of its files.

    Parameters
    ----------
    told : Told
        The result with all of them.
    progress : Progress
        Told of every file.

    Returns
    -------
    dict of str to AnalysisEntry
        By the recording left out. Empty where nothing was found that could change, and for more files than the settings
        allow. A file of which there is another of the same bytes is not tried: nothing changes without it.
    """
    gathered, names = told.gathered, _names(told.gathered)
    if not told.may_change or not _FEWEST <= len(names) <= told.settings.reconstruct.most_left_out:
        return {}
    found = {}
    for done, name in enumerate(names, start=1):
        found[name] = told.again(gathered.without(name, told.settings))
        progress("leaving out", done, len(names))
    return found


def _names(gathered: Gathered) -> list[str]:
    """Files that may be left out: those with sound of which there is no other with the same bytes."""
    twins = {name for same in gathered.twins for name in same.recording_ids}
    return [recording.id for recording in gathered.recordings if recording.id not in twins and recording.audio]


def untried_findings(told: Told, *, at_speeds: bool) -> tuple[Finding, ...]:
    """Say why what single files and assumptions change was not tried.

    Parameters
    ----------
    told : Told
        The result.
    at_speeds : bool
        Whether files run at another speed: placing these again would take as long as placing them did.

    Returns
    -------
    tuple of Finding
        Of kind "not_tried"; empty where it was, or where nothing was found that could change.
    """
    most = told.settings.reconstruct.most_left_out
    if not told.may_change or (not at_speeds and len(_names(told.gathered)) <= most):
        return ()
    why = "some files run at another speed" if at_speeds else f"there are more than {most} files with sound"
    what = "leaving out single files, farther cameras and rejections" if at_speeds else "leaving out single files"
    return (
        Finding(
            kind="not_tried",
            recording_ids=(),
            group_id=None,
            time_s=None,
            value=None,
            unit=None,
            message=f"{what}: not tried, for {why}; run the case with fewer files to see what single ones change",
        ),
    )


def assumption_findings(told: Told, analysis: AnalysisEntry) -> tuple[Finding, ...]:
    """Find what stated numbers would become if cameras stood farther apart, and without what people rejected.

    Parameters
    ----------
    told : Told
        The result.
    analysis : AnalysisEntry
        Its analysis.

    Returns
    -------
    tuple of Finding
        Of kind "assumption" where an unstated distance between cameras matters: plumes are filmed from 3 km. One of
        kind "rejected_match" for all rejections together: what the numbers were with the matches.
    """
    knowledge, stated = told.gathered.knowledge, stated_of(analysis)
    if not told.may_change:
        return ()
    found: list[Finding] = []
    geometry, far_m = knowledge.geometry, told.settings.reconstruct.far_camera_m
    names = {clock.recording_id for group in told.nominal if len(group.clocks) > 1 for clock in group.clocks}
    assumed = "max_camera_distance_m" not in told.case.info.model_fields_set
    if assumed and names - geometry.positions.keys() and geometry.max_camera_distance_m < far_m:
        farther = replace(knowledge, geometry=replace(geometry, max_camera_distance_m=far_m))
        changes = changed(stated, findings_of(told.again(replace(told.gathered, knowledge=farther))))
        finding = assumption_finding(
            f"cameras within {geometry.max_camera_distance_m:g} m of each other", f"within {far_m:g} m", changes
        )
        found += [] if finding is None else [finding]
    if knowledge.rejects:
        accepted = told.again(replace(told.gathered, knowledge=replace(knowledge, rejects=frozenset())))
        found.append(_rejected(knowledge.rejects, stated, findings_of(accepted)))
    return tuple(found)


def _rejected(rejects: Iterable[frozenset[str]], stated: Mapping[str, Stated], before: Mapping[str, float]) -> Finding:
    told = [
        f"{name} {before[name]:.3f} before, {each.value:.3f} now"
        for name, each in stated.items()
        if name in before and abs(before[name] - each.value) > _SAME
    ]
    told += [f"{name} {value:.3f} before, not known now" for name, value in before.items() if name not in stated]
    told += [f"{name} not known before, {each.value:.3f} now" for name, each in stated.items() if name not in before]
    more = f"; and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    said = "; ".join(told[:_MOST_TOLD]) + more if told else "no stated number is another"
    return Finding(
        kind="rejected_match",
        recording_ids=tuple(sorted(frozenset().union(*rejects))),
        group_id=None,
        time_s=None,
        value=float(len(told)),
        unit="numbers",
        message=f"against the result with the matches that people rejected: {said}",
    )


def _sights(events: Sequence[Event]) -> dict[tuple[str, float | None], Sight]:
    """What was seen of every sound, by recording and moment."""
    return {
        (seen.recording_id, seen.sound_s): seen.sight
        for event in events
        for seen in event.observations
        if seen.sight is not None
    }


def _seen(event: Event, sights: Mapping[tuple[str, float | None], Sight]) -> Event:
    observations = tuple(replace(o, sight=sights.get((o.recording_id, o.sound_s))) for o in event.observations)
    return replace(event, observations=observations)


def _on_clocks(
    sounds: Iterable[CommonSound], before: Sequence[Group], after: Sequence[Group]
) -> dict[str, tuple[CommonSound, ...]]:
    """Common sounds on other clocks, by the group that holds them then; arrivals that are on none are left out."""
    old = {clock.recording_id: clock for group in before for clock in group.clocks}
    found: dict[str, list[CommonSound]] = {}
    for sound in sounds:
        for group in after:
            new = {clock.recording_id: clock for clock in group.clocks}
            arrivals = []
            for heard in sound.arrivals:
                at_s = recording_time_s(old[heard.recording_id].segments[heard.segment_index], heard.time_s)
                clock = new.get(heard.recording_id)
                segment = None if clock is None else segment_at(clock.segments, at_s, of="audio")
                if clock is not None and segment is not None:
                    index = clock.segments.index(segment)
                    arrivals.append(replace(heard, segment_index=index, time_s=group_time_s(segment, at_s)))
            if len(arrivals) > 1:
                found.setdefault(group.id, []).append(replace(sound, arrivals=tuple(arrivals)))
    return {name: tuple(each) for name, each in found.items()}
