"""A case folder as a run leaves it, with real originals on disk and the worked incident as its timeline."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from incident_example import incident
from syncview.settings import Settings
from syncview.store import CaseFolder, CustodyFile, hash_of_settings, to_json_text
from syncview.timeline.build import build_timeline
from syncview.timeline.schema import dumps, json_schema

RUN = datetime(2018, 5, 2, 8, 0, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    folder: CaseFolder
    originals: tuple[Path, ...]

    @property
    def command(self) -> list[str]:
        return ["syncview", "run", str(self.originals[0].parent), "-o", str(self.folder.path)]

    def take_in(self) -> None:
        """Note the originals as they are now."""
        self._append("intake", [_noted(path, str(path)) for path in self.originals])

    def note_results(self) -> None:
        """Note the result as it is now."""
        files = [path for path in (self.folder.timeline_file, self.folder.case_file) if path.exists()]
        self._append("result", [_noted(path, path.name) for path in files])

    def _append(self, kind, files) -> None:
        settings = hash_of_settings(Settings().as_dict())
        self.folder.custody.append(kind, files, time_utc=RUN, command=self.command, settings_sha256=settings)


def _noted(path: Path, name: str) -> CustodyFile:
    content = path.read_bytes()
    return CustodyFile(path=name, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))


def make_case(where: Path) -> Example:
    """Originals in ``where/footage``, the case in ``where/case``."""
    parts = incident()
    footage = where / "footage"
    footage.mkdir()
    recordings = []
    for recording in parts.recordings:
        path = footage / recording.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"media of {recording.id}".encode())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        recordings.append(replace(recording, path=str(path), sha256=digest))
    folder = CaseFolder.create(where / "case")
    folder.write("timeline.json", dumps(build_timeline(replace(parts, recordings=tuple(recordings)))))
    folder.write("timeline.schema.json", to_json_text(json_schema()))
    example = Example(folder, tuple(Path(recording.path) for recording in recordings))
    example.take_in()
    example.note_results()
    assert json.loads(folder.custody.head_file.read_bytes())["lines"] == 2
    return example
