"""``syncview review``: the page of a case from a server of this machine."""

from __future__ import annotations

import contextlib
import html
import os
import secrets
import signal
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncview.cli.output import result, result_json, say
from syncview.cli.shell import DONE
from syncview.cli.verb import Verb, json_option
from syncview.errors import SyncViewError
from syncview.store import CaseFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syncview.review.server import ReviewServer

__all__ = ["command"]

_LOOK_EVERY_S = 0.5
_DOOR = """<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<meta http-equiv="refresh" content="0;url={url}">
<title>syncview review</title>
<a href="{url}">Go on to the page</a>
"""


@click.command(
    "review",
    cls=Verb,
    examples=(
        "syncview review CASE",
        "syncview review CASE --no-browser          (open the printed address yourself)",
        "syncview review CASE --port 8123 --no-browser",
    ),
)
@click.argument("case", metavar="CASE", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; by default one that is free.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@json_option()
def command(case: Path, port: int | None, no_browser: bool, as_json: bool) -> int:
    """Show the page of a case, to this machine alone, until Ctrl-C.

    The address holds a secret: whoever knows it and works on this machine can see the page until the server ends. A
    run in another terminal may go on meanwhile; load the page again to see what it added.
    """
    folder = CaseFolder.open(case)
    with _served(folder, port) as server:
        if as_json:
            result_json({"case": str(case), "url": server.url, "port": server.port})
        else:
            result(f"page: {server.url}")
        say("syncview: showing the page to this machine alone; Ctrl-C ends it")
        with (
            contextlib.suppress(KeyboardInterrupt),  # that is how it ends; nothing is broken off
            _asked_to_end() as enough,
            contextlib.nullcontext() if no_browser else _door(folder, server.url) as door,
        ):
            if not no_browser:
                _open_browser(door)
            while not enough.wait(_LOOK_EVERY_S):
                _check(server)
    return DONE


@contextlib.contextmanager
def _served(folder: CaseFolder, port: int | None) -> Iterator[ReviewServer]:
    from syncview.review.server import ReviewServer  # help does without it

    try:
        server = ReviewServer(folder, port=port or 0)
    except OSError as error:
        if port is None:
            raise
        message = f"port {port} cannot be had: {error.strerror or error} (leave --port out, or name another)"
        raise click.BadParameter(message, param_hint="--port") from error
    with server:
        yield server


@contextlib.contextmanager
def _asked_to_end() -> Iterator[threading.Event]:
    """What is set when the program is told to end by other means than Ctrl-C."""
    enough = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: enough.set())
    try:
        yield enough
    finally:
        signal.signal(signal.SIGTERM, before)


def _check(server: ReviewServer) -> None:
    if not server.running:
        message = "the server of the page ended by itself"
        raise SyncViewError(message, hint="start it again; with --debug it says more")


@contextlib.contextmanager
def _door(folder: CaseFolder, url: str) -> Iterator[Path | None]:
    """A page that only this user can read and that leads to the address: command lines are read by everybody."""
    path = folder.review.resolve() / f".open-{secrets.token_hex(6)}.html"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:  # a case on a disk that takes no change
        yield None
        return
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(_DOOR.format(url=html.escape(url)))
        yield path
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def _open_browser(door: Path | None) -> None:
    seen = sys.platform in ("win32", "darwin") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
    if door is None or not seen or not webbrowser.open(door.as_uri()):
        say("syncview: no browser could be opened here (open the address above in one)")
