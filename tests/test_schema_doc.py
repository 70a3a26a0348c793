"""docs/timeline.md explains every field of the published schema, in the schema's own words."""

import re
import runpy
from pathlib import Path

from syncview.timeline.schema import json_schema

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "timeline.md").read_text(encoding="utf-8")


def test_tables_agree_with_the_schema():
    refreshed = runpy.run_path(str(ROOT / "scripts" / "timeline_doc.py"))["refreshed"]
    assert refreshed(PAGE) == PAGE, "run python scripts/timeline_doc.py"


def test_every_object_of_the_schema_has_its_table():
    explained = re.findall(r"<!-- fields: (\w+) -->", PAGE)
    assert sorted(explained) == sorted([*json_schema()["$defs"], "TimelineDocument"])
