"""The one `Gateway`: what entrypoints see of the house. Satisfies the API's port."""

import datetime as dt
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace

from gateway import __version__
from gateway.audit.events import Event, EventAction
from gateway.bootstrap.bounce_watch import BounceWatch
from gateway.bootstrap.build_audit import AuditParts
from gateway.bootstrap.delays import Delays
from gateway.bootstrap.document_views import DocumentViews
from gateway.bootstrap.holds import Holds
from gateway.bootstrap.key_desk import KeyDesk
from gateway.bootstrap.key_rotation import KeyRotation
from gateway.bootstrap.key_watch import KeyWatch
from gateway.bootstrap.package_views import before_of, view_of
from gateway.bootstrap.people import PeopleRegister, sees_all
from gateway.bootstrap.recipient_tests import RecipientTests
from gateway.bootstrap.replays import Replays
from gateway.bootstrap.rule_changes import RuleChanges
from gateway.bootstrap.submissions import Submissions
from gateway.endings import Endings
from gateway.mended import Mended
from gateway.package.deletion_views import DeletionView
from gateway.package.document_view import DocumentView
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint, PackageId
from gateway.package.key_views import KeyImport, KeyView, PseudonymKeyView, RecipientTest, Rotation
from gateway.package.labels import Labels
from gateway.package.manifest import Manifest
from gateway.package.reviews import Opinion
from gateway.package.states import Decision, PackageState, Submitter
from gateway.package.views import (
    DecidedView,
    ExpectedDocument,
    Health,
    HoldPage,
    HoldView,
    PackageView,
    Page,
    RecipientView,
    ReplayView,
    TokenGrant,
)
from gateway.parts import Parts, WantedDocument
from gateway.pipeline import Pipeline
from gateway.policy.comparing import Changes
from gateway.policy.register import recipient_listing
from gateway.policy.standing import PolicyView
from gateway.receipt.port import SlipFacts
from gateway.spool.candidates import read_manifest, stream_of
from gateway.spool.port import PackageRow, Stored

_TOKEN_BYTES = 32
SCOPES = frozenset(
    {
        "packages:submit",
        "packages:read",
        "previews:create",
        "recipients:read",
        "holds:read",
        "reviews:create",
        "withdrawals:create",
        "policy:read",
        "policy-proposals:create",
        "policy-approvals:create",
        "keys:read",
        "keys:change",
        "recipient-tests:create",
        "audit-deletions:create",
        "metrics:read",
    }
)

SlipJson = Callable[[SlipFacts], Mapping[str, object]]
ProblemsOf = Callable[[], tuple[tuple[str, str], ...]]


