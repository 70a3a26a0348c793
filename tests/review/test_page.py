"""The page is one safe file that says what the timeline says, no more and no less."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from aircraft_example import aircraft_parts
from incident_example import SILENCE, clock, edited_group, heard, incident, recording, strike
from located_example import located, place
from syncview.model import Duplicate, Finding, Group, Interval, Proposal, Unplaced
from syncview.reconstruct.utc import UtcZero
from syncview.review.page import render_page
from syncview.review.proxies import proxy_hrefs, proxy_target, stale_proxies
from syncview.timeline.build import build_timeline


class _Reader(HTMLParser):
    """Text by element, and every attribute that was written."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.attributes, self._open = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self._open.append(tag)

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        if data.strip():
            self.texts.append((self._open[-1] if self._open else "", " ".join(data.split())))


def _read(html):
    reader = _Reader()
    reader.feed(html)
    return reader


def _page(changes=None, hrefs=None):
    return render_page(build_timeline(incident(**(changes or {}))), media_hrefs=hrefs or {})


def _words(html):
    return " ".join(text for tag, text in _read(html).texts if tag not in ("script", "style"))


def test_the_page_says_what_the_timeline_says():
    words = _words(_page())
    assert "5 of 8 recordings on 1 shared clock" in words
    assert "At least 4 explosions (candidates)" in words
    assert "strike-1 explosion (candidate) Go to 2 s before 0:18.200 ± 0.012 s" in words
    assert "when its sound reached balcony.mp4 unknown" in words
    assert (
        "0.8 ± 0.5 s after strike-2 between their sounds at balcony.mp4; the ± holds if the strikes fell within 150"
        in words
    )
    assert "starts at 0:07.2 ± 0.4 s" in words
    assert "other_day.mp4 no sound in common with any other recording" in words
    assert "balcony.mp4 , balcony (1).mp4 : the same file (equal SHA-256)" in words
    assert "notes.txt : text, not media" in words
    assert "cut: VID_20180501_121233.3gp: 1.4 s are missing from VID_20180501_121233.3gp the file is not one" in words


def test_strikes_that_may_be_others_are_listed_and_not_counted():
    known = incident()
    cut = strike("strike-9", "group-1", 33.0, [heard("rec-5", 11.25)])  # rec-5 hears this alone
    words = _words(_page({"events": (*known.events, cut)}))
    assert (
        "At least 4 explosions (candidates) 1 more listed below may be the same ones, on a clock that is out" in words
    )
    assert "may be the same ones" not in _words(_page())
    assert "every recording shows the same moment, within each recording's ±" in words


def test_what_is_never_claimed():
    words = _words(_page()).lower()
    for claim in ("%", "double-tap", "double tap", "confirmed explosion", "authentic footage", "rescuer"):
        assert claim not in words


def test_time_of_day_is_rounded_to_its_error_bar():
    zero = UtcZero(
        utc=datetime(2018, 5, 1, 9, 12, 33, 250_000, tzinfo=UTC), uncertainty_s=2.0, basis="overlay", conflict_s=0.0
    )
    words = _words(_page({"utc": {"group-1": zero}}))
    assert "0:00 is 2018-05-01 09:12:33 UTC ± 2 s (from: a time shown in the picture)." in words
    assert "2018-05-01 09:12:51 ± 3 s 2018-05-01 12:12:51 local" in words


HOSTILE = '"><img src=x onerror=alert(1)></script><script>alert(2)</script>{{ 7*7 }}.mp4'


def test_names_from_strangers_cannot_run():
    parts = incident()
    recordings = (replace(parts.recordings[0], name_display=HOSTILE), *parts.recordings[1:])
    html = _page({"recordings": recordings, "title": HOSTILE})
    reader = _read(html)
    assert "img" not in reader.tags
    assert reader.tags.count("script") == 2  # the data and the program
    assert not [name for _, name, _ in reader.attributes if name.startswith("on") or name == "style"]
    assert ("bdi", HOSTILE) in reader.texts


def test_only_this_script_and_this_style_may_run():
    html = _page()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)[1].replace("&#39;", "'")
    for kind, text in (
        ("script-src", re.search(r"<script>(.*?)</script>", html, re.DOTALL)[1]),
        ("style-src", re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]),
    ):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'")


def test_nothing_is_loaded_from_anywhere_but_beside_the_page():
    html = _page(hrefs={"rec-1": "media/00.mp4", "rec-4": "media/04.m4a"})
    links = [value for _, name, value in _read(html).attributes if name in ("src", "href")]
    assert sorted(link for link in links if not link.startswith("#")) == ["media/00.mp4", "media/04.m4a"]
    assert not re.search(r"https?://", html.replace("http://www.w3.org", ""))
    assert 'type="module"' not in html
    assert "fetch(" not in html


def test_sound_is_off_and_pictures_are_blurred_at_first():
    reader = _read(_page(hrefs={"rec-1": "a.mp4", "rec-4": "b.m4a"}))
    media = [tag for tag, name, _ in reader.attributes if name == "muted"]
    assert sorted(media) == ["audio", "video"]
    tiles = [value for tag, name, value in reader.attributes if tag == "figure" and name == "class"]
    assert set(tiles) == {"tile blurred"}


