from pathlib import Path

import pytest

from gateway.policy.policy_set import PolicySet
from tests.unit.policy.building import Folders, make_folders


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return make_folders(tmp_path)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """The shipped policies with the sample register; frozen, so that tests may share it."""
    return make_folders(tmp_path_factory.mktemp("shipped")).load()
