"""Row 5: the real multi-device recordings, through the whole program, against what is known of them.

Where there is a truth, it is asked for: two_pi_chabeli -0.2159 s, four_mics_nomono two groups within 10 ms,
locar_9_recorders clock offsets of 0 and lags as the localised songs have them, olaf_over_the_air 14.90 s or refused
with it listed, shared_explosion_5phones and the silent sets refused. Besides, for every accepted pair: its triangles
close, and two kinds of evidence that are computed here, apart from the program and from each other (the highest peak
of the whole waveforms' correlation, and of their log-mel patterns'), agree with its lag.

    python -m benchmarks sync-real -- two_pi_chabeli
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import fft, ndimage, signal

from benchmarks.reading import Reading
from benchmarks.real_sounds import RATE_HZ, load
from benchmarks.running import need_data, run_case, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["main", "pattern_lag_s", "waveform_lag_s"]

SUFFIXES = {".mp3", ".wav", ".flac", ".mp4", ".avi", ".mov"}
_STEP = 6  # from 48 to 8 kHz
_WAVEFORM_HZ = RATE_HZ // _STEP
_PATTERN_HZ = 100
_SOUND_MPS = 338.0  # at 11 degrees, a June morning
_AGREE_WAVEFORM_S = 0.02
_AGREE_PATTERN_S = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the program said of a set, and where the set lies."""

    folder: Path
    reading: Reading

    def lag_s(self, a: str, b: str) -> float | None:
        """Stated lag of b against a, accepted or not."""
        ids = self.reading.ids[a], self.reading.ids[b]
        for pair in self.reading.timeline["pairs"]:
            if {pair["a_id"], pair["b_id"]} == set(ids) and pair["lag_s"] is not None:
                return float(pair["lag_s"] if pair["a_id"] == ids[0] else -pair["lag_s"])
        return None

    def accepted(self) -> list[tuple[str, str, float, float]]:
        """Names, lag and spread of every accepted pair."""
        names = self.reading.names
        pairs = [p for p in self.reading.timeline["pairs"] if p["accepted"] and p["lag_s"] is not None]
        return [(names[p["a_id"]], names[p["b_id"]], p["lag_s"], p["lag_spread_s"] or 0.0) for p in pairs]


