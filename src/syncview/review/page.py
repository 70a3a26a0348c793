"""The page as one file: opens from disk without a server, loads nothing but the copies beside it.

Scripts and styles are inlined and named by hash in the page's security policy, so that nothing in a file name or a
comment can run; the data stands in a block that is no script.
"""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from syncview.review.view import page_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.timeline.schema import TimelineDocument

__all__ = ["render_page"]


def render_page(document: TimelineDocument, *, media_hrefs: Mapping[str, str]) -> str:
    """Render the review page.

    Parameters
    ----------
    document : TimelineDocument
        The timeline.
    media_hrefs : mapping of str to str
        Link to each recording's copy, relative to the page, by recording id (`syncview.review.proxies.proxy_hrefs`);
        recordings without one are shown without a preview.

    Returns
    -------
    str
        HTML for CASE/review/index.html, to be stored as UTF-8.
    """
    assets = files("syncview.review") / "assets"
    script = "\n".join((assets / name).read_text(encoding="utf-8") for name in ("page.js", "stills.js"))
    style = (assets / "page.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("syncview.review", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        page=page_view(document, media_hrefs),
        document=document,
        script=script,
        style=style,
        data=_data(document),
        policy=_policy(script, style),
    )


def _policy(script: str, style: str) -> str:
    """Content-Security-Policy that allows this script, this style, and media from beside the page."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "media-src 'self' file:; img-src 'self' file:; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _data(document: TimelineDocument) -> str:
    """What the player needs, safe inside a script element; `both` says that a file has sound and picture."""
    both = {r.id: r.audio is not None and r.video is not None for r in document.recordings}
    groups = [
        {
            "id": group.id,
            "clips": [
                {
                    "id": clock.recording_id,
                    "segments": [[s.start_s, s.end_s, s.offset_s, s.drift_ppm, s.applies_to] for s in clock.segments],
                    "both": both[clock.recording_id],
                }
                for clock in group.clocks
            ],
        }
        for group in document.groups
    ]
    return json.dumps({"groups": groups}, ensure_ascii=True, allow_nan=False).replace("<", "\\u003c")
