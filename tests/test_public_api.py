"""What is public is there, is named in order, is explained, and its examples run."""

from __future__ import annotations

import doctest
import importlib
import importlib.metadata
import pkgutil
import tomllib
from pathlib import Path

import pytest

import syncview

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(syncview.__path__, "syncview.")
    if module.name != "syncview.__main__"
)


def test_version_is_that_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert syncview.__version__ == project["version"] == importlib.metadata.version("syncview")


def test_public_names_are_sorted_and_complete():
    assert syncview.__all__ == sorted(syncview.__all__)
    assert dir(syncview) == syncview.__all__
    assert set(syncview._HOMES) < set(syncview.__all__)
    namespace: dict[str, object] = {}
    exec("from syncview import *", namespace)
    assert set(syncview.__all__) <= set(namespace)
    with pytest.raises(AttributeError, match="has no attribute 'analyse_all'"):
        syncview.analyse_all  # noqa: B018


@pytest.mark.parametrize("name", [name for name in syncview.__all__ if name != "__version__"])
def test_public_names_are_explained_and_where_they_say(name):
    value = getattr(syncview, name)
    assert value.__doc__
    assert value.__name__ == name
    assert name in importlib.import_module(syncview._HOMES.get(name, "syncview.errors")).__all__


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_explained_export_what_they_have_and_their_examples_run(name):
    module = importlib.import_module(name)
    assert module.__doc__
    exported = getattr(module, "__all__", [])
    assert len(set(exported)) == len(exported)
    for public in exported:
        assert hasattr(module, public)
    outcome = doctest.testmod(module)
    assert outcome.failed == 0
