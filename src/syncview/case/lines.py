"""On which line of a TOML text each key and table stands; neither tomllib nor tomlkit tells."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KeyPath", "line_of", "lines_of_keys"]

KeyPath = tuple[str | int, ...]


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, object]]]:
    """Line number, source and content of each statement of a valid TOML text.

    A statement ends with the first line at which it is valid TOML by itself: open brackets and strings never are.
    """
    first = 1
    pending = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if not pending:
            first = number
        pending += line + "\n"
        try:
            content = tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        if content:
            yield first, pending.strip(), content
        pending = ""


def _paths(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of a value and of everything in it."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, (*path, index))


def _header_names(content: dict[str, object]) -> list[str]:
    """Names of a header, outermost first: ``[a.b]`` reads as {a: {b: {}}}, ``[[a.b]]`` as {a: {b: [{}]}}."""
    names: list[str] = []
    node: object = content
    while isinstance(node, dict) and node:
        name, node = next(iter(node.items()))
        names.append(name)
    return names


def lines_of_keys(text: str) -> dict[KeyPath, int]:
    r"""Line of every table and key of a TOML text.

    Parameters
    ----------
    text : str
        Valid TOML.

    Returns
    -------
    dict
        Line numbers from 1, by path: ``("pin", 0, "a", "file")``; tables stand at their header.

    Examples
    --------
    >>> lines_of_keys('[[pin]]\ncheck = true\n[[pin]]\n')
    {('pin',): 1, ('pin', 0): 1, ('pin', 0, 'check'): 2, ('pin', 1): 3}
    """
    lines: dict[KeyPath, int] = {}
    last_index: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, source, content in _statements(text):
        if not source.startswith("["):
            for path in _paths(content, ()):
                lines.setdefault((*table, *path), number)
            continue
        table = ()
        names = _header_names(content)
        for depth, name in enumerate(names, start=1):
            table = (*table, name)
            lines.setdefault(table, number)
            if depth == len(names) and source.startswith("[["):
                last_index[table] = last_index.get(table, -1) + 1
            if table in last_index:
                table = (*table, last_index[table])
                lines.setdefault(table, number)
    return lines


def line_of(path: KeyPath, lines: dict[KeyPath, int]) -> int | None:
    """Line of a path, or of the nearest thing around it that has one.

    Examples
    --------
    >>> line_of(("pin", 0, "b"), {("pin", 0): 4})
    4
    """
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)
