import contextlib
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.seal.homes import KeyHouse, new_home

DISK_BYTES = 64 * 1024


@pytest.fixture(scope="session")
def house() -> Iterator[KeyHouse]:
    """Every kind of key; tests leave its keyring and agent as they are."""
    with new_home() as gateway, new_home() as recipients:
        yield KeyHouse(gateway=gateway, recipients=recipients)


@pytest.fixture
def own_house() -> Iterator[KeyHouse]:
    """Two good keys; a test may do what it likes with its keyring and its agent."""
    with new_home() as gateway, new_home() as recipients:
        yield KeyHouse(gateway=gateway, recipients=recipients, kinds=("ok", "other"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that holds 64 KiB: a file system of its own where one may be mounted, else a limit on file sizes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
        return
    with file_size_limit(DISK_BYTES):
        yield folder


@contextlib.contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
