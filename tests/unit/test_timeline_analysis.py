"""Intervals, counts and coverage against numbers worked out by hand."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident_example import clock, heard, incident, recording, strike
from syncview.model import Duplicate, Group, Interval
from syncview.reconstruct.geometry import Geometry, Position
from syncview.reconstruct.utc import UtcZero
from syncview.timeline.analysis import analyse

TRUTH = json.loads((Path(__file__).parents[2] / "sample_clips" / "truth.json").read_text(encoding="utf-8"))
SPREAD_S = 150.0 / 343.0  # what the places of two strikes add to the time between them


def _group(name, *clocks):
    return Group(id=name, reference_id=clocks[0].recording_id, clocks=clocks)


def _parts(groups, events, **changes):
    names = [c.recording_id for group in groups for c in group.clocks]
    recordings = tuple(recording(name, f"{name}.mp4") for name in names)
    known = {
        "recordings": recordings,
        "groups": tuple(groups),
        "events": tuple(events),
        "candidates": (),
        "unplaced": (),
        "duplicates": (),
    }
    return incident(**known | changes)


def _first_interval(groups, events, **changes):
    return analyse(_parts(groups, events, **changes)).strikes[1].intervals[0]


def _utc(second, uncertainty_s):
    return UtcZero(
        utc=datetime(2018, 5, 1, 9, 0, second, tzinfo=UTC), uncertainty_s=uncertainty_s, basis="overlay", conflict_s=0.0
    )


def test_intervals_of_the_worked_incident():
    strikes = analyse(incident()).strikes
    assert [strike.id for strike in strikes] == ["strike-1", "strike-2", "strike-3", "strike-4"]
    before = [strike.intervals[0].interval_s for strike in strikes[1:]]
    from_first = [strike.intervals[-1].interval_s for strike in strikes[1:]]
    assert before == pytest.approx([6.0, 0.8, 14.7], abs=1e-9)
    assert from_first == pytest.approx([6.0, 6.8, 21.5], abs=1e-9)
    assert [len(strike.intervals) for strike in strikes] == [0, 1, 2, 2]
    assert {i.basis for strike in strikes for i in strike.intervals} == {"arrivals_at:rec-1"}


def test_two_arrivals_at_one_camera_carry_its_picks_and_its_drift():
    group = _group("group-1", clock("rec-1", 2.0, 99.0, uncertainty_s=0.3, drift_ppm=50.0))
    events = [
        strike("a", "group-1", 12.0, [heard("rec-1", 10.0, uncertainty_s=0.003)]),
        strike("b", "group-1", 52.0, [heard("rec-1", 50.0, uncertainty_s=0.004)]),
    ]
    found = analyse(_parts([group], events)).strikes[1].intervals[0]
    assert found.interval_s == pytest.approx(40.0 * 1.00005, abs=1e-9)
    assert found.uncertainty_s == pytest.approx(
        0.005 * 1.00005 + 100e-6 * 40.0 + SPREAD_S, abs=1e-9
    )  # 3-4-5, and 100 ppm over 40 s


def test_a_cut_between_two_arrivals_costs_the_clocks_own_error():
    first = clock("rec-1", 0.0, 20.0, uncertainty_s=0.3)
    second = replace(first.segments[0], start_s=20.0, end_s=60.0, offset_s=5.0)
    group = _group("group-1", replace(first, segments=(first.segments[0], second)))
    events = [
        strike("a", "group-1", 10.0, [heard("rec-1", 10.0, uncertainty_s=0.0)]),
        strike("b", "group-1", 35.0, [heard("rec-1", 30.0, uncertainty_s=0.0)]),
    ]
    found = analyse(_parts([group], events)).strikes[1].intervals[0]
    assert (found.interval_s, found.uncertainty_s) == pytest.approx((25.0, 0.02 + SPREAD_S), abs=1e-9)


def test_without_a_common_camera_the_travel_of_sound_is_in_the_uncertainty():
    group = _group("group-1", clock("rec-1", 0.0, 20.0), clock("rec-2", 15.0, 30.0, uncertainty_s=0.2))
    events = [
        strike("a", "group-1", 10.0, [heard("rec-1", 10.0)], uncertainty_s=0.03),
        strike("b", "group-1", 30.0, [heard("rec-2", 15.0)], uncertainty_s=0.04),
    ]
    found = analyse(_parts([group], events)).strikes[1].intervals[0]
    assert found.basis == "arrivals"
    assert found.interval_s == pytest.approx(20.0, abs=1e-9)
    assert found.uncertainty_s == pytest.approx(0.05 + 500.0 / 343.0 + SPREAD_S, abs=1e-9)
    assert found.assumptions == (
        "the cameras stand within 500 m of each other",
        "the strikes fell within 150 m of each other",
    )
    places = {
        "rec-1": Position(lat=0.0, lon=0.0, uncertainty_m=0.0),
        "rec-2": Position(lat=0.0, lon=0.0, uncertainty_m=0.0),
    }
    near = Geometry(positions=places, max_camera_distance_m=500.0, sound_speed_mps=343.0)
    assert _first_interval([group], events, geometry=near).uncertainty_s == pytest.approx(found.uncertainty_s)
    places["rec-2"] = Position(lat=0.0, lon=0.01, uncertainty_m=20.0)  # 1113.2 m along the equator
    far = Geometry(positions=places, max_camera_distance_m=500.0, sound_speed_mps=343.0)
    wide = _first_interval([group], events, geometry=far)
    assert wide.uncertainty_s == pytest.approx(0.05 + 1133.2 / 343.0 + SPREAD_S, abs=0.02)
    assert wide.assumptions[0].startswith("the cameras stand within 113")


def test_explosion_moments_are_compared_with_each_other_and_never_with_an_arrival():
    group = _group("group-1", clock("rec-1", 0.0, 60.0), clock("rec-2", 0.0, 60.0))
    explosion = {"time_basis": "explosion"}
    events = [
        strike("a", "group-1", 10.0, [heard("rec-1", 10.5)], uncertainty_s=0.03, **explosion),
        strike("b", "group-1", 14.0, [heard("rec-1", 14.9)], uncertainty_s=0.04, **explosion),
        strike("c", "group-1", 20.0, [heard("rec-2", 20.0)]),
    ]
    second, third = analyse(_parts([group], events)).strikes[1:]
    assert second.intervals[0].basis == "explosions"
    assert second.intervals[0].interval_s == pytest.approx(4.0, abs=1e-9)
    assert second.intervals[0].uncertainty_s == pytest.approx(0.05, abs=1e-9)
    assert third.intervals[0].interval_s is None
    assert "no recording heard both" in third.intervals[0].reason


def test_a_strike_that_only_a_person_states_does_not_hide_the_interval_of_measured_ones():
    group = _group("group-1", clock("rec-1", 0.0, 60.0))
    said = replace(heard("rec-1", 15.0), sound_s=None, sound_uncertainty_s=None, stated_s=15.0)
    events = [
        strike("a", "group-1", 5.0, [heard("rec-1", 5.0)]),
        strike("b", "group-1", 10.0, [heard("rec-1", 10.0)]),
        strike("stated", "group-1", 15.0, [said]),
        strike("c", "group-1", 20.0, [heard("rec-1", 20.0)]),
    ]
    stated, third = analyse(_parts([group], events)).strikes[2:]
    assert [interval.from_id for interval in stated.intervals] == ["b", "a"]
    assert [interval.from_id for interval in third.intervals] == ["b", "a"]
    assert third.intervals[0].interval_s == pytest.approx(10.0, abs=1e-9)
    assert third.intervals[0].basis == "arrivals_at:rec-1"


def test_across_groups_there_is_no_interval_without_utc():
    groups = [_group("group-1", clock("rec-1", 0.0, 60.0)), _group("group-2", clock("rec-2", 0.0, 60.0))]
    events = [
        strike("a", "group-1", 10.0, [heard("rec-1", 10.0)]),
        strike("b", "group-2", 3.0, [heard("rec-2", 3.0)]),
    ]
    parts = _parts(groups, events, utc={"group-1": _utc(0, 1.0)})
    analysis = analyse(parts)
    found = analysis.strikes[1].intervals[0]
    assert (found.interval_s, found.uncertainty_s, found.basis) == (None, None, None)
    assert found.reason == "they are on different clocks, and the UTC of group-2 is not known"
    assert analysis.strike_count.at_least == 1  # both groups may have heard the same one


def test_across_groups_utc_gives_order_interval_and_count():
    groups = [_group("group-1", clock("rec-1", 0.0, 60.0)), _group("group-2", clock("rec-2", 0.0, 60.0))]
    events = [
        strike("a", "group-1", 10.0, [heard("rec-1", 10.0)], uncertainty_s=0.0),
        strike("b", "group-2", 3.0, [heard("rec-2", 3.0)], uncertainty_s=0.0),
    ]
    parts = _parts(groups, events, utc={"group-1": _utc(30, 3.0), "group-2": _utc(10, 4.0)})
    analysis = analyse(parts)
    assert [strike.id for strike in analysis.strikes] == ["b", "a"]
    found = analysis.strikes[1].intervals[0]
    assert found.basis == "utc"
    assert found.interval_s == pytest.approx(27.0, abs=1e-9)  # 9:00:40 - 9:00:13
    assert found.uncertainty_s == pytest.approx(5.0 + 500.0 / 343.0 + SPREAD_S, abs=1e-9)
    assert analysis.strike_count.at_least == 2
    near = replace(parts, utc={"group-1": _utc(5, 3.0), "group-2": _utc(10, 4.0)})
    assert analyse(near).strike_count.at_least == 1  # 2 s apart, +- 6.5 s: may be one


def test_witnesses_are_counted_once_per_device_and_duplicate():
    group = _group("group-1", *(clock(f"rec-{k}", 0.0, 60.0) for k in (1, 2, 3)))
    events = [
        strike("a", "group-1", 10.0, [heard("rec-1", 10.0), heard("rec-2", 10.1)]),
        strike("b", "group-1", 20.0, [heard("rec-1", 20.0), heard("rec-3", 20.1)]),
    ]
    parts = _parts([group], events)
    assert analyse(parts).strike_count.single_camera == 0
    copies = (Duplicate(recording_ids=("rec-1", "rec-2"), kind="same_recording", evidence="equal sound"),)
    assert analyse(replace(parts, duplicates=copies)).strike_count.single_camera == 1
    chain = (*copies, Duplicate(recording_ids=("rec-2", "rec-3"), kind="same_recording", evidence="equal sound"))
    assert analyse(replace(parts, duplicates=chain)).strike_count.single_camera == 2
    devices = {"rec-1": "phone", "rec-2": "phone", "rec-3": "phone"}
    assert analyse(replace(parts, devices=devices)).strike_count.single_camera == 2


def test_echoes_and_replays_are_counted_among_the_candidates():
    labels = ("possible echo", "possible echo", "replay", "door")
    candidates = tuple(
        strike(f"c-{k}", "group-1", float(k), [heard("rec-1", float(k))], label=label, kind="note")
        for k, label in enumerate(labels)
    )
    count = analyse(incident(candidates=candidates)).strike_count
    assert (count.at_least, count.possible_echo, count.replay) == (4, 2, 1)


@pytest.mark.parametrize("camera", [file["name"] for file in TRUTH["files"] if file["role"] == "camera"])
def test_times_between_the_sample_strikes_hold_the_truth_from_every_side(camera):
    blasts = [blast for blast in TRUTH["blasts"] if blast["filmed"]]
    events = [
        strike(f"strike-{k}", "group-1", arrival_s, [heard("rec-1", arrival_s, uncertainty_s=0.004)])
        for k, arrival_s in enumerate((blast["arrivals"][camera] for blast in blasts), 1)
    ]
    strikes = analyse(_parts([_group("group-1", clock("rec-1", 0.0, 60.0))], events)).strikes
    misses_s, stated_s = [], []
    for strike_k, before, after in zip(strikes[1:], blasts, blasts[1:], strict=False):
        found = strike_k.intervals[0]
        misses_s.append(abs(found.interval_s - (after["time_s"] - before["time_s"])))
        stated_s.append(found.uncertainty_s)
    assert len(misses_s) == 3
    assert all(miss_s < s for miss_s, s in zip(misses_s, stated_s, strict=True))
    assert max(misses_s) > 0.03  # far beyond the picks: the places matter
    assert max(stated_s) < 0.45


def test_cameras_that_disagree_show_that_strikes_fell_farther_apart():
    group = _group("group-1", clock("rec-1", 0.0, 60.0), clock("rec-2", 0.0, 60.0))
    first = [heard("rec-1", 10.0, uncertainty_s=0.003), heard("rec-2", 11.0)]
    for more_s, spread_s in ((0.3, SPREAD_S), (0.6, 0.6)):
        second = [heard("rec-1", 20.0, uncertainty_s=0.004), heard("rec-2", 21.0 + more_s)]
        events = [strike("a", "group-1", 10.0, first), strike("b", "group-1", 20.0, second)]
        found = _first_interval([group], events)
        assert (found.interval_s, found.uncertainty_s) == pytest.approx((10.0, 0.005 + spread_s), abs=1e-9)
        assert found.assumptions == (f"the strikes fell within {spread_s * 343:.0f} m of each other",)


def test_a_file_with_an_unnoticed_cut_adds_no_strike():
    group = _group("group-1", *(clock(f"rec-{k}", 0.0, 60.0) for k in (1, 2, 3)))
    events = [
        strike("a", "group-1", 10.0, [heard("rec-1", 10.0), heard("rec-2", 10.1), heard("rec-3", 10.2)]),
        strike("b", "group-1", 20.0, [heard("rec-1", 20.0), heard("rec-2", 20.1)]),
        strike("c", "group-1", 30.0, [heard("rec-1", 30.0), heard("rec-2", 30.1)]),
        strike("b again", "group-1", 17.0, [heard("rec-3", 17.0)]),  # 3 s were cut out of rec-3
        strike("c again", "group-1", 27.0, [heard("rec-3", 27.0)]),
    ]
    found = analyse(_parts([group], events))
    assert (found.strike_count.at_least, found.strike_count.single_camera) == (3, 0)
    assert len(found.strikes) == 5
    alone = [event for event in events if len(event.observations) != 2]
    found = analyse(_parts([group], alone))  # what one recording heard it heard one after the other
    assert (found.strike_count.at_least, found.strike_count.single_camera) == (3, 2)


def _spans(entries):
    return [(entry.start_s, entry.end_s) for entry in entries]


def test_coverage_in_group_time_with_silence_and_gaps():
    silent = (
        Interval(start_s=4.0, end_s=6.0, kind="digital_silence"),
        Interval(start_s=5.0, end_s=7.0, kind="masked"),
        Interval(start_s=8.0, end_s=9.0, kind="clipped"),
    )
    recordings = (
        recording("rec-1", "a.mp4", intervals=silent),
        recording("rec-2", "b.mp4", audio=None),
    )
    group = _group("group-1", clock("rec-1", 10.0, 20.0), clock("rec-2", 35.0, 5.0, applies_to="video"))
    one, two = analyse(_parts([group], [], recordings=recordings)).coverage
    assert _spans(one.filmed) == [(10.0, 30.0)]
    assert _spans(one.usable_sound) == [(10.0, 14.0), (17.0, 30.0)]
    assert _spans(one.gaps) == [(30.0, 40.0)]
    assert _spans(two.filmed) == [(35.0, 40.0)]
    assert _spans(two.usable_sound) == []
    assert _spans(two.gaps) == [(10.0, 35.0)]


def test_coverage_of_a_cut_recording_has_a_gap_where_it_was_cut():
    whole = clock("rec-1", 0.0, 10.0, drift_ppm=100.0)
    later = replace(whole.segments[0], start_s=10.0, end_s=20.0, offset_s=5.0, drift_ppm=0.0)
    group = _group("group-1", replace(whole, segments=(whole.segments[0], later)))
    found = analyse(_parts([group], [])).coverage[0]
    assert _spans(found.filmed) == [pytest.approx((0.0, 10.001)), (15.0, 25.0)]
    assert _spans(found.gaps) == [pytest.approx((10.001, 15.0))]


def test_silence_is_not_absence():
    deaf = (
        Interval(start_s=4.0, end_s=6.0, kind="digital_silence"),
        Interval(start_s=10.0, end_s=15.0, kind="suppressed"),
        Interval(start_s=0.0, end_s=8.0, kind="shot"),  # says nothing of the sound
    )
    group = _group("group-1", clock("rec-1", 10.0, 20.0))
    (found,) = analyse(_parts([group], [], recordings=(recording("rec-1", "a.mp4", intervals=deaf),))).coverage
    assert _spans(found.usable_sound) == [(10.0, 14.0), (16.0, 20.0), (25.0, 30.0)]
    assert _spans(found.not_assessable) == [(14.0, 16.0), (20.0, 25.0)]
    assert _spans(found.known_picture) == [(10.0, 30.0)]


def test_coverage_where_only_sound_or_only_picture_is_on_the_clock():
    whole = clock("rec-1", 0.0, 30.0)
    pieces = [
        replace(whole.segments[0], start_s=start_s, end_s=end_s, offset_s=offset_s, applies_to=applies_to)
        for start_s, end_s, offset_s, applies_to in [
            (0.0, 10.0, 0.0, "both"),
            (10.0, 20.0, 0.0, "audio"),
            (10.0, 20.0, 50.0, "video"),
            (22.0, 30.0, 10.0, "both"),
        ]
    ]
    (found,) = analyse(_parts([_group("group-1", replace(whole, segments=tuple(pieces)))], [])).coverage
    assert _spans(found.filmed) == [(0.0, 20.0), (32.0, 40.0), (60.0, 70.0)]
    assert _spans(found.usable_sound) == [(0.0, 20.0), (32.0, 40.0)]
    assert _spans(found.known_picture) == [(0.0, 10.0), (32.0, 40.0), (60.0, 70.0)]
    assert _spans(found.not_assessable) == [(60.0, 70.0)]
    assert _spans(found.gaps) == [(20.0, 32.0), (40.0, 60.0)]


def test_slowed_sound_tells_of_no_strike():
    whole = clock("rec-1", 0.0, 60.0)
    slow = replace(whole.segments[0], start_s=20.0, end_s=60.0, offset_s=15.0, drift_ppm=-750_000.0)
    pieces = (replace(whole.segments[0], end_s=20.0), slow)
    (found,) = analyse(_parts([_group("group-1", replace(whole, segments=pieces))], [])).coverage
    assert _spans(found.filmed) == [(0.0, 30.0)]
    assert _spans(found.usable_sound) == [(0.0, 20.0)]
    assert _spans(found.not_assessable) == [(20.0, 30.0)]


def test_no_interval_rests_on_a_sound_that_is_on_no_clock():
    first = clock("rec-1", 0.0, 20.0)
    group = _group("group-1", first, clock("rec-2", 0.0, 60.0))
    events = [
        strike("a", "group-1", 10.0, [heard("rec-1", 10.0), heard("rec-2", 10.1)]),
        strike("b", "group-1", 30.0, [heard("rec-1", 30.0), heard("rec-2", 30.1)]),
    ]
    assert _first_interval([group], events).basis == "arrivals_at:rec-2"


def test_nothing_found_is_an_empty_analysis():
    analysis = analyse(_parts([], []))
    assert analysis.strikes == ()
    assert analysis.strike_count.at_least == 0
    assert (analysis.distances, analysis.cluster, analysis.coverage) == ((), None, ())


def test_pick_uncertainty_is_that_of_the_camera_used():
    found = analyse(incident()).strikes[1].intervals[0]
    assert found.uncertainty_s == pytest.approx(math.hypot(0.004, 0.004) + SPREAD_S, abs=1e-9)
