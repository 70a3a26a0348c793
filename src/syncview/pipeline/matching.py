"""Match every pair of recordings that can be heard, and again in pieces where they were cut."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.model import PairMatch
from syncview.pipeline.listen import ListenJob, MatchJob, match
from syncview.pipeline.shown_again import search_replays, with_replays
from syncview.sync.likelihood import Piece
from syncview.sync.pieces import find_cuts, pieces_of
from syncview.sync.support import PairLags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.media.workers import WorkerPool
    from syncview.model import LagHypothesis, Replay
    from syncview.pipeline.copies import Copies
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard
    from syncview.pipeline.run import Progress
    from syncview.reconstruct.geometry import Geometry
    from syncview.settings import Settings, SyncSettings
    from syncview.sync.pieces import Cut

__all__ = ["Matched", "cuts_of_copies", "lags_in_use", "match_all", "match_pieces"]

_TILE = 6  # recordings: two workers remember the spectra of two tiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What the sound of all pairs says.

    `pairs` holds every pair of recordings, `found` every pair of pieces by their names; `pieces` what each recording
    falls into, `wholes` the recordings as one piece each, and `cuts` where they were taken apart; `failed` says why
    pairs could not be compared.
    """

    pairs: Mapping[tuple[str, str], PairMatch]
    found: Mapping[tuple[str, str], PairMatch]
    pieces: Mapping[str, tuple[Piece, ...]]
    wholes: Mapping[str, Piece]
    cuts: tuple[Cut, ...]
    failed: Mapping[tuple[str, str], str]

    @property
    def lags(self) -> dict[tuple[str, str], tuple[LagHypothesis, ...]]:
        """Hypotheses of every pair of pieces."""
        return {key: pair.hypotheses for key, pair in self.found.items()}


def match_all(
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    heard: Mapping[str, Heard],
    *,
    picture_cuts_s: Mapping[str, Sequence[float]],
    geometry: Geometry,
    settings: Settings,
    progress: Progress,
) -> tuple[Matched, dict[str, Heard]]:
    """Find what the sound of every pair says of its lag, and what every recording shows again.

    Parameters
    ----------
    pool : WorkerPool
        Processes that compare.
    jobs : mapping of str to ListenJob
        The recordings that were heard, by id.
    heard : mapping of str to Heard
        Their extents.
    picture_cuts_s : mapping of str to sequence of float
        Recording times at which the pictures are cut: they tell which of two recordings was edited.
    geometry : Geometry
        How far sound's travel may move a lag.
    settings : Settings
        Limits.
    progress : Progress
        Told of every pair.

    Returns
    -------
    matched : Matched
        The same for any order of the recordings and any number of workers.
    heard : dict of str to Heard
        With the passages that are shown again; where they could not be looked for, `matched.failed` says so of the
        recording with itself.
    """
    extents = {name: (heard[name].start_s, heard[name].start_s + heard[name].duration_s) for name in sorted(jobs)}
    wholes = {name: _whole(name, extents[name]) for name in extents}
    todo = [_job(wholes[a], wholes[b], jobs, settings) for a, b in _near_each_other(sorted(jobs))]
    pairs, failed, heard = _run(pool, todo, settings, progress, jobs=jobs, heard=heard)
    matched = Matched(
        pairs=pairs,
        found=pairs,
        pieces={name: (wholes[name],) for name in wholes},
        wholes=wholes,
        cuts=(),
        failed=failed,
    )
    for _ in range(settings.sync.cut_rounds):
        cuts = find_cuts(
            {key: pair.jumps for key, pair in matched.found.items()},
            {piece.name: piece.recording_id for own in matched.pieces.values() for piece in own},
            travel_s=geometry.travel_s,
            picture_cuts_s=picture_cuts_s,
            settings=settings.sync,
        )
        if not cuts:
            break
        matched = match_pieces(pool, jobs, matched, (*matched.cuts, *cuts), settings=settings, progress=progress)
    return matched, heard


def match_pieces(
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    matched: Matched,
    cuts: Sequence[Cut],
    *,
    settings: Settings,
    progress: Progress,
) -> Matched:
    """Take recordings apart at cuts, and match their pieces with everything else.

    Parameters
    ----------
    pool : WorkerPool
        Processes that compare.
    jobs : mapping of str to ListenJob
        The recordings that were heard, by id.
    matched : Matched
        What is known so far.
    cuts : sequence of Cut
        All cuts, those that are known included.
    settings : Settings
        Limits.
    progress : Progress
        Told of every pair.

    Returns
    -------
    Matched
        With these cuts.
    """
    every = tuple(sorted(cuts, key=lambda cut: (cut.recording_id, cut.end_s)))
    pieces = {
        name: pieces_of(name, (whole.start_s, whole.end_s), every, settings=settings.sync)
        for name, whole in matched.wholes.items()
    }
    changed = {name for name in pieces if pieces[name] != matched.pieces[name]}
    everything = sorted(itertools.chain(*pieces.values()), key=lambda piece: piece.name)
    again = [
        _job(x, y, jobs, settings)
        for x, y in itertools.combinations(everything, 2)
        if x.recording_id != y.recording_id and (x.recording_id in changed or y.recording_id in changed)
    ]
    more, failed, _ = _run(pool, again, settings, progress)
    stale = {piece.name for name in changed for piece in matched.pieces[name]}
    kept = {key: found for key, found in matched.found.items() if not set(key) & stale}
    return replace(
        matched,
        found=kept | more,
        pieces=pieces,
        cuts=every,
        failed=_of_recordings(failed, everything)
        | {key: why for key, why in matched.failed.items() if key[0] == key[1] or not set(key) & changed},
    )


