"""Real sounds: kinds, explosions laid into real ambiences, false alarms, and one explosion on five phones.

    SYNCVIEW_DATA=... python -m benchmarks detection-real

Real recordings (MANIFEST.csv gives each its label); what is laid over what, and how loud, is arranged here and said.
Nothing is tuned on these files.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import av
import numpy as np
from scipy import signal

from benchmarks.running import need_data, poisson_interval, table, verdict
from syncview.detect.blasts import detect_blasts, find_onsets
from syncview.detect.score import KINDS, blast_model, kind_probabilities, label_in_words
from syncview.errors import InputError
from syncview.model import AudioClip, Detection
from syncview.settings import DetectSettings

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 16_000
SETTINGS = DetectSettings()
SNRS_DB = (10, 15, 20, 25, 30, 40)
HIT_S = 0.15  # the files' own onsets are machine-made, to 10 ms, and some swell
BEDS, BED_S, AT_S = 20, 8.0, 3.0
TRANSIENT = {"dog", "baby", "rooster", "clock_tick", "sneeze"}
SAME_KIND = {"door": ("door", "handling"), "thunder": ("thunder",), "firework": ("firework",)}
PHONES = "multidevice/shared_explosion_5phones"


class Labelled(NamedTuple):
    """A file of the collection."""

    name: str
    label: str
    role: str
    onset_s: float


@lru_cache(maxsize=128)
def sound(name: str, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Mono samples of a file, peak as it is."""
    mono = av.AudioResampler(format="flt", layout="mono", rate=rate_hz)
    parts = []
    with av.open(str(need_data() / name)) as container:
        for frame in container.decode(audio=0):
            parts += [part.to_ndarray()[0] for part in mono.resample(frame)]
        parts += [part.to_ndarray()[0] for part in mono.resample(None)]
    return np.concatenate(parts).astype(np.float64)


def labelled() -> list[Labelled]:
    """Sounds below events/ that are sampled finely enough."""
    with (need_data() / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Labelled(row["file"], row["label"], row["role"], float(row["onset_s_auto"] or 0.0))
        for row in rows
        if row["file"].startswith("events/") and row["label"] != "sonic_boom"
    ]


def low_band(wave: np.ndarray) -> np.ndarray:
    """30 to 400 Hz, where strengths are compared."""
    return signal.sosfilt(signal.butter(3, [30, 400], "band", fs=RATE_HZ, output="sos"), wave)


def beds(files: list[Labelled]) -> list[np.ndarray]:
    """Stretches of steady real ambience, at most 8 s of each of twenty files, of all sorts."""
    found = [
        sound(f.name)[: round(BED_S * RATE_HZ)] for f in files if f.role == "negative" and f.label not in TRANSIENT
    ]
    usable = [bed for bed in found if len(bed) >= 4.9 * RATE_HZ and np.abs(low_band(bed)).max() > 1e-5]
    return [usable[k] for k in np.linspace(0, len(usable) - 1, min(BEDS, len(usable))).astype(int)]


def laid(bed: np.ndarray, event: np.ndarray, snr_db: float) -> np.ndarray:
    """An event over a bed, its peak so far over the bed's RMS in 30-400 Hz; full scale where that is louder."""
    rms = float(np.sqrt(np.mean(np.square(low_band(bed)))))
    peak = float(np.abs(low_band(np.append(event, np.zeros(1600)))).max())
    wave = bed.copy()
    begin = round(AT_S * RATE_HZ)
    part = event[: len(bed) - begin] * rms * 10 ** (snr_db / 20) / max(peak, 1e-9)
    wave[begin : begin + len(part)] += part
    return (wave / max(1.0, np.abs(wave).max())).astype(np.float32)


def detect(wave: np.ndarray, rate_hz: int = RATE_HZ) -> tuple[Detection, ...]:
    """Detections of one wave."""
    clip = AudioClip(recording_id="r", samples=wave.astype(np.float32), rate_hz=rate_hz, start_s=0.0)
    return detect_blasts(clip, settings=SETTINGS)


