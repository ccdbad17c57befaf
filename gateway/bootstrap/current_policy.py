"""The policy set by which the service decides, and what becomes of a change in its files.

Rules:
1. Nothing is ever decided by a set that was not announced: its copy is durable first, then `policy-loaded` with its
   digest, then it is used.
2. With four eyes a set that lints only waits. What counts is the set that a second person approved, out of its copy
   (`spool/policies/DIGEST`); without an approved one nothing is decided at all. What lies in the folders is looked at
   after the start: whoever may write there can not keep the service from starting.
   An approval is in the log and on the disk before anything is decided by it, and is followed after a crash.
3. Without four eyes a set that lints becomes the current one by itself.
4. A set with a fault is not used, not even in part: the last good one stays, and `problem` says where the first fault
   stands. It is logged once for each change, not at each look.
5. A change is taken when two looks in a row see the same files, so that one that is still being copied is left alone.
   Only its status is asked of a file that has not changed. What stands in it is read once for each change.
"""

import asyncio
import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from gateway.audit.events import Event
from gateway.audit.telling import policy_approved, policy_loaded, policy_proposed
from gateway.bootstrap.durable_files import storing
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.logging_library import structlog
from gateway.bootstrap.policy_folders import PolicyFolders, Stamp
from gateway.bootstrap.standing_file import StandingFile
from gateway.package.errors import Code, SluisError
from gateway.package.states import Submitter
from gateway.policy.policy_copies import PolicyCopies
from gateway.policy.policy_files import PolicyFiles, compile_files, policy_of
from gateway.policy.policy_set import PolicySet
from gateway.policy.standing import PolicyView, Proposal, Standing

_log = structlog.get_logger()


class _Recorder(Protocol):
    async def record(self, event: Event, /) -> str: ...