def cuts_of_copies(matched: Matched, cuts: Sequence[Cut], *, settings: SyncSettings) -> tuple[Cut, ...]:
    """Find the cuts that a copy of a recording must have too: one that runs on with its original across a cut.

    Without them a copy that is one piece would hold both pieces of its original on one clock.

    Parameters
    ----------
    matched : Matched
        The stretches that files share as copies.
    cuts : sequence of Cut
        Of all recordings.
    settings : SyncSettings
        How near each other two cuts of one recording are the same.

    Returns
    -------
    tuple of Cut
        Those that are not among the cuts yet.
    """
    found: list[Cut] = []
    for (a, b), pair in sorted(matched.pairs.items()):
        for copy in pair.copies:
            for x, y, shift_s, (from_s, to_s) in (
                (a, b, -copy.lag_s, copy.span_a_s),
                (b, a, copy.lag_s, copy.span_b_s),
            ):
                found += [
                    replace(
                        cut, recording_id=y, end_s=cut.end_s + shift_s, start_s=cut.start_s + shift_s, only_here=False
                    )
                    for cut in cuts
                    if cut.recording_id == x and from_s < cut.end_s and cut.start_s < to_s
                ]
    return tuple(
        cut
        for k, cut in enumerate(found)
        if not any(
            cut.recording_id == other.recording_id
            and cut.end_s <= other.start_s + settings.same_cut_s
            and other.end_s <= cut.start_s + settings.same_cut_s
            for other in (*cuts, *found[:k])
        )
    )


def lags_in_use(matched: Matched, copies: Copies, knowledge: Knowledge) -> PairLags:
    """What sound says of all pairs of pieces, without what may not count.

    Parameters
    ----------
    matched : Matched
        What pairs say.
    copies : Copies
        Whose sound is another's.
    knowledge : Knowledge
        What people rejected, and how far sound's travel may move a lag.

    Returns
    -------
    PairLags
    """
    owner = {piece.name: piece.recording_id for own in matched.pieces.values() for piece in own}

    def counts(a: str, b: str) -> bool:
        ids = frozenset((owner.get(a, a), owner.get(b, b)))
        return not ids & copies.muted and ids not in knowledge.rejects

    return PairLags(
        lags={key: found for key, found in matched.lags.items() if counts(*key)},
        travel_s=knowledge.geometry.travel_s,
        witness_of=copies.witness_of,
    )


def _near_each_other(names: Sequence[str]) -> list[tuple[str, str]]:
    """All pairs, those of few recordings after each other, so that what is known of these is still in memory."""
    places = itertools.combinations(range(len(names)), 2)
    tiled = sorted(places, key=lambda pair: (pair[0] // _TILE, pair[1] // _TILE, pair))
    return [(names[i], names[j]) for i, j in tiled]


def _of_recordings(failed: Mapping[tuple[str, str], str], pieces: Sequence[Piece]) -> dict[tuple[str, str], str]:
    """Failures of pairs of pieces, by the recordings that they are of."""
    owner = {piece.name: piece.recording_id for piece in pieces}
    found = {}
    for (a, b), why in sorted(failed.items()):
        first, second = sorted((owner[a], owner[b]))
        found[first, second] = why
    return found


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
    pool: WorkerPool,
    todo: Sequence[MatchJob],
    settings: Settings,
    progress: Progress,
    *,
    jobs: Mapping[str, ListenJob] | None = None,
    heard: Mapping[str, Heard] | None = None,
) -> tuple[dict[tuple[str, str], PairMatch], dict[tuple[str, str], str], dict[str, Heard]]:
    """Compare pairs; workers that have none to compare look for passages that the recordings of `jobs` show again."""
    found: dict[tuple[str, str], PairMatch] = {}
    failed: dict[tuple[str, str], str] = {}
    known = dict(heard or {})
    tasks: tuple[MatchJob | ListenJob, ...] = (*todo, *(job for _, job in sorted((jobs or {}).items())))

    def timeout_s(task: MatchJob | ListenJob) -> float:
        length_s = known[task.recording_id].duration_s if isinstance(task, ListenJob) else 0.0
        return max(settings.media.match_timeout_s, settings.media.decode_timeout_per_media_s * length_s)

    for done, outcome in enumerate(pool.run(_match_or_search, tasks, timeout_s=timeout_s), start=1):
        progress("matching", done, len(tasks))
        task, value, error = outcome.item, outcome.value, outcome.error
        if isinstance(task, ListenJob):
            own = known[task.recording_id]
            known[task.recording_id] = with_replays(own, value if isinstance(value, tuple) else ())
            key = (task.recording_id, task.recording_id)
        else:
            key = (task.a_id, task.b_id)
            found[key] = value if isinstance(value, PairMatch) else PairMatch()
        if error is not None:
            failed[key] = error.message
    return {key: found[key] for key in sorted(found)}, failed, known


def _match_or_search(task: MatchJob | ListenJob) -> PairMatch | tuple[Replay, ...]:
    return match(task) if isinstance(task, MatchJob) else search_replays(task)
