"""A recipient's certificate or age key is brought by one person and trusted by another, as an OpenPGP key is."""

import datetime as dt
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.bootstrap.key_judging import KeyJudge
from gateway.bootstrap.key_watch import KeyWatch
from gateway.package.errors import Code
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, key_file
from gateway.package.key_views import KeyImport
from gateway.seal.certificate_files import CertificateFolder, CertificateTrust
from gateway.seal.keyring import stop_agent
from tests.chain_pki import DAY, OWN, PARTNER, Authority, Identity
from tests.integration.bootstrap.test_four_eyes import ANNA, BEHEER, BRAM
from tests.integration.bootstrap.test_key_desk import MUNICIPALITY, OLD, Desk, refused
from tests.integration.seal.ages import AgeIdentity
from tests.integration.seal.certificates import KINDS, CertificateHouse

CHAIN = "ind-voorbeeld"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> CertificateHouse:
    """The municipality's authority, which issues certificates and lists."""
    made = CertificateHouse(tmp_path_factory.mktemp("theirs"))
    made.make("ok", "other", "expired", "not-yet", "rsa-1024", "no-usage")
    made.issue("gone", KINDS["ok"])
    made.revoke("gone")
    return made


@pytest.fixture
async def desk(theirs: CertificateHouse) -> Any:
    root = Path(tempfile.mkdtemp(dir="/tmp", prefix="sd"))
    made = Desk(root)
    for path in (theirs.root / "trust").iterdir():
        (root / "trust" / path.name).write_bytes(path.read_bytes())
    await made.house.current.announce()
    await keys_become(made, "[]")
    made.house.journal.events.clear()
    yield made
    stop_agent(made.site.gnupg)
    shutil.rmtree(root, ignore_errors=True)


async def keys_become(desk: Desk, keys: str, *, recipient: str = MUNICIPALITY) -> None:
    """Write what a recipient's channels encrypt to, as an administrator who registers it would."""
    path = desk.site.recipients / f"{recipient}.yaml"
    path.write_text(re.sub(r"keys: \[.*?\]", f"keys: {keys}", path.read_text(encoding="utf-8")), encoding="utf-8")
    await desk.house.approved()


def pem(house: CertificateHouse, name: str) -> bytes:
    return house.certificate(name).read_bytes()


async def test_a_certificate_waits_for_a_second_person_and_is_encrypted_to_from_then_on(
    desk: Desk, theirs: CertificateHouse
) -> None:
    pin = theirs.keys["ok"]
    brought = await desk.bring(pem(theirs, "ok"))
    assert ("proposed", (), "trust", "cms", "RSA", 2048, True) == (
        brought.state,
        brought.channels,
        brought.waits_for,
        brought.type,
        brought.algorithm,
        brought.bits,
        brought.small,
    )
    assert () == desk.pins()
    assert Code.NOT_PERMITTED is (await refused(desk.trust(pin, by=BEHEER))).code

    trusted = await desk.trust(pin)

    assert ("trusted", ("secure-mail",), "anna") == (trusted.state, trusted.channels, trusted.verified_by)
    assert trusted.days_left in {363, 364, 365}
    assert ["key-proposed", "key-trusted"] == desk.told()
    assert (desk.site.keys / str(key_file(pin))).read_bytes().startswith(b"-----BEGIN CERTIFICATE")
    assert {"algorithm": "RSA", "bits": 2048}.items() <= desk.record()["keys"][0].items()


async def test_a_privacy_officer_who_brought_it_does_not_trust_it(desk: Desk, theirs: CertificateHouse) -> None:
    await desk.bring(pem(theirs, "ok"), by=ANNA)

    assert Code.APPROVAL_OWN_PROPOSAL is (await refused(desk.trust(theirs.keys["ok"], by=ANNA))).code
    assert () == desk.pins()


