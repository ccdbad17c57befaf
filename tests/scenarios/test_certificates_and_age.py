"""Recipients with an X.509 certificate or an age key: the whole service, opened by openssl, age and tar."""

import email
import email.policy
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.reading import read_events
from gateway.package.errors import Code
from gateway.package.ids import Fingerprint, PackageId
from gateway.package.problems import PROBLEMS
from gateway.seal.key_description import in_groups
from tests.integration.seal.ages import AgeIdentity
from tests.integration.seal.certificates import KINDS, SIGNS, CertificateHouse, Wanted, openssl
from tests.integration.seal.homes import new_home, run
from tests.scenarios.test_the_whole_way import LETTER, mail_of
from tests.scenarios.world import GUARDIAN_ENTRY, MUNICIPALITY, World, guardian_manifest, manifest, new_world, until
from tests.unit.cli.conftest import run as sluis

_BAD = {
    "expired": Code.KEY_EXPIRED,
    "revoked": Code.KEY_REVOKED,
    "rsa-1024": Code.KEY_WEAK,
    "sha-1": Code.KEY_WEAK,
    "no-usage": Code.KEY_UNUSABLE,
    "swapped": Code.KEY_MISSING,
}


@dataclass
class Site:
    """A site whose recipients have certificates and age keys; the service runs."""

    world: World
    certificates: CertificateHouse
    reader: AgeIdentity

    def guardian(self, name: str, key: Fingerprint) -> None:
        """Register a guardian with one key and a folder on the drop."""
        (self.world.site.recipients / f"{name}.yaml").write_text(
            GUARDIAN_ENTRY.format(id=name, key=key), encoding="utf-8"
        )
        (self.world.site.drop / name).mkdir(mode=0o750)

    def pinned(self, name: str) -> Fingerprint:
        """Lay a certificate into the site's own `keys/`."""
        for path in (self.certificates.root / "keys").iterdir():
            (self.world.site.keys / path.name).write_bytes(path.read_bytes())
        return self.certificates.keys[name]

    def sign_with(self, name: str) -> None:
        """Give the site its signing certificate, as an administrator would."""
        for kind, path in (("pem", self.certificates.certificate(name)), ("key", self.certificates.key(name))):
            target = self.world.site.root / "secrets" / f"signing.{kind}"
            target.write_bytes(path.read_bytes())
            target.chmod(0o600)

    def sealer_of(self, package: str) -> list[str]:
        events = read_events(self.world.site.audit_log, package=PackageId(package))
        return [each["gateway.sealer"] for each in events if "gateway.sealer" in each]

    def dropped(self, folder: str, package: str) -> Path:
        found: Path = until(lambda: next((self.world.site.drop / folder).glob(f"{package}.*.manifest.json"), None))
        return found.with_name(found.name.removesuffix(".manifest.json"))


def _prepared(world: World, *, reader: AgeIdentity) -> Site:
    (world.site.root / "x509").mkdir()
    made = Site(world, CertificateHouse(world.site.root / "x509"), reader)
    made.sign_with("signer")
    world.set(
        "seal",
        certificateFile="secrets/signing.pem",
        certificateKeyFile="secrets/signing.key",
        certificateTrust="x509/trust",
    )
    return made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    reader = AgeIdentity(tmp_path_factory.mktemp("age") / "key.txt")
    with new_world() as world:
        made = _prepared(world, reader=reader)
        made.certificates.make("ok", "other", *(kind for kind in _BAD if kind in KINDS))
        made.certificates.swap("swapped")
        entry = world.site.recipients / f"{MUNICIPALITY}.yaml"
        text = entry.read_text(encoding="utf-8")
        entry.write_text(re.sub(r"\b[0-9A-F]{40}\b", made.pinned("ok"), text), encoding="utf-8")
        made.guardian("nidos-kromme", made.pinned("other"))
        made.guardian("nidos-age", reader.recipient)
        for kind in _BAD:
            made.guardian(f"nidos-{kind}", made.pinned(kind))
        world.start()
        yield made
        world.stop()


def _tar(content: bytes, name: str) -> bytes:
    command = ["tar", "-x", "-O", name]
    return subprocess.run(command, input=content, check=True, capture_output=True, timeout=20).stdout


def test_a_mail_to_a_certificate_is_opened_by_openssl_alone(site: Site) -> None:
    document = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
    site.world.drop("per-certificaat", {"package.yaml": manifest(documents=[document]), "brief.txt": LETTER})
    slip = site.world.slip("per-certificaat", "done")
    raw = mail_of(site.world, slip["id"])

    inner = site.certificates.verify(site.certificates.decrypt(raw, "ok", form="SMIME"), form="SMIME")

    parts = {part.get_filename(): part.get_payload(decode=True) for part in email.message_from_bytes(inner).walk()}
    data = parts["data.json"]
    assert isinstance(data, bytes)
    assert {"name": "Amina Yusuf", "town": "Voorbeeldstad"} == json.loads(data)
    assert LETTER.encode() in parts.values()
    assert b"Brussel" not in inner
    assert not re.search(rb"Amina|Voorbeeldstad|persoon", raw)
    assert ["cms"] == site.sealer_of(slip["id"])


