"""A site whose small messages Sequoia seals: the whole service, with keys that gpg reads and keys that it can not."""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import pysequoia
import pytest
from pysequoia import CipherSuite, Profile, Tsk

from gateway.audit.reading import read_events
from gateway.bootstrap.key_exports import export_signing_keys
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import read_site_settings
from gateway.bootstrap.signing_files import signing_file
from gateway.entrypoints.demo.opening import open_drop, open_mail
from gateway.package.ids import Fingerprint, PackageId
from tests.scenarios.test_the_whole_way import LETTER, mail_of
from tests.scenarios.world import GUARDIAN, GUARDIAN_ENTRY, MUNICIPALITY, World, guardian_manifest, manifest, new_world
from tests.unit.cli.conftest import run as sluis


@dataclass
class Site:
    """The running service, and the secret keys of those whose keys gpg can not read."""

    world: World
    secrets: dict[str, Tsk] = field(default_factory=dict)

    def guardian(self, name: str, suite: CipherSuite, *, seconds: int = 10**8) -> None:
        """Register a guardian with a key of version 6 and a folder on the drop."""
        secret = Tsk.generate(
            "x <x@keys.example>", profile=Profile.RFC9580, cipher_suite=suite, validity_seconds=seconds
        )
        public = secret.extract_certificate()
        key = Fingerprint(public.fingerprint.upper())
        site = self.world.site
        (site.keys / f"{key}.asc").write_text(str(public), encoding="ascii")
        (site.recipients / f"{name}.yaml").write_text(GUARDIAN_ENTRY.format(id=name, key=key), encoding="utf-8")
        (site.drop / name).mkdir(mode=0o750)
        self.secrets[name] = secret

    def open(self, name: str, package: str) -> tuple[dict[str, bytes], list[str]]:
        """Give the files in what lies on the drop for a guardian, and who signed."""
        (file,) = (self.world.site.drop / name).glob(f"{package}.*.tar.pgp")
        own = own_key(self.world.site)
        sender = pysequoia.Cert.from_file(str(self.world.site.keys / f"{own}.asc"))
        opened = pysequoia.decrypt(file.read_bytes(), self.secrets[name].decryptor(), lambda _: [sender])
        assert opened.bytes is not None
        with tarfile.open(fileobj=io.BytesIO(opened.bytes)) as tar:
            files = {each.name: read.read() for each in tar if (read := tar.extractfile(each))}
        return files, [each.certificate.upper() for each in opened.valid_sigs]

    def sealer_of(self, package: str) -> list[str]:
        events = read_events(self.world.site.audit_log, package=PackageId(package))
        return [each["gateway.sealer"] for each in events if "gateway.sealer" in each]


def own_key(site: SiteLayout) -> Fingerprint:
    return read_site_settings(site.settings).seal.signers()[0]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with new_world() as world:
        made = Site(world)
        made.guardian("nidos-zes", CipherSuite.Cv25519)
        made.guardian("nidos-kwantum", CipherSuite.MLDSA65_Ed25519)
        made.guardian("nidos-verlopen", CipherSuite.Cv25519, seconds=1)
        export_signing_keys(world.site)
        world.set("seal", engine="sequoia")
        world.start()
        yield made
        world.stop()


def test_a_mail_arrives_and_gpg_opens_it_and_finds_the_signature_good(site: Site) -> None:
    document = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
    site.world.drop("snel", {"package.yaml": manifest(documents=[document]), "brief.txt": LETTER})

    slip = site.world.slip("snel", "done")
    opened = open_mail(mail_of(site.world, slip["id"]), home=site.world.home(MUNICIPALITY))

    assert opened.good_signature
    assert {"name": "Amina Yusuf", "town": "Voorbeeldstad"} == json.loads(opened.parts["data.json"])
    assert LETTER.encode() in b"".join(opened.parts.values())
    assert ["openpgp"] == site.sealer_of(slip["id"])


def test_a_drop_file_and_its_manifest_are_opened_and_verified_by_gpg(site: Site) -> None:
    site.world.drop_file("kind.yaml", guardian_manifest())

    slip = site.world.slip("kind.yaml", "done")
    (file,) = (site.world.site.drop / GUARDIAN).glob(f"{slip['id']}.*.tar.pgp")
    opened = open_drop(file, home=site.world.home(GUARDIAN))

    assert opened.good_signature
    assert {"name": "Samuel Tesfay"} == json.loads(opened.parts["data.json"])


@pytest.mark.parametrize("recipient", ["nidos-zes", "nidos-kwantum"])
def test_a_key_that_gpg_can_not_read_gets_its_package_all_the_same(recipient: str, site: Site) -> None:
    site.world.drop_file(f"{recipient}.json", guardian_manifest(recipients=[recipient]))
    slip = site.world.slip(f"{recipient}.json", "done")

    files, signers = site.open(recipient, slip["id"])

    assert {"name": "Samuel Tesfay"} == json.loads(files["data.json"])
    assert [own_key(site.world.site)] == signers
    assert ["openpgp-v6"] == site.sealer_of(slip["id"])


def test_an_expired_one_of_these_is_held_by_its_reason_and_nothing_leaves(site: Site) -> None:
    site.world.drop_file("verlopen.json", guardian_manifest(recipients=["nidos-verlopen"]))

    slip = site.world.slip("verlopen.json", "held", "refused")

    assert "key-expired" in json.dumps(slip)
    assert [] == list((site.world.site.drop / "nidos-verlopen").iterdir())


def test_check_finds_the_engine_well_and_names_the_key_that_is_over(site: Site) -> None:
    said = sluis("--site", site.world.site.root, "--json", "check")

    checks = {(each["name"], each["where"]): each["code"] for each in said.json["checks"]}
    assert 1 == said.exit_code
    assert "" == checks["signing key", ""]
    assert ("", "key-expired") == tuple(checks["recipient key", f"nidos-{name}"] for name in ("zes", "verlopen"))


def test_the_command_writes_the_file_and_says_what_it_means(site: Site) -> None:
    said = sluis("--site", site.world.site.root, "--lang", "en", "keys", "export-signing")

    path = signing_file(site.world.site, own_key(site.world.site))
    assert (0, "") == (said.exit_code, said.err)
    assert [f"secrets/{path.name}", "Whoever"] == said.out.split()[:2]
    assert "PRIVATE" not in said.out
