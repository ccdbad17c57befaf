"""A recipient is added by hand, as the administrator's page says: an entry, a file, and `gpg --import`."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.entrypoints.demo.opening import open_drop
from gateway.seal.keyring import stop_agent
from tests.scenarios.world import World, guardian_manifest, until
from tests.unit.cli.conftest import run

_ENTRY = """\
id: nidos-noord
kind: guardian
organisation: Nidos
name: Nidos, regio Noord
language: nl
channels:
  - {{channel: file-drop, address: nidos-noord, keys: [{fingerprint}]}}
permissions:
  - {{purpose: guardianship, fields: [name, education], reviewOn: 2099-01-01}}
tellLeftOut: true
"""


def gpg(home: Path, *arguments: str) -> str:
    done = subprocess.run(["gpg", "--homedir", os.fspath(home), "--batch", *arguments], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.fixture
def their_home() -> Iterator[Path]:
    """The recipient's own GnuPG home, in a path that is short enough for its agent."""
    home = Path(tempfile.mkdtemp(prefix="sk", dir="/tmp"))
    yield home
    stop_agent(home)
    shutil.rmtree(home, ignore_errors=True)


def make_key(home: Path) -> str:
    gpg(home, "--passphrase", "", "--quick-gen-key", "Nidos <post@nidos.example>", "future-default", "default", "2y")
    listing = gpg(home, "--with-colons", "--list-keys").splitlines()
    return next(line.split(":")[9] for line in listing if line.startswith("fpr"))


def test_a_recipient_who_was_added_by_hand_opens_what_arrives(quiet_world: World, their_home: Path) -> None:
    site = quiet_world.site
    fingerprint = make_key(their_home)
    public = site.keys / f"{fingerprint}.asc"
    public.write_text(gpg(their_home, "--armor", "--export", fingerprint), encoding="ascii")
    (site.recipients / "nidos-noord.yaml").write_text(_ENTRY.format(fingerprint=fingerprint), encoding="utf-8")
    (site.drop / "nidos-noord").mkdir(mode=0o750)

    gpg(site.gnupg, "--import", os.fspath(public))
    signer = next(path for path in site.keys.glob("*.asc") if path.stem in site.settings.read_text(encoding="utf-8"))
    gpg(their_home, "--import", os.fspath(signer))
    quiet_world.start()
    quiet_world.drop_file("noord.json", guardian_manifest(recipients=["nidos-noord"]))
    slip = quiet_world.slip("noord.json", "done", "held", "refused")
    assert "" == slip["code"]

    file = until(lambda: next((site.drop / "nidos-noord").glob("*.tar.pgp"), None))
    opened = open_drop(file, home=their_home)
    assert opened.good_signature
    assert {"name": "Samuel Tesfay"} == json.loads(opened.parts["data.json"])
    assert {"religion", "departureStrategy"} == {each["path"] for each in slip["fields"] if each["verdict"] == "strip"}


def test_a_recipient_whose_key_was_not_imported_is_held_and_nothing_leaves(
    quiet_world: World, their_home: Path
) -> None:
    site = quiet_world.site
    entry = _ENTRY.format(fingerprint=make_key(their_home))
    (site.recipients / "nidos-noord.yaml").write_text(entry, encoding="utf-8")
    (site.drop / "nidos-noord").mkdir(mode=0o750)

    quiet_world.start()
    quiet_world.drop_file("noord.json", guardian_manifest(recipients=["nidos-noord"]))

    assert "key-missing" == quiet_world.slip("noord.json", "held", "done", "refused")["code"]
    assert [] == list((site.drop / "nidos-noord").iterdir())


def test_a_key_that_was_copied_from_another_recipient_is_doubted(quiet_world: World) -> None:
    site = quiet_world.site
    municipality, nidos = site.recipients / "gemeente-voorbeeld.yaml", site.recipients / "nidos-voorbeeld.yaml"
    own, others = (re.findall(r"[0-9A-F]{40}", path.read_text(encoding="utf-8"))[0] for path in (municipality, nidos))
    municipality.write_text(municipality.read_text(encoding="utf-8").replace(own, others), encoding="utf-8")

    both = run("--site", site.root, "--json", "policy", "lint")
    nidos.unlink()
    alone = run("--site", site.root, "--json", "check")
    shown = run("--site", site.root, "--lang", "nl", "check").out

    assert 1 == both.exit_code
    assert all(word in both.json["faults"][0]["expected"] for word in ("gemeente-voorbeeld", "nidos-voorbeeld"))
    doubts = [(each["where"], each["code"]) for each in alone.json["warnings"]]
    assert [("gemeente-voorbeeld", "key-names-another")] == doubts
    assert {""} == {each["code"] for each in alone.json["checks"] if each["name"] == "recipient key"}
    assert "key-names-another" in shown
    assert "alleen openbare sleutels" in shown
    assert not any(english in shown for english in ("public keys", "recipient key", "signing key", "settings"))
