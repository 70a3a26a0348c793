"""case.toml into documents, with messages that name the line."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from syncview.case.documents import CaseFile
from syncview.case.lines import line_of, lines_of_keys
from syncview.errors import CaseFileError

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from syncview.case.lines import KeyPath

__all__ = ["load_case", "parse_case", "read_case_text"]

_TOML_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")
_MOST_LINES_NAMED = 5
_SAMPLES = {"file": '"cam1.mp4"', "time_s": "2.6", "x_px": "640", "y_px": "420"}  # values, as people would write them


def load_case(path: Path) -> CaseFile:
    """Read and check a case file.

    Parameters
    ----------
    path : Path
        ``CASE/case.toml``; it need not exist.

    Returns
    -------
    CaseFile
        What people know; without a file, the defaults.

    Raises
    ------
    CaseFileError
        The file cannot be read, is no TOML, or says something that does not fit. Names the line.
    """
    return parse_case(read_case_text(path), name=str(path))


def read_case_text(path: Path) -> str:
    """Text of a case file; empty without a file. A byte order mark is dropped, line ends are kept.

    Raises
    ------
    CaseFileError
        The file cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        message = f"{path}: byte {error.start} is not UTF-8"
        raise CaseFileError(message, hint="save the file as UTF-8 text") from error
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise CaseFileError(message, hint="check that it is a file and that you may read it") from error


def parse_case(text: str, *, name: str = "case.toml") -> CaseFile:
    r"""Check the text of a case file.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        What messages call the file.

    Returns
    -------
    CaseFile
        What people know.

    Raises
    ------
    CaseFileError
        Not TOML, or it says something that does not fit. Names the line.

    Examples
    --------
    >>> parse_case('[case]\ntime_zone = "Asia/Damascus"').info.time_zone
    'Asia/Damascus'
    >>> parse_case('[case]\ntitel = "x"')
    Traceback (most recent call last):
    syncview.errors.CaseFileError: case.toml, line 2: unknown key 'titel' in [case] (did you mean 'title'?)
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(str(error), text, name) from error
    lines = lines_of_keys(text)
    try:
        case = CaseFile.model_validate(_tuples(tables))
    except ValidationError as error:
        raise _does_not_fit(error, lines, name) from error
    case._name, case._lines = name, lines
    return case


def _tuples(value: Any) -> Any:
    """Return the same with tuples for lists: documents do not change."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    return value


def _not_toml(message: str, text: str, name: str) -> CaseFileError:
    found = _TOML_POSITION.search(message)
    line = found["line"] if found and found["line"] else text.count("\n") + 1
    reason = _TOML_POSITION.sub("", message)
    hint = "text needs quotes, a table starts with [[pin]], comments start with #"
    return CaseFileError(f"{name}, line {line}: {reason[:1].lower()}{reason[1:]}", hint=hint)


def _does_not_fit(error: ValidationError, lines: dict[KeyPath, int], name: str) -> CaseFileError:
    """Make one message of all that is wrong: the first in full, the others by line."""
    found = sorted(
        ((line_of(details["loc"], lines) or 1, details) for details in error.errors()), key=lambda item: item[0]
    )
    line, details = found[0]
    what, hint = _explained(details)
    others = sorted({number for number, _ in found[1:]} - {line})[:_MOST_LINES_NAMED]
    if others:
        what += f"; more is wrong in line {', '.join(map(str, others))}"
    return CaseFileError(f"{name}, line {line}: {what}", hint=hint)


def _explained(details: ErrorDetails) -> tuple[str, str | None]:
    """What is wrong with one key, in words, and what to try."""
    *around, last = details["loc"]
    key = str(last)
    owner, table = _owner_of(tuple(around))
    if details["type"] == "extra_forbidden":
        known = [field.alias or field_name for field_name, field in owner.model_fields.items()]
        near = difflib.get_close_matches(key, known, n=1)
        place = f"key {key!r} in {table}" if around else f"table {key!r}"
        return f"unknown {place}", f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
    if details["type"] == "missing":
        return f"{table} needs {key!r}", f"add a line: {key} = ..."
    if details["type"] in ("model_type", "tuple_type"):
        return _another_shape(details)
    said = details["msg"].removeprefix("Value error, ")
    if isinstance(last, int) or (isinstance(details["input"], dict) and details["type"] == "value_error"):
        _, table = _owner_of(details["loc"])
        return f"{table}: {said}", None
    return f"{key} = {details['input']!r}: {said[:1].lower()}{said[1:]}", None


def _another_shape(details: ErrorDetails) -> tuple[str, str]:
    """What is wrong with a value that should be a table or a list, and how to write one."""
    *around, last = details["loc"]
    said = f"{last} = {details['input']!r}"
    if isinstance(last, int):
        _, table = _owner_of(details["loc"])
        return f"{table}: should be a table", f"write each as a table that starts with {table}"
    document, table = _owner_of(details["loc"])
    if details["type"] == "tuple_type":
        if not around:
            return f"{said}: should be tables", f"write each as a table that starts with [{table}]"
        owner, _ = _owner_of(tuple(around))
        sample = owner.model_fields[last].default or (_text_of(details["input"]),)
        return f"{said}: should be a list", f"write: {last} = {json.dumps(sample, ensure_ascii=False)}"
    if not around:
        return f"{said}: should be a table", f"write a table that starts with {table}"
    needed = [name for name, field in document.model_fields.items() if field.is_required()]
    pairs = ", ".join(f"{name} = {_SAMPLES.get(name, '...')}" for name in needed)
    return f"{said}: should be a table with {', '.join(needed)}", f"write: {last} = {{ {pairs} }}"


def _text_of(value: object) -> str:
    return value if isinstance(value, str) else "rescuer"


def _owner_of(path: KeyPath) -> tuple[type[BaseModel], str]:
    """Document class of a table, and its name as the file writes it."""
    owner: type[BaseModel] = CaseFile
    names: list[str] = []
    repeated = False
    for step in path:
        if isinstance(step, int):
            repeated = True
            continue
        names.append(step)
        fields = {field.alias or name: field.annotation for name, field in owner.model_fields.items()}
        owner = _document_in(fields.get(step)) or owner
    name = ".".join(names)
    return owner, f"[[{name}]]" if repeated and len(names) == 1 else f"[{name}]"


def _document_in(annotation: Any) -> type[BaseModel] | None:
    """Document class that a field holds, alone or in a tuple."""
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
