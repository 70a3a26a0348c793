"""Row 1: the cases on which free tools were measured, rebuilt from real sounds, through the whole program.

Five seeds each. Both files carry independent noise (10 dB below the scene unless said) and b is AAC of 64 kbit/s in
mp4. s01 plain 40 s; s03 plain 4 min; s04 5 s overlap of 15 s clips; s05 0 dB; s06 -5 dB; s07 100 ppm over 4 min; s08
same scene, no common time; s09 unrelated; s10 sound that starts 0.5 s late in its container; s11 10 s cut out of b;
s13 only three blasts in common; aac-*: what containers do with the priming of AAC; chain: A 0-40 s, B 30-70 s, C
60-100 s, D 200-230 s of one scene.

    python -m benchmarks peers -- s07 s11 --seeds 2
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from benchmarks.reading import Reading
from benchmarks.real_sounds import (
    KINDS,
    RATE_HZ,
    Bank,
    add_noise,
    explosions,
    load,
    resample,
    scene,
    song,
    sound_frames,
    write_aac,
    write_wav,
)
from benchmarks.running import need_data, run_case, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["CASES", "Truth", "main"]

SEEDS = range(410_001, 410_006)
_PRIMING_S = 1024 / RATE_HZ  # of FFmpeg's AAC encoder
_DRIFT_PPM = 100.0
_CUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of a case's files.

    `moments` are (file, recording time, file, recording time) of one moment each; `apart` names files that must not
    share a clock with any other.
    """

    moments: tuple[tuple[str, float, str, float], ...] = ()
    apart: tuple[str, ...] = ()
    drift_ppm: float | None = None
    cut_at_s: float | None = None


