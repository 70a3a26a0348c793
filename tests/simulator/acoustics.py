"""Sound from its sources to the microphone of a camera, and what the camera records.

Per path: the exact delay of a moving source (also through the drift of the camera's clock), loss with distance,
air absorption, echoes from the facades, a diffuse tail of each camera's own, and for blasts the shade of buildings.
What is common to two cameras is the sources; nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage, signal
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

from .levels import BandLevels, banded_noise, energy_per_block, in_band
from .recorder import colour, gain_curve, local_sounds, own_noise
from .scene import Blast, Camera, Copy, Facade, Incident, Source, rng_of
from .sounds import SOURCE_RATE_HZ, emit, friedlander, shaped_noise

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["AUDIBLE_DB", "air_absorption_db_per_m", "audible_snr_db", "band_levels", "render", "render_copy"]

AUDIBLE_DB = 20.0  # a blast whose peak stands this far over the background (30-400 Hz) counts as audible
_CRITICAL_DISTANCE_M = 35.0  # where the diffuse sound of a street is as strong as the direct one
_TAIL_S = 2.5
_OVERSAMPLING = 8  # a blast's front is made this much finer, then band-limited
_HOP = 240  # samples between the knots of a moving source's delay: 10 ms
_PRE = 64  # samples before time 0 in a filter, for what the loss of high tones spreads both ways
_INAUDIBLE_DB = 40.0  # a path this far below the loudest is left out
_MARGIN_S = 4.0  # sound on its way when a recording starts


def air_absorption_db_per_m(frequency_hz: np.ndarray, *, temperature_c: float, humidity: float = 50.0) -> np.ndarray:
    """Absorption of pure tones in air at sea level (ISO 9613-1:1993, equations 3 to 5 and B.3)."""
    kelvin = temperature_c + 273.15
    t = kelvin / 293.15
    saturation = 10 ** (-6.8346 * (273.16 / kelvin) ** 1.261 + 4.6151)
    h = humidity * saturation
    oxygen_hz = 24 + 4.04e4 * h * (0.02 + h) / (0.391 + h)
    nitrogen_hz = t**-0.5 * (9 + 280 * h * np.exp(-4.170 * (t ** (-1 / 3) - 1)))
    f2 = np.asarray(frequency_hz, dtype=float) ** 2
    oxygen = 0.01275 * np.exp(-2239.1 / kelvin) / (oxygen_hz + f2 / oxygen_hz)
    nitrogen = 0.1068 * np.exp(-3352.0 / kelvin) / (nitrogen_hz + f2 / nitrogen_hz)
    return 8.686 * f2 * (1.84e-11 * t**0.5 + t**-2.5 * (oxygen + nitrogen))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ear:
    """A camera's microphone as the propagation sees it: when each of its samples is heard, and which sound was made."""

    incident: Incident
    camera: Camera  # uncut
    heard_s: np.ndarray  # incident time of each sample; the samples have SOURCE_RATE_HZ of the camera's own clock
    span: tuple[float, float]  # start and length of the stretch for which sources are made, the same for all cameras


def _ear(incident: Incident, camera: Camera) -> _Ear:
    recording_s = np.arange(math.ceil(camera.duration_s * SOURCE_RATE_HZ)) / SOURCE_RATE_HZ - camera.av_skew_s
    start_s = min(c.start_s for c in incident.cameras) - _MARGIN_S
    end_s = max(c.end_s for c in incident.cameras) + 1.0
    heard_s = camera.start_s + recording_s * camera.rate
    return _Ear(incident=incident, camera=camera, heard_s=heard_s, span=(start_s, end_s - start_s))


@lru_cache(maxsize=16)
def _spline(source: Source, span: tuple[float, float]) -> np.ndarray:
    """Cubic spline coefficients of a source's sound."""
    return ndimage.spline_filter1d(emit(source, *span), order=3, output=np.float32)


def _ramps(knots: np.ndarray) -> np.ndarray:
    """Straight lines through knots that lie `_HOP` samples apart."""
    return (knots[:-1, None] + np.diff(knots)[:, None] * (np.arange(_HOP) / _HOP)).ravel()


