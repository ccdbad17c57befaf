"""An honest gateway in memory: it keeps every promise of `GatewayPort`, and nothing on disk.

A package is incomplete until every declared file has come; then each look at it moves it one step on, to the ending
that its purpose names: sent, held or refused. People, tokens, recipients and purposes are a small register.
"""

import base64
import datetime as dt
import hashlib
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.entrypoints.api.port import Health, RecipientView, TokenGrant
from gateway.entrypoints.api.scopes import Scope
from gateway.package.deletion_views import DeletionView
from gateway.package.document_view import DocumentView, ViewedFinding, ViewedPassage
from gateway.package.edits import Area, Span
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Kind, Whose
from gateway.package.holding import HoldStage
from gateway.package.ids import Fingerprint, PackageId, PersonId, RecipientId
from gateway.package.key_views import KeyImport, KeyView, PseudonymKeyView, RecipientTest, Rotation
from gateway.package.labels import Label, Labels
from gateway.package.manifest import Category, Manifest
from gateway.package.reviews import Opinion, ReviewVerdict
from gateway.package.states import (
    Channel,
    Decision,
    DeliveryState,
    DocumentVerdict,
    FieldVerdict,
    Language,
    Outcome,
    PackageState,
    PrivacyOffice,
    Reason,
    RecipientDecision,
    RecipientKind,
    Source,
    Submitter,
    Verdict,
)
from gateway.package.views import (
    DecidedView,
    DeliveryView,
    ExpectedDocument,
    HoldPage,
    HoldView,
    PackageView,
    Page,
    ReplayView,
)
from gateway.policy.comparing import Changes
from gateway.policy.standing import PolicyView
from tests.contract.api.fake_deletions import FakeDeletions
from tests.contract.api.fake_keys import FakeKeys
from tests.contract.api.fake_rules import FakeRules

NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
ALL_SCOPES = frozenset(Scope)
PURPOSE_LABEL = Label("Voogdij", "Guardianship")
LABELS = Labels(fields={"name": Label("Naam", "Name")}, documents={"letter": Label("Brief", "Letter")})
ENDINGS = {
    "public-order": (Outcome.CLEARED, PackageState.DONE),
    "care": (Outcome.REFUSED, PackageState.REFUSED),
    "guardianship": (Outcome.HELD, PackageState.HELD),
}
RECIPIENTS = ("gemeente-voorbeeld", "nidos-voorbeeld", "hulp-voorbeeld")
AN_ID = "0190a0b0-0000-7000-8000-00000000beef"
SEEN = "5" * 64
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTtUAgAAAABJRU5ErkJggg=="
)
SHOWN = DocumentView(
    number=1,
    kind="letter",
    type="pdf",
    seen=SEEN,
    passages=(ViewedPassage(text="Zij ging met Berhane Tesfay mee.", page=1),),
    findings=(
        ViewedFinding(
            span=Span(passage=0, start=13, end=27),
            kind=Kind.NAME,
            whose=Whose.THIRD_PARTY,
            certain=False,
            goes=True,
            liftable=True,
            label="[gelakt: derde]",
            boxes=(Area(page=1, left=0.2, top=0.1, right=0.4, bottom=0.125),),
        ),
    ),
    before=(_PIXEL,),
    after=(_PIXEL,),
)


def caseworker(name: str = "a-voorbeeld", *, roles: tuple[str, ...] = ("caseworker",)) -> Submitter:
    return Submitter(person=PersonId(name), organisation="COA", roles=roles)


@dataclass
class _Kept:
    view_id: PackageId
    manifest: Manifest
    submitter: Submitter
    state: PackageState
    files: dict[int, str] = field(default_factory=dict)


