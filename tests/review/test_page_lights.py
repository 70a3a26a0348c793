"""What the page says of lights, places, clocks, linked files and what nobody filmed."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from incident_example import clock, heard, incident, strike
from lights_example import NINE, UNSURE, external, light, lit_incident, lit_strike, sighted
from syncview.review.page import render_page
from syncview.review.view import page_view
from syncview.timeline.build import build_timeline


def _view(parts):
    return page_view(build_timeline(parts), {})


def _words(parts):
    texts = []
    reader = HTMLParser()
    reader.handle_data = lambda data: texts.append(data)
    reader.feed(
        re.sub(r"<(script|style)\b.*?</\1>", "", render_page(build_timeline(parts), media_hrefs={}), flags=re.S)
    )
    return " ".join(" ".join(texts).split())


def _lights(parts, event="strike-2"):
    events = {event.id: event for group in _view(parts).groups for event in group.events}
    return {seen.recording_id: seen.light for seen in events[event].heard}


def test_a_picked_flash_has_its_time_its_frame_and_its_distance():
    seen = _lights(lit_incident())["rec-1"]
    assert seen.text == "flash picked at 0:23.90 ± 0.04 s of the file, frame 598; 70 m (50 to 100 m) away"
    (row,) = seen.rows
    assert (row.picked, row.looks, row.fits, row.also_in) == (True, "strong", "strong", ("شارع السوق.mp4",))


def test_lights_of_which_none_was_picked_are_left_to_the_reviewer_with_the_reason():
    seen = _lights(lit_incident())["rec-2"]
    assert seen.text == "no light picked; look at the frames below"
    told = [(row.what, row.where_text, row.frame_text, row.looks, row.fits, row.away_text) for row in seen.rows]
    assert told == [
        ("first plume", "0:16.600", "frame 415", "moderate", "weak", "at least 171 m"),
        ("flash", "0:16.900", "frame 422", "weak", "weak", None),
    ]
    assert seen.rows[0].go_s == pytest.approx(7.25 + 16.602 * (1 + 20e-6), abs=1e-5)  # on the clock of the group
    assert UNSURE in _words(lit_incident())


def test_a_picked_plume_tells_a_distance_of_at_least_and_a_withheld_one_none():
    plume = light(23.92, kind="first plume", interval_m=(65.4, None))
    for shown, said in ((plume, "at least 65 m away"), (light(23.92), "no distance told from it")):
        seen = sighted(heard("rec-1", 24.2), shown, picked=True)
        text = _lights(lit_incident(events=(strike("strike-2", "group-1", 24.2, [seen]),)))["rec-1"].text
        assert text.startswith(f"{shown.candidate.kind} picked at ")
        assert text.endswith(f"frame 598; {said}")


def test_where_no_light_was_found_that_is_said_of_files_with_a_picture():
    lights = _lights(lit_incident())
    assert lights["rec-3"].text == "no light found before this bang, or its picture could not be searched"
    assert lights["rec-4"] is None  # sound only
    words = _words(lit_incident())
    assert "4 recordings; light picked in 1" in words
    assert "the flash is seen at the same moment in شارع السوق.mp4" in words  # not in rec-2


def test_a_light_whose_picture_is_on_no_clock_has_no_button():
    silent = incident().groups[0]
    only_sound = replace(silent, clocks=(clock("rec-1", 0.0, 60.0, applies_to="audio"), *silent.clocks[1:]))
    parts = lit_incident(groups=(only_sound, *incident().groups[1:]))
    assert _lights(parts)["rec-1"].rows[0].go_s is None
    assert _lights(parts)["rec-2"].rows[0].go_s is not None


def test_places_stand_in_a_table_with_misses_alternatives_and_refusals():
    located, refused = _view(lit_incident()).groups[0].places
    assert located.where_text == "35.55000, 36.60000 within 40 m"
    assert located.method_text == "arrivals at 4 cameras"
    assert located.misses == (("balcony.mp4", "+12.3 ms"), ("شارع السوق.mp4", "−4.0 ms"), ("dashcam.mkv", "0.0 ms"))
    assert located.others == ("35.55045, 36.60055 within 40 m",)
    assert (refused.where_text, refused.reason) == (None, "heard by one camera only")
    words = _words(lit_incident())
    assert "Where the explosions (candidates) were: 1 of 3 located" in words
    assert "not located: heard by one camera only" in words
    assert "Where the explosions" not in _words(incident())


def test_a_place_that_a_person_gave_is_called_so():
    parts = lit_incident()
    stated = replace(parts.events[0], location=replace(parts.events[0].location, method="geolocated"))
    assert _view(replace(parts, events=(stated,))).groups[0].places[0].method_text == "a person's geolocation"


def test_clocks_stand_in_a_table_with_both_uncertainties_and_what_they_rest_on():
    (group,) = _view(lit_incident()).groups
    rows = {row.name: row for row in group.clocks}
    placed = rows["شارع السوق.mp4"]
    assert (placed.start_text, placed.true_pm_text, placed.sound_pm_text) == ("0:07.2", "0.4", "0.010")
    assert (placed.basis_text, placed.holds) == ("sound in common", ("cameras within 500 m of each other",))
    assert (rows["balcony.mp4"].true_pm_text, rows["balcony.mp4"].holds) == (None, ())
    assert "0:00 is 2018-05-01 09:00:00 UTC ± 2 s (from: times that the files claim and that agree)." in _words(
        lit_incident()
    )


def test_a_linked_file_is_a_hint_at_its_group_and_where_it_stands_apart():
    said = "by the clock of its device it would start at 10:00 ± 4 s on clock group-1: a hint, not a placement"
    view = _view(lit_incident())
    assert [(row.name, row.text) for row in view.groups[0].linked] == [("other_day.mp4", said)]
    assert "other_day.mp4" not in {lane.name for lane in view.groups[0].lanes}
    assert [group.proposals for group in view.apart if group.title == "other_day.mp4"] == [(said,)]
    assert _words(lit_incident()).count(said) == 2


def test_what_nobody_filmed_stands_above_the_groups_in_order_of_utc():
    told = [(each.id, each.kind, each.when_text) for each in _view(lit_incident()).externals]
    assert told == [
        ("x-1", "strike", "2018-05-01 08:00:30 UTC ± 12 s"),
        ("x-2", "strike", "between 2018-05-01 08:10:00 and 2018-05-01 08:50:00 UTC; nobody says when in between"),
        ("x-3", "strike", "not after 2018-05-01 09:30:00 UTC; nobody says how long before"),
    ]
    late = lit_incident(externals=(external("x-4", not_before=NINE),))
    assert _view(late).externals[0].when_text == "not before 2018-05-01 09:00:00 UTC; nobody says how long after"
    words = _words(lit_incident())
    assert words.index("What no file shows") < words.index("said x-1") < words.index("Clock group-1")
    assert "2018-05-01 11:00:30 local" in words
    assert "What no file shows" not in _words(incident())


def test_what_nobody_filmed_does_not_count_as_further_strikes_of_a_clock_that_is_out():
    assert "may be the same ones" not in _words(lit_incident())
    assert "At least 3 explosions (candidates)" in _words(lit_incident())


def test_names_and_labels_from_strangers_are_written_as_text():
    bad = '<img src=x onerror=alert(1)>"><script>alert(2)</script>'
    known = lit_incident()
    recordings = tuple(replace(each, name_display=f"{each.id} {bad}") for each in known.recordings)
    parts = replace(known, recordings=recordings, externals=(external("x-1", not_after=NINE, label=bad),))
    html = render_page(build_timeline(parts), media_hrefs={})
    tags = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attributes: tags.append((tag, attributes))
    reader.feed(html)
    assert "img" not in {tag for tag, _ in tags}
    assert sum(tag == "script" for tag, _ in tags) == 2
    assert not [name for _, attributes in tags for name, _ in attributes if name.startswith("on") or name == "style"]


def test_details_are_folded_and_the_page_stays_small():
    html = render_page(build_timeline(lit_incident(events=(lit_strike(),))), media_hrefs={})
    assert "<details open" not in html
    assert not re.search(r"<details[^>]*\bopen", html.split('id="apart"')[0])
    assert len(html) < 120_000
