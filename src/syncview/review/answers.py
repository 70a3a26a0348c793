"""What the page's local server answers: the page, copies of recordings (also in parts), and people's decisions."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response

from syncview.errors import SyncViewError
from syncview.review.guard import HEADERS, Asked, Refusal, page_policy, refused_body

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from syncview.review.guard import Guard
    from syncview.review.served import PageFiles, ServedFile

__all__ = ["Answers", "refusal_headers", "refusal_text"]

_READ = ("GET", "HEAD")
_PAGE = ("", "index.html")
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
    """

    def __init__(self, *, guard: Guard, files: PageFiles) -> None:
        self._guard, self._files = guard, files

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
            response = await self._answer(asked)
        except (SyncViewError, OSError) as error:
            response = _refused(Refusal(status=500, words=str(error)))
        except Exception as error:  # noqa: BLE001  (whatever it is, the answer needs its headers)
            _log.warning("the server of the page failed at a request: %s", error)
            _log.debug("where it failed", exc_info=True)
            response = _refused(Refusal(status=500, words="The server failed; its terminal says how."))
        await response(scope, receive, _with_headers(send))

    async def _answer(self, asked: Asked) -> Response:
        refusal = self._guard.refusal(asked)
        if refusal is None and asked.method not in _READ:
            refusal = Refusal(status=405, words="This address can only be read.", methods=_READ)
        if refusal is None:
            refusal = _refused_reading(asked)
        if refusal is not None:
            return _refused(refusal)
        name = self._guard.name(asked)
        if name is None:
            return RedirectResponse(f"{asked.target.decode('ascii')}/", status_code=307)
        if name in _PAGE:
            return await self._page()
        file = await asyncio.to_thread(self._media, name)
        return _refused(Refusal(status=404, words="There is nothing here.")) if file is None else _sent(asked, file)

    async def _page(self) -> Response:
        def read() -> str:
            self._files.refresh()
            return self._files.page()

        html = await asyncio.to_thread(read)
        return HTMLResponse(html, headers={"Content-Security-Policy": page_policy(html)})

    def _media(self, name: str) -> ServedFile | None:
        self._files.refresh()
        return self._files.media(name)


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
