"""The page in a real browser, opened from disk: every clip shows the same moment, and nothing plays unasked."""

import shutil
from fractions import Fraction

import av
import numpy as np
import pytest

from incident_example import CAMERAS, edited_group, incident
from lights_example import lit_incident
from moving_example import moving_incident
from numbered_example import BITS, CELL_PX, RATE, numbered_video
from syncview.media.proxy import write_proxy
from syncview.review.page import render_page
from syncview.timeline.build import build_timeline

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MEDIA = "[...document.querySelectorAll('video, audio')]"
SHOWN = ("rec-1", "rec-2", "rec-3", "rec-5")

FRAME_NUMBER = """(video) => {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const row = context.getImageData(0, CELL / 2, BITS * CELL, 1).data;
  let number = 0;
  for (let bit = 0; bit < BITS; bit += 1) if (row[4 * (bit * CELL + CELL / 2)] > 127) number += 2 ** bit;
  return number;
}""".replace("BITS", str(BITS)).replace("CELL", str(CELL_PX))


def _tone(path, duration_s):
    with av.open(str(path), "w") as out:
        audio = out.add_stream("aac", rate=32_000, layout="mono")
        samples = 0.1 * np.sin(np.arange(int(duration_s * 32_000), dtype=np.float32)[None])
        block = av.AudioFrame.from_ndarray(samples.astype(np.float32), format="fltp", layout="mono")
        block.sample_rate, block.pts, block.time_base = 32_000, 0, Fraction(1, 32_000)
        out.mux(audio.encode(block))
        out.mux(audio.encode(None))


@pytest.fixture(scope="module")
def review(tmp_path_factory):
    """The worked incident as a page with copies beside it."""
    folder = tmp_path_factory.mktemp("review")
    hrefs = {}
    for name, (_, _, duration_s, *_) in CAMERAS.items():
        source = folder / f"{name}.mkv"
        if name in SHOWN:
            numbered_video(source, duration_s)
        else:
            _tone(source, duration_s)
        hrefs[name] = write_proxy(source, folder / f"copy-{name}").path.name
    html = render_page(build_timeline(incident()), media_hrefs=hrefs)
    (folder / "index.html").write_text(html, encoding="utf-8")
    return folder / "index.html"


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--autoplay-policy=no-user-gesture-required",
                "--allow-file-access-from-files",  # to read frames back; the page itself reads none
            ],
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser, review):
    """The page, ready; the test fails when it asks for anything from elsewhere or reports an error."""
    tab = browser.new_page(viewport={"width": 1300, "height": 1500})
    faults = []
    tab.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on(
        "request", lambda asked: faults.append(asked.url) if not asked.url.startswith(review.parent.as_uri()) else None
    )
    tab.goto(review.as_uri())
    _wait(tab, "[...document.querySelectorAll('video, audio')].every((m) => m.readyState >= 2 && !m.seeking)")
    yield tab
    tab.close()
    assert faults == []


def _wait(tab, expression):
    """Wait until a condition holds; the page's own policy forbids the polling that Playwright would inject."""
    for _ in range(200):
        if tab.evaluate(expression):
            return
        tab.wait_for_timeout(50)
    pytest.fail(f"not within 10 s: {expression}")


def _settled(page):
    _wait(page, f"{MEDIA}.every((m) => !m.seeking)")


def _state(page, name):
    return page.locator(f'[data-clip="{name}"] [data-state]').inner_text()


def test_nothing_plays_or_sounds_unasked(page):
    media = page.evaluate(f"{MEDIA}.map((m) => [m.paused, m.muted])")
    assert media == [[True, True]] * 5
    assert "blur" in page.evaluate("getComputedStyle(document.querySelector('.tile video')).filter")


def test_an_event_takes_every_clip_to_the_frame_two_seconds_before_it(page):
    page.get_by_role("button", name="Go to 2 s before").nth(3).click()
    _settled(page)
    group_s = 39.5 + 0.2 - 2.0
    for name in SHOWN:
        _, offset_s, _, _, _, drift_ppm = CAMERAS[name]
        recording_s = (group_s - offset_s) / (1 + drift_ppm * 1e-6)
        video = page.locator(f'[data-clip="{name}"] video')
        assert video.evaluate("(v) => v.currentTime") == pytest.approx(recording_s, abs=1e-4)
        assert video.evaluate(FRAME_NUMBER) == int(recording_s * RATE + 1e-6)
    assert page.locator("[data-live]").inner_text().startswith("strike-4, explosion (candidate)")


