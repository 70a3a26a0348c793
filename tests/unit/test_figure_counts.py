from syncview.detect.movements import count_figures
from syncview.model.movement import FigureCount, Unassessable
from syncview.settings import MovementSettings
from tracks_example import empty_view, track_of, way_px

SETTINGS = MovementSettings()


def test_seconds_that_are_alike_are_joined_and_cover_the_recording():
    view = empty_view(10)
    one = track_of("person-1", view, way_px(view, (0.0, 300, 500), (9.8, 400, 500)))
    two = track_of("person-2", view, way_px(view, (4.0, 600, 500), (9.8, 700, 500)))
    car = track_of("vehicle-1", view, way_px(view, (7.0, 600, 300), (9.8, 700, 300)))
    counts = count_figures([one, two, car], view, (), settings=SETTINGS)
    assert [(c.start_s, c.end_s, c.persons, c.vehicles) for c in counts] == [(0, 4, 1, 0), (4, 7, 2, 0), (7, 10, 2, 1)]


def test_what_is_not_assessable_is_unknown_and_never_zero():
    view = empty_view(6)
    dark = Unassessable(start_s=1.9, end_s=4.1, reasons=("dark",))
    counts = count_figures([], view, (dark,), settings=SETTINGS)
    assert counts[1] == FigureCount(
        start_s=2.0, end_s=4.0, persons=None, persons_most=None, vehicles=None, vehicles_most=None
    )
    assert [c.persons for c in counts] == [0, None, 0]


def test_a_second_has_its_median_and_its_most():
    view = empty_view(2)
    stays = track_of("person-1", view, way_px(view, (0.0, 300, 500), (1.8, 300, 500)))
    briefly = track_of("person-2", view, way_px(view, (0.0, 600, 500), (0.2, 600, 500)))
    first = count_figures([stays, briefly], view, (), settings=SETTINGS)[0]
    assert (first.persons, first.persons_most) == (1, 2)


def test_nothing_watched_counts_nothing():
    assert count_figures([], empty_view(0), (), settings=SETTINGS) == ()


def test_vehicles_count_where_only_people_are_not_assessable():
    view = empty_view(4)
    car = track_of("vehicle-1", view, way_px(view, (0.0, 600, 300), (3.8, 700, 300)))
    nobody = Unassessable(start_s=0.0, end_s=4.0, reasons=("no person",), vehicles=False)
    (count,) = count_figures([car], view, (nobody,), settings=SETTINGS)
    assert (count.persons, count.vehicles) == (None, 1)
