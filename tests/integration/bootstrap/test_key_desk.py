"""A recipient's key is brought by one person and trusted by another; each attack on that is refused, with real gpg."""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.bootstrap.key_desk import KeyDesk
from gateway.bootstrap.key_judging import KeyJudge
from gateway.bootstrap.key_records import KeyRecordFiles
from gateway.bootstrap.layout import SiteLayout
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.package.key_views import KeyImport, KeyView
from gateway.package.states import Submitter
from gateway.seal.certificate_files import CertificateFolder, CertificateTrust
from gateway.seal.hardened_gpg import HardenedGpg
from gateway.seal.keyring import create_home, create_signing_key, stop_agent
from gateway.seal.openpgp import PinnedKeys
from tests.integration.bootstrap.test_four_eyes import ANNA, BEHEER, BRAM, SECRET, House, person
from tests.integration.seal.homes import KINDS, new_home, public, quick_key, quick_subkey, revoke, run
from tests.unit.policy.building import KEYS, make_folders

MUNICIPALITY = "gemeente-voorbeeld"
OLD = KEYS[MUNICIPALITY]
HOW = "telefonisch, mevrouw Jansen las voor"


@pytest.fixture(scope="module")
def theirs() -> Iterator[Path]:
    """The home in which recipients draw their keys."""
    with new_home() as made:
        yield made


@pytest.fixture(scope="module")
def keys(theirs: Path) -> dict[str, Fingerprint]:
    return {kind: KINDS[kind](theirs) for kind in ("ok", "other", "rsa", "rsa-1024", "expired", "sha1", "revoked")}


class Desk:
    """A site with four eyes in which one set of rules is in force."""

    def __init__(self, root: Path, *, four_eyes: bool = True) -> None:
        for name in ("spool", "keys", "trust"):
            (root / name).mkdir()
        self.site, self.four_eyes, self.ahead = SiteLayout(root), four_eyes, dt.timedelta()
        self.house = House(self.site, make_folders(root))
        create_home(self.site.gnupg)
        self.signer = create_signing_key(self.site.gnupg, name="Sluis", email="sluis@afzender.example")
        self.records = KeyRecordFiles(self.site.keys, secret=SECRET)
        ring = PinnedKeys(home=self.site.gnupg, gpg=HardenedGpg(home=self.site.gnupg, patience_seconds=60))
        self.desk = KeyDesk(
            self.site,
            current=self.house.current,
            records=self.records,
            ring=ring.current,
            judge=KeyJudge(
                folder=CertificateFolder(self.site.keys),
                mail=CertificateTrust(root / "trust", lists=root / "trust", place="seal.certificateTrust"),
                chain=None,
            ),
            ends=lambda _: (),
            signers=(self.signer,),
            audit=self.house.journal,
            people=self.house.people,
            organisation="DT&V",
            four_eyes=four_eyes,
            now=self.now,
        )

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead

    async def bring(
        self, content: bytes, *, recipient: str = MUNICIPALITY, by: Submitter = BEHEER, source: str = "hun brief"
    ) -> KeyView:
        return (await self.desk.bring(KeyImport(recipient=recipient, content=content, source=source), person=by))[0]

    async def trust(self, key: Fingerprint, *, by: Submitter = ANNA, recipient: str = MUNICIPALITY) -> KeyView:
        return await self.desk.trust(recipient, key, how=HOW, person=by)

    async def retire(self, key: Fingerprint, *, by: Submitter, leave_without: bool = False) -> KeyView:
        return await self.desk.retire(MUNICIPALITY, key, leave_without=leave_without, person=by)

    def pins(self, recipient: str = MUNICIPALITY) -> tuple[Fingerprint, ...]:
        return self.desk.known().pinned(recipient)

    def told(self) -> list[str]:
        return [event.action.value for event in self.house.journal.events if event.key]

    def record(self) -> dict[str, Any]:
        return dict(yaml.safe_load((self.site.keys / f"{MUNICIPALITY}.yaml").read_text(encoding="utf-8")))

    def ring(self) -> set[Fingerprint]:
        return set(self.desk.known().ring)


@pytest.fixture
async def desk() -> Any:
    root = Path(tempfile.mkdtemp(dir="/tmp", prefix="sd"))
    made = Desk(root)
    await made.house.current.announce()
    await made.house.approved()
    made.house.journal.events.clear()
    yield made
    stop_agent(made.site.gnupg)
    shutil.rmtree(root, ignore_errors=True)


async def refused(doing: Any) -> SluisError:
    with pytest.raises(SluisError) as caught:
        await doing
    return caught.value