def test_every_name_stands_in_its_own_direction():
    reader = _read(_page())
    names = {r.name_display for r in incident().recordings}
    assert {text for tag, text in reader.texts if text in names} == names
    assert {tag for tag, text in reader.texts if text in names} == {"bdi"}
    assert {value for tag, name, value in reader.attributes if tag == "bdi" and name == "dir"} == {"auto"}


def test_data_of_the_player_gives_every_clip_its_clock():
    data = json.loads(re.search(r'id="review-data">(.*?)</script>', _page(), re.DOTALL)[1])
    clips = {clip["id"]: clip["segments"] for group in data["groups"] for clip in group["clips"]}
    assert clips["rec-3"] == [[0.0, 50.0, -3.5, -40.0, "both"]]
    both = {clip["id"]: clip["both"] for group in data["groups"] for clip in group["clips"]}
    assert [both[name] for name in ("rec-1", "rec-4", "rec-7")] == [True, False, False]
    assert len(clips) == 7


def test_an_empty_case_is_still_a_page():
    nothing = dict.fromkeys(
        ("recordings", "groups", "events", "candidates", "unplaced", "duplicates", "pairs", "findings", "ignored"), ()
    )
    words = _words(_page(nothing))
    assert "0 of 0 recordings on 0 shared clocks" in words
    assert "No two of these recordings could be placed on one clock." in words


def test_strikes_of_a_recording_that_stands_apart_are_seen():
    recordings = (recording("rec-1", "alone.mp4"),)
    groups = (Group(id="group-1", reference_id="rec-1", clocks=(clock("rec-1", 0.0, 30.0),)),)
    events = (strike("strike-9", "group-1", 8.0, [heard("rec-1", 8.0)], confidence=0.6),)
    left = (Unplaced(recording_id="rec-1", reasons=("nothing in common",)),)
    empty = {"candidates": (), "duplicates": (), "pairs": (), "findings": ()}
    words = _words(_page({"recordings": recordings, "groups": groups, "events": events, "unplaced": left} | empty))
    assert "alone.mp4 (1 explosion (candidate)) nothing in common" in words
    assert "moderate" in words
    assert "1 of them heard by one witness only" in words


def test_a_silent_stretch_is_hatched():
    parts = incident()
    recordings = (replace(parts.recordings[0], intervals=(SILENCE,)), *parts.recordings[1:])
    assert _page({"recordings": recordings}).count('class="deaf"') == _page().count('class="deaf"') + 1


def test_aircraft_sound_is_drawn_in_its_lane_with_what_people_say_and_what_nobody_can():
    html = _page(aircraft_parts(incident().events))
    drawn = re.findall(r'class="aircraft ([a-z-]+)" x="', html)
    assert sorted(drawn) == ["confirmed", "heard-none", "possible", "possible", "untold"]
    words = _words(html)
    assert "possible aircraft sound, 0:05 to 0:17" in words
    assert "A. B. heard none, 0:10 to 0:30" in words
    assert "aircraft sound, confirmed by C. D., 0:30 to 0:45" in words
    assert "Aircraft sound: possible in 2 stretches, A. B. heard none in 1 stretch, confirmed by C. D." in words
    assert "nothing can be said of 10 s of the 225 s recorded; elsewhere one may have gone unnoticed" in words
    assert "masked or no audio: an aircraft could not have been told" in words
    assert "sky" not in words


def _groups(first):
    return (first, *incident().groups[1:])


def test_a_file_in_pieces_is_drawn_in_pieces_and_told_in_words_beside_its_player():
    html = _page({"groups": _groups(edited_group())})
    words = _words(html)
    assert "from 20.0 s on: +10.000 s (10.000 s are missing)" in words
    assert "from 50.0 s on: +10.000 s (sound only: when its picture was taken is not known)" in words
    assert "the picture is not of this moment, or nobody knows of which" in words
    assert html.count('class="filmed" x=') == _page().count('class="filmed" x=') + 2
    assert html.count('class="blind" x=') == 1
    assert "the picture is not of this moment" not in _words(_page())
    elsewhere = [value for _, name, value in _read(html).attributes if name == "data-elsewhere"]
    assert len(elsewhere) == 7  # the player says it when it gets there
    assert "this picture is not of this moment" in html


def test_shots_and_suppressed_sound_are_shown():
    known = incident().recordings
    odd = (
        Interval(start_s=0.0, end_s=20.0, kind="shot"),
        Interval(start_s=20.0, end_s=60.0, kind="shot"),
        Interval(start_s=30.0, end_s=42.5, kind="suppressed"),
    )
    html = _page({"recordings": (replace(known[0], intervals=odd), *known[1:])})
    words = _words(html)
    assert "edited: the picture is made of 2 shots" in words
    assert "sound not assessable for 12.5 s (noise suppression): silence there is not absence" in words
    assert "that it heard nothing there says nothing" in words
    assert html.count('class="shot" x1="') == 2  # its mark, and the legend's
    assert html.count('class="deaf" x=') == _page().count('class="deaf" x=') + 1


