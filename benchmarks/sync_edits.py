"""Row 2, second half: carried sound, replays, copies and edits, through the whole program.

Sound alone (real sounds, ten seeds each): one song laid over two unrelated clips; one radio voice in two places.
With picture (simulated cameras, three seeds each): a news edit that shows one blast three times, once slowed; one clip
in two overlapping parts, one of them through a messenger; a mirrored copy under music; sound moved 1.5 s against its
picture, beside the original and beside another camera that saw the flash; an L-cut; a pause; inserted material; speeds
of 25/24 and 0.25.

    python -m benchmarks edits -- replay l-cut --seeds 1 --keep FOLDER
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import signal

from benchmarks.edits import LATER_S, MESSENGER, TAKE_S, Shot, Take, staged, takes_of, travel_s, write_edit
from benchmarks.reading import Reading
from benchmarks.real_sounds import KINDS, RATE_HZ, Bank, band_rms, random_phone, record, scene, song, write_aac
from benchmarks.running import need_data, run_case, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["CASES", "main"]

SOUND_SEEDS = range(510_001, 510_011)
PICTURE_SEEDS = range(520_001, 520_004)
_SLACK_S = 0.05
_FRAME_S = 1 / 30
_LATE_S = 1.5
_PAUSE_S = 4.0
_INSERT_S = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row: `make` writes the files of a seed and gives the check that belongs to them."""

    name: str
    what: str
    make: Callable[[int, Path], Callable[[Reading], list[str]]]
    seeds: range
    bar: str


