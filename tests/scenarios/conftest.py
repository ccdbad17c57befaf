"""One site with its service for each module of scenarios; a test uses names of its own."""

from collections.abc import Iterator

import pytest

from tests.scenarios.world import World, new_world


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with new_world() as made:
        made.start()
        yield made
        made.stop()


@pytest.fixture
def quiet_world() -> Iterator[World]:
    """A site of the test's own whose service has not been started."""
    with new_world() as made:
        yield made


@pytest.fixture
def guarded_world() -> Iterator[World]:
    """A site of the test's own with the wrong-recipient guard as it is shipped; its service has not been started."""
    with new_world(guard=True) as made:
        yield made
