"""References of case.toml, looked up among the recordings of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.case import resolve
from syncview.errors import CaseFileError
from syncview.pipeline.triage import first_of_twins, same_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Recording

__all__ = ["References"]


class References:
    """Looks references up and collects what is wrong with them in `troubles`."""

    __slots__ = ("_like", "recordings", "troubles")

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self.recordings = recordings
        self._like = first_of_twins(same_files(recordings))
        self.troubles: list[str] = []

    def find(self, reference: str, where: str) -> str | None:
        """Id of the recording that a reference means; None where it means none or several, which is a trouble.

        Of files of the same bytes it is the first: what people state of one, they state of all.
        """
        try:
            name = resolve(reference, self.recordings, where=where)
        except CaseFileError as error:
            self.troubles.append(str(error))
            return None
        return self._like.get(name, name)
