"""Blasts found and joined into strikes, from simulated sound and clocks, without files.

    PYTHONPATH=tests python -m benchmarks.strikes

Whole incidents, and salvos within 30 m whose second strike falls into the tail of the first. Clocks are true, or lie as
synchronization by sound leaves them: right for a sound from the middle of the cameras, so off by up to D/c.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.blast_scenes import aac_round_trip
from benchmarks.running import table
from simulator import Camera, Incident, audible_snr_db, random_incident, render
from simulator.acoustics import AUDIBLE_DB
from syncview.detect.blasts import detect_blasts
from syncview.model import AudioClip, Clock, ClockSegment, Detection, Event, Group
from syncview.reconstruct.geometry import Geometry
from syncview.reconstruct.strikes import join_strikes
from syncview.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RATE_HZ = 16_000
SETTINGS = Settings()
NEAR_S = 0.1  # an observation this near to an arrival speaks of it
GEOMETRY = Geometry(positions={}, max_camera_distance_m=500.0, sound_speed_mps=343.0)


@dataclass
class Score:
    """What one incident, or several, gave."""

    heard: int = 0
    found: int = 0
    twice: int = 0
    false: int = 0
    echoes: int = 0
    observed: int = 0
    arrivals: int = 0
    held: int = 0
    candidates: int = 0
    minutes: float = 0.0
    errors_s: list[float] = field(default_factory=list)


def ordinary(seed: int) -> Incident:
    """An incident of the simulator as it comes."""
    return random_incident(seed, decoy=False)


def salvo(seed: int, apart_s: float) -> Incident:
    """Five cameras that all hear two strikes within 30 m, levels within 6 dB, and a third one later."""
    rng = np.random.default_rng([7, seed])
    incident = random_incident(seed, decoy=False, blasts=1, cameras=5)
    first = incident.blasts[0]
    cameras = tuple(
        replace(c, start_s=rng.uniform(5, 15), duration_s=rng.uniform(45, 55), local_sounds=())
        for c in incident.cameras
    )
    shield_db = max(0.0, 20 * np.log10(first.peak_pa(np.hypot(*first.position_m)) / 20.0))  # 120 dB at the cameras
    blasts = tuple(
        replace(
            first,
            name=f"blast{k + 1}",
            time_s=28.0 + after_s,
            position_m=tuple(np.add(first.position_m, rng.uniform(-15, 15, 2)).tolist()),
            shield_db=max(0.0, shield_db + rng.uniform(-3, 3)),
        )
        for k, after_s in enumerate((0.0, apart_s, rng.uniform(5, 9)))
    )
    return replace(incident, cameras=cameras, blasts=blasts)


def listen(incident: Incident, *, codec: bool) -> list[Detection]:
    """Detections of all cameras."""
    found: list[Detection] = []
    for camera in incident.cameras:
        wave = render(incident, camera, rate_hz=RATE_HZ)
        if codec:
            wave = aac_round_trip(wave, bit_rate=48_000)
        clip = AudioClip(recording_id=camera.name, samples=wave, rate_hz=RATE_HZ, start_s=0.0)
        found += detect_blasts(clip, settings=SETTINGS.detect)
    return found


def clocks(incident: Incident, *, by_sound: bool) -> Group:
    """One group of all cameras."""
    rng = np.random.default_rng([8, incident.seed & 0xFFFF])
    heard_at = rng.normal(0, 30, 2)
    reference = incident.cameras[0]

    def clock(camera: Camera) -> Clock:
        offset_s = camera.start_s - reference.start_s
        if by_sound:
            away_m = [float(np.hypot(*(np.array(c.position_m) - heard_at))) for c in (camera, reference)]
            offset_s += (away_m[1] - away_m[0]) / incident.sound_speed_mps + rng.normal(0, 0.01)
        segment = ClockSegment(
            start_s=0.0,
            end_s=camera.duration_s,
            offset_s=offset_s,
            drift_ppm=0.0,
            drift_uncertainty_ppm=100.0,
            applies_to="both",
            picture_check="unverified",
        )
        exact = camera is reference
        return Clock(
            recording_id=camera.name,
            segments=(segment,),
            uncertainty_s=0.0 if exact else (1.5 if by_sound else 0.02),
            sound_uncertainty_s=0.0 if exact else 0.02,
            basis=("sound",),
            assumptions=(),
        )

    by_name = sorted(incident.cameras, key=lambda c: c.name)
    return Group(id="g1", reference_id=reference.name, clocks=tuple(clock(c) for c in by_name))


def judge(incident: Incident, strikes: Iterable[Event], candidates: Iterable[Event]) -> Score:
    """Compare strikes with the truth. A strike in the 2 s after a blast that is none is counted as an echo."""
    score = Score(minutes=sum(c.duration_s for c in incident.cameras) / 60, candidates=len(list(candidates)))
    arrivals = {
        (blast.name, camera.name): at_s
        for blast in incident.blasts
        for camera in incident.cameras
        if (at_s := incident.arrival_s(blast, camera)) is not None
    }
    hits = {blast.name: 0 for blast in incident.blasts}
    for strike in strikes:
        votes = dict.fromkeys(hits, 0)
        late = False
        for seen in strike.observations:
            for (blast, camera), at_s in arrivals.items():
                if camera == seen.recording_id and seen.sound_s is not None:
                    error_s = abs(seen.sound_s - at_s)
                    late |= NEAR_S < seen.sound_s - at_s < 2.0
                    if error_s <= NEAR_S:
                        votes[blast] += 1
                        score.errors_s.append(error_s)
                        score.held += error_s <= (seen.sound_uncertainty_s or 0.0)
        best = max(votes, key=lambda name: votes[name], default=None)
        if best is None or not votes[best]:
            score.echoes += late
            score.false += not late
        else:
            hits[best] += 1
            score.observed += votes[best]
    for blast in incident.blasts:
        loud = [
            camera
            for camera in incident.cameras
            if (snr_db := audible_snr_db(incident, blast, camera)) is not None and snr_db >= AUDIBLE_DB
        ]
        score.heard += bool(loud)
        score.arrivals += len(loud)
        score.found += bool(loud) and hits[blast.name] > 0
        score.twice += hits[blast.name] > 1
    return score


def one(job: tuple[Callable[[int], Incident], int, bool]) -> dict[str, Score]:
    """One incident with true clocks and with clocks from sound."""
    make, seed, codec = job
    incident = make(seed)
    detections = listen(incident, codec=codec)
    return {
        name: judge(
            incident,
            *join_strikes(detections, (clocks(incident, by_sound=by_sound),), geometry=GEOMETRY, settings=SETTINGS),
        )
        for name, by_sound in (("true", False), ("from sound", True))
    }


def salvo_03(seed: int) -> Incident:
    """Two strikes 0.3 s apart."""
    return salvo(seed, 0.3)


def salvo_08(seed: int) -> Incident:
    """Two strikes 0.8 s apart."""
    return salvo(seed, 0.8)


def main() -> None:
    """Print a table; everything in it is simulated."""
    rows = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for name, make, seeds, codec in (
            ("incidents, no codec", ordinary, range(31_001, 31_013), False),
            ("incidents, AAC 48 kbit/s", ordinary, range(31_001, 31_013), True),
            ("salvo 0.8 s, AAC", salvo_08, range(32_001, 32_009), True),
            ("salvo 0.3 s, AAC", salvo_03, range(33_001, 33_009), True),
        ):
            scores = list(pool.map(one, [(make, seed, codec) for seed in seeds]))
            rows += [{"simulated": name, "clocks": clock, **_row([s[clock] for s in scores])} for clock in scores[0]]
    table(rows)


def _row(scores: list[Score]) -> dict[str, object]:
    def total(name: str) -> float:
        return sum(getattr(score, name) for score in scores)

    errors_s = np.array([e for score in scores for e in score.errors_s] or [np.nan])
    return {
        "strikes": f"{total('found')}/{total('heard')}",
        "twice": total("twice"),
        "false": total("false"),
        "echoes": total("echoes"),
        "arrivals": f"{total('observed')}/{total('arrivals')}",
        "error ms": float(np.median(errors_s)) * 1e3,
        "90 % ms": float(np.quantile(errors_s, 0.9)) * 1e3,
        "+- holds": total("held") / len(errors_s),
        "candidates": total("candidates"),
        "camera minutes": round(total("minutes")),
    }


if __name__ == "__main__":
    main()
