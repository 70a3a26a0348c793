"""Whether two files show the same footage: one recording, re-encoded, cropped, brightened, mirrored or cut.

Curves find the moment, pictures decide. The levels of some regions, frame by frame, are compared window by window at
all lags, as the sound is; what agrees is laid picture over picture with the crop that fits best. A copy must show the
same arrangement and, moment by moment, the same changes. Other cameras on the same scene see another arrangement, and
even from one tripod they do not shake alike; other parts of one still recording have the arrangement but not the
changes; black, a wall and a title have no changes to compare, so nothing is said of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.model import PictureMatch, PictureSegment
from syncview.sync.picture_curves import Candidate, candidates, refined_lag
from syncview.sync.picture_overlay import Overlay, lay_over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.settings import PictureSettings
    from syncview.sync.picture_features import PictureFeatures

__all__ = ["same_picture"]

_CHUNK_S = 1.0
_JOIN_S = 1.5  # disturbed stretches this short do not part a segment
_AGREE_S = 0.03
_LOOSE = 0.6  # of the thresholds for a whole place, what each second must reach to belong to it


def same_picture(a: PictureFeatures, b: PictureFeatures, *, settings: PictureSettings) -> PictureMatch | None:
    """Look for footage that both files show.

    Parameters
    ----------
    a, b : PictureFeatures
        Of two files; made with the same settings.
    settings : PictureSettings
        Thresholds.

    Returns
    -------
    PictureMatch or None
        None where nothing proves it: that is no proof of the contrary. Swapping a and b changes the signs.
    """
    if (b.duration_s, b.recording_id) > (a.duration_s, a.recording_id):
        found = _found(b, a, settings)
        return None if found is None else _swapped(found)
    return _found(a, b, settings)


def _found(a: PictureFeatures, b: PictureFeatures, settings: PictureSettings) -> PictureMatch | None:
    """Search windows of b, the shorter file, in a."""
    proven: list[tuple[Candidate, Overlay]] = []
    for candidate in candidates(a, b, settings=settings):
        overlay = lay_over(a, b, candidate, settings=settings)
        if overlay is not None and _holds(overlay, settings):
            proven.append((candidate, overlay))
    if not proven:
        return None
    mirrored = max(proven, key=lambda one: one[1].moving_s)[0].mirrored
    segments = _segments(a, b, [one for one in proven if one[0].mirrored == mirrored], settings)
    if not segments:
        return None
    longest = max(segments, key=lambda segment: segment.length_s)
    covered_s = sum(segment.length_s for segment in segments)
    share = min(1.0, covered_s / max(b.duration_s, 1e-9))
    match = PictureMatch(
        a_id=a.recording_id,
        b_id=b.recording_id,
        lag_s=longest.lag_s,
        uncertainty_s=longest.uncertainty_s,
        mirrored=mirrored,
        share=share,
        score=float(np.clip(min(longest.structure, longest.change), 0.0, 1.0)),
        segments=segments,
        evidence="",
    )
    return replace(match, evidence=_evidence(match, covered_s))


def _holds(overlay: Overlay, settings: PictureSettings) -> bool:
    """Whether pictures laid over each other prove one recording."""
    if overlay.shake_px < settings.copy_shake_px:
        alike = (
            overlay.structure >= settings.copy_still_structure
            and overlay.change >= settings.copy_still_change
            and overlay.displaced_px <= settings.copy_still_displaced_px
        )
    else:
        alike = (
            overlay.structure >= settings.copy_least_structure
            and overlay.change >= settings.copy_least_change
            and overlay.displaced_px <= settings.copy_most_displaced_px
            and overlay.shake_likeness >= settings.copy_least_shake
        )
    apart = overlay.change >= overlay.change_elsewhere + settings.copy_change_lead
    return alike and apart and overlay.moving_s >= settings.copy_least_s


def _segments(
    a: PictureFeatures,
    b: PictureFeatures,
    proven: Sequence[tuple[Candidate, Overlay]],
    settings: PictureSettings,
) -> tuple[PictureSegment, ...]:
    """Stretches of b, the surest first; what one has taken the next cannot have."""
    free = np.ones(len(b.thumb_times_s), bool)
    found = []
    for candidate, overlay in sorted(proven, key=lambda one: -one[1].moving_s):
        for first, stop in _runs(overlay, free, settings):
            start_s, end_s = float(b.thumb_times_s[first]), float(b.thumb_times_s[stop - 1])
            segment = _segment(a, b, candidate, overlay, (start_s, end_s), settings)
            if segment is not None:
                free[first:stop] = False
                found.append(segment)
    return tuple(sorted(found, key=lambda segment: segment.b_start_s))


def _segment(
    a: PictureFeatures,
    b: PictureFeatures,
    candidate: Candidate,
    overlay: Overlay,
    span_s: tuple[float, float],
    settings: PictureSettings,
) -> PictureSegment | None:
    candidate = replace(candidate, lag_s=overlay.lag_s)
    lag_s, spread_s = refined_lag(a, b, candidate, span_s, settings=settings)
    if abs(lag_s - overlay.lag_s) > _AGREE_S:  # a passing thing reaches the regions of a crop at other moments
        lag_s = overlay.lag_s
    half_s = 0.5 / settings.thumb_rate_hz
    inside = (overlay.times_s >= span_s[0]) & (overlay.times_s <= span_s[1])
    moving = inside & overlay.moving
    if not np.any(moving):
        return None
    return PictureSegment(
        lag_s=lag_s,
        uncertainty_s=float(np.hypot(max(a.frame_s, b.frame_s), spread_s)),
        b_start_s=max(span_s[0] - half_s, float(b.times_s[0])),
        b_end_s=min(span_s[1] + half_s, float(b.times_s[-1])),
        structure=float(np.median(overlay.structures[inside])),
        change=float(np.median(overlay.changes[moving])),
    )


def _runs(overlay: Overlay, free: NDArray[np.bool_], settings: PictureSettings) -> list[tuple[int, int]]:
    """Stretches of thumbs that agree, with enough of change in them."""
    step = 1.0 / settings.thumb_rate_hz
    alike = overlay.structures >= settings.copy_least_structure * _LOOSE
    changes = ~overlay.moving | (overlay.changes >= settings.copy_least_change * _LOOSE)
    good = alike & changes & overlay.known & free
    marks = np.flatnonzero(good)
    if not len(marks):
        return []
    parts = np.split(marks, np.flatnonzero(np.diff(marks) * step > _JOIN_S) + 1)
    runs = [(int(part[0]), int(part[-1]) + 1) for part in parts]
    usable = (overlay.structures >= settings.copy_least_structure) & overlay.known & free
    runs = [_widened(run, usable, round(_CHUNK_S / step)) for run in runs]
    enough = settings.copy_least_s / 2
    return [(i, j) for i, j in runs if np.count_nonzero(overlay.moving[i:j] & good[i:j]) * step >= enough]


def _widened(run: tuple[int, int], usable: NDArray[np.bool_], most: int) -> tuple[int, int]:
    """A run with what lies beside it and looks right: changes are known only after a while of them."""
    first, stop = run
    least, end = max(0, first - most), min(len(usable), stop + most)
    while first > least and usable[first - 1]:
        first -= 1
    while stop < end and usable[stop]:
        stop += 1
    return first, stop


def _swapped(match: PictureMatch) -> PictureMatch:
    segments = tuple(
        replace(
            segment,
            lag_s=-segment.lag_s,
            b_start_s=segment.b_start_s + segment.lag_s,
            b_end_s=segment.b_end_s + segment.lag_s,
        )
        for segment in match.segments
    )
    return replace(
        match,
        a_id=match.b_id,
        b_id=match.a_id,
        lag_s=-match.lag_s,
        segments=tuple(sorted(segments, key=lambda segment: segment.b_start_s)),
    )


def _evidence(match: PictureMatch, covered_s: float) -> str:
    structure = min(segment.structure for segment in match.segments)
    change = min(segment.change for segment in match.segments)
    mirrored = ", mirrored," if match.mirrored else ""
    pieces = "one piece" if len(match.segments) == 1 else f"{len(match.segments)} pieces"
    return (
        f"the same pictures{mirrored} for {covered_s:.1f} s in {pieces}, {100 * match.share:.0f} % of the shorter "
        f"file: laid over each other they agree to {structure:.2f}, and what changes in them to {change:.2f} "
        "(1 is alike)"
    )