def test_a_clip_that_was_not_recording_says_so(page):
    page.get_by_role("button", name="Go to 2 s before").nth(0).click()
    _settled(page)
    assert _state(page, "rec-5") == "not recording yet; starts in 5.6 s"  # 21.75 - 16.2
    page.locator('[data-group="group-1"] [data-seek]').fill("65.5")
    _settled(page)
    assert _state(page, "rec-4") == "not recording any more"
    assert _state(page, "rec-5") == ""


def test_a_cut_and_a_picture_of_another_moment_are_said_in_words(browser, tmp_path):
    document = build_timeline(incident(groups=(edited_group(),), unplaced=()))
    (tmp_path / "index.html").write_text(render_page(document, media_hrefs={}), encoding="utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "index.html").as_uri())
    seek, elsewhere = tab.locator("[data-seek]"), tab.locator('[data-clip="rec-1"] [data-elsewhere]')
    said = []
    for group_s in (25, 40, 65):
        seek.evaluate(f"(s) => {{ s.value = '{group_s}'; s.dispatchEvent(new Event('input')); }}")
        said.append((tab.locator('[data-clip="rec-1"] [data-state]').text_content(), elsewhere.text_content()))
    assert [state for state, _ in said] == ["cut out here; goes on in 5.0 s", *["no preview of this file"] * 2]
    assert [words.partition(":")[0] for _, words in said] == [
        "",
        "",
        "this picture is not of this moment, or nobody knows of which",
    ]
    assert elsewhere.is_visible()
    tab.close()


def test_a_light_is_reached_by_keyboard_and_its_frame_is_shown(browser, review):
    document = build_timeline(lit_incident())
    hrefs = {name: next(review.parent.glob(f"copy-{name}.*")).name for name in ("rec-1", "rec-2")}
    lit = review.with_name("lit.html")
    lit.write_text(render_page(document, media_hrefs=hrefs), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 390, "height": 800})
    tab.goto(lit.as_uri())
    _wait(tab, f"{MEDIA}.every((m) => m.readyState >= 2 && !m.seeking)")
    for words in ("4 recordings; light picked in 1", "2 lights to look at"):
        tab.get_by_text(words).focus()
        tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.ariaLabel").startswith("Go to frame 415 of ")
    tab.keyboard.press("Enter")
    _settled(tab)
    assert tab.locator('[data-clip="rec-2"] video').evaluate(FRAME_NUMBER) == 415
    assert tab.locator("[data-live]").inner_text().endswith("first plume at 0:16.600")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.close()


STILL_NUMBER = """(canvas) => {
  const copy = document.createElement("canvas");
  copy.width = 320; copy.height = 180;
  copy.getContext("2d").drawImage(canvas, 0, 0, 320, 180);
  const row = copy.getContext("2d").getImageData(0, CELL / 2, BITS * CELL, 1).data;
  let number = 0;
  for (let bit = 0; bit < BITS; bit += 1) if (row[4 * (bit * CELL + CELL / 2)] > 127) number += 2 ** bit;
  return number;
}""".replace("BITS", str(BITS)).replace("CELL", str(CELL_PX))


def test_frames_that_show_a_movement_are_drawn_once_unfolded_and_blurred_until_asked_for(browser, review):
    hrefs = {name: next(review.parent.glob(f"copy-{name}.*")).name for name in ("rec-1", "rec-2")}
    moving = review.with_name("moving.html")
    moving.write_text(render_page(build_timeline(moving_incident()), media_hrefs=hrefs), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1300, "height": 900})
    faults = []
    tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    tab.goto(moving.as_uri())
    tab.get_by_text("Movement (candidates): 5").click()
    stills = tab.locator("#event-e2 + tr [data-stills]")
    assert stills.get_attribute("data-drawn") is None
    tab.locator("#event-e2 + tr summary").first.click()
    _wait(tab, "document.querySelector('#event-e2 + tr [data-stills]').dataset.drawn === 'done'")
    shown = [stills.locator("canvas").nth(k).evaluate(STILL_NUMBER) for k in range(3)]
    assert shown == [318, 323, 328]  # the frames on screen at 12.752, 12.952 and 13.152 s, at 25 a second
    blur = "(place) => getComputedStyle(place.querySelector('canvas')).filter"
    assert "blur" in stills.evaluate(blur)
    stills.get_by_role("button").click()
    assert stills.evaluate(blur) == "none"
    assert stills.get_by_role("button").inner_text() == "Blur frames"
    assert faults == []
    tab.close()


