"""Blasts heard by one camera: found, timed, ranked, told apart. Everything here is simulated.

    python -m benchmarks detection
    PYTHONPATH=src:tests:. python -m benchmarks.detection --scenes 20 --background 30

Scenes are those of `blast_scenes`, on seeds that neither the fit nor the thresholds have seen. A hit is a detection
within 0.12 s of a blast's arrival.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, NamedTuple

import av
import numpy as np

from benchmarks.blast_scenes import CODECS, RATE_HZ, Scene, aac_file, make_busy, make_scene
from benchmarks.running import poisson_interval, table, verdict
from syncview.detect.blasts import detect_blasts
from syncview.model import AudioClip, Detection
from syncview.settings import DetectSettings

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

SETTINGS = DetectSettings()
HIT_S = 0.12
SNRS_DB = (20.0, 25.0, 30.0, 40.0, 50.0)
GAPS_S = (0.04, 0.08, 0.15, 0.3)
RECALL_SEEDS, BACKGROUND_SEEDS, PAIR_SEEDS, BUSY_SEEDS = 60_000, 42_000, 43_000, 45_000
MOST_PER_HOUR, COST_SEED = 6.0, 44_000


class Hit(NamedTuple):
    """One blast and what was found of it; None where nothing was."""

    snr_db: float
    error_s: float | None
    uncertainty_s: float
    score: float


def listen(scene: Scene) -> tuple[Detection, ...]:
    """Detections of one scene."""
    clip = AudioClip(recording_id="r", samples=scene.samples, rate_hz=RATE_HZ, start_s=0.0)
    return detect_blasts(clip, settings=SETTINGS)


def codec_of(seed: int) -> str:
    """Every scene through another codec, or none."""
    names = [*CODECS, "none"]
    return names[seed % len(names)]


def hits_of(seed: int, snr_db: float) -> list[Hit]:
    """The blasts of one scene with confusers."""
    scene = make_scene(seed, snr_db=snr_db, blasts=3, codec=codec_of(seed))
    found = listen(scene)
    hits = []
    for blast in (s for s in scene.sounds if s.kind == "explosion"):
        near = [d for d in found if abs(d.time_s - blast.time_s) <= HIT_S]
        best = min(near, key=lambda d: abs(d.time_s - blast.time_s), default=None)
        hits.append(
            Hit(snr_db, None, 0.0, 0.0)
            if best is None
            else Hit(snr_db, best.time_s - blast.time_s, best.uncertainty_s, best.score)
        )
    return hits


def recall_rows(scenes: int, cut: float) -> list[Hit]:
    """Print and hand back what was found of blasts of given strength."""
    hits: list[Hit] = []
    rows = []
    for snr_db in SNRS_DB:
        own = [hit for k in range(scenes) for hit in hits_of(RECALL_SEEDS + 1000 * round(snr_db / 5) + k, snr_db)]
        found = [hit for hit in own if hit.error_s is not None]
        error_s = np.abs([hit.error_s for hit in found] or [np.nan])
        rows.append(
            {
                "peak over background": f"{snr_db:.0f} dB",
                "blasts": len(own),
                "recall": len(found) / len(own),
                "ranked": np.mean([hit.score >= cut for hit in own]).item(),
                "score > .5": np.mean([hit.score > 0.5 for hit in own]).item(),
                "median ms": float(np.median(error_s)) * 1e3,
                "95 % ms": float(np.quantile(error_s, 0.95)) * 1e3,
                "+- holds": float(np.mean([abs(h.error_s or 0.0) <= h.uncertainty_s for h in found] or [0.0])),
                "+- median ms": float(np.median([h.uncertainty_s for h in found] or [np.nan])) * 1e3,
            }
        )
        hits += own
    table(rows)
    return hits


def background_scores(minutes: int) -> list[float]:
    """Scores of all that is found in minutes of background without laid-in sounds: speech, engines, gusts, music."""
    scores: list[float] = []
    for k in range(minutes):
        scene = make_scene(BACKGROUND_SEEDS + k, blasts=0, confusers=False, codec=codec_of(k))
        scores += [d.score for d in listen(scene)]
    return scores


def busy_scores(minutes: int) -> list[float]:
    """Scores of all that is found in surroundings full of sudden sounds: talkers, hammers, saws, crowds, a hand."""
    return [d.score for k in range(minutes) for d in listen(make_busy(BUSY_SEEDS + k, codec=codec_of(k)))]


def print_rates(name: str, scores: list[float], minutes: int, cuts: tuple[float, ...]) -> None:
    """Print how many an hour lie above some scores, with the 95 % interval of the mean (Garwood 1936)."""
    hours = minutes / 60
    rows = []
    for cut in cuts:
        count = sum(score > cut for score in scores)
        low, high = poisson_interval(count)
        rows.append(
            {"score above": f"{cut:.2f}", "an hour": count / hours}
            | {"95 % interval": f"{low / hours:.1f} to {high / hours:.1f}"}
        )
    print(f"{name} (simulated), {hours:.2f} h: {len(scores) / hours:.0f} candidates an hour")
    table(rows)


def cut_for(scores: list[float], minutes: int, *, per_hour: float) -> float:
    """Lowest score at which at most so many an hour are listed."""
    ranked = sorted(scores, reverse=True)
    allowed = int(per_hour * minutes / 60)
    return ranked[allowed] + 1e-6 if len(ranked) > allowed else 0.0


def pair_rows(scenes: int) -> tuple[float, int]:
    """Print what becomes of two blasts close together: share marked at 0.3 s, and confident "one" at smaller gaps."""
    rows = []
    marked, wrong = 0.0, 0
    for gap_s in GAPS_S:
        two, echo, one, overclaimed = 0, 0, 0, 0
        for k in range(scenes):
            seed = PAIR_SEEDS + 1000 * GAPS_S.index(gap_s) + k
            scene = make_scene(seed, snr_db=40.0, second_after_s=gap_s, confusers=False, codec=codec_of(k))
            found = listen(scene)
            arrivals = sorted(s.time_s for s in scene.sounds if s.kind == "explosion")
            for first_s, second_s in zip(arrivals[::2], arrivals[1::2], strict=True):
                near = [d for d in found if first_s - HIT_S <= d.time_s < second_s - 0.5 * gap_s]
                later = [d for d in found if abs(d.time_s - second_s) < min(0.5 * gap_s, HIT_S)]
                two += bool(later)
                echo += any(d.possible_echo_of_s is not None for d in later)
                if near and not later:
                    one += 1
                    apart_s = dict(near[0].measures).get("separable_after_s", SETTINGS.wake_s)
                    overclaimed += apart_s < gap_s
        total = 2 * scenes
        rows.append(
            {"gap ms": round(gap_s * 1e3), "pairs": total, "two": two / total, "marked": echo / total}
            | {"one": one / total, "one, below the stated limit": one - overclaimed, "one, above it": overclaimed}
        )
        wrong += overclaimed if gap_s < 0.3 else 0
        marked = two / total
    table(rows)
    return marked, wrong


def main(words: list[str] | None = None) -> bool:
    """Print tables and verdicts; False when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=30, help="scenes per strength and per gap")
    parser.add_argument("--background", type=int, default=300, help="minutes of simulated background")
    parser.add_argument("--busy", type=int, default=60, help="minutes of simulated surroundings full of sudden sounds")
    parser.add_argument("--cost", type=int, default=10, help="minutes of sound whose cost is measured")
    chosen = parser.parse_args(words or [])
    scores = background_scores(chosen.background)
    cut = cut_for(scores, chosen.background, per_hour=MOST_PER_HOUR)
    print_rates("background", scores, chosen.background, (0.1, 0.3, 0.5, 0.7, cut))
    if chosen.busy:
        print_rates("busy surroundings", busy_scores(chosen.busy), chosen.busy, (0.1, 0.3, 0.5, 0.7, cut))
    hits = recall_rows(chosen.scenes, cut)
    marked, wrong = pair_rows(chosen.scenes)
    return all([*_verdicts(hits, cut), *_pair_verdicts(marked, wrong), *cost(chosen.cost)])


