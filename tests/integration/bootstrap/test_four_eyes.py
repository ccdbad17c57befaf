"""A changed rule, recipient or key counts when two people stand behind its digest, also over a crash."""

import asyncio
import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from structlog.testing import capture_logs

from gateway.audit.events import Event, EventAction
from gateway.bootstrap.current_policy import CurrentPolicy
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.people import PeopleRegister
from gateway.bootstrap.rule_changes import RuleChanges
from gateway.bootstrap.settings import People, Person, SealSettings, SiteSettings
from gateway.bootstrap.standing_file import StandingFile
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PersonId
from gateway.package.states import Submitter
from gateway.policy.standing import Approval, Proposal, Standing
from tests.unit.policy.building import Folders, make_folders

SECRET = bytes(range(32))
AT = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)


def person(name: str, *roles: str, organisation: str = "DT&V", application: bool = False) -> Submitter:
    return Submitter(person=PersonId(name), organisation=organisation, roles=roles, application=application)


ANNA, BRAM = person("anna", "privacy-officer"), person("bram", "privacy-officer")
BEHEER = person("beheer", "administrator")


class Journal:
    """Keeps events; one action can be made to fail."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.broken: EventAction | None = None

    async def record(self, event: Event, /) -> str:
        if event.action is self.broken:
            raise SluisError(Code.AUDIT_UNAVAILABLE)
        self.events.append(event)
        return ""

    def told(self) -> list[tuple[str, str]]:
        return [(event.action.value, event.policy_digest) for event in self.events]


class House:
    """One site with four eyes; `restart` forgets everything that is not on disk."""

    def __init__(self, site: SiteLayout, folders: Folders) -> None:
        self.site, self.folders, self.journal = site, folders, Journal()
        self.people = PeopleRegister(
            People(
                format="sluis-people/1",
                people=(
                    Person(id="anna", organisation="DT&V", uid=2001),
                    Person(id="bram", organisation="DT&V", uid=2002),
                    Person(id="anna-ook", organisation="DT&V", uid=2001),
                    Person(id="beheer", organisation="DT&V", uid=2003),
                ),
            ),
            one_user_plays_all=False,
        )
        self.build()

    def build(self) -> None:
        approvals = StandingFile(self.site.policy_standing, secret=SECRET)
        self.current = CurrentPolicy(self.site, audit=self.journal, approvals=approvals, four_eyes=True)
        self.rules = RuleChanges(self.current, people=self.people, organisation="DT&V", now=lambda: AT)

    async def restart(self) -> None:
        self.build()
        await self.current.announce()
        await self.current.look()

    async def look(self) -> None:
        await self.current.look()
        await self.current.look()

    def edit(self) -> str:
        """Change a recipient's address, and give the digest of what lies there now."""
        path = self.folders.recipients / "gemeente-voorbeeld.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("address: ", "address: x"), encoding="utf-8")
        return self.folders.load().digest

    async def approved(self) -> str:
        """Bring what lies there into force, by two people."""
        digest = self.folders.load().digest
        await self.rules.propose(digest, person=ANNA)
        await self.rules.approve(digest, person=BRAM)
        return digest


@pytest.fixture
async def house(tmp_path: Path) -> House:
    (tmp_path / "spool").mkdir()
    made = House(SiteLayout(tmp_path), make_folders(tmp_path))
    await made.current.announce()
    return made


def refusal(raised: pytest.ExceptionInfo[SluisError]) -> Code:
    return raised.value.code


# ---- what counts -----------------------------------------------------------------------------------------------


async def test_a_new_site_decides_nothing_until_two_people_have_said_so(house: House) -> None:
    with pytest.raises(SluisError) as raised:
        house.current.policy()
    assert (Code.POLICY_NOT_APPROVED, "") == (refusal(raised), house.current.in_force())
    assert ("policy-not-approved", "policies") == house.current.problem()
    assert [] == house.journal.told()

    digest = await house.approved()

    assert digest == house.current.digest()
    assert house.current.problem() is None
    assert [("policy-proposed", digest), ("policy-approved", digest), ("policy-loaded", digest)] == house.journal.told()


async def test_a_changed_address_waits_and_is_told_and_comes_into_force_by_a_second_person(house: House) -> None:
    before = await house.approved()
    with capture_logs() as logged:
        after = house.edit()
        await house.look()
        await house.look()

    assert before == house.current.digest()
    assert house.current.problem() is None
    ((code, where),) = house.rules.notices()
    assert ("policy-not-approved", True) == (code, where.startswith(after))
    assert [("policy-waits", after)] == [(line["event"], line["policy_digest"]) for line in logged]

    await house.rules.propose(after, person=BEHEER)
    assert before == house.current.digest()
    await house.rules.approve(after, person=ANNA)
    await house.look()

    assert after == house.current.digest()
    assert () == house.rules.notices()
    approved = house.journal.events[-2]
    assert ("policy-approved", "anna", "beheer") == (approved.action.value, approved.person, approved.proposer)


