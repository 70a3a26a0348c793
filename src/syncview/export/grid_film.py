"""From a case to the film of a group: what is needed of its files, and the work done in another process."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from syncview.case import resolve
from syncview.errors import CaseFileError, MediaError
from syncview.export.frame_tables import found_originals, frame_tables
from syncview.export.grid import chosen_group, plan_grid, plan_nothing
from syncview.export.grid_layout import lay_out
from syncview.export.grid_paint import painter
from syncview.media.grid_sound import SoundSource
from syncview.media.grid_writer import GridJob, TileSource, try_sound, try_tile, write_grid
from syncview.media.workers import WorkerPool
from syncview.timeline.clock_words import witnesses_of_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from fractions import Fraction

    from syncview.export.grid import GridPlan
    from syncview.export.grid_layout import Layout
    from syncview.media.grid_writer import GridResult
    from syncview.settings import MediaSettings
    from syncview.store import CaseFolder
    from syncview.timeline.clocks import GroupEntry, SegmentEntry
    from syncview.timeline.recordings import RecordingEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["Film", "FilmRequest", "prepare_film", "write_film"]

_BITS_PER_PIXEL = 0.05  # of H.264 as it is written here; 0.02 to 0.12 on phone footage
_SOUND_BYTES_PER_S = 16_000
_TIMEOUT_PER_TILE = 10.0  # seconds allowed for a second of one camera; 4K at 60 frames a second takes half of it
_TILES_PER_LIMIT = 4  # cameras for which one process's share of memory is enough
_PRELOAD = ("syncview.media.grid_writer", "syncview.export.grid_paint")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmRequest:
    """What a person asks for. None: the largest group, all of its time, the reference's sound."""

    group_id: str | None
    start_s: float | None
    end_s: float | None
    rate: Fraction
    sound: str | None
    tile_height_px: int
    include_unreviewed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """All that is needed to write it, and what could not be found."""

    plan: GridPlan
    layout: Layout
    originals: Mapping[str, Path]
    sounds: tuple[SoundSource, ...]
    timeline_sha256: str
    troubles: tuple[str, ...]

    @property
    def length_s(self) -> float:
        """How long it plays, in seconds."""
        return float(self.plan.frame_count / self.plan.rate)

    def words(self) -> str:
        """What will be written, and about how large it gets."""
        pixels = self.layout.width_px * self.layout.height_px * self.plan.frame_count
        size = pixels * _BITS_PER_PIXEL / 8 + (self.length_s * _SOUND_BYTES_PER_S if self.sounds else 0.0)
        return (
            f"grid of {len(self.plan.tiles)} cameras, {self.layout.width_px} x {self.layout.height_px}, "
            f"{self.length_s:.1f} s at {float(self.plan.rate):.6g} frames a second, sound: {self.plan.sound}, "
            f"about {max(1, round(size / 1e6))} MB"
        )


def prepare_film(
    folder: CaseFolder, document: TimelineDocument, request: FilmRequest, *, settings: MediaSettings
) -> Film:
    """Plan the film of a group.

    Parameters
    ----------
    folder : CaseFolder
        The case.
    document : TimelineDocument
        Its timeline.
    request : FilmRequest
        What is asked for.
    settings : MediaSettings
        Limits of the processes that read files.

    Returns
    -------
    Film
        Of a timeline without groups, a short one that says so.

    Raises
    ------
    DocumentError, SettingError, CaseFileError
        If the group, the range or the recording to hear is not there.
    """
    digest = hashlib.sha256(folder.timeline_file.read_bytes()).hexdigest()
    group = chosen_group(document, request.group_id)
    if group is None:
        plan = plan_nothing(document, rate=request.rate)
        layout = lay_out(0, tile_height_px=request.tile_height_px)
        return Film(plan=plan, layout=layout, originals={}, sounds=(), timeline_sha256=digest, troubles=())
    members = {clock.recording_id for clock in group.clocks}
    recordings = [recording for recording in document.recordings if recording.id in members]
    layout = lay_out(len(recordings), tile_height_px=request.tile_height_px)
    originals = found_originals(folder, recordings)
    heard = [each for each in _heard(document, group, recordings, request.sound) if each.id in originals]
    tables, faults = frame_tables(folder, [each for each in recordings if each.id in originals], settings=settings)
    plan = plan_grid(
        document,
        group,
        frame_times_s=tables,
        found=frozenset(originals),
        rate=request.rate,
        start_s=request.start_s,
        end_s=request.end_s,
        sound=_sound_words(heard),
        include_unreviewed=request.include_unreviewed,
    )
    lost = [recording.name_display for recording in recordings if recording.id not in originals]
    troubles = [f"{name} is not shown: its original is not found or has changed" for name in lost]
    return Film(
        plan=plan,
        layout=layout,
        originals=originals,
        sounds=tuple(
            SoundSource(recording_id=each.id, path=originals[each.id], segments=_clock_segments(group, each.id))
            for each in heard
        ),
        timeline_sha256=digest,
        troubles=(*troubles, *faults),
    )


def _clock_segments(group: GroupEntry, recording_id: str) -> tuple[SegmentEntry, ...]:
    return next(clock.segments for clock in group.clocks if clock.recording_id == recording_id)


