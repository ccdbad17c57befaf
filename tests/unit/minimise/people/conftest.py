"""The word lists, read once for all tests of the search for people."""

import pytest

from gateway.minimise.people.lists import Lists
from gateway.minimise.word_lists import read_lists


@pytest.fixture(scope="session")
def lists() -> Lists:
    return read_lists()