async def test_what_changes_is_told_with_the_address_and_every_line_that_differs(house: House) -> None:
    before = await house.approved()
    entry = house.folders.recipients / "gemeente-voorbeeld.yaml"
    entry.write_text(entry.read_text(encoding="utf-8").replace("A" * 40, "B" * 40) + "# \u202e\n", encoding="utf-8")

    found = await house.rules.changes(person=BRAM)

    assert (before, house.folders.load().digest) == (found.before, found.after)
    (channels,) = [each for each in found.changes if each.what == "channels"]
    assert ("A" * 40 in channels.before, "B" * 40 in channels.after) == (True, True)
    (file,) = found.files
    assert "recipients/gemeente-voorbeeld.yaml" == file.name
    assert any(line.startswith("+") and "B" * 40 in line for line in file.lines)
    assert "+# \u202e" in file.lines


async def test_before_anything_is_in_force_every_line_of_every_file_is_told(house: House) -> None:
    found = await house.rules.changes(person=BRAM)

    assert ("", ()) == (found.before, found.changes)
    assert {"policies/rules.yaml", "recipients/gemeente-voorbeeld.yaml"} <= {each.name for each in found.files}
    assert all(line.startswith(("+", "-", "@")) for each in found.files for line in each.lines)


# ---- over a restart --------------------------------------------------------------------------------------------


async def test_after_a_restart_the_approved_set_counts_and_not_what_lies_there(house: House) -> None:
    before = await house.approved()
    after = house.edit()
    await house.restart()

    assert before == house.current.digest()
    assert house.rules.notices()[0][1].startswith(after)
    assert ("policy-loaded", before) == house.journal.told()[-1]


async def test_after_a_restart_a_proposal_still_stands_and_can_be_approved(house: House) -> None:
    await house.approved()
    after = house.edit()
    await house.rules.propose(after, person=ANNA)
    await house.restart()

    await house.rules.approve(after, person=BRAM)

    assert after == house.current.digest()


async def test_a_crash_between_approval_and_loading_loads_what_was_approved(house: House) -> None:
    await house.approved()
    after = house.edit()
    await house.rules.propose(after, person=ANNA)
    house.journal.broken = EventAction.POLICY_LOADED
    with pytest.raises(SluisError):
        await house.rules.approve(after, person=BRAM)
    house.journal.broken = None
    await house.restart()

    assert after == house.current.digest()
    assert [("policy-approved", after), ("policy-loaded", after)] == house.journal.told()[-2:]


async def test_an_approved_set_that_could_not_be_announced_is_used_as_soon_as_it_can_be(house: House) -> None:
    before = await house.approved()
    after = house.edit()
    await house.rules.propose(after, person=ANNA)
    house.journal.broken = EventAction.POLICY_LOADED
    with pytest.raises(SluisError):
        await house.rules.approve(after, person=BRAM)
    await house.look()
    assert before == house.current.digest()

    house.journal.broken = None
    await house.look()

    assert after == house.current.digest()


async def test_an_approval_that_the_log_does_not_take_is_none(house: House) -> None:
    before = await house.approved()
    after = house.edit()
    await house.rules.propose(after, person=ANNA)
    house.journal.broken = EventAction.POLICY_APPROVED
    with pytest.raises(SluisError) as raised:
        await house.rules.approve(after, person=BRAM)
    await house.restart()

    assert Code.AUDIT_UNAVAILABLE is refusal(raised)
    assert before == house.current.digest()


async def test_a_fault_on_disk_keeps_no_approved_set_from_starting(house: House) -> None:
    before = await house.approved()
    (house.folders.policies / "rules.yaml").write_text("???", encoding="utf-8")
    await house.restart()

    assert before == house.current.digest()
    problem = house.current.problem()
    assert problem is not None
    assert "policy-invalid" == problem[0]


async def test_a_bomb_of_wrong_keys_is_not_even_looked_at_before_the_approved_set_is_in_force(house: House) -> None:
    before = await house.approved()
    (house.folders.recipients / "zz.yaml").write_text(
        "\n".join(f"k{each}: v" for each in range(14_000)), encoding="utf-8"
    )
    house.build()
    await house.current.announce()

    assert (before, None) == (house.current.digest(), house.current.problem())
    await house.current.look()
    assert (before, "policy-invalid") == (house.current.digest(), (house.current.problem() or ("",))[0])