def _path_m(ear: _Ear, source: Source, via: tuple[float, float] | None, time_s: np.ndarray) -> np.ndarray:
    """Length of a path, straight or by way of a facade, for sound made at `time_s`."""
    place = source.position_m(time_s)
    if via is None:
        return np.linalg.norm(place - np.array(ear.camera.position_m), axis=1)
    return np.linalg.norm(place - np.array(via), axis=1) + math.dist(via, ear.camera.position_m)


def _along(ear: _Ear, source: Source, via: tuple[float, float] | None) -> np.ndarray:
    """A source's sound at the microphone over one path, shape (n,).

    For a moving source the time of emission te solves ``te + path(te) / c = heard``; it is solved on a grid of 10 ms
    and interpolated (error below 1 us for a car that passes at 10 m).
    """
    start_s, duration_s = ear.span
    out = np.zeros(len(ear.heard_s), dtype=np.float32)
    emitted_s = start_s + np.arange(0, duration_s, 0.01)
    path_m = _path_m(ear, source, via, emitted_s)
    knots = ear.heard_s[0] + np.arange(0, len(out) + _HOP, _HOP) / SOURCE_RATE_HZ * ear.camera.rate
    left_s = np.interp(knots, emitted_s + path_m / ear.incident.sound_speed_mps, emitted_s)
    sounding = np.flatnonzero((left_s > source.start_s - 0.02) & (left_s < source.end_s + 0.02))
    if len(sounding) < 2:
        return out
    first, used = sounding[0] * _HOP, slice(sounding[0], sounding[-1] + 1)
    index = _ramps((left_s[used] - start_s) * SOURCE_RATE_HZ)[: len(out) - first]
    loss = _ramps(1 / np.maximum(np.interp(left_s[used], emitted_s, path_m), 1.0))[: len(index)].astype(np.float32)
    if via is None:
        sound = ndimage.map_coordinates(
            _spline(source, ear.span), index[None], order=3, prefilter=False, output=np.float32
        )
    else:  # an echo bears the softer sound of linear interpolation; the direct sound must be exact
        wave, whole = emit(source, *ear.span), index.astype(np.int32)
        part = (index - whole).astype(np.float32)
        sound = wave[whole] + part * (wave[whole + 1] - wave[whole])
    out[first : first + len(index)] = sound * loss
    return out


def _tail(rng: np.random.Generator, reverb_time_s: float) -> np.ndarray:
    """A diffuse tail of unit energy: noise that decays, its high half twice as fast."""
    time_s = np.arange(int(1.2 * reverb_time_s * SOURCE_RATE_HZ)) / SOURCE_RATE_HZ
    low = shaped_noise(rng, len(time_s), SOURCE_RATE_HZ, lambda f: 1 / (1 + (f / 1500) ** 2))
    high = shaped_noise(rng, len(time_s), SOURCE_RATE_HZ, lambda f: 0.5 * f / (f + 1500) / (1 + f / 6000))
    decay = 10 ** (-3 * time_s / reverb_time_s)
    tail = (low * decay + high * decay**2) * (1 - np.exp(-time_s / 0.008))
    return tail / np.sqrt(np.sum(tail**2))


def _level_db(ear: _Ear, source: Source, via: Facade | None) -> float:
    """Highest level of a source over one path while it sounds and the camera records; -inf when it does not."""
    time_s = np.arange(ear.heard_s[0] - 1, ear.heard_s[-1], 0.25)
    time_s = time_s[(time_s > source.start_s) & (time_s < source.end_s)]
    if not len(time_s):
        return -math.inf
    nearest_m = max(1.0, float(_path_m(ear, source, via and via.position_m, time_s).min()))
    return source.level_db - 20 * math.log10(nearest_m / (via.reflectivity if via else 1.0))