def cost(minutes: int) -> list[bool]:
    """Processor time of detection against that of decoding the same sound from AAC at 48 kHz and nothing else."""
    one = make_scene(COST_SEED, codec="none").samples
    wave = np.tile(one, minutes)
    seconds = len(wave) / RATE_HZ
    buffer = aac_file(wave, bit_rate=96_000, rate_hz=48_000)
    spent_s = []
    for work in (lambda: decode(buffer), lambda: listen(Scene(samples=wave, sounds=()))):
        best_s = min(_processor_s(work) for _ in range(3))
        spent_s.append(best_s)
    decoding_s, detecting_s = spent_s
    print(
        f"cost, {seconds / 60:.0f} minutes: decoding {seconds / decoding_s:.0f} x real time, detection "
        f"{seconds / detecting_s:.0f} x, {detecting_s / decoding_s:.2f} of decoding"
    )
    times = seconds / detecting_s
    return [verdict("6", "detection, one core", f"{times:.0f} x real time", ">= 300 x", passed=times >= 300)]


def _processor_s(work: Callable[[], object]) -> float:
    begin_s = time.process_time()
    work()
    return time.process_time() - begin_s


def decode(buffer: io.BytesIO) -> None:
    """Decode a file's sound and keep nothing."""
    buffer.seek(0)
    with av.open(buffer) as container:
        for _ in container.decode(audio=0):
            pass