def test_copies_add_no_witness():
    copies = (Duplicate(recording_ids=("rec-1", "rec-2"), kind="same_recording", evidence="equal sound, cropped"),)
    words = _words(_page({"duplicates": copies}))
    assert "the same recording as balcony.mp4 : no further witness" in words.replace("balcony.mp4:", "balcony.mp4 :")
    assert "4 recordings, 3 witnesses" in words
    assert "the same recording (equal sound, cropped). They count as one witness." in words


def test_findings_have_words_for_people_and_are_explained_once():
    def found(kind, message):
        return Finding(
            kind=kind, recording_ids=("rec-1",), group_id=None, time_s=1.0, value=None, unit=None, message=message
        )

    kinds = ("picture_clock", "replay", "replay", "speed", "carried_sound")
    words = _words(_page({"findings": tuple(found(kind, f"no. {k}") for k, kind in enumerate(kinds))}))
    for said in ("picture and sound apart: balcony.mp4: no. 0", "changed speed: ", "carried sound: ", "replay: "):
        assert said in words
    assert words.count("the file shows one moment again") == 1


def test_a_proposal_is_no_placement():
    proposals = (Proposal(other_id="rec-2", lag_s=3.0, basis="motion", score=4.2),)
    left = tuple(replace(one, proposals=proposals) for one in incident().unplaced)
    said = "proposal, not a placement: it may start at 10.2 s on the clock of شارع السوق.mp4, by motion (strength 4.2)"
    assert _words(_page({"unplaced": left})).count(said) == 2


def test_replays_are_left_out_and_counted():
    again = strike("sound-2", "group-1", 18.2, [heard("rec-1", 40.0)], kind="note", label="replay")
    assert "1 sound left out as replay" in _words(_page({"candidates": (again,)}))


def _luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_marks_stand_out_in_both_schemes(scheme):
    palettes = re.findall(r":root \{(.*?)\}", _page(), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", palettes[scheme]))
    for text, ground in (("ink", "paper"), ("dim", "paper"), ("dim", "panel"), ("ink", "panel"), ("ink", "warn")):
        assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)  # WCAG 2.2, 1.4.3
    for mark in ("filmed", "strike", "other", "focus"):
        assert _contrast(colours[mark], colours["paper"]) >= 3.0, mark  # 1.4.11


def test_copies_are_found_by_the_content_of_their_recording(tmp_path):
    document = build_timeline(incident())
    by_id = {entry.id: entry for entry in document.recordings}
    (tmp_path / "media").mkdir()
    target = proxy_target(tmp_path, by_id["rec-1"])
    target.with_name(target.name + ".mp4").write_bytes(b"")
    (tmp_path / "media" / f".{by_id['rec-2'].sha256[:16]}.part").mkdir()
    name = f"media/{by_id['rec-1'].sha256[:16]}.mp4"
    assert proxy_hrefs(tmp_path, document) == {"rec-1": name, "rec-8": name}  # equal files share one


def test_only_copies_of_withdrawn_files_are_stale(tmp_path):
    document = build_timeline(incident())
    kept = proxy_target(tmp_path, document.recordings[0])
    kept.parent.mkdir()
    for name in (f"{kept.name}.mp4", "0123456789abcdef.mp4", "notes.txt", "cafe.mp4"):
        (tmp_path / "media" / name).write_bytes(b"")
    assert [path.name for path in stale_proxies(tmp_path, document)] == ["0123456789abcdef.mp4"]


def test_places_distances_and_what_people_stated_are_told():
    seen = replace(heard("rec-1", None, uncertainty_s=None), stated_s=30.5)
    said = {"kind": "movement", "label": "ambulance arrives", "action": "arrives", "calibration": "stated by Rami"}
    events = (
        located("e1", 18.0, (0, 0), 38.2, assumptions=("20 °C ± 15 °C",)),
        located("e2", 40.0, (60, 0), 12.0),
        strike("m-1", "group-1", 30.5, [seen], time_basis="seen_at:rec-1", uncertainty_s=0.5, **said),
        strike("e3", "group-1", 45.0, [heard("rec-1", 45.0)], location_abstained="a single camera: a ring"),
    )
    words = _words(_page({"events": events, "places": (place("school", (210, 0), 10.0),)}))
    assert "35.55000, 36.60000 within 40 m by arrivals at 4 cameras this holds if 20 °C ± 15 °C" in words
    assert "school (alternative object): 210 m (170 to 250 m)" in words
    assert "not located: a single camera: a ring" in words
    assert "m-1 ambulance arrives: 12.5 ± 0.6 s after e1; 9.5 ± 0.6 s before e2" in words
    assert "of the strikes that could be located: 2 of 3" in words
    explosions, stated = words.index("none is confirmed until a person says so"), words.index("What people stated")
    assert explosions < words.index("as balcony.mp4 shows it")
    assert stated < words.index("as balcony.mp4 shows it")
    assert "stated by Rami" in words