class CurrentPolicy:
    """Holds the current set of one site; with `four_eyes` by what stands in `approvals`.

    Raises SluisError `policy-invalid` when one person is enough and there is no good set to begin with.
    """

    def __init__(self, site: SiteLayout, *, audit: _Recorder, approvals: StandingFile, four_eyes: bool) -> None:
        self._folders = PolicyFolders(site)
        self._copies = PolicyCopies(site.policy_copies)
        self._audit = audit
        self._approvals = approvals
        self._four_eyes = four_eyes
        self._standing = approvals.read() if four_eyes else Standing()
        self._turn = asyncio.Lock()
        self._seen = self._folders.stamp()
        self._taken: Stamp | None = None if four_eyes else self._seen
        self._files = None if four_eyes else self._folders.read()
        self._policy = self._approved() if self._files is None else policy_of(self._files)
        self._problem: tuple[str, str] | None = None
        self._waiting: tuple[str, dt.datetime] | None = None

    def policy(self) -> PolicySet:
        """Give the current set. Raises SluisError `policy-not-approved`, or `policy-unavailable` without its copy."""
        if self._policy is None:
            raise SluisError(self._missing())
        return self._policy

    def digest(self) -> str:
        """Give the current set's digest. Raises as `policy` does."""
        return self.policy().digest

    def in_force(self) -> str:
        """Give the current set's digest, empty when there is none."""
        return "" if self._policy is None else self._policy.digest

    def problem(self) -> tuple[str, str] | None:
        """Say why nothing is decided, or what lies on disk can not be used, as (code, place); None when all is well.

        Where nothing was approved yet, a fault in what lies there comes first: until it is mended nobody can propose.
        """
        if self._policy is None and (self._problem is None or self._standing.approved is not None):
            return (self._missing().value, "policies")
        return self._problem

    def waiting(self) -> tuple[str, dt.datetime] | None:
        """Tell which set without a fault waits for a second person, and when its files were last written."""
        return self._waiting

    async def announce(self) -> None:
        """Keep and announce the set that was found when the service was built.

        Raises SluisError `audit-unavailable`, `disk-full`, `spool-unavailable`.
        """
        async with self._turn:
            if self._policy is None:
                _log.error("policy-not-loaded", code=self._missing().value, count=1)
            else:
                if self._files is not None:
                    await self._keep(self._files)
                await self._audit.record(policy_loaded(self._policy.digest))
            if not self._four_eyes:
                # What counts without a second person is not approved when four eyes come back.
                await self._on_disk("spool", self._approvals.forget)

    async def look(self) -> None:
        """Look at the files, and take a change that is finished. What goes wrong becomes `problem`."""
        async with self._turn:
            await self._follow_approval()
            seen = await asyncio.to_thread(self._folders.stamp)
            finished, self._seen = seen == self._seen, seen
            if not finished or seen == self._taken:
                return
            try:
                read = await asyncio.to_thread(self._folders.read)
            except OSError:
                # A file that can not be read now: the set that is used stays, and the next look tries again.
                self._refuse(SluisError(Code.POLICY_INVALID, where="policies"))
                return
            if await self._take_or_refuse(read):
                self._taken = seen

    async def view(self) -> PolicyView:
        """Tell how the rules stand, by the files as they lie there at this moment. Raises `policy-unavailable`."""
        async with self._turn:
            read = await self._lying()
            try:
                await asyncio.to_thread(compile_files, read)
            except SluisError as error:
                code = error.code.value
            else:
                code = ""
            return PolicyView(
                four_eyes=self._four_eyes,
                in_force=self.in_force(),
                standing=self._standing.without_other(read.digest()),
                on_disk=read.digest(),
                changed_at=await asyncio.to_thread(self._folders.changed_at),
                code=code,
            )

    async def both(self) -> tuple[PolicyFiles | None, PolicyFiles]:
        """Give the files of the set in force, None when there is none, and those that lie there now.

        Raises SluisError `policy-unavailable`.
        """
        lying, digest = await self._lying(), self.in_force()
        return await asyncio.to_thread(self._copies.read, digest) if digest else None, lying

    async def propose(self, digest: str, *, proposer: Submitter, at: dt.datetime) -> None:
        """Keep a person's wish that what lies on disk under this digest comes into force.

        Raises SluisError `policy-changed` when something else lies there, `policy-invalid` with every fault,
        `policy-unchanged` when it is in force or one person is enough, `audit-unavailable`, `disk-full`,
        `spool-unavailable`.
        """
        async with self._turn:
            read, policy = await self._lying_there(digest)
            if not self._four_eyes or policy.digest == self.in_force():
                raise SluisError(Code.POLICY_UNCHANGED)
            await self._keep(read)
            await self._audit.record(policy_proposed(digest, proposer))
            proposal = Proposal(
                digest=digest,
                proposer=proposer.person,
                organisation=proposer.organisation,
                at=at,
                uid=proposer.uid,
            )
            await self._stand(self._standing.proposed(proposal))

    async def approve(
        self, digest: str, *, approver: Submitter, at: dt.datetime, check: Callable[[Proposal], None]
    ) -> None:
        """Bring a proposed set into force; `check` raises when this approver may not approve this proposal.

        Raises SluisError `policy-changed` when it is not what was proposed, or not what lies on disk,
        `approval-own-proposal`, `policy-invalid`, `audit-unavailable`, `disk-full`, `spool-unavailable`.
        """
        async with self._turn:
            proposal = self._standing.proposal_of(digest)
            check(proposal)
            standing = self._standing.approved_by(approver.person, digest=digest, at=at)
            read, policy = await self._lying_there(digest)
            await self._keep(read)
            await self._audit.record(policy_approved(digest, approver, proposer=proposal.proposer))
            await self._stand(standing)
            await self._use(policy)
            self._waiting = self._problem = None

    async def amend(
        self, entry: str, edit: Callable[[bytes], bytes], *, wish: Proposal, approver: Submitter, at: dt.datetime
    ) -> None:
        """Change one entry of the register in force, on disk and at once, and nothing else.

        With four eyes two people stand behind the new set as behind any other: who wished for the change proposes it,
        and `approver` approves it; that they may do so was looked at by whoever calls. `wish` gets the digest.
        What waits on disk beside this change would come into force along with it, so it is refused.

        Raises SluisError `recipient-unknown`, `key-rules-wait`, `policy-invalid`, `policy-not-approved`,
        `policy-unavailable`, `approval-own-proposal`, `audit-unavailable`, `disk-full`, `spool-unavailable`, and what
        `edit` raises.
        """
        async with self._turn:
            base = await asyncio.to_thread(self._copies.read, self.digest())
            if entry not in base.files:
                raise SluisError(Code.RECIPIENT_UNKNOWN, where=entry)
            content = edit(base.files[entry])
            changed = replace(base, files={**base.files, entry: content})
            if (await self._lying()).digest() not in (base.digest(), changed.digest()):
                raise SluisError(Code.KEY_RULES_WAIT)
            policy = (await asyncio.to_thread(compile_files, changed)).policy
            if policy.digest == self.in_force():
                return
            standing = self._standing.proposed(replace(wish, digest=policy.digest))
            await self._keep(changed)
            if self._four_eyes:
                standing = standing.approved_by(approver.person, digest=policy.digest, at=at)
                await self._audit.record(policy_proposed(policy.digest, _as_submitter(wish)))
                await self._audit.record(policy_approved(policy.digest, approver, proposer=wish.proposer))
            # The entry first: after a crash in between, it waits on disk for two people like any other change.
            await self._on_disk("recipients", lambda: self._folders.write_entry(entry, content))
            if self._four_eyes:
                await self._stand(standing)
            await self._use(policy)
            self._waiting = self._problem = None

    async def _take_or_refuse(self, read: PolicyFiles) -> bool:
        """Take files or say what is wrong; False when they have to be tried again at the next look."""
        try:
            await self._take(read)
        except Exception as fault:  # noqa: BLE001 - whatever new rules come with, packages go on by the last good ones.
            error = fault if isinstance(fault, SluisError) else SluisError(Code.INTERNAL_ERROR)
            self._refuse(error)
            # With any other code nothing is wrong with the files.
            return error.code in (Code.POLICY_INVALID, Code.INTERNAL_ERROR)
        return True

    async def _take(self, read: PolicyFiles) -> None:
        self._waiting = None
        if self._four_eyes:
            await self._void_other_proposal(read.digest())
        policy = (await asyncio.to_thread(compile_files, read)).policy
        if policy.digest != self.in_force():
            if self._four_eyes:
                self._waiting = policy.digest, await asyncio.to_thread(self._folders.changed_at)
                _log.warning("policy-waits", policy_digest=policy.digest)
            else:
                await self._keep(read)
                await self._use(policy)
        self._problem = None

    async def _void_other_proposal(self, digest: str) -> None:
        standing = self._standing.without_other(digest)
        if standing is not self._standing:
            _log.warning("policy-proposal-void", policy_digest=digest)
            await self._stand(standing)

    async def _follow_approval(self) -> None:
        """Use the approved set when it is not used yet: announcing it failed, or its copy was not there."""
        approved = self._standing.approved
        if approved is None or approved.digest == self.in_force():
            return
        policy = await asyncio.to_thread(self._approved)
        if policy is not None:
            try:
                await self._use(policy)
            except SluisError as error:
                _log.error("policy-not-loaded", code=error.code.value, count=1)

    def _approved(self) -> PolicySet | None:
        """Find the approved set: its copy, else what lies there if it is that; None when there is neither."""
        approved = self._standing.approved
        if approved is None:
            return None
        with suppress(SluisError):
            return self._copies.load(approved.digest).policy
        with suppress(SluisError, OSError):
            lying = self._folders.read()
            if lying.digest() == approved.digest:
                policy = compile_files(lying).policy
                self._copies.keep(lying)
                return policy
        return None

    async def _keep(self, read: PolicyFiles) -> None:
        await self._on_disk("spool/policies", lambda: self._copies.keep(read))

    async def _stand(self, standing: Standing) -> None:
        await self._on_disk("spool", lambda: self._approvals.write(standing))
        self._standing = standing

    async def _on_disk(self, place: str, write: Callable[[], None]) -> None:
        with storing(place):
            await asyncio.to_thread(write)

    async def _use(self, policy: PolicySet) -> None:
        await self._audit.record(policy_loaded(policy.digest))
        self._policy = policy
        _log.info("policy-loaded", policy_digest=policy.digest)

    async def _lying(self) -> PolicyFiles:
        try:
            return await asyncio.to_thread(self._folders.read)
        except OSError as error:
            raise SluisError(Code.POLICY_UNAVAILABLE, where="policies") from error

    async def _lying_there(self, digest: str) -> tuple[PolicyFiles, PolicySet]:
        """Read and check what lies on disk. Raises `policy-changed` when it has another digest, `policy-invalid`."""
        read = await self._lying()
        if read.digest() != digest:
            raise SluisError(Code.POLICY_CHANGED)
        return read, (await asyncio.to_thread(compile_files, read)).policy

    def _missing(self) -> Code:
        return Code.POLICY_NOT_APPROVED if self._standing.approved is None else Code.POLICY_UNAVAILABLE

    def _refuse(self, error: SluisError) -> None:
        problem = (error.code.value, error.where or "policies")
        if problem != self._problem or error.code is Code.POLICY_INVALID:
            _log.error("policy-not-loaded", code=error.code.value, count=max(len(error.faults), 1))
        self._problem = problem


def _as_submitter(wish: Proposal) -> Submitter:
    return Submitter(person=wish.proposer, organisation=wish.organisation, roles=(), uid=wish.uid)