def _heard(
    document: TimelineDocument, group: GroupEntry, recordings: Sequence[RecordingEntry], sound: str | None
) -> list[RecordingEntry]:
    """Recordings to hear: one, all witnesses, or none."""
    sounding = [recording for recording in recordings if recording.audio is not None]
    if sound == "none" or (sound is None and not sounding):
        return []
    if sound == "mix":
        witnesses = witnesses_of_document(document)
        once = {witnesses[recording.id]: recording for recording in reversed(sounding)}
        return [recording for recording in sounding if once[witnesses[recording.id]] is recording]
    if sound is None:
        return [next((each for each in sounding if each.id == group.reference_id), sounding[0])]
    found = resolve(sound, document.recordings)
    chosen = [recording for recording in sounding if recording.id == found]
    if not chosen:
        msg = f"{sound} cannot be heard: it has no sound, or does not stand in {group.id}"
        raise CaseFileError(msg, hint="name another with --sound, or mix, or none")
    return chosen


def _sound_words(heard: Sequence[RecordingEntry]) -> str:
    if not heard:
        return "none"
    if len(heard) > 1:
        return f"{len(heard)} recordings mixed"
    return heard[0].name_display


def write_film(
    film: Film, target: Path, *, settings: MediaSettings, progress: Callable[[int, int], None]
) -> GridResult:
    """Write the film.

    Parameters
    ----------
    film : Film
        From `prepare_film`.
    target : Path
        Where to.
    settings : MediaSettings
        Limits of the process that reads the files and encodes.
    progress : callable
        Told of the frames that are done, and of all.

    Returns
    -------
    GridResult
        A file on which the process breaks is left out, and told.

    Raises
    ------
    MediaError
        If it cannot be written.
    """
    total = film.plan.frame_count
    tiles = max(1, len(film.plan.tiles))
    timeout_s = settings.decode_timeout_floor_s + _TIMEOUT_PER_TILE * tiles * film.length_s
    limit_mib = settings.memory_limit_mib * -(-tiles // _TILES_PER_LIMIT)
    with tempfile.TemporaryDirectory(prefix="syncview-grid-") as name:
        work = Path(name)
        told = work / "frames"
        job = _job(film, target, work, told)

        def look() -> bool:
            text = told.read_text() if told.exists() else ""
            if text.isdecimal():
                progress(int(text), total)
            return False

        with WorkerPool(workers=1, memory_limit_mib=limit_mib, preload=_PRELOAD) as pool:
            (outcome,) = pool.run(write_grid, [job], timeout_s=timeout_s, cancelled=look)
            if outcome.value is None:
                job, broken = _without_broken(job, pool, timeout_s)
                if not broken:
                    raise outcome.error or MediaError("the grid was not written")
                (outcome,) = pool.run(write_grid, [job], timeout_s=timeout_s, cancelled=look)
                if outcome.value is None:
                    raise outcome.error or MediaError("the grid was not written")
                return replace(outcome.value, troubles=(*broken, *outcome.value.troubles))
    progress(total, total)
    return outcome.value


def _without_broken(job: GridJob, pool: WorkerPool, timeout_s: float) -> tuple[GridJob, tuple[str, ...]]:
    """Find the files that break a process when they are read alone, and leave them out."""
    troubles = []
    tiles: list[TileSource] = []
    sounds: list[SoundSource] = []
    for seen in pool.run(try_tile, job.tiles, timeout_s=timeout_s):
        tiles.append(seen.item if seen.error is None else replace(seen.item, path=None))
        if seen.error is not None:
            troubles.append(f"{seen.item.path} is not shown: {seen.error}")
    for heard in pool.run(try_sound, [replace(job, sounds=(sound,)) for sound in job.sounds], timeout_s=timeout_s):
        if heard.error is None:
            sounds += heard.item.sounds
        else:
            troubles.append(f"{heard.item.sounds[0].path} is not heard: {heard.error}")
    return replace(job, tiles=tuple(tiles), sounds=tuple(sounds)), tuple(troubles)


def _job(film: Film, target: Path, work: Path, told: Path) -> GridJob:
    plan, layout = film.plan, film.layout
    return GridJob(
        target=target,
        work=work,
        width_px=layout.width_px,
        height_px=layout.height_px,
        rate=plan.rate,
        start_s=plan.start_s,
        frame_count=plan.frame_count,
        tiles=tuple(
            TileSource(
                path=film.originals.get(tile.recording_id) if len(tile.frame_times_s) else None,
                width_px=rects.picture.width,
                height_px=rects.picture.height,
                wanted_s=tile.wanted_s,
            )
            for tile, rects in zip(plan.tiles, layout.tiles, strict=True)
        ),
        sounds=film.sounds,
        painter=partial(painter, plan, layout),
        metadata={
            "title": " ".join(("syncview grid", *((plan.title,) if plan.title else ()))),
            "comment": f"made from timeline.json of SHA-256 {film.timeline_sha256}"
            + (", UNREVIEWED" if plan.unreviewed else ""),
        },
        progress=told,
    )