def test_all_clips_play_one_moment(page):
    page.locator('[data-group="group-1"] [data-play]').click()
    _wait(page, f"{MEDIA}.filter((m) => !m.paused).length >= 3")
    page.wait_for_timeout(500)
    samples = page.evaluate(
        """async () => {
          const root = document.querySelector("[data-group]"), all = [];
          for (let k = 0; k < 40; k += 1) {
            await new Promise(requestAnimationFrame);
            const now = Number(root.querySelector("[data-readout]").dataset.seconds);
            all.push([now, ...["rec-1", "rec-2", "rec-3"].map(
              (id) => root.querySelector(`[data-clip="${id}"] video`).currentTime)]);
          }
          return all;
        }"""
    )
    start_s, end_s = samples[0][0], samples[-1][0]
    assert end_s > start_s + 0.3
    off = [
        abs((now - CAMERAS[name][1]) / (1 + CAMERAS[name][5] * 1e-6) - shown)
        for now, *times in samples
        for name, shown in zip(("rec-1", "rec-2", "rec-3"), times, strict=True)
    ]
    assert np.median(off) < 0.04  # one frame; single maxima depend on the machine's load
    page.locator('[data-group="group-1"] [data-play]').click()
    assert page.evaluate(f"{MEDIA}.every((m) => m.paused)")


def test_one_recording_is_heard_at_a_time(page):
    for name in ("rec-4", "rec-1"):
        page.locator(f'[data-clip="{name}"] [data-hear]').click()
        heard = page.evaluate(f"{MEDIA}.filter((m) => !m.muted).map((m) => m.closest('.tile').dataset.clip)")
        assert heard == [name]
    page.keyboard.press("m")
    assert page.evaluate(f"{MEDIA}.every((m) => m.muted)")


def test_pictures_are_shown_when_asked_and_hidden_by_a_key(page):
    page.get_by_role("button", name="Show the picture of dashcam.mkv").click()
    assert page.locator(".tile:not(.blurred)").count() == 1
    page.locator('[data-group="group-1"] [data-show-all]').click()
    assert page.locator('[data-group="group-1"] .tile.blurred').count() == 0
    page.keyboard.press("b")
    assert page.locator(".tile:not(.blurred)").count() == 0


def test_keys_play_and_step_through_events(page):
    readout = page.locator('[data-group="group-1"] [data-readout]')
    seen = []
    for key in ("n", "n", "ArrowLeft", "p"):
        page.keyboard.press(key)
        seen.append(float(readout.get_attribute("data-seconds")))
    assert seen == pytest.approx([22.2, 23.0, 22.0, 16.2], abs=1e-3)
    page.keyboard.press(" ")
    assert page.locator('[data-group="group-1"] [data-play]').inner_text() == "Pause"
    page.keyboard.press(" ")
    assert page.locator('[data-group="group-1"] [data-play]').inner_text() == "Play"


def test_every_control_can_be_reached_by_keyboard_and_shows_it(page):
    names = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        names.add(
            page.evaluate(
                """() => {
                  const at = document.activeElement;
                  const seen = getComputedStyle(at).outlineStyle !== "none";
                  return `${at.textContent.trim() || at.getAttribute("aria-label")} ${seen}`;
                }"""
            )
        )
    assert {"Play true", "Next event true", "Show picture true", "Sound off true", "Go to 2 s before true"} <= names


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_colour_schemes_and_a_narrow_window_fit(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for width in (1300, 420):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert (ink, paper) == {
        "light": ("rgb(27, 27, 27)", "rgb(255, 255, 255)"),
        "dark": ("rgb(233, 233, 233)", "rgb(22, 24, 26)"),
    }[scheme]


def test_a_hostile_name_does_nothing(browser, tmp_path):
    title = '</script><script>document.title = "owned"</script><img src=x onerror=document.title="owned">'
    html = render_page(build_timeline(incident(title=title)), media_hrefs={})
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "index.html").as_uri())
    assert tab.title().startswith("</script>")
    tab.close()
