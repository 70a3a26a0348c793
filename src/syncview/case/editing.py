"""Additions to the text of case.toml that leave everything else as its author wrote it.

tomlkit writes the new table, because it quotes any file name rightly; the table goes to the end of the text, so that
comments, order and layout above it cannot change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import tomlkit

from syncview.case.reading import parse_case
from syncview.errors import CaseFileError

if TYPE_CHECKING:
    from syncview.case.documents import Pin, Reject, Table

__all__ = ["signature", "with_pin", "with_reject", "with_table"]


def with_pin(text: str, pin: Pin, *, name: str = "case.toml") -> str:
    r"""Text of a case file with one more pin.

    Parameters
    ----------
    text : str
        The case file as it is; may be empty.
    pin : Pin
        The statement to add. One that already stands there, either way round, is not added again.
    name : str
        What messages call the file.

    Returns
    -------
    str
        The text, with the pin at its end.

    Raises
    ------
    CaseFileError
        The text has mistakes of its own; it is better to mend them first.

    Examples
    --------
    >>> from syncview.case import Moment, Pin
    >>> pin = Pin(a=Moment(file="cam1.mp4", time_s=12.34), b=Moment(file="cam2.mp4", time_s=5.67))
    >>> print(with_pin("# the morning\n", pin), end="")
    # the morning
    <BLANKLINE>
    [[pin]]
    a = {file = "cam1.mp4", time_s = 12.34}
    b = {file = "cam2.mp4", time_s = 5.67}
    uncertainty_s = 0.04
    """
    same = {(pin.a, pin.b, pin.check), (pin.b, pin.a, pin.check)}
    if any(
        (old.a, old.b, old.check) in same and old.uncertainty_s == pin.uncertainty_s
        for old in parse_case(text, name=name).pins
    ):
        return text
    values: dict[str, object] = {"a": pin.a.model_dump(), "b": pin.b.model_dump(), "uncertainty_s": pin.uncertainty_s}
    if pin.check:
        values["check"] = True
    return with_table(text, "pin", values | signature(pin), name)


def with_reject(text: str, reject: Reject, *, name: str = "case.toml") -> str:
    """Text of a case file with one more contested match.

    Parameters
    ----------
    text : str
        The case file as it is; may be empty.
    reject : Reject
        The statement to add. One that already stands there, either way round, is not added again.
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
    pair = {reject.a, reject.b}
    if any({old.a, old.b} == pair for old in parse_case(text, name=name).rejects):
        return text
    return with_table(text, "reject", {"a": reject.a, "b": reject.b} | signature(reject), name)


def signature(table: Table) -> dict[str, object]:
    """Author and note of a table, where there are any."""
    return {key: value for key, value in (("author", table.author), ("note", table.note)) if value is not None}


def with_table(text: str, table: str, values: dict[str, object], name: str) -> str:
    """Text of a case file with ``[[table]]`` at its end, in the line ends of the text.

    Parameters
    ----------
    text : str
        The case file as it is; may be empty.
    table : str
        TOML name of the table.
    values : dict
        Its keys in order.
    name : str
        What messages call the file.

    Returns
    -------
    str

    Raises
    ------
    CaseFileError
        The text does not allow it, or the table does not fit.
    """
    block = tomlkit.table()
    for key, value in values.items():
        block.add(key, _inline(value) if isinstance(value, dict) else value)
    tables = tomlkit.aot()
    tables.append(block)
    document = tomlkit.document()
    document.add(table, tables)
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    added = gap + tomlkit.dumps(document)
    longer = text + (added.replace("\n", "\r\n") if "\r\n" in text else added)
    try:
        parse_case(longer, name=name)
    except CaseFileError as error:
        message = f"{name}: [[{table}]] cannot be added to it: {error.message}"
        raise CaseFileError(message, hint=f"write the entries of {table!r} as [[{table}]] tables") from error
    return longer


def _inline(values: dict[str, object]) -> object:
    inline = tomlkit.inline_table()
    inline.update(values)
    return inline
