"""The clock of a recording that runs at another speed than the one whose sound it shares."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from syncview.reconstruct.clocks import assumptions_of
from syncview.sync.groups import Drift
from syncview.timebase import pace_of, segments_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.model import Basis, Clock
    from syncview.reconstruct.clocks import Skew
    from syncview.reconstruct.geometry import Geometry
    from syncview.settings import ReconstructSettings
    from syncview.sync.speeds import SpeedHypothesis

__all__ = ["clock_at_speed"]

_RATES_PPM = 1100.0  # 1001/1000, and quartz


def clock_at_speed(
    own: Clock,
    anchor: Clock,
    fit: SpeedHypothesis,
    *,
    reference_id: str,
    skews: Mapping[str, Skew],
    geometry: Geometry,
    settings: ReconstructSettings,
) -> Clock | None:
    """Put a recording on the clock of another that it fits at another speed.

    Parameters
    ----------
    own : Clock
        The recording by itself: its segments say how far it reaches and which streams it has.
    anchor : Clock
        The other, on its group's clock.
    fit : SpeedHypothesis
        Of `own` against `anchor`: ``r_anchor = lag_s + speed * r_own``.
    reference_id : str
        The recording that the group's uncertainties are stated against.
    skews : mapping of str to Skew
        Picture-sound skew of both.
    geometry : Geometry
        Distance of their cameras.
    settings : ReconstructSettings
        What is taken for the lag's noise.

    Returns
    -------
    Clock or None
        None where the other's sound has several clocks. ``group = offset + (1 + drift) r_anchor`` and the fit give the
        pace ``(1 + drift) speed``; the speed is taken as exact, and what it may be off is part of the uncertainty.
    """
    heard = segments_of(anchor.segments, of="audio")
    if len(heard) != 1:
        return None
    off_ppm = max(_inexact_ppm(fit), settings.drift_uncertainty_ppm)
    there, speed = heard[0], float(fit.speed)
    pace = pace_of(there) * speed
    skew, other_skew = skews[own.recording_id], skews[anchor.recording_id]
    # The fit is of sounds, which lie at recording time minus the skew; clocks are of pictures.
    sound_offset_s = there.offset_s - other_skew.skew_s * pace_of(there) + pace_of(there) * fit.lag_s
    drift_ppm = math.hypot(there.drift_uncertainty_ppm * speed, off_ppm * pace)
    segments = tuple(
        replace(
            segment,
            offset_s=sound_offset_s + skew.skew_s * pace,
            drift_ppm=1e6 * (pace - 1.0),
            drift_uncertainty_ppm=drift_ppm,
        )
        for segment in own.segments
    )
    length_s = max(segment.end_s for segment in segments) - min(segment.start_s for segment in segments)
    drift_s, lag_s = 1e-6 * drift_ppm * length_s, fit.lag_uncertainty_s * pace_of(there)
    skew_s = math.hypot(skew.uncertainty_s * pace, other_skew.uncertainty_s * pace_of(there))
    noise_s = math.hypot(lag_s, settings.lag_noise_s, skew_s, drift_s)
    travel_s = geometry.travel_s(own.recording_id, anchor.recording_id)
    basis: set[Basis] = {"sound", *anchor.basis}
    if geometry.is_known(own.recording_id, anchor.recording_id):
        basis.add("geometry")
    said = assumptions_of(
        own.recording_id,
        reference_id,
        tuple(sorted(basis)),
        Drift(ppm=0.0, uncertainty_ppm=drift_ppm),
        skews,
        geometry,
        measured=True,
    )
    return replace(
        own,
        segments=segments,
        uncertainty_s=anchor.uncertainty_s + travel_s + noise_s,
        sound_uncertainty_s=math.hypot(anchor.sound_uncertainty_s, lag_s, drift_s, settings.sound_floor_s),
        basis=tuple(sorted(basis)),
        assumptions=(f"runs at {fit.speed} times the speed throughout, to {off_ppm:.0f} ppm", *said),
    )


def _inexact_ppm(fit: SpeedHypothesis) -> float:
    """How far a stated speed may be off: editors' speeds are exact, but for 23.976 that is called 24."""
    if fit.measured_ppm is None or fit.measured_uncertainty_ppm is None:
        return _RATES_PPM
    return min(abs(fit.measured_ppm) + fit.measured_uncertainty_ppm, _RATES_PPM)