async def test_rules_that_counted_without_a_second_person_are_not_approved_when_four_eyes_come_back(
    house: House,
) -> None:
    await house.approved()
    approvals = StandingFile(house.site.policy_standing, secret=SECRET)
    alone = CurrentPolicy(house.site, audit=house.journal, approvals=approvals, four_eyes=False)
    await alone.announce()
    house.edit()
    await alone.look()
    await alone.look()
    await house.restart()

    assert ("policy-not-approved", "policies") == house.current.problem()


# ---- attacks ---------------------------------------------------------------------------------------------------


async def test_nobody_approves_a_proposal_of_the_own_person_or_the_own_user(house: House) -> None:
    before = await house.approved()
    after = house.edit()
    await house.rules.propose(after, person=ANNA)

    for officer in (ANNA, person("anna-ook", "privacy-officer")):
        with pytest.raises(SluisError) as raised:
            await house.rules.approve(after, person=officer)
        assert Code.APPROVAL_OWN_PROPOSAL is refusal(raised)
    assert before == house.current.digest()


async def test_renamed_person_does_not_approve_what_it_proposed_under_its_former_id(house: House) -> None:
    before = await house.approved()
    after = house.edit()
    await house.rules.propose(after, person=replace(person("anna-de-wit", "privacy-officer"), uid=2001))
    await house.restart()
    with pytest.raises(SluisError) as raised:
        await house.rules.approve(after, person=ANNA)

    assert (Code.APPROVAL_OWN_PROPOSAL, before) == (refusal(raised), house.current.digest())
    await house.rules.approve(after, person=BRAM)
    assert after == house.current.digest()


async def test_renamed_person_of_whom_no_user_was_kept_may_be_the_approver(house: House) -> None:
    await house.approved()
    after = house.edit()
    await house.rules.propose(after, person=person("anna-de-wit", "privacy-officer"))
    with pytest.raises(SluisError) as raised:
        await house.rules.approve(after, person=BRAM)

    assert Code.APPROVAL_OWN_PROPOSAL is refusal(raised)


@pytest.mark.parametrize(
    "officer",
    [
        BEHEER,
        person("beveiliging", "security"),
        person("medewerker", "caseworker"),
        person("coa", "privacy-officer", organisation="COA"),
        person("robot", "privacy-officer", application=True),
    ],
    ids=lambda each: str(each.person),
)
async def test_only_a_privacy_officer_of_the_organisation_that_runs_the_site_approves(
    house: House, officer: Submitter
) -> None:
    before = await house.approved()
    after = house.edit()
    await house.rules.propose(after, person=ANNA)
    with pytest.raises(SluisError) as raised:
        await house.rules.approve(after, person=officer)

    assert (Code.NOT_PERMITTED, before) == (refusal(raised), house.current.digest())


@pytest.mark.parametrize("proposer", [person("medewerker", "caseworker"), replace(ANNA, application=True)])
async def test_only_an_officer_or_administrator_who_is_no_application_proposes(
    house: House, proposer: Submitter
) -> None:
    with pytest.raises(SluisError) as raised:
        await house.rules.propose(house.folders.load().digest, person=proposer)

    assert (Code.NOT_PERMITTED, []) == (refusal(raised), house.journal.told())


async def test_files_that_change_after_the_proposal_are_not_approved_by_it(house: House) -> None:
    before = await house.approved()
    proposed = house.edit()
    await house.rules.propose(proposed, person=ANNA)
    swapped = house.edit()
    for digest in (proposed, swapped):
        with pytest.raises(SluisError) as raised:
            await house.rules.approve(digest, person=BRAM)
        assert Code.POLICY_CHANGED is refusal(raised)

    assert before == house.current.digest()
    await house.look()
    assert (await house.current.view()).standing.proposal is None


async def test_a_proposal_is_void_for_good_once_something_else_was_seen_there(house: House) -> None:
    await house.approved()
    entry = house.folders.recipients / "gemeente-voorbeeld.yaml"
    proposed = house.edit()
    text = entry.read_text(encoding="utf-8")
    await house.rules.propose(proposed, person=ANNA)
    house.edit()
    await house.look()
    entry.write_text(text, encoding="utf-8")
    await house.look()
    with pytest.raises(SluisError) as raised:
        await house.rules.approve(proposed, person=BRAM)

    assert Code.POLICY_CHANGED is refusal(raised)


