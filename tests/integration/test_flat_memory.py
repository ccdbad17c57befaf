"""However large a file is, sealing and sending it takes the same memory: a process of its own for each, measured whole.

The counters inside Python (`tracemalloc`) see neither the buffers of a library in C nor what an allocator keeps.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.containers import POSTBUS, sealed_apart
from tests.integration.deliver.ssh_server import SshServer
from tests.integration.seal.ages import AgeIdentity
from tests.integration.seal.certificates import CertificateHouse
from tests.integration.seal.homes import KeyHouse, new_home

_SMALL, _LARGE = 32 << 20, 256 << 20
_MOST_MORE_MIB = 12


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, str]]]:
    """Give, for each container, the recipient's key and where the own keys lie."""
    folder = tmp_path_factory.mktemp("keys")
    with new_home() as gateway, new_home() as recipients:
        house = KeyHouse(gateway=gateway, recipients=recipients, kinds=("ok",))
        certificates = CertificateHouse(folder)
        certificates.make("ok", "other")
        signed_by = f"{gateway} {house.signer}"
        yield {
            "OpenPGP": (house.keys["ok"], signed_by),
            "CMS, RSA 2048": (certificates.keys["ok"], str(folder)),
            "CMS, P-256": (certificates.keys["other"], str(folder)),
            "age": (AgeIdentity(folder / "age.txt").recipient, signed_by),
            POSTBUS: ("", ""),
        }


@pytest.mark.parametrize("kind", ["OpenPGP", "CMS, RSA 2048", "CMS, P-256", "age", POSTBUS])
def test_a_file_eight_times_as_large_is_sealed_in_the_same_memory(
    kind: str, sides: dict[str, tuple[str, str]], tmp_path: Path
) -> None:
    most = []
    for size in (_SMALL, _LARGE):
        _make(tmp_path / "plain", size)
        most.append(sealed_apart(kind, *sides[kind], tmp_path).mib)
        assert (tmp_path / "ours").stat().st_size > size
        (tmp_path / "ours").unlink()

    assert most[1] - most[0] < _MOST_MORE_MIB


def test_a_file_eight_times_as_large_goes_over_sftp_in_the_same_memory() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="fm") as name:
        home = Path(name)
        with SshServer(home).running() as server:
            most = []
            for size in (_SMALL, _LARGE):
                _make(home / "file", size)
                settings = (server.port, server.user, server.host_key_line, server.key_file, server.inbox)
                command = [sys.executable, "-m", "tests.benchmarks.sftp_side", *map(str, settings)]
                command += [str(home / "file"), f"{size}.ngo.tar.pgp"]
                most.append(json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)["peak"])
                assert size == (server.inbox / "ngo" / f"{size}.ngo.tar.pgp").stat().st_size

    assert most[1] - most[0] < _MOST_MORE_MIB


def _make(path: Path, size: int) -> None:
    """Make a file of zeroes that takes no room itself."""
    path.unlink(missing_ok=True)
    path.touch()
    os.truncate(path, size)