@dataclass(slots=True)
class Outcome:
    """What came out of one seed."""

    errors_ms: list[float] = field(default_factory=list)
    missed: int = 0
    invented: int = 0
    faults: list[str] = field(default_factory=list)
    drift_ppm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row: how its files are made and what is asked of the answer."""

    name: str
    what: str
    make: Callable[[np.random.Generator, Path], Truth]
    bar_ms: float = 1.0


def _sounds(rng: np.random.Generator, duration_s: float, kind: str | None = None) -> NDArray[np.float64]:
    return scene(Bank(rng), rng, duration_s, kind or str(rng.choice(list(KINDS))))


def _pair(
    rng: np.random.Generator,
    folder: Path,
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    *,
    snr_db: float = 10.0,
) -> None:
    write_wav(folder / "a.wav", _loud(add_noise(a, rng, snr_db)))
    write_aac(folder / "b.mp4", _loud(add_noise(b, rng, snr_db)), bit_rate=64_000)


def _loud(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    return wave * 0.7 / np.abs(wave).max()


def _part(whole: NDArray[np.float64], begin_s: float, length_s: float) -> NDArray[np.float64]:
    begin = round(begin_s * RATE_HZ)
    return whole[begin : begin + round(length_s * RATE_HZ)]


def _plain(
    length_s: float, overlap_s: tuple[float, float], snr_db: float = 10.0
) -> Callable[[np.random.Generator, Path], Truth]:
    """Two clips of one length that share the end of the one and the beginning of the other."""

    def make(rng: np.random.Generator, folder: Path) -> Truth:
        lag_s = round(length_s - rng.uniform(*overlap_s), 4)
        whole = _sounds(rng, length_s + lag_s + 0.1)
        _pair(rng, folder, _part(whole, 0, length_s), _part(whole, lag_s, length_s), snr_db=snr_db)
        middle_s = 0.5 * (length_s + lag_s)
        return Truth(moments=(("a.wav", middle_s, "b.mp4", middle_s - lag_s),))

    return make


def _long(rng: np.random.Generator, folder: Path, drift_ppm: float | None = None) -> Truth:
    """Four minutes, music for every second seed; b runs fast or slow by `drift_ppm`."""
    length_s, lag_s = 240.0, round(rng.uniform(4, 20), 4)
    total_s = length_s + lag_s + 1
    music = rng.random() < 0.5
    whole = _sounds(rng, total_s) if not music else song(total_s, begin_s=rng.uniform(0, 100))
    b = whole[round(lag_s * RATE_HZ) :]
    rate = 1.0
    if drift_ppm is not None:
        rate = 1 + drift_ppm * 1e-6
        b = resample(b, 1 / rate)  # what took `rate` seconds takes one on b's clock
    _pair(rng, folder, _part(whole, 0, length_s), _part(b, 0, length_s - 1))
    middle_s = 0.5 * (length_s - lag_s)
    return Truth(moments=(("a.wav", middle_s * rate + lag_s, "b.mp4", middle_s),), drift_ppm=drift_ppm)


def _drifting(rng: np.random.Generator, folder: Path) -> Truth:
    return _long(rng, folder, _DRIFT_PPM * float(rng.choice([-1, 1])))


def _no_overlap(rng: np.random.Generator, folder: Path) -> Truth:
    gap_s = rng.uniform(5, 30)
    whole = _sounds(rng, 80.5 + gap_s)
    _pair(rng, folder, _part(whole, 0, 40), _part(whole, 40 + gap_s, 40))
    return Truth(apart=("a.wav", "b.mp4"))


def _unrelated(rng: np.random.Generator, folder: Path) -> Truth:
    bank, kind = Bank(rng), str(rng.choice(list(KINDS)))
    _pair(rng, folder, scene(bank, rng, 40, kind), scene(bank, rng, 40, kind))
    return Truth(apart=("a.wav", "b.mp4"))


def _late_start(rng: np.random.Generator, folder: Path) -> Truth:
    """The picture of b starts at 0, its sound at 0.5 s; the sound that is there has its own place."""
    lag_s = round(rng.uniform(4, 12), 4)
    whole = _sounds(rng, 41 + lag_s)
    write_wav(folder / "a.wav", _loud(add_noise(_part(whole, 0, 40), rng, 10)))
    b = _loud(add_noise(_part(whole, lag_s, 40), rng, 10))
    write_with_picture(folder / "b.mp4", b[RATE_HZ // 2 :], sound_begin=RATE_HZ // 2)
    return Truth(moments=(("a.wav", 20 + lag_s, "b.mp4", 20.0),))


def _priming(suffix: str, late_s: float, **options: str) -> Callable[[np.random.Generator, Path], Truth]:
    """Put b in a container that hides, states or presents the priming; its content then lies `late_s` later."""

    def make(rng: np.random.Generator, folder: Path) -> Truth:
        lag_s = round(rng.uniform(4, 12), 4)
        whole = _sounds(rng, 41 + lag_s)
        write_wav(folder / "a.wav", _loud(add_noise(_part(whole, 0, 40), rng, 10)))
        b = _loud(add_noise(_part(whole, lag_s, 40), rng, 10))
        write_aac(folder / f"b{suffix}", b, bit_rate=64_000, options=options)
        return Truth(moments=(("a.wav", 20 + lag_s, f"b{suffix}", 20 + late_s),))

    return make


def _cut(rng: np.random.Generator, folder: Path) -> Truth:
    """10 s are missing in the middle of b."""
    lag_s, cut_at_s = round(rng.uniform(2, 8), 4), round(rng.uniform(18, 24), 3)
    whole = _sounds(rng, 72)
    b = np.concatenate([_part(whole, lag_s, cut_at_s), _part(whole, lag_s + cut_at_s + _CUT_S, 45 - cut_at_s)])
    _pair(rng, folder, _part(whole, 0, 60), b)
    before_s, after_s = cut_at_s / 2, cut_at_s + 8
    return Truth(
        moments=(
            ("a.wav", lag_s + before_s, "b.mp4", before_s),
            ("a.wav", lag_s + after_s + _CUT_S, "b.mp4", after_s),
        ),
        cut_at_s=cut_at_s,
    )


def _blasts_only(rng: np.random.Generator, folder: Path) -> Truth:
    """Three real explosions over two ambiences that share nothing else."""
    bank, kinds = Bank(rng), rng.permutation(["street", "people", "yard"])
    lag_s = round(rng.uniform(-6, 6), 4)
    waves = [scene(bank, rng, 40, str(kind)) for kind in kinds[:2]]
    times_s = 9 + np.cumsum([0.0, *rng.uniform(4, 9, 2)])
    for time_s, name in zip(times_s, rng.permutation(explosions())[:3], strict=True):
        blast = load(str(name))
        blast = blast[: 6 * RATE_HZ] * rng.uniform(15, 40) / np.abs(blast).max()  # 10 to 20 dB over voices' peaks
        for wave, begin_s in zip(waves, (0.0, lag_s), strict=True):
            begin = round((time_s - begin_s) * RATE_HZ)
            part = blast[: len(wave) - begin]
            wave[begin : begin + len(part)] += part
    _pair(rng, folder, waves[0], waves[1], snr_db=30)
    middle_s = float(times_s[1])
    return Truth(moments=(("a.wav", middle_s, "b.mp4", middle_s - lag_s),))


def _chain(rng: np.random.Generator, folder: Path) -> Truth:
    whole = _sounds(rng, 231)
    for name, begin_s, length_s in (("a.mp4", 0, 40), ("b.mp4", 30, 40), ("c.mp4", 60, 40), ("d.mp4", 200, 30)):
        write_aac(folder / name, _loud(add_noise(_part(whole, begin_s, length_s), rng, 15)), bit_rate=64_000)
    return Truth(moments=(("a.mp4", 35.0, "b.mp4", 5.0), ("b.mp4", 35.0, "c.mp4", 5.0)), apart=("d.mp4",))


def write_with_picture(path: Path, wave: NDArray[np.float64], *, sound_begin: int = 0) -> None:
    """Write AAC whose first sample lies at sample `sound_begin` of the axis, beside a dark picture from 0 on."""
    options = {"movie_timescale": str(RATE_HZ), "fflags": "+bitexact"}  # an edit list in ms would move the sound
    with av.open(str(path), "w", options=options) as container:
        video = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "threads": "1"})
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        audio = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        audio.bit_rate = 64_000
        dark = np.full((144, 160), 40, np.uint8)
        for index in range(int((sound_begin + len(wave)) / RATE_HZ * 10)):
            frame = av.VideoFrame.from_ndarray(dark, "yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(video.encode(frame))
        for sound in sound_frames(wave, begin=sound_begin):
            container.mux(audio.encode(sound))
        for stream in (video, audio):
            container.mux(stream.encode(None))


CASES = (
    Case(name="s01", what="plain 40 s", make=_plain(40, (25, 37))),
    Case(name="s03", what="plain 4 min", make=_long),
    Case(name="s04", what="5 s overlap of 15 s clips", make=_plain(15, (5, 5))),
    Case(name="s05", what="0 dB", make=_plain(40, (25, 37), 0)),
    Case(name="s06", what="-5 dB", make=_plain(40, (25, 37), -5)),
    Case(name="s07", what="100 ppm over 4 min, middle", make=_drifting, bar_ms=5),
    Case(name="s08", what="same scene, no common time", make=_no_overlap),
    Case(name="s09", what="unrelated, same kind of sound", make=_unrelated),
    Case(name="s10", what="sound 0.5 s late in mp4", make=_late_start),
    Case(name="s11", what="10 s cut out of b", make=_cut, bar_ms=5),
    Case(name="s13", what="three blasts in common", make=_blasts_only, bar_ms=5),
    Case(name="aac-edit", what="priming in an edit list (mp4)", make=_priming(".mp4", 0.0)),
    Case(name="aac-none", what="no edit list: priming is shown", make=_priming(".mp4", _PRIMING_S, use_editlist="0")),
    Case(name="aac-mkv", what="priming as codec delay (mkv)", make=_priming(".mkv", 0.0)),
    Case(name="aac-ts", what="transport stream: starts with it", make=_priming(".ts", _PRIMING_S)),
    Case(name="chain", what="A-B-C in a chain, D foreign", make=_chain),
)


def judge(reading: Reading, truth: Truth) -> Outcome:
    """Compare an answer with the truth."""
    outcome = Outcome()
    for a, a_s, b, b_s in truth.moments:
        error_s = reading.error_s(a, a_s, b, b_s)
        if error_s is None:
            outcome.missed += 1
        else:
            outcome.errors_ms.append(error_s * 1e3)
    outcome.invented = sum(reading.placed(name) for name in truth.apart)
    if truth.drift_ppm is not None and not outcome.missed:
        b, a = reading.drift_ppm("b.mp4"), reading.drift_ppm("a.wav")
        outcome.drift_ppm = None if a is None or b is None else b - a - truth.drift_ppm
        if outcome.drift_ppm is None or abs(outcome.drift_ppm) > 10:
            outcome.faults.append(f"drift {b} - {a}, true {truth.drift_ppm:+.0f} ppm")
    if truth.cut_at_s is not None and not outcome.missed:
        outcome.faults += _cut_faults(reading, truth.cut_at_s)
    return outcome


def _cut_faults(reading: Reading, cut_at_s: float) -> list[str]:
    """What the answer leaves out of a cut: two segments that part there, and a finding with the jump."""
    faults = []
    ends = [s["end_s"] for s in reading.segments("b.mp4")[:-1]]
    if not ends or min(abs(end - cut_at_s) for end in ends) > 1.0:
        faults.append(f"the clock of b does not part at {cut_at_s:.1f} s: {ends}")
    found = reading.findings("cut", "b.mp4")
    jumps_s = [f["value"] * (1e-3 if f["unit"] == "ms" else 1) for f in found if f["value"] is not None]
    if not any(abs(abs(jump) - _CUT_S) < 0.005 for jump in jumps_s):
        faults.append(f"no finding of a cut of 10 s (values {jumps_s})")
    return faults


def main(arguments: Sequence[str] = ()) -> bool:
    """Print one row for every case; True when all reach their bars."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="cases (default: all)")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="seeds of each")
    parser.add_argument("--keep", type=Path, help="folder in which files and cases stay")
    chosen = parser.parse_args(list(arguments))
    if unknown := set(chosen.names) - {case.name for case in CASES}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    need_data()
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="peers-"))
    try:
        wanted = [case for case in CASES if not chosen.names or case.name in chosen.names]
        rows = [_row(case, folder, range(SEEDS.start, SEEDS.start + chosen.seeds)) for case in wanted]
        return all(rows)
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _row(case: Case, folder: Path, seeds: range) -> bool:
    outcomes = [_one(case, folder / f"{case.name}-{seed}", seed) for seed in seeds]
    errors_ms = [abs(e) for o in outcomes for e in o.errors_ms]
    worst = f"worst {max(errors_ms):.2f} ms" if errors_ms else "nothing placed"
    missed, invented = sum(o.missed for o in outcomes), sum(o.invented for o in outcomes)
    faults = [fault for o in outcomes for fault in o.faults]
    drifts = [abs(o.drift_ppm) for o in outcomes if o.drift_ppm is not None]
    parts = [f"{len(outcomes)} seeds", f"{len(errors_ms)} found", f"{missed} missed", f"{invented} invented", worst]
    if case.make is _drifting:
        parts.append(f"slope off by at most {max(drifts):.1f} ppm" if drifts else "no slope")
    if faults:
        parts.append(f"{len(faults)} faults")
    passed = not (missed or invented or faults) and all(e <= case.bar_ms for e in errors_ms)
    refusing = not errors_ms and not missed
    bar = "refused" if refusing else f"<= {case.bar_ms:g} ms" + (", 10 ppm" if case.make is _drifting else "")
    if refusing:
        parts[1:] = [f"{invented} invented"]
    return verdict(f"1 {case.name}", case.what, ", ".join(parts), bar, passed=passed)


def _one(case: Case, folder: Path, seed: int) -> Outcome:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "files").mkdir(parents=True)
    truth = case.make(np.random.default_rng([1, seed]), folder / "files")
    timeline, _ = run_case(sorted((folder / "files").iterdir()), folder / "case")
    reading = Reading(timeline)
    outcome = judge(reading, truth)
    if outcome.missed or outcome.invented or outcome.faults or any(abs(e) > case.bar_ms for e in outcome.errors_ms):
        errors = ", ".join(f"{e:+.2f} ms" for e in outcome.errors_ms) or "none"
        rows = [{"case": case.name, "seed": seed, "missed": outcome.missed, "invented": outcome.invented}]
        table([{**rows[0], "errors": errors, "faults": "; ".join(outcome.faults) or "-"}])
        print(f"    {reading.words()}", flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
