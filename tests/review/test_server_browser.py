"""The page through its local server, in a real browser: it plays and saves as its policy allows, nobody else can."""

import http.server
import json
import shutil
import threading

import pytest

from case_example import make_case
from decision_example import decision
from incident_example import CAMERAS
from numbered_example import BITS, CELL_PX, RATE, numbered_video
from syncview.cli.review import _door
from syncview.media.proxy import write_proxy
from syncview.review.page import render_page
from syncview.review.proxies import proxy_hrefs, proxy_target
from syncview.review.server import ReviewServer
from syncview.store.decisions import read_decisions
from syncview.timeline.schema import load_document

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SHOWN = ("rec-1", "rec-2")
VIDEOS = "[...document.querySelectorAll('video')]"

FRAME_NUMBER = """(video) => {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  const row = context.getImageData(0, CELL / 2, BITS * CELL, 1).data;
  return [...Array(BITS).keys()].reduce((sum, bit) => sum + (row[4 * (bit * CELL + CELL / 2)] > 127) * 2 ** bit, 0);
}""".replace("BITS", str(BITS)).replace("CELL", str(CELL_PX))

SAVE = """async (body) => {
  const answer = await fetch("api/decisions", {method: "POST", headers: {"Content-Type": "application/json"}, body});
  const all = await (await fetch("api/decisions")).json();
  return [answer.status, all.decisions.length];
}"""

TRY_FROM_ELSEWHERE = """async ([page, video]) => {
  const outcomes = {};
  const tried = async (name, promise) => {
    outcomes[name] = await promise.then(() => "got", () => "refused");
  };
  const loaded = (tag, address) => new Promise((resolve, reject) => {
    const element = document.createElement(tag);
    element.onloadeddata = resolve; element.onload = resolve; element.onerror = reject;
    element.src = address;
    document.body.append(element);
  });
  const json = {method: "POST", headers: {"Content-Type": "application/json"}, body: "{}"};
  await tried("read", fetch(page));
  await tried("decisions", fetch(page + "api/decisions"));
  await tried("save", fetch(page + "api/decisions", json));
  await tried("blind", fetch(page, {mode: "no-cors"}));
  await tried("video", loaded("video", video));
  await tried("script", loaded("script", page));
  return outcomes;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The worked incident as a case with its page and copies of two recordings."""
    where = tmp_path_factory.mktemp("browsed")
    case = make_case(where).folder
    document = load_document(case.timeline_file)
    (case.review / "media").mkdir(parents=True)
    for recording in document.recordings:
        if recording.id in SHOWN:
            source = where / f"{recording.id}.mkv"
            numbered_video(source, CAMERAS[recording.id][2])
            write_proxy(source, proxy_target(case.review, recording))
    case.write("review/index.html", render_page(document, media_hrefs=proxy_hrefs(case.review, document)))
    return case


@pytest.fixture(scope="module")
def server(folder):
    with ReviewServer(folder) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser, server, folder):
    """The page, reached as `syncview review` sends a browser to it; nothing may be asked of others or complained of."""
    tab = browser.new_page(viewport={"width": 1300, "height": 1500})
    faults, media = [], []
    tab.add_init_script("addEventListener('securitypolicyviolation', (e) => console.error(e.violatedDirective))")
    tab.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("response", lambda answer: media.append(answer.status) if "/media/" in answer.url else None)
    with _door(folder, server.url) as door:
        tab.on(
            "request",
            lambda asked: None if asked.url.startswith((server.url, door.as_uri())) else faults.append(asked.url),
        )
        tab.goto(door.as_uri())
        tab.wait_for_url(server.url)
    _wait(tab, f"{VIDEOS}.length === 2 && {VIDEOS}.every((video) => video.readyState >= 2 && !video.seeking)")
    yield tab
    tab.close()
    assert faults == []
    assert set(media) == {206}


def _wait(tab, expression):
    """Wait until a condition holds; the page's own policy forbids the polling that Playwright would inject."""
    for _ in range(400):
        if tab.evaluate(expression):
            return
        tab.wait_for_timeout(50)
    pytest.fail(f"not within 20 s: {expression}")


def test_a_seek_shows_its_frame_and_clips_play(page):
    page.get_by_role("button", name="Go to 2 s before").nth(3).click()
    _wait(page, f"{VIDEOS}.every((video) => !video.seeking)")
    for name in SHOWN:
        _, offset_s, _, _, _, drift_ppm = CAMERAS[name]
        recording_s = (39.5 + 0.2 - 2.0 - offset_s) / (1 + drift_ppm * 1e-6)
        assert page.locator(f'[data-clip="{name}"] video').evaluate(FRAME_NUMBER) == int(recording_s * RATE + 1e-6)
    before = page.evaluate(f"{VIDEOS}.map((video) => video.currentTime)")
    page.locator('[data-group="group-1"] [data-play]').click()
    _wait(page, f"{VIDEOS}.every((video, k) => video.currentTime > {before}[k] + 0.3)")
    page.locator('[data-group="group-1"] [data-play]').click()


def test_the_page_saves_a_decision_and_reads_it_back(page, folder):
    said = decision("rami", "accept").model_copy(
        update={"sha256": load_document(folder.timeline_file).recordings[0].sha256}
    )
    status, count = page.evaluate(SAVE, said.model_dump_json(exclude_none=True))
    assert (status, count) == (201, 1)
    assert read_decisions(folder.decisions).decisions == (said,)


def test_nothing_of_the_page_is_told_to_where_a_link_leads(page, browser, server):
    assert page.evaluate("document.referrer") == ""
    assert page.evaluate("document.cookie") == ""
    policy = page.evaluate("(async () => (await fetch('.')).headers.get('referrer-policy'))()")
    assert policy == "no-referrer"


class _Elsewhere(http.server.BaseHTTPRequestHandler):
    """Another server of this machine: another origin, though the same site."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><body>elsewhere")

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_page_of_another_server_gets_nothing_even_with_the_address(browser, server, folder, host):
    before = len(read_decisions(folder.decisions).decisions)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as elsewhere:
        thread = threading.Thread(target=elsewhere.serve_forever)
        thread.start()
        tab = browser.new_page()
        tab.goto(f"http://{host}:{elsewhere.server_port}/")
        href = next(iter(proxy_hrefs(folder.review, load_document(folder.timeline_file)).values()))
        outcomes = tab.evaluate(TRY_FROM_ELSEWHERE, [server.url, server.url + href])
        tab.evaluate(f"document.body.innerHTML = '<iframe src=\"{server.url}\"></iframe>'")
        tab.wait_for_timeout(300)
        framed = [frame.url for frame in tab.frames[1:]]
        tab.close()
        elsewhere.shutdown()
        thread.join()
    assert set(outcomes.values()) == {"refused"}, json.dumps(outcomes)
    assert server.url not in framed
    assert len(read_decisions(folder.decisions).decisions) == before