async def test_a_set_with_a_fault_can_not_be_proposed_and_every_fault_is_named(house: House) -> None:
    house.folders.replace("recipients/nidos-voorbeeld.yaml", "kind: guardian", "kind: guardin")
    digest = (await house.rules.show(person=ANNA)).on_disk
    with pytest.raises(SluisError) as raised:
        await house.rules.propose(digest, person=ANNA)

    assert Code.POLICY_INVALID is refusal(raised)
    assert ["recipients/nidos-voorbeeld.yaml"] == [where.partition(":")[0] for where, _ in raised.value.faults]


async def test_what_is_in_force_can_not_be_proposed_again(house: House) -> None:
    digest = await house.approved()
    with pytest.raises(SluisError) as raised:
        await house.rules.propose(digest, person=ANNA)

    assert Code.POLICY_UNCHANGED is refusal(raised)


async def test_of_many_approvals_at_once_one_counts_and_the_log_tells_of_that_one_only(house: House) -> None:
    await house.approved()
    after = house.edit()
    await house.rules.propose(after, person=BEHEER)
    officers = [ANNA, BRAM] * 5
    results = await asyncio.gather(
        *(house.rules.approve(after, person=each) for each in officers), return_exceptions=True
    )

    refused = [each.code for each in results if isinstance(each, SluisError)]
    assert [Code.POLICY_CHANGED] * 9 == refused
    assert 1 == house.journal.told().count(("policy-approved", after))


async def test_a_copy_that_somebody_changed_decides_nothing(house: House) -> None:
    before = await house.approved()
    house.edit()
    copy = house.site.policy_copies / before / "recipients" / "gemeente-voorbeeld.yaml"
    copy.write_text(copy.read_text(encoding="utf-8").replace("A" * 40, "C" * 40), encoding="utf-8")
    await house.restart()

    with pytest.raises(SluisError) as raised:
        house.current.policy()
    assert (Code.POLICY_UNAVAILABLE, ("policy-unavailable", "policies")) == (refusal(raised), house.current.problem())


async def test_an_approved_copy_that_is_put_back_is_used_without_a_restart(house: House, tmp_path: Path) -> None:
    before = await house.approved()
    house.edit()
    shutil.move(house.site.policy_copies / before, tmp_path / "aside")
    await house.restart()
    assert "" == house.current.in_force()

    shutil.move(tmp_path / "aside", house.site.policy_copies / before)
    await house.look()

    assert before == house.current.digest()


# ---- the file --------------------------------------------------------------------------------------------------

STOOD = Standing(
    approved=Approval(digest="a" * 64, proposer=ANNA.person, approver=BRAM.person, at=AT),
    proposal=Proposal(digest="b" * 64, proposer=BRAM.person, organisation="DT&V", at=AT),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy-standing.json"
    StandingFile(path, secret=SECRET).write(STOOD)
    return path


def test_what_was_written_is_read_again_and_is_for_the_service_alone(file: Path) -> None:
    assert STOOD == StandingFile(file, secret=SECRET).read()
    assert 0o600 == file.stat().st_mode & 0o777


def test_another_digest_or_person_written_into_the_file_approves_nothing(file: Path) -> None:
    good = orjson.loads(file.read_bytes())
    for name, value in (("digest", "c" * 64), ("approver", "mallory")):
        file.write_bytes(orjson.dumps({**good, "approved": {**good["approved"], name: value}}))
        assert Standing() == StandingFile(file, secret=SECRET).read()


def test_a_file_made_with_the_secret_of_another_site_approves_nothing(file: Path) -> None:
    assert Standing() == StandingFile(file, secret=bytes(32)).read()


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b'{"format":"sluis-policy-standing/1"}', b"\xff{"])
def test_a_file_that_is_not_whole_approves_nothing(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert Standing() == StandingFile(file, secret=SECRET).read()


def test_every_piece_of_the_file_approves_nothing(file: Path) -> None:
    whole = file.read_bytes()
    for size in range(len(whole)):
        file.write_bytes(whole[:size])
        assert Standing() == StandingFile(file, secret=SECRET).read()


# ---- the setting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "said", "needed"),
    [
        ("production", None, True),
        ("acceptance", None, True),
        ("demo", None, False),
        ("test", None, False),
        ("test", True, True),
        ("production", False, False),
    ],
)
def test_four_eyes_are_on_unless_a_site_is_for_show_or_says_otherwise(
    environment: str, said: bool | None, needed: bool
) -> None:
    settings = SiteSettings.model_validate(
        {
            "format": "sluis-site/1",
            "environment": environment,
            "organisation": "DT&V",
            "seal": SealSettings(signing_key="A" * 40),
            **({} if said is None else {"fourEyes": said}),
        }
    )
    assert needed == settings.needs_four_eyes()
