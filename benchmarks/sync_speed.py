"""Row 6: time and memory of a run, against decoding alone, against peers, and against length.

Whole processes are timed in turn, so that a busy machine slows all of them. The peers need an environment of their
own, made once by

    python3 -m venv PEERS && PEERS/bin/pip install syncstart==1.1.1 audalign==1.3.1 imageio-ffmpeg
    npm install --prefix PEERS/node @ffprobe-installer/linux-x64
    ln -s PEERS/lib/python3*/site-packages/imageio_ffmpeg/binaries/ffmpeg-* PEERS/bin/ffmpeg
    ln -s PEERS/node/node_modules/@ffprobe-installer/linux-x64/ffprobe PEERS/bin/ffprobe   (all paths absolute)

    python -m benchmarks sync-speed -- --peers-venv PEERS            # or SYNCVIEW_PEERS=PEERS
    python -m benchmarks sync-speed -- clips matching --rounds 3     # single parts
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, NamedTuple

import av
import numpy as np

from benchmarks.real_sounds import KINDS, RATE_HZ, Bank, random_phone, record, scene, sound_frames, write_aac
from benchmarks.running import SYNCVIEW, need_data, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from syncview.detect.shots import ShotFinder
    from syncview.settings import PictureSettings
    from syncview.sync.features import SoundFeatures
    from syncview.sync.picture_features import FeatureTaker

__all__ = ["main"]

SEED = 610_001
CLIPS, CLIP_S = 5, 60.0
_PICTURES = ("video/vtest.avi", "video/car-detection.mp4", "video/gopro_karma.mp4", "video/gopro_hero7.mp4")
_AUDALIGN = (
    "import sys, audalign; audalign.recognize(sys.argv[1], sys.argv[2], recognizer=audalign.CorrelationRecognizer())"
)
# Runs a command and waits for all processes that come of it, also those that outlive their parent; tells the exit code,
# seconds on the wall, seconds of processor and the kilobytes of the largest process, as Linux counts them.
_WATCH = """
import ctypes, json, os, resource, subprocess, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
start = time.perf_counter()
code = subprocess.run(sys.argv[2:]).returncode
taken_s = time.perf_counter() - start
try:
    while True:
        os.wait()
except ChildProcessError:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as told:
    json.dump([code, taken_s, used.ru_utime + used.ru_stime, used.ru_maxrss], told)
