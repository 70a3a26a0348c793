"""Refresh the tables of docs/timeline.md from the published schema.

The prose there is written by hand; each table stands between ``<!-- fields: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from syncview.timeline.schema import json_schema

PAGE = Path(__file__).resolve().parents[1] / "docs" / "timeline.md"
_BLOCK = re.compile(r"(<!-- fields: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def kind_of(field: dict[str, Any]) -> str:
    """Name a field's type in words: "number or null", "list of ClockEntry"."""
    if "anyOf" in field:
        return " or ".join(kind_of(option) for option in field["anyOf"])
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in field or "enum" in field:
        return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    if "prefixItems" in field:
        return f"{len(field['prefixItems'])} x {kind_of(field['prefixItems'][0])}"
    if field.get("type") == "array":
        return f"list of {kind_of(field['items'])}"
    if field.get("type") == "object":
        inner = field.get("additionalProperties")
        return f"object of {kind_of(inner)}" if isinstance(inner, dict) else "object"
    return str(field["type"])


def table(definition: dict[str, Any]) -> str:
    """Markdown table of an object's fields."""
    rows = ["| field | type | meaning |", "| --- | --- | --- |"]
    rows += [
        f"| `{name}` | {kind_of(field)} | {field['description'].replace('|', chr(92) + '|')} |"
        for name, field in definition["properties"].items()
    ]
    return "\n".join(rows) + "\n"


def refreshed(text: str) -> str:
    """The page with every table as the schema has it."""
    schema = json_schema()
    objects = schema["$defs"] | {"TimelineDocument": schema}
    return _BLOCK.sub(lambda block: block[1] + table(objects[block[2]]) + block[3], text)


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