def _kernel(ear: _Ear, source: Source) -> np.ndarray:
    """What the way does to a source's sound besides delay: diffuse tail, air, shade; sample `_PRE` is time 0."""
    camera = ear.camera
    rng = rng_of("room", ear.incident.seed, camera.name, source.name)
    mean_m = float(np.mean(_path_m(ear, source, None, np.arange(ear.heard_s[0], ear.heard_s[-1], 0.25))))
    tail = np.ones(1)
    if camera.reverb_time_s is not None:
        tail = _tail(rng, camera.reverb_time_s * rng.uniform(0.8, 1.2))
        tail *= math.sqrt(mean_m / _CRITICAL_DISTANCE_M) * rng.uniform(0.7, 1.3)
        tail[0] += 1.0
    size = next_fast_len(len(tail) + 2 * _PRE, real=True)
    frequencies = rfftfreq(size, 1 / SOURCE_RATE_HZ)
    loss_db = mean_m * air_absorption_db_per_m(frequencies, temperature_c=ear.incident.temperature_c)
    if camera.reverb_time_s is not None:
        high = np.sqrt(frequencies / 1000)
        loss_db += rng.uniform(0, 8) * high / (1 + high)  # the shade of what stands between
    shifted = np.concatenate([np.zeros(_PRE), tail])
    return irfft(rfft(shifted, size) * 10 ** (-loss_db / 20), size).astype(np.float32)


def _lasting(ear: _Ear) -> Iterator[tuple[Source, np.ndarray]]:
    """Pressure of each lasting source at the microphone, shape (n,), in pascal."""
    levels_db = {source: _level_db(ear, source, None) for source in ear.incident.sources}
    floor_db = max(levels_db.values(), default=0.0) - _INAUDIBLE_DB
    for source, level_db in levels_db.items():
        if level_db <= floor_db:
            continue
        sound = _along(ear, source, None)
        for facade in ear.incident.facades:
            if _level_db(ear, source, facade) > floor_db:
                sound += facade.reflectivity * _along(ear, source, facade.position_m)
        yield source, signal.oaconvolve(sound, _kernel(ear, source))[_PRE : _PRE + len(sound)]


def _front(blast: Blast, path_m: float, lag_samples: float, samples: int, corner_hz: float | None) -> np.ndarray:
    """Pressure of one arrival whose front lies at `lag_samples`, between samples where it must."""
    rate_hz = SOURCE_RATE_HZ * _OVERSAMPLING
    time_s = np.arange(samples * _OVERSAMPLING) / rate_hz - lag_samples / SOURCE_RATE_HZ
    fine = blast.peak_pa(path_m) * friedlander(time_s, blast.phase_s(path_m))
    if corner_hz is not None:
        fine = signal.sosfilt(signal.butter(1, corner_hz, fs=rate_hz, output="sos"), fine)
    return signal.resample_poly(fine, 1, _OVERSAMPLING)[:samples]


def _blast(ear: _Ear, blast: Blast) -> tuple[int, np.ndarray]:
    """A blast at the microphone: index of the first sample, and pressure in pascal."""
    incident, camera = ear.incident, ear.camera
    rng = rng_of("blast", incident.seed, camera.name, blast.name)
    direct_m = math.dist(blast.position_m, camera.position_m)
    arrival = incident.sound_arrival_s(blast, camera) * SOURCE_RATE_HZ
    first = math.floor(arrival) - 240  # room for the ringing of the band limit
    out = np.zeros(int((_TAIL_S + 1.0) * SOURCE_RATE_HZ), dtype=np.float32)
    free = camera.reverb_time_s is None
    paths = [(direct_m, 1.0, None if free else rng.uniform(1500, 6000))]
    for facade in incident.facades:
        path_m = math.dist(blast.position_m, facade.position_m) + math.dist(facade.position_m, camera.position_m)
        paths.append((path_m, facade.reflectivity, rng.uniform(800, 2500)))
    for path_m, gain, corner_hz in paths:
        at = arrival - first + (path_m - direct_m) / incident.sound_speed_mps / camera.rate * SOURCE_RATE_HZ
        length = min(int(0.35 * SOURCE_RATE_HZ), len(out) - math.floor(at) + 240)
        if length > 480:
            begin = math.floor(at) - 240
            out[begin : begin + length] += gain * _front(blast, path_m, at - begin, length, corner_hz)
    if not free:
        out[240:] += blast.peak_pa(direct_m) * _rumble(rng, len(out) - 240)
    return first, out


