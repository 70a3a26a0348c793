"""What is known of a group, as the joint solution takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.pipeline.common_sounds import as_sources
from syncview.pipeline.findings import stated_moment_s
from syncview.reconstruct.solving.problem import (
    Arrival,
    Camera,
    ClockPiece,
    Light,
    Limit,
    Problem,
    Source,
    Tie,
)
from syncview.timebase import group_time_s, hears_as_usual, recording_time_s, segment_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from syncview.model import Clock, ClockSegment, Duplicate, Event, Group, Pair
    from syncview.pipeline.knowledge import Knowledge
    from syncview.reconstruct.geometry import Position
    from syncview.reconstruct.local_plane import LocalPlane
    from syncview.settings import Settings
    from syncview.sync.common_sounds import CommonSound
    from syncview.timebase import Stream

__all__ = ["Known", "leaders_of", "piece_of", "problem_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a problem is made of besides the group itself.

    `strikes` are the group's, `sounds` what several of its cameras heard. `leaders` is of `leaders_of`; `placed` gives
    people's places of strikes by event id; `plane` is None where no place is known.
    """

    strikes: Sequence[Event]
    sounds: Sequence[CommonSound]
    pairs: Sequence[Pair]
    leaders: Mapping[str, str]
    knowledge: Knowledge
    placed: Mapping[str, Position]
    plane: LocalPlane | None


def leaders_of(group: Group, duplicates: Iterable[Duplicate]) -> dict[str, str]:
    """The recording of the group that speaks for each: of copies of one recording, the group's reference or the first.

    Parameters
    ----------
    group : Group
        Recordings on one clock.
    duplicates : iterable of Duplicate
        Recordings that are one witness.

    Returns
    -------
    dict of str to str
        For every recording of the group.
    """
    names = [clock.recording_id for clock in group.clocks]
    leader = {name: name for name in names}
    for same in duplicates:
        members = [name for name in names if name in same.recording_ids]
        if len(members) > 1:
            joined = {other for other in names if leader[other] in {leader[name] for name in members}}
            first = group.reference_id if group.reference_id in joined else min(joined)
            leader |= dict.fromkeys(joined, first)
    return leader


def piece_of(clock: Clock, segment: ClockSegment) -> str:
    """Name of a segment of a clock in a problem."""
    return _piece_name(clock.recording_id, clock.segments.index(segment))


def _piece_name(recording_id: str, index: int) -> str:
    return f"{recording_id}#{index}"


def problem_of(group: Group, sounding: Group, known: Known, settings: Settings) -> Problem:
    """State a group as a problem.

    Parameters
    ----------
    group, sounding : Group
        The clocks of its pictures, and those of its sounds: the skews that people stated taken off.
    known : Known
        What was heard, seen and stated.
    settings : Settings
        The part `reconstruct`.

    Returns
    -------
    Problem
        Copies of one recording stand in it once.
    """
    by_sound = {clock.recording_id: clock for clock in sounding.clocks}
    clocks = {
        clock.recording_id: _Clocks(clock, by_sound[clock.recording_id])
        for clock in group.clocks
        if known.leaders[clock.recording_id] == clock.recording_id
    }
    pieces = tuple(_piece(each.seen, segment) for each in clocks.values() for segment in each.usual)
    reference = known.leaders[group.reference_id]
    sources, arrivals = as_sources(known.sounds, _piece_name)
    names = {piece.name for piece in pieces}
    return Problem(
        reference=next(piece.name for piece in pieces if piece.recording_id == reference),
        cameras=tuple(_camera(name, known) for name in clocks),
        pieces=pieces,
        sources=(*(_source(strike, known) for strike in known.strikes), *sources),
        arrivals=(*_strike_arrivals(clocks, known), *(each for each in arrivals if each.piece in names)),
        lights=tuple(_lights(clocks, known)),
        ties=tuple(_ties(clocks, group, known)),
        limits=tuple(_limits(clocks, known, settings)),
        air=known.knowledge.air,
        max_camera_distance_m=known.knowledge.geometry.max_camera_distance_m,
    )


@dataclass(frozen=True, slots=True)
class _Clocks:
    """The clock of a recording's picture, and that of its sound: segments stand in the same order."""

    seen: Clock
    heard: Clock

    @property
    def usual(self) -> list[ClockSegment]:
        """Segments in which sound runs at its own speed."""
        return [segment for segment in self.seen.segments if hears_as_usual(segment)] or list(self.seen.segments[:1])

    def at(self, recording_s: float, *, of: Stream) -> tuple[str, float] | None:
        """The piece that holds a moment of the recording, and its nominal group time."""
        clock = self.heard if of == "audio" else self.seen
        segment = segment_at(clock.segments, recording_s, of=of)
        if segment is None or not hears_as_usual(segment):
            return None
        return piece_of(clock, segment), group_time_s(segment, recording_s)


def _piece(clock: Clock, segment: ClockSegment) -> ClockPiece:
    return ClockPiece(
        name=piece_of(clock, segment),
        recording_id=clock.recording_id,
        uncertainty_s=clock.uncertainty_s,
        middle_s=group_time_s(segment, 0.5 * (segment.start_s + segment.end_s)),
        drift_uncertainty_ppm=segment.drift_uncertainty_ppm,
    )


