"""The page shows who moves when, what cannot be told, and the frames that show it, blurred until they are asked for."""

import re
from dataclasses import replace
from fractions import Fraction

from incident_example import heard, strike
from moving_example import followed, moving_incident
from syncview.model import FigureCount
from syncview.review.page import render_page
from syncview.review.view import page_view
from syncview.timeline.build import build_timeline


def _group(**changes):
    return page_view(build_timeline(moving_incident(**changes)), {}).groups[0]


def _html(**changes):
    return render_page(build_timeline(moving_incident(**changes)), media_hrefs={})


def _words(html):
    body = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_each_camera_that_was_looked_at_has_a_lane():
    seen, unseen = _group().movement_lanes
    assert seen.name == "شارع السوق.mp4"
    assert seen.most_text == "at least 3 at once"
    assert [mark.look for mark in seen.marks] == ["in", "in", "in", "in", "out"]
    assert max(bar.height for bar in seen.bars) == 16.0
    ((band, why),) = seen.blind
    assert why == "too dark to recognise people"
    assert band.width > 0
    assert unseen.bars == ()
    assert unseen.most_text == "not looked for"
    assert unseen.blind[0][1] == "the detector is not installed"
    last = max(bar.band.x for bar in seen.bars)
    assert last <= band.x  # nothing is drawn where nobody can say, and nothing where nobody was recognised


def test_the_lane_grows_with_what_was_counted():
    heights = {bar.words: bar.height for bar in _group().movement_lanes[0].bars}
    assert heights == {"at least 3 at once": 16.0}


def _told_of(*counts):
    """What the lane says of a camera of which each stretch has a count, or None."""
    stretches = tuple(
        FigureCount(start_s=10.0 * k, end_s=10.0 * k + 10, persons=n, persons_most=n, vehicles=n, vehicles_most=n)
        for k, n in enumerate(counts)
    )
    return _group(followed=(followed(counts=stretches),)).movement_lanes[0].most_text


def test_nobody_is_none_only_where_somebody_could_have_been_seen():
    assert _told_of(None, None) == "not assessable"
    assert _told_of(None, 0) == "none recognised"
    assert _told_of(2, None, 0) == "at least 2 at once"


def _stated(name, group_s, *, label, action=None):
    """What a person adds as an event of rec-2."""
    seen = replace(heard("rec-2", None, uncertainty_s=None, score=1.0), stated_s=group_s - 7.25)
    by = {"confidence": 1.0, "calibration": "stated by Rami", "label": label, "action": action, "subject": "person"}
    return strike(
        name, "group-1", group_s, [seen], kind="movement", time_basis="seen_at:rec-2", uncertainty_s=0.5, **by
    )


def test_what_people_state_is_on_the_lane_with_a_look_of_its_own():
    stated = _stated("e9", 25.0, label="medic", action="arrives")
    events = (*moving_incident().events, stated)
    lane = _group(events=events).movement_lanes[0]
    assert [(mark.words, mark.look) for mark in lane.marks if mark.stated] == [
        ("e9, medic, 0:25.0, stated by Rami", "in")
    ]
    assert len([mark for mark in lane.marks if not mark.stated]) == 5
    html = _html(events=events)
    assert html.count('<a class="moves in stated"') == 1
    assert "enters or arrives (candidate)" in _words(html)
    assert "enters or arrives (stated by a person)" in _words(html)
    assert "(stated by a person)" not in _words(_html())
    assert "e9" not in [event.id for event in _group(events=events).movements]  # no candidate


def test_what_people_state_of_a_picture_that_nobody_looked_at_has_a_lane():
    (lane,) = _group(events=(_stated("e9", 25.0, label="medic"),), candidates=(), followed=()).movement_lanes
    assert lane.most_text == "not looked for"
    assert [mark.look for mark in lane.marks] == ["other"]


def test_movements_stand_apart_from_sounds_and_from_what_people_state():
    group = _group()
    assert [event.id for event in group.movements] == ["e1", "e2", "e3", "e4", "e5"]
    assert [event.id for event in group.weak_movements] == ["e6"]
    assert not {"e1", "e6"} & {event.id for event in (*group.events, *group.stated, *group.candidates)}
    words = _words(_html())
    assert "Movement (candidates): 5" in words
    assert "Movement with too little support: 1" in words
    assert "none of it is confirmed until a person says so" in words
    assert "people not assessable: too dark to recognise people" in words
    assert "e2 person enters: 2.5 ± " in words


def test_frames_are_blurred_until_asked_for_and_boxes_are_in_parts_of_the_picture():
    (seen,) = _group().movements[1].heard
    assert [still.at_s for still in seen.stills] == [12.752, 12.952, 13.152]
    assert seen.stills[0].box_text == "0.0781 0.0694 0.0156 0.0833"  # 100, 50, 20, 60 px of 1280 x 720
    assert seen.time_text == "0:12.75"
    html = _html()
    assert html.count('class="stills blurred"') == 6
    assert 'data-box="0.0781 0.0694 0.0156 0.0833"' in html


def test_boxes_are_in_parts_of_the_picture_as_it_is_shown_where_pixels_are_not_square():
    known = moving_incident().recordings
    wide = tuple(replace(r, video=r.video and replace(r.video, pixel_aspect=Fraction(2))) for r in known)
    (seen,) = _group(recordings=wide).movements[1].heard
    assert seen.stills[0].box_text == "0.0391 0.0694 0.0078 0.0833"  # 100, 50, 20, 60 px of 2560 x 720


def test_a_page_without_movement_is_as_it_was():
    html = render_page(build_timeline(moving_incident(events=(), candidates=(), followed=())), media_hrefs={})
    assert "people," not in _words(html)
    assert "Movement" not in _words(html)
