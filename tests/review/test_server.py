"""The page's local server on a real socket: what it shows to whom, and everything that it refuses."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from case_example import make_case
from decision_example import decision
from incident_example import incident
from syncview.cli.shell import shell
from syncview.errors import CaseFolderError
from syncview.media import proxy
from syncview.review.guard import HEADERS, page_policy
from syncview.review.page import render_page
from syncview.review.proxies import proxy_hrefs, proxy_target
from syncview.review.served import MEDIA_TYPES
from syncview.review.server import ReviewServer
from syncview.store.decisions import read_decisions
from syncview.timeline.build import build_timeline
from syncview.timeline.schema import dumps, load_document

SECRET = b"not to be seen"
VIDEO = bytes(range(256)) * 40
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs symbolic links and signals")


def make_reviewed(where):
    """A case with a page, a copy of its first recording, and files beside them that are nobody's business."""
    folder = make_case(where).folder
    document = load_document(folder.timeline_file)
    target = proxy_target(folder.review, document.recordings[0])
    target.parent.mkdir(parents=True)
    target.with_suffix(".mp4").write_bytes(VIDEO)
    html = render_page(document, media_hrefs=proxy_hrefs(folder.review, document))
    folder.write("review/index.html", html)
    for secret in (where, folder.path, folder.review, target.parent):
        (secret / "secret.txt").write_bytes(SECRET)
        (secret / "secret.mp4").write_bytes(SECRET)
    return folder, f"media/{target.name}.mp4"


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    return make_reviewed(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def server(reviewed):
    with ReviewServer(reviewed[0]) as running:
        yield running


@pytest.fixture(scope="module")
def video(reviewed):
    return reviewed[1]


def token_of(server):
    return server.url.rsplit("/", 2)[1]


def send(server, content):
    """Send bytes as they are; what comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        answer = b""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(content)
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                answer += piece
    return answer


def ask(server, target, *, method="GET", host=None, headers=(), body=b""):
    """One request with a target that no client library mends; status, headers and body of the answer."""
    lines = [f"{method} {target} HTTP/1.1", "Connection: close"]
    if host != "":
        lines.append(f"Host: {host or f'127.0.0.1:{server.port}'}")
    lines += [f"{name}: {value}" for name, value in headers]
    return parsed(send(server, "\r\n".join((*lines, "", "")).encode("latin-1") + body))


def parsed(answer):
    head, _, content = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(": ")
        assert name.lower() not in headers, f"{name} stands twice"
        headers[name.lower()] = value
    for name, value in HEADERS.items():
        if name != "Content-Security-Policy":
            assert headers[name.lower()] == value
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "server" not in headers
    return int(status.split(" ")[1]), headers, content


def inside(server, rest, **more):
    return ask(server, f"/{token_of(server)}/{rest}", **more)


def test_the_page_is_the_one_on_disk_and_its_policy_names_its_code_by_hash(server, reviewed):
    page = (reviewed[0].review / "index.html").read_bytes()
    status, headers, content = inside(server, "")
    assert (status, content) == (200, page)
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", policy["script-src"])
    assert policy["media-src"] == policy["img-src"] == policy["connect-src"] == "'self'"
    assert inside(server, "index.html")[2] == page
    status, headers, content = inside(server, "", method="HEAD")
    assert (status, headers["content-length"], content) == (200, str(len(page)), b"")


def test_a_token_without_its_slash_leads_to_the_page(server):
    status, headers, _ = ask(server, f"/{token_of(server)}")
    assert (status, headers["location"]) == (307, f"/{token_of(server)}/")


def test_every_server_has_a_token_of_its_own_that_cannot_be_guessed(server, reviewed):
    with ReviewServer(reviewed[0]) as other:
        tokens = {token_of(server), token_of(other)}
        assert len(tokens) == 2
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", token) for token in tokens)  # 6 bits each
        assert ask(other, f"/{token_of(server)}/")[0] == 403


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "//",
        "/index.html",
        "/favicon.ico/",
        "/wrong/",
        "/{token}x/",
        "/{short}/",
        "/{upper}/",
        "/?token={token}",
        "//{token}/",
        "/./{token}/",
        "/x/../{token}/",
        "/%2f{token}/",
        "/{token}%00/",
        "/{token}%2f",
        "/{token};/",
        "http://127.0.0.1/{token}/",
        "http://elsewhere.example/{token}/",
        "*",
        "{token}/",
    ],
)
def test_without_the_token_there_is_nothing(server, target):
    token = token_of(server)
    status, _, content = ask(server, target.format(token=token, short=token[:-1], upper=token.swapcase()))
    assert status in (400, 403)
    assert b"<html" not in content
    assert token.encode() not in content


def test_the_icon_that_browsers_ask_for_unasked_is_empty(server):
    assert ask(server, "/favicon.ico")[::2] == (204, b"")
    assert ask(server, "/favicon.ico", host="elsewhere.example")[0] == 403
    assert ask(server, "/favicon.ico", method="POST")[0] == 403


@pytest.mark.parametrize(
    "host",
    [
        "",
        "elsewhere.example",
        "elsewhere.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost",
        "[::1]:{port}",
        "127.0.0.1:{port}.elsewhere.example",
        "0.0.0.0:{port}",
        "127.1:{port}",
        "x@127.0.0.1:{port}",
        "127.0.0.2:{port}",
    ],
)
def test_only_the_machines_own_names_are_answered(server, host):
    status, _, content = inside(server, "", host=host.format(port=server.port))
    assert status in (400, 403)
    assert b"<html" not in content


def test_localhost_is_a_name_of_the_machine_and_two_names_are_none(server):
    assert inside(server, "", host=f"LocalHost:{server.port}")[0] == 200
    twice = inside(server, "", headers=[("Host", f"127.0.0.1:{server.port}")])
    assert twice[0] == 400


@pytest.mark.parametrize(
    "rest",
    [
        "secret.txt",
        "secret.mp4",
        "media",
        "media/",
        "media/secret.mp4",
        "media/secret.txt",
        "../timeline.json",
        "../../secret.txt",
        "media/../secret.txt",
        "media/../index.html",
        "./index.html",
        "/index.html",
        "//index.html",
        "index.html/",
        "%2e%2e/timeline.json",
        "%2e%2e%2ftimeline.json",
        "..%2ftimeline.json",
        "..%5ctimeline.json",
        "..\\timeline.json",
        "media\\{name}",
        "media%2f{name}",
        "media//{name}",
        "media/./{name}",
        "media/{name}%00",
        "media/{name}%00.txt",
        "media/{name}/",
        "media/{name}/..",
        "media/{name};",
        "media/{name}%20",
        "media/{name}.",
        "media/{name}::$DATA",
        "MEDIA/{name}",
        "media/%252e%252e/%252e%252e/timeline.json",
        "%252e%252e%252ftimeline.json",
        "%c0%ae%c0%ae/timeline.json",
        "/etc/passwd",
        "//etc/passwd",
        "file:///etc/passwd",
        "~/.ssh/id_rsa",
        "C:/Windows/win.ini",
        "{root}/secret.txt",
        "timeline.json",
        "case.toml",
        ".lock",
        "index.html%00",
        "index.HTML",
    ],
)
def test_nothing_but_names_of_the_table_is_found(server, reviewed, video, rest):
    name = video.partition("/")[2]
    status, _, content = inside(server, rest.format(name=name, root=reviewed[0].path))
    assert status in (400, 404)
    assert len(content) < 100
    assert SECRET not in content


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND"])
def test_other_methods_are_refused(server, video, method):
    for rest in ("", video):
        status, headers, _ = inside(server, rest, method=method)
        assert status in (400, 405)
        if status == 405:
            assert headers["allow"] == "GET, HEAD"
        assert not [name for name in headers if name.startswith("access-control")]


def test_what_is_no_request_is_refused_with_the_headers_of_all_answers(server):
    for content in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\nA b: c\r\n\r\n"):
        status, _, words = parsed(send(server, content))
        assert (status, words) == (400, b"This is no HTTP request.\n")


@pytest.mark.parametrize("length", [3_000, 15_000, 40_000, 1_000_000])
def test_an_address_that_is_too_long_is_refused(server, length):
    assert inside(server, "a" * length)[0] == 414
    assert inside(server, "?" + "a" * length)[0] == 414


@pytest.mark.parametrize("length", [16_400, 40_000, 200_000, 1_000_000])
def test_headers_that_are_too_long_are_refused(server, length):
    """Also such as come in one piece, which h11 by itself takes whatever their length."""
    assert inside(server, "", headers=[("X-Long", "a" * length)])[0] == 431
    assert inside(server, "", headers=[("X-Many", "a" * 10)] * (length // 16))[0] == 431
    slowly = f"GET /{token_of(server)}/ HTTP/1.1\r\nX-Long: ".encode() + b"a" * (length * 2)
    assert parsed(send(server, slowly))[0] == 431


def test_what_is_sent_along_with_a_question_is_refused(server):
    assert inside(server, "", headers=[("Content-Length", "3")], body=b"abc")[0] == 400
    assert inside(server, "", headers=[("Transfer-Encoding", "chunked")], body=b"0\r\n\r\n")[0] == 400
    assert inside(server, "", headers=[("Content-Length", "70000")])[0] == 413
    assert inside(server, "", headers=[("Content-Length", "9" * 25)])[0] == 400


@pytest.mark.parametrize(
    ("site", "mode", "target", "status"),
    [
        ("none", "navigate", "document", 200),
        ("same-origin", "no-cors", "video", 200),
        ("cross-site", "navigate", "document", 200),  # a link to here, as in a mail
        ("cross-site", "navigate", "iframe", 403),
        ("cross-site", "no-cors", "video", 403),
        ("same-site", "cors", "empty", 403),  # another port of this machine
        ("cross-site", "no-cors", "script", 403),
    ],
)
def test_pages_of_other_sites_get_nothing(server, video, site, mode, target, status):
    headers = [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", target)]
    assert inside(server, video, headers=headers)[0] == status


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("0-", 0, 10_239), ("0-0", 0, 0), ("100-199", 100, 199), ("-10", 10_230, 10_239), ("10000-99999", 10_000, 10_239)],
)
def test_a_part_of_a_file_is_answered_as_such(server, video, asked, start, end):
    status, headers, content = inside(server, video, headers=[("Range", f"bytes={asked}")])
    assert (status, content) == (206, VIDEO[start : end + 1])
    assert headers["content-range"] == f"bytes {start}-{end}/10240"
    assert headers["content-length"] == str(len(content))
    assert headers["content-type"] == "video/mp4"
    assert headers["accept-ranges"] == "bytes"
    head = inside(server, video, method="HEAD", headers=[("Range", f"bytes={asked}")])
    assert (head[0], head[1]["content-range"], head[2]) == (206, headers["content-range"], b"")


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=10240-",
        "bytes=99999-",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=-",
        "bytes=",
        "bytes",
        "lines=0-1",
        "0-1",
        "bytes=--1",
        "bytes=0-1,3-4",
        "bytes=0-1, 0-1",
        f"bytes=0-{'9' * 5000}",
        "bytes=-0",
        "bytes=0x1-2",
        "bytes=1 - 2",
        "bytes=٠-١",
    ],
)
def test_a_part_that_there_is_not_is_refused(server, video, asked):
    status, headers, content = inside(server, video, headers=[("Range", asked.encode().decode("latin-1"))])
    assert status == 416
    assert headers["content-range"] == "bytes */10240"
    assert len(content) < 100


def test_the_whole_file_comes_without_a_range_and_a_changed_one_comes_whole(server, video):
    status, headers, content = inside(server, video)
    assert (status, content, headers["content-length"]) == (200, VIDEO, "10240")
    part = ("Range", "bytes=0-9")
    assert inside(server, video, headers=[part, ("If-Range", headers["etag"])])[0] == 206
    assert inside(server, video, headers=[part, ("If-Range", headers["last-modified"])])[0] == 206
    for other in ('"other"', f"W/{headers['etag']}", "Mon, 01 Jan 2018 00:00:00 GMT", "nonsense"):
        assert inside(server, video, headers=[part, ("If-Range", other)])[2] == VIDEO


def test_it_listens_to_this_machine_alone(server):
    addresses = {address[4][0] for address in socket.getaddrinfo(socket.gethostname(), None)} | {"127.0.0.2", "::1"}
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; tells the address that leads out
        addresses.add(probe.getsockname()[0])
    for address in addresses - {"127.0.0.1"}:
        with pytest.raises(OSError, match=r"refused|assign|unreachable|supported"):
            socket.create_connection((address, server.port), timeout=2)


def test_copies_appear_as_they_are_made_and_go_with_their_recording(tmp_path):
    folder, first = make_reviewed(tmp_path)
    document = load_document(folder.timeline_file)
    second = proxy_target(folder.review, document.recordings[1]).with_suffix(".webm")
    with ReviewServer(folder) as server:
        assert inside(server, f"media/{second.name}")[0] == 404
        second.write_bytes(b"made meanwhile")
        status, headers, content = inside(server, f"media/{second.name}")
        assert (status, headers["content-type"], content) == (200, "video/webm", b"made meanwhile")
        folder.write("review/index.html", "another page")
        assert inside(server, "")[2] == b"another page"
        empty = dict.fromkeys(("events", "candidates", "unplaced", "duplicates", "pairs", "findings", "groups"), ())
        folder.write("timeline.json", dumps(build_timeline(incident(recordings=(), **empty))))
        assert inside(server, first)[0] == 404


@POSIX
def test_links_are_not_followed(tmp_path):
    folder, first = make_reviewed(tmp_path)
    media = folder.review / first
    with ReviewServer(folder) as server:
        for aim in (
            tmp_path / "secret.mp4",
            folder.path / "secret.mp4",
            folder.review / "secret.mp4",
            Path("/dev/zero"),
        ):
            media.unlink()
            media.symlink_to(aim)
            assert inside(server, first)[0] == 404
        media.unlink()
        os.mkfifo(media)
        assert inside(server, first)[0] == 404
        media.unlink()
        media.mkdir()
        assert inside(server, first)[0] == 404
        (folder.review / "media").rename(tmp_path / "elsewhere")
        (tmp_path / "elsewhere" / media.name).rmdir()
        (tmp_path / "elsewhere" / media.name).write_bytes(SECRET)
        (folder.review / "media").symlink_to(tmp_path / "elsewhere")
        assert inside(server, first)[0] == 404
        (folder.review / "index.html").unlink()
        (folder.review / "index.html").symlink_to(tmp_path / "secret.txt")
        status, _, words = inside(server, "")
        assert (status, SECRET in words) == (500, False)
    with pytest.raises(CaseFolderError, match="leads out of the case"):
        ReviewServer(folder)


@POSIX
def test_the_case_itself_may_be_named_by_a_link(tmp_path):
    folder, first = make_reviewed(tmp_path)
    (tmp_path / "link").symlink_to(folder.path)
    with ReviewServer(folder.__class__.open(tmp_path / "link")) as server:
        assert inside(server, first)[2] == VIDEO


def test_it_ends_when_told_even_while_it_sends(tmp_path):
    folder, first = make_reviewed(tmp_path)
    (folder.review / first).write_bytes(bytes(50_000_000))
    server = ReviewServer(folder)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        target = f"/{token_of(server)}/{first}"
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 200"
        before_s = time.monotonic()
        server.stop()
        assert time.monotonic() - before_s < 5
    assert not server.running
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def post(server, content, *, rest="api/decisions", **changed):
    """Save something as the page does; `changed` headers replace its own, None leaves one out."""
    own = {
        "Content-Type": "application/json",
        "Origin": f"http://127.0.0.1:{server.port}",
        "Sec-Fetch-Site": "same-origin",
        "Content-Length": str(len(content)),
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [(name, value) for name, value in own.items() if value is not None]
    return inside(server, rest, method="POST", headers=lines, body=content)


def decided(folder, **changes):
    first = load_document(folder.timeline_file).recordings[0]
    return decision("سلمى", "accept", comment="heard it twice").model_copy(update={"sha256": first.sha256} | changes)


def as_json(said):
    return said.model_dump_json(exclude_none=True).encode()


def listed(server):
    status, headers, content = inside(server, "api/decisions")
    assert (status, headers["content-type"]) == (200, "application/json")
    return json.loads(content)


@pytest.fixture
def case(tmp_path):
    return make_reviewed(tmp_path)[0]


@pytest.fixture
def saving(case):
    with ReviewServer(case) as running:
        yield running


def test_a_decision_is_kept_and_listed(case, saving):
    assert listed(saving) == {"decisions": [], "troubles": []}
    first, second = decided(case), decided(case, verdict="comment", comment="x" * 19_000)
    for said in (first, second):
        status, headers, content = post(saving, as_json(said))
        assert (status, headers["content-type"]) == (201, "application/json")
        assert json.loads(content)["decision"] == json.loads(as_json(said))
    assert read_decisions(case.decisions).decisions == (first, second)
    assert [each["verdict"] for each in listed(saving)["decisions"]] == ["accept", "comment"]
    assert inside(saving, "api/decisions", method="HEAD")[2] == b""


def test_many_who_save_at_once_all_find_their_decision_kept(case, saving):
    names = [f"reviewer {number % 5}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = pool.map(lambda name: post(saving, as_json(decided(case, reviewer=name)))[0], names)
        assert list(outcomes) == [201] * 40
    assert sorted(each["reviewer"] for each in listed(saving)["decisions"]) == sorted(names)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "https://127.0.0.1:{port}"}, 403),
        ({"Origin": "http://localhost:{port}"}, 403),  # not where this page was loaded from
        ({"Origin": "null", "Sec_Fetch_Site": None}, 403),
        ({"Origin": None, "Sec_Fetch_Site": None}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "none"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": None}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Type": "application/json; charset=utf-16"}, 415),
        ({"Content_Type": "application/jsonp"}, 415),
        ({"Content_Length": "65537"}, 413),
        ({"rest": "api/decisions/"}, 405),
        ({"rest": "api/Decisions"}, 405),
        ({"Sec_Fetch_Site": None}, 201),
        ({"Origin": None}, 201),
        ({"Origin": "null"}, 201),
        ({"Content_Type": "application/json; charset=UTF-8"}, 201),
    ],
)
def test_only_the_page_itself_may_save_and_only_json(reviewed, server, changed, status):
    case, before = reviewed[0], len(listed(server)["decisions"])
    changed = {name: value and value.format(port=server.port) for name, value in changed.items()}
    assert post(server, as_json(decided(case)), **changed)[0] == status
    assert len(listed(server)["decisions"]) == before + (status == 201)


def test_to_save_needs_the_token_and_the_machines_name(case, saving):
    content = as_json(decided(case))
    lines = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(content))),
        ("Origin", "http://elsewhere.example"),
    ]
    assert ask(saving, "/api/decisions", method="POST", headers=lines, body=content)[0] == 403
    assert (
        inside(saving, "api/decisions", method="POST", host="elsewhere.example", headers=lines, body=content)[0] == 403
    )
    assert not case.decisions.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"reviewer": NaN}',
        b'{"verdict": "accept"}',
        b"WITH,extra:1",
        b'WITH"reviewer":" "',
        b'WITH"sha256":"' + b"0" * 64 + b'"',
        b'WITH"recording_time_s":"18.2"',
        b'WITH"decided_utc":"yesterday"',
    ],
)
def test_what_is_no_decision_on_a_file_of_the_case_is_not_kept(reviewed, server, content):
    before = listed(server)
    if content.startswith(b"WITH"):
        content = as_json(decided(reviewed[0]))[:-1] + b"," + content.removeprefix(b"WITH") + b"}"
    status, headers, words = post(server, content)
    assert (status, headers["content-type"]) == (422, "text/plain; charset=utf-8")
    assert len(words) < 300
    assert listed(server) == before


def test_more_than_64_kb_are_refused_also_in_pieces_that_state_no_length(case, saving):
    piece = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    assert post(saving, piece * 5, Content_Length=None, Transfer_Encoding="chunked")[0] == 413
    content = as_json(decided(case))
    pieces = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
    assert post(saving, pieces, Content_Length=None, Transfer_Encoding="chunked")[0] == 201


def test_a_reviewers_name_leads_nowhere(case, saving):
    before = {path for path in case.path.parent.rglob("*") if case.decisions not in path.parents}
    for name in ("../../escaped", "/tmp/escaped", "..\\..\\escaped", "con", ".", ".lock"):
        assert post(saving, as_json(decided(case, reviewer=name)))[0] == 201
    assert {path for path in case.path.parent.rglob("*") if case.decisions not in path.parents} == before | {
        case.decisions
    }
    assert len(list(case.decisions.glob("*.jsonl"))) == 6


@POSIX
def test_decisions_are_neither_written_to_nor_read_from_elsewhere(case, saving, tmp_path):
    aim = tmp_path / "precious.txt"
    aim.write_bytes(SECRET)
    said = decided(case, reviewer="eve")
    case.decisions.mkdir()
    for name in ("eve.jsonl", ".lock"):
        (case.decisions / name).symlink_to(aim)
        assert post(saving, as_json(said))[0] == 500
        status, _, words = inside(saving, "api/decisions")
        assert (status, SECRET in words) == (500 if name == "eve.jsonl" else 200, False)
        (case.decisions / name).unlink()
    case.decisions.rmdir()
    case.decisions.symlink_to(tmp_path)
    assert post(saving, as_json(said))[0] == 500
    assert inside(saving, "api/decisions")[0] == 500
    assert aim.read_bytes() == SECRET


def test_a_line_that_is_no_decision_is_named_and_costs_only_itself(case, saving):
    assert post(saving, as_json(decided(case, reviewer="ana")))[0] == 201
    with (case.decisions / "ana.jsonl").open("ab") as stream:
        stream.write(b'{"cut off')
    assert post(saving, as_json(decided(case, reviewer="ana")))[0] == 201
    assert [len(part) for part in listed(saving).values()] == [2, 1]


def test_one_connection_serves_many_requests(server, video):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for rest, status in (("", 200), (video, 200), (video, 200)):
        connection.request("GET", f"/{token_of(server)}/{rest}")
        response = connection.getresponse()
        assert (response.status, len(response.read()) > 1000) == (status, True)
    connection.close()


def test_every_form_of_copy_has_its_media_type():
    made = {suffix for form in proxy._FORMATS for suffix in (form.video_suffix, form.audio_suffix)}
    assert made | set(proxy._SHOWN_STILLS.values()) == set(MEDIA_TYPES)


@pytest.mark.parametrize(
    "stated",
    [
        "script-src 'unsafe-inline'",
        "script-src https://elsewhere.example 'self' data: blob:",
        "default-src *",
        "script-src-elem 'unsafe-inline'; frame-ancestors *; base-uri *; connect-src https://elsewhere.example",
        "img-src https: http://elsewhere.example *",
        "sandbox; report-uri https://elsewhere.example; ;;",
    ],
)
def test_a_page_cannot_allow_itself_anything_from_elsewhere(stated):
    meta = f'<meta http-equiv="Content-Security-Policy" content="{stated}">'
    assert page_policy(meta) == page_policy("") == page_policy("x")
    assert page_policy("").startswith("default-src 'none'; connect-src 'self'; base-uri 'none'")


def review(*arguments):
    return CliRunner().invoke(shell, ["review", *map(str, arguments)], prog_name="syncview")


def test_a_case_without_page_and_a_port_that_is_taken_are_said_in_one_line(tmp_path):
    folder, _ = make_reviewed(tmp_path)
    with ReviewServer(folder) as other:
        taken = review(folder.path, "--port", other.port)
    (folder.review / "index.html").write_bytes(b"\xff\xfe")
    damaged = review(folder.path, "--port", "1")
    (folder.review / "index.html").unlink()
    no_page = review(folder.path)
    folder.timeline_file.unlink()
    no_run = review(folder.path)
    nothing = review(tmp_path / "none")
    for outcome, words in (
        (taken, f"port {other.port} cannot be had"),
        (damaged, "index.html cannot be read: "),
        (no_page, "has no page yet (run it again, without --no-page: syncview run -o "),
        (no_run, f"nothing was run in {folder.path} yet (syncview run FILES... -o "),
        (nothing, "there is no case folder"),
    ):
        assert (outcome.exit_code, outcome.stdout) == (2, "")
        assert words in outcome.stderr
        assert outcome.stderr.count("\n") == 1


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_the_address_shows_the_page_and_ends_when_told(tmp_path, told):
    folder, first = make_reviewed(tmp_path)
    command = [sys.executable, "-m", "syncview", "review", str(folder.path), "--no-browser", "--json"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as program:
        said = json.loads("".join(iter(program.stdout.readline, "}\n")) + "}")
        assert said["case"] == str(folder.path)
        assert said["url"].startswith(f"http://127.0.0.1:{said['port']}/")
        with urlopen(said["url"] + first) as answer:
            assert answer.read() == VIDEO
        program.send_signal(told)
        output, errors = program.communicate(timeout=20)
    assert (program.returncode, output) == (0, "")
    assert errors == "syncview: showing the page to this machine alone; Ctrl-C ends it\n"


@POSIX
def test_the_browser_is_sent_by_a_file_that_only_its_user_can_read(tmp_path, monkeypatch):
    folder, _ = make_reviewed(tmp_path)
    seen = []

    def opened(address):
        path = Path(address.removeprefix("file://"))
        found = re.search(r'url=(http://127\.0\.0\.1:\d+/[^"]+/)"', path.read_text())
        with urlopen(found[1]) as answer:
            seen.append((path, path.stat().st_mode & 0o777, answer.status))
        os.kill(os.getpid(), signal.SIGTERM)
        return True

    monkeypatch.setattr("webbrowser.open", opened)
    monkeypatch.setenv("DISPLAY", ":0")
    outcome = review(folder.path)
    assert outcome.exit_code == 0
    ((path, mode, status),) = seen
    assert (path.parent, mode, status) == (folder.review.resolve(), 0o600, 200)
    assert not path.exists()
    assert outcome.stdout.startswith("page: http://127.0.0.1:")
