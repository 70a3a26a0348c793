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

    from syncview.reconstruct.arrivals import Arrival
    from syncview.settings import ReconstructSettings

__all__ = ["is_possible_echo", "same_delay_count"]

_LEAST_CAMERAS = 3  # two cameras side by side hear an echo after the same delay
_AGREEING_SHARE = 0.6  # of the marked cameras; the rest may have picked another arrival


def is_possible_echo(part: Sequence[Arrival], *, settings: ReconstructSettings) -> bool:
    """Whether a sound must stay a possible echo of an earlier one.

    Parameters
    ----------
    part : sequence of Arrival
        The arrivals of one sound.
    settings : ReconstructSettings
        Spread of delays and loss of level that a second strike may show.

    Returns
    -------
    bool
        False when most cameras heard it as strong or otherwise unlike an echo, or when three or more agree on its
        delay and it is hardly weaker than the first.
    """
    marked = _marked(part)
    if 2 * len(marked) <= len({arrival.witness for arrival in part}):
        return False
    if same_delay_count(part, settings=settings) < _LEAST_CAMERAS:
        return True
    weaker_db = [dict(a.detection.measures).get("weaker_than_first_db", math.inf) for a in marked]
    return statistics.median(weaker_db) > settings.echo_weaker_db


def same_delay_count(part: Sequence[Arrival], *, settings: ReconstructSettings) -> int:
    """How many cameras heard a sound after the same delay from the first; 0 when fewer than most of them agree."""
    delays_s = sorted(a.detection.time_s - (a.detection.possible_echo_of_s or 0.0) for a in _marked(part))
    if not delays_s:
        return 0
    most = max(sum(0.0 <= other - first <= settings.echo_spread_s for other in delays_s) for first in delays_s)
    return most if most >= _AGREEING_SHARE * len(delays_s) else 0


def _marked(part: Sequence[Arrival]) -> list[Arrival]:
    """Return one arrival per witness that its own camera could not tell from an echo."""
    by_witness = {a.witness: a for a in sorted(part, key=lambda a: (a.detection.score, a.recording_id))}
    return [arrival for arrival in by_witness.values() if arrival.detection.possible_echo_of_s is not None]
