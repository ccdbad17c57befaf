"""What the way is made of: the parts that bootstrap builds, and what travels between the steps of the pipeline.

No order here; that stands in `gateway.pipeline`.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from gateway.audit.port import AuditLog, Pseudonyms
from gateway.deliver.port import Courier, Pickups, Uploads
from gateway.deliver.retry import RetryPolicy
from gateway.deliver.settling import IN_DOUBT, Attempt, Settled, doubt_of
from gateway.evidence.documents import Searching
from gateway.evidence.port import DocumentSearch, FileReader, Registers
from gateway.minimise.port import DocumentRebuild, DocumentShow
from gateway.package.document_view import DocumentView
from gateway.package.drop_addresses import is_uploaded_by_hand
from gateway.package.encoding import Decided, Record, RestsOn, encode_decision
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.history import NOTHING_SENT, History
from gateway.package.holding import HoldStage
from gateway.package.identity import Identifier
from gateway.package.ids import Fingerprint, PackageId, RecipientId, new_event_id
from gateway.package.labels import NO_LABELS
from gateway.package.problems import problem_of
from gateway.package.question import Question, encode_question
from gateway.package.reviews import Review, ReviewVerdict
from gateway.package.states import (
    Channel,
    Decision,
    DeliveryState,
    Examined,
    Held,
    PackageState,
    Refused,
    Sealed,
    SealedParcel,
)
from gateway.package.tracing import trace_of
from gateway.policy.grounds import grounds_of
from gateway.policy.knowing import numbers_of
from gateway.policy.policy_set import PolicySet
from gateway.policy.register import chain_keys, privacy_office_of
from gateway.policy.reviewing import refused_by_review
from gateway.policy.rules import RuleId
from gateway.receipt.port import SlipFacts
from gateway.seal.chain_port import ChainSealer
from gateway.seal.port import LetterWriter, Sealer
from gateway.seal.sealing import MailSettings, PostbusTerms
from gateway.spool.candidates import Candidate, decision_digest, history_question, marks_of, new_record, read_manifest
from gateway.spool.port import (
    IN_ROW,
    DeliveryRow,
    Dispatcher,
    HistoryQuestion,
    NewDelivery,
    PackageRow,
    Parcels,
    Payload,
    Spool,
    Vault,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSettings:
    """What the site decides about the way; sizes in bytes."""

    zone: ZoneInfo
    search_limit: int
    staging: Path
    mail: MailSettings
    retry: RetryPolicy
    resend_uncertain_mail: bool

    def is_due(self, delivery: DeliveryRow, now: dt.datetime) -> bool:
        """Tell whether a delivery may be tried now; one in doubt that a person must settle is not, restart or no."""
        if delivery.due is not None:
            return delivery.due <= now
        return delivery.state is not DeliveryState.UNCERTAIN or self.may_go_again(delivery)

    def may_go_again(self, delivery: DeliveryRow) -> bool:
        """Tell whether doubt means trying again; only mail can not be asked after, and the site decides on that."""
        return delivery.channel is not Channel.SECURE_MAIL or self.resend_uncertain_mail

    def attempt_of(self, delivery: DeliveryRow, *, begun: bool, at: dt.datetime) -> Attempt:
        """Say which attempt was made just now; `begun` tells that its intent was ours, so that nothing came before."""
        return Attempt(
            number=max(delivery.attempt, 1),
            first_tried_at=delivery.first_tried_at or at,
            at=at,
            in_doubt=delivery.in_doubt or (delivery.state in IN_DOUBT and not begun),
            resend_when_uncertain=self.may_go_again(delivery),
            doubt=doubt_of(delivery.channel),
        )


class Documents(DocumentSearch, DocumentRebuild, DocumentShow, FileReader, Protocol):
    """Who reads foreign files, searches documents, shows them and writes them anew: one and the same for all of it.

    So what one finds, all find, and there is one place where files are parsed.
    """

    def close(self) -> None:
        """End whatever was started for it in this process."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WayParts:
    """What the blocking part of the way is made of, from evidence to ciphertext."""

    settings: PipelineSettings
    policy: Callable[[], PolicySet]
    sealer: Sealer
    letters: LetterWriter
    open_channels: frozenset[Channel]
    registers: Registers
    documents: Documents
    random: Callable[[int], bytes]
    chain: ChainSealer | None = None
    postbus: PostbusTerms | None = None

    def key_health(self, key: Fingerprint) -> KeyHealth:
        """Tell whether a pinned key can be encrypted to, now; one for the chain facility is judged as that does.

        Raises SluisError `key-revocation-unknown`: no list of today says so, and one will come. The package waits.
        """
        at_chain = self.chain is not None and key in chain_keys(self.policy())
        health = self.chain.health(key) if self.chain is not None and at_chain else self.sealer.health(key)
        if health is KeyHealth.REVOCATION_UNKNOWN:
            raise SluisError(Code.KEY_REVOCATION_UNKNOWN)
        return health

    def searching(self) -> Searching:
        """Say how documents are searched under the rules in force."""
        holds_others = self.policy().holds_others
        return Searching(search=self.documents, holds_others=holds_others, limit=self.settings.search_limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Where the way to ciphertext ended, the decision that led there, and the question that it answers, as written.

    Of what was sealed, `documents` are the keyed digests by document number, and `rests_on` what a later attempt looks
    at again. `grounds` are those of its disclosures, by recipient id; `numbers` are what the data says
    of its subject, for pseudonyms alone. Nothing else of the package itself comes back from where it was read.
    """

    ending: Sealed | Held | Refused
    decision: Decision
    question: str
    grounds: dict[str, str]
    numbers: dict[Identifier, str] = field(repr=False)
    documents: dict[int, str] = field(default_factory=dict)
    rests_on: RestsOn = field(default_factory=RestsOn)

    def decided(self, ids: Mapping[RecipientId, str]) -> Decided:
        """Say what is kept of the decision, told by the events with these ids."""
        events: dict[str, str] = dict(ids.items())
        decision = encode_decision(self.decision)
        return Decided(at=self.decision.decided_at, events=events, question=self.question, decision=decision)


def answering(examined: Examined, asked: Question, decision: Decision, *, policy: PolicySet) -> Callable[..., Prepared]:
    """Say all of what was decided but where it ended, which the caller adds with what belongs to that."""
    return partial(
        Prepared,
        decision=decision,
        question=encode_question(asked),
        grounds=grounds_of(decision, policy=policy),
        numbers=numbers_of(examined.evidence.data, asked, policy=policy),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the service knows of a package that its payloads do not say: earlier reviews, and what was sent before."""

    reviews: tuple[Review, ...] = ()
    history: History = NOTHING_SENT


NOTHING_BEFORE: Final = Past()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDocument:
    """Which document somebody wants to see, by its number, and as it would go to whom; empty: to the first.

    It is shown as it would be decided on with this `past` of its package.
    """

    number: int
    recipient: str = ""
    past: Past = NOTHING_BEFORE


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDocuments:
    """Which documents somebody wants to read, by their numbers, each as it would go to its first recipient."""

    numbers: tuple[int, ...]
    past: Past


class Hands(Protocol):
    """Does what blocks, away from the event loop.

    An implementer promises: what is cancelled is finished anyway, and `worker-lost` (retryable) is raised when nobody
    can tell how far it came.
    """

    async def prepare(
        self, row: PackageRow, payloads: tuple[Payload, ...], now: dt.datetime, past: Past, /
    ) -> Prepared:
        """Lead one package from its payloads to ciphertext. Raises SluisError; `internal-error` for a fault of ours."""
        ...

    async def show_document(
        self, row: PackageRow, payloads: tuple[Payload, ...], now: dt.datetime, wanted: WantedDocument, /
    ) -> DocumentView:
        """Show a document as it would go by the rules in force. Raises as `gateway.showing.show`."""
        ...

    async def read_documents(
        self, row: PackageRow, payloads: tuple[Payload, ...], now: dt.datetime, wanted: WantedDocuments, /
    ) -> tuple[DocumentView | None, ...]:
        """Show documents without their pictures, of evidence gathered once. Raises as `gateway.showing.read`."""
        ...

    async def write_slip(self, facts: SlipFacts, /) -> None:
        """Put a slip where the sender looks, in place of an older one of the same package.

        Raises OSError; SluisError `slips-not-written` when what it lies on does not answer: it stays due.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that the pipeline is made of; built in bootstrap."""

    settings: PipelineSettings
    spool: Spool
    vault: Vault
    parcels: Parcels
    dispatcher: Dispatcher
    audit: AuditLog
    pseudonyms: Pseudonyms
    hands: Hands
    couriers: Mapping[Channel, Courier]
    registers: Registers
    key_health: Callable[[Fingerprint], KeyHealth]
    policy: Callable[[], PolicySet]
    now: Callable[[], dt.datetime]
    random: Callable[[int], bytes]
    jitter: Callable[[], float]
    pickups: Pickups | None = None
    uploads: Uploads | None = None

    def policy_in_force(self) -> PolicySet | None:
        """Give the rules, or nothing while none have been approved: a package can be shown all the same."""
        try:
            return self.policy()
        except SluisError:
            return None

    def begun(self, candidate: Candidate) -> Record:
        """Say what is kept of a candidate beside its payloads: its trace begins here, its subject gets pseudonyms."""
        subjects = self.pseudonyms.of_subject(candidate.manifest.subject)
        return new_record(candidate, vault=self.vault, random=self.random, subjects=subjects)

    async def take_back(self, delivery: DeliveryRow, *, address: str) -> bool:
        """Take back what a person has to upload; False when that person says that it went. Else there is nothing.

        Raises SluisError `upload-folder-unavailable`, `channel-unavailable` when the settings know no such folder.
        """
        if delivery.channel is not Channel.FILE_DROP or not is_uploaded_by_hand(address):
            return True
        if self.uploads is None:
            raise SluisError(Code.CHANNEL_UNAVAILABLE)
        return await self.uploads.recall(delivery.name)

    async def without_leavings(self, delivery: DeliveryRow, settled: Settled, *, record: Record) -> Settled:
        """Let nothing lie ready for a person of a delivery that was not sent; what that person says went, was sent.

        What can not be taken back now is given up later, and is in doubt until then if it was: what waits can be
        withdrawn, and counts as never sent.
        """
        if settled.state is not DeliveryState.UNDELIVERABLE:
            return settled
        try:
            back = await self.take_back(delivery, address=record.addresses.get(delivery.recipient, ""))
        except SluisError as error:
            due = self.now() + dt.timedelta(seconds=self.settings.retry.max_seconds)
            state = DeliveryState.UNCERTAIN if settled.in_doubt else DeliveryState.WAITING
            return replace(settled, state=state, code=error.code.value, due=due)
        return settled if back else Settled(state=DeliveryState.SENT, code="")

    async def kept(self, sealed: Sealed) -> tuple[NewDelivery, ...]:
        """Make ciphertext ready for its transaction; what becomes a file is written in a thread."""
        if all(each.ciphertext.size <= IN_ROW for each in sealed.parcels):
            return tuple(self.parcels.keep(each) for each in sealed.parcels)
        return await asyncio.to_thread(lambda: tuple(self.parcels.keep(each) for each in sealed.parcels))


_PAUSE_SECONDS: Final = (5, 30, 120, 600)
_NO_FAULT_OF_IT: Final = frozenset({Code.POLICY_NOT_APPROVED, Code.KEY_REVOCATION_UNKNOWN})


def pause_after(error: SluisError, *, attempt: int) -> dt.timedelta | None:
    """Say how long a package waits after a fault before it is tried again; None when it is held instead.

    Rules that wait for a second person, and a revocation list that is not of today, are no fault of the package: it
    waits as long as they do.
    """
    if not problem_of(error).retryable:
        return None
    if attempt >= len(_PAUSE_SECONDS) and error.code not in _NO_FAULT_OF_IT:
        return None
    return dt.timedelta(seconds=_PAUSE_SECONDS[min(attempt, len(_PAUSE_SECONDS) - 1)])


class Stops:
    """The packages that are being stopped, by a person's word or by time, and those that were a moment ago.

    The fence of the row keeps a step that comes too late from being committed. This keeps it from being announced: an
    event is written before its change, so the log would otherwise tell of a release that never was. What was put to
    the spool before a stop began is still ahead of it there.
    """

    def __init__(self) -> None:
        self._begun: set[PackageId] = set()
        self._ended: set[PackageId] = set()

    @contextmanager
    def stopping(self, package: PackageId) -> Iterator[None]:
        """Let nothing new be announced of a package; afterwards not by those who had begun before, until a new turn."""
        self._begun.add(package)
        try:
            yield
        finally:
            self._begun.discard(package)
            self._ended.add(package)

    def may_begin(self, package: PackageId) -> bool:
        """Begin a new turn; whoever had the one before has ended then. False while somebody stops the package."""
        if package in self._begun:
            return False
        self._ended.discard(package)
        return True

    def is_stopped(self, package: PackageId) -> bool:
        """Tell whether whoever works on a package now has to leave it."""
        return package in self._begun or package in self._ended

    def require_going(self, package: PackageId) -> None:
        """Raise SluisError `epoch-lost` when a package is stopped: its row will belong to somebody else."""
        if self.is_stopped(package):
            raise SluisError(Code.EPOCH_LOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One package as it stands while it is worked on; `begun` when its intents were committed just now, by us."""

    row: PackageRow
    record: Record
    deliveries: tuple[DeliveryRow, ...]
    begun: bool = False

    def question(self, payloads: tuple[Payload, ...], *, vault: Vault) -> HistoryQuestion:
        """Say what to ask the history. Raises `payload-corrupt`, of a package that came in before there were marks."""
        row, marks = self.row, self.record.marks
        if marks is None:
            manifest = read_manifest(vault.contents(row, payloads))
            marks = marks_of(manifest, organisation=row.organisation, vault=vault)
        return history_question(marks, payloads, organisation=row.organisation, recipients=row.recipients, vault=vault)

    def _subjects(
        self, payloads: tuple[Payload, ...], numbers: Mapping[Identifier, str], *, parts: Parts
    ) -> tuple[str, ...]:
        """Say whom it is about, also of a package that came in before there were pseudonyms."""
        subjects = self.record.subjects
        if not subjects:
            subjects = parts.pseudonyms.of_subject(read_manifest(parts.vault.contents(self.row, payloads)).subject)
        known = {each.partition(":")[0] for each in subjects}
        more = (parts.pseudonyms.of_number(*each) for each in numbers.items() if each[0] not in known)
        return (*subjects, *more)

    def decided(
        self, prepared: Prepared, payloads: tuple[Payload, ...], *, parts: Parts
    ) -> tuple["Journey", Mapping[RecipientId, str], str]:
        """Put a decision on record with what it was made of; give its events' ids and the keyed digest."""
        ids = {each.recipient: new_event_id(parts.random(16)) for each in prepared.decision.recipients}
        made = prepared.decided(ids)
        subjects = self._subjects(payloads, prepared.numbers, parts=parts)
        record = replace(self.record, subjects=subjects, grounds=prepared.grounds)
        record = record.with_decision(prepared.decision, made)
        return replace(self, record=record), ids, decision_digest(made, vault=parts.vault)

    def undecided(self, error: SluisError) -> "Journey":
        """Keep why nothing could be decided."""
        record = replace(self.record.with_decision(None), where=error.where, detail=dict(error.detail))
        return replace(self, record=record)

    def found_at(self, held: Held) -> "Journey":
        """Keep the place in the package that has to be mended, and what is known of it."""
        return replace(self, record=replace(self.record, where=held.where, detail=held.detail))

    def with_moved(self, *tried: "Journey") -> tuple[DeliveryRow, ...]:
        """Give all deliveries, those that were tried as they stand now."""
        now = {each.recipient: each for journey in tried for each in journey.deliveries}
        return tuple(now.get(each.recipient, each) for each in self.deliveries)

    def kept(self, sealed: Sealed) -> Record:
        """Keep where each parcel goes, and what opens those at the postbus."""
        addresses = {str(each.recipient): each.address for each in sealed.parcels}
        pickups = {str(each.recipient): each.pickup for each in sealed.parcels if each.pickup}
        return replace(self.record, addresses=addresses, pickups=pickups)

    def parcel(self, delivery: DeliveryRow, *, parcels: Parcels) -> SealedParcel:
        """Give a delivery's parcel to a courier, with what was kept of it, and the trace of its last attempt."""
        parcel = parcels.restore(delivery, address=self.record.addresses.get(delivery.recipient, ""))
        traceparent = self.traceparent(delivery)
        return replace(parcel, pickup=self.record.pickups.get(delivery.recipient), traceparent=traceparent)

    def traceparent(self, delivery: DeliveryRow) -> str:
        """Say to which trace and span the requests of a delivery's last attempt belong."""
        return trace_of(self.row.id, self.record.trace).parent_of(delivery.recipient, delivery.attempt)

    def reviewed(self, review: Review, *, policy: PolicySet) -> tuple[PackageState, Record]:
        """Say where a held package stands after a review, and what is kept of it then: the review in any case."""
        record = replace(self.record, reviews=(*self.record.reviews, review), codes=(), where="", detail={})
        if review.opinion.verdict is ReviewVerdict.RELEASE:
            return PackageState.RECEIVED, record
        decision = refused_by_review(record.decision, policy=policy) if record.decision else None
        refused = replace(record.with_decision(decision), codes=(RuleId.REVIEW_REFUSED.value,))
        return PackageState.REFUSED, refused

    def facts(self, policy: PolicySet | None) -> SlipFacts:
        """Say what a slip may tell of it; without rules in force nothing that only they know."""
        row, record = self.row, self.record
        held = row.state is PackageState.HELD
        office = record.decision.privacy_office if record.decision else None
        if record.decision is None and policy is not None:
            office = privacy_office_of(policy, row.organisation)
        return SlipFacts(
            id=row.id,
            entry=record.entry,
            at=row.updated_at,
            state=row.state,
            codes=record.codes or ((row.code,) if row.code else ()),
            where=record.where,
            detail=record.detail,
            decision=record.decision,
            deliveries={each.recipient: (each.state, each.code) for each in self.deliveries},
            in_doubt=frozenset(each.recipient for each in self.deliveries if _ended_in_doubt(each)),
            privacy_office=office,
            expires_at=expires_at(row, policy=policy) if held and policy else None,
            reminded=held and row.hold_stage is not HoldStage.WAITING,
            withdrawn_by_sender=record.withdrawn_by_sender,
            review_reason=record.refused_because(),
            pickups=record.pickups,
            labels=policy.labels.of(record.decision) if policy and record.decision else NO_LABELS,
        )


def _ended_in_doubt(delivery: DeliveryRow) -> bool:
    """Tell whether a delivery was given up that the recipient may have all the same."""
    doubt = delivery.in_doubt or delivery.code == Code.POSTBUS_UNCONFIRMED
    return doubt and delivery.state is DeliveryState.UNDELIVERABLE


def expires_at(row: PackageRow, *, policy: PolicySet) -> dt.datetime:
    """Tell when a held package expires, if nobody decides."""
    return policy.holds.expires_at(row.hold_stage, since=row.updated_at, told_at=row.hold_told_at)