def _camera(name: str, known: Known) -> Camera:
    """The camera of a recording; its place may have been stated of a copy."""
    knowledge = known.knowledge
    same = [name, *(copy for copy in sorted(known.leaders) if known.leaders[copy] == name)]
    position = next((at for each in same if (at := knowledge.geometry.positions.get(each)) is not None), None)
    return Camera(
        recording_id=name,
        device=knowledge.devices.get(name, name),
        position_m=None if position is None or known.plane is None else known.plane.metres(position.lat, position.lon),
        position_uncertainty_m=None if position is None else position.uncertainty_m,
        skew_uncertainty_s=knowledge.skews[name].uncertainty_s,
    )


def _source(strike: Event, known: Known) -> Source:
    placed = known.placed.get(strike.id)
    if placed is None or known.plane is None:
        return Source(id=strike.id, kind="strike")
    return Source(
        id=strike.id,
        kind="strike",
        place_m=known.plane.metres(placed.lat, placed.lon),
        place_uncertainty_m=placed.uncertainty_m,
    )


def _strike_arrivals(clocks: Mapping[str, _Clocks], known: Known) -> Iterator[Arrival]:
    for strike in known.strikes:
        for seen in strike.observations:
            if seen.recording_id not in clocks or seen.sound_s is None:
                continue
            at = clocks[seen.recording_id].at(seen.sound_s, of="audio")
            if at is not None:
                yield Arrival(
                    piece=at[0],
                    source_id=strike.id,
                    time_s=at[1],
                    uncertainty_s=seen.sound_uncertainty_s or 0.0,
                )


def _lights(clocks: Mapping[str, _Clocks], known: Known) -> Iterator[Light]:
    for strike in known.strikes:
        for seen in strike.observations:
            picked = None if seen.sight is None else seen.sight.picked
            if picked is None or seen.recording_id not in clocks or seen.recording_id not in known.knowledge.ranging:
                continue  # where sound may have been laid anew, a flash does not tell the clock that its sound runs on
            light = picked.candidate
            at = clocks[seen.recording_id].at(light.light_s, of="video")
            if at is not None:
                yield Light(
                    piece=at[0],
                    source_id=strike.id,
                    time_s=at[1],
                    uncertainty_s=light.uncertainty_s,
                    kind=light.kind,
                )


def _ties(clocks: Mapping[str, _Clocks], group: Group, known: Known) -> Iterator[Tie]:
    """Pins within the group; those of a copy tie the recording that speaks for it."""
    every = {clock.recording_id: clock for clock in group.clocks}
    for pin in known.knowledge.pins:
        if pin.check or not {pin.a_id, pin.b_id} <= every.keys():
            continue
        a_s, b_s = (
            stated_moment_s(every[name], moment_s, known.knowledge)
            for name, moment_s in ((pin.a_id, pin.a_s), (pin.b_id, pin.b_s))
        )
        if a_s is None or b_s is None:
            continue
        a, b = _holding(clocks[known.leaders[pin.a_id]], a_s), _holding(clocks[known.leaders[pin.b_id]], b_s)
        if a != b:
            yield Tie(
                a=a,
                b=b,
                difference_s=a_s - b_s,
                uncertainty_s=pin.pin.uncertainty_s,
                seen={pin.a_id, pin.b_id} <= known.knowledge.pictured,
            )


def _holding(clocks: _Clocks, group_s: float) -> str:
    """The piece that holds a moment of group time, or the nearest."""

    def beyond_s(segment: ClockSegment) -> float:
        at_s = recording_time_s(segment, group_s)
        return max(segment.start_s - at_s, at_s - segment.end_s, 0.0)

    return piece_of(clocks.seen, min(clocks.usual, key=beyond_s))


def _limits(clocks: Mapping[str, _Clocks], known: Known, settings: Settings) -> Iterator[Limit]:
    """What the lags of pairs allow; pairs of a recording in pieces are held by their pieces' own uncertainties."""
    for pair in known.pairs:
        if not pair.accepted or pair.lag_s is None or not {pair.a_id, pair.b_id} <= clocks.keys():
            continue
        a, b = clocks[pair.a_id], clocks[pair.b_id]
        if len(a.usual) > 1 or len(b.usual) > 1:
            continue
        missed_s = abs(_nominal_lag_s(a.heard.segments[0], b.heard.segments[0]) - pair.lag_s)
        yield Limit(
            a=piece_of(a.seen, a.usual[0]),
            b=piece_of(b.seen, b.usual[0]),
            half_width_s=known.knowledge.geometry.travel_s(pair.a_id, pair.b_id)
            + settings.reconstruct.lag_noise_s
            + missed_s,
        )


def _nominal_lag_s(a: ClockSegment, b: ClockSegment) -> float:
    """``r_a - r_b`` in the middle of what both hold, by their clocks."""
    start_s = max(group_time_s(a, a.start_s), group_time_s(b, b.start_s))
    end_s = min(group_time_s(a, a.end_s), group_time_s(b, b.end_s))
    middle_s = 0.5 * (start_s + end_s)
    return recording_time_s(a, middle_s) - recording_time_s(b, middle_s)
