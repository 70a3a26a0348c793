"""Take recordings apart where only their group, or a copy, shows a cut, and put together what has one clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.pipeline.joint import place_pieces
from syncview.pipeline.matching import cuts_of_copies, lags_in_use, match_pieces
from syncview.sync.continuity import hidden_cuts, needless_cuts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.media.workers import WorkerPool
    from syncview.model import Duplicate, Recording
    from syncview.pipeline.copies import Copies
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard, ListenJob
    from syncview.pipeline.matching import Matched
    from syncview.pipeline.run import Progress
    from syncview.settings import Settings
    from syncview.sync.groups import Placed
    from syncview.sync.pieces import Cut

__all__ = ["in_pieces"]


def in_pieces(
    matched: Matched,
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    recordings: Sequence[Recording],
    heard: Mapping[str, Heard],
    twins: tuple[Duplicate, ...],
    copies: Copies,
    knowledge: Knowledge,
    settings: Settings,
    progress: Progress,
) -> Matched:
    """Find the cuts that no pair shows by itself, and drop those that turn out to be none.

    Parameters
    ----------
    matched : Matched
        What pairs say, taken apart where they show cuts.
    pool : WorkerPool
        Processes that compare.
    jobs : mapping of str to ListenJob
        The recordings that were heard, by id.
    recordings, heard, twins, copies, knowledge
        As `syncview.pipeline.joint.place_pieces` takes them.
    settings : Settings
        Limits.
    progress : Progress
        Told of every pair.

    Returns
    -------
    Matched
        With all cuts.
    """

    def groups() -> tuple[Placed, ...]:
        _, placement = place_pieces(
            recordings,
            heard=heard,
            matched=matched,
            same_files=twins,
            copies=copies,
            knowledge=knowledge,
            settings=settings,
        )
        return placement.groups

    def again(cuts: Sequence[Cut]) -> Matched:
        return match_pieces(pool, jobs, matched, cuts, settings=settings, progress=progress)

    travel_s = knowledge.geometry.travel_s
    if more := cuts_of_copies(matched, matched.cuts, settings=settings.sync):
        matched = again((*matched.cuts, *more))
    for _ in range(settings.sync.cut_rounds):
        known = lags_in_use(matched, copies, knowledge)
        hidden = hidden_cuts(groups(), known, settings=settings.sync)
        if not hidden:
            break
        cuts = (*matched.cuts, *hidden)
        matched = again((*cuts, *cuts_of_copies(matched, cuts, settings=settings.sync)))
    needless = needless_cuts(groups(), matched.cuts, travel_s=travel_s)
    if needless:
        matched = again([cut for cut in matched.cuts if cut not in needless])
    return matched
