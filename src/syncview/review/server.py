"""The local server of the page: for this machine alone, and for who was told its address.

HTTP is read by h11, never by httptools: it is pure Python, and has limits. No request is logged, since an address is a
secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from syncview.errors import SyncViewError
from syncview.review.answers import Answers, refusal_headers, refusal_text
from syncview.review.guard import MOST_HEADER_BYTES, Guard, new_token
from syncview.review.saved import SavedDecisions
from syncview.review.served import PageFiles

if TYPE_CHECKING:
    from types import TracebackType

    from syncview.store import CaseFolder

__all__ = ["HOST", "ReviewServer"]

HOST = "127.0.0.1"
_START_WITHIN_S = 20.0
_STOP_WITHIN_S = 1  # a player that holds a file open need not hold the server
_TOO_LONG = 431
_WORDS = {
    400: "This is no HTTP request.",
    414: "The address is too long.",
    431: "The request's headers are too long.",
}


class ReviewServer:
    """The page of a case at an address of this machine, from `start` to `stop`; or for the length of a ``with`` block.

    Parameters
    ----------
    folder : CaseFolder
        The case.
    port : int
        Port to listen on; by default one that is free.

    Raises
    ------
    CaseFolderError
        The case has no result or no page.
    DocumentError
        Its timeline is damaged.
    OSError
        The port cannot be had.

    Examples
    --------
    ::

        with ReviewServer(CaseFolder.open(path)) as server:
            webbrowser.open(server.url)
    """

    def __init__(self, folder: CaseFolder, *, port: int = 0) -> None:
        files = PageFiles(folder)
        self._socket = _listening(port)
        self.port: int = self._socket.getsockname()[1]
        self._token = new_token()
        guard = Guard(token=self._token, port=self.port)
        answers = Answers(guard=guard, files=files, saved=SavedDecisions(folder))
        self._server = uvicorn.Server(_configuration(answers))
        self._thread = threading.Thread(target=self._run, name="syncview review", daemon=True)

    @property
    def url(self) -> str:
        """Address of the page. Whoever knows it can see the page from this machine."""
        return f"http://{HOST}:{self.port}/{self._token}/"

    @property
    def running(self) -> bool:
        """Whether it answers."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to answer, in a thread of its own.

        Raises
        ------
        SyncViewError
            It does not come up.
        """
        self._thread.start()
        deadline_s = time.monotonic() + _START_WITHIN_S
        while not self._server.started:
            if not self.running or time.monotonic() > deadline_s:
                self.stop()
                message = "the server of the page does not start"
                raise SyncViewError(message, hint="open CASE/review/index.html from disk; --debug says more")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop to answer; what is being sent is cut off."""
        self._server.should_exit = True
        if self.running:
            self._thread.join(timeout=_START_WITHIN_S)
        self._socket.close()

    def __enter__(self) -> ReviewServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        await self._server.serve(sockets=[self._socket])
        left = self._server.server_state
        for connection in list(left.connections):
            connection.transport.abort()
        await asyncio.wait([asyncio.create_task(asyncio.sleep(0)), *left.tasks], timeout=_STOP_WITHIN_S)


def _listening(port: int) -> socket.socket:
    """A socket that only this machine reaches."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":  # where the other option would let another program take the port over
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((HOST, port))
    except OSError:
        made.close()
        raise
    return made


def _configuration(app: Answers) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        log_config=None,
        log_level=logging.CRITICAL + 1,  # it would print what strangers send, and addresses with the token
        access_log=False,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )


class _Protocol(H11Protocol):
    """uvicorn's, but what cannot be read as a request is refused with the headers of all answers, and by its fault."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (uvicorn's signature)
        """Refuse what h11 does not take; called where its error is being handled."""
        status = self._status(sys.exc_info()[1])
        headers = {"Content-Type": "text/plain; charset=utf-8"} | refusal_headers()
        response = h11.Response(
            status_code=status, headers=list(headers.items()), reason=HTTPStatus(status).phrase.encode("ascii")
        )
        body = h11.Data(data=refusal_text(_WORDS[status]).encode("utf-8"))
        with contextlib.suppress(h11.LocalProtocolError):  # in the middle of an answer there is nothing to be said
            for event in (response, body, h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _status(self, error: BaseException | None) -> int:
        if getattr(error, "error_status_hint", 400) != _TOO_LONG:
            return 400
        return _TOO_LONG if b"\n" in self.conn.trailing_data[0] else 414
