"""``syncview verify``: whether a case is as it was left, and its originals as they came."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from syncview.cli.originals import check_originals
from syncview.cli.output import result, result_json, say
from syncview.cli.shell import DONE, INTEGRITY, LOOK, UNREADABLE
from syncview.cli.verb import Verb, json_option
from syncview.errors import CaseFolderError, DocumentError, IntegrityError, MediaError
from syncview.media.hashing import hash_file
from syncview.store import CaseFolder
from syncview.timeline.schema import SCHEMA, VERSION, json_schema, load_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.cli.originals import Original, OriginalState
    from syncview.store import CustodyFile, CustodyLine

__all__ = ["Check", "command"]

CheckState = Literal["ok", "failed", "not checked", "look"]

_WORDS = {"ok": "ok", "failed": "FAILED", "not checked": "NOT CHECKED", "look": "LOOK"}
_CODES = {"failed": INTEGRITY, "not checked": UNREADABLE, "look": LOOK}  # the first that occurs decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked."""

    name: str
    state: CheckState
    message: str


@click.command("verify", cls=Verb, examples=("syncview verify CASE", "syncview verify CASE --json"))
@click.argument("case", metavar="CASE", type=click.Path(path_type=Path))
@json_option()
def command(case: Path, as_json: bool) -> int:
    """Check that a case is as it was left, and its originals as they came.

    Checks the result against its schema, the schema itself, the custody chain, and every original against the
    SHA-256 of its intake. "Unchanged since intake" says nothing of what was done to a file before.
    """
    folder = CaseFolder.open(case)
    if not folder.timeline_file.exists() and not folder.custody.lines_file.exists():
        message = f"nothing was run in {case} yet"
        raise CaseFolderError(message, hint=f"syncview run FILES... -o {case}")
    checks, originals = _all_checks(folder)
    if as_json:
        intact = all(check.state == "ok" for check in checks)
        document = {"case": str(case), "unchanged": intact, "checks": [asdict(check) for check in checks]}
        result_json(document | {"originals": [asdict(original) for original in originals]})
    else:
        _print(checks, originals)
    for check in checks:
        if check.state != "ok":
            say(f"syncview: {check.message}")
    states = {check.state for check in checks}
    return next((code for state, code in _CODES.items() if state in states), DONE)


def _all_checks(folder: CaseFolder) -> tuple[tuple[Check, ...], tuple[Original, ...]]:
    checks = [_timeline(folder.timeline_file), _schema(folder.schema_file)]
    try:
        lines = folder.custody.verify()
    except IntegrityError as error:
        return (*checks, Check(name="custody", state="failed", message=str(error))), ()
    count = f"{len(lines)} {'line' if len(lines) == 1 else 'lines'}"
    checks.append(Check(name="custody", state="ok", message=f"custody.jsonl: {count}, each as it was written"))
    checks.extend(_results(folder, lines))
    originals = check_originals(lines)
    return (*checks, *_summary(originals)), originals


def _timeline(path: Path) -> Check:
    try:
        load_document(path)
    except DocumentError as error:
        return Check(name="timeline", state="failed", message=str(error))
    return Check(name="timeline", state="ok", message=f"{path.name}: fits {SCHEMA} version {VERSION}")


def _schema(path: Path) -> Check:
    """Compare the schema beside the result with the one of the version that the result states."""
    try:
        published = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Check(name="schema", state="failed", message=f"{path}: missing (run the case again)")
    except (OSError, ValueError) as error:
        return Check(name="schema", state="failed", message=f"{path}: cannot be read: {error} (run the case again)")
    if published != json_schema():
        message = f"{path}: is not the schema of {SCHEMA} version {VERSION} (run the case again)"
        return Check(name="schema", state="failed", message=message)
    return Check(name="schema", state="ok", message=f"{path.name}: the schema of {SCHEMA} version {VERSION}")


def _results(folder: CaseFolder, lines: Sequence[CustodyLine]) -> list[Check]:
    """Compare the files that the last finished run wrote with what it noted of them."""
    written = next((line.files for line in reversed(lines) if line.kind == "result"), ())
    made = [file for file in written if file.path != folder.case_file.name]
    changed = [message for file in made if (message := _change(folder.path / file.path, file))]
    if changed:
        return [Check(name="result", state="failed", message=f"{message} (run the case again)") for message in changed]
    if not lines or lines[-1].kind != "result":
        message = f"{folder.path}: the last run did not finish (run the case again)"
        return [Check(name="result", state="look", message=message)]
    result_check = Check(name="result", state="ok", message="results: as the last run wrote them")
    return [result_check, *_case_file(folder, written)]


def _case_file(folder: CaseFolder, written: Sequence[CustodyFile]) -> list[Check]:
    """Whether people said something since: no damage, but the result does not know of it."""
    obeyed = next((file for file in written if file.path == folder.case_file.name), None)
    if not folder.case_file.exists() and obeyed is None:
        return []
    if obeyed is not None and _change(folder.case_file, obeyed) is None:
        return [Check(name="case file", state="ok", message=f"{folder.case_file.name}: as the last run read it")]
    message = f"{folder.case_file}: edited since the last run (run again: syncview run -o {folder.path})"
    return [Check(name="case file", state="look", message=message)]


def _change(path: Path, file: CustodyFile) -> str | None:
    """What became of a file that a run wrote; None when nothing."""
    try:
        return None if hash_file(path) == file.sha256 else f"{path}: changed since the run wrote it"
    except MediaError:
        return f"{path}: was written by the run and cannot be read now"


def _summary(originals: Sequence[Original]) -> list[Check]:
    """One check for all originals that are alike, with their names."""
    checks = []
    told: dict[OriginalState, tuple[CheckState, str, str]] = {
        "changed": ("failed", "changed since intake", "go back to a copy that is unchanged"),
        "not found": ("not checked", "not found, so not checked", "attach the disk that they came from"),
        "unreadable": ("not checked", "cannot be read, so not checked", "see that you may read them"),
        "replaced": ("look", "changed between two intakes", "compare the lines of custody.jsonl"),
    }
    for state, (outcome, words, hint) in told.items():
        names = [original.path for original in originals if original.state == state]
        if names:
            message = f"originals: {len(names)} of {len(originals)} {words}: {', '.join(names)} ({hint})"
            checks.append(Check(name="originals", state=outcome, message=message))
    if not checks:
        checks.append(
            Check(name="originals", state="ok", message=f"originals: all {len(originals)} unchanged since intake")
        )
    return checks


def _print(checks: Sequence[Check], originals: Sequence[Original]) -> None:
    for check in checks:
        result(f"{_WORDS[check.state]:12} {check.message}")
    for original in originals:
        if original.state != "unchanged":
            result(f"  {original.state:12} {original.path}")
