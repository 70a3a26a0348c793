"""Ordinary sounds that three cameras or more heard: how exact their arrivals are, how many, and how many are false.

Simulated incidents of five cameras within 250 m (voices on the move, engines, sirens, reverberation, own noise), each
written by a phone's or a messenger's codec and decoded again. The clocks are those that sound would give: each camera
is off by the time that sound needs to it from one place. A sound is right when its arrivals, but for one time, are
those from one place of one source, on its straight way or by way of one wall, within 40 ms.

    python -m benchmarks.common_sounds [--seeds A B] [--cache FOLDER]

False sounds are looked for in two ways: every camera moved by another 22 s, so that nothing can be shared; and the
first camera's sound replaced by that of another incident: no sound may name it. The cost is stated beside that of
matching the same pairs.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.lag_scenes import decoded, remember, remembered
from benchmarks.running import table
from syncview.model import ClockSegment
from syncview.settings import Settings
from syncview.sync.common_sounds import common_sounds
from syncview.sync.common_windows import Listener
from syncview.sync.hypotheses import match_pair

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from simulator import Incident
    from syncview.sync.common_sounds import CommonSound
    from syncview.sync.features import SoundFeatures

# Which seeds did what: none is used for two things.
BUILD = range(95_001, 95_013)  # choice of the method and its thresholds
STATED = range(96_001, 96_013)  # together with those: the stated uncertainty
FINAL = range(97_001, 97_013)  # judging
RIGHT_S = 0.04
_FAR_S = 3.0  # half a window: the source was there at some moment of it
_SETTINGS = Settings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A sound against the truth: what it was, and how far each arrival is off, all about their median."""

    sound: CommonSound
    source: str
    off_s: Mapping[str, float]

    @property
    def worst_s(self) -> float:
        """The largest error."""
        return max(abs(off) for off in self.off_s.values())


def heard(seed: int, cache: Path | None) -> tuple[Incident, dict[str, SoundFeatures]]:
    """An incident and what its cameras' files hold."""
    from simulator import random_incident
    from simulator.media import write_incident

    incident, name = random_incident(seed, cameras=5, decoy=False), f"common-{seed}"
    found = remembered(name, cache, _SETTINGS.sync)
    if found is None:
        with tempfile.TemporaryDirectory() as scratch:
            write_incident(incident, Path(scratch), picture=False)
            found = {c.name: decoded(Path(scratch) / c.file_name, c.name, _SETTINGS.sync) for c in incident.cameras}
        remember(name, cache, _SETTINGS.sync, found)
    return incident, found


def delays_s(incident: Incident) -> dict[str, float]:
    """By how much the clocks of sound are off: the way from one place, about which most was heard."""
    from simulator.scene import rng_of

    middle_m = rng_of("common sounds", incident.seed).uniform(-60, 60, 2)
    return {c.name: math.dist(middle_m, c.position_m) / incident.sound_speed_mps for c in incident.cameras}


def sounds_of(
    incident: Incident, features: Mapping[str, SoundFeatures], moved_s: Mapping[str, float]
) -> tuple[CommonSound, ...]:
    """What the product finds when each camera's clock is behind by so much."""
    speed = incident.sound_speed_mps
    listeners = [
        Listener(
            recording_id=c.name,
            segment_index=0,
            tones=features[c.name].tones,
            rate_hz=features[c.name].tones_rate_hz,
            start_s=features[c.name].start_s,
            segment=ClockSegment(
                start_s=0.0,
                end_s=c.duration_s,
                offset_s=c.start_s - moved_s[c.name],
                drift_ppm=c.drift_ppm,
                drift_uncertainty_ppm=0.0,
                applies_to="both",
                picture_check="unverified",
            ),
        )
        for c in incident.cameras
    ]
    strikes_s = [
        b.time_s - b.lead_s + math.dist(b.position_m, c.position_m) / speed - moved_s[c.name]
        for b in incident.blasts
        for c in incident.cameras
    ]
    places = {c.name: c.position_m for c in incident.cameras}

    def reach_s(a: Listener, b: Listener) -> float:
        return 2.0 * math.dist(places[a.recording_id], places[b.recording_id]) / speed + 0.05

    return common_sounds(listeners, reach_s=reach_s, strikes_s=strikes_s, settings=_SETTINGS.common_sounds)


