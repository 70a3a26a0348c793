"""People's corrections of movements, and movements that they add by hand, as additions to the text of case.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.case.editing import signature, with_table
from syncview.case.reading import parse_case

if TYPE_CHECKING:
    from syncview.case.documents import PersonEvent
    from syncview.case.movements import MovementFix

__all__ = ["with_event", "with_movement"]


def with_movement(text: str, fix: MovementFix, *, name: str = "case.toml") -> str:
    r"""Text of a case file with one more correction of a movement.

    Parameters
    ----------
    text : str
        The case file as it is; may be empty.
    fix : MovementFix
        The statement to add. One that already stands there last of its movement is not added again.
    name : str
        What messages call the file.

    Returns
    -------
    str
        The text, with the table at its end: what is said later goes before what is said earlier.

    Raises
    ------
    CaseFileError
        The text has mistakes of its own; it is better to mend them first.

    Examples
    --------
    >>> from syncview.case import MovementFix, Sighting
    >>> fix = MovementFix(near=Sighting(file="cam1.mp4", time_s=31.0), was="enters", tags=("rescuer",))
    >>> print(with_movement("# the morning\n", fix), end="")
    # the morning
    <BLANKLINE>
    [[movement]]
    near = {file = "cam1.mp4", time_s = 31.0}
    was = "enters"
    tags = ["rescuer"]
    """
    own = [old for old in parse_case(text, name=name).movements if old.near == fix.near]
    if own and own[-1] == fix:
        return text
    values: dict[str, object] = {"near": _written(fix.near.model_dump())}
    values |= {} if fix.was is None else {"was": fix.was}
    values |= {"reject": True} if fix.reject else {}
    for key, value in fix.said.items():
        values[key] = value if fix.same_as is None or key != "same_as" else _written(fix.same_as.model_dump())
    return with_table(text, "movement", values | signature(fix), name)


def with_event(text: str, event: PersonEvent, *, name: str = "case.toml") -> str:
    """Text of a case file with one more ``[[event]]``.

    Parameters
    ----------
    text : str
        The case file as it is; may be empty.
    event : PersonEvent
        The statement to add. One that already stands there is not added again.
    name : str
        What messages call the file.

    Returns
    -------
    str
        The text, with the table at its end.

    Raises
    ------
    CaseFileError
        The text has mistakes of its own; it is better to mend them first.
    """
    if event in parse_case(text, name=name).events:
        return text
    keys = ("kind", "action", "subject", "label", "file", "time_s", "end_s", "tags")
    values = {key: value for key in keys if (value := getattr(event, key)) not in (None, ())}
    return with_table(text, "event", values | signature(event), name)


def _written(values: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}
