"""What people wrote in case.toml, tied to the recordings of this run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import AircraftStretch
from syncview.pipeline.known_places import camera_positions, known_places, stated_strikes, stated_ways
from syncview.pipeline.references import References
from syncview.pipeline.triage import first_of_twins, same_files
from syncview.reconstruct.clocks import Skew
from syncview.reconstruct.geometry import Geometry, speed_of_sound_mps
from syncview.reconstruct.solving.problem import Air
from syncview.sync.likelihood import PinnedLag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syncview.case import Anchor, CaseFile, CaseInfo, ExternalEvent, RecordingInfo
    from syncview.model import GenerationValue, KnownPlace, Recording
    from syncview.pipeline.known_places import StatedStrike
    from syncview.reconstruct.ways import StatedWay
    from syncview.settings import ReconstructSettings

__all__ = ["Knowledge", "StatedPin", "gather_knowledge"]

_SOUND_LAID_ANEW = ("edited", "screen recording")
_COLDEST_C = -60.0
_KEYS_NOT_USED_YET = ("source", "received_utc", "received_via", "permission", "risk_note", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPin:
    """One pin of case.toml: which lag it says of two recordings, and whether it stays out of the solution.

    `a_s` and `b_s` are the recording times that it says are one moment.
    """

    a_id: str
    b_id: str
    a_s: float
    b_s: float
    pin: PinnedLag
    check: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """case.toml as the stages take it, by recording id. `troubles` are lines about references that mean nothing.

    `ranging` are the recordings in which flash and bang tell a distance; `pictured` those with a picture: what people
    state of a moment there, they have seen. `geometry` has where each camera was all the time, `ways` where cameras,
    teams and vehicles were at moments; `placed_strikes` are people's geolocations, `places` what strikes are measured
    against, `externals` what no file shows.
    """

    pins: tuple[StatedPin, ...]
    aircraft: tuple[AircraftStretch, ...]
    rejects: frozenset[frozenset[str]]
    anchors: tuple[tuple[str, Anchor], ...]
    skews: Mapping[str, Skew]
    geometry: Geometry
    devices: Mapping[str, str]
    generations: Mapping[str, GenerationValue]
    ranging: frozenset[str]
    left_out: frozenset[str]
    pictured: frozenset[str]
    troubles: tuple[str, ...]
    remarks: tuple[str, ...]
    air: Air
    placed_strikes: tuple[StatedStrike, ...] = ()
    places: tuple[KnownPlace, ...] = ()
    ways: tuple[StatedWay, ...] = ()
    externals: tuple[ExternalEvent, ...] = ()


def gather_knowledge(case: CaseFile, recordings: Sequence[Recording], *, settings: ReconstructSettings) -> Knowledge:
    """Tie case.toml to the recordings of a run.

    Parameters
    ----------
    case : CaseFile
        What people wrote.
    recordings : sequence of Recording
        What there is.
    settings : ReconstructSettings
        What holds where people say nothing.

    Returns
    -------
    Knowledge
        A reference that means no recording of this run costs only its own table, and stands in `troubles`.
    """
    references = References(recordings)
    about = {
        name: info
        for k, info in enumerate(case.recordings)
        if (name := references.find(info.file, case.where("recording", k))) is not None
    }
    for twin, first in first_of_twins(same_files(recordings)).items():
        if first in about:
            about[twin] = about[first]  # the same bytes from the same camera
    pins = []
    for k, pin in enumerate(case.pins):
        a, b = (references.find(moment.file, case.where("pin", k)) for moment in (pin.a, pin.b))
        if a is not None and b is not None:
            at_s = (pin.a.time_s, pin.b.time_s)
            said = PinnedLag(lag_s=at_s[0] - at_s[1], uncertainty_s=pin.uncertainty_s, middle_s=at_s)
            pins.append(StatedPin(a_id=a, b_id=b, a_s=pin.a.time_s, b_s=pin.b.time_s, pin=said, check=pin.check))
    rejects = {
        frozenset((a, b))
        for k, no in enumerate(case.rejects)
        if (a := references.find(no.a, case.where("reject", k))) is not None
        and (b := references.find(no.b, case.where("reject", k))) is not None
    }
    anchors = tuple(
        (name, anchor)
        for k, anchor in enumerate(case.anchors)
        if (name := references.find(anchor.file, case.where("anchor", k))) is not None
    )
    for where, file in _files_of_events(case):
        references.find(file, where)  # looked up again where clocks and tracks are known
    placed = stated_strikes(case, references, settings)
    ways, slips = stated_ways(case, references, settings)
    return Knowledge(
        pins=tuple(pins),
        aircraft=_aircraft(case, references),
        rejects=frozenset(rejects),
        anchors=anchors,
        skews={recording.id: _skew(recording, about.get(recording.id), settings) for recording in recordings},
        geometry=Geometry(
            positions=camera_positions(about, ways, settings),
            max_camera_distance_m=case.info.max_camera_distance_m,
            sound_speed_mps=speed_of_sound_mps(case.info.temperature_c),
            slowest_sound_mps=speed_of_sound_mps(
                max(_COLDEST_C, case.info.temperature_c - case.info.temperature_uncertainty_c)
            ),
        ),
        devices={name: info.device for name, info in sorted(about.items()) if info.device is not None},
        generations={name: info.generation for name, info in sorted(about.items()) if info.generation is not None},
        ranging=frozenset(r.id for r in recordings if _tells_distance(r, about.get(r.id))),
        left_out=_with_copies({name for name, info in about.items() if not info.use}, recordings),
        pictured=frozenset(recording.id for recording in recordings if recording.video is not None),
        troubles=tuple(references.troubles),
        remarks=(*slips, *_remarks(case)),
        air=_air(case.info, settings),
        placed_strikes=placed,
        places=known_places(case, settings),
        ways=ways,
        externals=case.externals,
    )


def _files_of_events(case: CaseFile) -> Iterator[tuple[str, str]]:
    """Where files are named that show points, events, movements and figures, and how they are called."""
    for k, point in enumerate(case.map_points):
        yield case.where("map_point", k), point.file
    for k, event in enumerate(case.events):
        yield case.where("event", k), event.file
    for k, fix in enumerate(case.movements):
        for file in dict.fromkeys((fix.near.file, *(() if fix.same_as is None else (fix.same_as.file,)))):
            yield case.where("movement", k), file
    for k, note in enumerate(case.tracks):
        for file in dict.fromkeys((note.near.file, *(() if note.same_as is None else (note.same_as.file,)))):
            yield case.where("track", k), file


def _air(info: CaseInfo, settings: ReconstructSettings) -> Air:
    """What carries the sound, as far as people know the weather."""
    speed_mps = speed_of_sound_mps(info.temperature_c)
    coldest_c = max(_COLDEST_C, info.temperature_c - info.temperature_uncertainty_c)
    warmest_c = min(-_COLDEST_C, info.temperature_c + info.temperature_uncertainty_c)
    return Air(
        sound_speed_mps=speed_mps,
        uncertainty_mps=max(speed_mps - speed_of_sound_mps(coldest_c), speed_of_sound_mps(warmest_c) - speed_mps),
        wind_uncertainty_mps=settings.wind_uncertainty_mps if info.wind_speed_mps is None else info.wind_speed_mps,
        most_yield_kg=info.yield_kg[1],
        least_yield_kg=info.yield_kg[0],
    )


def _aircraft(case: CaseFile, references: References) -> tuple[AircraftStretch, ...]:
    """Who heard aircraft or heard none; what begins after the file's end is a slip."""
    ends_s = {recording.id: recording.duration_s for recording in references.recordings}
    found = []
    for k, said in enumerate(case.aircraft):
        where = case.where("aircraft", k)
        name = references.find(said.file, where)
        end_s = None if name is None else ends_s[name]
        if name is None or (end_s is not None and said.start_s >= end_s):
            if name is not None:
                references.troubles.append(f"{where}: {said.file!r} ends before start_s = {said.start_s:g}")
            continue
        found.append(
            AircraftStretch(
                recording_id=name,
                start_s=said.start_s,
                end_s=said.end_s,
                state="confirmed" if said.heard else "heard none",
                reasons=() if said.note is None else (said.note,),
                by=said.by,
            )
        )
    return tuple(found)