"""
_MOST_MIB = 1024
_COMPILED = str(Path(tempfile.gettempdir(), "syncview-benchmark-bytecode"))


def phone_clip(path: Path, wave: NDArray[np.float64], picture: str, rng: np.random.Generator) -> None:
    """Write what a phone does: 720p H.264 of about 3 Mbit/s at 30 fps from real footage in a shaking hand, AAC."""
    duration_s = len(wave) / RATE_HZ
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30, options={"preset": "ultrafast", "threads": "2"})
        video.width, video.height, video.pix_fmt, video.bit_rate = 1280, 720, "yuv420p", 3_000_000
        audio = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        audio.bit_rate = 96_000
        sounds = iter(sound_frames(wave))
        for index, image in enumerate(itertools.islice(_shaken(picture, rng), int(duration_s * 30))):
            frame = av.VideoFrame.from_ndarray(image, "bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 30)
            container.mux(video.encode(frame))
            for sound in itertools.islice(sounds, 2):  # a little more than the picture: the muxer sorts them
                container.mux(audio.encode(sound))
        for sound in sounds:
            container.mux(audio.encode(sound))
        for stream in (video, audio):
            container.mux(stream.encode(None))


def _shaken(picture: str, rng: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    """Frames of real footage, over and over, cut out along a random walk."""
    import cv2

    place = np.zeros(2)
    while True:
        with av.open(str(need_data() / picture)) as container:
            for frame in container.decode(video=0):
                image = cv2.resize(frame.to_ndarray(format="bgr24"), (1344, 784), interpolation=cv2.INTER_LINEAR)
                place = np.clip(0.97 * place + rng.normal(0, 2.5, 2), -32, 32)
                x, y = (place + 32).astype(int)
                yield np.ascontiguousarray(image[y : y + 720, x : x + 1280])


class Watched(NamedTuple):
    """What a command and all its processes took; `peak_mib` is the largest of them."""

    wall_s: float
    processor_s: float
    peak_mib: float


def _watched(command: Sequence[str], path: str | None = None) -> Watched:
    """Run a command as installed programs run: with their modules compiled beforehand."""
    environment = os.environ | ({"PATH": f"{path}{os.pathsep}{os.environ['PATH']}"} if path else {})
    environment |= {"MPLBACKEND": "Agg", "PYTHONPYCACHEPREFIX": _COMPILED}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.NamedTemporaryFile(suffix=".json") as told:
        watching = [sys.executable, "-c", _WATCH, told.name, *command]
        done = subprocess.run(watching, capture_output=True, check=True, env=environment)
        code, wall_s, processor_s, peak_kib = json.load(told)
    # syncstart answers on stdout and ends with 1 when all is well.
    fine = bool(done.stdout) and code == 1 if Path(command[0]).name == "syncstart" else code in (0, 3)
    if not fine:
        message = f"{' '.join(command)} ended with {code}: {done.stderr.decode(errors='replace')[-2000:]}"
        raise RuntimeError(message)
    return Watched(wall_s, processor_s, peak_kib / 1024)


def _run(media: Sequence[Path], case: Path) -> Watched:
    shutil.rmtree(case, ignore_errors=True)
    return _watched([*SYNCVIEW, "run", *map(str, media), "-o", str(case), "--no-page", "--quiet"])


def _scene(rng: np.random.Generator, duration_s: float) -> NDArray[np.float64]:
    return scene(Bank(rng), rng, duration_s, str(rng.choice(list(KINDS))))


def clips(folder: Path, chosen: argparse.Namespace) -> bool:
    """Five clips of a minute against decoding and hashing them."""
    rng = np.random.default_rng(SEED)
    whole = _scene(rng, CLIP_S + 60)
    media = []
    for number in range(CLIPS):
        begin = round(number * 12 * RATE_HZ)
        wave = record(whole[begin : begin + round(CLIP_S * RATE_HZ)], random_phone(rng, CLIP_S + 1, snr_db=10))
        media.append(folder / f"clip{number}.mp4")
        phone_clip(media[-1], wave, _PICTURES[number % len(_PICTURES)], rng)
    rate = sum(p.stat().st_size for p in media) * 8 / CLIPS / CLIP_S / 1e6
    print(f"  {CLIPS} clips of {CLIP_S:.0f} s, 720p at 30 fps, {rate:.1f} Mbit/s")
    own = [sys.executable, "-m", "benchmarks.decoding"]
    rows: list[dict[str, object]] = []
    for number in range(chosen.rounds + 1):
        both, sound = (_watched([*own, what, *map(str, media)]) for what in ("both", "sound"))
        run = _run(media, folder / "case")
        if not number:
            continue  # modules are compiled and the disk's cache is warm from now on
        rows.append(
            {
                "round": number,
                "decode and hash s": both.wall_s,
                "sound only s": sound.wall_s,
                "run s": run.wall_s,
                "run / both": run.wall_s / both.wall_s,
                "run / sound only": run.wall_s / sound.wall_s,
                "run / both, processor": run.processor_s / both.processor_s,
                "run / sound only, processor": run.processor_s / sound.processor_s,
                "run, processor s": run.processor_s,
            }
        )
    table(rows)
    told = _profile(media, median(float(str(row["run, processor s"])) for row in rows))
    ratio = median(float(str(row["run / both"])) for row in rows)
    figure = f"median {ratio:.2f} x (sound alone: {median(float(str(r['run / sound only'])) for r in rows):.2f} x)"
    return (
        verdict("6", "run of 5 clips x 60 s against decoding and hashing", figure, "<= 3 x", passed=ratio <= 3) and told
    )


def _profile(media: Sequence[Path], run_s: float) -> bool:
    """Where the processor time of a run goes: its parts one after the other in this process.

    A run that takes less than all parts does not decode the picture, and the profile is then not that of the run.
    """
    from syncview.detect.blasts import detect_blasts
    from syncview.detect.shots import ShotFinder
    from syncview.media.audio import decode_audio, open_clip
    from syncview.media.probe import probe
    from syncview.settings import Settings
    from syncview.sync.features import sound_features
    from syncview.sync.hypotheses import match_pair
    from syncview.sync.picture_features import FeatureTaker
    from syncview.sync.replays import replays

    settings, took = Settings(), {}
    took["start of Python and imports"] = _watched(
        [sys.executable, "-c", "import syncview.cli.run, syncview.pipeline.run"]
    ).processor_s

    def clock(name: str, work: Callable[[], object]) -> object:
        start = time.process_time()
        result = work()
        took[name] = took.get(name, 0.0) + time.process_time() - start
        return result

    heard = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, path in enumerate(media):
            clock("probe and hash", lambda p=path: probe(p))
            out = Path(scratch) / f"{number}.npy"
            decoded = clock(
                "decode sound", lambda p=path, o=out: decode_audio(p, rate_hz=settings.audio.rate_hz, out=o)
            )
            clip = open_clip(decoded, str(number))  # type: ignore[arg-type]
            heard.append(clock("features", lambda c=clip: sound_features(c, settings=settings.sync)))
            clock("blasts", lambda c=clip: detect_blasts(c, settings=settings.detect))
            clock("replays", lambda f=heard[-1]: replays(f, settings=settings.sync))  # type: ignore[misc]
            takers = ShotFinder(settings.picture), FeatureTaker(str(number), settings.picture)
            frames = clock("decode picture", lambda p=path: list(_small_pictures(p, settings.picture)))
            clock("picture's features", lambda t=takers, f=frames: _look(t, f))
        for a, b in itertools.combinations(heard, 2):
            clock("pairs", lambda a=a, b=b: match_pair(a, b, settings=settings.sync))
    total_s = sum(took.values())
    parts = ", ".join(f"{name} {s:.2f} s ({s / total_s:.0%})" for name, s in sorted(took.items(), key=lambda t: -t[1]))
    share = sum(s for name, s in took.items() if name.startswith("decode")) / total_s
    whole = run_s >= 0.8 * total_s
    figure = f"{parts}; decoding {share:.0%}; parts {total_s:.1f} s, a run {run_s:.1f} s"
    figure += "" if whole else ": it leaves the picture out"
    what = "profile at 5 clips, processor time"
    return verdict("6", what, figure, "decoding dominates", passed=share > 0.5 and whole)


def _small_pictures(path: Path, picture: PictureSettings) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    from syncview.media.frames import small_frames

    return small_frames(path, width_px=picture.width_px, height_px=picture.height_px)


def _look(takers: tuple[ShotFinder, FeatureTaker], frames: list[tuple[float, NDArray[np.uint8]]]) -> None:
    for taker in takers:
        for time_s, picture in frames:
            taker.add(time_s, picture)
        taker.finish()


def peers(folder: Path, chosen: argparse.Namespace) -> bool:
    """Pairs as whole processes, in turn with syncstart and audalign."""
    venv: Path | None = chosen.peers_venv
    if venv is None or not (venv / "bin" / "syncstart").exists():
        message = f"no environment with the peers in {venv}; see the head of this file, or name one with --peers-venv"
        raise SystemExit(message)
    bin_ = str(venv.resolve() / "bin")
    passed = True
    for length_s, factor in ((40.0, 1.0), (240.0, 0.5)):
        media = _two(folder, length_s, SEED + int(length_s))
        files = [str(p) for p in media]
        commands = {
            "syncview": [*SYNCVIEW, "run", *files, "-o", str(folder / "case"), "--no-page", "--quiet"],
            "syncstart": [f"{bin_}/syncstart", "-s", "-q", "-t", "400", *files],
            "audalign": [f"{bin_}/python", "-c", _AUDALIGN, *files],
        }
        rows: list[dict[str, object]] = []
        for number in range(chosen.rounds + 1):
            shutil.rmtree(folder / "case", ignore_errors=True)
            took = {n: _watched(c, None if n == "syncview" else bin_) for n, c in commands.items()}
            if number:  # the first round compiles modules and warms the disk's cache
                walls = {f"{n} s": each.wall_s for n, each in took.items()}
                used = {f"{n} processor s": each.processor_s for n, each in took.items()}
                rows.append({"pair": f"{length_s:.0f} s", "round": number, **walls, **used})
        table(rows)
        names = ("syncview", "syncstart", "audalign")
        own_s, *others_s = (median(float(str(r[f"{n} s"])) for r in rows) for n in names)
        bar = f"<= {factor:g} x the faster peer"
        figure = f"{own_s:.2f} s against {others_s[0]:.2f} and {others_s[1]:.2f} s: {own_s / min(others_s):.2f} x"
        what = f"pair of {length_s:.0f} s, whole process"
        passed &= verdict("6", what, figure, bar, passed=own_s <= factor * min(others_s))
    return passed


def _two(folder: Path, length_s: float, seed: int) -> list[Path]:
    """Two phones' sound of one scene, 10 s apart."""
    rng = np.random.default_rng(seed)
    whole = _scene(rng, length_s + 11)
    media = []
    for name, begin_s in (("a", 0), ("b", 10)):
        wave = whole[begin_s * RATE_HZ :][: round(length_s * RATE_HZ)]
        media.append(folder / f"{name}{length_s:.0f}-{seed}.mp4")
        write_aac(media[-1], record(wave, random_phone(rng, length_s + 1, snr_db=10)))
    return media


