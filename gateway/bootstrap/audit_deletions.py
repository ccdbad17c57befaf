"""What people do about the age of the audit log: two of them have its oldest days deleted, as a written policy allows.

Rules, in order:
1. Without a written policy in the settings nothing is deleted, and nothing younger than it says.
2. A person proposes: a privacy officer or an administrator, never an application. Another one, a privacy officer of the
   organisation that runs the site, approves exactly the same lines under the same policy. It takes two people on every
   site, with or without `fourEyes`: what is gone nobody can look at afterwards.
3. What somebody who follows the log has not got yet is not deleted.
4. The proposal, and the deletion with both people, are in the log before anything is done.
"""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from gateway.audit.deletions import Prefix
from gateway.audit.events import Event, EventAction
from gateway.audit.log_files import AuditLogFiles
from gateway.bootstrap.durable_files import storing
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.log_following import LogFollower
from gateway.bootstrap.people import PeopleRegister
from gateway.bootstrap.retention_settings import AuditRetentionSettings
from gateway.bootstrap.rule_changes import require_approver, require_role
from gateway.bootstrap.standing_file import StandingFile
from gateway.package.deletion_views import DeletionView
from gateway.package.errors import Code, SluisError
from gateway.package.states import Submitter
from gateway.policy.standing import Proposal, Standing

_PROPOSERS = ("privacy-officer", "administrator")
_PLACE = "deletion"


class Follower(NamedTuple):
    """Somebody who gets the lines of the log: the file of its place, and the first line that it has not got."""

    name: str
    next_index: int


Followers = Callable[[], Iterator[Follower]]


class AuditDeletions:
    """Deletions from the audit log of one site, which `organisation` runs.

    `retention` is the written policy, None when there is none; `proposals` keeps what is proposed over a restart.
    """

    def __init__(
        self,
        audit: AuditLogFiles,
        *,
        retention: AuditRetentionSettings | None,
        proposals: StandingFile,
        followers: Followers,
        people: PeopleRegister,
        organisation: str,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._audit, self._retention, self._proposals = audit, retention, proposals
        self._followers, self._people, self._organisation, self._now = followers, people, organisation, now
        self._turn = asyncio.Lock()

    async def delete(self, until: dt.date, *, person: Submitter) -> DeletionView:
        """Delete all days before `until`; the first of two people only proposes it.

        Raises SluisError `not-permitted`, `audit-retention-missing`, `audit-retention`, `audit-none-so-old`,
        `audit-not-sent`, `approval-own-proposal`, `audit-unavailable`, `disk-full`.
        """
        require_role(person, _PROPOSERS)
        async with self._turn:
            return await asyncio.to_thread(self._delete, until, person)

    def _delete(self, until: dt.date, person: Submitter) -> DeletionView:
        policy = self._permitted(until)
        prefix = self._audit.prefix(until.isoformat())
        if prefix is None:
            raise SluisError(Code.AUDIT_NONE_SO_OLD, where=until.isoformat())
        for follower in self._followers():
            if follower.next_index < prefix.end:
                raise SluisError(Code.AUDIT_NOT_SENT, where=follower.name)
        wanted = _digest_of(until, prefix, policy)
        proposal = self._proposals.read().proposal
        if proposal is None or proposal.digest != wanted:
            self._propose(wanted, prefix, policy, person)
            return _view(until, prefix, policy, proposed_by=person.person)
        require_approver(person, organisation=self._organisation)
        if proposal.proposer == person.person or self._people.are_one_user(
            proposal.proposer, person.person, uid=proposal.uid
        ):
            raise SluisError(Code.APPROVAL_OWN_PROPOSAL)
        self._audit.delete(
            Event(
                action=EventAction.AUDIT_SEGMENT_DELETED,
                lines=(prefix.first, prefix.end),
                root=prefix.root.hex(),
                retention_policy=policy,
                proposer=proposal.proposer,
                person=person.person,
                organisation=person.organisation,
            )
        )
        with storing(_PLACE):
            self._proposals.forget()
        return _view(until, prefix, policy, proposed_by=proposal.proposer, approved_by=person.person)

    def _permitted(self, until: dt.date) -> str:
        """Give the policy by which all days before this one may go."""
        if self._retention is None:
            raise SluisError(Code.AUDIT_RETENTION_MISSING, where="audit.retention")
        # A file holds the lines of a day in UTC; its youngest one is kept for the whole time as well.
        latest = (self._now().astimezone(dt.UTC) - dt.timedelta(seconds=self._retention.keep_seconds)).date()
        if until > latest:
            raise SluisError(Code.AUDIT_RETENTION, where=latest.isoformat())
        return self._retention.policy

    def _propose(self, wanted: str, prefix: Prefix, policy: str, person: Submitter) -> None:
        event = Event(
            action=EventAction.AUDIT_DELETION_PROPOSED,
            lines=(prefix.first, prefix.end),
            root=prefix.root.hex(),
            retention_policy=policy,
            person=person.person,
            organisation=person.organisation,
        )
        (answer,) = self._audit.write([(event,)])
        if isinstance(answer, Exception):
            raise answer
        proposal = Proposal(
            digest=wanted, proposer=person.person, organisation=person.organisation, at=self._now(), uid=person.uid
        )
        with storing(_PLACE):
            self._proposals.write(Standing(proposal=proposal))


def followers_of(site: SiteLayout) -> Iterator[Follower]:
    """Give whoever keeps a place in the log, as `LogFollower` writes it: `audit/places/*.json`.

    Raises SluisError `audit-unavailable` at a place that can not be read: it may stand anywhere; `audit-changed` at one
    in another log.
    """
    for place in sorted(site.audit_places.glob("*.json")):
        follower = LogFollower(site.audit_log, place)
        if follower.is_of_another_log(follower.next_index):
            raise SluisError(Code.AUDIT_CHANGED, where=str(place.relative_to(site.root)))
        yield Follower(str(place.relative_to(site.root)), follower.next_index)


def deletion_standing(site: SiteLayout) -> Path:
    """Tell where it lies what is proposed; the digest in it is none of a set of rules, nor the other way about."""
    return site.spool / "audit-deletion.json"


def _digest_of(until: dt.date, prefix: Prefix, policy: str) -> str:
    said = f"sluis-audit-deletion/1\n{until}\n{prefix.first}\n{prefix.end}\n{prefix.root.hex()}\n{policy}"
    return hashlib.sha256(said.encode()).hexdigest()


def _view(until: dt.date, prefix: Prefix, policy: str, *, proposed_by: str, approved_by: str = "") -> DeletionView:
    return DeletionView(
        first=prefix.first,
        end=prefix.end,
        until=until,
        policy=policy,
        proposed_by=proposed_by,
        approved_by=approved_by,
    )
