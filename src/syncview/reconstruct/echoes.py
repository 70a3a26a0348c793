"""Whether a sound that single cameras could not tell from an echo is one, judged from all cameras.

An echo takes another way to each camera, so its delay after the first sound differs from camera to camera, and a wall
returns it weaker. A second strike near the first has nearly the same delay everywhere, and is about as strong.
"""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.reconstruct.arrivals import Arrival, Listeners
    from syncview.settings import ReconstructSettings

__all__ = ["is_possible_echo", "mostly_marked", "same_delay_count"]

_SAME_S = 0.05  # the stronger sound that a mark names
_FEWEST_CAMERAS = 3  # two cameras side by side hear an echo after the same delay


def mostly_marked(part: Sequence[Arrival]) -> bool:
    """Whether at least half the witnesses of a sound could not tell it from an echo."""
    marked = {a.witness for a in part if a.detection.possible_echo_of_s is not None}
    return bool(marked) and 2 * len(marked) >= len({a.witness for a in part})


def is_possible_echo(
    part: Sequence[Arrival],
    firsts: Sequence[Sequence[Arrival]],
    listeners: Listeners,
    *,
    settings: ReconstructSettings,
) -> bool:
    """Whether a sound must stay a possible echo of an earlier one.

    Parameters
    ----------
    part : sequence of Arrival
        The arrivals of one sound.
    firsts : sequence of sequence of Arrival
        Sounds that are no echoes and may have made one.
    listeners : Listeners
        Which camera could have heard what came before.
    settings : ReconstructSettings
        Spread of delays and loss of level that a second strike may show.

    Returns
    -------
    bool
        False when most cameras heard it as strong as anything before it, or when enough of them agree on its delay
        and it is hardly weaker than the first: four, or three soon after the first.
    """
    if not mostly_marked(part) or _follows_own_sounds(part, firsts, listeners):
        return False
    agreeing = same_delay_count(part, firsts, settings=settings)
    marked = [a.detection for a in part if a.detection.possible_echo_of_s is not None]
    weaker_db = statistics.median(dict(d.measures).get("weaker_than_first_db", math.inf) for d in marked)
    delay_s = statistics.median(d.time_s - (d.possible_echo_of_s or 0.0) for d in marked)
    if agreeing > _FEWEST_CAMERAS:
        # The first one has pumped the gain down; the next is recorded weaker than it was until the gain is back.
        return weaker_db > settings.echo_weaker_db + settings.pumped_db * math.exp(-delay_s / settings.pumped_s)
    # Few cameras may agree by chance, and do on what comes late: from far away, with nearly one delay for all.
    return agreeing < _FEWEST_CAMERAS or delay_s > settings.pumped_s or weaker_db > settings.echo_weaker_db


def _follows_own_sounds(part: Sequence[Arrival], firsts: Sequence[Sequence[Arrival]], listeners: Listeners) -> bool:
    """Whether a camera that was listening heard this sound and no stronger one before it.

    Then what came before was of the other cameras' own surroundings, and this is no echo of it.
    """
    unmarked = {a.witness for a in part if a.detection.possible_echo_of_s is None and not a.by_second_look}
    if not unmarked:
        return False
    for arrival in part:
        if arrival.detection.possible_echo_of_s is None:
            continue
        delay_s = arrival.detection.time_s - arrival.detection.possible_echo_of_s
        origin = [
            first
            for first in firsts
            if any(a.witness == arrival.witness and abs(arrival.time_s - a.time_s - delay_s) < _SAME_S for a in first)
        ]
        shared = any({a.witness for a in first} & unmarked for first in origin)
        listening = any(
            listeners.witness_of[name] in unmarked and listeners.could_hear(name, arrival.time_s - delay_s)
            for name in listeners.clocks
        )
        if shared or not listening:
            return False
    return True


def same_delay_count(
    part: Sequence[Arrival], firsts: Sequence[Sequence[Arrival]], *, settings: ReconstructSettings
) -> int:
    """How many cameras heard a sound after one delay from an earlier sound; 0 when too few of them agree.

    Parameters
    ----------
    part : sequence of Arrival
        The sound.
    firsts : sequence of sequence of Arrival
        Sounds that may have come before it.
    settings : ReconstructSettings
        How far delays of a second strike may differ, and how many of the first sound's cameras must agree.

    Returns
    -------
    int
        The largest count over the earlier sounds.
    """
    best = 0
    for first in firsts:
        at_s = {a.witness: a.time_s for a in first}
        delays_s = sorted(
            d for d in {a.witness: a.time_s - at_s.get(a.witness, math.inf) for a in part}.values() if d > 0
        )
        if not delays_s or delays_s[-1] > settings.echo_reach_s:
            continue
        most = max(sum(0.0 <= d - least <= settings.echo_spread_s for d in delays_s) for least in delays_s)
        # An echo that happens to come alike to some cameras is weak or elsewhere in time for the others.
        if most >= settings.echo_agreeing_share * len(at_s):
            best = max(best, most)
    return best
