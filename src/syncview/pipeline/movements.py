"""What pictures show of people and vehicles: followed file by file, and told as events on the groups' clocks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from syncview.model import Event, Followed, Observation, Unassessable
from syncview.pipeline.watching import shown_size_px, watch_all, watch_jobs
from syncview.timebase import group_time_of, recording_time_of, round_s
from syncview.timeline.moving import track_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncview.errors import SyncViewError
    from syncview.media.workers import WorkerPool
    from syncview.model import (
        Clock,
        Duplicate,
        FigureCount,
        Group,
        Movement,
        Recording,
        Track,
        TrackPoint,
        Watched,
    )
    from syncview.pipeline.look import LookJob, Seen
    from syncview.pipeline.run import Progress
    from syncview.pipeline.watching import LostSpan
    from syncview.reconstruct.ground_places import GroundWay
    from syncview.settings import MovementSettings, Settings

__all__ = ["Filmed", "Films", "film_all", "followed_in", "movement_events"]

CALIBRATION = "simulated scenes of people and vehicles; not field accuracy"
_OFF = "people and vehicles were not looked for (--movement off)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Filmed:
    """What one recording shows of people and vehicles, before the strikes are known.

    Places are pixels of the picture as it was looked at; one of these is `shown_px` pixels of the displayed picture.
    `known` keeps the movements by the moments of the strikes.
    """

    recording_id: str
    tracks: tuple[Track, ...]
    watched: Watched
    unassessable: tuple[Unassessable, ...]
    counts: tuple[FigureCount, ...]
    shown_px: float
    known: dict[tuple[float, ...], tuple[Movement, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Films:
    """What all recordings show.

    `films` are those that were looked at, `ground` the ways of their tracks on the map, by track id; `blind` says why
    others were not, `warnings` what went wrong with a file,
    each by recording id; `remarks` are for the user.
    """

    films: Mapping[str, Filmed] = field(default_factory=dict)
    ground: Mapping[str, GroundWay] = field(default_factory=dict)
    blind: Mapping[str, str] = field(default_factory=dict)
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def without(self, name: str) -> Films:
        """The same without one recording."""
        return replace(
            self,
            films={key: value for key, value in self.films.items() if key != name},
            blind={key: value for key, value in self.blind.items() if key != name},
        )


def film_all(
    pool: WorkerPool,
    looks: Mapping[str, LookJob],
    seen: Mapping[str, Seen],
    unseen: Mapping[str, SyncViewError],
    recordings: Sequence[Recording],
    settings: Settings,
    progress: Progress,
) -> Films:
    """Follow people and vehicles through every recording that was seen.

    Parameters
    ----------
    pool : WorkerPool
        Processes that open media.
    looks : mapping of str to LookJob
        The recordings that were seen, by id; of files of the same bytes, the first.
    seen : mapping of str to Seen
        Their cuts.
    unseen : mapping of str to SyncViewError
        Why others with a picture could not be looked at at all.
    recordings : sequence of Recording
        All of them.
    settings : Settings
        The part `movement`, and limits.
    progress : Progress
        Told of every span.

    Returns
    -------
    Films
        Where the network is missing or looking was switched off, nothing but the reason.
    """
    if settings.movement.mode == "off":
        return Films(blind=dict.fromkeys((*looks, *unseen), _OFF))
    from syncview.pipeline.detector import WEIGHTS_SHA256, why_no_detector

    if (missing := why_no_detector()) is not None:
        said = f"people and vehicles were not looked for: {missing}"
        return Films(blind=dict.fromkeys((*looks, *unseen), said), remarks=(said,) if looks else ())
    jobs = watch_jobs(looks, seen, recordings, weights_sha256=WEIGHTS_SHA256, settings=settings.movement)
    watched, lost = watch_all(pool, jobs, recordings, settings, progress)
    by_id = {recording.id: recording for recording in recordings}
    films = {
        name: _film(by_id[name], watched[name], seen[name], lost.get(name, ()), settings.movement)
        for name in sorted(watched)
    }
    blind = {name: _could_not(lost.get(name, ())) for name in sorted(looks) if name not in films}
    blind |= {name: _failed(error) for name, error in sorted(unseen.items())}
    warnings = {name: (_could_not(spans),) for name, spans in sorted(lost.items())}
    return Films(films=films, blind=blind, warnings=warnings)


def _could_not(spans: Iterable[LostSpan]) -> str:
    for span in spans:
        return _failed(span.error)
    return "no picture could be decoded to look for people and vehicles"


def _failed(error: SyncViewError) -> str:
    return f"people and vehicles could not be looked for ({error})"


def _film(
    recording: Recording, watched: Watched, seen: Seen, lost: Sequence[LostSpan], settings: MovementSettings
) -> Filmed:
    from syncview.detect.movements import count_figures
    from syncview.detect.tracker import track_figures
    from syncview.detect.view_conditions import unassessable

    cuts_s = [shot.start_s for shot in seen.shots[1:]] + [edge for span in lost for edge in (span.start_s, span.end_s)]
    cuts_s = sorted(cut_s for cut_s in cuts_s if math.isfinite(cut_s))
    tracks = track_figures(watched, recording_id=recording.id, cuts_s=cuts_s, settings=settings)
    blind = unassessable(
        watched,
        tracks,
        cuts_s=cuts_s,
        settings=settings,
        end_s=max(float(recording.duration_s or 0), seen.end_s),
        lost_s=[(span.start_s, span.end_s) for span in lost],
    )
    unseen = [
        Unassessable(
            start_s=max(span.start_s, seen.start_s), end_s=min(span.end_s, seen.end_s), reasons=(_could_not((span,)),)
        )
        for span in lost
    ]
    every = tuple(sorted((*blind, *unseen), key=lambda part: (part.start_s, part.end_s)))
    return Filmed(
        recording_id=recording.id,
        tracks=tuple(tracks),
        watched=watched,
        unassessable=every,
        counts=tuple(count_figures(tracks, watched, every, settings=settings)),
        shown_px=_shown_px(recording, watched),
    )


def _shown_px(recording: Recording, watched: Watched) -> float:
    """Pixels of the displayed picture in one of those that were looked at."""
    return max(shown_size_px(recording)) / max(watched.size_px)


def followed_in(films: Films, like: Mapping[str, str], recordings: Sequence[Recording]) -> tuple[Followed, ...]:
    """What there is to tell of each recording, in pixels of the displayed picture.

    Parameters
    ----------
    films : Films
        Of the first of files with the same bytes.
    like : mapping of str to str
        Files of the same bytes, and the one that was looked at: what it counts holds for them, its tracks are not
        told again.
    recordings : sequence of Recording
        All of them.

    Returns
    -------
    tuple of Followed
        By recording id.
    """
    found = []
    for recording in sorted(recordings, key=lambda r: r.id):
        first = like.get(recording.id, recording.id)
        film = films.films.get(first)
        if film is not None:
            tracks = tuple(_shown_track(track, film.shown_px) for track in film.tracks)
            found.append(
                Followed(
                    recording_id=recording.id,
                    tracks=tracks if first == recording.id else (),
                    unassessable=film.unassessable,
                    counts=film.counts,
                )
            )
        elif first in films.blind:
            found.append(Followed(recording_id=recording.id, unwatched=films.blind[first]))
    return tuple(found)


def _shown_track(track: Track, shown_px: float) -> Track:
    return replace(track, points=tuple(_shown_point(point, shown_px) for point in track.points))


def _shown_point(point: TrackPoint, shown_px: float) -> TrackPoint:
    left, top, right, bottom = (side * shown_px for side in point.box_px)
    across, down = (side * shown_px for side in point.still_px)
    return replace(point, box_px=(left, top, right, bottom), still_px=(across, down))


def movement_events(
    films: Films,
    groups: Sequence[Group],
    heard: Sequence[Event],
    *,
    duplicates: Sequence[Duplicate],
    settings: MovementSettings,
) -> tuple[Event, ...]:
    """Tell the movements as events on the clocks of the pictures that show them.

    Parameters
    ----------
    films : Films
        What was followed.
    groups : sequence of Group
        With their lasting ids.
    heard : sequence of Event
        Strikes, with the moments at which each recording heard them.
    duplicates : sequence of Duplicate
        Recordings that are one witness, the best copy first.
    settings : MovementSettings
        Thresholds.

    Returns
    -------
    tuple of Event
        Without ids, by recording and time. What a picture shows while it is on no clock is left out, and so is what a
        copy shows of a moment at which a better one was looked at and is assessable. Two cameras' views of one
        movement stay two events: nobody knows that it was the same figure.
    """
    clocks = {clock.recording_id: (group.id, clock) for group in groups for clock in group.clocks}
    better = _better_copies(duplicates)
    events = []
    for name, film in films.films.items():
        if name not in clocks:
            continue
        group_id, clock = clocks[name]
        originals = [
            (films.films[other], clocks[other][1])
            for other in better.get(name, ())
            if other in films.films and other in clocks and clocks[other][0] == group_id
        ]
        for movement in _movements(film, _bangs_s(name, heard), settings):
            time_s = group_time_of(clock, movement.time_s, of="video")
            if time_s is not None and not any(_could_show(*each, movement, time_s) for each in originals):
                events.append(_event(movement, film, group_id, clock, time_s))
    return tuple(events)


def _better_copies(duplicates: Sequence[Duplicate]) -> dict[str, list[str]]:
    """For every recording its copies that come before it: a copy of more pixels is no better for that."""
    better: dict[str, list[str]] = {}
    for same in duplicates:
        for k, name in enumerate(same.recording_ids):
            better.setdefault(name, []).extend(same.recording_ids[:k])
    return better


def _could_show(film: Filmed, clock: Clock, movement: Movement, group_s: float) -> bool:
    """Whether a picture holds a moment and lets a movement be told at it."""
    time_s = recording_time_of(clock, group_s, of="video")
    return time_s is not None and not any(
        part.start_s <= time_s <= part.end_s and (part.vehicles or movement.subject != "vehicle")
        for part in film.unassessable
    )


def _bangs_s(name: str, heard: Sequence[Event]) -> tuple[float, ...]:
    """Recording times at which a camera heard a strike."""
    return tuple(
        sorted(
            seen.sound_s
            for event in heard
            if event.kind == "strike"
            for seen in event.observations
            if seen.recording_id == name and seen.sound_s is not None
        )
    )


def _movements(film: Filmed, bangs_s: tuple[float, ...], settings: MovementSettings) -> tuple[Movement, ...]:
    """Leaving out one file after the other asks for the same again and again."""
    if bangs_s in film.known:
        return film.known[bangs_s]
    from syncview.detect.movements import find_movements

    found = find_movements(
        film.tracks,
        film.watched,
        film.unassessable,
        recording_id=film.recording_id,
        bangs_s=bangs_s,
        settings=settings,
    )
    film.known[bangs_s] = tuple(sorted(found, key=lambda each: (each.time_s, each.action, each.track_names)))
    return film.known[bangs_s]


def _event(movement: Movement, film: Filmed, group_id: str, clock: Clock, time_s: float) -> Event:
    name = film.recording_id
    end_s = None if movement.end_s is None else group_time_of(clock, movement.end_s, of="video")
    return Event(
        id="",
        kind="movement",
        group_id=group_id,
        time_s=round_s(time_s),
        time_basis=f"seen_at:{name}",
        uncertainty_s=round_s(math.hypot(clock.uncertainty_s, movement.uncertainty_s)),
        end_s=None if end_s is None else round_s(end_s),
        confidence=movement.score,
        calibration=CALIBRATION,
        label=movement.label,
        min_separable_s=None,
        observations=(
            Observation(
                recording_id=name,
                sound_s=None,
                sound_uncertainty_s=None,
                score=movement.score,
                measures=movement.measures,
                reasons=movement.reasons,
                seen_s=movement.time_s,
                frames=tuple(_shown_point(point, film.shown_px) for point in movement.evidence),
            ),
        ),
        action=movement.action,
        subject=movement.subject,
        track_ids=tuple(track_id(name, track) for track in movement.track_names),
    )
