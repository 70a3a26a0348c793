"""The page shows who moves when, what cannot be told, and the frames that show it, blurred until they are asked for."""

import re

from moving_example import moving_incident
from syncview.review.page import render_page
from syncview.review.view import page_view
from syncview.timeline.build import build_timeline


def _group(**changes):
    return page_view(build_timeline(moving_incident(**changes)), {}).groups[0]


def _html():
    return render_page(build_timeline(moving_incident()), media_hrefs={})


def _words(html):
    body = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_each_camera_that_was_looked_at_has_a_lane():
    seen, unseen = _group().movement_lanes
    assert seen.name == "شارع السوق.mp4"
    assert seen.most_text == "at most 3 at once"
    assert [mark.look for mark in seen.marks] == ["in", "in", "in", "in", "out"]
    assert max(bar.height for bar in seen.bars) == 16.0
    ((band, why),) = seen.blind
    assert why == "too dark to recognise people"
    assert band.width > 0
    assert unseen.bars == ()
    assert unseen.blind[0][1] == "the detector is not installed"
    last = max(bar.band.x for bar in seen.bars)
    assert last <= band.x  # nothing is drawn where nobody can say, and nothing where nobody was recognised


def test_the_lane_grows_with_what_was_counted():
    heights = {bar.words: bar.height for bar in _group().movement_lanes[0].bars}
    assert heights == {"at least 3 at once": 16.0}


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


def test_a_page_without_movement_is_as_it_was():
    html = render_page(build_timeline(moving_incident(events=(), candidates=(), followed=())), media_hrefs={})
    assert "people," not in _words(html)
    assert "Movement" not in _words(html)
