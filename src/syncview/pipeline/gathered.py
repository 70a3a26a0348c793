"""All that was gathered from the files, before anything is placed; and the same without one of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from syncview.pipeline.copies import find_copies
from syncview.pipeline.joint import place_recordings
from syncview.pipeline.movements import Films
from syncview.pipeline.pictures import check_pictures
from syncview.pipeline.triage import first_of_twins

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import AircraftStretch, Duplicate, PairMatch, PictureMatch, Recording
    from syncview.pipeline.copies import Copies
    from syncview.pipeline.joint import Joint
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard
    from syncview.pipeline.look import Seen
    from syncview.pipeline.matching import Matched
    from syncview.settings import Settings

__all__ = ["Gathered", "placed", "with_checked_pictures"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What every file and every pair of files says, and what people know.

    `shown` holds what was seen also of files of the same bytes, which `twins` list; `preferred` are references of
    earlier runs; `films` hold what people and vehicles do.
    """

    recordings: Sequence[Recording]
    heard: Mapping[str, Heard]
    shown: Mapping[str, Seen]
    matched: Matched
    pictures: Mapping[tuple[str, str], PictureMatch]
    copies: Copies
    twins: tuple[Duplicate, ...]
    air: Mapping[str, tuple[AircraftStretch, ...]]
    knowledge: Knowledge
    preferred: Sequence[str]
    films: Films = field(default_factory=Films)

    @property
    def duplicates(self) -> tuple[Duplicate, ...]:
        """Recordings that are one witness."""
        return (*self.twins, *self.copies.duplicates)

    def without(self, name: str, settings: Settings) -> Gathered:
        """The same as if a file had never been there; its sounds told others where to listen again all the same.

        Parameters
        ----------
        name : str
            A recording of which there is no other file of the same bytes.
        settings : Settings
            The part `picture`.

        Returns
        -------
        Gathered
        """
        recordings = [recording for recording in self.recordings if recording.id != name]
        matched = replace(
            self.matched,
            pairs=_apart_from(name, self.matched.pairs),
            found=self._pieces_apart_from(name),
            pieces={key: value for key, value in self.matched.pieces.items() if key != name},
            wholes={key: value for key, value in self.matched.wholes.items() if key != name},
            cuts=tuple(cut for cut in self.matched.cuts if cut.recording_id != name),
            failed=_apart_from(name, self.matched.failed),
        )
        pictures = _apart_from(name, self.pictures)
        return replace(
            self,
            recordings=recordings,
            heard={key: value for key, value in self.heard.items() if key != name},
            shown={key: value for key, value in self.shown.items() if key != name},
            matched=matched,
            pictures=pictures,
            copies=find_copies(matched, pictures, recordings, settings=settings),
            air={key: value for key, value in self.air.items() if key != name},
            films=self.films.without(name),
        )

    def _pieces_apart_from(self, name: str) -> dict[tuple[str, str], PairMatch]:
        own = {piece.name for piece in self.matched.pieces.get(name, ())} | {name}
        return {pair: value for pair, value in self.matched.found.items() if own.isdisjoint(pair)}


def _apart_from(name: str, pairs: Mapping[tuple[str, str], T]) -> dict[tuple[str, str], T]:
    return {pair: value for pair, value in pairs.items() if name not in pair}


def placed(gathered: Gathered, settings: Settings) -> Joint:
    """Put everything on clocks by its sound and by what people know.

    Parameters
    ----------
    gathered : Gathered
        All there is.
    settings : Settings
        Thresholds.

    Returns
    -------
    Joint
    """
    return place_recordings(
        gathered.recordings,
        heard=gathered.heard,
        matched=gathered.matched,
        same_files=gathered.twins,
        copies=gathered.copies,
        knowledge=gathered.knowledge,
        preferred=gathered.preferred,
        settings=settings,
    )


def with_checked_pictures(joint: Joint, gathered: Gathered, settings: Settings) -> Joint:
    """Check whether pictures run with their sound, and add what copies say.

    Parameters
    ----------
    joint : Joint
        Everything on the clocks of its sound.
    gathered : Gathered
        What was seen.
    settings : Settings
        Thresholds.

    Returns
    -------
    Joint
    """
    copies = gathered.copies.with_twins(first_of_twins(gathered.twins))
    groups, out_of_step = check_pictures(
        joint.groups,
        joint.strikes,
        gathered.shown,
        copies,
        gathered.recordings,
        gathered.knowledge,
        settings=settings,
    )
    return replace(joint, groups=groups, findings=(*copies.findings, *joint.findings, *out_of_step))
