"""A case as a run leaves it, and runs that look for no movement unless a test is about it."""

import os

import pytest

from case_example import make_case


@pytest.fixture(scope="package", autouse=True)
def no_movement():
    """Looking for people takes as long as all else; the commands that tests start inherit this."""
    before = os.environ.get("SYNCVIEW_MOVEMENT")
    os.environ["SYNCVIEW_MOVEMENT"] = "off"
    yield
    if before is None:
        del os.environ["SYNCVIEW_MOVEMENT"]
    else:
        os.environ["SYNCVIEW_MOVEMENT"] = before


@pytest.fixture
def example(tmp_path):
    return make_case(tmp_path)
