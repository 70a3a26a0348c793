"""Where nothing can be said of people."""

from dataclasses import replace

import numpy as np

from figures_example import figures_of, watched_of
from syncview.detect.tracker import track_figures
from syncview.detect.unassessable import BLURRED, DARK, HAZE, NO_FRAMES, NOBODY, NOTHING, SMALL, STRANGE, WILD
from syncview.detect.view_conditions import unassessable
from syncview.settings.movement import MovementSettings

COUNT = 300  # a minute


def street(*, tall_px=120.0, frames=COUNT, kind="person"):
    """A person, or a car, who stands in view for the first `frames` frames."""
    rows = np.arange(frames)
    boxes = np.tile([600.0, 400.0 - tall_px, 600 + 0.4 * tall_px, 400.0], (frames, 1))
    figures = figures_of(rows, boxes, np.full(frames, 0.6), np.full(frames, kind == "vehicle"))
    return watched_of(np.arange(COUNT) / 5, figures)


def found(watched, cuts_s=(), **known):
    settings = MovementSettings()
    tracks = track_figures(watched, recording_id="a", cuts_s=cuts_s, settings=settings)
    return unassessable(watched, tracks, cuts_s=cuts_s, settings=settings, **known)


def without(watched, first, last):
    """The same, as if the file had no frames between two moments."""
    figures = watched.figures
    kept = (watched.times_s < first) | (watched.times_s >= last)
    number = np.cumsum(kept) - 1
    mine = kept[figures.frame]
    rows = {name: getattr(figures, name)[mine] for name in figures.__slots__}
    names = ("times_s", "indices", "motion", "brightness", "contrast", "sharpness", "strange_motion")
    return replace(
        watched,
        **{name: getattr(watched, name)[kept] for name in names},
        figures=replace(figures, **rows | {"frame": number[rows["frame"]]}),
    )


def spans(stretches):
    return [(round(each.start_s, 3), round(each.end_s, 3), each.reasons, each.vehicles) for each in stretches]


def changed(watched, name, first, last, value):
    values = getattr(watched, name).copy()
    values[first:last] = value
    return replace(watched, **{name: values})


def test_a_street_by_daylight_is_assessable():
    assert found(street()) == ()


def test_each_condition_is_told_with_its_reason_and_time():
    for name, value, reason in (
        ("brightness", 8, DARK),
        ("contrast", 9, HAZE),
        ("sharpness", 0.2, BLURRED),
        ("motion", np.nan, WILD),
    ):
        (stretch,) = found(changed(street(), name, 100, 150, value))
        assert reason in stretch.reasons
        assert abs(stretch.start_s - 20.0) <= 0.8
        assert abs(stretch.end_s - 30.0) <= 0.8


def test_the_flash_of_an_explosion_is_let_pass_and_its_dust_is_not():
    flash = changed(changed(street(), "contrast", 100, 103, 5), "motion", 100, 101, np.nan)
    assert found(flash) == ()
    (stretch,) = found(changed(flash, "contrast", 103, 160, 10))
    assert stretch.reasons == (HAZE,)


def test_short_breaks_are_joined():
    watched = changed(changed(street(), "brightness", 100, 130, 5), "brightness", 140, 170, 5)
    assert len(found(watched)) == 1
    watched = changed(changed(street(), "brightness", 50, 80, 5), "brightness", 140, 170, 5)
    assert len(found(watched)) == 2


def test_an_empty_street_is_not_zero():
    (stretch,) = found(street(frames=0))
    assert (stretch.start_s, stretch.reasons) == (0.0, (NOTHING,))
    assert abs(stretch.end_s - 60.0) < 0.01


def test_a_view_in_which_someone_was_recognised_once_can_be_empty():
    assert found(street(frames=40)) == ()


def test_vehicles_alone_do_not_show_that_people_would_be_seen():
    (stretch,) = found(street(frames=40, kind="vehicle"))
    assert (stretch.start_s, stretch.reasons, stretch.vehicles) == (0.0, (NOBODY,), False)
    assert abs(stretch.end_s - 60.0) < 0.01
    dark = found(changed(street(kind="vehicle"), "brightness", 100, 150, 8))
    assert [each.reasons for each in dark] == [(NOBODY,), (DARK,), (NOBODY,)]
    assert [each.vehicles for each in dark] == [False, True, False]


def test_each_shot_is_judged_by_itself():
    (stretch,) = found(street(frames=150), cuts_s=(29.95,))
    assert (stretch.start_s, stretch.reasons) == (30.0, (NOTHING,))


def test_people_who_are_too_small_do_not_count():
    (stretch,) = found(street(tall_px=22.0))
    assert stretch.reasons == (SMALL, NOTHING)


def test_what_moves_unrecognised_is_refused_unless_people_are_recognised():
    strange = changed(street(frames=0), "strange_motion", 0, COUNT, 0.01)
    assert found(strange)[0].reasons == (STRANGE, NOTHING)
    assert found(changed(street(), "strange_motion", 0, COUNT, 0.01)) == ()
    cars = found(changed(street(kind="vehicle"), "strange_motion", 0, COUNT, 0.01))
    assert cars[0].reasons == (STRANGE,)


def test_where_the_file_has_no_frames_nobody_is_assessable():
    no_frames = ((NO_FRAMES,), True)
    assert spans(found(without(street(), 7.0, 37.0), end_s=60.0)) == [(7.0, 37.0, *no_frames)]
    assert found(without(street(), 7.0, 7.6), end_s=60.4) == ()  # 0.8 s are let pass
    ends = found(without(without(street(), 0.0, 3.0), 50.0, 99.0), end_s=60.0)
    assert spans(ends) == [(0.0, 3.0, *no_frames), (50.0, 60.0, *no_frames)]
    lost = found(without(street(), 7.0, 37.0), end_s=60.0, lost_s=((10.0, 20.0), (30.0, 40.0)))
    assert spans(lost) == [(7.0, 10.0, *no_frames), (20.0, 30.0, *no_frames)]


def test_a_stretch_over_a_short_gap_tells_of_it_and_cars_are_hidden_in_it_too():
    dark = changed(street(), "brightness", 100, 200, 8)
    (stretch,) = found(without(dark, 30.0, 32.0))
    assert stretch.reasons == (DARK, NO_FRAMES)
    cars = found(without(street(kind="vehicle"), 30.0, 32.0), end_s=60.0)
    assert spans(cars) == [
        (0.0, 30.0, (NOBODY,), False),
        (30.0, 32.0, (NO_FRAMES,), True),
        (32.0, 60.0, (NOBODY,), False),
    ]


def test_a_refused_picture_is_refused_to_both_ends_of_the_file():
    late = without(street(frames=0), 0.0, 0.4)
    assert spans(found(late, end_s=60.011)) == [(0.0, 60.011, (NOTHING,), True)]
    assert spans(found(without(street(frames=0), 59.0, 99.0), end_s=60.0))[-1][1] == 60.0


def test_nothing_gives_nothing():
    assert found(watched_of(np.zeros(0), figures_of([], np.zeros((0, 4)), []))) == ()