async def test_what_is_brought_waits_and_what_is_trusted_stands_behind_what_stood_there(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    new = keys["ok"]
    brought = await desk.bring(public(theirs, new))
    assert ("proposed", (), "trust", "beheer") == (brought.state, brought.channels, brought.waits_for, brought.asked_by)
    assert (OLD,) == desk.pins()

    trusted = await desk.trust(new)

    assert ("trusted", ("secure-mail",), "anna", HOW) == (
        trusted.state,
        trusted.channels,
        trusted.verified_by,
        trusted.how,
    )
    assert (OLD, new) == desk.pins()
    assert ["key-proposed", "key-trusted"] == desk.told()
    kept = desk.record()
    assert ("sluis-keys/1", MUNICIPALITY) == (kept["format"], kept["recipient"])
    assert {
        "source": "hun brief",
        "importedBy": "beheer",
        "verifiedBy": "anna",
        "how": HOW,
        "algorithm": "cv25519",
    }.items() <= (kept["keys"][0].items())
    assert public(theirs, new).splitlines()[0] == (desk.site.keys / f"{new}.asc").read_bytes().splitlines()[0]
    await desk.house.restart()
    assert (OLD, new) == tuple(desk.house.current.policy().recipients[_known(desk)].channels[0].keys)


def _known(desk: Desk) -> Any:
    return next(name for name in desk.house.current.policy().recipients if name == MUNICIPALITY)


async def test_the_person_who_brought_a_key_can_not_trust_it(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    await desk.bring(public(theirs, keys["ok"]), by=ANNA)
    twice = await refused(desk.trust(keys["ok"], by=ANNA))
    alias = await refused(desk.trust(keys["ok"], by=person("anna-ook", "privacy-officer")))

    assert {Code.APPROVAL_OWN_PROPOSAL} == {twice.code, alias.code}
    assert ((OLD,), ["key-proposed"]) == (desk.pins(), desk.told())


async def test_one_person_who_writes_another_name_into_the_record_stays_one_person(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    await desk.bring(public(theirs, keys["ok"]), by=ANNA)
    path = desk.site.keys / f"{MUNICIPALITY}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("by: anna", "by: bram"), encoding="utf-8")

    assert Code.KEY_NOT_PROPOSED is (await refused(desk.trust(keys["ok"], by=ANNA))).code
    assert (OLD,) == desk.pins()


async def test_a_swapped_key_under_a_known_name_is_only_proposed_and_never_replaces(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    """The attack: a key with the recipient's own name and address in it, sent as a renewal."""
    swapped = quick_key(theirs, "gemeente", "ed25519", "sign", "2y")
    quick_subkey(theirs, swapped, "1y")
    view = await desk.bring(public(theirs, swapped))

    assert ("proposed", (OLD,)) == (view.state, desk.pins())
    assert Code.KEY_UNKNOWN is (await refused(desk.trust(keys["other"]))).code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("rsa-1024", Code.KEY_WEAK),
        ("expired", Code.KEY_EXPIRED),
        ("sha1", Code.KEY_WEAK),
        ("revoked", Code.KEY_REVOKED),
    ],
)
async def test_a_key_that_can_not_be_used_leaves_no_trace(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint], kind: str, code: Code
) -> None:
    before = desk.ring()
    error = await refused(desk.bring(public(theirs, keys[kind])))

    assert (code, keys[kind]) == (error.code, error.where)
    assert (before, [], []) == (desk.ring(), sorted(desk.site.keys.iterdir()), desk.told())


async def test_a_secret_key_in_the_file_leaves_no_trace(desk: Desk, theirs: Path, keys: dict[str, Fingerprint]) -> None:
    secret = run(theirs, "--armor", "--export-secret-keys", keys["ok"])

    assert Code.KEY_SECRET_REFUSED is (await refused(desk.bring(secret))).code
    assert ([], []) == (sorted(desk.site.keys.iterdir()), desk.told())
    assert not list((desk.site.gnupg / "private-keys-v1.d").glob("*"))[1:]


async def test_the_key_of_another_recipient_is_refused_by_name(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    await desk.bring(public(theirs, keys["ok"]), recipient="nidos-voorbeeld")
    error = await refused(desk.bring(public(theirs, keys["ok"])))

    assert (Code.KEY_OF_ANOTHER, "nidos-voorbeeld") == (error.code, error.detail["name"])
    assert not (desk.site.keys / f"{MUNICIPALITY}.yaml").exists()


async def test_a_key_is_not_trusted_along_with_another_change_that_waits(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    """The attack: an address is changed on disk, and comes into force with a key that somebody trusts."""
    await desk.bring(public(theirs, keys["ok"]))
    desk.house.edit()

    assert Code.KEY_RULES_WAIT is (await refused(desk.trust(keys["ok"]))).code
    assert (OLD,) == desk.pins()


async def test_nobody_but_a_privacy_officer_of_the_site_trusts_and_no_caseworker_brings(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    content = public(theirs, keys["ok"])
    nobody = (
        person("m", "caseworker"),
        replace(person("app", "administrator"), application=True),
        person("s", "security"),
    )
    assert {Code.NOT_PERMITTED} == {(await refused(desk.bring(content, by=each))).code for each in nobody}
    await desk.bring(content, by=ANNA)
    others = (BEHEER, person("c", "privacy-officer", organisation="COA"), person("s", "security"))

    assert {Code.NOT_PERMITTED} == {(await refused(desk.trust(keys["ok"], by=each))).code for each in others}


async def test_the_old_key_goes_when_two_people_say_so_and_the_last_one_stays(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    last = await refused(desk.retire(OLD, by=BEHEER))
    assert (Code.KEY_LAST_OF_CHANNEL, "secure-mail") == (last.code, last.detail["channel"])
    await desk.bring(public(theirs, keys["ok"]))
    await desk.trust(keys["ok"])

    asked = await desk.retire(OLD, by=BRAM)
    assert ("retire", (OLD, keys["ok"])) == (asked.waits_for, desk.pins())
    assert Code.APPROVAL_OWN_PROPOSAL is (await refused(desk.retire(OLD, by=BRAM))).code
    gone = await desk.retire(OLD, by=ANNA)

    assert ("retired", (), (keys["ok"],)) == (gone.state, gone.channels, desk.pins())
    assert ["key-retirement-proposed", "key-retired"] == desk.told()[-2:]
    assert Code.KEY_RETIRED is (await refused(desk.retire(OLD, by=ANNA))).code


async def test_a_channel_is_left_without_a_key_when_both_people_say_so(desk: Desk) -> None:
    await desk.retire(OLD, by=BEHEER, leave_without=True)
    assert (OLD,) == desk.pins()
    await desk.retire(OLD, by=ANNA, leave_without=True)

    assert () == desk.pins()


async def test_a_proposal_that_nobody_trusted_is_taken_away_by_one_person(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    await desk.bring(public(theirs, keys["ok"]))
    gone = await desk.retire(keys["ok"], by=BEHEER)

    assert ("retired", "") == (gone.state, gone.waits_for)
    assert Code.KEY_NOT_PROPOSED is (await refused(desk.trust(keys["ok"]))).code


async def test_a_retired_key_that_comes_again_has_to_be_trusted_again(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    await desk.bring(public(theirs, keys["ok"]))
    await desk.retire(keys["ok"], by=BEHEER)

    assert "proposed" == (await desk.bring(public(theirs, keys["ok"]))).state


async def test_a_revocation_of_a_trusted_key_is_taken_at_once_and_an_older_copy_does_not_undo_it(
    desk: Desk, theirs: Path
) -> None:
    key = KINDS["ok"](theirs)
    before = public(theirs, key)
    await desk.bring(before)
    await desk.trust(key)
    revoke(theirs, key)
    view = await desk.bring(public(theirs, key))
    assert (KeyHealth.REVOKED, "trusted", "key-renewed") == (view.health, view.state, desk.told()[-1])

    assert KeyHealth.REVOKED is (await desk.bring(before)).health


async def test_when_the_log_can_not_be_written_nothing_changes(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    from gateway.audit.events import EventAction

    desk.house.journal.broken = EventAction.KEY_PROPOSED
    assert Code.AUDIT_UNAVAILABLE is (await refused(desk.bring(public(theirs, keys["ok"])))).code
    assert ([], False) == (sorted(desk.site.keys.iterdir()), keys["ok"] in desk.ring())
    desk.house.journal.broken = EventAction.POLICY_APPROVED
    await desk.bring(public(theirs, keys["ok"]))
    entry = (desk.site.recipients / f"{MUNICIPALITY}.yaml").read_bytes()

    assert Code.AUDIT_UNAVAILABLE is (await refused(desk.trust(keys["ok"]))).code
    assert ((OLD,), entry) == (desk.pins(), (desk.site.recipients / f"{MUNICIPALITY}.yaml").read_bytes())
    desk.house.journal.broken = None
    assert "trusted" == (await desk.trust(keys["ok"])).state


async def test_a_fingerprint_that_somebody_wrote_into_the_entry_shows_as_other_than_the_record(
    desk: Desk, theirs: Path, keys: dict[str, Fingerprint]
) -> None:
    await desk.bring(public(theirs, keys["ok"]))
    path = desk.site.recipients / f"{MUNICIPALITY}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(OLD, keys["ok"]), encoding="utf-8")
    await desk.house.approved()
    shown = {view.fingerprint: view for view in await desk.desk.list(person=BEHEER) if view.recipient == MUNICIPALITY}

    assert (True, ("secure-mail",)) == (shown[keys["ok"]].differs(), shown[keys["ok"]].channels)
