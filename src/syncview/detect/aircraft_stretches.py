"""Stretches of a sound that an engine in the air may have made, and what can be measured of each.

Three kinds are looked for. A *droning* stretch keeps the lines of a spectrum, or a beat of 8 to 36 Hz, for seconds:
rotors, propellers, and every engine on the ground. A *swelling* stretch has no lines but comes and goes within tens of
seconds: jets, and lorries, rain and surf. A *sweeping* stretch holds a comb that is not the place's own: the ground's
reflection of a source above it, drones (whose harmonics are a comb), and a telephone that moves beside a wall. What
tells the air from the ground is measured next: whether all lines fall in pitch together and steadily (Doppler of a
straight path), how slowly the level comes and goes, how the comb wanders and how the spectrum tilts meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from syncview.detect.aircraft_curves import STEP_S
from syncview.signal.routines import uniform_filter1d

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.detect.aircraft_curves import SoundCurves
    from syncview.settings import AircraftSettings

__all__ = ["Stretch", "find_stretches", "runs_of"]

Kind = Literal["droning", "swelling", "sweeping"]

_SMOOTH_STEPS = 5
_FLOOR_SHARE = 0.1  # of the recording, its quietest
_SIDE_S = 30.0  # before and after, in which a stretch's sound should be weaker
_AGREE = 0.25  # of lines whose shift is a glide
_DOWN_DB = 6.0
_BRIDGE_S = 6.0  # 300 m away at 70 m/s, 35 degrees to each side


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Steps `begin` to `end` of the curves, which of the three kinds it is, and its measures."""

    begin: int
    end: int
    kind: Kind
    measures: Mapping[str, float]


def find_stretches(curves: SoundCurves, *, settings: AircraftSettings) -> tuple[Stretch, ...]:
    """Find every stretch worth a look.

    Parameters
    ----------
    curves : SoundCurves
        Of a whole sound.
    settings : AircraftSettings
        What counts as lines, beat and swelling.

    Returns
    -------
    tuple of Stretch
        In order of time; those of different kinds may overlap.
    """
    if not len(curves.level_db):
        return ()
    smooth_db = uniform_filter1d(curves.level_db, _SMOOTH_STEPS, mode="nearest")
    lined = (curves.agreement >= settings.least_agreement) & (curves.lines >= settings.least_lines)
    engine = curves.heard & (lined | (curves.beat_db >= settings.least_beat_db))
    spans: dict[Kind, list[tuple[int, int]]] = {"droning": _lasting(engine, settings)}
    combed = curves.heard & (uniform_filter1d(curves.comb_db, _SMOOTH_STEPS, mode="nearest") >= settings.least_comb_db)
    spans["sweeping"] = _lasting(combed, settings)
    taken = np.zeros(len(engine), bool)
    for a, b in spans["droning"]:
        taken[a:b] = True
    spans["swelling"] = [
        (a, b) for a, b in _swellings(smooth_db, curves.heard, settings) if taken[a:b].mean() < settings.droning_share
    ]
    found = [
        Stretch(begin=a, end=b, kind=kind, measures=_measures(curves, smooth_db, a, b))
        for kind, own in spans.items()
        for a, b in own
    ]
    return tuple(sorted(found, key=lambda each: (each.begin, each.end, each.kind)))


def _lasting(mark: NDArray[np.bool_], settings: AircraftSettings) -> list[tuple[int, int]]:
    """Spans in which a mark holds most of the time, long enough to count."""
    mostly = uniform_filter1d(mark.astype(np.float64), _SMOOTH_STEPS, mode="nearest") >= settings.droning_share - 1e-9
    spans = _bridged(runs_of(mostly), round(_BRIDGE_S / STEP_S))
    return [(a, b) for a, b in spans if (b - a) * STEP_S >= settings.least_s]


