"""What the page's local server lets in, and the headers that every answer carries.

Any page in the reviewer's browser, and any program and user of the machine, can send requests to a port of it. So an
address holds a token that only the reviewer was told. It stands in the path: the page's relative links keep it, no
other port of the machine is sent it (cookies know no ports), and no answer lets it out in a referrer. Host names other
than the machine's own are refused, since a stranger's name can be made to lead here.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ANY_POLICY",
    "HEADERS",
    "MOST_BODY_BYTES",
    "MOST_HEADER_BYTES",
    "MOST_URL_BYTES",
    "Asked",
    "Guard",
    "Refusal",
    "body_too_long",
    "new_token",
    "page_policy",
    "refused_body",
]

MOST_URL_BYTES = 2_048
MOST_HEADER_BYTES = 16_384  # a browser's own are 1 kB; cookies of other servers on the machine come along
MOST_BODY_BYTES = 65_536

_TOKEN_BYTES = 24  # 192 bits
_END = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
ANY_POLICY = f"default-src 'none'; {_END}"
HEADERS = {
    "Content-Security-Policy": ANY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), payment=()",
    "Cache-Control": "no-store",
}

_PATH = re.compile(rb"/([^/]*)(?:/(.*))?", re.DOTALL)
_META = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_HASH = r"'sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}'"
_CODE = re.compile(_HASH)
_REST = re.compile(r"'self'|data:|blob:")
_KINDS = {"script-src": _CODE, "style-src": _CODE, "media-src": _REST, "img-src": _REST, "font-src": _REST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came: nothing in it is decoded. `target` is the path, `headers` have names in lower case."""

    method: str
    target: bytes
    query: bytes
    headers: Sequence[tuple[bytes, bytes]]

    def values(self, name: bytes) -> list[bytes]:
        """What the headers of a name say, in order."""
        return [value for key, value in self.headers if key == name]

    def first(self, name: bytes) -> bytes:
        """What the first header of a name says; empty without one."""
        return next(iter(self.values(name)), b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is not answered, for a person; `methods` are those that an address knows.

    `for_want_of_token` says that all else was in order.
    """

    status: int
    words: str
    methods: tuple[str, ...] = ()
    for_want_of_token: bool = False


def new_token() -> str:
    """Make an unguessable part of an address, of letters, digits, ``-`` and ``_``."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def page_policy(html: str) -> str:
    """Content-Security-Policy to send with the page.

    Parameters
    ----------
    html : str
        The page. It states a policy of its own, for those who open it from disk.

    Returns
    -------
    str
        What the page allows itself, without anything from elsewhere: code by its hash alone, media and pictures from
        this server, data sent to this server. A page without a policy is shown without its scripts.

    Examples
    --------
    >>> meta = '<meta http-equiv="Content-Security-Policy" content="media-src &#39;self&#39; file: https://a.example">'
    >>> page_policy(meta).split("; ")[:3]
    ["default-src 'none'", "media-src 'self'", "connect-src 'self'"]
    """
    found = _META.search(html)
    stated = found[1].replace("&#39;", "'") if found else ""
    parts = ["default-src 'none'"]
    for directive in stated.split(";"):
        name, *sources = directive.split() or [""]
        allowed = [source for source in sources if name in _KINDS and _KINDS[name].fullmatch(source)]
        if allowed:
            parts.append(" ".join((name, *allowed)))
    return "; ".join((*parts, "connect-src 'self'", _END))


class Guard:
    """Who may ask this server.

    Parameters
    ----------
    token : str
        From `new_token`.
    port : int
        The server's port.
    """

    def __init__(self, *, token: str, port: int) -> None:
        self._token = token.encode("ascii")
        names = (b"127.0.0.1", b"localhost")
        self._hosts = {b"%s:%d" % (name, port) for name in names} | (set(names) if port == 80 else set())

    def refusal(self, asked: Asked) -> Refusal | None:
        """Decide whether a request may be looked at.

        Parameters
        ----------
        asked : Asked
            The request.

        Returns
        -------
        Refusal or None
            None for one of the reviewer's own browser, with the token.
        """
        if len(asked.target) + len(asked.query) > MOST_URL_BYTES:
            return Refusal(status=414, words="The address is too long.")
        if sum(len(name) + len(value) for name, value in asked.headers) > MOST_HEADER_BYTES:
            return Refusal(status=431, words="The request's headers are too long.")
        hosts = asked.values(b"host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return Refusal(status=403, words="This server answers under its own address only.")
        if _is_of_another_site(asked):
            return Refusal(status=403, words="Another site's page may not use this server.")
        if not secrets.compare_digest(self._split(asked)[0], self._token):
            words = "The address lacks the token that syncview review printed."
            return Refusal(status=403, words=words, for_want_of_token=True)
        return None

    def name(self, asked: Asked) -> str | None:
        """What a request asks for, to be looked up in a table.

        Parameters
        ----------
        asked : Asked
            A request that was not refused.

        Returns
        -------
        str or None
            The part of the path behind the token, as it came; None for the token alone, without a slash.
        """
        return self._split(asked)[1]

    def refused_write(self, asked: Asked) -> Refusal | None:
        """Decide whether a request may change something: only the page's own, and only JSON.

        Parameters
        ----------
        asked : Asked
            A request that was not refused.

        Returns
        -------
        Refusal or None
            None for one of the page.
        """
        origins, sites = asked.values(b"origin"), asked.values(b"sec-fetch-site")
        same = sites == [b"same-origin"]
        own = origins == [b"http://" + asked.first(b"host").lower()]
        hidden = same and origins == [b"null"]  # a browser that hides where a page is from, as it was asked to
        if not (own or hidden or (same and not origins)) or (sites and not same):
            return Refusal(status=403, words="Only the page itself may save something.")
        kind, _, detail = asked.first(b"content-type").lower().partition(b";")
        if kind.strip() != b"application/json" or detail.strip() not in (b"", b"charset=utf-8"):
            return Refusal(status=415, words="Only JSON is taken.")
        return refused_body(asked)

    @staticmethod
    def _split(asked: Asked) -> tuple[bytes, str | None]:
        found = _PATH.fullmatch(asked.target)
        if found is None:  # such as an address as a proxy would be sent
            return b"", None
        return found[1], None if found[2] is None else found[2].decode("latin-1")


def refused_body(asked: Asked) -> Refusal | None:
    """Decide whether what comes with a request is short enough, as far as its headers tell."""
    stated = asked.first(b"content-length")
    return body_too_long() if stated.isdigit() and int(stated) > MOST_BODY_BYTES else None


def body_too_long() -> Refusal:
    """Refuse more than `MOST_BODY_BYTES`."""
    return Refusal(status=413, words=f"At most {MOST_BODY_BYTES // 1024} kB can be saved at once.")


def _is_of_another_site(asked: Asked) -> bool:
    """Whether a browser says that another site's page asks. That a person follows a link to here is no use by it."""
    if asked.first(b"sec-fetch-site") in (b"", b"same-origin", b"none"):
        return False
    visited = asked.first(b"sec-fetch-mode") == b"navigate" and asked.first(b"sec-fetch-dest") == b"document"
    return not visited or asked.method not in ("GET", "HEAD")
