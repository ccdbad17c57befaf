"""A witness at another organisation cosigns the log of a running site, and is not fooled by who has the log's key."""

import json
import re
import shutil
import signal
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
import trustme
import yaml

from gateway.audit.checkpoint import read_checkpoint
from gateway.audit.notes import read_note
from gateway.audit.tree_files import checkpoints_of
from tests.integration.audit.outside.programs import shipped_says
from tests.preloaded import CLI, Listening, preloaded, sluis
from tests.scenarios.test_audit_log import verified
from tests.scenarios.world import World, guardian_manifest, until

NAME = "toezicht.example/w1"


@dataclass(kw_only=True)
class Watching:
    """A witness in a process of its own, with a certificate of a small authority."""

    folder: Path
    log_key: str
    key: str = ""
    listens: str = ""
    server: Listening | None = field(default=None)

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def prepare(self) -> Self:
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        authority.cert_pem.write_to_path(self.ca_file)
        certificate.private_key_and_cert_chain_pem.write_to_path(self.folder / "tls.pem")
        self._settings(port=0)
        self.key = json.loads(preloaded(CLI).run("witness", self.folder, "--json", "--new-key").stdout)["key"]
        return self

    def _settings(self, *, port: int) -> None:
        listen = {"port": port, "certificateFile": "tls.pem", "keyFile": "tls.pem"}
        settings = {"format": "sluis-witness/1", "name": NAME, "listen": listen, "logs": [self.log_key]}
        (self.folder / "witness.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")

    def start(self) -> None:
        self.server = preloaded(CLI).listening("witness", self.folder, "--json")
        self.listens = json.loads(self.server.first)["listens"]
        self._settings(port=int(self.listens.rpartition(":")[2]))

    def stop(self) -> None:
        if self.server is not None:
            self.server.process.send_signal(signal.SIGTERM)
            assert 0 == self.server.ended()[0]
            self.server = None

    def seen(self) -> int:
        """Tell how many lines it has cosigned."""
        notes = [read_note(path.read_bytes()) for path in (self.folder / "seen").iterdir()]
        return read_checkpoint(notes[0]).size if notes else 0

    def asked(self, content: bytes) -> httpx.Response:
        with httpx.Client(verify=ssl.create_default_context(cafile=str(self.ca_file)), trust_env=False) as client:
            return client.post(f"https://{self.listens}/add-checkpoint", content=content)


@pytest.fixture
def witness(quiet_world: World, tmp_path: Path) -> Iterator[Watching]:
    """A witness that knows the site's log, and a site that knows the witness."""
    world = quiet_world
    watching = Watching(folder=tmp_path, log_key=world.site.audit_keys.read_text(encoding="utf-8").strip()).prepare()
    watching.start()
    shutil.copy(watching.ca_file, world.site.root / "witness-ca.pem")
    with world.site.audit_keys.open("a", encoding="utf-8") as keys:
        keys.write(watching.key + "\n")
    asked = {"name": NAME, "url": f"https://{watching.listens}", "caFile": "witness-ca.pem"}
    world.set("audit", witnesses=[asked], witnessSeconds=0.2, witnessLateSeconds=0)
    yield watching
    watching.stop()


def notices(world: World) -> set[str]:
    with world.client() as client:
        return {each["code"] for each in client.get("/health/ready").json().get("notices", [])}


def lines_of_world(world: World) -> int:
    size = verified(world)[1]["size"]
    assert isinstance(size, int)
    return size


def sent(world: World, name: str) -> None:
    world.drop_file(name, guardian_manifest())
    world.slip(name, "done")


def test_the_log_is_cosigned_while_packages_go_and_everybody_sees_by_whom(
    quiet_world: World, witness: Watching
) -> None:
    world = quiet_world
    world.start()
    sent(world, "eerste.json")
    until(lambda: witness.seen() == lines_of_world(world))
    world.stop()

    code, told = verified(world)
    shown = sluis(world.site.root, "audit", "verify")

    assert (0, [NAME]) == (code, [each["name"] for each in _witnesses(told)])
    assert f"{NAME} zag" in shown.stdout
    keys = ("--keys", world.site.audit_keys, "--witnesses", "1")
    assert shipped_says("log", world.site.root / "audit", *keys)


def _witnesses(told: dict[str, object]) -> list[dict[str, Any]]:
    witnesses = told["witnesses"]
    assert isinstance(witnesses, list)
    return witnesses


def test_without_the_witness_packages_go_and_somebody_is_told_until_it_is_back(
    quiet_world: World, witness: Watching
) -> None:
    world = quiet_world
    witness.stop()
    world.start()
    sent(world, "zonder.json")
    until(lambda: "witness-missed" in notices(world))

    witness.start()

    until(lambda: "witness-missed" not in notices(world))
    until(lambda: witness.seen() == lines_of_world(world))


def rewritten(world: World) -> None:
    """Throw the log away and let a new one be written with the same key, as its operator could."""
    for name in ("tree", "checkpoints"):
        (world.site.root / "audit" / name).unlink()
    for path in world.site.audit_log.iterdir():
        path.unlink()


@pytest.mark.parametrize("packages", [1, 3], ids=["shorter than before", "longer than before"])
def test_an_attack_that_rewrites_the_log_with_its_true_key_is_refused_and_told(
    packages: int, quiet_world: World, witness: Watching
) -> None:
    world = quiet_world
    world.start()
    sent(world, "eerste.json")
    sent(world, "tweede.json")
    until(lambda: witness.seen() == lines_of_world(world))
    before = witness.seen()
    world.stop()
    rewritten(world)

    world.start()
    for number in range(packages):
        sent(world, f"anders-{number}.json")
    until(lambda: "witness-contradicts" in notices(world))
    world.stop()

    assert before == witness.seen()
    assert (0, []) == (verified(world)[0], _witnesses(verified(world)[1]))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda note: re.sub(rb"\n[0-9]+\n", b"\n99\n", note, count=1), 403),
        (lambda note: note.replace(b"node-1", b"node-2"), 404),
    ],
    ids=["a changed size", "another log"],
)
def test_what_the_log_has_not_signed_is_not_cosigned(
    change: Callable[[bytes], bytes], status: int, quiet_world: World, witness: Watching
) -> None:
    quiet_world.start()
    note = until(lambda: next(checkpoints_of(quiet_world.site.root / "audit"), None))
    quiet_world.stop()

    assert status == witness.asked(b"old 0\n\n" + change(note)).status_code
    assert 413 == witness.asked(b"x" * 200_000).status_code


def test_a_witness_without_its_key_in_the_file_of_keys_is_a_fault_of_the_settings(
    quiet_world: World, witness: Watching
) -> None:
    own, *_ = quiet_world.site.audit_keys.read_text(encoding="utf-8").splitlines()
    quiet_world.site.audit_keys.write_text(own + "\n", encoding="utf-8")

    start = sluis(quiet_world.site.root, "run")

    assert (1, True) == (start.returncode, "audit.witnesses" in start.stdout + start.stderr)
    assert witness.server is not None
