"""How far the measures of a stretch speak for an aircraft, as a score and in words.

A logistic score for each kind of stretch, fitted by ``benchmarks/aircraft.py --fit`` on simulated passages and on
simulated engines, vehicles, weather and people. It ranks stretches; it is no probability of an aircraft.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from syncview.detect.aircraft_stretches import Stretch

__all__ = ["CALIBRATION", "FEATURES", "features_of", "reasons_of", "score_of"]

CALIBRATION = "simulated passages and confusers (benchmarks/aircraft.py); no field accuracy is claimed"
FEATURES = {
    "droning": (
        "fall",
        "steady fall",
        "length",
        "comes and goes",
        "beat",
        "agreement",
        "smooth",
    ),
    "swelling": ("length", "comes and goes", "even", "smooth", "gentle", "tilts in time", "tilts with level"),
}
# Constant first, then in the order of FEATURES.
_WEIGHTS = {
    "droning": (-4.58, 1.93, 0.82, 0.27, 0.26, 0.78, 0.59, 0.48),
    "swelling": (-2.97, -0.05, 1.4, 0.47, 0.82, 1.2, 0.64, 1.12),
}


def features_of(stretch: Stretch) -> NDArray[np.float64]:
    """Measures as the score takes them, each about within -1 to 2; in the order of `FEATURES`."""
    m = stretch.measures
    every = {
        "fall": _within(m["pitch_fall_percent"], 0.0, 30.0) / 10.0,
        "steady fall": m["pitch_steadiness"] if m["pitch_fall_percent"] > 2.0 else 0.0,
        "length": math.log2(max(m["length_s"], 1.0) / 10.0),
        "comes and goes": _within(min(m["rise_db"], m["fall_db"]), 0.0, 15.0) / 10.0,
        "beat": _within(m["beat_db"] - 5.0, 0.0, 6.0) / 5.0,
        "agreement": (m["line_agreement"] - 0.3) / 0.3,
        "even": _within(3.0 - m["spread_db"], -6.0, 3.0) / 3.0,
        "smooth": _within(1.5 - m["roughness_db"], -3.0, 1.5) / 1.5,
        "gentle": _within(5.0 - m["steepest_db_per_s"], -5.0, 5.0) / 5.0,
        "tilts in time": _within(m["tilt_change_db"], -12.0, 12.0) / 6.0,
        "tilts with level": _within(m["tilt_top_db"], -12.0, 12.0) / 6.0,
    }
    return np.array([every[name] for name in FEATURES[stretch.kind]])


def score_of(stretch: Stretch) -> float:
    """Score of a stretch, 0 to 1."""
    weights = np.array(_WEIGHTS[stretch.kind])
    return 1.0 / (1.0 + math.exp(-float(weights[0] + features_of(stretch) @ weights[1:])))


def reasons_of(stretch: Stretch) -> tuple[str, ...]:
    """What speaks for an aircraft and what against, in words."""
    m = stretch.measures
    return (*(_droning(m) if stretch.kind == "droning" else _swelling(m)), _level_words(m))


def _droning(m: Mapping[str, float]) -> list[str]:
    words = []
    if m["lines_count"] >= 3:
        words.append(f"{m['lines_count']:.0f} steady tones for {m['length_s']:.0f} s")
    if m["beat_db"] >= 8.0:
        words.append(f"a beat of {m['beat_hz']:.0f} a second, as of a rotor or an engine that idles")
    if m["pitch_fall_percent"] >= 2.0 and m["pitch_steadiness"] >= 0.7:
        words.append(f"the pitch falls steadily by {m['pitch_fall_percent']:.0f} %, as when a source passes")
    else:
        words.append("the pitch does not fall steadily: an engine on the ground sounds so too")
    return words


def _swelling(m: Mapping[str, float]) -> list[str]:
    words = [f"a noise that comes and goes within {m['length_s']:.0f} s"]
    if m["tilt_change_db"] >= 2.0:
        words.append(f"shrill at first, rumbling later ({m['tilt_change_db']:.0f} dB)")
    words.append("lorries and surf can sound so too")
    return words


def _level_words(m: Mapping[str, float]) -> str:
    return f"the level rises by {m['rise_db']:.0f} dB and falls by {m['fall_db']:.0f} dB within half a minute"


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