def test_a_drop_file_for_a_certificate_on_a_curve_is_opened_by_openssl_and_tar(site: Site) -> None:
    site.world.drop_file("kromme.json", guardian_manifest(recipients=["nidos-kromme"]))
    slip = site.world.slip("kromme.json", "done")
    file = site.dropped("nidos-kromme", slip["id"])

    tar = site.certificates.open(file.read_bytes(), "other")

    assert file.name.endswith(".tar.p7m")
    assert {"name": "Samuel Tesfay"} == json.loads(_tar(tar, "data.json"))
    check = ("cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any", "-content", f"{file}.manifest.json")
    openssl(*check, "-in", f"{file}.manifest.json.sig", "-CAfile", site.certificates.certificate("ca"))


def test_a_drop_file_for_an_age_key_is_opened_by_age_and_its_manifest_verified_by_gpg(site: Site) -> None:
    site.world.drop_file("age.json", guardian_manifest(recipients=["nidos-age"]))
    slip = site.world.slip("age.json", "done")
    file = site.dropped("nidos-age", slip["id"])

    tar = site.reader.decrypt(file.read_bytes())

    assert file.name.endswith(".tar.age")
    assert {"name": "Samuel Tesfay"} == json.loads(_tar(tar, "data.json"))
    assert ["age"] == site.sealer_of(slip["id"])
    with new_home() as home:
        public = next(each for each in site.world.site.keys.glob("*.asc") if each.stem in _settings(site))
        run(home, "--import", str(public))
        run(home, "--verify", f"{file}.manifest.json.sig", f"{file}.manifest.json")


@pytest.mark.parametrize("kind", _BAD)
def test_a_bad_certificate_holds_the_package_with_its_code_and_sentence(kind: str, site: Site) -> None:
    site.world.drop_file(f"{kind}.json", guardian_manifest(recipients=[f"nidos-{kind}"]))

    slip = site.world.slip(f"{kind}.json", "held", "done", "refused")

    assert ("held", _BAD[kind].value) == (slip["state"], slip["code"])
    assert PROBLEMS[_BAD[kind]].title in json.dumps(slip)
    assert [] == list((site.world.site.drop / f"nidos-{kind}").iterdir())


def test_check_names_what_is_wrong_with_which_certificate(site: Site) -> None:
    found = sluis("--json", "--site", str(site.world.site.root), "check").json

    codes = {each.get("where"): each.get("code") for each in found["checks"] if each["name"] == "recipient key"}
    assert {f"nidos-{kind}": code.value for kind, code in _BAD.items()}.items() <= codes.items()


def test_keys_list_and_show_name_certificates_and_age_keys_beside_the_others(site: Site) -> None:
    where = ("--site", str(site.world.site.root), "--lang", "en")
    token = sluis(*where, "login", "beheer").out.strip()

    listed = sluis(*where, "--json", "--token", token, "keys", "list").json["keys"]
    shown = sluis(*where, "--token", token, "keys", "show", "nidos-kromme").out

    kinds = {each["recipient"]: (each["type"], each["state"], each["channels"]) for each in listed}
    assert ("cms", "trusted", ["file-drop"]) == kinds["nidos-kromme"]
    assert ("age", "trusted", ["file-drop"]) == kinds["nidos-age"]
    assert f"x509:{in_groups(site.certificates.keys['other'].removeprefix('x509:'))}" in shown


def test_while_the_signing_certificate_has_expired_nothing_goes_and_a_new_one_lets_it_go(
    quiet_world: World, tmp_path: Path
) -> None:
    site = _prepared(quiet_world, reader=AgeIdentity(tmp_path / "key.txt"))
    site.certificates.make("ok")
    site.certificates.issue("lapsed", Wanted(usage=SIGNS, starts=-20, ends=-10))
    site.guardian("nidos-noord", site.pinned("ok"))
    site.sign_with("lapsed")
    quiet_world.start()
    quiet_world.drop_file("wacht.json", guardian_manifest(recipients=["nidos-noord"]))

    waiting = until(lambda: _packages(quiet_world, code="signing-key-unusable"))
    checked = sluis("--json", "--site", str(quiet_world.site.root), "check")
    left = list((quiet_world.site.drop / "nidos-noord").iterdir())
    site.sign_with("signer")
    slip = quiet_world.slip("wacht.json", "done")

    assert ["received"] == [each["state"] for each in waiting]
    assert [] == left
    assert "seal.certificateFile" in checked.out
    file = site.dropped("nidos-noord", slip["id"])
    assert {"name": "Samuel Tesfay"} == json.loads(_tar(site.certificates.open(file.read_bytes(), "ok"), "data.json"))
    quiet_world.stop()


def _settings(site: Site) -> str:
    return site.world.site.settings.read_text(encoding="utf-8")


def _packages(world: World, *, code: str) -> list[dict[str, Any]]:
    with world.client() as client:
        found = client.get("/v1/packages").json()["packages"]
    return [each for each in found if each.get("code") == code]
