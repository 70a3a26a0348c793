"""A first look at a folder: what is there, before any sound is compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from syncview.media.intake import find_files
from syncview.media.probe import probe, probe_limit_s, with_unique_ids
from syncview.model import Duplicate, IgnoredFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from syncview.media.workers import WorkerPool
    from syncview.model import Recording
    from syncview.pipeline.run import Progress
    from syncview.settings import Settings

__all__ = ["Survey", "and_twins", "day_of", "first_of_twins", "ignored_files", "same_files", "survey"]

FoundT = TypeVar("FoundT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Every file that was met: recordings, what was passed over, what could not be read, and copies.

    `sources` are the files that became recordings, by recording id.
    """

    recordings: tuple[Recording, ...]
    sources: Mapping[str, Path]
    ignored: tuple[IgnoredFile, ...]
    unreadable: tuple[IgnoredFile, ...]
    duplicates: tuple[Duplicate, ...]


def survey(
    inputs: Sequence[Path], *, skip: Sequence[Path] = (), settings: Settings, pool: WorkerPool, progress: Progress
) -> Survey:
    """Look at files and folders without comparing anything.

    Parameters
    ----------
    inputs : sequence of Path
        Files and folders as the user named them.
    skip : sequence of Path
        Folders to pass by.
    settings : Settings
        Limits of the workers.
    pool : WorkerPool
        Processes that open media.
    progress : Progress
        Told of every file.

    Returns
    -------
    Survey
        The same for any number of workers.
    """
    intake = find_files(inputs, skip=skip)
    found: list[tuple[Recording, Path]] = []
    lost = []
    total = len(intake.files)

    def limit_s(path: Path) -> float:
        return probe_limit_s(path, settings.media)

    for done, outcome in enumerate(pool.run(probe, intake.files, timeout_s=limit_s), start=1):
        progress("reading files", done, total)
        if outcome.value is None:
            lost.append(IgnoredFile(path=str(outcome.item), reason=str(outcome.error)))
        else:
            found.append((outcome.value, outcome.item))
    recordings = with_unique_ids([recording for recording, _ in found])
    broken = [IgnoredFile(path=r.path, reason="; ".join(r.warnings)) for r in recordings if r.kind == "unreadable"]
    return Survey(
        recordings=recordings,
        sources={recording.id: path for recording, (_, path) in zip(recordings, found, strict=True)},
        ignored=intake.ignored,
        unreadable=(*intake.unreadable, *lost, *broken),
        duplicates=same_files(recordings),
    )


def same_files(recordings: Sequence[Recording]) -> tuple[Duplicate, ...]:
    """Find recordings of the same bytes.

    Parameters
    ----------
    recordings : sequence of Recording
        All of them.

    Returns
    -------
    tuple of Duplicate
        Of each, the first by path comes first.
    """
    by_content: dict[str, list[str]] = {}
    for recording in sorted(recordings, key=lambda r: (r.path, r.id)):
        by_content.setdefault(recording.sha256, []).append(recording.id)
    return tuple(
        Duplicate(recording_ids=tuple(names), kind="same_file", evidence="same SHA-256: the same bytes")
        for _, names in sorted(by_content.items())
        if len(names) > 1
    )


def day_of(recording: Recording) -> str | None:
    """Day of a recording by its most telling clock claim, as the claim writes it.

    Parameters
    ----------
    recording : Recording
        One recording.

    Returns
    -------
    str or None
        ``YYYY-MM-DD``; None when nothing says so. A claim, no finding: clocks are set wrong.
    """
    days = [(claim.utc or claim.local or "")[:10] for claim in recording.clock_claims]
    return next((day for day in days if day), None)


def ignored_files(met: Survey, used: Sequence[Recording], left_out: frozenset[str]) -> tuple[IgnoredFile, ...]:
    """List the files that are on no clock and in no list of recordings.

    Parameters
    ----------
    met : Survey
        What was met.
    used : sequence of Recording
        The recordings that were used.
    left_out : frozenset of str
        Those that case.toml leaves out.

    Returns
    -------
    tuple of IgnoredFile
        Each with the reason.
    """
    reason = "left out by case.toml (use = false)"
    left = [IgnoredFile(path=r.path, reason=reason) for r in met.recordings if r.id in left_out]
    shown = {r.path for r in used}
    return (*met.ignored, *left, *(file for file in met.unreadable if file.path not in shown))


def and_twins(found: Mapping[str, FoundT], like: Mapping[str, str]) -> dict[str, FoundT]:
    """Say what was found of files also of their twins, byte by byte.

    Parameters
    ----------
    found : mapping
        By recording id, of the first of each set of twins.
    like : mapping of str to str
        The first of each twin.

    Returns
    -------
    dict
        With entries for the twins.
    """
    return {**found, **{twin: found[first] for twin, first in like.items() if first in found}}


def first_of_twins(twins: Sequence[Duplicate]) -> dict[str, str]:
    """Name for every file that repeats another byte by byte the one that is worked on.

    Parameters
    ----------
    twins : sequence of Duplicate
        Files of the same content.

    Returns
    -------
    dict
        By recording id; the first of each set is not in it.
    """
    return {twin: same.recording_ids[0] for same in twins for twin in same.recording_ids[1:]}