def _skew(recording: Recording, info: RecordingInfo | None, settings: ReconstructSettings) -> Skew:
    """What a person states of picture against sound; else what the way of a file from its camera may have done."""
    skew_s = info.av_skew_s if info else None
    uncertainty_s = info.av_skew_uncertainty_s if info else None
    if uncertainty_s is None:
        generation = _generation(recording, info)
        if generation == "camera original":
            uncertainty_s = settings.av_skew_uncertainty_s
        elif generation in _SOUND_LAID_ANEW:
            uncertainty_s = settings.edited_skew_uncertainty_s
        else:
            uncertainty_s = settings.copied_skew_uncertainty_s
    return Skew(skew_s=skew_s or 0.0, uncertainty_s=uncertainty_s)


def _generation(recording: Recording, info: RecordingInfo | None) -> GenerationValue:
    stated = info.generation if info else None
    return recording.generation.value if stated is None else stated


def _tells_distance(recording: Recording, info: RecordingInfo | None) -> bool:
    """Whether flash and bang of a file tell a distance: not where its sound may have been laid anew."""
    if info is not None and (info.av_skew_s is not None or info.av_skew_uncertainty_s is not None):
        return True
    return _generation(recording, info) not in _SOUND_LAID_ANEW


def _with_copies(names: set[str], recordings: Sequence[Recording]) -> frozenset[str]:
    """The recordings named and all files of the same content."""
    contents = {recording.sha256 for recording in recordings if recording.id in names}
    return frozenset(recording.id for recording in recordings if recording.sha256 in contents)


def _remarks(case: CaseFile) -> tuple[str, ...]:
    """Say what was written for steps that this version does not have."""
    kept = [key for key in _KEYS_NOT_USED_YET if any(getattr(info, key) is not None for info in case.recordings)]
    found = [f"case.toml: checked and kept, but not used by this version: {', '.join(kept)}"] if kept else []
    if any(info.withhold for info in case.recordings):
        found.append("case.toml: withhold is not honoured by this version: do not publish the page or exports of it")
    return tuple(found)
