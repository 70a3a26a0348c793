"""What the page's local server answers.

::

    GET  .                   the page
    GET  media/NAME          a copy of a recording, or a part of it
    GET  api/decisions       {"decisions": [...], "troubles": [...]}
    POST api/decisions       one decision; answered by {"decision": {...}} when it is on the disk

behind the token, each as an exact name. Whatever is refused is answered by one line of text.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response

from syncview.errors import SyncViewError
from syncview.review.guard import HEADERS, MOST_BODY_BYTES, Asked, Refusal, body_too_long, page_policy, refused_body

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from syncview.review.guard import Guard
    from syncview.review.saved import SavedDecisions
    from syncview.review.served import PageFiles, ServedFile

__all__ = ["Answers", "refusal_headers", "refusal_text"]

_READ = ("GET", "HEAD")
_WRITE = "POST"
_PAGE = ("", "index.html")
_ICON = b"/favicon.ico"  # browsers ask for it unasked, without the token, and report a refusal as the page's error
_DECISIONS = "api/decisions"
_BODY_WITHIN_S = 10.0
_RANGE = re.compile(rb"bytes=(?:(\d{1,18})-(\d{0,18})|-\d{1,18})")

_log = logging.getLogger(__name__)


def refusal_text(words: str) -> str:
    """Text of an answer that is none."""
    return f"{words}\n"


def refusal_headers() -> dict[str, str]:
    """Headers of an answer that is none: whoever is refused begins anew."""
    return HEADERS | {"Connection": "close"}


class Answers:
    """The application that the server runs.

    Parameters
    ----------
    guard : Guard
        Who may ask.
    files : PageFiles
        What may be asked for.
    saved : SavedDecisions
        What people decided.
    """

    def __init__(self, *, guard: Guard, files: PageFiles, saved: SavedDecisions) -> None:
        self._guard, self._files, self._saved = guard, files, saved

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        asked = Asked(
            method=scope["method"],
            target=scope["raw_path"],
            query=scope["query_string"],
            headers=tuple(scope["headers"]),
        )
        try:
            response = await self._answer(asked, receive)
        except (SyncViewError, OSError) as error:
            response = _refused(Refusal(status=500, words=str(error)))
        except Exception as error:  # noqa: BLE001  (whatever it is, the answer needs its headers)
            _log.warning("the server of the page failed at a request: %s", error)
            _log.debug("where it failed", exc_info=True)
            response = _refused(Refusal(status=500, words="The server failed; its terminal says how."))
        await response(scope, receive, _with_headers(send))

    async def _answer(self, asked: Asked, receive: Receive) -> Response:
        refusal = self._guard.refusal(asked)
        if refusal is not None:
            return Response(status_code=204) if _is_for_the_icon(asked, refusal) else _refused(refusal)
        name = self._guard.name(asked)
        methods = (*_READ, _WRITE) if name == _DECISIONS else _READ
        if asked.method not in methods:
            return _refused(Refusal(status=405, words="This address does not know that method.", methods=methods))
        if asked.method == _WRITE:
            return await self._save(asked, receive)
        refusal = _refused_reading(asked)
        return await self._read(asked, name) if refusal is None else _refused(refusal)

    async def _read(self, asked: Asked, name: str | None) -> Response:
        if name is None:
            return RedirectResponse(f"{asked.target.decode('ascii')}/", status_code=307)
        if name in _PAGE:
            return await self._page()
        if name == _DECISIONS:
            return Response(await asyncio.to_thread(self._saved.listed), media_type="application/json")
        file = await asyncio.to_thread(self._media, name)
        return _refused(Refusal(status=404, words="There is nothing here.")) if file is None else _sent(asked, file)

    async def _save(self, asked: Asked, receive: Receive) -> Response:
        refusal = self._guard.refused_write(asked)
        body = await _body(receive) if refusal is None else refusal
        if isinstance(body, Refusal):
            return _refused(body)

        def save() -> str | Refusal:
            self._files.refresh()
            return self._saved.add(body, known=self._files.sha256s)

        kept = await asyncio.to_thread(save)
        return _refused(kept) if isinstance(kept, Refusal) else Response(kept, 201, media_type="application/json")

    async def _page(self) -> Response:
        def read() -> str:
            self._files.refresh()
            return self._files.page()

        html = await asyncio.to_thread(read)
        return HTMLResponse(html, headers={"Content-Security-Policy": page_policy(html)})

    def _media(self, name: str) -> ServedFile | None:
        self._files.refresh()
        return self._files.media(name)


def _is_for_the_icon(asked: Asked, refusal: Refusal) -> bool:
    return refusal.for_want_of_token and asked.target == _ICON and asked.method in _READ


async def _body(receive: Receive) -> bytes | Refusal:
    """What comes with a request, however it is cut into pieces."""
    content = bytearray()
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            while True:
                message = await receive()
                content += message.get("body", b"")
                if len(content) > MOST_BODY_BYTES:
                    return body_too_long()
                if not message.get("more_body", False):
                    return bytes(content)
    except TimeoutError:
        return Refusal(status=408, words="What was to be saved did not arrive in time.")


def _refused_reading(asked: Asked) -> Refusal | None:
    too_much = refused_body(asked)
    if too_much is None and (asked.first(b"content-length") not in (b"", b"0") or asked.values(b"transfer-encoding")):
        return Refusal(status=400, words="Nothing is taken here.")
    return too_much


def _sent(asked: Asked, file: ServedFile) -> Response:
    """The file or the part of it that is asked for."""
    if all(map(_is_a_part, asked.values(b"range"))) and len(asked.values(b"range")) <= 1:
        return FileResponse(file.path, media_type=file.media_type, stat_result=file.state)
    refusal = _refused(Refusal(status=416, words="There is no such part."))
    refusal.headers["Content-Range"] = f"bytes */{file.state.st_size}"
    return refusal


def _is_a_part(stated: bytes) -> bool:
    """Whether one part is named: no player asks for several."""
    found = _RANGE.fullmatch(stated)
    return found is not None and (not found[2] or int(found[1]) <= int(found[2]))


def _refused(refusal: Refusal) -> Response:
    response = PlainTextResponse(refusal_text(refusal.words), status_code=refusal.status, headers=refusal_headers())
    if refusal.methods:
        response.headers["Allow"] = ", ".join(refusal.methods)
    return response


def _with_headers(send: Send) -> Send:
    """Put what every answer carries on those that do not have it."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            had = {name.lower() for name, _ in message["headers"]}
            more = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            message["headers"] = [*message["headers"], *(pair for pair in more if pair[0] not in had)]
        await send(message)

    return sending