def against_truth(incident: Incident, sound: CommonSound, moved_s: Mapping[str, float]) -> Found:
    """The source, or wall, whose arrivals are nearest to a sound's."""
    names = [each.recording_id for each in sound.arrivals]
    heard_s = np.array([each.time_s + moved_s[each.recording_id] for each in sound.arrivals])
    emitted_s = np.arange(heard_s.mean() - 2 * _FAR_S, heard_s.mean() + _FAR_S, 0.01)
    best, source, off_s = math.inf, "", np.full(len(names), math.inf)
    ways = {s.name: s.position_m(emitted_s) for s in incident.sources}
    ways |= {f"wall {k}": np.tile(f.position_m, (len(emitted_s), 1)) for k, f in enumerate(incident.facades)}
    sounding = {s.name: (emitted_s > s.start_s) & (emitted_s < s.end_s) for s in incident.sources}
    for name, way in ways.items():
        true_s = np.stack(
            [
                emitted_s + np.linalg.norm(way - incident.camera(c).position_m, axis=1) / incident.sound_speed_mps
                for c in names
            ],
            axis=1,
        )
        apart = heard_s - true_s
        common = np.median(apart, axis=1, keepdims=True)
        worst = np.abs(apart - common).max(axis=1)
        worst[(np.abs(common[:, 0]) > _FAR_S) | ~sounding.get(name, np.ones(len(worst), bool))] = math.inf
        if worst.min() < best:
            best, source = float(worst.min()), name
            off_s = (apart - common)[int(np.argmin(worst))]
    return Found(sound=sound, source=source, off_s=dict(zip(names, off_s.tolist(), strict=True)))


def _covered(found: Sequence[Found]) -> tuple[list[float], list[bool]]:
    """Errors of differences of two arrivals, and whether the stated half-widths hold them."""
    errors, inside = [], []
    for each in found:
        half_s = {a.recording_id: a.uncertainty_s for a in each.sound.arrivals}
        for a, b in itertools.combinations(each.off_s, 2):
            errors.append(abs(each.off_s[a] - each.off_s[b]))
            inside.append(errors[-1] <= math.hypot(half_s[a], half_s[b]))
    return errors, inside


def _row(name: str, found: Sequence[Found], incidents: int) -> dict[str, object]:
    errors, inside = _covered(found)
    if not errors:
        return {"cameras": name, "sounds": 0}
    return {
        "cameras": name,
        "sounds": len(found),
        "an incident": len(found) / incidents,
        "error of differences ms: median": 1e3 * float(np.median(errors)),
        "95 %": 1e3 * float(np.percentile(errors, 95)),
        "inside the stated": float(np.mean(inside)),
        "false": sum(each.worst_s > RIGHT_S for each in found),
    }


def main(arguments: Sequence[str] = ()) -> None:
    """Print the figures of some seeds, those for judging when none are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.common_sounds")
    parser.add_argument("--seeds", type=int, nargs=2, metavar=("A", "B"), help="from A to B, both included")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keep what was heard there")
    chosen = parser.parse_args(arguments)
    seeds = FINAL if chosen.seeds is None else range(chosen.seeds[0], chosen.seeds[1] + 1)
    found, counts, false, named, minutes, took_s, matching_s = [], [], 0, 0, 0.0, 0.0, 0.0
    stranger: SoundFeatures | None = None
    for seed in seeds:
        incident, features = heard(seed, chosen.cache)
        moved_s = delays_s(incident)
        begun_s = time.process_time()
        sounds = sounds_of(incident, features, moved_s)
        took_s += time.process_time() - begun_s
        found += [against_truth(incident, sound, moved_s) for sound in sounds]
        counts.append(len(sounds))
        starts = sorted(c.start_s for c in incident.cameras)
        minutes += (max(c.end_s for c in incident.cameras) - starts[0]) / 60
        far_s = {c.name: moved_s[c.name] + 22.0 * k for k, c in enumerate(incident.cameras)}
        false += len(sounds_of(incident, features, far_s))
        first = incident.cameras[0].name
        if stranger is not None:
            others = sounds_of(incident, {**features, first: stranger}, moved_s)
            named += sum(first in {each.recording_id for each in sound.arrivals} for sound in others)
        stranger = max(features.values(), key=lambda each: each.duration_s)
        begun_s = time.process_time()
        for a, b in itertools.combinations(features.values(), 2):
            match_pair(a, b, settings=_SETTINGS.sync)
        matching_s += time.process_time() - begun_s
    lengths = sorted({len(each.off_s) for each in found})
    table(
        [
            *(_row(str(n), [each for each in found if len(each.off_s) == n], len(counts)) for n in lengths),
            _row("all", found, len(counts)),
        ]
    )
    print(f"sounds by incident: {counts}; {len(found) / minutes:.1f} a minute")
    print(f"{took_s / len(counts):.2f} s an incident, {took_s / matching_s:.3f} of what matching its pairs takes")
    print(f"sounds where the cameras share nothing: {false} in {minutes:.0f} minutes; that name a stranger: {named}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    main(sys.argv[1:])