def runs_of(mark: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First index and end of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mark.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _bridged(spans: Sequence[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Join spans with a short gap: where a source passes nearest, its lines slide too fast to be followed."""
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        if joined and begin - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return joined


def _swellings(
    smooth_db: NDArray[np.float64], heard: NDArray[np.bool_], settings: AircraftSettings
) -> list[tuple[int, int]]:
    """Spans around the tops of the level that stand out on both sides, the highest first taken, none overlapping."""
    inner = np.flatnonzero((smooth_db[1:-1] > smooth_db[:-2]) & (smooth_db[1:-1] >= smooth_db[2:])) + 1
    free = heard.copy()
    spans: list[tuple[int, int]] = []
    for top in inner[np.argsort(-smooth_db[inner], kind="stable")].tolist():
        down = smooth_db < smooth_db[top] - _DOWN_DB
        before, after = np.flatnonzero(down[:top]), np.flatnonzero(down[top:])
        begin = int(before[-1]) + 1 if len(before) else 0
        end = top + int(after[0]) if len(after) else len(smooth_db)
        comes_and_goes = len(before) > 0 and len(after) > 0
        if comes_and_goes and (end - begin) * STEP_S >= settings.least_s and free[begin:end].all():
            spans.append((begin, end))
            free[begin:end] = False
    return spans


def _measures(curves: SoundCurves, smooth_db: NDArray[np.float64], begin: int, end: int) -> dict[str, float]:
    """Numbers of one stretch that a reviewer can check by ear and on a spectrogram."""
    own = slice(begin, end)
    side = round(_SIDE_S / STEP_S)
    top = begin + int(np.argmax(smooth_db[own]))
    rise_over_floor_db = float(smooth_db[top] - np.quantile(smooth_db, _FLOOR_SHARE))
    rise_db = float(smooth_db[top] - smooth_db[max(0, begin - side) : top + 1].min())
    fall_db = float(smooth_db[top] - smooth_db[top : end + side].min())
    glides = curves.glide[own][curves.agreement[own] >= _AGREE] * STEP_S
    turns = float(np.abs(glides).sum())
    steps_db = np.diff(curves.level_db[max(0, begin - 2) : end + 2])
    third = max(1, (end - begin) // 3)
    flank = np.r_[max(0, begin - 3) : begin, end : min(len(smooth_db), end + 3)]
    flank = flank if len(flank) else np.array([begin, end - 1])
    return {
        "length_s": (end - begin) * STEP_S,
        "beat_db": float(np.median(curves.beat_db[own])),
        "beat_hz": float(np.median(curves.beat_hz[own])),
        "line_agreement": float(np.median(curves.agreement[own])),
        "lines_count": float(np.median(curves.lines[own])),
        "pitch_fall_percent": 100.0 * (1.0 - float(np.exp(glides.sum()))),
        "pitch_steadiness": abs(float(glides.sum())) / turns if turns > 0.005 else 0.0,
        "fastest_fall_percent_per_s": 100.0 * _fastest(glides) / STEP_S,
        "rise_db": rise_db,
        "fall_db": fall_db,
        "roughness_db": float(np.std(curves.level_db[own] - smooth_db[own])),
        "steepest_db_per_s": float(np.abs(steps_db).max(initial=0.0)) / STEP_S,
        "spread_db": float(np.median(curves.spread_db[own])),
        "tilt_change_db": float(
            curves.slope_db[end - third : end].mean() - curves.slope_db[begin : begin + third].mean()
        ),
        "tilt_top_db": float(curves.slope_db[max(begin, top - 2) : top + 3].mean() - curves.slope_db[flank].mean()),
        "wind_db": float(np.median(curves.wind_db[own])),
        "level_over_db": rise_over_floor_db,
        **_comb_measures(curves, own),
    }


def _comb_measures(curves: SoundCurves, own: slice) -> dict[str, float]:
    """How far a comb stands out, how far its delay wanders, how straight, and whether it is longest in the middle."""
    delay_ms = uniform_filter1d(curves.comb_ms[own], _SMOOTH_STEPS, mode="nearest")
    turns_ms = float(np.abs(np.diff(delay_ms)).sum())
    reach_ms = float(np.ptp(delay_ms))
    third = max(1, len(delay_ms) // 3)
    flanks_ms = np.concatenate([delay_ms[:third], delay_ms[-third:]])
    return {
        "comb_db": float(curves.comb_db[own].mean()),
        "comb_delay_ms": float(np.median(delay_ms)),
        "comb_reach_ms": reach_ms,
        "comb_steadiness": reach_ms / turns_ms if turns_ms > 0.25 else 0.0,
        "comb_arch_ms": float(delay_ms[third : len(delay_ms) - third].mean() - flanks_ms.mean())
        if len(delay_ms) > 2 * third
        else 0.0,
    }


def _fastest(glides: NDArray[np.float64]) -> float:
    """Fastest fall of the pitch that lasts for three steps, as a share per step; 0 when it never falls."""
    return max(0.0, -float(uniform_filter1d(glides, 3, mode="nearest").min())) if len(glides) else 0.0