def recall_in_ambience(files: list[Labelled]) -> list[bool]:
    """Every explosion in every ambience at every strength."""
    explosions = [f for f in files if f.label == "explosion"]
    grounds = beds(files)
    rows, passed = [], []
    for snr_db in SNRS_DB:
        scores = []
        for event in explosions:
            for bed in grounds:
                found = detect(laid(bed, sound(event.name), snr_db))
                near = [d.score for d in found if abs(d.time_s - AT_S - event.onset_s) <= HIT_S]
                scores.append(max(near, default=-1.0))
        share = np.mean(np.array(scores) >= 0).item()
        rows.append(
            {"peak over background": f"{snr_db} dB", "laid in": len(scores), "recall": share}
            | {f"score >= {least}": np.mean(np.array(scores) >= least).item() for least in (0.1, 0.3, 0.5)}
        )
        passed.append(snr_db < 20 or share >= 0.9)
    print(f"{len(explosions)} real explosions laid into {len(grounds)} real ambiences")
    table(rows)
    worst = min(row["recall"] for row, snr_db in zip(rows, SNRS_DB, strict=True) if snr_db >= 20)
    return [verdict("1", "recall at 20 dB and above, worst strength", f"{worst:.3f}", ">= .9", passed=all(passed))]


def false_alarms(files: list[Labelled]) -> list[bool]:
    """What is taken for an explosion in real sounds that hold none."""
    negatives = [f for f in files if f.role == "negative"]
    minutes = sum(len(sound(f.name)) for f in negatives) / RATE_HZ / 60
    found = [(d.score, f.label, d) for f in negatives for d in detect(sound(f.name))]
    rows = []
    for least in (0.03, 0.1, 0.3, 0.5, 0.7):
        count = sum(score >= least for score, _, _ in found)
        low, high = poisson_interval(count)
        rows.append({"score": f">= {least}", "false": count, "95 % interval": f"{low:.1f} to {high:.1f}"})
    print(f"{minutes:.1f} minutes of real background in {len(negatives)} files")
    table(rows)
    for score, label, d in sorted(found, key=lambda entry: -entry[0])[:4]:
        print(f"  {label}: {score:.2f} at {d.time_s:.2f} s, {d.label}")
    count = sum(score >= 0.5 for score, _, _ in found)
    return [verdict("1", f"false in {minutes:.1f} minutes, score >= .5", str(count), "<= 1", passed=count <= 1)]


def kinds_in_ambience(files: list[Labelled], snr_db: float = 30.0) -> None:
    """Likeliest kind of every labelled sudden sound in three ambiences, and how sure it was of what was wrong."""
    grounds = [sound(name)[: round(BED_S * RATE_HZ)] for name in _three_beds(files)]
    seen: dict[str, Counter[str]] = {}
    claims: dict[str, list[Claim]] = {}
    for event in (f for f in files if f.role in ("blast", "impulsive_confuser")):
        for bed in grounds:
            claim = _claim(event, laid(bed, sound(event.name), snr_db))
            seen.setdefault(event.label, Counter())["not found" if claim is None else claim.ranked[0]] += 1
            claims.setdefault(event.label, []).extend([] if claim is None else [claim])
    print(f"likeliest kind of real sounds in three real ambiences at {snr_db:.0f} dB (rows: what they are)")
    columns = [*KINDS, "not found"]
    table([{"label": label, **{c: counts[c] or None for c in columns}} for label, counts in sorted(seen.items())])
    _precision(seen, claims)


class Claim(NamedTuple):
    """What is said of a sound: its kinds from the likeliest on, the probability of the first, the words."""

    ranked: tuple[str, ...]
    chance: float
    words: str


