"""What people wrote in case.toml, tied to the recordings of this run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.case import resolve
from syncview.errors import CaseFileError
from syncview.reconstruct.clocks import Skew
from syncview.reconstruct.geometry import Geometry, Position, speed_of_sound_mps
from syncview.sync.likelihood import PinnedLag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.case import Anchor, CaseFile, RecordingInfo
    from syncview.model import Recording
    from syncview.settings import ReconstructSettings

__all__ = ["CheckPoint", "Knowledge", "gather_knowledge"]

_DEFAULT_POSITION_UNCERTAINTY_M = 50.0  # a street corner named without more
_NOT_USED_YET = ("map_points", "positions", "places", "externals", "strikes", "events")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPoint:
    """A pin that stays out of the solution: which lag it says, and how sure it is."""

    a_id: str
    b_id: str
    pin: PinnedLag


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """case.toml as the stages take it, by recording id. `troubles` are lines about references that mean nothing."""

    pins: Mapping[tuple[str, str], PinnedLag]
    checks: tuple[CheckPoint, ...]
    rejects: frozenset[frozenset[str]]
    anchors: tuple[tuple[str, Anchor], ...]
    skews: Mapping[str, Skew]
    geometry: Geometry
    devices: Mapping[str, str]
    left_out: frozenset[str]
    troubles: tuple[str, ...]
    remarks: tuple[str, ...]


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
    finder = _Finder(recordings)
    about = {
        name: info
        for k, info in enumerate(case.recordings)
        if (name := finder.find(info.file, case.where("recording", k))) is not None
    }
    pins: dict[tuple[str, str], PinnedLag] = {}
    checks = []
    for k, pin in enumerate(case.pins):
        a, b = (finder.find(moment.file, case.where("pin", k)) for moment in (pin.a, pin.b))
        if a is None or b is None:
            continue
        said = PinnedLag(lag_s=pin.a.time_s - pin.b.time_s, uncertainty_s=pin.uncertainty_s)
        if pin.check:
            checks.append(CheckPoint(a_id=a, b_id=b, pin=said))
        else:
            pins[a, b] = said
    rejects = {
        frozenset((a, b))
        for k, no in enumerate(case.rejects)
        if (a := finder.find(no.a, case.where("reject", k))) is not None
        and (b := finder.find(no.b, case.where("reject", k))) is not None
    }
    anchors = tuple(
        (name, anchor)
        for k, anchor in enumerate(case.anchors)
        if (name := finder.find(anchor.file, case.where("anchor", k))) is not None
    )
    return Knowledge(
        pins=pins,
        checks=tuple(checks),
        rejects=frozenset(rejects),
        anchors=anchors,
        skews={recording.id: _skew(about.get(recording.id), settings) for recording in recordings},
        geometry=Geometry(
            positions=_positions(about),
            max_camera_distance_m=case.info.max_camera_distance_m,
            sound_speed_mps=speed_of_sound_mps(case.info.temperature_c),
        ),
        devices={name: info.device for name, info in sorted(about.items()) if info.device is not None},
        left_out=frozenset(name for name, info in about.items() if not info.use),
        troubles=tuple(finder.troubles),
        remarks=_remarks(case),
    )


class _Finder:
    """Looks references up and collects what is wrong with them."""

    __slots__ = ("recordings", "troubles")

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self.recordings = recordings
        self.troubles: list[str] = []

    def find(self, reference: str, where: str) -> str | None:
        try:
            return resolve(reference, self.recordings, where=where)
        except CaseFileError as error:
            self.troubles.append(str(error))
            return None


def _skew(info: RecordingInfo | None, settings: ReconstructSettings) -> Skew:
    skew_s = info.av_skew_s if info else None
    uncertainty_s = info.av_skew_uncertainty_s if info else None
    return Skew(
        skew_s=skew_s or 0.0,
        uncertainty_s=settings.av_skew_uncertainty_s if uncertainty_s is None else uncertainty_s,
    )


def _positions(about: Mapping[str, RecordingInfo]) -> dict[str, Position]:
    return {
        name: Position(
            lat=info.lat,
            lon=info.lon,
            uncertainty_m=_DEFAULT_POSITION_UNCERTAINTY_M
            if info.position_uncertainty_m is None
            else info.position_uncertainty_m,
        )
        for name, info in sorted(about.items())
        if info.lat is not None and info.lon is not None
    }


def _remarks(case: CaseFile) -> tuple[str, ...]:
    """Say what was written for steps that this version does not have."""
    kept = [name for name in _NOT_USED_YET if getattr(case, name)]
    if not kept:
        return ()
    return (f"case.toml: checked and kept, but not used by this version: {', '.join(kept)}",)