def _features(path: Path) -> SoundFeatures:
    from syncview.media.audio import decode_audio, open_clip
    from syncview.settings import Settings
    from syncview.sync.features import sound_features

    settings = Settings()
    with tempfile.TemporaryDirectory() as scratch:
        decoded = decode_audio(path, rate_hz=settings.audio.rate_hz, out=Path(scratch) / "sound.npy")
        return sound_features(open_clip(decoded, path.name), settings=settings.sync)


def matching(folder: Path, chosen: argparse.Namespace) -> bool:
    """Two clips of a minute whose features are there, matching and not, on one core; and longer ones."""
    from syncview.settings import Settings
    from syncview.sync.hypotheses import match_pair

    del chosen
    sync = Settings().sync
    minutes = [[_features(p) for p in _two(folder, 60.0, SEED + 1000 + k)] for k in range(5)]
    everyone = [clip for pair in minutes for clip in pair]
    match_pair(everyone[0], everyone[1], settings=sync)  # what the first call alone costs is start-up
    took_s: dict[str, list[float]] = {"matching": [], "not matching": []}
    for i, j in itertools.combinations(range(len(everyone)), 2):
        start = time.process_time()
        match_pair(everyone[i], everyone[j], settings=sync)
        took_s["matching" if i // 2 == j // 2 else "not matching"].append(time.process_time() - start)
    for name, values in took_s.items():
        print(f"  {name}: {len(values)} pairs, mean {mean(values) * 1e3:.0f} ms, max {max(values) * 1e3:.0f} ms")
    worst_s = max(mean(values) for values in took_s.values())
    passed = verdict("6", "matching two 1-minute clips", f"mean {worst_s:.3f} s", "<= 0.1 s", passed=worst_s <= 0.1)
    lengths, times_s = (60, 120, 240, 480, 960), []
    for length_s in lengths:
        pair = [_features(p) for p in _two(folder, float(length_s), SEED + 2000 + length_s)]
        start = time.process_time()
        for _ in range(2):
            match_pair(pair[0], pair[1], settings=sync)
        times_s.append((time.process_time() - start) / 2)
    power = float(np.polyfit(np.log(lengths), np.log(times_s), 1)[0])
    figure = ", ".join(f"{n // 60} min {t:.3f} s" for n, t in zip(lengths, times_s, strict=True))
    return passed & verdict(
        "6", "growth of a pair", f"{figure}: length^{power:.2f}", "<= length^1.3", passed=power <= 1.3
    )


def folder_of_50(folder: Path, chosen: argparse.Namespace) -> bool:
    """50 clips of 2 min, sound only: time, and the memory of the largest process."""
    rng = np.random.default_rng(SEED + 50)
    media = []
    scenes = [_scene(rng, 300) for _ in range(3)]
    for number in range(chosen.clips):
        begin = int(rng.uniform(0, 180) * RATE_HZ)
        part = scenes[number % 3][begin : begin + 120 * RATE_HZ]
        media.append(folder / f"many{number:02d}.m4a")
        write_aac(media[-1], record(part, random_phone(rng, 121, snr_db=10)))
    command = [*SYNCVIEW, "run", *map(str, media), "-o", str(folder / "case50"), "--no-page", "--quiet"]
    run = _watched(command)
    taken_s, peak_mib = run.wall_s, run.peak_mib
    groups = json.loads((folder / "case50" / "timeline.json").read_text(encoding="utf-8"))["groups"]
    sizes = sorted((len(g["clocks"]) for g in groups), reverse=True)
    figure = f"{taken_s:.0f} s, largest process {peak_mib:.0f} MiB, groups of {sizes[:5]} (three scenes)"
    passed = peak_mib < _MOST_MIB and taken_s < 600
    return verdict("6", f"{chosen.clips} clips x 2 min", figure, "< 1 GiB, < 600 s", passed=passed)


PARTS = {"matching": matching, "clips": clips, "folder": folder_of_50, "peers": peers}


def main(arguments: Sequence[str] = ()) -> bool:
    """Time what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=3)
    named = os.environ.get("SYNCVIEW_PEERS")
    parser.add_argument("--peers-venv", type=Path, default=Path(named) if named else None)
    parser.add_argument("--clips", type=int, default=50, help="clips of the large folder (default 50)")
    chosen = parser.parse_args(list(arguments))
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    need_data()
    passed = True
    for name in chosen.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="speed-") as folder:
            passed &= PARTS[name](Path(folder), chosen)
    return passed


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
