"""What is known of aircraft sound on one clock, in words: what may be one, what people say, what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncview.timeline.findings import AircraftSoundEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["aircraft_note", "aircraft_words"]

_WORDS = {
    "possible": "possible aircraft sound",
    "masked": "masked: an aircraft could not have been told here",
    "no audio": "no audio",
}


def aircraft_words(entry: AircraftSoundEntry) -> str:
    """State of a stretch as people read it.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> aircraft_words(SimpleNamespace(state="heard none", by="AB"))
    'AB heard none'
    >>> aircraft_words(SimpleNamespace(state="possible", by=None))
    'possible aircraft sound'
    """
    if entry.state == "confirmed":
        return f"aircraft sound, confirmed by {entry.by or 'a person'}"
    if entry.state == "heard none":
        return f"{entry.by or 'a person'} heard none"
    return _WORDS[entry.state]


def aircraft_note(document: TimelineDocument, group_id: str) -> str | None:
    """One line about a group: how much may be aircraft, and how much of the recorded time could tell.

    Parameters
    ----------
    document : TimelineDocument
        The timeline.
    group_id : str
        The group.

    Returns
    -------
    str or None
        None where nobody looked for aircraft.
    """
    own = [entry for entry in document.analysis.aircraft_sound if entry.group_id == group_id]
    coverage = [entry for entry in document.analysis.coverage if entry.group_id == group_id]
    filmed_s = sum(span.end_s - span.start_s for entry in coverage for span in entry.filmed)
    told_s = sum(span.end_s - span.start_s for entry in coverage for span in entry.aircraft_assessable)
    if filmed_s <= 0 or not (own or told_s):
        return None
    parts = [
        f"{words} in {count} {'stretch' if count == 1 else 'stretches'}" for words, count in _counts(own).items()
    ] or ["none suggested"]
    untold = f"nothing can be said of {filmed_s - told_s:.0f} s of the {filmed_s:.0f} s recorded"
    return f"aircraft sound: {', '.join(parts)}; {untold}; elsewhere one may have gone unnoticed"


def _counts(entries: list[AircraftSoundEntry]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in entries:
        if entry.state not in ("masked", "no audio"):
            words = {"possible": "possible"}.get(entry.state, aircraft_words(entry).removeprefix("aircraft sound, "))
            counts[words] = counts.get(words, 0) + 1
    return counts