def _song(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
    """Two unrelated clips, and a stretch of one song laid over both by an editor."""
    rng = np.random.default_rng([4, seed])
    bank, kinds = Bank(rng), rng.choice(list(KINDS), 2)
    music = song(30, begin_s=rng.uniform(0, 10))
    for name, kind in zip("ab", kinds, strict=True):
        wave = record(scene(bank, rng, 30, str(kind)), random_phone(rng, 31, snr_db=15))
        begin = round(rng.uniform(0, 10) * RATE_HZ)
        part = music[: len(wave) - begin] * band_rms(wave) * 10 ** (rng.uniform(-3, 6) / 20)
        wave[begin:] += part
        write_aac(folder / f"{name}.mp4", wave * 0.8 / np.abs(wave).max(), bit_rate=96_000)
    return _carried


def _radio(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
    """One voice from a loudspeaker in two places, each with its own room and its own life."""
    rng = np.random.default_rng([5, seed])
    bank = Bank(rng)
    voice = np.concatenate([bank.piece("speech") for _ in range(6)])
    voice = signal.sosfilt(signal.butter(3, [400, 2800], "band", fs=RATE_HZ, output="sos"), voice)
    for name in "ab":
        wave = scene(bank, rng, 35, str(rng.choice(["street", "yard", "war"])))
        begin = round(rng.uniform(2, 12) * RATE_HZ)
        part = voice[: len(wave) - begin]
        wave[begin : begin + len(part)] += part * 10 ** (rng.uniform(-2, 5) / 20) / band_rms(voice)
        write_aac(folder / f"{name}.mp4", record(wave, random_phone(rng, 36, snr_db=15)), bit_rate=64_000)
    return _carried


def _carried(reading: Reading) -> list[str]:
    faults = ["PUT TOGETHER"] if reading.together("a.mp4", "b.mp4") else []
    return faults + ([] if reading.findings("carried_sound", "a.mp4", "b.mp4") else ["no finding carried_sound"])


def _replay(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
    """A news edit: the take until after its blast, the blast again, the blast again at half speed."""
    first, other = takes_of(staged(seed))
    again = {"take": first, "begin_s": 22.0, "end_s": 28.0}
    write_edit(
        folder / "edit.mp4",
        [Shot(take=first, begin_s=4, end_s=32), Shot(**again), Shot(**again, speed=0.5)],  # type: ignore[arg-type]
    )
    write_edit(folder / "other.mp4", [Shot(take=other, begin_s=0, end_s=TAKE_S)])

    def check(reading: Reading) -> list[str]:
        faults = []
        count = reading.timeline["analysis"]["strike_count"]
        if count["at_least"] != 1 or len(reading.strikes()) != 1:
            faults.append(f"{len(reading.strikes())} strikes, at least {count['at_least']}")
        if len(reading.labelled("replay")) < 2:
            faults.append(f"{len(reading.labelled('replay'))} candidates with the label replay")
        return faults + ([] if reading.findings("replay", "edit.mp4") else ["no finding replay"])

    return check


def _parts(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
    """One clip cut in two parts that share 10 s, the second through a messenger."""
    (take,) = takes_of(staged(seed, cameras=1))
    write_edit(folder / "one.mp4", [Shot(take=take, begin_s=0, end_s=30)])
    write_edit(folder / "two.mp4", [Shot(take=take, begin_s=20, end_s=TAKE_S)], look=MESSENGER)

    def check(reading: Reading) -> list[str]:
        faults = _copy_faults(reading, ("one.mp4", 25.0), ("two.mp4", 5.0))
        count = reading.timeline["analysis"]["strike_count"]
        if count["at_least"] > 1 or count["single_camera"] != count["at_least"]:
            faults.append(f"two witnesses: {count}")
        return faults

    return check


def _mirrored(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
    """A copy that is mirrored, shorter, and lies under a song."""
    (take,) = takes_of(staged(seed, cameras=1))
    write_edit(folder / "one.mp4", [Shot(take=take, begin_s=0, end_s=40)])
    music = song(32, begin_s=float(np.random.default_rng(seed).uniform(0, 10))) * band_rms(take.wave) * 1.4
    write_edit(folder / "copy.mp4", [Shot(take=take, begin_s=5, end_s=37, mirrored=True)], look=MESSENGER, music=music)
    return lambda reading: _copy_faults(reading, ("one.mp4", 20.0), ("copy.mp4", 15.0))


def _copy_faults(reading: Reading, a: tuple[str, float], b: tuple[str, float]) -> list[str]:
    """What is wrong with two copies: they are one witness, and one moment of them is one to a frame."""
    faults = [] if reading.same_recording(a[0], b[0]) else ["not called one recording"]
    error_s = reading.error_s(*a, *b)
    if error_s is None:
        return [*faults, "not on one clock"]
    return faults + ([f"{error_s * 1e3:+.1f} ms apart"] if abs(error_s) > _FRAME_S else [])


def _moved_copy(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
    """A copy whose sound lies 1.5 s later than its picture, beside the original."""
    (take,) = takes_of(staged(seed, cameras=1))
    write_edit(folder / "one.mp4", [Shot(take=take, begin_s=0, end_s=40)])
    write_edit(folder / "moved.mp4", [Shot(take=take, begin_s=0, end_s=40, sound_late_s=_LATE_S)], look=MESSENGER)

    def check(reading: Reading) -> list[str]:
        faults = _sound_faults(reading, ("one.mp4", 20.0), ("moved.mp4", 20.0 + _LATE_S), _FRAME_S)
        return faults + _picture_stands(reading, ("one.mp4", 20.0), ("moved.mp4", 20.0))

    return check


def _moved_flash(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
    """Two cameras saw the flash; the sound of the one was moved by 1.5 s, later or earlier."""
    incident = staged(seed)
    first, other = takes_of(incident)
    late_s = _LATE_S if seed % 2 else -_LATE_S
    write_edit(folder / "moved.mp4", [Shot(take=first, begin_s=2, end_s=48, sound_late_s=late_s)])
    write_edit(folder / "other.mp4", [Shot(take=other, begin_s=0, end_s=TAKE_S)])

    def check(reading: Reading) -> list[str]:
        slack_s = travel_s(incident) + _SLACK_S
        at_s = 18.0 + late_s  # of the first take's second 20
        faults = _sound_faults(reading, ("moved.mp4", at_s), ("other.mp4", 20.0 - LATER_S), slack_s)
        return faults + _picture_stands(reading, ("moved.mp4", 20.0), ("other.mp4", 20.0))

    return check


def _sound_faults(reading: Reading, a: tuple[str, float], b: tuple[str, float], slack_s: float) -> list[str]:
    error_s = reading.error_s(*a, *b)
    if error_s is None:
        return [f"no clock for the sound at {a[1]:.1f} s of {a[0]}"]
    return [f"sound at {a[1]:.1f} s of {a[0]} is off by {error_s:+.3f} s"] if abs(error_s) > slack_s else []


def _withdrawn(reading: Reading, name: str, at_s: float) -> bool:
    """Whether nothing is said of the picture at a moment."""
    return not any(
        s["start_s"] <= at_s <= s["end_s"] and s["picture_check"] != "contradicted"
        for s in reading.segments(name, "video")
    )


def _picture_stands(reading: Reading, *moments: tuple[str, float]) -> list[str]:
    """A fault where no picture of several, one of which must be wrong, was withdrawn."""
    return [] if any(_withdrawn(reading, *moment) for moment in moments) else ["no picture clock was withdrawn"]


def _l_cut(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
    """The picture goes to another place from 20 to 32 s, or to the end; the sound runs on."""
    incident = staged(seed)
    first, other = takes_of(incident)
    away = Take(staged(seed + 5000, cameras=1, blast=False), 0)
    back_s = 32.0 if seed % 2 else TAKE_S
    shots = [Shot(take=first, begin_s=0, end_s=20), Shot(take=first, begin_s=20, end_s=back_s, picture=away)]
    if back_s < TAKE_S:
        shots.append(Shot(take=first, begin_s=back_s, end_s=TAKE_S))
    write_edit(folder / "edit.mp4", shots)
    write_edit(folder / "other.mp4", [Shot(take=other, begin_s=0, end_s=TAKE_S)])

    def check(reading: Reading) -> list[str]:
        slack_s = travel_s(incident) + _SLACK_S
        faults = [
            fault
            for at_s in (10.0, 26.0, 40.0)
            for fault in _sound_faults(reading, ("edit.mp4", at_s), ("other.mp4", at_s - LATER_S), slack_s)
        ]
        if not _withdrawn(reading, "edit.mp4", 26.0):
            faults.append("the picture of another place has a clock")
        return faults + (["the picture before the cut has none"] if _withdrawn(reading, "edit.mp4", 10.0) else [])

    return check


def _pause(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
    """The camera was off for 4 s."""
    incident = staged(seed)
    first, other = takes_of(incident)
    write_edit(
        folder / "edit.mp4",
        [Shot(take=first, begin_s=0, end_s=22), Shot(take=first, begin_s=22 + _PAUSE_S, end_s=TAKE_S)],
    )
    write_edit(folder / "other.mp4", [Shot(take=other, begin_s=0, end_s=TAKE_S)])

    def check(reading: Reading) -> list[str]:
        slack_s = travel_s(incident) + _SLACK_S
        faults = _sound_faults(reading, ("edit.mp4", 14.0), ("other.mp4", 14.0 - LATER_S), slack_s)
        faults += _sound_faults(reading, ("edit.mp4", 34.0), ("other.mp4", 34.0 + _PAUSE_S - LATER_S), slack_s)
        # A jump is the difference of two lags, each of which sound's way may move.
        return faults + _jump_faults(reading, _PAUSE_S, slack_s + travel_s(incident))

    return check


def _jump_faults(reading: Reading, jump_s: float, slack_s: float) -> list[str]:
    found = reading.findings("cut", "edit.mp4")
    values_s = [f["value"] * (1e-3 if f["unit"] == "ms" else 1) for f in found if f["value"] is not None]
    if any(abs(abs(value) - jump_s) <= slack_s for value in values_s):
        return []
    return [f"no finding of a cut of {jump_s:.0f} s (values {values_s})"]


def _inserted(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
    """Six seconds of another place stand in the middle."""
    incident = staged(seed)
    first, other = takes_of(incident)
    foreign = Take(staged(seed + 5000, cameras=1, blast=False), 0)
    insert = Shot(take=foreign, begin_s=10, end_s=10 + _INSERT_S)
    write_edit(
        folder / "edit.mp4",
        [Shot(take=first, begin_s=0, end_s=22), insert, Shot(take=first, begin_s=22, end_s=TAKE_S)],
    )
    write_edit(folder / "other.mp4", [Shot(take=other, begin_s=0, end_s=TAKE_S)])

    def check(reading: Reading) -> list[str]:
        slack_s = travel_s(incident) + _SLACK_S
        faults = _sound_faults(reading, ("edit.mp4", 14.0), ("other.mp4", 14.0 - LATER_S), slack_s)
        faults += _sound_faults(reading, ("edit.mp4", 34.0 + _INSERT_S), ("other.mp4", 34.0 - LATER_S), slack_s)
        named = [kind for kind in ("cut", "inserted") if reading.findings(kind, "edit.mp4")]
        return faults + ([] if named else ["no finding cut or inserted"])

    return check


def _speed(speed: float, length_s: float) -> Callable[[int, Path], Callable[[Reading], list[str]]]:
    """The edit runs at another speed, its sound with it."""

    def make(seed: int, folder: Path) -> Callable[[Reading], list[str]]:
        incident = staged(seed)
        first, other = takes_of(incident)
        begin_s = 8.0
        write_edit(folder / "edit.mp4", [Shot(take=first, begin_s=begin_s, end_s=begin_s + length_s, speed=speed)])
        write_edit(folder / "other.mp4", [Shot(take=other, begin_s=0, end_s=TAKE_S)])

        def check(reading: Reading) -> list[str]:
            slack_s = travel_s(incident) + 0.1
            faults = []
            for since_s in (0.2 * length_s, 0.8 * length_s):
                there = ("other.mp4", begin_s + since_s - LATER_S)
                faults += _sound_faults(reading, ("edit.mp4", since_s / speed), there, slack_s)
            values = [f["value"] for f in reading.findings("speed", "edit.mp4")]
            wanted = {speed, 1 / speed, 100 * speed, 1e6 * (speed - 1), 1e6 * (1 / speed - 1)}
            said = any(v is not None and abs(v - w) <= 0.005 * abs(w) for v in values for w in wanted)
            return faults + ([] if said else [f"no finding of the speed {speed:.4g} (values {values})"])

        return check

    return make


CASES = (
    Case(name="song", what="one song over two clips", make=_song, seeds=SOUND_SEEDS, bar="never together, said"),
    Case(name="radio", what="one radio voice, two places", make=_radio, seeds=SOUND_SEEDS, bar="never together, said"),
    Case(name="replay", what="one blast shown three times", make=_replay, seeds=PICTURE_SEEDS, bar="one explosion"),
    Case(name="parts", what="one clip in two parts", make=_parts, seeds=PICTURE_SEEDS, bar="a frame, one witness"),
    Case(name="mirrored", what="mirrored under music", make=_mirrored, seeds=PICTURE_SEEDS, bar="a frame, one witness"),
    Case(name="moved-copy", what="sound 1.5 s late, original there", make=_moved_copy, seeds=PICTURE_SEEDS,
         bar="picture clock withdrawn"),
    Case(name="moved-flash", what="sound 1.5 s off, flash seen by two", make=_moved_flash, seeds=PICTURE_SEEDS,
         bar="picture clock withdrawn"),
    Case(name="l-cut", what="L-cut", make=_l_cut, seeds=PICTURE_SEEDS, bar="sound clock kept, picture's withdrawn"),
    Case(name="pause", what="pause of 4 s", make=_pause, seeds=PICTURE_SEEDS, bar="both offsets, finding cut"),
    Case(name="inserted", what="6 s of another place inserted", make=_inserted, seeds=PICTURE_SEEDS,
         bar="both offsets, finding"),
    Case(name="speed-25-24", what="speed 25/24", make=_speed(25 / 24, 40), seeds=PICTURE_SEEDS, bar="right, finding"),
    Case(name="speed-0.25", what="speed 0.25", make=_speed(0.25, 15), seeds=PICTURE_SEEDS, bar="right, finding"),
)  # fmt: skip


def main(arguments: Sequence[str] = ()) -> bool:
    """Print one row for every case; True when no seed has a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(case.name for case in CASES)} (default: all)")
    parser.add_argument("--seeds", type=int, help="seeds of each (default 10 without picture, 3 with)")
    parser.add_argument("--keep", type=Path, help="folder in which files and cases stay")
    chosen = parser.parse_args(list(arguments))
    if unknown := set(chosen.names) - {case.name for case in CASES}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    need_data()
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="edits-"))
    try:
        wanted = [case for case in CASES if not chosen.names or case.name in chosen.names]
        return all([_row(case, folder, chosen.seeds) for case in wanted])  # noqa: C419 - every row is printed
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _row(case: Case, folder: Path, count: int | None) -> bool:
    seeds = case.seeds if count is None else range(case.seeds.start, case.seeds.start + count)
    good = together = said = 0
    for seed in seeds:
        home = folder / f"{case.name}-{seed}"
        shutil.rmtree(home, ignore_errors=True)
        (home / "files").mkdir(parents=True)
        check = case.make(seed, home / "files")
        reading = Reading(run_case(sorted((home / "files").iterdir()), home / "case")[0])
        faults = check(reading)
        good += not faults
        together += "PUT TOGETHER" in faults
        said += bool(reading.findings("carried_sound"))
        if faults:
            print(f"  {case.name} seed {seed}: {'; '.join(faults)}\n    {reading.words()}", flush=True)
    figure = f"{good} of {len(seeds)} without fault"
    if case.make in (_song, _radio):
        figure += f", {together} put together, {said} called carried"
    return verdict(f"2 {case.name}", case.what, figure, case.bar, passed=good == len(seeds))


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
