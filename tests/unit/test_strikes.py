"""Joining of detections into strikes, on arrivals computed from places, distances and clocks."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from syncview.errors import InputError
from syncview.model import AudioStream, Clock, ClockSegment, Detection, Duplicate, Event, Group, Interval, Recording
from syncview.reconstruct.expected import expected_arrivals
from syncview.reconstruct.geometry import Geometry
from syncview.reconstruct.strikes import join_strikes, with_time_basis
from syncview.settings import Settings

C_MPS = 343.0
GEOMETRY = Geometry(positions={}, max_camera_distance_m=500.0, sound_speed_mps=C_MPS)
SETTINGS = Settings()
Point = tuple[float, float]
AROUND: dict[str, Point] = {"a": (0.0, 0.0), "b": (120.0, 30.0), "c": (-60.0, 90.0), "d": (20.0, -110.0)}


def found(
    name: str,
    time_s: float,
    score: float = 0.97,
    *,
    echo_of_s: float | None = None,
    weaker_db: float = 3.0,
    local_share: float | None = None,
    uncertainty_s: float = 0.004,
) -> Detection:
    measures = {"local_share": (1 - score) / 2 if local_share is None else local_share, "separable_after_s": 0.25}
    if echo_of_s is not None:
        measures["weaker_than_first_db"] = weaker_db
    return Detection(
        recording_id=name,
        kind="blast",
        time_s=time_s,
        uncertainty_s=uncertainty_s,
        score=score,
        label="explosion",
        measures=tuple(measures.items()),
        reasons=("made up",),
        possible_echo_of_s=echo_of_s,
    )


def clock(name: str, offset_s: float = 0.0, *, uncertainty_s: float = 1.5, length_s: float = 60.0) -> Clock:
    segment = ClockSegment(
        start_s=0.0,
        end_s=length_s,
        offset_s=offset_s,
        drift_ppm=0.0,
        drift_uncertainty_ppm=0.0,
        applies_to="both",
        picture_check="unverified",
    )
    return Clock(
        recording_id=name,
        segments=(segment,),
        uncertainty_s=uncertainty_s,
        sound_uncertainty_s=0.02,
        basis=("sound",),
        assumptions=(),
    )


def group(offsets_s: dict[str, float], reference: str = "a", **of_clock: float) -> Group:
    clocks = tuple(
        clock(name, offset_s, **({"uncertainty_s": 0.0} if name == reference else {}) | of_clock)
        for name, offset_s in sorted(offsets_s.items())
    )
    return Group(id="g1", reference_id=reference, clocks=clocks)


def travel_s(place: Point, camera: Point) -> float:
    return math.dist(place, camera) / C_MPS


def heard_by_all(time_s: float, place: Point, starts_s: dict[str, float], **of: float) -> list[Detection]:
    """Detections of one explosion at all cameras, in their own recording times."""
    return [found(n, time_s + travel_s(place, AROUND[n]) - start_s, **of) for n, start_s in starts_s.items()]


def by_sound(starts_s: dict[str, float], place: Point, reference: str = "a") -> dict[str, float]:
    """Offsets that line up a sound of one place: what synchronization by sound gives."""

    def heard_s(name: str) -> float:
        return starts_s[name] - travel_s(place, AROUND[name])

    return {name: heard_s(name) - heard_s(reference) for name in starts_s}


def join(detections: list[Detection], *groups: Group, **more: object) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    return join_strikes(detections, groups, geometry=GEOMETRY, settings=SETTINGS, **more)  # type: ignore[arg-type]


def members(event: Event) -> set[tuple[str, float]]:
    return {(seen.recording_id, seen.sound_s) for seen in event.observations if seen.sound_s is not None}


STARTS = {"a": 0.0, "b": 2.5, "c": -4.0, "d": 1.25}


def test_one_explosion_heard_by_four_cameras_is_one_strike():
    clocks = group(by_sound(STARTS, (10.0, 10.0)))
    strikes, candidates = join(heard_by_all(20.0, (300.0, 150.0), STARTS), clocks)
    assert candidates == ()
    (strike,) = strikes
    assert strike.kind == "strike"
    assert [seen.recording_id for seen in strike.observations] == ["a", "b", "c", "d"]
    assert strike.confidence > 0.95
    assert strike.min_separable_s == pytest.approx(0.25)
    assert "simulated" in strike.calibration


@pytest.mark.parametrize("apart_s", [0.3, 0.8])
def test_two_explosions_near_each_other_are_two(apart_s: float):
    clean = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        place = (rng.uniform(-350, 350), rng.uniform(-350, 350))
        clocks = group(by_sound(STARTS, (rng.uniform(-50, 50), rng.uniform(-50, 50))))
        sounds = []
        for time_s in (15.0, 20.0, 20.0 + apart_s, 31.0):
            near = (place[0] + rng.uniform(-20, 20), place[1] + rng.uniform(-20, 20))
            sounds.append(heard_by_all(time_s + rng.uniform(0, 0.02), near, STARTS))
        strikes, candidates = join(list(itertools.chain(*sounds)), clocks)
        assert candidates == ()
        clean += [members(s) for s in strikes] == [{(d.recording_id, d.time_s) for d in sound} for sound in sounds]
    assert clean >= 24


def test_an_echo_that_fits_the_pattern_does_not_split_a_strike_from_another_side():
    clocks = group(by_sound(STARTS, (0.0, 0.0)))
    usual = [heard_by_all(t, (300.0, 40.0), STARTS) for t in (12.0, 25.0, 33.0)]
    from_behind = heard_by_all(45.0, (-250.0, -60.0), STARTS)
    usual_delay_s = travel_s((300.0, 40.0), AROUND["d"]) - travel_s((300.0, 40.0), AROUND["c"])
    heard_c, heard_d = (next(d for d in from_behind if d.recording_id == n) for n in "cd")
    fits_s = heard_c.time_s + STARTS["c"] + usual_delay_s - STARTS["d"]  # where d would have heard the usual place
    assert abs(fits_s - heard_d.time_s) > 0.2
    echo = found("d", fits_s, 0.1, echo_of_s=heard_d.time_s)
    strikes, candidates = join([*itertools.chain(*usual), *from_behind, echo], clocks)
    assert len(strikes) == 4
    assert members(strikes[-1]) == {(d.recording_id, d.time_s) for d in from_behind}
    assert [members(c) for c in candidates] == [{("d", fits_s)}]


def test_a_camera_that_missed_some_strikes_gets_its_own_right():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        place = (rng.uniform(-300, 300), rng.uniform(-300, 300))
        clocks = group(by_sound(STARTS, (0.0, 40.0)))
        sounds = [heard_by_all(t, place, STARTS) for t in (12.0, 12.8, 13.9, 22.0)]
        sounds[1] = [d for d in sounds[1] if d.recording_id != "b"]
        sounds[2] = [d for d in sounds[2] if d.recording_id not in ("c",)]
        strikes, _ = join(list(itertools.chain(*sounds)), clocks)
        assert [members(s) for s in strikes] == [{(d.recording_id, d.time_s) for d in sound} for sound in sounds]


def test_a_second_strike_that_every_camera_takes_for_an_echo_is_a_strike():
    clocks = group(by_sound(STARTS, (0.0, 0.0)))
    first = heard_by_all(20.0, (200.0, 100.0), STARTS)
    second = [found(d.recording_id, d.time_s + 0.8, echo_of_s=d.time_s, weaker_db=4.0) for d in first]
    strikes, candidates = join(first + second, clocks)
    assert [len(s.observations) for s in strikes] == [4, 4]
    assert candidates == ()
    said = strikes[1].observations[0].reasons
    assert any("4 of 4 cameras heard it 0.80 s after the same sound" in reason for reason in said)
    assert "hardly an echo" in said
    assert strikes[1].time_s - strikes[0].time_s == pytest.approx(0.8)


def test_an_echo_from_a_wall_is_no_strike():
    clocks = group(by_sound(STARTS, (0.0, 0.0)))
    place, wall = (200.0, 100.0), (-150.0, -80.0)
    first = heard_by_all(20.0, place, STARTS)
    echo = [
        found(
            d.recording_id,
            20.0 + (math.dist(place, wall) + math.dist(wall, AROUND[d.recording_id])) / C_MPS - STARTS[d.recording_id],
            0.6,
            echo_of_s=d.time_s,
            weaker_db=10.0,
        )
        for d in first
    ]
    strikes, candidates = join(first + echo, clocks)
    assert [members(s) for s in strikes] == [{(d.recording_id, d.time_s) for d in first}]
    assert {c.label for c in candidates} == {"possible echo"}
    assert sum(len(c.observations) for c in candidates) == 4


def test_a_weaker_second_sound_on_one_camera_stays_a_possible_echo():
    strikes, candidates = join([found("a", 10.0), found("a", 10.6, echo_of_s=10.0)], group({"a": 0.0}))
    assert len(strikes) == 1
    assert [c.label for c in candidates] == ["possible echo"]
    assert candidates[0].kind != "strike"
    assert candidates[0].min_separable_s is None


def test_a_bump_that_three_others_do_not_hear_is_a_candidate():
    clocks = group(dict.fromkeys(AROUND, 0.0))
    strikes, candidates = join([found("b", 30.0, 0.7, local_share=0.25)], clocks)
    assert strikes == ()
    assert candidates[0].confidence < 0.5
    assert "heard by one camera only" in candidates[0].observations[0].reasons


def test_a_clear_explosion_of_one_camera_is_a_strike_of_lower_confidence():
    alone = join([found("a", 30.0, 0.99)], group({"a": 0.0}))[0]
    one_of_two = join([found("a", 30.0, 0.99)], group({"a": 0.0, "b": 0.0}))[0]
    both = join([found("a", 30.0, 0.99), found("b", 30.2, 0.99)], group({"a": 0.0, "b": 0.0}))[0]
    assert both[0].confidence > alone[0].confidence > one_of_two[0].confidence > 0.5


def test_cameras_that_could_not_hear_take_nothing_away():
    lone = [found("a", 30.0, 0.8)]
    clocks = group(dict.fromkeys(AROUND, 0.0))

    def with_sound(name: str, *deaf: Interval, audio: bool = True) -> Recording:
        return Recording(
            id=name,
            path=name,
            name_display=name,
            sha256=name,
            size_bytes=1,
            kind="video",
            duration_s=None,
            container=None,
            video=None,
            audio=AudioStream(codec="aac", rate_hz=48_000, channels=1, time_base=None, start_s=None, priming_samples=0)  # type: ignore[arg-type]
            if audio
            else None,
            intervals=deaf,
        )

    silent = [
        with_sound("b", audio=False),
        with_sound("c", Interval(start_s=29.0, end_s=33.0, kind="masked")),
        with_sound("d", Interval(start_s=0.0, end_s=60.0, kind="digital_silence")),
    ]
    listening = join(lone, clocks)[1][0].confidence
    deaf = join(lone, clocks, recordings=silent)[0][0].confidence
    alone = join(lone, group({"a": 0.0}))[0][0].confidence
    assert listening < deaf == pytest.approx(alone)


def test_copies_are_no_further_witnesses():
    clocks = group({"a": 0.0, "b": 0.0})
    twice = [found("a", 30.0, 0.8), found("b", 30.0, 0.8)]
    copy = Duplicate(recording_ids=("a", "b"), kind="same_recording", evidence="same sound")
    once = join([found("a", 30.0, 0.8)], group({"a": 0.0}))[0][0]
    (strike,) = join(twice, clocks, duplicates=(copy,))[0]
    assert len(strike.observations) == 2
    assert strike.confidence == pytest.approx(once.confidence)
    assert join(twice, clocks)[0][0].confidence > strike.confidence


def test_bumps_of_different_cameras_that_fall_together_are_no_strike():
    false = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        bumps = [
            found(name, float(t), 0.03 + 0.6 * float(rng.beta(1, 6)), local_share=0.55)  # as bumps score
            for name in AROUND
            for t in rng.uniform(2, 58, 4)
        ]
        false += len(join(bumps, group(dict.fromkeys(AROUND, 0.0)))[0])
    assert false == 0  # of 640 bumps in 40 minutes of four cameras


def test_every_detection_ends_in_one_event_whatever_the_order():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        names = [f"r{k}" for k in range(6)]
        detections = []
        for name in names:
            times_s = np.sort(rng.uniform(1, 30, 12))
            for k, time_s in enumerate(times_s):
                echo_of_s = float(times_s[k - 1]) if k and time_s - times_s[k - 1] < 1.5 else None
                detections.append(found(name, float(time_s), float(rng.uniform(0.03, 1)), echo_of_s=echo_of_s))
        clocks = group(dict.fromkeys(names, 0.0), reference="r0")
        events, candidates = join(detections, clocks)
        held = sorted(itertools.chain.from_iterable(members(e) for e in events + candidates))
        assert held == sorted((d.recording_id, d.time_s) for d in detections)
        for event in events + candidates:
            assert len({seen.recording_id for seen in event.observations}) == len(event.observations)
        shuffled = [detections[k] for k in rng.permutation(len(detections))]
        assert join(shuffled, clocks) == (events, candidates)


def test_arrivals_too_far_apart_for_sound_are_not_joined():
    near = Geometry(positions={}, max_camera_distance_m=100.0, sound_speed_mps=C_MPS)
    clocks = group({"a": 0.0, "b": 0.0}, uncertainty_s=0.01)
    pair = [found("a", 30.0), found("b", 30.5)]
    strikes, candidates = join_strikes(pair, (clocks,), geometry=near, settings=SETTINGS)
    assert all(len(e.observations) == 1 for e in strikes + candidates)
    assert len(join(pair, clocks)[0][0].observations) == 2


def test_the_time_names_the_camera_that_knows_it_best():
    clocks = group({"a": 0.0, "b": 3.0})
    strike = join([found("a", 30.0, uncertainty_s=0.01), found("b", 27.2)], clocks)[0][0]
    assert strike.time_basis == "arrival_at:a"  # the reference's clock is exact
    assert strike.time_s == pytest.approx(30.0)
    assert strike.uncertainty_s == pytest.approx(0.01)
    moved = with_time_basis(strike, "b", (clocks,))
    assert moved.time_basis == "arrival_at:b"
    assert moved.time_s == pytest.approx(30.2)
    assert moved.uncertainty_s == pytest.approx(math.hypot(0.004, 1.5), abs=1e-5)
    assert moved.observations == strike.observations
    with pytest.raises(InputError, match="did not hear"):
        with_time_basis(strike, "c", (clocks,))


def test_drift_and_cuts_put_each_moment_on_its_own_segment():
    first, second = clock("a", 0.0, length_s=20.0).segments[0], clock("a", 100.0).segments[0]
    cut = Clock(
        recording_id="a",
        segments=(first, ClockSegment(**{f: getattr(second, f) for f in second.__slots__} | {"start_s": 20.0})),
        uncertainty_s=0.0,
        sound_uncertainty_s=0.0,
        basis=(),
        assumptions=(),
    )
    strikes, _ = join([found("a", 10.0), found("a", 30.0)], Group(id="g1", reference_id="a", clocks=(cut,)))
    assert [s.time_s for s in strikes] == pytest.approx([10.0, 130.0])


def test_a_sound_in_a_gap_is_on_no_clock_and_counts_for_nobody():
    whole = group({"a": 0.0, "b": 0.0})
    first = whole.clocks[0].segments[0]
    halves = (replace(first, end_s=20.0), replace(first, start_s=25.0, offset_s=5.0))
    cut = replace(whole, clocks=(replace(whole.clocks[0], segments=halves), whole.clocks[1]))
    strikes, candidates = join([found("a", 22.0), found("b", 22.1), found("a", 30.0), found("b", 35.05)], cut)
    heard = [members(event) for event in (*strikes, *candidates)]
    assert {("a", 30.0), ("b", 35.05)} in heard
    assert {("b", 22.1)} in heard
    assert len(heard) == 2
    strike = next(event for event in strikes if len(event.observations) == 2)
    lost = replace(strike, observations=(replace(strike.observations[0], sound_s=22.0),))
    with pytest.raises(InputError, match="did not hear"):
        with_time_basis(lost, "a", (cut,))


def test_a_camera_is_not_blamed_for_what_was_cut_out_of_its_file():
    whole = group({"a": 0.0, "b": 0.0, "c": 0.0})
    part = replace(whole.clocks[2].segments[0], end_s=20.0)
    later = replace(part, start_s=20.0, end_s=40.0, offset_s=10.0)
    cut = replace(whole, clocks=(*whole.clocks[:2], replace(whole.clocks[2], segments=(part, later))))
    sounds = [found("a", 25.0, 0.6), found("b", 25.1, 0.6)]
    missed, excused = (join(sounds, clocks)[0][0].confidence for clocks in (whole, cut))
    assert excused > missed


def test_slowed_footage_is_timed_with_the_error_of_its_pace():
    slow = replace(clock("a").segments[0], drift_ppm=-750_000.0, offset_s=100.0)
    clocks = Group(id="g1", reference_id="a", clocks=(replace(clock("a"), segments=(slow,), uncertainty_s=0.0),))
    (strike,) = join([found("a", 40.0, uncertainty_s=0.02)], clocks)[0]
    assert strike.time_s == pytest.approx(110.0)
    assert strike.uncertainty_s == pytest.approx(0.005)


def test_groups_do_not_mix():
    one = group({"a": 0.0})
    other = Group(id="g2", reference_id="b", clocks=(clock("b"),))
    strikes, _ = join([found("a", 30.0), found("b", 30.0)], other, one)
    assert [(s.group_id, len(s.observations)) for s in strikes] == [("g1", 1), ("g2", 1)]


def test_nothing_gives_nothing_and_a_stranger_is_refused():
    assert join([], group({"a": 0.0})) == ((), ())
    with pytest.raises(InputError, match="no group"):
        join([found("z", 1.0)], group({"a": 0.0}))


def again(name: str, time_s: float, score: float = 0.15, *, chance: float = 0.02) -> Detection:
    """What a second look finds."""
    plain = found(name, time_s, score)
    return replace(plain, measures=(*plain.measures, ("chance_share", chance), ("searched_s", 0.2)))


def expect(detections: list[Detection], *groups: Group) -> dict[str, list[tuple[float, float]]]:
    expected: dict[str, list[tuple[float, float]]] = {}
    for each in expected_arrivals(detections, groups, geometry=GEOMETRY, settings=SETTINGS):
        expected.setdefault(each.recording_id, []).append((each.time_s, each.half_s))
    return expected


def test_where_others_heard_a_strike_it_is_expected_within_the_pattern():
    clocks = group(by_sound(STARTS, (0.0, 0.0)))
    place = (300.0, 40.0)
    usual = list(itertools.chain(*(heard_by_all(t, place, STARTS) for t in (12.0, 25.0, 33.0))))
    last = heard_by_all(45.0, (310.0, 35.0), STARTS)
    missed = next(d for d in last if d.recording_id == "d")
    expected = expect([*usual, *(d for d in last if d is not missed)], clocks)
    assert list(expected) == ["d"]
    ((at_s, half_s),) = expected["d"]
    assert half_s < 0.1
    assert at_s == pytest.approx(missed.time_s, abs=half_s)


def test_without_other_strikes_it_is_expected_within_what_clocks_and_travel_leave():
    expected = expect([found("a", 30.0), found("b", 27.6)], group(STARTS))
    assert sorted(expected) == ["c", "d"]
    assert expected["c"][0][1] == pytest.approx(0.8)
    assert expected["c"][0][0] == pytest.approx(34.05, abs=0.1)  # 30.0 of a and 30.1 of b on group time
    near = Geometry(positions={}, max_camera_distance_m=34.3, sound_speed_mps=C_MPS)
    sure = group(STARTS, uncertainty_s=0.0)
    one = expected_arrivals([found("a", 30.0)], (sure,), geometry=near, settings=SETTINGS)
    assert [each.half_s for each in one] == pytest.approx([0.104] * 3)


def test_a_weak_sound_is_expected_nowhere_and_copies_are_not_asked():
    assert expect([found("a", 30.0, 0.3)], group(STARTS)) == {}
    copy = Duplicate(recording_ids=("a", "b"), kind="same_recording", evidence="same sound")
    one = expected_arrivals(
        [found("a", 30.0)], (group(STARTS),), geometry=GEOMETRY, settings=SETTINGS, duplicates=(copy,)
    )
    assert {each.recording_id for each in one} == {"c", "d"}


def test_what_a_second_look_finds_joins_its_strike_and_is_nothing_by_itself():
    clocks = group(by_sound(STARTS, (0.0, 0.0)))
    usual = [heard_by_all(t, (300.0, 40.0), STARTS) for t in (12.0, 25.0)]
    last = heard_by_all(45.0, (300.0, 40.0), STARTS, score=0.9)
    lone = next(d for d in last if d.recording_id == "a")
    more = [again(d.recording_id, d.time_s) for d in last if d is not lone]
    alone = join([*itertools.chain(*usual), lone], clocks)[1][-1]
    strikes, candidates = join([*itertools.chain(*usual), lone, *more, again("b", 50.0)], clocks)
    assert len(strikes) == 3
    assert members(strikes[-1]) == {(d.recording_id, d.time_s) for d in last}
    assert strikes[-1].confidence > 0.6 > 0.5 > alone.confidence
    assert candidates == ()  # the look at 50 s joins nothing and says nothing


def test_a_strike_after_one_cameras_own_bang_is_no_echo_of_it():
    clocks = group({"a": 0.0, "b": 0.0})
    bump, marked = found("b", 29.0, 0.4, local_share=0.5), found("b", 30.05, echo_of_s=29.0)
    strikes, candidates = join([found("a", 30.0), bump, marked], clocks)
    assert [members(s) for s in strikes] == [{("a", 30.0), ("b", 30.05)}]
    assert [c.label for c in candidates] != ["possible echo"]
    # Where both heard the first, it stays a possible echo.
    both = [found("a", 29.0), found("b", 29.02), found("a", 30.0), found("b", 30.05, echo_of_s=29.02)]
    assert "possible echo" in {c.label for c in join(both, clocks)[1]}


def test_clocks_that_rest_on_one_bang_make_no_second_witness_of_it():
    by_bang = group({"a": 0.0, "b": 0.0})
    by_bang = replace(by_bang, clocks=tuple(replace(c, basis=("blast",)) for c in by_bang.clocks))
    pair = [found("a", 30.0, 0.8), found("b", 30.0, 0.8)]
    (alone,) = join(pair, by_bang)[0]
    assert any("rest on this bang alone" in reason for reason in alone.observations[0].reasons)
    (by_other_sound,) = join(pair, group({"a": 0.0, "b": 0.0}))[0]
    assert alone.confidence < by_other_sound.confidence
    assert not any("this bang alone" in reason for reason in by_other_sound.observations[0].reasons)
    # A second bang at the same interval in both files confirms the first.
    strikes, _ = join([*pair, found("a", 41.5, 0.8), found("b", 41.5, 0.8)], by_bang)
    assert all(strike.confidence > alone.confidence for strike in strikes)
    assert not any("this bang alone" in reason for s in strikes for o in s.observations for reason in o.reasons)


def test_what_is_likeliest_a_gunshot_is_a_candidate_of_that_kind():
    shot = replace(found("a", 30.0, 0.1), kind="shot", label="burst of gunshots: at least 5, about 9.8 per second")
    strikes, candidates = join([shot, found("a", 50.0, 0.1)], group(by_sound(STARTS, (10.0, 10.0))))
    assert strikes == ()
    assert [(c.kind, c.label) for c in candidates] == [("shot", shot.label), ("note", "explosion")]
