"""Decisions of reviewers, as the page's local server lists and takes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from syncview.errors import CaseFolderError
from syncview.review.guard import Refusal
from syncview.store.decisions import Decision, append_decision, file_name_of, read_decisions

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from syncview.store import CaseFolder

__all__ = ["SavedDecisions"]


class SavedDecisions:
    """CASE/decisions, which is only ever added to.

    Parameters
    ----------
    folder : CaseFolder
        The case.
    """

    def __init__(self, folder: CaseFolder) -> None:
        self._folder = folder.path.resolve() / folder.decisions.name

    def listed(self) -> str:
        """Read everybody's decisions.

        Returns
        -------
        str
            JSON: ``decisions`` reviewer by reviewer in the order in which they were made, and ``troubles``, which name
            lines that are none.

        Raises
        ------
        CaseFolderError
            A file of them is a link to elsewhere.
        DocumentError
            One cannot be read.
        """
        self._refuse_links(*self._folder.glob("*.jsonl"))
        read = read_decisions(self._folder)
        return _json({"decisions": [_shown(each) for each in read.decisions], "troubles": read.troubles})

    def add(self, body: bytes, *, known: Container[str]) -> str | Refusal:
        """Keep one decision; it is on the disk when this returns.

        Parameters
        ----------
        body : bytes
            JSON of one `syncview.store.decisions.Decision`.
        known : container of str
            SHA-256 of the case's recordings: a decision is about one of them.

        Returns
        -------
        str or Refusal
            JSON with the ``decision`` as it was kept, or why it was not.

        Raises
        ------
        CaseFolderError
            It cannot be written, or would be written elsewhere.
        """
        try:
            decision = Decision.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            return Refusal(status=422, words=f"This is no decision: {place + ': ' if place else ''}{first['msg']}")
        about = (decision,) if decision.same_as is None else (decision, decision.same_as)
        if any(each.sha256 not in known for each in about):
            return Refusal(status=422, words="This is about a file that is not in the case; load the page again.")
        self._refuse_links(self._folder / ".lock", self._folder / file_name_of(decision.reviewer))
        append_decision(self._folder, decision)
        return _json({"decision": _shown(decision)})

    def _refuse_links(self, *paths: Path) -> None:
        for path in (self._folder, *paths):
            if path.resolve() != path:
                message = f"{path} is a link to elsewhere"
                raise CaseFolderError(message, hint="put what it leads to in its place")


def _shown(decision: Decision) -> dict[str, Any]:
    return decision.model_dump(mode="json", exclude_none=True)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False)