def _verdicts(hits: list[Hit], cut: float) -> list[bool]:
    def share(least_db: float, most_db: float = 99.0, *, score: float = -1.0) -> float:
        own = [h for h in hits if least_db <= h.snr_db <= most_db]
        return sum(h.error_s is not None and h.score >= score for h in own) / len(own)

    found = [h for h in hits if h.error_s is not None]
    error_s = np.abs([h.error_s for h in found])
    held = float(np.mean([e <= h.uncertainty_s for e, h in zip(error_s, found, strict=True)]))
    middle_s, most_s = (float(np.quantile(error_s, q)) for q in (0.5, 0.95))
    strong_s = float(np.quantile([abs(h.error_s or 0.0) for h in found if h.snr_db >= 30], 0.95))
    at_30, at_20, ranked = share(30), share(20, 20), share(30, 30, score=cut)
    return [
        verdict("3", "candidates at 30 dB and above", f"{at_30:.3f}", ">= .95", passed=at_30 >= 0.95),
        verdict("3", "candidates at 20 dB", f"{at_20:.3f}", ">= .7", passed=at_20 >= 0.7),
        verdict("3", "onset, median", f"{middle_s * 1e3:.2f} ms", "<= 1 ms", passed=middle_s <= 0.001),
        verdict(
            "3",
            f"onset, 95 % (of 30 dB and above {strong_s * 1e3:.1f} ms)",
            f"{most_s * 1e3:.1f} ms",
            "<= 10 ms",
            passed=most_s <= 0.010,
        ),
        verdict("3", "stated interval holds", f"{held:.3f}", ">= .93", passed=held >= 0.93),
        verdict("3", f"ranked list at 30 dB, score >= {cut:.2f}", f"{ranked:.3f}", ">= .80", passed=ranked >= 0.8),
    ]


def _pair_verdicts(marked: float, wrong: int) -> list[bool]:
    return [
        verdict("3", "second blast after 0.3 s found by one camera", f"{marked:.3f}", ">= .8", passed=marked >= 0.8),
        verdict("3", "one above the stated limit at 40/80/150 ms", str(wrong), "0", passed=wrong == 0),
    ]


if __name__ == "__main__":
    import sys

    sys.exit(0 if main(sys.argv[1:]) else 1)
