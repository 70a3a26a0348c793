"""A case as a run leaves it."""

import pytest

from case_example import make_case


@pytest.fixture
def example(tmp_path):
    return make_case(tmp_path)