def _rumble(rng: np.random.Generator, samples: int) -> np.ndarray:
    """What streets and hills make of a bang of peak 1: a low noise that dies over seconds."""
    time_s = np.arange(samples) / SOURCE_RATE_HZ
    noise = shaped_noise(rng, samples, SOURCE_RATE_HZ, lambda f: 1 / (1 + (f / 250) ** 1.3))
    fades = np.minimum(1, (time_s[-1] - time_s) / 0.3)
    decay = 10 ** (-3 * time_s / rng.uniform(1.2, 3.0)) * fades
    return 10 ** (rng.uniform(-27, -19) / 20) * noise * decay * (1 - np.exp(-time_s / 0.02))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stems:
    """What a camera hears after its microphone's colour, in full scales: all but blasts, and each blast."""

    background: np.ndarray
    blasts: dict[str, tuple[int, np.ndarray]]
    levels: BandLevels | None  # before the colour; None when the noise has no band


@lru_cache(maxsize=16)
def _stems(incident: Incident, camera: Camera) -> _Stems:
    ear = _ear(incident, camera)
    band_hz = camera.noise.band_hz if camera.noise is not None else None
    shared = np.zeros(len(ear.heard_s), dtype=np.float32)
    parts = {}
    for source, sound in _lasting(ear):
        shared += sound
        if band_hz is not None:
            parts[source.name] = energy_per_block(sound, band_hz)
    arrivals = {
        blast.name: (first, pressure)
        for blast in incident.blasts
        for first, pressure in (_blast(ear, blast),)
        if first + len(pressure) > 0 and first < len(shared)
    }
    rng = rng_of("noise", incident.seed, camera.name)
    levels = None
    if camera.noise is None or band_hz is None:
        own = own_noise(rng, camera, len(shared), SOURCE_RATE_HZ, float(np.sqrt(np.mean(shared**2))))
    else:
        shared_in_band = in_band(shared, band_hz)
        own, own_in_band = banded_noise(rng, camera, camera.noise, shared_in_band)
        levels = BandLevels(
            own=energy_per_block(own_in_band),
            shared=energy_per_block(shared_in_band),
            sources=parts,
            blasts={name: float(energy_per_block(wave, band_hz).sum()) for name, (_, wave) in arrivals.items()},
        )
    own = own + local_sounds(camera, len(shared), SOURCE_RATE_HZ)
    mic = camera.microphone
    return _Stems(
        background=colour(shared + own, mic, SOURCE_RATE_HZ) / mic.clip_pa,
        blasts={
            name: (first, colour(pressure, mic, SOURCE_RATE_HZ) / mic.clip_pa)
            for name, (first, pressure) in arrivals.items()
        },
        levels=levels,
    )


