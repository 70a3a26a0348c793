import numpy as np
import pytest

from tracks_example import empty_view, found, track_of, way_px


def reacting(view, name, x, *, at_s):
    """Somebody who walks, and turns back in a run."""
    return track_of(
        name, view, way_px(view, (0.0, x, 500), (at_s, x + 60 * at_s, 500), (at_s + 3, x + 60 * at_s - 600, 500))
    )


def test_people_who_turn_and_run_after_a_bang_are_one_sudden_motion():
    view = empty_view(16)
    tracks = [reacting(view, "person-1", 300, at_s=8.5), reacting(view, "person-2", 500, at_s=8.9)]
    (one,) = found(tracks, view, bangs_s=(8.0,), action="takes_cover")
    assert (one.subject, one.label) == ("group", "sudden motion")
    assert one.time_s == pytest.approx(8.5, abs=0.4)
    assert dict(one.measures)["after_bang_s"] == pytest.approx(0.5, abs=0.4)
    assert dict(one.measures)["people_changing"] == 2
    assert "cover" not in " ".join((one.label, *one.reasons))


def test_several_weigh_more_than_one():
    view = empty_view(16)
    one = reacting(view, "person-1", 300, at_s=8.5)
    walks = track_of("person-3", view, way_px(view, (0.0, 100, 300), (15.8, 900, 300)))
    more = [one, reacting(view, "person-2", 500, at_s=8.7), reacting(view, "person-4", 420, at_s=8.6)]
    (alone,) = found([one, walks], view, bangs_s=(8.0,), action="takes_cover")
    (several,) = found([*more, walks], view, bangs_s=(8.0,), action="takes_cover")
    assert several.score > alone.score
    assert alone.subject == "person"


def test_one_who_crouches_stays_where_he_is():
    view = empty_view(16)
    tall = np.interp(view.times_s, [9.0, 9.4, 12.0, 12.6], [120, 70, 70, 120])
    crouches = track_of("person-1", view, np.tile([600.0, 500.0], (len(view.times_s), 1)), tall_px=tall, wide=0.5)
    (one,) = found([crouches], view, bangs_s=(8.4,), action="takes_cover")
    assert dict(one.measures)["drop_share"] >= 1.0
    assert "% as tall as before" in one.reasons[0]
    assert found([crouches], view, bangs_s=(), action="takes_cover") == []
    assert found([crouches], view, bangs_s=(3.0,), action="takes_cover") == []


def test_who_walks_on_does_not_react():
    view = empty_view(16)
    rng = np.random.default_rng(1)
    way = way_px(view, (0.0, 100, 400), (15.8, 1100, 400))
    walks = track_of("person-1", view, way + rng.normal(0, 3, way.shape))
    assert found([walks], view, bangs_s=(8.0,), action="takes_cover") == []