def waveform_lag_s(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Lag of b against a by the highest peak of the half-whitened correlation of whole files (200-3400 Hz)."""
    sections = signal.butter(4, [200, 3400], "band", fs=RATE_HZ, output="sos")
    waves = [signal.sosfilt(sections, wave)[::_STEP] for wave in (a, b)]
    waves = [wave / np.sqrt(signal.fftconvolve(wave**2, np.full(3200, 1 / 3200), "same") + 1e-8) for wave in waves]
    return _peak_s(waves[0], waves[1], _WAVEFORM_HZ, whitening=0.5)


def pattern_lag_s(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Lag of b against a by their log-mel patterns, each band less its mean over a second, summed over bands."""
    patterns = [_pattern(wave) for wave in (a, b)]
    count = fft.next_fast_len(sum(p.shape[1] for p in patterns), real=True)
    spectra = [fft.rfft(p, count) for p in patterns]
    return _highest_s(fft.irfft((spectra[0] * spectra[1].conj()).sum(axis=0), count), patterns[0].shape[1], _PATTERN_HZ)


def _pattern(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    hop = RATE_HZ // _PATTERN_HZ
    _, _, power = signal.stft(wave, RATE_HZ, nperseg=4 * hop, noverlap=3 * hop)
    hz = np.linspace(0, RATE_HZ / 2, power.shape[0])
    edges = np.geomspace(200, 6500, 21)
    bands = np.stack(
        [
            np.log((np.abs(power[(hz >= low) & (hz < high)]) ** 2).sum(axis=0) + 1e-9)
            for low, high in itertools.pairwise(edges)
        ]
    )
    bands -= ndimage.uniform_filter1d(bands, _PATTERN_HZ, axis=1, mode="nearest")  # no step where a file begins
    return np.clip(bands / (bands.std(axis=1, keepdims=True) + 1e-9), -2.5, 2.5)


def _peak_s(a: NDArray[np.float64], b: NDArray[np.float64], rate_hz: int, *, whitening: float) -> float:
    count = fft.next_fast_len(len(a) + len(b), real=True)
    cross = fft.rfft(a, count) * fft.rfft(b, count).conj()
    return _highest_s(fft.irfft(cross / (np.abs(cross) ** whitening + 1e-12), count), len(a), rate_hz)


def _highest_s(correlation: NDArray[np.float64], length: int, rate_hz: int) -> float:
    at = int(correlation.argmax())
    return (at if at < length else at - len(correlation)) / rate_hz


def _two_pi(answer: Answer) -> list[str]:
    lag_s = answer.lag_s("pi1.wav", "pi2.wav")
    if lag_s is None or not answer.reading.together("pi1.wav", "pi2.wav"):
        return [f"not placed (lag {lag_s})"]
    return [] if abs(lag_s + 0.2159) <= 0.001 else [f"lag {lag_s:+.4f} s"]


def _four_mics(answer: Answer) -> list[str]:
    names = sorted(answer.reading.ids)
    faults = []
    for number in "12":
        own = [name for name in names if f"set{number}" in name]
        if not answer.reading.together(*own):
            faults.append(f"set {number} is not on one clock")
            continue
        worst_s = max(abs(answer.reading.error_s(own[0], 0.5, name, 0.5) or 0.0) for name in own[1:])
        faults += [f"set {number}: offsets up to {worst_s * 1e3:.1f} ms"] if worst_s > 0.01 else []
    apart = not answer.reading.together(*(next(n for n in names if f"set{k}" in n) for k in "12"))
    return faults + ([] if apart else ["two snippets are on one clock"])


def _locar(answer: Answer) -> list[str]:
    """Clocks within their +- of 0; accepted lags as some localised song has them."""
    reading = answer.reading
    faults = []
    group = max(reading.timeline["groups"], key=lambda g: len(g["clocks"]))
    offs = [
        (reading.names[c["recording_id"]], c["segments"][0]["offset_s"], c["uncertainty_s"]) for c in group["clocks"]
    ]
    zero_s = next(c["segments"][0]["offset_s"] for c in group["clocks"] if c["recording_id"] == group["reference_id"])
    faults += [f"{name}: {s - zero_s:+.3f} s, stated +- {u:.3f} s" for name, s, u in offs if abs(s - zero_s) > u]
    misses_s = [_off_the_songs_s(answer.folder, *pair[:3]) for pair in answer.accepted()]
    print(f"    locar: {len(offs)} of 9 on one clock, {len(misses_s)} accepted pairs", end="")
    print(f", lags off the songs' by a median of {median(misses_s) * 1e3:.1f} ms, at most {max(misses_s) * 1e3:.1f} ms"
          if misses_s else "")  # fmt: skip
    if len(offs) < 5:
        faults.append(f"only {len(offs)} of 9 on one clock")
    return faults + (
        [f"lags off by a median of {median(misses_s):.4f} s"] if misses_s and median(misses_s) > 0.005 else []
    )


def _off_the_songs_s(folder: Path, a: str, b: str, lag_s: float) -> float:
    """How far a lag lies from the nearest that a localised song has between two recorders."""
    with (folder / "Vignette_Coordinates.csv").open(encoding="utf-8") as file:
        places = {r["Station"]: (float(r["Easting"]), float(r["Northing"])) for r in csv.DictReader(file)}
    with next(folder.glob("*Localized.csv")).open(encoding="utf-8") as file:
        songs = {
            (float(r["Easting"]), float(r["Northing"])) for r in csv.DictReader(file) if r["Easting"] not in ("", "NA")
        }
    at_a, at_b = places[Path(a).stem], places[Path(b).stem]
    return min(abs(lag_s + (math.dist(at_b, song) - math.dist(at_a, song)) / _SOUND_MPS) for song in songs)


def _olaf(answer: Answer) -> list[str]:
    excerpt, air = "852601_43s-63s.mp3", "ota_852601.mp3"
    if answer.reading.together(excerpt, air):
        lag_s = answer.lag_s(air, excerpt)
        return [] if lag_s is not None and abs(lag_s - 14.90) <= 0.02 else [f"placed at {lag_s} s"]
    ids = {answer.reading.ids[excerpt], answer.reading.ids[air]}
    pair = next((p for p in answer.reading.timeline["pairs"] if {p["a_id"], p["b_id"]} == ids), None)
    listed = [abs(h["lag_s"]) for h in (pair or {"hypotheses": []})["hypotheses"]]
    return [] if any(abs(lag - 14.90) <= 0.02 for lag in listed) else [f"refused, 14.90 s not listed: {listed}"]


def _refused(answer: Answer) -> list[str]:
    placed = [name for name in sorted(answer.reading.ids) if answer.reading.placed(name)]
    return [f"placed: {', '.join(placed)}"] if placed else []


SETS: dict[str, tuple[str, Callable[[Answer], list[str]]]] = {
    "two_pi_chabeli": ("-0.2159 s to 1 ms", _two_pi),
    "four_mics_nomono": ("two groups, 10 ms", _four_mics),
    "locar_9_recorders": ("offset 0 within +-, lags as the geometry", _locar),
    "olaf_over_the_air": ("14.90 s, or refused with it listed", _olaf),
    "shared_explosion_5phones": ("refused (0.96 s each)", _refused),
    "caliscope_4_cam_recording": ("refused (no sound)", _refused),
    "caliscope_post_optimization": ("refused (no sound)", _refused),
    "pose2sim_MultiPerson": ("refused (no sound)", _refused),
    "pose2sim_SinglePerson": ("refused (no sound)", _refused),
}


def _evidence(answer: Answer) -> list[str]:
    """Faults of accepted pairs: a kind of evidence that contradicts the lag, a triangle that does not close."""
    root, faults = need_data(), []
    for a, b, lag_s, spread_s in answer.accepted():
        waves = [load((answer.folder / name).relative_to(root).as_posix()) for name in (a, b)]
        by_waveform_s, by_pattern_s = waveform_lag_s(*waves), pattern_lag_s(*waves)
        agree = (
            abs(by_waveform_s - lag_s) <= _AGREE_WAVEFORM_S + spread_s,
            abs(by_pattern_s - lag_s) <= _AGREE_PATTERN_S + spread_s,
        )
        if not all(agree):
            faults.append(f"{a} {b}: lag {lag_s:+.4f}, waveform {by_waveform_s:+.4f}, pattern {by_pattern_s:+.4f} s")
    return faults


def _closures(timeline: dict[str, Any]) -> list[float]:
    return [abs(loop["closure_s"]) for group in timeline["groups"] for loop in group["loops"]]


def main(arguments: Sequence[str] = ()) -> bool:
    """Print one row for every set; True when all truths are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(SETS)} (default: all)")
    wanted = parser.parse_args(list(arguments)).sets or list(SETS)
    if unknown := set(wanted) - set(SETS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    pairs, disputed, closures_s, passed = 0, [], [], True
    with tempfile.TemporaryDirectory() as scratch:
        for name in wanted:
            folder = need_data() / "multidevice" / name
            media = sorted(p for p in folder.iterdir() if p.suffix in SUFFIXES)
            answer = Answer(folder=folder, reading=Reading(run_case(media, Path(scratch) / name)[0]))
            bar, check = SETS[name]
            faults = check(answer)
            passed &= verdict("5", name, "; ".join(faults) or "as known", bar, passed=not faults)
            pairs += len(answer.accepted())
            disputed += _evidence(answer)
            closures_s += _closures(answer.reading.timeline)
    for line in disputed:
        print(f"    disputed: {line}")
    figure = f"{pairs - len(disputed)} of {pairs} accepted pairs"
    passed &= verdict("5", "waveform and pattern agree with the lag", figure, "all", passed=not disputed)
    worst_s = max(closures_s, default=0.0)
    figure = f"{len(closures_s)} triangles, at most {worst_s * 1e3:.1f} ms"
    return passed & verdict("5", "triangles close", figure, "<= 0.5 s", passed=worst_s <= 0.5)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