def _record(stems: _Stems, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """Samples at SOURCE_RATE_HZ and the gain at each of them."""
    heard = stems.background.copy()
    for first, wave in stems.blasts.values():
        begin, end = max(0, first), min(len(heard), first + len(wave))
        heard[begin:end] += wave[begin - first : end - first]
    heard = np.clip(heard, -1, 1)  # the converter, before the gain control
    gain = gain_curve(heard, camera.microphone.agc, SOURCE_RATE_HZ)
    return np.clip(heard * gain, -1, 1), gain


def render(incident: Incident, camera: Camera | str, *, rate_hz: int = 16_000) -> np.ndarray:
    """Record an incident with one of its cameras.

    Parameters
    ----------
    incident : Incident
        For a decoy, the decoy's own incident.
    camera : Camera or str
        The camera or its name.
    rate_hz : int
        Sampling rate; the sound has nothing above 12 kHz.

    Returns
    -------
    ndarray of float32, shape (round(duration_s * rate_hz),)
        Full scale +-1; sample i lies at recording time ``i / rate_hz``.
    """
    cam = incident.camera(camera)
    samples, _ = _record(_stems(incident, cam.uncut), cam.uncut)
    ratio = Fraction(rate_hz, SOURCE_RATE_HZ)
    out = samples if ratio == 1 else signal.resample_poly(samples, ratio.numerator, ratio.denominator)
    out = np.clip(out[: round(cam.uncut.duration_s * rate_hz)], -1, 1).astype(np.float32)
    return _without_pieces(out, cam, rate_hz) if cam.cuts else out


def _without_pieces(samples: np.ndarray, camera: Camera, rate_hz: int) -> np.ndarray:
    """The file's sound from the uncut recording's: pieces end and begin hard, as phones and quick edits make them."""
    gone_s = [(s.offset_s - camera.start_s) / camera.rate for s in camera.segments]
    edges = [round(s.start_s * rate_hz) for s in camera.segments] + [round(camera.duration_s * rate_hz)]
    pieces = [
        samples[low + round(gone * rate_hz) : high + round(gone * rate_hz)]
        for low, high, gone in zip(edges[:-1], edges[1:], gone_s, strict=True)
    ]
    return np.concatenate(pieces)


def render_copy(incident: Incident, copy: Copy, *, rate_hz: int = 16_000) -> np.ndarray:
    """Sound of another camera's file once more: trimmed and at another level, without the losses of encoding.

    Returns
    -------
    ndarray of float32, shape (round(duration_s * rate_hz),)
        As `render`.
    """
    first = round(copy.trim_s * rate_hz)
    part = render(incident, copy.of, rate_hz=rate_hz)[first : first + round(copy.duration_s * rate_hz)]
    return np.clip(part * 10 ** (copy.gain_db / 20), -1, 1).astype(np.float32)


def band_levels(incident: Incident, camera: Camera | str) -> BandLevels:
    """Energy of own noise and of every source at a camera, in the band of its `OwnNoise`.

    Raises
    ------
    ValueError
        If the camera's noise names no band.
    """
    cam = incident.camera(camera)
    levels = _stems(incident, cam.uncut).levels
    if levels is None:
        message = f"the noise of {cam.name} names no band"
        raise ValueError(message)
    return levels


@lru_cache(maxsize=16)
def _quiet_gain(incident: Incident, camera: Camera) -> np.ndarray:
    """Gain per sample as it would be without any blast."""
    background = np.clip(_stems(incident, camera).background, -1, 1)
    return gain_curve(background, camera.microphone.agc, SOURCE_RATE_HZ)


def audible_snr_db(incident: Incident, event: Blast | str, camera: Camera | str) -> float | None:
    """How far a blast stands out of its surroundings in a recording: its peak over the background's RMS, 30-400 Hz.

    The gain is that just before the arrival, the blast is clipped as the camera clips it, and the background is the
    median of the RMS of blocks of 0.1 s over the 2 s before the arrival, without any blast. None when the camera was
    not recording.
    """
    cam, blast = incident.camera(camera), incident.blast(event)
    if incident.arrival_s(blast, cam) is None:
        return None
    stems = _stems(incident, cam.uncut)
    arrival = int(incident.sound_arrival_s(blast, cam) * SOURCE_RATE_HZ)
    gain = _quiet_gain(incident, cam.uncut)
    band = signal.butter(2, [30, 400], "bandpass", fs=SOURCE_RATE_HZ, output="sos")
    block = SOURCE_RATE_HZ // 10
    before = signal.sosfilt(band, stems.background[max(0, arrival - 2 * SOURCE_RATE_HZ) : max(arrival, 2 * block)])
    before = before[len(before) % block :].reshape(-1, block)
    background = np.median(np.sqrt(np.mean(before**2, axis=1))) * gain[arrival]
    wave = stems.blasts[blast.name][1][: SOURCE_RATE_HZ // 4]
    peak = np.abs(signal.sosfilt(band, np.clip(np.clip(wave, -1, 1) * gain[arrival], -1, 1))).max()
    return float(20 * np.log10(peak / background))
