"""A package goes by file drop to a recipient's own SFTP server: OpenSSH."""

import hashlib
import json
import random
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from gateway.entrypoints.demo.opening import open_drop
from tests.integration.deliver.ssh_server import HOST, SERVER, SshServer
from tests.scenarios.canary import Canary, data_of, make_canary, subject_of
from tests.scenarios.world import GUARDIAN, World, guardian_manifest, new_world, until
from tests.unit.cli.conftest import run

_FOLDER = "Van-DTenV"


@dataclass
class Chain:
    """A site, and the server of its guardian."""

    world: World
    server: SshServer
    inbox: Path

    def connect(self, *, port: int, host_key: str, name: str = SERVER) -> None:
        key_file = self.world.site.secrets / "sftp.key"
        shutil.copy(self.server.key_file, key_file)
        key_file.chmod(0o600)
        server = {
            "host": HOST,
            "port": port,
            "user": self.server.user,
            "hostKeys": [host_key],
            "keyFile": "secrets/sftp.key",
            "folder": str(self.server.inbox),
        }
        self.world.set(None, sftp={name: server})

    def check(self) -> dict[str, str]:
        """Give what `sluis check` says, name and place to code."""
        told = run("--site", self.world.site.root, "--json", "check").json
        return {f"{each['name']} {each['where']}".strip(): each["code"] for each in told["checks"]}


def chain_of(world: World, home: Path) -> Chain:
    """Give the guardian of a site a server of its own, which does not run yet."""
    server = SshServer(home)
    entry = world.site.recipients / f"{GUARDIAN}.yaml"
    text = entry.read_text(encoding="utf-8")
    entry.write_text(text.replace(f"address: {GUARDIAN}", f"address: sftp:{SERVER}/{_FOLDER}"), encoding="utf-8")
    return Chain(world, server, server.make_folder(_FOLDER))


@pytest.fixture
def chain() -> Iterator[Chain]:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp", prefix="ss")))
        yield chain_of(stack.enter_context(new_world()), home)


def _drop(chain: Chain, entry: str, canary: Canary) -> str:
    document: dict[str, Any] = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
    subject = {**subject_of(canary), "dateOfBirth": "2014-03-09"}
    whole = guardian_manifest(subject=subject, data={"name": data_of(canary)["name"]}, documents=[document])
    letter = f"Hierbij de gegevens van {canary['name']}.\n" * 200
    chain.world.drop(entry, {"package.json": whole, "brief.txt": letter})
    return letter


def test_it_lies_whole_on_the_server_and_is_opened_with_plain_gpg(chain: Chain) -> None:
    canary = make_canary(random.Random(secrets.token_bytes(16)))
    with chain.server.running():
        chain.connect(port=chain.server.port, host_key=chain.server.host_key_line)
        assert {""} == set(chain.check().values())
        chain.world.start()
        letter = _drop(chain, "pakket", canary)
        slip = chain.world.slip("pakket", "done", "held", "refused", "rejected")
        chain.world.stop()

    assert ("done", "") == (slip["state"], slip["code"])
    (file,) = chain.inbox.glob("*.tar.pgp")
    manifest = json.loads((chain.inbox / f"{file.name}.manifest.json").read_bytes())
    assert hashlib.sha256(file.read_bytes()).hexdigest() in json.dumps(manifest)
    assert 3 == len(list(chain.inbox.iterdir()))
    opened = open_drop(file, home=chain.world.home(GUARDIAN))
    assert opened.good_signature
    arrived = next(content for name, content in opened.parts.items() if name.endswith("01-letter.txt"))
    assert letter.strip() == arrived.decode().strip()


def test_a_changed_host_key_is_told_to_the_administrator_and_the_package_goes_once_the_new_one_is_pinned(
    chain: Chain,
) -> None:
    canary = make_canary(random.Random(secrets.token_bytes(16)))
    chain.connect(port=chain.server.port, host_key=chain.server.host_key_line)
    changed = chain.server.new_host_key().export_public_key().decode().strip()
    with chain.server.running():
        checked = chain.check()
        chain.world.start()
        _drop(chain, "pakket", canary)
        notices = until(lambda: [each for each in _notices(chain) if each["code"] == "sftp-host-key-changed"])
        waiting = list(chain.inbox.iterdir())
        chain.world.stop()
        chain.connect(port=chain.server.port, host_key=changed)
        chain.world.start()
        slip = until(lambda: [each for each in chain.world.slips("pakket") if each["state"] == "done"])
        chain.world.stop()

    assert "sftp-host-key-changed" == checked[f"file-drop sftp.{SERVER}"]
    assert "sftp-host-key-changed" == checked[f"server folder {GUARDIAN}"]
    assert notices
    assert [] == waiting
    assert slip
    assert 3 == len(list(chain.inbox.iterdir()))


def _notices(chain: Chain) -> list[dict[str, str]]:
    told = run("--site", chain.world.site.root, "--json", "status").json
    found: list[dict[str, str]] = told["notices"]
    return found


def test_a_server_that_the_settings_do_not_know_is_told_by_lint_and_check_before_anything_waits_for_it(
    chain: Chain,
) -> None:
    chain.connect(port=chain.server.port, host_key=chain.server.host_key_line, name="een-andere")
    with chain.server.running():
        linted = run("--site", chain.world.site.root, "--json", "policy", "lint")
        in_dutch = run("--site", chain.world.site.root, "--lang", "nl", "policy", "lint").out
        checked = chain.check()

    assert 1 == linted.exit_code
    expected = f"a server that stands under sftp in site.yaml expected, not '{SERVER}'"
    assert [{"where": f"recipients/{GUARDIAN}.yaml channels[0]", "expected": expected}] == linted.json["faults"]
    assert "site.yaml" in in_dutch
    assert "expected" not in in_dutch
    assert "sftp-server-unknown" == checked[f"server folder {GUARDIAN}"]


@pytest.mark.parametrize("fault", ["everybody may read it", "no key", "a weak host key"])
def test_a_key_that_can_not_be_relied_on_is_a_fault_of_the_settings(fault: str, chain: Chain) -> None:
    host_key = chain.server.host_key_line
    if fault == "a weak host key":
        host_key = asyncssh.generate_private_key("ssh-rsa", key_size=2048).export_public_key().decode()
    chain.connect(port=chain.server.port, host_key=host_key)
    key_file = chain.world.site.secrets / "sftp.key"
    if fault == "everybody may read it":
        key_file.chmod(0o644)
    if fault == "no key":
        key_file.write_bytes(b"geen sleutel")

    where = "hostKeys" if fault == "a weak host key" else "keyFile"
    assert "setting-invalid" == chain.check()[f"channels sftp.{SERVER}.{where}"]