def _claim(event: Labelled, wave: np.ndarray) -> Claim | None:
    onsets = find_onsets(wave, RATE_HZ, settings=SETTINGS)
    near = [o for o in onsets if abs(o.sample / RATE_HZ - AT_S - event.onset_s) <= HIT_S]
    if not near:
        return None
    first = max(near, key=lambda o: o.measures.get("rise_mid_db", 0.0))
    chances = kind_probabilities(first.measures, blast_model())
    ranked = tuple(sorted(KINDS, key=lambda kind: -chances[kind]))
    return Claim(ranked, chances[ranked[0]], label_in_words(chances))


def _three_beds(files: list[Labelled]) -> list[str]:
    return [next(f.name for f in files if f.label == label) for label in ("city", "crowd", "boat")]


def _precision(seen: dict[str, Counter[str]], claims: dict[str, list[Claim]]) -> None:
    """Recall and precision per kind; how often it is among the first two, or named in the words, or denied."""
    rows = []
    for label in ("explosion", "gunshot", "thunder", "firework", "door"):
        kinds = SAME_KIND.get(label, (label,))
        right = sum(seen[label][kind] for kind in kinds)
        named = sum(counts[kind] for counts in seen.values() for kind in kinds)
        total = sum(seen[label].values())
        own = claims.get(label, [])
        wrong = [claim for claim in own if claim.ranked[0] not in kinds]
        rows.append(
            {"kind": label, "sounds": total, "recall": right / total, "precision": right / named if named else None}
            | {"in first two": sum(bool({*c.ranked[:2]} & {*kinds}) for c in own) / total}
            | {"named": sum(any(_said(kind) in c.words for kind in kinds) for c in own) / total}
            | {"wrong, >= .8": sum(c.chance >= 0.8 for c in wrong), "wrong, no doubt said": sum(map(_sure, wrong))}
        )
    table(rows)


def _said(kind: str) -> str:
    """The word by which a label names a kind."""
    return {"handling": "bump", "drop": "fall", "door": "door", "wind": "wind"}.get(kind, kind)


def _sure(claim: Claim) -> bool:
    return "cannot be told" not in claim.words


def five_phones() -> None:
    """One real explosion of 18 kg on five phones, 2 to 10 km away; clocks are seconds off, so no residual exists."""
    rows = []
    for path in sorted((need_data() / PHONES).glob("*_blast.wav")):
        name = f"{PHONES}/{path.name}"
        rate_hz = _rate_of(path)
        wave = sound(name, rate_hz)
        try:
            onsets = find_onsets(wave.astype(np.float32), rate_hz, settings=SETTINGS)
        except InputError as error:
            rows.append({"phone": path.stem, "pick s": str(error)})
            continue
        best = max(onsets, key=lambda o: o.measures.get("rise_low_db", 0.0))
        chances = kind_probabilities(best.measures, blast_model())
        ranked = sorted(chances, key=lambda kind: -chances[kind])[:2]
        begin = best.sample - best.pick.sample
        rows.append(
            {
                "phone": path.stem.removeprefix("phone_"),
                "pick s": best.sample / rate_hz,
                "+- ms": best.uncertainty_s * 1e3,
                "AIC s": (begin + best.pick.aic_sample) / rate_hz,
                "walk s": (begin + best.pick.walk_sample) / rate_hz,
                "rise low dB": best.measures["rise_low_db"],
                "rise mid dB": best.measures["rise_mid_db"],
                "attack s": best.measures["attack_s"],
                "likeliest": ", ".join(f"{kind} {chances[kind]:.2f}" for kind in ranked),
            }
        )
    print("one real explosion on five phones, 0.96 s each")
    table(rows)


def _rate_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return int(container.streams.audio[0].rate)


def main() -> bool:
    """Print tables and verdicts; False when a bar is missed."""
    files = labelled()
    five_phones()
    kinds_in_ambience(files)
    return all([*false_alarms(files), *recall_in_ambience(files)])


if __name__ == "__main__":
    main()
