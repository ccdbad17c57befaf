"""Changes of rules, recipients and keys, and who may bring them into force: four eyes, by who really is behind them.

Rules, in order:
1. A person proposes what lies on disk by its digest: a privacy officer or an administrator, never an application.
2. Another person approves exactly that digest: a privacy officer of the organisation that runs the site, since its
   rules hold for every organisation on it. Never the proposer, nor somebody under the same operating-system user, also
   when the proposer has another id by now.
3. Who may look: those two roles, and security.
"""

import asyncio
import datetime as dt
from collections.abc import Callable

from gateway.bootstrap.current_policy import CurrentPolicy
from gateway.bootstrap.people import PeopleRegister
from gateway.package.errors import Code, SluisError
from gateway.package.states import Submitter
from gateway.policy.comparing import Changes, compare, compare_files
from gateway.policy.policy_files import PolicyFiles, compile_files
from gateway.policy.standing import PolicyView, Proposal

_APPROVER = "privacy-officer"
_PROPOSERS = (_APPROVER, "administrator")
_LOOKERS = (*_PROPOSERS, "security")


class RuleChanges:
    """What lies on disk beside what is in force, and what people do about it. `organisation` runs the site."""

    def __init__(
        self,
        current: CurrentPolicy,
        *,
        people: PeopleRegister,
        organisation: str,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._current = current
        self._people = people
        self._organisation = organisation
        self._now = now

    def in_force(self) -> str:
        """Give the digest by which packages are decided, empty when there is none."""
        return self._current.in_force()

    def notices(self) -> tuple[tuple[str, str], ...]:
        """Tell what waits for a second person, as (code, digest and since when)."""
        waiting = self._current.waiting()
        if waiting is None:
            return ()
        digest, since = waiting
        return ((Code.POLICY_NOT_APPROVED.value, f"{digest} {since.isoformat()}"),)

    async def show(self, *, person: Submitter) -> PolicyView:
        """Tell how the rules stand. Raises SluisError `not-permitted`, `policy-unavailable`."""
        require_role(person, _LOOKERS)
        return await self._current.view()

    async def changes(self, *, person: Submitter) -> Changes:
        """Tell what would change with what lies on disk. Raises `not-permitted`, `policy-invalid`."""
        require_role(person, _LOOKERS)
        return await asyncio.to_thread(_compared, *await self._current.both())

    async def propose(self, digest: str, *, person: Submitter) -> PolicyView:
        """Propose what lies on disk. Raises `not-permitted`, and as `CurrentPolicy.propose`."""
        require_role(person, _PROPOSERS)
        await self._current.propose(digest, proposer=person, at=self._now())
        return await self._current.view()

    async def approve(self, digest: str, *, person: Submitter) -> PolicyView:
        """Approve what was proposed. Raises `not-permitted`, and as `CurrentPolicy.approve`."""
        require_approver(person, organisation=self._organisation)

        def another_user(proposal: Proposal) -> None:
            if self._people.are_one_user(proposal.proposer, person.person, uid=proposal.uid):
                raise SluisError(Code.APPROVAL_OWN_PROPOSAL)

        await self._current.approve(digest, approver=person, at=self._now(), check=another_user)
        return await self._current.view()


def require_role(person: Submitter, roles: tuple[str, ...]) -> None:
    """Let nobody but people in these roles. Raises SluisError `not-permitted`."""
    if person.application or not set(roles) & set(person.roles):
        raise SluisError(Code.NOT_PERMITTED, detail={"role": ", ".join(roles)})


def require_approver(person: Submitter, *, organisation: str) -> None:
    """Let nobody approve but privacy officers of the organisation that runs the site. Raises SluisError."""
    require_role(person, (_APPROVER,))
    if person.organisation.casefold() != organisation.casefold():
        raise SluisError(Code.NOT_PERMITTED, where="organisation")


def _compared(old: PolicyFiles | None, new: PolicyFiles) -> Changes:
    loaded = compile_files(new)
    return Changes(
        before="" if old is None else old.digest(),
        after=new.digest(),
        changes=() if old is None else tuple(compare(compile_files(old), loaded)),
        files=tuple(compare_files({} if old is None else old.files, new.files)),
    )
