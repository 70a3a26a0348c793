"""What a person must know of the footage itself: cuts, replays, carried sound, pictures that leave their sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.model import Finding
from syncview.timebase import group_time_of, round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import Clock, Group, PairMatch, Recording
    from syncview.pipeline.listen import Heard
    from syncview.pipeline.matching import Matched
    from syncview.settings import Settings
    from syncview.sync.pieces import Cut

__all__ = ["material_findings"]

_NEAR_S = 0.01


def material_findings(
    groups: Sequence[Group],
    sounds: Sequence[Group],
    recordings: Sequence[Recording],
    heard: Mapping[str, Heard],
    matched: Matched,
    *,
    settings: Settings,
) -> tuple[Finding, ...]:
    """Say what was found out about the files besides their place.

    Parameters
    ----------
    groups : sequence of Group
        Clocks of the pictures, with their lasting ids.
    sounds : sequence of Group
        Clocks of the sounds, which cuts and replays are found in.
    recordings : sequence of Recording
        All of them.
    heard : mapping of str to Heard
        Replays inside them.
    matched : Matched
        Cuts, and what is carried.
    settings : Settings
        How likely a carried sound must be to be named.

    Returns
    -------
    tuple of Finding
        Cuts, replays, carried sounds and withdrawn pictures, each kind by recording and time.
    """
    names = {recording.id: recording.name_display for recording in recordings}
    clocks, heard_at = _homes(groups), _homes(sounds)
    found = [_cut(cut, heard_at[cut.recording_id], names) for cut in matched.cuts if cut.recording_id in heard_at]
    found += [
        _replay(name, start_s, replay_s, speed, heard_at.get(name))
        for name in sorted(heard)
        for start_s, replay_s, speed in ((r.original_start_s, r.start_s, r.speed) for r in heard[name].replays)
    ]
    found += [
        finding for key in sorted(matched.pairs) if (finding := _carried(key, matched.pairs[key], settings)) is not None
    ]
    found += [finding for _, clock in clocks.values() if (finding := _picture(clock, clocks)) is not None]
    return tuple(found)


def _homes(groups: Sequence[Group]) -> dict[str, tuple[Group, Clock]]:
    return {clock.recording_id: (group, clock) for group in groups for clock in group.clocks}


def _cut(cut: Cut, home: tuple[Group, Clock], names: Mapping[str, str]) -> Finding:
    """The jump as the clocks have it, where both sides are on one; else as it was first seen."""
    group, clock = home
    before_s = group_time_of(clock, cut.end_s - _NEAR_S, of="audio")
    after_s = group_time_of(clock, cut.start_s + _NEAR_S, of="audio")
    jump_s, within = cut.jump_s, ""
    others = ", ".join(names.get(name, name) for name in cut.seen_by)
    if before_s is not None and after_s is not None and len(group.clocks) > 1:
        jump_s = after_s - before_s - (cut.start_s - cut.end_s + 2 * _NEAR_S)
        # Each side is as sure as the clocks: what was heard before may lie on another side than what was heard after.
        sure_s = max(
            own.uncertainty_s for own in group.clocks if own.recording_id in (*cut.seen_by, clock.recording_id)
        )
        within = f" (to {2 * sure_s:.2f} s)"
    if jump_s is None:
        # Only one side is on a clock: that is no proof of a cut.
        return Finding(
            kind="off_clock",
            recording_ids=(cut.recording_id,),
            group_id=group.id,
            time_s=None if before_s is None else round_s(before_s),
            value=None,
            unit=None,
            message=f"at about {0.5 * (cut.end_s + cut.start_s):.0f} s its sound stops or begins to agree with "
            f"{others}, which agree with each other all the time: it was cut there, or does not belong to it",
        )
    what = f"{jump_s:.3f} s are missing" if jump_s > 0 else f"{-jump_s:.3f} s were put in, or are shown again"
    other_way = "were put into" if jump_s > 0 else "are missing from"
    doubt = f"; or {abs(jump_s):.3f} s {other_way} {others}" if cut.only_here else ""
    return Finding(
        kind="cut",
        recording_ids=(cut.recording_id,),
        group_id=group.id,
        time_s=None if before_s is None else round_s(before_s),
        value=round_s(jump_s),
        unit="s",
        message=f"at {cut.end_s:.1f} s of the file its sound jumps: {what}, seen against {others}{within}{doubt}",
    )


def _replay(name: str, original_s: float, replay_s: float, speed: float, home: tuple[Group, Clock] | None) -> Finding:
    group_s = None if home is None else group_time_of(home[1], replay_s, of="audio")
    slow = "" if speed == 1.0 else f" at {speed:g} times its speed"
    return Finding(
        kind="replay",
        recording_ids=(name,),
        group_id=None if home is None or group_s is None else home[0].id,
        time_s=round_s(replay_s if group_s is None else group_s),
        value=round_s(speed),
        unit="times the speed",
        message=f"at {replay_s:.1f} s the file shows again{slow} what it showed at {original_s:.1f} s",
    )


def _carried(key: tuple[str, str], pair: PairMatch, settings: Settings) -> Finding | None:
    carried = [h for h in pair.hypotheses if h.sound == "carried"]
    if not carried or carried[0].probability < settings.sync.carried_named_probability:
        return None
    return Finding(
        kind="carried_sound",
        recording_ids=key,
        group_id=None,
        time_s=None,
        value=round_s(carried[0].lag_s),
        unit="s",
        message="; ".join(carried[0].reasons) + ": it proves no common place, and ties no clocks",
    )


def _picture(clock: Clock, clocks: Mapping[str, tuple[Group, Clock]]) -> Finding | None:
    """Where the picture leaves the sound for the first time, if not from the start."""
    withdrawn = [s for s in clock.segments if s.applies_to == "audio" and s.picture_check == "unverified"]
    pictured = any(s.applies_to == "both" for s in clock.segments)
    if not withdrawn or not pictured:
        return None
    first = withdrawn[0]
    group_s = group_time_of(clock, first.start_s, of="audio")
    return Finding(
        kind="picture_clock",
        recording_ids=(clock.recording_id,),
        group_id=clocks[clock.recording_id][0].id,
        time_s=None if group_s is None else round_s(group_s),
        value=round_s(first.start_s),
        unit="s of the file",
        message=f"at {first.start_s:.1f} s the picture cuts to another shot while the sound goes on: "
        "from there on only the sound is on the clock",
    )
