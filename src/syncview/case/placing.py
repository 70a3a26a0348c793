"""Places and times that people state, added to the text of case.toml, or put right where they already stand.

A table that is there keeps its place, its comments and its other keys: only the values of the named keys change, in
their own lines. The uncertainty of a place goes with it: another place stated without one does not take over the old.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import tomlkit

from syncview.case.editing import signature, with_table
from syncview.case.lines import lines_of_keys
from syncview.case.reading import parse_case
from syncview.errors import CaseFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from syncview.case.documents import Anchor, Moment, PlacedStrike, Position, RecordingInfo, Table

    _Placed = RecordingInfo | Position | PlacedStrike

__all__ = ["SAME_ARRIVAL_S", "with_anchor", "with_placed_strike", "with_position", "with_recording_place"]

SAME_ARRIVAL_S = 0.5  # a person's finger, and what another version of the program picks of the same rise

_WHERE = ("lat", "lon", "position_uncertainty_m")


def with_anchor(text: str, anchor: Anchor, *, name: str = "case.toml") -> str:
    r"""Text of a case file with one more anchor.

    Parameters
    ----------
    text : str
        The case file as it is; may be empty.
    anchor : Anchor
        The statement to add. One that already stands there is not added again.
    name : str
        What messages call the file.

    Returns
    -------
    str
        The text, with the anchor at its end.

    Raises
    ------
    CaseFileError
        The text has mistakes of its own; it is better to mend them first.

    Examples
    --------
    >>> from syncview.case import Anchor
    >>> anchor = Anchor(file="cam1.mp4", time_s=12.34, utc="2018-05-01T12:12:33+03:00", uncertainty_s=1.0)
    >>> print(with_anchor("", anchor), end="")
    [[anchor]]
    file = "cam1.mp4"
    time_s = 12.34
    utc = 2018-05-01T09:12:33Z
    uncertainty_s = 1.0
    """
    said = {"author", "note"}
    if any(
        old.model_dump(exclude=said) == anchor.model_dump(exclude=said) for old in parse_case(text, name=name).anchors
    ):
        return text
    values = {key: value for key, value in anchor.model_dump(exclude=said).items() if value is not None}
    order = ("file", "time_s", "utc", "uncertainty_s", "not_before", "not_after", "basis")
    return with_table(text, "anchor", {key: values[key] for key in order if key in values} | signature(anchor), name)


def with_position(text: str, position: Position, *, name: str = "case.toml") -> str:
    """Text of a case file with one more waypoint; one at the same moment of the same thing is put right instead.

    Parameters
    ----------
    text : str
        The case file as it is; may be empty.
    position : Position
        The statement.
    name : str
        What messages call the file.

    Returns
    -------
    str
        The text.

    Raises
    ------
    CaseFileError
        The text has mistakes of its own, or states the waypoint in a way that cannot be changed here.
    """
    key = (position.of, position.file, position.time_s)
    case = parse_case(text, name=name)
    index = next((k for k, old in enumerate(case.positions) if (old.of, old.file, old.time_s) == key), None)
    if index is None:
        keys = ("of", "mover", "file", "time_s", *_WHERE, "basis")
        every = {key: value for key in keys if (value := getattr(position, key)) is not None}
        return with_table(text, "position", every | signature(position), name)
    return _with_place(text, ("position", index), position, case.positions[index], name)


def with_recording_place(
    text: str, info: RecordingInfo, *, same: Callable[[str], bool] | None = None, name: str = "case.toml"
) -> str:
    r"""Text of a case file that states where a recording's camera stood.

    Parameters
    ----------
    text : str
        The case file as it is; may be empty.
    info : RecordingInfo
        With `file`, `lat`, `lon` and `position_uncertainty_m`.
    same : callable, optional
        Whether another reference means the same file; by default, that it reads the same.
    name : str
        What messages call the file.

    Returns
    -------
    str
        The text. Where the recording has a table already, the place is written into it.

    Raises
    ------
    CaseFileError
        The text has mistakes of its own, or states the place in a way that cannot be changed here.

    Examples
    --------
    >>> from syncview.case import RecordingInfo
    >>> text = '[[recording]]\nfile = "cam1.mp4"  # the roof\ndevice = "phone-2"\n'
    >>> info = RecordingInfo(file="cam1.mp4", lat=35.55, lon=36.6, position_uncertainty_m=15.0)
    >>> print(with_recording_place(text, info), end="")
    [[recording]]
    file = "cam1.mp4"  # the roof
    lat = 35.55
    lon = 36.6
    position_uncertainty_m = 15.0
    device = "phone-2"
    """
    means = same or (lambda reference: reference == info.file)
    case = parse_case(text, name=name)
    index = next((k for k, old in enumerate(case.recordings) if means(old.file)), None)
    if index is None:
        return with_table(text, "recording", {"file": info.file} | _place_of(info) | signature(info), name)
    return _with_place(text, ("recording", index), info, case.recordings[index], name)


def with_placed_strike(
    text: str, strike: PlacedStrike, *, same: Callable[[Moment], bool] | None = None, name: str = "case.toml"
) -> str:
    """Text of a case file that states where a strike fell.

    Parameters
    ----------
    text : str
        The case file as it is; may be empty.
    strike : PlacedStrike
        The statement.
    same : callable, optional
        Whether another moment is one of the same strike; by default, that it is the same moment.
    name : str
        What messages call the file.

    Returns
    -------
    str
        The text. Where the strike has been placed already, its place is put right.

    Raises
    ------
    CaseFileError
        The text has mistakes of its own, or states the place in a way that cannot be changed here.
    """
    means = same or (lambda moment: moment == strike.near)
    case = parse_case(text, name=name)
    index = next((k for k, old in enumerate(case.strikes) if means(old.near)), None)
    if index is None:
        about: dict[str, object] = {"near": strike.near.model_dump()}
        return with_table(text, "strike", about | _place_of(strike) | signature(strike), name)
    return _with_place(text, ("strike", index), strike, case.strikes[index], name)


def _with_place(text: str, at: tuple[str, int], stated: _Placed, old: _Placed, name: str) -> str:
    """Text in which one ``[[table]]`` has the stated place; the uncertainty of another place is not that of this."""
    table, index = at
    moved = (stated.lat, stated.lon) != (old.lat, old.lon)
    if moved and stated.position_uncertainty_m is None and old.position_uncertainty_m is not None:
        text = _without(text, table, index, "position_uncertainty_m", name)
    return _with_changed(text, table, index, _place_of(stated) | _signed(stated, old), name)


def _without(text: str, table: str, index: int, key: str, name: str) -> str:
    """Text in which one ``[[table]]`` lacks this key; a comment in its line stays."""
    lines, at = text.split("\n"), lines_of_keys(text)
    number = at[table, index, key] - 1
    found = re.fullmatch(rf"(\s*){key}\s*=\s*[^\s#\"']+\s*(#.*)?\s*", lines[number])
    if found is not None and (found[2] or number == len(lines) - 1):
        lines[number] = found[1] + (found[2] or "")
    elif found is not None:
        del lines[number]
    changed = "\n".join(lines)
    if not _says(changed, text, table, index, {key: None}, name):
        message = f"{name}, line {number + 1}: this {table} cannot be changed from here"
        raise CaseFileError(message, hint=f"remove {key}, which is of another place, or state it anew")
    return changed


def _place_of(table: _Placed) -> dict[str, object]:
    return {key: value for key in _WHERE if (value := getattr(table, key)) is not None}


def _signed(table: Table, old: Table) -> dict[str, object]:
    """Author and note; what the table had before is not lost."""
    signed = signature(table)
    for key, before in signature(old).items():
        if key in signed and signed[key] not in str(before).split("; "):
            signed[key] = f"{before}; {signed[key]}"
        elif key in signed:
            signed[key] = before
    return signed


def _with_changed(text: str, table: str, index: int, values: Mapping[str, object], name: str) -> str:
    """Text in which one ``[[table]]`` has these values, each in the line that it had, else below the table's first."""
    lines = text.split("\n")
    at = lines_of_keys(text)
    own = sorted(line for path, line in at.items() if path[:2] == (table, index) and len(path) > 2)
    missing = {key: value for key, value in values.items() if (table, index, key) not in at}
    for key in values.keys() - missing.keys():
        number = at[table, index, key] - 1
        lines[number] = _with_value(lines[number], key, values[key])
    if missing and own:
        first = lines[own[0] - 1]
        indent, end = first[: len(first) - len(first.lstrip())], "\r" if "\r\n" in text else ""
        lines[own[0] - 1] = first.rstrip("\r") + end
        lines[own[0] : own[0]] = [f"{indent}{key} = {_toml(value)}{end}" for key, value in missing.items()]
    changed = "\n".join(lines)
    if not _says(changed, text, table, index, values, name):
        message = (
            f"{name}, line {at.get((table, index), at.get((table,), 1))}: this {table} cannot be changed from here"
        )
        raise CaseFileError(message, hint=f"write there {', '.join(f'{k} = {_toml(v)}' for k, v in values.items())}")
    return changed


def _with_value(line: str, key: str, value: object) -> str:
    """A line ``key = value  # comment`` with another value; any other line as it is."""
    found = re.fullmatch(
        rf"(?P<key>\s*{key}\s*=\s*)(?:[^\s#\"']+|\"(?:[^\"\\]|\\.)*\"|'[^']*')(?P<rest>\s*(?:#.*)?\s*)", line
    )
    return line if found is None else f"{found['key']}{_toml(value)}{found['rest']}"


def _toml(value: object) -> str:
    return tomlkit.item(value).as_string()


def _says(changed: str, text: str, table: str, index: int, values: Mapping[str, object], name: str) -> bool:
    """Whether the new text says what the old one did, but for these values of this table."""
    before = parse_case(text, name=name).model_dump(by_alias=True)
    try:
        after = parse_case(changed, name=name).model_dump(by_alias=True)
    except CaseFileError:
        return False
    before[table][index].update(values)
    return before == after
