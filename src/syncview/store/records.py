"""Frozen records as JSON and back, checked: what a worker keeps of its results.

The documents that people read are checked by pydantic; to import it costs each run more than the few records here.
"""

from __future__ import annotations

import re
import types
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from syncview.errors import DocumentError

__all__ = ["from_json", "to_json"]

RecordT = TypeVar("RecordT")
_FRACTION = re.compile(r"-?\d+(/[1-9]\d*)?")


def to_json(record: object) -> Any:
    """Turn a record, or a tuple of records, into what `json.dumps` takes.

    Parameters
    ----------
    record : dataclass instance or tuple
        Of numbers, fractions, text, None, tuples and other records.

    Returns
    -------
    dict or list
        For `from_json`.
    """
    if isinstance(record, tuple):
        return [to_json(each) for each in record]
    if is_dataclass(record) and not isinstance(record, type):
        return {field.name: to_json(getattr(record, field.name)) for field in fields(record)}
    return str(record) if isinstance(record, Fraction) else record


def from_json(kind: type[RecordT], document: object) -> RecordT:
    """Make a record of what was read, or say that it is none.

    Parameters
    ----------
    kind : type
        The record's class, or a tuple of records such as ``tuple[Interval, ...]``.
    document : object
        From `json.loads`.

    Returns
    -------
    record
        Of that class, with tuples for lists.

    Raises
    ------
    DocumentError
        If a field is missing, unknown, or not of its type.

    Examples
    --------
    >>> from syncview.model import Interval
    >>> span = Interval(start_s=1.0, end_s=2.0, kind="clipped")
    >>> from_json(Interval, to_json(span)) == span
    True
    """
    made: RecordT = _made(kind, document)
    return made


def _made(kind: Any, document: object) -> Any:
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _record(kind, document)
    if origin is tuple:
        return _tuple(get_args(kind), document)
    if origin is Literal:
        return _checked(document, good=document in get_args(kind))
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), document)
    if kind is float:
        good = isinstance(document, int | float) and not isinstance(document, bool)
        return float(_checked(document, good=good))
    if kind is Fraction:
        return Fraction(
            _checked(document, good=isinstance(document, str) and _FRACTION.fullmatch(document) is not None)
        )
    return _checked(document, good=type(document) is kind)


def _record(kind: Any, document: object) -> Any:
    hints = _types_of(kind)
    if not isinstance(document, dict) or document.keys() != hints.keys():
        message = f"not a {kind.__name__}"
        raise DocumentError(message)
    return kind(**{name: _made(hints[name], value) for name, value in document.items()})


@cache
def _types_of(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _tuple(kinds: tuple[Any, ...], document: object) -> tuple[Any, ...]:
    if not isinstance(document, list):
        message = f"unexpected value {str(document)[:40]!r}"
        raise DocumentError(message)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_made(kinds[0], each) for each in document)
    _checked(document, good=len(document) == len(kinds))
    return tuple(_made(kind, each) for kind, each in zip(kinds, document, strict=True))


def _one_of(kinds: tuple[Any, ...], document: object) -> Any:
    if document is None and type(None) in kinds:
        return None
    (kind,) = (each for each in kinds if each is not type(None))
    return _made(kind, document)


def _checked(document: Any, *, good: bool) -> Any:
    if not good:
        message = f"unexpected value {str(document)[:40]!r}"
        raise DocumentError(message)
    return document