async def test_a_certificate_is_retired_by_two_and_then_it_is_said_to_be_retired_already(
    desk: Desk, theirs: CertificateHouse
) -> None:
    pin = theirs.keys["ok"]
    await desk.bring(pem(theirs, "ok"))
    await desk.trust(pin)
    assert Code.KEY_LAST_OF_CHANNEL is (await refused(desk.retire(pin, by=ANNA))).code

    await desk.retire(pin, by=ANNA, leave_without=True)
    retired = await desk.retire(pin, by=BRAM, leave_without=True)

    assert ("retired", ()) == (retired.state, desk.pins())
    assert Code.KEY_RETIRED is (await refused(desk.retire(pin, by=ANNA, leave_without=True))).code


async def test_a_certificate_does_not_come_beside_an_openpgp_key(desk: Desk, theirs: CertificateHouse) -> None:
    await keys_become(desk, f'["{OLD}"]')
    await desk.bring(pem(theirs, "ok"))

    assert Code.KEY_ENTRY_NOT_EDITED is (await refused(desk.trust(theirs.keys["ok"]))).code
    assert (OLD,) == desk.pins()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("expired", Code.KEY_EXPIRED),
        ("not-yet", Code.KEY_NOT_YET_VALID),
        ("rsa-1024", Code.KEY_WEAK),
        ("no-usage", Code.KEY_UNUSABLE),
        ("gone", Code.KEY_REVOKED),
    ],
)
async def test_a_certificate_that_does_not_do_is_refused_and_nothing_of_it_is_kept(
    name: str, code: Code, desk: Desk, theirs: CertificateHouse
) -> None:
    before = sorted(path.name for path in desk.site.keys.iterdir())

    assert code is (await refused(desk.bring(pem(theirs, name)))).code
    assert (before, []) == (sorted(path.name for path in desk.site.keys.iterdir()), desk.told())


async def test_a_certificate_of_an_authority_that_nobody_trusts_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = CertificateHouse(tmp_path / "stranger")
    stranger.make("ok")

    assert Code.KEY_NOT_VOUCHED is (await refused(desk.bring(pem(stranger, "ok")))).code


async def test_with_a_list_that_has_passed_nothing_is_taken_and_what_is_trusted_waits(
    desk: Desk, theirs: CertificateHouse
) -> None:
    await desk.bring(pem(theirs, "ok"))
    desk.ahead = dt.timedelta(days=31)

    assert Code.KEY_REVOCATION_UNKNOWN is (await refused(desk.bring(pem(theirs, "other")))).code
    assert Code.KEY_REVOCATION_UNKNOWN is (await refused(desk.trust(theirs.keys["ok"]))).code
    assert () == desk.pins()


@pytest.mark.parametrize("kind", ["pem", "age"])
async def test_a_private_key_that_somebody_sent_is_refused_and_nothing_is_kept(
    kind: str, desk: Desk, theirs: CertificateHouse, tmp_path: Path
) -> None:
    content = pem(theirs, "ok") + theirs.key("ok").read_bytes()
    if kind == "age":
        AgeIdentity(tmp_path / "key")
        content = (tmp_path / "key").read_bytes()

    assert Code.KEY_SECRET_REFUSED is (await refused(desk.bring(content))).code
    assert ([], []) == (list(desk.site.keys.iterdir()), desk.told())


async def test_the_same_certificate_imported_twice_is_no_renewal_and_no_event(
    desk: Desk, theirs: CertificateHouse
) -> None:
    content = pem(theirs, "ok")
    await desk.bring(content)
    again = KeyImport(recipient=MUNICIPALITY, content=content, source="nog eens")

    assert not (await desk.desk.bring(again, person=BEHEER))[1]
    assert ["key-proposed"] == desk.told()


