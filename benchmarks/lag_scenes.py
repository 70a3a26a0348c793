"""Recordings whose true lags are known, and pairs of them: for fitting and checking the probability of a lag.

Features are kept in a folder under a name that changes with all they depend on, so that only a change of the features
themselves makes them be computed again; the terms of the evidence may change freely.
"""

from __future__ import annotations

import hashlib
import inspect
import itertools
import json
import tempfile
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.sync_reading import Span, TrueFile, Truth, read_truth, true_lags_s
from syncview.model import AudioClip
from syncview.sync import features as features_module
from syncview.sync.features import SoundFeatures, part_of, sound_features

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncview.settings import SyncSettings

__all__ = [
    "Scene",
    "TruePair",
    "decoded",
    "draw_pairs",
    "pair_scenes",
    "plain_scenes",
    "remember",
    "remembered",
    "rendered_scenes",
]

STRANGERS = 1.5  # pairs of two incidents for every pair of one: folders hold strangers
CUT_S = (2.0, 20.0)
_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One incident: the truth of its files and what is heard in each. Copies are left out."""

    name: str
    truth: Truth
    heard: dict[str, SoundFeatures]


_Names = tuple[Scene, str, Scene, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TruePair:
    """Two recordings, or stretches of them; a lag within `slack_s` of one of `lags_s` is right. Strangers have none."""

    a: SoundFeatures
    b: SoundFeatures
    lags_s: tuple[float, ...]
    slack_s: float

    def right(self, lag_s: float) -> bool:
        """Whether a lag of b against a is right."""
        return any(abs(lag_s - true_s) <= self.slack_s for true_s in self.lags_s)


def plain_scenes(seeds: Sequence[int], cache: Path | None, settings: SyncSettings) -> list[Scene]:
    """`random_incident` of these seeds, cameras within 250 m, without codecs."""
    return [_plain_scene(seed, cache, settings) for seed in seeds]


def rendered_scenes(
    folder: Path, cache: Path | None, settings: SyncSettings, *, limit: int | None = None
) -> list[Scene]:
    """Incidents that `benchmarks.sync_incidents --render` wrote, decoded from their files; decoys are strangers."""
    chosen = [p for p in sorted(folder.iterdir()) if p.name.isdigit()]
    return [_rendered_scene(path, cache, settings) for path in chosen[:limit]]


def pair_scenes(folder: Path, cache: Path | None, settings: SyncSettings, *, limit: int | None = None) -> list[Scene]:
    """Pairs of real sounds that `benchmarks.sync_pairs --keep` wrote, decoded from their files."""
    chosen = [p for p in sorted(folder.iterdir()) if (p / "truth.json").exists()]
    return [_pair_scene(path, cache, settings) for path in chosen[:limit]]


def draw_pairs(
    scenes: Sequence[Scene], rng: np.random.Generator, *, strangers: float = STRANGERS, rounds: int = 1
) -> Iterator[TruePair]:
    """Pairs of cameras of one incident that filmed at once, then strangers, whole and as stretches of 2 to 20 s.

    Pairs of one incident that never filmed at once, decoys and recordings of different incidents are strangers; of
    these, `strangers` times as many as of the others are drawn. Every pair comes whole, and in each of `rounds` as a
    stretch against the whole, as two stretches that meet, and as any two stretches.
    """
    related: list[_Names] = []
    apart: list[_Names] = []
    for scene in scenes:
        for a, b in itertools.combinations(sorted(scene.heard), 2):
            together = true_lags_s(scene.truth.files[a], scene.truth.files[b])
            (related if together else apart).append((scene, a, scene, b))
    everyone = [(scene, name) for scene in scenes for name in sorted(scene.heard)]
    wanted = round(strangers * len(related))
    while len(apart) < wanted and len(scenes) > 1:
        (s, a), (t, b) = (everyone[int(k)] for k in rng.choice(len(everyone), 2, replace=False))
        if s is not t:
            apart.append((s, a, t, b))
    for names in (*related, *(apart[int(k)] for k in rng.permutation(len(apart))[:wanted])):
        yield from _variants(_true_pair(*names), rng, rounds)


def _true_pair(s: Scene, a: str, t: Scene, b: str) -> TruePair:
    x, y = s.truth.files[a], t.truth.files[b]
    return TruePair(
        a=s.heard[a],
        b=t.heard[b],
        lags_s=true_lags_s(x, y) if s is t else (),
        slack_s=s.truth.slack_s(x, y) if s is t else 0.0,
    )


def _variants(whole: TruePair, rng: np.random.Generator, rounds: int) -> Iterator[TruePair]:
    yield whole
    for _ in range(rounds):
        yield replace(whole, a=_stretch(whole.a, rng))
        x = _stretch(whole.a, rng)
        meet_s = None
        if whole.lags_s:  # a moment of the other's that lies in this stretch, at one of the right lags
            lag_s = whole.lags_s[int(rng.integers(len(whole.lags_s)))]
            meet_s = x.start_s + rng.uniform(0, x.duration_s) - lag_s
        yield replace(whole, a=x, b=_stretch(whole.b, rng, about_s=meet_s))
        yield replace(whole, a=_stretch(whole.a, rng), b=_stretch(whole.b, rng))


def _stretch(whole: SoundFeatures, rng: np.random.Generator, *, about_s: float | None = None) -> SoundFeatures:
    """A random stretch of 2 to 20 s, as far as can be one that holds the moment `about_s`."""
    length_s = min(whole.duration_s, float(np.exp(rng.uniform(*np.log(CUT_S)))))
    latest_s = whole.duration_s - length_s
    start_s = rng.uniform(0, latest_s) if about_s is None else about_s - whole.start_s - rng.uniform(0, length_s)
    start_s = round(float(np.clip(start_s, 0.0, latest_s)), 2)
    first_s = whole.start_s + start_s
    return part_of(whole, first_s, first_s + length_s, recording_id=whole.recording_id)


def _digest(settings: SyncSettings) -> str:
    """Short name of everything that the features depend on."""
    used = {
        k: v
        for k, v in asdict(settings).items()
        if k.startswith(("pattern_", "tones_", "waveform_", "whitening", "levels_"))
    }
    return hashlib.sha256((inspect.getsource(features_module) + repr(used)).encode()).hexdigest()[:12]


def remembered(name: str, cache: Path | None, settings: SyncSettings) -> dict[str, SoundFeatures] | None:
    """Features that `remember` kept under a name; None when there are none of these settings."""
    path = None if cache is None else cache / f"{name}-{_digest(settings)}.npz"
    if path is None or not path.exists():
        return None
    with np.load(path) as stored:
        found: dict[str, dict[str, Any]] = {}
        for key in stored.files:
            recording, field = key.rsplit("/", 1)
            value = stored[key]
            found.setdefault(recording, {})[field] = value if value.ndim else value.item()
    return {recording: SoundFeatures(**values) for recording, values in found.items()}


def remember(name: str, cache: Path | None, settings: SyncSettings, heard: dict[str, SoundFeatures]) -> None:
    """Keep features, by recording."""
    if cache is None:
        return
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"{name}-{_digest(settings)}.npz"
    scratch = path.with_name(f".{path.name}")
    arrays = {
        f"{recording}/{field.name}": np.asarray(getattr(found, field.name))
        for recording, found in heard.items()
        for field in fields(found)
    }
    np.savez(scratch, **arrays)
    scratch.rename(path)


def _plain_scene(seed: int, cache: Path | None, settings: SyncSettings) -> Scene:
    from simulator import random_incident, render

    incident = random_incident(seed, decoy=False)
    truth = Truth(
        seed=seed,
        sound_speed_mps=incident.sound_speed_mps,
        files={
            c.name: TrueFile(
                name=c.name,
                role="camera",
                spans=(Span(start_s=0.0, end_s=c.duration_s, offset_s=c.start_s, rate=c.rate),),
                position_m=c.position_m,
                duration_s=c.duration_s,
                snr_db=None,
                copy_of=None,
            )
            for c in incident.cameras
        },
        pair_snr_db={},
    )
    name = f"plain-{seed}"
    heard = remembered(name, cache, settings)
    if heard is None:
        heard = {c.name: _features(f"{name}-{c.name}", render(incident, c), 0.0, settings) for c in incident.cameras}
        remember(name, cache, settings, heard)
    return Scene(name=name, truth=truth, heard=heard)


def _rendered_scene(folder: Path, cache: Path | None, settings: SyncSettings) -> Scene:
    truth, name = read_truth(folder), f"sync-{folder.name}"
    heard = remembered(name, cache, settings)
    if heard is None:
        files = [f for f in truth.files.values() if f.copy_of is None]
        heard = {f.name: decoded(folder / f.name, f"{name}-{f.name}", settings) for f in files}
        remember(name, cache, settings, heard)
    return Scene(name=name, truth=truth, heard=heard)


def _pair_scene(folder: Path, cache: Path | None, settings: SyncSettings) -> Scene:
    told, name = json.loads((folder / "truth.json").read_text(encoding="utf-8")), f"pair-{folder.name}"
    heard = remembered(name, cache, settings)
    if heard is None:
        heard = {f: decoded(folder / f, f"{name}-{f}", settings) for f in ("a.mp4", "b.mp4")}
        remember(name, cache, settings, heard)
    far_s = 1e6  # strangers, and the same scene without a common time
    offsets_s = {"a.mp4": 0.0, "b.mp4": told["lag_s"] if told["kind"] == "overlap" else far_s}
    files = {
        f: TrueFile(
            name=f,
            role="camera",
            spans=(Span(start_s=0.0, end_s=found.start_s + found.duration_s, offset_s=offsets_s[f], rate=1.0),),
            position_m=(0.0, 0.0),
            duration_s=found.start_s + found.duration_s,
            snr_db=None,
            copy_of=None,
        )
        for f, found in heard.items()
    }
    return Scene(
        name=name, truth=Truth(seed=told["seed"], sound_speed_mps=343.0, files=files, pair_snr_db={}), heard=heard
    )


def decoded(path: Path, recording_id: str, settings: SyncSettings) -> SoundFeatures:
    """Features of a file's sound."""
    from syncview.media.audio import decode_audio, open_clip

    with tempfile.TemporaryDirectory() as scratch:
        clip = open_clip(decode_audio(path, rate_hz=_RATE_HZ, out=Path(scratch) / "sound.npy"), recording_id)
        return _features(recording_id, np.array(clip.samples), clip.start_s, settings)


def _features(recording_id: str, samples: np.ndarray, start_s: float, settings: SyncSettings) -> SoundFeatures:
    clip = AudioClip(recording_id=recording_id, samples=samples, rate_hz=_RATE_HZ, start_s=start_s)
    return sound_features(clip, settings=settings)