class FakeGateway:
    """Satisfies `GatewayPort`; what a test wants to know or to break stands in public attributes."""

    def __init__(self) -> None:
        self.people: dict[int, Submitter] = {}
        self.may_be: dict[int, set[str]] = {}
        self.tokens: dict[str, TokenGrant] = {}
        self.content: dict[tuple[PackageId, int], bytes] = {}
        self.problems: tuple[tuple[str, str], ...] = ()
        self.notices: tuple[tuple[str, str], ...] = ()
        self.rules = FakeRules()
        self.key_desk = FakeKeys()
        self.deletions = FakeDeletions()
        self.failure: Exception | None = None
        self.traceparent = ""
        self.has_register = True
        self.differences: tuple[tuple[str, str, str], ...] = ()
        self._packages: dict[PackageId, _Kept] = {}

    async def submit(
        self, manifest: Manifest, /, *, submitter: Submitter, traceparent: str = ""
    ) -> tuple[PackageView, bool]:
        self.traceparent = traceparent
        if self.failure is not None:
            raise self.failure
        self._check(manifest, submitter)
        package_id = PackageId((manifest.id or str(uuid.uuid4())).lower())
        kept = self._packages.get(package_id)
        if kept is not None:
            if kept.manifest != manifest or kept.submitter.person != submitter.person:
                raise SluisError(Code.ID_CONFLICT)
            return self._view(kept), False
        state = PackageState.INCOMPLETE if manifest.declared_files() else PackageState.RECEIVED
        self._packages[package_id] = kept = _Kept(package_id, manifest, submitter, state)
        return self._view(kept), True

    async def put_document(
        self, package_id: PackageId, number: int, chunks: AsyncIterator[bytes], /, *, submitter: Submitter
    ) -> PackageView:
        kept = self._find(package_id, submitter, own=True)
        declared = {each.number: each for each in kept.manifest.declared_files()}
        if number not in declared:
            raise SluisError(Code.DOCUMENT_NOT_EXPECTED, where=f"documents[{number - 1}]")
        content = b"".join([chunk async for chunk in chunks])
        digest = hashlib.sha256(content).hexdigest()
        if declared[number].sha256 not in {None, digest}:
            raise SluisError(Code.DOCUMENT_DIGEST_MISMATCH, where=f"documents[{number - 1}]")
        if kept.files.setdefault(number, digest) != digest:
            raise SluisError(Code.DOCUMENT_NOT_EXPECTED, where=f"documents[{number - 1}]")
        self.content[package_id, number] = content
        if kept.state is PackageState.INCOMPLETE and len(kept.files) == len(declared):
            kept.state = PackageState.RECEIVED
        return self._view(kept)

    async def package(self, package_id: PackageId, /, *, submitter: Submitter) -> PackageView:
        kept = self._find(package_id, submitter)
        if kept.state is PackageState.RECEIVED:
            kept.state = PackageState.RELEASING
        elif kept.state is PackageState.RELEASING:
            kept.state = ENDINGS.get(kept.manifest.purpose, ENDINGS["public-order"])[1]
        return self._view(kept)

    async def packages(self, *, state: PackageState | None, cursor: str, limit: int, submitter: Submitter) -> Page:
        found = [each for each in reversed(self._packages.values()) if _may_see(each, submitter)]
        found = [each for each in found if state in {None, each.state}]
        if cursor and not any(each.view_id == cursor for each in found):
            raise SluisError(Code.REQUEST_INVALID, where="cursor", faults=(("cursor", "a cursor of an earlier page"),))
        start = next((place + 1 for place, each in enumerate(found) if each.view_id == cursor), 0)
        page = found[start : start + limit]
        more = len(found) > start + limit
        return Page(packages=tuple(self._view(each) for each in page), cursor=page[-1].view_id if more else "")

    async def holds(self, *, cursor: str, limit: int, submitter: Submitter) -> HoldPage:
        _require_officer(submitter)
        if cursor and cursor not in self._packages:
            raise SluisError(Code.REQUEST_INVALID, where="cursor", faults=(("cursor", "a cursor of an earlier page"),))
        held = [each for each in reversed(self._packages.values()) if each.state is PackageState.HELD]
        start = next((place + 1 for place, each in enumerate(held) if each.view_id == cursor), 0)
        page = held[start : start + limit]
        more = len(held) > start + limit
        return HoldPage(holds=tuple(map(self._hold, page)), cursor=page[-1].view_id if more else "")

    async def hold(self, package_id: PackageId, /, *, submitter: Submitter) -> HoldView:
        _require_officer(submitter)
        kept = self._packages.get(package_id)
        if kept is None or kept.state is not PackageState.HELD:
            raise SluisError(Code.NOT_FOUND)
        return self._hold(kept)

    async def hold_document(
        self, package_id: PackageId, number: int, /, *, recipient: str, submitter: Submitter
    ) -> DocumentView:
        hold = await self.hold(package_id, submitter=submitter)
        recipients = hold.package.recipients
        if number != 1 or recipient not in ("", *recipients):
            raise SluisError(Code.NOT_FOUND)
        return replace(SHOWN, recipient=recipient or recipients[0])

    async def hold_page(
        self, package_id: PackageId, number: int, page: int, /, *, recipient: str, after: bool, submitter: Submitter
    ) -> bytes:
        view = await self.hold_document(package_id, number, recipient=recipient, submitter=submitter)
        pictures = view.after if after else view.before
        if page > len(pictures):
            raise SluisError(Code.NOT_FOUND)
        return pictures[page - 1]

    async def review(self, package_id: PackageId, opinion: Opinion, /, *, submitter: Submitter) -> PackageView:
        kept = self._packages.get(package_id)
        if kept is not None and kept.submitter.person == submitter.person:
            raise SluisError(Code.REVIEW_OWN_PACKAGE)
        _require_officer(submitter)
        if kept is None:
            raise SluisError(Code.NOT_FOUND)
        if kept.state is not PackageState.HELD:
            raise SluisError(Code.STATE_CONFLICT)
        if faults := opinion.faults():
            raise SluisError(Code.REQUEST_INVALID, where="body", faults=faults)
        released = opinion.verdict is ReviewVerdict.RELEASE
        kept.state = PackageState.DONE if released else PackageState.REFUSED
        return self._view(kept)

    async def withdraw(self, package_id: PackageId, /, *, submitter: Submitter) -> PackageView:
        kept = self._find(package_id, submitter)
        if kept.submitter.person != submitter.person and "privacy-officer" not in submitter.roles:
            raise SluisError(Code.NOT_PERMITTED)
        if kept.state in {PackageState.RELEASING, PackageState.DONE}:
            raise SluisError(Code.WITHDRAWAL_TOO_LATE)
        if kept.state is PackageState.REFUSED:
            raise SluisError(Code.STATE_CONFLICT)
        kept.state = PackageState.WITHDRAWN
        return self._view(kept)

    def _hold(self, kept: _Kept) -> HoldView:
        return HoldView(
            package=self._view(kept),
            purpose_label=PURPOSE_LABEL,
            rule_ids=("special.second-person",),
            to_mend=(),
            needs_ground=True,
            held_since=NOW,
            expires_at=NOW + dt.timedelta(days=30),
            stage=HoldStage.REMINDED,
            privacy_office=PrivacyOffice(organisation="COA", email="info@coa.example"),
            necessity=kept.manifest.necessity or "",
        )

    async def replay(self, audit_id: str, /, *, submitter: Submitter) -> ReplayView:
        if {"privacy-officer", "security"}.isdisjoint(submitter.roles):
            raise SluisError(Code.NOT_PERMITTED, detail={"role": "privacy-officer"})
        if self.failure is not None:
            raise self.failure
        found = [each for each in self._packages.values() if audit_id_of(each.view_id) == audit_id]
        if not found:
            raise SluisError(Code.NOT_FOUND, where="auditId")
        manifest = found[0].manifest
        return ReplayView(
            audit_id=audit_id,
            package=found[0].view_id,
            recipient=RecipientId(manifest.recipients[0]),
            purpose=manifest.purpose,
            policy_digest="d" * 64,
            decided_by="0.1.0",
            decided_at=NOW,
            decision=None if self.differences == TAMPERED else _decide(manifest, known=set()),
            differences=self.differences,
            labels=LABELS,
        )

    async def preview(
        self, manifest: Manifest, files: Mapping[int, bytes], /, *, submitter: Submitter
    ) -> tuple[Decision, Labels]:
        self._check(manifest, submitter)
        return _decide(manifest, known=set(files)), LABELS

    def recipients(self) -> Sequence[RecipientView]:
        return [
            RecipientView(
                id=each,
                kind="municipality",
                organisation="Voorbeeld",
                name="Voorbeeld",
                channels=("secure-mail",),
                purposes=tuple(ENDINGS),
            )
            for each in RECIPIENTS
        ]

    async def policy(self, *, submitter: Submitter) -> PolicyView:
        return self.rules.view(submitter)

    async def policy_changes(self, *, submitter: Submitter) -> Changes:
        return self.rules.changes(submitter)

    async def propose_policy(self, digest: str, /, *, submitter: Submitter) -> PolicyView:
        return self.rules.propose(digest, submitter)

    async def approve_policy(self, digest: str, /, *, submitter: Submitter) -> PolicyView:
        return self.rules.approve(digest, submitter)

    async def keys(self, *, submitter: Submitter) -> Sequence[KeyView]:
        return self.key_desk.list(submitter)

    async def bring_key(self, brought: KeyImport, /, *, submitter: Submitter) -> tuple[KeyView, bool]:
        return self.key_desk.bring(brought, submitter)

    async def trust_key(self, recipient: str, key: Fingerprint, /, *, how: str, submitter: Submitter) -> KeyView:
        return self.key_desk.trust(recipient, key, how, submitter)

    async def retire_key(
        self, recipient: str, key: Fingerprint, /, *, leave_without: bool, submitter: Submitter
    ) -> KeyView:
        return self.key_desk.retire(recipient, key, submitter, leave_without=leave_without)

    async def rotate_key(self, starts: dt.date | None, /, *, finish: bool, submitter: Submitter) -> Rotation:
        return self.key_desk.rotate(starts, submitter, finish=finish)

    async def rotate_pseudonyms(self, *, again: bool, submitter: Submitter) -> PseudonymKeyView:
        return self.key_desk.rotate_pseudonyms(submitter, again=again)

    async def test_recipient(self, recipient: str, /, *, submitter: Submitter) -> RecipientTest:
        return self.key_desk.test(recipient, submitter)

    async def delete_audit_lines(self, until: dt.date, /, *, submitter: Submitter) -> DeletionView:
        return self.deletions.delete(until, submitter)

    async def health(self) -> Health:
        counts = Counter(each.state.value for each in self._packages.values())
        return Health(
            ready=not self.problems,
            version="0.1.0",
            problems=self.problems,
            packages=counts,
            policy_digest=self.rules.in_force,
            notices=self.notices,
        )

    async def metrics(self) -> bytes:
        return b"# TYPE gateway_ready gauge\ngateway_ready 1.0\n"

    def person_of_uid(self, uid: int, /) -> Submitter | None:
        return self.people.get(uid)

    async def login(self, person: str, scopes: frozenset[str], /, *, uid: int) -> tuple[str, int]:
        if person not in self.may_be.get(uid, set()):
            raise SluisError(Code.NOT_PERMITTED)
        token = f"token-{len(self.tokens)}"
        self.tokens[token] = TokenGrant(submitter=caseworker(person), scopes=scopes)
        return token, 3600

    async def token(self, token: str, /) -> TokenGrant | None:
        return self.tokens.get(token)

    def _check(self, manifest: Manifest, submitter: Submitter) -> None:
        if not self.has_register:
            return
        for place, recipient in enumerate(manifest.recipients):
            if recipient not in RECIPIENTS:
                raise SluisError(Code.RECIPIENT_UNKNOWN, where=f"recipients[{place}]")
        if manifest.purpose not in ENDINGS:
            raise SluisError(Code.PURPOSE_UNKNOWN, where="purpose")
        if manifest.sender.organisation != submitter.organisation:
            raise SluisError(Code.SENDER_MISMATCH, where="sender.organisation")
        if not manifest.data and not manifest.declared_files():
            raise SluisError(Code.PACKAGE_EMPTY)

    def _find(self, package_id: PackageId, submitter: Submitter, *, own: bool = False) -> _Kept:
        kept = self._packages.get(package_id)
        if kept is None or not _may_see(kept, submitter) or (own and kept.submitter.person != submitter.person):
            raise SluisError(Code.NOT_FOUND)
        return kept

    def _view(self, kept: _Kept) -> PackageView:
        decided = kept.state not in {PackageState.INCOMPLETE, PackageState.RECEIVED}
        decision = _decide(kept.manifest, known=set(kept.files)) if decided else None
        ended = kept.state not in {PackageState.INCOMPLETE, PackageState.RECEIVED, PackageState.RELEASING}
        return PackageView(
            id=kept.view_id,
            state=kept.state,
            source=Source.API,
            submitter=kept.submitter.person,
            purpose=kept.manifest.purpose,
            recipients=tuple(RecipientId(each) for each in kept.manifest.recipients),
            received_at=NOW,
            updated_at=NOW,
            code="purpose-not-fitting" if kept.state is PackageState.REFUSED else "",
            deliveries=_deliveries(kept) if kept.state in {PackageState.RELEASING, PackageState.DONE} else (),
            expected=tuple(
                ExpectedDocument(number=each.number, role=each.role.value)
                for each in kept.manifest.declared_files()
                if each.number not in kept.files
            ),
            decision=decision,
            labels=LABELS,
            decided=(DecidedView(at=NOW, events={kept.manifest.recipients[0]: audit_id_of(kept.view_id)}),),
            slip={"format": "sluis-slip/1", "id": kept.view_id, "state": kept.state.value} if ended else None,
        )