async def test_an_age_key_waits_for_a_second_person_and_is_its_own_text(desk: Desk, tmp_path: Path) -> None:
    key = AgeIdentity(tmp_path / "key").recipient
    path = desk.site.recipients / f"{MUNICIPALITY}.yaml"
    entry = path.read_text(encoding="utf-8")
    path.write_text(
        entry.replace(
            "permissions:", f"  - {{channel: file-drop, address: {MUNICIPALITY}, keys: []}}\npermissions:", 1
        ),
        encoding="utf-8",
    )
    await desk.house.approved()
    desk.house.journal.events.clear()

    brought = await desk.bring(f"{key}\n".encode())
    trusted = await desk.trust(key)

    assert ("proposed", "age", KeyHealth.USABLE, None) == (
        brought.state,
        brought.type,
        brought.health,
        brought.days_left,
    )
    # There is no mail for age: the mail channel stays as it was.
    assert (("file-drop",), (key,)) == (trusted.channels, desk.pins())
    assert [f"{MUNICIPALITY}.yaml"] == [each.name for each in desk.site.keys.iterdir()]


async def test_a_key_for_somebody_who_is_not_in_the_register_is_refused(desk: Desk, theirs: CertificateHouse) -> None:
    assert Code.RECIPIENT_UNKNOWN is (await refused(desk.bring(pem(theirs, "ok"), recipient="nobody"))).code
    assert [] == list(desk.site.keys.iterdir())


async def test_a_certificate_that_names_another_is_doubted_when_it_is_brought(
    desk: Desk, theirs: CertificateHouse
) -> None:
    assert (await desk.bring(pem(theirs, "ok"))).names_another


def chain_desk(desk: Desk, authority: Authority) -> None:
    """Let the site be on the chain facility of an authority."""
    root, lists = authority.write(desk.site.root)
    desk.desk._judge = KeyJudge(
        folder=CertificateFolder(desk.site.keys),
        mail=None,
        chain=CertificateTrust(root, lists=lists, place="chain.crlFolder", required=True),
    )


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda a: a.issue(OWN), Code.KEY_OTHER_OIN),
        (lambda a: a.issue(None), Code.KEY_OTHER_OIN),
        (lambda _: Authority("Een ander").issue(PARTNER), Code.KEY_NOT_VOUCHED),
        (lambda a: a.issue(PARTNER, lifetime=(-9 * DAY, -DAY)), Code.KEY_EXPIRED),
    ],
    ids=["other-oin", "no-oin", "other-root", "expired"],
)
async def test_a_chain_partners_certificate_is_judged_by_the_chains_root_and_its_oin(
    make: Any, code: Code, desk: Desk
) -> None:
    authority = Authority()
    await keys_become(desk, "[]", recipient=CHAIN)
    chain_desk(desk, authority)
    given: Identity = make(authority)

    assert code is (await refused(desk.bring(given.pem, recipient=CHAIN))).code
    good = authority.issue(PARTNER)
    brought = await desk.bring(good.pem, recipient=CHAIN)
    trusted = await desk.trust(Fingerprint(good.pin), recipient=CHAIN)
    assert ("proposed", ("chain-facility",)) == (brought.state, trusted.channels)


async def test_the_end_of_a_certificate_is_warned_of_as_that_of_a_key(desk: Desk, theirs: CertificateHouse) -> None:
    await desk.bring(pem(theirs, "ok"))
    await desk.trust(theirs.keys["ok"])
    watch = KeyWatch(desk.desk.known)
    (desk.site.root / "trust" / "list.crl").unlink()
    end = next(each.expires for each in desk.desk.known().views() if each.fingerprint == theirs.keys["ok"])
    assert end is not None
    with capture_logs() as logged:
        for days in (62, 59, 29, 6):
            desk.ahead = end - dt.timedelta(days=days) - dt.datetime.now(dt.UTC)
            watch.look()

    assert ["warning", "warning", "error"] == [each["log_level"] for each in logged if each["key"] == theirs.keys["ok"]]
    assert f"{MUNICIPALITY} {theirs.keys['ok']} {end.date().isoformat()}" in [where for _, where in watch.notices()]