class Gateway:
    """The house, built; see `gateway.entrypoints.api.port.GatewayPort` for the promises of each method."""

    def __init__(
        self,
        *,
        pipeline: Pipeline,
        parts: Parts,
        submissions: Submissions,
        endings: Endings,
        documents: DocumentViews,
        people: PeopleRegister,
        rules: RuleChanges,
        key_desk: KeyDesk,
        key_rotation: KeyRotation,
        recipient_tests: RecipientTests,
        replays: Replays,
        token_seconds: float,
        slip_json: SlipJson,
        problems: ProblemsOf,
        delays: Delays,
        bounces: BounceWatch | None = None,
        audit_parts: AuditParts,
    ) -> None:
        self.pipeline = pipeline
        self.parts = parts
        self.submissions = submissions
        self.people = people
        self.rules = rules
        self.key_desk = key_desk
        self.key_rotation = key_rotation
        self.recipient_tests = recipient_tests
        self.key_watch = KeyWatch(key_desk.known)
        self.endings = endings
        self.holds_of = Holds(pipeline, parts, people=people, endings=endings, documents=documents)
        self.mended = Mended(pipeline, parts, endings=endings, forget=documents.forget)
        self.replays = replays
        self._token_lifetime = dt.timedelta(seconds=token_seconds)
        self._slip_json = slip_json
        self._problems = problems
        self.delays = delays
        self.bounces = bounces
        self.audit_parts = audit_parts

    async def submit(
        self, manifest: Manifest, /, *, submitter: Submitter, traceparent: str = ""
    ) -> tuple[PackageView, bool]:
        """See the port."""
        package, new = await self.submissions.submit(manifest, submitter=submitter, traceparent=traceparent)
        return self._shown(await self._stored(package, submitter), submitter, manifest), new

    async def put_document(
        self, package_id: PackageId, number: int, chunks: AsyncIterator[bytes], /, *, submitter: Submitter
    ) -> PackageView:
        """See the port."""
        stored = await self._stored(package_id, submitter, own=True)
        await self.submissions.put_document(stored, number, chunks)
        return await self.package(package_id, submitter=submitter)

    async def package(self, package_id: PackageId, /, *, submitter: Submitter) -> PackageView:
        """See the port."""
        return self._shown(await self._stored(package_id, submitter), submitter)

    def _shown(self, stored: Stored, submitter: Submitter, manifest: Manifest | None = None) -> PackageView:
        """Show a package; its manifest is read where it is needed and not at hand.

        The codes that open its parcels at the postbus are for its sender alone, who reads them out.
        """
        if stored.row.state is PackageState.INCOMPLETE:
            return replace(view_of(stored.row, stored.deliveries), expected=self._expected(stored, manifest))
        journey = self.pipeline.journey_of(stored)
        facts, view = journey.facts(self.parts.policy_in_force()), view_of(stored.row, stored.deliveries)
        if stored.row.person != submitter.person:
            facts = replace(facts, pickups={})
        decided = tuple(DecidedView(at=each.at, events=each.events) for each in journey.record.decided)
        return replace(view, decision=facts.decision, decided=decided, labels=facts.labels, slip=self._slip_json(facts))

    async def packages(self, *, state: PackageState | None, cursor: str, limit: int, submitter: Submitter) -> Page:
        """See the port."""
        before = before_of(cursor)
        person = None if sees_all(submitter) else submitter.person
        rows = await self.parts.spool.page(state=state, before=before, person=person, limit=limit + 1)
        views = [await self._listed(row) for row in rows[:limit]]
        return Page(packages=tuple(views), cursor=rows[limit - 1].id if len(rows) > limit else "")

    async def holds(self, *, cursor: str, limit: int, submitter: Submitter) -> HoldPage:
        """See the port."""
        return await self.holds_of.page(cursor=cursor, limit=limit, officer=submitter)

    async def hold(self, package_id: PackageId, /, *, submitter: Submitter) -> HoldView:
        """See the port."""
        return await self.holds_of.show(package_id, officer=submitter)

    async def hold_document(
        self, package_id: PackageId, number: int, /, *, recipient: str, submitter: Submitter
    ) -> DocumentView:
        """See the port."""
        wanted = WantedDocument(number=number, recipient=recipient)
        return await self.holds_of.show_document(package_id, wanted, officer=submitter)

    async def hold_page(
        self, package_id: PackageId, number: int, page: int, /, *, recipient: str, after: bool, submitter: Submitter
    ) -> bytes:
        """See the port."""
        wanted = WantedDocument(number=number, recipient=recipient)
        return await self.holds_of.show_page(package_id, wanted, page=page, after=after, officer=submitter)

    async def review(self, package_id: PackageId, opinion: Opinion, /, *, submitter: Submitter) -> PackageView:
        """See the port."""
        await self.holds_of.review(package_id, opinion, officer=submitter)
        return await self.package(package_id, submitter=submitter)

    async def withdraw(self, package_id: PackageId, /, *, submitter: Submitter) -> PackageView:
        """See the port."""
        stored = await self._stored(package_id, submitter)
        if stored.row.person != submitter.person and not self.holds_of.decides_for(stored.row, submitter):
            raise SluisError(Code.NOT_PERMITTED)
        await self.endings.withdraw(package_id, by=submitter)
        return await self.package(package_id, submitter=submitter)

    async def replay(self, audit_id: str, /, *, submitter: Submitter) -> ReplayView:
        """See the port."""
        return await self.replays.replay(audit_id, asked_by=submitter)

    async def preview(
        self, manifest: Manifest, files: Mapping[int, bytes], /, *, submitter: Submitter
    ) -> tuple[Decision, Labels]:
        """See the port."""
        decision = await self.submissions.preview(manifest, files, submitter=submitter)
        return decision, self.parts.policy().labels

    def recipients(self) -> Sequence[RecipientView]:
        """See the port."""
        return recipient_listing(self.parts.policy())

    async def policy(self, *, submitter: Submitter) -> PolicyView:
        """See the port."""
        return await self.rules.show(person=submitter)

    async def policy_changes(self, *, submitter: Submitter) -> Changes:
        """See the port."""
        return await self.rules.changes(person=submitter)

    async def propose_policy(self, digest: str, /, *, submitter: Submitter) -> PolicyView:
        """See the port."""
        return await self.rules.propose(digest, person=submitter)

    async def approve_policy(self, digest: str, /, *, submitter: Submitter) -> PolicyView:
        """See the port."""
        view = await self.rules.approve(digest, person=submitter)
        self.mended.look_soon()
        return view

    async def keys(self, *, submitter: Submitter) -> Sequence[KeyView]:
        """See the port."""
        return await self.key_desk.list(person=submitter)

    async def bring_key(self, brought: KeyImport, /, *, submitter: Submitter) -> tuple[KeyView, bool]:
        """See the port."""
        view, changed = await self.key_desk.bring(brought, person=submitter)
        await self.key_watch.look_after_change()
        self.mended.look_soon()
        return view, changed

    async def trust_key(self, recipient: str, key: Fingerprint, /, *, how: str, submitter: Submitter) -> KeyView:
        """See the port."""
        trusted = await self.key_desk.trust(recipient, key, how=how, person=submitter)
        await self.key_watch.look_after_change()
        self.mended.look_soon()
        return trusted

    async def retire_key(
        self, recipient: str, key: Fingerprint, /, *, leave_without: bool, submitter: Submitter
    ) -> KeyView:
        """See the port."""
        retired = await self.key_desk.retire(recipient, key, leave_without=leave_without, person=submitter)
        await self.key_watch.look_after_change()
        self.mended.look_soon()
        return retired

    async def rotate_key(self, starts: dt.date | None, /, *, finish: bool, submitter: Submitter) -> Rotation:
        """See the port."""
        if finish:
            return await self.key_rotation.finish(person=submitter)
        return await self.key_rotation.start(starts, person=submitter)

    async def rotate_pseudonyms(self, *, again: bool, submitter: Submitter) -> PseudonymKeyView:
        """See the port."""
        return await self.audit_parts.pseudonyms.rotate(again=again, person=submitter)

    async def test_recipient(self, recipient: str, /, *, submitter: Submitter) -> RecipientTest:
        """See the port."""
        return await self.recipient_tests.send(recipient, person=submitter)

    async def delete_audit_lines(self, until: dt.date, /, *, submitter: Submitter) -> DeletionView:
        """See the port."""
        return await self.audit_parts.deletions.delete(until, person=submitter)

    async def health(self) -> Health:
        """See the port."""
        problems = self._problems()
        counts = await self.parts.spool.counts()
        return Health(
            ready=not problems,
            version=__version__,
            problems=problems,
            packages={state.value: counts.get(state, 0) for state in PackageState},
            policy_digest=self.rules.in_force(),
            notices=(
                *self.rules.notices(),
                *await self.delays.notices(),
                *self.key_watch.notices(),
                *(self.bounces.notices() if self.bounces else ()),
                *self.audit_parts.notices(),
            ),
            holds=await self.parts.spool.hold_counts(),
        )

    async def metrics(self) -> bytes:
        """See the port."""
        ends, witnessed = self.key_watch.ends(), self.audit_parts.witnesses.last_whole()
        return await self.audit_parts.metrics.page(await self.health(), key_ends=ends, witnessed=witnessed)

    def person_of_uid(self, uid: int, /) -> Submitter | None:
        """See the port."""
        return self.people.of_uid(uid)

    async def login(self, person: str, scopes: frozenset[str], /, *, uid: int) -> tuple[str, int]:
        """See the port."""
        submitter = self.people.may_be(person, uid=uid, service_uid=os.geteuid())
        if submitter is None or not scopes <= SCOPES:
            await self.parts.audit.record(Event(action=EventAction.USER_LOGIN_FAILED, outcome="failure"))
            raise SluisError(Code.NOT_PERMITTED)
        token = self.parts.random(_TOKEN_BYTES).hex()
        await self.parts.audit.record(Event(action=EventAction.USER_LOGIN, person=submitter.person))
        expires = self.parts.now() + self._token_lifetime
        await self.parts.spool.keep_token(
            _digest(token), person=submitter.person, scopes=" ".join(sorted(scopes or SCOPES)), expires_at=expires
        )
        return token, int(self._token_lifetime.total_seconds())

    async def token(self, token: str, /) -> TokenGrant | None:
        """See the port."""
        found = await self.parts.spool.find_token(_digest(token), at=self.parts.now())
        submitter = self.people.get(found[0]) if found else None
        if found is None or submitter is None:
            return None
        return TokenGrant(submitter=submitter, scopes=frozenset(found[1].split()))

    async def _stored(self, package_id: PackageId, submitter: Submitter, *, own: bool = False) -> Stored:
        """Find a package that somebody may see; another's looks exactly like one that is not there."""
        stored = await self.parts.spool.load(package_id)
        if stored is None or not (stored.row.person == submitter.person or (not own and self._sees(stored, submitter))):
            raise SluisError(Code.NOT_FOUND)
        return stored

    def _sees(self, stored: Stored, submitter: Submitter) -> bool:
        return sees_all(submitter) or self.holds_of.decides_for(stored.row, submitter)

    async def _listed(self, row: PackageRow) -> PackageView:
        if row.state is PackageState.INCOMPLETE:
            stored = await self.parts.spool.load(row.id)
            return replace(view_of(row, ()), expected=self._expected(stored) if stored else ())
        return view_of(row, await self.parts.spool.deliveries(row.id))

    def _expected(self, stored: Stored, manifest: Manifest | None = None) -> tuple[ExpectedDocument, ...]:
        manifest = manifest or read_manifest(self.parts.vault.contents(stored.row, stored.payloads))
        arrived = {payload.stream for payload in stored.payloads}
        return tuple(
            ExpectedDocument(number=file.number, role=file.role.value)
            for file in manifest.declared_files()
            if stream_of(file.number) not in arrived
        )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
