"""A small incident whose solution is known: cameras, sounds and strikes in plane metres, arrivals by plain sound."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from syncview.reconstruct.solving.problem import (
    Air,
    Arrival,
    Camera,
    ClockPiece,
    Light,
    Limit,
    Problem,
    Source,
    Tie,
)

Place = tuple[float, float]
C_MPS = 343.0
CAMERAS: dict[str, Place] = {"a": (0, 0), "b": (180, 20), "c": (150, 190), "d": (-20, 170), "e": (60, -120)}
CLOCKS_S = {"a": 0.0, "b": 0.21, "c": -0.33, "d": 0.12, "e": -0.05}
STRIKES: dict[str, Place] = {"s1": (90.0, 60.0), "s2": (60.0, 110.0), "s3": (130.0, 30.0)}


@dataclass
class Example:
    """Truth, from which `problem` is written. Without noise unless `noise_s` says so."""

    cameras: dict[str, Place] = field(default_factory=lambda: dict(CAMERAS))
    clocks_s: dict[str, float] = field(default_factory=lambda: dict(CLOCKS_S))
    strikes: dict[str, Place] = field(default_factory=lambda: dict(STRIKES))
    sounds: dict[str, Place] = field(default_factory=dict)
    flashes: tuple[str, ...] = ()  # cameras that see every strike
    geolocated: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = ()
    placed: bool = True
    position_m: float = 3.0
    skew_s: float = 0.0
    noise_s: float = 0.0
    half_width_s: float | None = 0.8
    late_s: dict[tuple[str, str], float] = field(default_factory=dict)  # of an arrival, by camera and source

    def moments_s(self) -> dict[str, float]:
        return {name: 10.0 + 7.0 * k for k, name in enumerate([*self.strikes, *self.sounds])}

    def arrivals(self) -> tuple[Arrival, ...]:
        rng = np.random.default_rng(5)
        found = []
        for source, place in {**self.strikes, **self.sounds}.items():
            for name, camera in self.cameras.items():
                way_s = float(np.hypot(*np.subtract(place, camera))) / C_MPS
                at_s = self.moments_s()[source] + way_s - self.clocks_s[name] + self.noise_s * rng.normal()
                at_s += self.late_s.get((name, source), 0.0)
                found.append(Arrival(piece=name, source_id=source, time_s=at_s, uncertainty_s=0.01))
        return tuple(found)

    def lights(self) -> tuple[Light, ...]:
        return tuple(
            Light(piece=n, source_id=s, time_s=self.moments_s()[s] - self.clocks_s[n], uncertainty_s=0.02)
            for s in self.strikes
            for n in self.flashes
        )

    def problem(self) -> Problem:
        names = list(self.cameras)
        pairs = [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]
        half_s = self.half_width_s
        return Problem(
            reference="a",
            cameras=tuple(self.camera(name) for name in names),
            pieces=tuple(self.piece(name) for name in names),
            sources=tuple(self.source(name) for name in (*self.strikes, *self.sounds)),
            arrivals=self.arrivals(),
            lights=self.lights(),
            ties=self.ties,
            limits=tuple(Limit(a=a, b=b, half_width_s=half_s) for a, b in pairs) if half_s else (),
            air=Air(sound_speed_mps=C_MPS, uncertainty_mps=1.8, wind_uncertainty_mps=2.0, most_yield_kg=0.0),
            max_camera_distance_m=500.0,
        )

    def camera(self, name: str) -> Camera:
        return Camera(
            recording_id=name,
            device=name,
            position_m=self.cameras[name] if self.placed else None,
            position_uncertainty_m=self.position_m if self.placed else None,
            skew_uncertainty_s=self.skew_s,
        )

    def piece(self, name: str) -> ClockPiece:
        half_s = 0.0 if name == "a" else (self.half_width_s or 0.02)
        return ClockPiece(name=name, recording_id=name, uncertainty_s=half_s, middle_s=20.0, drift_uncertainty_ppm=0.0)

    def source(self, name: str) -> Source:
        known = {**self.strikes, **self.sounds}[name]
        stated = name in self.geolocated
        return Source(
            id=name,
            kind="sound" if name in self.sounds else "strike",
            place_m=known if stated else None,
            place_uncertainty_m=3.0 if stated else None,
        )
