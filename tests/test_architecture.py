"""The house rules that a tool can check: layers, and sizes that a reader can hold in mind."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src" / "syncview").rglob("*.py"))
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_NINE_IN_TEN = 30


def functions(path: Path) -> list[tuple[str, int]]:
    """Name and length of each function, its docstring not counted."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            said = first if ast.get_docstring(node) is not None else None
            length = node.end_lineno - node.lineno + 1 - (said.end_lineno - said.lineno + 1 if said else 0)
            found.append((f"{path.relative_to(ROOT)}:{node.name}", length))
    return found


@pytest.mark.slow
def test_rooms_import_downwards_only():
    program = Path(sys.executable).with_name("lint-imports")
    outcome = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout


def test_files_are_short():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES_OF_A_FILE} == {}


def test_functions_are_short():
    every = [function for path in SOURCES for function in functions(path)]
    assert [function for function in every if function[1] > MOST_LINES_OF_A_FUNCTION] == []
    assert statistics.quantiles([length for _, length in every], n=10)[8] <= MOST_LINES_OF_NINE_IN_TEN
