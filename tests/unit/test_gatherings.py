import pytest

from tracks_example import empty_view, found, track_of, way_px


def coming(view, *, from_s=0.0, meet_s=10.0, part_s=30.0, places=((560, 500), (640, 510), (700, 500))):
    starts = ((100, 450), (1200, 480), (640, 690))
    return [
        track_of(
            f"person-{k}",
            view,
            way_px(view, (from_s, *start), (meet_s, *place), (part_s, *place), (part_s + meet_s - from_s, *start)),
        )
        for k, (start, place) in enumerate(zip(starts, places, strict=True))
    ]


def test_three_who_come_together_and_part_gather_and_disperse():
    view = empty_view(42)
    tracks = coming(view)
    (gathers,) = found(tracks, view, action="gathers")
    (disperses,) = found(tracks, view, action="disperses")
    assert gathers.subject == "group"
    assert gathers.label == "people come together"
    assert 4.0 < gathers.time_s < 10.5
    assert gathers.time_s + disperses.time_s == pytest.approx(40.0, abs=1.1)  # the way back is the way there
    assert set(gathers.track_names) == {"person-0", "person-1", "person-2"}


def test_a_short_meeting_is_none():
    view = empty_view(42)
    assert found(coming(view, from_s=5.0, meet_s=8.0, part_s=8.5), view, action="gathers") == []


def test_one_who_stands_far_behind_does_not_belong():
    view = empty_view(42)
    near = coming(view)
    behind = track_of("person-2", view, way_px(view, (0.0, 640, 690), (10.0, 640, 470), (41.8, 640, 470)), tall_px=45.0)
    assert found([*near[:2], behind], view, action="gathers") == []


def test_a_group_that_walks_in_together_does_not_gather():
    view = empty_view(30)
    group = [
        track_of(f"person-{k}", view, way_px(view, (2.0 + 0.3 * k, -50, 500), (29.0, 1100 - 60 * k, 500)))
        for k in range(3)
    ]
    assert found(group, view, action="gathers") == []
