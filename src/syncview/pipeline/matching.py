"""Match every pair of recordings that can be heard, and again in pieces where they were cut."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import PairMatch
from syncview.pipeline.listen import MatchJob, match
from syncview.sync.likelihood import Piece
from syncview.sync.pieces import find_cuts, pieces_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.media.workers import WorkerPool
    from syncview.model import LagHypothesis
    from syncview.pipeline.listen import Heard, ListenJob
    from syncview.pipeline.run import Progress
    from syncview.reconstruct.geometry import Geometry
    from syncview.settings import Settings
    from syncview.sync.pieces import Cut

__all__ = ["Matched", "match_all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What the sound of all pairs says.

    `pairs` holds every pair of recordings, `lags` every pair of pieces by their names; `pieces` what each recording
    falls into, `wholes` those that were taken apart, whole, and `cuts` where; `failed` says why pairs could not be
    compared.
    """

    pairs: Mapping[tuple[str, str], PairMatch]
    lags: Mapping[tuple[str, str], tuple[LagHypothesis, ...]]
    pieces: Mapping[str, tuple[Piece, ...]]
    wholes: Mapping[str, Piece]
    cuts: tuple[Cut, ...]
    failed: Mapping[tuple[str, str], str]


def match_all(
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    heard: Mapping[str, Heard],
    *,
    geometry: Geometry,
    settings: Settings,
    progress: Progress,
) -> Matched:
    """Find what the sound of every pair says of its lag.

    Parameters
    ----------
    pool : WorkerPool
        Processes that compare.
    jobs : mapping of str to ListenJob
        The recordings that were heard, by id.
    heard : mapping of str to Heard
        Their extents.
    geometry : Geometry
        How far sound's travel may move a lag.
    settings : Settings
        Limits.
    progress : Progress
        Told of every pair.

    Returns
    -------
    Matched
        The same for any order of the recordings and any number of workers.
    """
    extents = {name: (heard[name].start_s, heard[name].start_s + heard[name].duration_s) for name in sorted(jobs)}
    wholes = {name: _whole(name, extents[name]) for name in extents}
    todo = [_job(wholes[a], wholes[b], jobs, settings) for a, b in itertools.combinations(sorted(jobs), 2)]
    pairs, failed = _run(pool, todo, settings, progress)
    cuts = find_cuts(
        {key: found.jumps for key, found in pairs.items()}, travel_s=geometry.travel_s, settings=settings.sync
    )
    pieces = {name: pieces_of(name, extents[name], cuts, settings=settings.sync) for name in extents}
    apart = {name for name in extents if pieces[name] != (wholes[name],)}
    again = [
        _job(x, y, jobs, settings)
        for x, y in itertools.combinations(sorted(itertools.chain(*pieces.values()), key=lambda p: p.name), 2)
        if x.recording_id != y.recording_id and (x.recording_id in apart or y.recording_id in apart)
    ]
    more, more_failed = _run(pool, again, settings, progress)
    kept = {key: found for key, found in pairs.items() if not set(key) & apart}
    return Matched(
        pairs=pairs,
        lags={key: found.hypotheses for key, found in (kept | more).items()},
        pieces=pieces,
        wholes={name: wholes[name] for name in sorted(apart)},
        cuts=cuts,
        failed=failed | more_failed,
    )


def _whole(name: str, extent_s: tuple[float, float]) -> Piece:
    return Piece(name=name, recording_id=name, start_s=extent_s[0], end_s=extent_s[1])


def _job(x: Piece, y: Piece, jobs: Mapping[str, ListenJob], settings: Settings) -> MatchJob:
    a, b = jobs[x.recording_id], jobs[y.recording_id]
    spans = [None if p.name == p.recording_id else (p.start_s, p.end_s) for p in (x, y)]
    return MatchJob(
        a_id=x.name,
        b_id=y.name,
        a_sha256=a.sha256,
        b_sha256=b.sha256,
        a_key=a.key,
        b_key=b.key,
        cache_root=a.cache_root,
        sync=settings.sync,
        a_span_s=spans[0],
        b_span_s=spans[1],
    )


def _run(
    pool: WorkerPool, todo: Sequence[MatchJob], settings: Settings, progress: Progress
) -> tuple[dict[tuple[str, str], PairMatch], dict[tuple[str, str], str]]:
    found: dict[tuple[str, str], PairMatch] = {}
    failed: dict[tuple[str, str], str] = {}
    for done, outcome in enumerate(pool.run(match, todo, timeout_s=settings.media.match_timeout_s), start=1):
        progress("matching", done, len(todo))
        key = (outcome.item.a_id, outcome.item.b_id)
        found[key] = outcome.value or PairMatch()
        if outcome.error is not None:
            failed[key] = outcome.error.message
    return {key: found[key] for key in sorted(found)}, failed
