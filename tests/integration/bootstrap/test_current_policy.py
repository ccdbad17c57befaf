"""New rules are taken while the service runs: announced before they are used, and never when they have a fault."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.audit.events import Event, EventAction
from gateway.bootstrap.current_policy import CurrentPolicy
from gateway.bootstrap.known_policies import KnownPolicies
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.standing_file import StandingFile
from gateway.package.errors import Code, SluisError
from gateway.policy.policy_copies import PolicyCopies
from tests.unit.policy.building import Folders, make_folders


class Journal:
    """Keeps events, and looks at each moment whether the copy was there; fails when told to."""

    def __init__(self, copies: Path) -> None:
        self._copies = copies
        self.digests: list[str] = []
        self.error: SluisError | None = None

    async def record(self, event: Event, /) -> str:
        if self.error:
            raise self.error
        assert EventAction.POLICY_LOADED is event.action
        assert (self._copies / event.policy_digest / "policies" / "rules.yaml").is_file(), "the copy comes first"
        self.digests.append(event.policy_digest)
        return ""


@pytest.fixture
def site(tmp_path: Path) -> SiteLayout:
    (tmp_path / "spool").mkdir()
    return SiteLayout(tmp_path)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return make_folders(tmp_path)


@pytest.fixture
def journal(site: SiteLayout) -> Journal:
    return Journal(site.policy_copies)


@pytest.fixture
async def current(site: SiteLayout, folders: Folders, journal: Journal) -> CurrentPolicy:
    made = of_one(site, journal)
    await made.announce()
    return made


def of_one(site: SiteLayout, journal: Journal) -> CurrentPolicy:
    """A change takes no second person here."""
    approvals = StandingFile(site.policy_standing, secret=bytes(32))
    return CurrentPolicy(site, audit=journal, approvals=approvals, four_eyes=False)


def rename(folders: Folders) -> None:
    path = folders.recipients / "nidos-voorbeeld.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# another\n", encoding="utf-8")


async def look_twice(current: CurrentPolicy) -> None:
    await current.look()
    await current.look()


async def test_a_set_that_lints_is_kept_then_announced_then_used(
    current: CurrentPolicy, folders: Folders, journal: Journal
) -> None:
    before = current.digest()
    rename(folders)
    await look_twice(current)

    assert before != current.digest()
    assert [before, current.digest()] == journal.digests
    assert folders.load().digest == current.policy().digest
    assert current.problem() is None


async def test_a_change_is_left_alone_until_two_looks_see_the_same(current: CurrentPolicy, folders: Folders) -> None:
    before = current.digest()
    rename(folders)
    await current.look()
    assert before == current.digest()
    rename(folders)
    await current.look()
    assert before == current.digest()
    await current.look()
    assert folders.load().digest == current.digest()


async def test_a_set_with_a_fault_is_not_used_and_is_told_once(
    current: CurrentPolicy, folders: Folders, journal: Journal
) -> None:
    before = current.policy()
    (folders.recipients / "nidos-voorbeeld.yaml").write_text("id: nidos-voorbeeld\nkind: guardin\n", encoding="utf-8")
    with capture_logs() as logged:
        for _ in range(4):
            await current.look()

    assert before is current.policy()
    assert [before.digest] == journal.digests
    assert ("policy-invalid", "recipients/nidos-voorbeeld.yaml:2 kind") == current.problem()
    assert ["policy-not-loaded"] == [line["event"] for line in logged]


async def test_a_fault_that_is_mended_is_no_problem_any_more(
    current: CurrentPolicy, folders: Folders, journal: Journal
) -> None:
    path = folders.policies / "rules.yaml"
    good = path.read_bytes()
    path.write_bytes(good + b"???")
    await look_twice(current)
    assert current.problem() is not None
    path.write_bytes(good)
    await look_twice(current)

    assert current.problem() is None
    assert 1 == len(journal.digests)


async def test_what_can_not_be_announced_is_not_used_and_is_tried_again(
    current: CurrentPolicy, folders: Folders, journal: Journal
) -> None:
    before = current.digest()
    journal.error = SluisError(Code.AUDIT_UNAVAILABLE)
    rename(folders)
    await look_twice(current)
    assert before == current.digest()
    assert ("audit-unavailable", "policies") == current.problem()
    journal.error = None
    await current.look()

    assert folders.load().digest == current.digest()
    assert current.problem() is None


async def test_what_can_not_be_kept_is_not_announced(
    current: CurrentPolicy, folders: Folders, site: SiteLayout, journal: Journal
) -> None:
    rename(folders)
    (site.policy_copies / f".{folders.load().digest}.part").write_text("in the way", encoding="ascii")
    await look_twice(current)

    assert 1 == len(journal.digests)
    assert ("spool-unavailable", "spool/policies") == current.problem()


async def test_what_an_editor_leaves_behind_changes_nothing_and_hides_no_change(
    current: CurrentPolicy, folders: Folders, journal: Journal
) -> None:
    (folders.recipients / ".#nidos-voorbeeld.yaml").symlink_to("gone")
    (folders.recipients / "nidos-voorbeeld.yaml~").write_text("x", encoding="ascii")
    await look_twice(current)
    assert 1 == len(journal.digests)
    rename(folders)
    await look_twice(current)
    assert 2 == len(journal.digests)


async def test_a_worker_decides_by_exactly_the_announced_set(
    current: CurrentPolicy, folders: Folders, site: SiteLayout
) -> None:
    first = current.digest()
    known = KnownPolicies(PolicyCopies(site.policy_copies), loaded=None)
    rename(folders)
    await look_twice(current)
    rename(folders)

    for digest in (first, current.digest(), first):
        known.choose(digest)
        assert digest == known.chosen().digest


async def test_a_worker_decides_nothing_by_a_set_that_was_never_announced(
    current: CurrentPolicy, folders: Folders, site: SiteLayout
) -> None:
    known = KnownPolicies(PolicyCopies(site.policy_copies), loaded=current.policy())
    known.choose(current.digest())
    rename(folders)
    with pytest.raises(SluisError) as raised:
        known.choose(folders.load().digest)
    assert Code.POLICY_UNAVAILABLE is raised.value.code
    with pytest.raises(SluisError):
        known.chosen()


async def test_a_copy_that_somebody_changed_decides_nothing_and_is_put_right_at_the_next_start(
    current: CurrentPolicy, site: SiteLayout, journal: Journal
) -> None:
    rules = site.policy_copies / current.digest() / "policies" / "rules.yaml"
    rules.write_bytes(rules.read_bytes() + b"\n# changed\n")
    copies = PolicyCopies(site.policy_copies)
    with pytest.raises(SluisError) as raised:
        copies.load(current.digest())
    assert Code.POLICY_UNAVAILABLE is raised.value.code
    await of_one(site, journal).announce()

    assert current.digest() == copies.load(current.digest()).policy.digest


async def test_a_fault_of_our_own_in_new_rules_leaves_the_last_good_ones_and_is_told(
    current: CurrentPolicy, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current.policy()

    def fail(_: object) -> None:
        raise KeyError("the fault")

    monkeypatch.setattr("gateway.bootstrap.current_policy.compile_files", fail)
    rename(folders)
    await look_twice(current)

    assert before is current.policy()
    assert ("internal-error", "policies") == current.problem()