TAMPERED = (("digest", "as the log says", "otherwise"),)


def audit_id_of(package: PackageId) -> str:
    """Give the id of the event that tells of the decision on a package."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, package))


def _require_officer(submitter: Submitter) -> None:
    if "privacy-officer" not in submitter.roles:
        raise SluisError(Code.NOT_PERMITTED, detail={"role": "privacy-officer"})


def _may_see(kept: _Kept, submitter: Submitter) -> bool:
    return kept.submitter.person == submitter.person or bool(
        {"privacy-officer", "security", "administrator"} & set(submitter.roles)
    )


def _deliveries(kept: _Kept) -> tuple[DeliveryView, ...]:
    sent = kept.state is PackageState.DONE
    return tuple(
        DeliveryView(
            recipient=RecipientId(each),
            channel=Channel.SECURE_MAIL,
            state=DeliveryState.SENT if sent else DeliveryState.SENDING,
            attempts=1,
        )
        for each in kept.manifest.recipients
    )


_KEPT = Reason(rule_id="permitted", step=3, nl="Dit mag de ontvanger hebben.", en="The recipient may have this.")
_LEFT_OUT = Reason(rule_id="not-needed", step=3, article="AVG 5(1)(c)", en="Not needed for this purpose.")
_ENDED = {
    Outcome.HELD: Reason(rule_id="guardianship-missing", step=1, nl="Voeg de voogdij toe.", en="Add the guardianship."),
    Outcome.REFUSED: Reason(rule_id="purpose-not-fitting", step=1, nl="Dit doel past niet.", en="Does not fit."),
}


def _decide(manifest: Manifest, *, known: set[int]) -> Decision:
    outcome = ENDINGS.get(manifest.purpose, ENDINGS["public-order"])[0]
    return Decision(
        outcome=outcome,
        recipients=tuple(_decide_one(manifest, each, outcome, known) for each in manifest.recipients),
        policy_digest="d" * 64,
        decided_at=NOW,
        privacy_office=PrivacyOffice(organisation="COA", email="avg@coa.example"),
    )


def _decide_one(manifest: Manifest, recipient: str, outcome: Outcome, known: set[int]) -> RecipientDecision:
    return RecipientDecision(
        recipient=RecipientId(recipient),
        name="Voorbeeld",
        organisation="Voorbeeld",
        kind=RecipientKind.MUNICIPALITY,
        language=Language.NL,
        outcome=outcome,
        channel=Channel.SECURE_MAIL,
        address="post@gemeente.example",
        fields=tuple(_verdict(each) for each in manifest.data or {}),
        documents=tuple(
            DocumentVerdict(
                number=each.number,
                kind=each.kind,
                verdict=Verdict.RELEASE if each.number in known else Verdict.HOLD,
                reason=_KEPT,
            )
            for each in manifest.declared_files()
        ),
        reasons=(_ENDED[outcome],) if outcome in _ENDED else (),
    )


def _verdict(path: str) -> FieldVerdict:
    if path in {"name", "town"}:
        return FieldVerdict(path=path, verdict=Verdict.RELEASE, reason=_KEPT, category=Category.ORDINARY)
    return FieldVerdict(path=path, verdict=Verdict.STRIP, reason=_LEFT_OUT)
